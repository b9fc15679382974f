import type { LinkifyIt } from 'linkify-it';
import { Fragment, memo, useSyncExternalStore, type ReactNode } from 'react';

/** Schemes a visitor may make clickable. Anything else stays text. */
const safe = /^(?:https?:|mailto:)/i;
/** Cheap and generous: what cannot hold a link asks for nothing. */
const maybeLink = /:\/\/|@|\w\.\w/;

// The recogniser knows every script's letters and weighs as much as a third of this package, so it comes with the first
// text that may hold a link. Links take no more room than their text: nothing moves when they light up.
let recogniser: LinkifyIt | undefined;
let isAsked = false;
const listeners = new Set<() => void>();

async function load() {
  isAsked = true;
  try {
    const { LinkifyIt: Recogniser } = await import('linkify-it');
    recogniser = new Recogniser({ fuzzyLink: true });
    for (const listener of listeners) listener();
  } catch {
    // Off line: links stay text, and the next text asks again.
    isAsked = false;
  }
}

function subscribe(listener: () => void) {
  if (!isAsked) void load();
  listeners.add(listener);
  return () => listeners.delete(listener);
}
const never = () => () => undefined;

/** Text with its links as nodes. Never markup: what a visitor typed is shown, not run. */
function linkNodes(text: string, links: LinkifyIt): ReactNode[] {
  const nodes: ReactNode[] = [];
  let end = 0;
  for (const { index, lastIndex, url, raw } of links.match(text) ?? []) {
    if (!safe.test(url)) continue;
    if (index > end) nodes.push(<Fragment key={`t${end}`}>{text.slice(end, index)}</Fragment>);
    nodes.push(
      <a key={`l${index}`} href={url} target="_blank" rel="noopener noreferrer nofollow ugc">
        {raw}
      </a>,
    );
    end = lastIndex;
  }
  if (end < text.length) nodes.push(<Fragment key={`t${end}`}>{text.slice(end)}</Fragment>);
  return nodes;
}

export const LinkedText = memo(function LinkedText({ text }: { text: string }) {
  const canHold = maybeLink.test(text);
  const found = useSyncExternalStore(
    canHold ? subscribe : never,
    () => recogniser,
    () => undefined,
  );
  return <>{canHold && found ? linkNodes(text, found) : text}</>;
});
