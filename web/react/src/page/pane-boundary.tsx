import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useParlor } from '../provider.tsx';
import { Icon } from '../icons.tsx';

interface Props {
  children: ReactNode;
  /** Told of what broke, for the host's own logging. */
  onError?: ((error: unknown, info: ErrorInfo) => void) | undefined;
}

/** Keeps a failure in its pane: the other one goes on working. */
export class PaneBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo) {
    this.props.onError?.(error, info);
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return <PaneFailed onRetry={() => this.setState({ hasFailed: false })} />;
  }
}

function PaneFailed({ onRetry }: { onRetry(): void }) {
  const { messages } = useParlor();
  return (
    <div className="pl-empty" role="alert">
      <Icon name="alert" />
      <strong>{messages.paneFailedTitle}</strong>
      <p>{messages.paneFailedBody}</p>
      <button type="button" className="pl-button" data-variant="outline" onClick={onRetry}>
        {messages.retry}
      </button>
    </div>
  );
}
