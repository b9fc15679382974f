/** A conversation's labels as the server has them after a change: in order, none twice. */
export function relabelled(labels: readonly string[], add: readonly string[] = [], remove: readonly string[] = []): string[] {
  return [...new Set([...labels, ...add])].filter((label) => !remove.includes(label)).toSorted();
}
