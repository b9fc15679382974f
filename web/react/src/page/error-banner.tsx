import type { LiveChatError } from '@parlor/client';
import { useConnection, useInboxView, useLastError, useListFilters } from '../hooks/narrow.ts';
import { nothing, useOf } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

const errorOf = (loaded: { error?: LiveChatError | undefined } | undefined) => loaded?.error;

/** The last refused action or failed load, until it is dismissed or works. A lost connection has its own banner. */
export function ErrorBanner() {
  const { chat, messages } = useParlor();
  const error = useLastError();
  const { phase } = useConnection();
  const { selectedConversationId: id } = useInboxView();
  const filters = useListFilters();
  const listError = useOf(filters ? chat.list(filters) : nothing, errorOf);
  const threadError = useOf(id === undefined ? nothing : chat.messages(id), errorOf);
  if (error === undefined || (error.code === 'network' && phase !== 'live')) return null;
  // Its own pane says it already, with a way to try again.
  if (error === listError || error === threadError) return null;
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
