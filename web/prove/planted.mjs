// Bugs that the proof must catch. Each replaces exact text of the client's source in this bundle and nowhere else; text
// that is not there once fails the build, so that a bug cannot quietly stop being one.

/** @type {Record<string, { file: string, from: string, to: string }[]>} */
export const planted = {
  // A message leaves the outbox when it is sent, not when it is stored.
  'outbox-cleared-before-ack': [],
  // A topic's cursor moves with the first event of a group, and the rest is lost with the connection.
  'cursor-moved-before-group-end': [],
  // A snapshot is loaded, and what changes before the subscription is never asked for.
  'fetch-before-subscribe': [],
  // A repeat is another message.
  'new-id-on-retry': [],
  // The server says that it cannot resume, and nobody listens.
  'reset-ignored': [],
  // Two tabs send the same message at once, each in its own order.
  'two-tabs-unlocked': [],
  // A message stored elsewhere stays where it was said.
  'redirect-ignored': [],
};

/** A vite plugin that plants one of them. */
export function plant(name) {
  const patches = planted[name];
  if (!patches) throw new Error(`no planted bug is called ${name}; there are: ${Object.keys(planted).join(', ')}`);
  const left = new Set(patches);
  return {
    name: 'plant',
    enforce: 'pre',
    transform(code, id) {
      let changed = code;
      for (const patch of patches.filter(({ file }) => id.endsWith(`/client/src/${file}`))) {
        if (changed.split(patch.from).length !== 2) throw new Error(`${name}: ${patch.file} does not hold this once: ${patch.from}`);
        changed = changed.replace(patch.from, () => patch.to);
        left.delete(patch);
      }
      return changed === code ? undefined : { code: changed, map: null };
    },
    buildEnd() {
      if (left.size > 0) throw new Error(`${name}: ${[...left].map(({ file }) => file).join(', ')} is not part of the client`);
    },
  };
}
