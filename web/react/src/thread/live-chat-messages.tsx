import type { MessageOption } from '@parlor/client';
import { useCallback, useMemo, useState, type Ref } from 'react';
import { classNames } from '../class-name.ts';
import type { Note } from '../desk.ts';
import { useThread, type ThreadState } from '../hooks/narrow.ts';
import { usePreferences } from '../hooks/use-preferences.ts';
import { useOptionalReadable } from '../hooks/use-readable.ts';
import { skeletonAfterMs } from '../limits.ts';
import { LazyMenu } from '../menus/menu-button.tsx';
import { createPart } from '../part.tsx';
import { useParlor } from '../provider.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { AnnouncerProps } from './announcer.tsx';
import type { MessageBubbleSlots } from './message-bubble.tsx';
import { MessageSkeleton } from './message-skeleton.tsx';
import { buildRows, type Row } from './rows.ts';
import { ThreadError } from './thread-error.tsx';
import { usePlace } from './use-place.ts';
import { useReadMark } from './use-read-mark.ts';
import { WindowedRows, type RowsProps } from './windowed-rows.tsx';

const LazyPlainRows = createPart<RowsProps>(async () => (await import('./plain-rows.tsx')).PlainRows);
const LazyAnnouncer = createPart<AnnouncerProps>(async () => (await import('./announcer.tsx')).Announcer);

export interface LiveChatMessagesProps {
  conversationId: string;
  /** Makes the last message's quick replies buttons: for the person in the funnel. */
  onOption?: ((option: MessageOption) => void) | undefined;
  /** Opens there and lights that message up, wherever in the thread it is. */
  messageSeq?: number | undefined;
  /** At this private note behind it instead. */
  noteId?: string | undefined;
  /** Another number leads to the same message once more. */
  messageTurn?: number | undefined;
  className?: string;
  ref?: Ref<HTMLDivElement>;
  slots?: MessageBubbleSlots | undefined;
}

/** The thread: opens at the first unread message, follows new ones at its end, keeps the reader's place elsewhere. */
export function LiveChatMessages(props: LiveChatMessagesProps) {
  // Place, divider and height cache belong to one conversation.
  return <Thread key={props.conversationId} {...props} />;
}

function Thread({ conversationId, onOption, messageSeq, noteId, messageTurn, className, ref, slots }: LiveChatMessagesProps) {
  const { chat, messages, side } = useParlor();
  const thread = useThread(conversationId);
  const notes = useOptionalReadable(side === 'team' ? chat.notes(conversationId) : undefined);
  const [{ plainList: isPlain }, setPreferences] = usePreferences();
  const hasUnsent = thread.ids.some((id) => chat.message(id).get()?.seq === 0);
  const { readSeq, firstUnreadSeq } = useReadMark(conversationId, hasUnsent);
  const [firstSeq] = useState(messageSeq);
  const place = usePlace(conversationId, thread, messageSeq ?? (firstSeq === undefined ? firstUnreadSeq : undefined), messageTurn);
  const rows = useRows(thread, notes, readSeq);
  const newSeq = readSeq !== undefined && rows.some(({ kind }) => kind === 'new') ? readSeq + 1 : firstUnreadSeq;
  const isReady = (thread.isLoaded && place.isReady) || hasUnsent;
  const showsSkeleton = useDelayed(!isReady && thread.error === undefined, skeletonAfterMs);
  const [menu, setMenu] = useState<{ messageId: string; anchor: HTMLElement }>();
  const onMenu = useCallback((messageId: string, anchor: HTMLElement) => setMenu({ messageId, anchor }), []);
  const Rows = isPlain ? LazyPlainRows : WindowedRows;
  const shared = { conversationId, thread, rows, messageSeq, noteId, onOption, onMenu, slots };

  return (
    <div ref={ref} className={classNames('pl-messages', className)} data-first-unread={newSeq}>
      {thread.error !== undefined && <ThreadError conversationId={conversationId} thread={thread} />}
      {!isReady ? (
        showsSkeleton && <MessageSkeleton />
      ) : (
        <>
          <button type="button" className="pl-button pl-plain-switch" data-variant="primary" onClick={() => setPreferences({ plainList: !isPlain })}>
            {isPlain ? messages.showWindowed : messages.showPlain}
          </button>
          {thread.isLoaded && rows.length === 0 && <p className="pl-empty">{messages.noMessages}</p>}
          {rows.length > 0 && <Rows key={place.turn} {...shared} />}
          <LazyAnnouncer conversationId={conversationId} />
          {menu && (
            <LazyMenu
              conversationId={conversationId}
              about={menu}
              anchor={menu.anchor}
              label={messages.messageActions}
              onClose={() => setMenu(undefined)}
            />
          )}
        </>
      )}
    </div>
  );
}

/** Rows of the loaded messages and notes, with the divider where reading stopped. */
function useRows(thread: ThreadState, notes: readonly Note[] | undefined, readSeq: number | undefined): Row[] {
  const { chat, format, side } = useParlor();
  return useMemo(
    () =>
      buildRows(thread.ids, (id) => chat.message(id).get(), {
        hasOlder: thread.hasOlder,
        readSeq,
        unreadType: side === 'user' ? 'bot' : 'user',
        ...(notes && { notes }),
        sameDay: format.sameDay,
      }),
    [thread.ids, thread.hasOlder, notes, chat, readSeq, side, format],
  );
}
