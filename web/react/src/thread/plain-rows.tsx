import { useUserName } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';
import { onLogKey } from './log-keys.ts';
import { useFirstRow, useReader } from './reading.tsx';
import { ThreadRow } from './thread-row.tsx';
import { usePlainScroll } from './use-plain-scroll.ts';
import type { RowsProps } from './windowed-rows.tsx';

/** Every loaded message in the page's own flow: for screen readers, find-in-page and copying. */
export function PlainRows(props: RowsProps) {
  const { conversationId, thread, rows, onOption, onMenu, slots } = props;
  const { chat, messages } = useParlor();
  const userName = useUserName(conversationId);
  const { hasOlder, hasNewer, ids } = thread;
  const lastId = ids[ids.length - 1];
  const { setLog, setList, isAtEnd, look, scrollToEnd } = usePlainScroll({ rows, follows: !hasNewer, ...useFirstRow(props) });
  const { lit, jumpToLatest } = useReader(props, isAtEnd, scrollToEnd);

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
              <ThreadRow
                row={row}
                userName={userName}
                onOption={row.key === lastId ? onOption : undefined}
                onLitEnd={lit.key === row.key ? lit.out : undefined}
                onMenu={onMenu}
                slots={slots}
              />
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
      {jumpToLatest}
    </>
  );
}
