import { useState } from 'react';
import { useConversation } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';
import { JumpToLatest } from './jump-to-latest.tsx';
import { onLogKey } from './log-keys.ts';
import { firstRow, useLit, useNewCount, useOwnInView, useReading } from './reading.ts';
import { ThreadRow } from './thread-row.tsx';
import { usePlainScroll } from './use-plain-scroll.ts';
import type { RowsProps } from './windowed-rows.tsx';

/** Every loaded message in the page's own flow: for screen readers, find-in-page and copying. */
export function PlainRows(props: RowsProps) {
  const { conversationId, thread, rows, messageSeq, onOption } = props;
  const { chat, messages } = useParlor();
  const conversation = useConversation(conversationId);
  const userName = conversation?.user.name;
  const { hasOlder, hasNewer, ids } = thread;
  const lastId = ids[ids.length - 1];
  const [initialIndex] = useState(() => firstRow(rows, (id) => chat.message(id).get()?.seq, messageSeq));
  const { setLog, setList, isAtEnd, look, scrollToEnd } = usePlainScroll({
    rows,
    initialIndex,
    initialAlign: messageSeq === undefined ? 'start' : 'center',
    follows: !hasNewer,
  });

  const isAtLatest = isAtEnd && !hasNewer;
  useReading(conversationId, thread, isAtLatest);
  const newCount = useNewCount(ids, conversation?.messageCount ?? 0, isAtLatest);
  useOwnInView(rows, lastId, scrollToEnd);
  const lit = useLit(rows, messageSeq);

  function jump() {
    if (hasNewer) void chat.loadNewest(conversationId).then(scrollToEnd);
    else scrollToEnd();
  }

  return (
    <>
      <div
        ref={setLog}
        className="pl-scroll"
        role="log"
        aria-live="off"
        aria-label={messages.thread(userName || messages.visitor)}
        aria-keyshortcuts="Enter"
        tabIndex={0}
        onKeyDown={onLogKey}
        onScroll={look}
      >
        <div className="pl-older">
          {hasOlder ? (
            <button type="button" className="pl-button" data-variant="outline" onClick={() => void chat.loadOlder(conversationId)}>
              {messages.loadOlder}
            </button>
          ) : (
            messages.threadStart
          )}
        </div>
        <ol ref={setList} className="pl-plain">
          {rows.map((row) => (
            <li key={row.key}>
              <ThreadRow {...props} row={row} userName={userName} onOption={row.key === lastId ? onOption : undefined} lit={lit} />
            </li>
          ))}
        </ol>
        {hasNewer && (
          <div className="pl-older">
            <button type="button" className="pl-button" data-variant="outline" onClick={() => void chat.loadNewer(conversationId)}>
              {messages.loadNewer}
            </button>
          </div>
        )}
      </div>
      {!isAtLatest && <JumpToLatest newCount={newCount} onJump={jump} />}
    </>
  );
}
