import type { MessageOption } from '@parlor/client';
import { useCallback, useEffect, useLayoutEffect, useMemo, useState, type Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useConversation, useThread, type ThreadState } from '../hooks/narrow.ts';
import { usePageVisible } from '../hooks/use-page-visible.ts';
import { usePreferences } from '../hooks/use-preferences.ts';
import { Icon } from '../icons.tsx';
import { messagePx, olderPx, skeletonAfterMs } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { useDelayed } from '../use-delayed.ts';
import { useWindow } from '../window/use-window.ts';
import { Announcer } from './announcer.tsx';
import { JumpToLatest } from './jump-to-latest.tsx';
import { MessageBubble, type MessageBubbleSlots } from './message-bubble.tsx';
import { MessageSkeleton } from './message-skeleton.tsx';
import { buildRows, type Row } from './rows.ts';
import { DaySeparator, NewDivider } from './separators.tsx';

export interface LiveChatMessagesProps {
  conversationId: string;
  /** Makes the last message's quick replies buttons: for the person in the funnel. */
  onOption?: ((option: MessageOption) => void) | undefined;
  className?: string;
  ref?: Ref<HTMLDivElement>;
  slots?: MessageBubbleSlots | undefined;
}

/** The thread: opens at the first unread message, follows new ones at its end, keeps the reader's place elsewhere. */
export function LiveChatMessages(props: LiveChatMessagesProps) {
  // Place, divider and height cache belong to one conversation.
  return <Thread key={props.conversationId} {...props} />;
}

function Thread({ conversationId, onOption, className, ref, slots }: LiveChatMessagesProps) {
  const { chat, messages } = useParlor();
  const thread = useThread(conversationId);
  const [{ plainList: isPlain }, setPreferences] = usePreferences();
  const hasUnsent = thread.ids.some((id) => chat.message(id).get()?.seq === 0);
  const rows = useRows(conversationId, thread, hasUnsent);
  const isReady = thread.isLoaded || hasUnsent;
  const showsSkeleton = useDelayed(!isReady && thread.error === undefined, skeletonAfterMs);

  return (
    <div ref={ref} className={classNames('pl-messages', className)}>
      {thread.error !== undefined && <ThreadError conversationId={conversationId} thread={thread} />}
      {!isReady ? (
        showsSkeleton && <MessageSkeleton />
      ) : (
        <>
          <button type="button" className="pl-button pl-plain-switch" data-variant="primary" onClick={() => setPreferences({ plainList: !isPlain })}>
            {isPlain ? messages.showWindowed : messages.showPlain}
          </button>
          {thread.isLoaded && rows.length === 0 && <p className="pl-empty">{messages.noMessages}</p>}
          {rows.length > 0 &&
            (isPlain ? (
              <PlainRows conversationId={conversationId} thread={thread} rows={rows} onOption={onOption} slots={slots} />
            ) : (
              <WindowedRows conversationId={conversationId} thread={thread} rows={rows} onOption={onOption} slots={slots} />
            ))}
          {!isPlain && <Announcer conversationId={conversationId} />}
        </>
      )}
    </div>
  );
}

/** Rows of the loaded messages, with the divider where reading stopped when the thread was opened. */
function useRows(conversationId: string, thread: ThreadState, isStarting: boolean): Row[] {
  const { chat, format, side } = useParlor();
  const conversation = useConversation(conversationId);
  // Who has just begun a conversation has read all of it.
  const [readSeq, setReadSeq] = useState(isStarting ? Number.POSITIVE_INFINITY : undefined);
  if (readSeq === undefined && conversation !== undefined) {
    setReadSeq(side === 'user' ? conversation.userLastReadSeq : conversation.agentLastReadSeq);
  }
  return useMemo(
    () =>
      buildRows(thread.ids, (id) => chat.message(id).get(), {
        hasOlder: thread.hasOlder,
        readSeq,
        unreadType: side === 'user' ? 'bot' : 'user',
        sameDay: format.sameDay,
      }),
    [thread.ids, thread.hasOlder, chat, readSeq, side, format],
  );
}

interface RowsProps extends Pick<LiveChatMessagesProps, 'conversationId' | 'onOption' | 'slots'> {
  thread: ThreadState;
  rows: readonly Row[];
}

function WindowedRows({ conversationId, thread, rows, onOption, slots }: RowsProps) {
  const { chat, messages } = useParlor();
  const userName = useConversation(conversationId)?.user.name;
  const keyOf = useCallback((index: number) => rows[index]?.key ?? '', [rows]);
  const [initialIndex] = useState(() => {
    const index = rows.findIndex((row) => row.kind === 'new');
    return index < 0 ? undefined : index;
  });
  const { hasOlder, hasNewer, ids } = thread;
  const onNearStart = useCallback(() => {
    if (hasOlder) void chat.loadOlder(conversationId);
  }, [chat, conversationId, hasOlder]);
  const onNearEnd = useCallback(() => {
    if (hasNewer) void chat.loadNewer(conversationId);
  }, [chat, conversationId, hasNewer]);
  const { rows: shown, setScroller, setContainer, setRow, isAtEnd, scrollToEnd } = useWindow({
    count: rows.length,
    keyOf,
    estimate: () => messagePx,
    anchor: 'end',
    follows: !hasNewer,
    initialIndex,
    paddingStart: olderPx,
    onNearStart,
    onNearEnd,
  });

  const isAtLatest = isAtEnd && !hasNewer;
  useReading(conversationId, thread, isAtLatest);
  const newCount = useNewCount(ids, isAtLatest);

  // What I send I see, wherever I was reading.
  const lastId = ids[ids.length - 1];
  useLayoutEffect(() => {
    if (lastId !== undefined && chat.message(lastId).get()?.seq === 0) scrollToEnd();
  }, [chat, lastId, scrollToEnd]);

  function jump() {
    if (hasNewer) void chat.loadNewest(conversationId).then(scrollToEnd);
    else scrollToEnd();
  }

  return (
    <>
      <div
        ref={setScroller}
        className="pl-scroll pl-scroll-thread"
        role="log"
        aria-live="off"
        aria-label={messages.thread(userName || messages.visitor)}
        aria-busy={thread.isLoadingOlder || undefined}
        tabIndex={0}
      >
        <ol ref={setContainer} className="pl-window">
          {shown.map(({ index, key }) => {
            const row = rows[index];
            return (
              <li key={key} ref={setRow} data-index={index}>
                {row && <ThreadRow row={row} userName={userName} onOption={key === lastId ? onOption : undefined} slots={slots} />}
              </li>
            );
          })}
          <li className="pl-older" data-floating="">
            {hasOlder ? messages.loadingOlder : messages.threadStart}
          </li>
        </ol>
      </div>
      {!isAtLatest && <JumpToLatest newCount={newCount} onJump={jump} />}
    </>
  );
}

/** Marks as read what is seen: the end of the thread, on a page somebody looks at. */
function useReading(conversationId: string, thread: ThreadState, isAtLatest: boolean) {
  const { chat } = useParlor();
  const isVisible = usePageVisible();
  const hasUnread = (useConversation(conversationId)?.unreadCount ?? 0) > 0;
  const lastId = thread.ids[thread.ids.length - 1];
  useEffect(() => {
    if (isAtLatest && isVisible && hasUnread && thread.isLoaded && lastId !== undefined) chat.markRead(conversationId);
  }, [chat, conversationId, isAtLatest, isVisible, hasUnread, thread.isLoaded, lastId]);
}

/** How many messages of others came since the reader left the end. */
function useNewCount(ids: readonly string[], isAtLatest: boolean): number {
  const { chat, side } = useParlor();
  const lastId = ids[ids.length - 1];
  const [seenId, setSeenId] = useState(lastId);
  if (isAtLatest && seenId !== lastId) setSeenId(lastId);
  return useMemo(() => {
    if (isAtLatest || seenId === undefined) return 0;
    const others = side === 'user' ? 'bot' : 'user';
    return ids.slice(ids.lastIndexOf(seenId) + 1).filter((id) => chat.message(id).get()?.type === others).length;
  }, [chat, ids, isAtLatest, seenId, side]);
}

/** Every loaded message in the page's own flow: for screen readers, find-in-page and copying. */
function PlainRows({ conversationId, thread, rows, onOption, slots }: RowsProps) {
  const { chat, messages } = useParlor();
  const userName = useConversation(conversationId)?.user.name;
  const lastId = thread.ids[thread.ids.length - 1];
  return (
    <div className="pl-scroll" role="log" aria-label={messages.thread(userName || messages.visitor)} tabIndex={0}>
      <div className="pl-older">
        {thread.hasOlder ? (
          <button type="button" className="pl-button" data-variant="outline" onClick={() => void chat.loadOlder(conversationId)}>
            {messages.loadOlder}
          </button>
        ) : (
          messages.threadStart
        )}
      </div>
      <ol className="pl-plain">
        {rows.map((row) => (
          <li key={row.key}>
            <ThreadRow row={row} userName={userName} onOption={row.key === lastId ? onOption : undefined} slots={slots} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function ThreadRow({ row, userName, onOption, slots }: Pick<RowsProps, 'onOption' | 'slots'> & { row: Row; userName: string | undefined }) {
  return (
    <div className="pl-row">
      {row.kind === 'day' ? (
        <DaySeparator at={row.at} />
      ) : row.kind === 'new' ? (
        <NewDivider />
      ) : (
        <MessageBubble id={row.id} userName={userName} isFirst={row.isFirst} onOption={onOption} slots={slots} />
      )}
    </div>
  );
}

function ThreadError({ conversationId, thread }: { conversationId: string; thread: ThreadState }) {
  const { chat, messages } = useParlor();
  const { error } = thread;
  // What is on the screen stays; that the connection is gone is said once, for the whole page.
  if (error === undefined || (thread.isLoaded && error.code === 'network')) return null;
  if (error.code === 'not-found' && thread.ids.length === 0) {
    return (
      <div className="pl-empty">
        <Icon name="inbox" />
        <strong>{messages.goneTitle}</strong>
        <p>{messages.goneBody}</p>
      </div>
    );
  }
  const again = () => void (thread.isLoaded && thread.hasOlder ? chat.loadOlder(conversationId) : chat.reload(conversationId));
  return (
    <div className="pl-banner" data-kind="error" role="alert">
      <Icon name="alert" />
      <span>{messages.loadFailed(messages.problem(error.code, error.message))}</span>
      <button type="button" className="pl-button" data-variant="outline" onClick={again}>
        {messages.retry}
      </button>
    </div>
  );
}
