import { useConversation } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';
import { onLogKey } from './log-keys.ts';
import { ThreadRow } from './thread-row.tsx';
import type { RowsProps } from './windowed-rows.tsx';

/** Every loaded message in the page's own flow: for screen readers, find-in-page and copying. */
export function PlainRows(props: RowsProps) {
  const { conversationId, thread, rows, onOption } = props;
  const { chat, messages } = useParlor();
  const userName = useConversation(conversationId)?.user.name;
  const lastId = thread.ids[thread.ids.length - 1];
  return (
    <div className="pl-scroll" role="log" aria-label={messages.thread(userName || messages.visitor)} tabIndex={0} onKeyDown={onLogKey}>
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
            <ThreadRow {...props} row={row} userName={userName} onOption={row.key === lastId ? onOption : undefined} />
          </li>
        ))}
      </ol>
    </div>
  );
}
