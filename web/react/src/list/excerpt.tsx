import type { SearchMatch } from '@parlor/client';

/** The words around a search hit, the hits marked. */
export function Excerpt({ match: { text, ranges } }: { match: SearchMatch }) {
  const ends = [0, ...ranges.map(([, to]) => to)];
  return (
    <bdi>
      {ranges.map(([from, to], index) => (
        <span key={from}>
          {text.slice(ends[index], from)}
          <mark>{text.slice(from, to)}</mark>
        </span>
      ))}
      {text.slice(ends.at(-1))}
    </bdi>
  );
}
