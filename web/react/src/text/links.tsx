import { Fragment, memo, type ReactNode } from 'react';
import { LinkifyIt } from 'linkify-it';

const linkify = new LinkifyIt({ fuzzyLink: true });

/** Schemes a visitor may make clickable. Anything else stays text. */
const safe = /^(?:https?:|mailto:)/i;

/** Text with its links as nodes. Never markup: what a visitor typed is shown, not run. */
export function linkNodes(text: string): ReactNode[] {
  const nodes: ReactNode[] = [];
  let end = 0;
  for (const match of linkify.match(text) ?? []) {
    if (!safe.test(match.url)) continue;
    if (match.index > end) nodes.push(<Fragment key={`t${end}`}>{text.slice(end, match.index)}</Fragment>);
    nodes.push(
      <a key={`l${match.index}`} href={match.url} target="_blank" rel="noopener noreferrer nofollow ugc">
        {match.text}
      </a>,
    );
    end = match.lastIndex;
  }
  if (end < text.length) nodes.push(<Fragment key={`t${end}`}>{text.slice(end)}</Fragment>);
  return nodes;
}

export const LinkedText = memo(function LinkedText({ text }: { text: string }) {
  return <>{linkNodes(text)}</>;
});
