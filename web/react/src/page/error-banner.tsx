import { useConnection, useLastError } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

/** The last refused action or failed load, until it is dismissed or works. A lost connection has its own banner. */
export function ErrorBanner() {
  const { chat, messages } = useParlor();
  const error = useLastError();
  const { phase } = useConnection();
  if (error === undefined || (error.code === 'network' && phase !== 'live')) return null;
  return (
    <div className="pl-banner" data-kind="error" role="alert">
      <Icon name="alert" />
      <span>{error.message}</span>
      <button type="button" className="pl-button" onClick={() => chat.clearError()}>
        {messages.dismiss}
      </button>
    </div>
  );
}
