import type { ThreadState } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

/** Why a thread could not be loaded, and what to do about it. */
export function ThreadError({ conversationId, thread }: { conversationId: string; thread: ThreadState }) {
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
