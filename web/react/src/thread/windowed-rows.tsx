import { useCallback } from 'react';
import { useUserName, type ThreadState } from '../hooks/narrow.ts';
import { messagePx, olderPx } from '../limits.ts';
import { useParlor } from '../provider.tsx';
import { useWindow } from '../window/use-window.ts';
import type { LiveChatMessagesProps } from './live-chat-messages.tsx';
import { onLogKey } from './log-keys.ts';
import { useFirstRow, useReader } from './reading.tsx';
import type { Row } from './rows.ts';
import { ThreadRow } from './thread-row.tsx';

export interface RowsProps extends Pick<LiveChatMessagesProps, 'conversationId' | 'messageSeq' | 'noteId' | 'onOption' | 'slots'> {
  thread: ThreadState;
  rows: readonly Row[];
  onMenu(id: string, anchor: HTMLElement): void;
}

/** The rows in view and a few around them. */
export function WindowedRows(props: RowsProps) {
  const { conversationId, thread, rows, onOption, onMenu, slots } = props;
  const { chat, messages } = useParlor();
  const userName = useUserName(conversationId);
  const keyOf = useCallback((index: number) => rows[index]?.key ?? '', [rows]);
  const { hasOlder, hasNewer, ids } = thread;
  const onNearStart = useCallback(() => {
    if (hasOlder) void chat.loadOlder(conversationId);
  }, [chat, conversationId, hasOlder]);
  const onNearEnd = useCallback(() => {
    if (hasNewer) void chat.loadNewer(conversationId);
  }, [chat, conversationId, hasNewer]);
  const { rows: shown, setScroller, setContainer, setRow, isAtEnd, scrollToEnd, leaveEnd } = useWindow({
    count: rows.length,
    keyOf,
    estimate: () => messagePx,
    anchor: 'end',
    follows: !hasNewer,
    ...useFirstRow(props),
    paddingStart: olderPx,
    onNearStart,
    onNearEnd,
  });
  const { lit, jumpToLatest } = useReader(props, isAtEnd, scrollToEnd);

  return (
    <>
      <div
        ref={setScroller}
        className="pl-scroll pl-scroll-thread"
        role="log"
        aria-live="off"
        aria-label={messages.thread(userName || messages.visitor)}
        aria-busy={thread.isLoadingOlder || undefined}
        aria-keyshortcuts="Enter"
        tabIndex={0}
        onKeyDown={onLogKey}
        // What one unfolds is read from its beginning.
        onClickCapture={({ target }) => {
          if ((target as Element).closest('[data-unfolds]') !== null) leaveEnd();
        }}
      >
        <ol ref={setContainer} className="pl-window">
          {shown.map(({ index, key }) => {
            const row = rows[index];
            const isLast = key === ids[ids.length - 1];
            return (
              <li key={key} ref={setRow} data-index={index}>
                {row && (
                  <ThreadRow
                    row={row}
                    userName={userName}
                    onOption={isLast ? onOption : undefined}
                    onLitEnd={lit.key === key ? lit.out : undefined}
                    onMenu={onMenu}
                    slots={slots}
                  />
                )}
              </li>
            );
          })}
          <li className="pl-older" data-floating="">
            {hasOlder ? messages.loadingOlder : messages.threadStart}
          </li>
        </ol>
      </div>
      {jumpToLatest}
    </>
  );
}
