import type { MessageOption } from '@parlor/client';
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
  /** The row that was asked for, until its light went out. */
  lit?: { key: string | undefined; out(): void };
}

/** One line of a thread, whatever it is. */
export function ThreadRow({ row, userName, onOption, onMenu, slots, lit }: ThreadRowProps) {
  const isLit = lit !== undefined && lit.key === row.key;
  return (
    <div className="pl-row" data-lit={isLit || undefined} onAnimationEnd={isLit ? lit.out : undefined}>
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
}

