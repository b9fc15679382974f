import type { MessageOption } from '@parlor/client';
import { memo } from 'react';
import { createPart } from '../part.tsx';
import { MessageBubble, type MessageBubbleProps, type MessageBubbleSlots } from './message-bubble.tsx';
import type { NoteBubbleProps } from './note-bubble.tsx';
import type { Row } from './rows.ts';
import { DaySeparator, NewDivider } from './separators.tsx';

/** Its code is fetched with the page: a note that came late would push the others aside. */
export const LazyNoteBubble = createPart<NoteBubbleProps>(async () => (await import('./note-bubble.tsx')).NoteBubble);

export interface ThreadRowProps {
  row: Row;
  userName: string | undefined;
  onOption?: ((option: MessageOption) => void) | undefined;
  onMenu: MessageBubbleProps['onMenu'];
  slots?: MessageBubbleSlots | undefined;
  /** Called when the light of the row that was asked for went out; undefined where there is none. */
  onLitEnd?: (() => void) | undefined;
}

/** Rows are made anew with every message; most say what they said. */
function isSame({ row: a, ...before }: ThreadRowProps, { row: b, ...now }: ThreadRowProps): boolean {
  if (a.key !== b.key) return false;
  // A key is of one kind.
  if (a.kind === 'message' && b.kind === 'message' && a.isFirst !== b.isFirst) return false;
  if (a.kind === 'note' && b.kind === 'note' && a.note !== b.note) return false;
  return (Object.keys(now) as (keyof typeof now)[]).every((key) => before[key] === now[key]);
}

/** One line of a thread, whatever it is. */
export const ThreadRow = memo(function ThreadRow({ row, userName, onOption, onMenu, slots, onLitEnd }: ThreadRowProps) {
  return (
    <div className="pl-row" data-lit={onLitEnd && ''} onAnimationEnd={onLitEnd}>
      {row.kind === 'day' ? (
        <DaySeparator at={row.at} />
      ) : row.kind === 'new' ? (
        <NewDivider />
      ) : row.kind === 'note' ? (
        <LazyNoteBubble note={row.note} />
      ) : (
        <MessageBubble id={row.id} userName={userName} isFirst={row.isFirst} onOption={onOption} onMenu={onMenu} slots={slots} />
      )}
    </div>
  );
}, isSame);

