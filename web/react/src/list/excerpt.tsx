import type { SearchMatch } from '@parlor/client';

/** Characters before the first hit: more would push it out of a narrow row. */
const leadMax = 24;

/** The words around a search hit, the hits marked. */
export function Excerpt({ match: { text, ranges } }: { match: SearchMatch }) {
  const first = ranges[0]?.[0] ?? 0;
  // From the beginning of a word.
  const start = first > leadMax ? text.indexOf(' ', first - leadMax) + 1 : 0;
  const from = start > first ? first : start;
  const ends = [from, ...ranges.map(([, to]) => to)];
  return (
    <bdi>
      {from > 0 && '…'}
      {ranges.map(([at, to], index) => (
        <span key={at}>
          {text.slice(ends[index], at)}
          <mark>{text.slice(at, to)}</mark>
        </span>
      ))}
      {text.slice(ends.at(-1))}
    </bdi>
  );
}
