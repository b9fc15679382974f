import { useConnection, useInboxView, useLastError, useListFilters } from '../hooks/narrow.ts';
import { useOptionalReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

/** The last refused action or failed load, until it is dismissed or works. A lost connection has its own banner. */
export function ErrorBanner() {
  const { chat, messages } = useParlor();
  const error = useLastError();
  const { phase } = useConnection();
  const { selectedConversationId: id } = useInboxView();
  const filters = useListFilters();
  const list = useOptionalReadable(filters && chat.list(filters));
  const thread = useOptionalReadable(id === undefined ? undefined : chat.messages(id));
  if (error === undefined || (error.code === 'network' && phase !== 'live')) return null;
  // Its own pane says it already, with a way to try again.
  if (error === list?.error || error === thread?.error) return null;
  return (
    <div className="pl-banner" data-kind="error" role="alert">
      <Icon name="alert" />
      <span>{messages.problem(error.code, error.message)}</span>
      <button type="button" className="pl-button" onClick={() => chat.clearError()}>
        {messages.dismiss}
      </button>
    </div>
  );
}
