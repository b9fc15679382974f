import type { ReactNode, Ref } from 'react';
import { classNames } from '../class-name.ts';
import { useUnreadCount } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';

export interface LiveChatHeaderProps {
  /** Default: the word for inbox. */
  title?: ReactNode;
  /** Out of the page, into the host's own. */
  onBack?: (() => void) | undefined;
  className?: string;
  ref?: Ref<HTMLElement>;
  slots?: { start?: ReactNode; end?: ReactNode } | undefined;
}

export function LiveChatHeader({ title, onBack, className, ref, slots }: LiveChatHeaderProps) {
  const { format, messages } = useParlor();
  const unread = useUnreadCount();
  return (
    <header ref={ref} className={classNames('pl-page-header', className)}>
      {onBack && (
        <button type="button" className="pl-button" data-variant="icon" aria-label={messages.leave} onClick={onBack}>
          <Icon name="back" />
        </button>
      )}
      <div data-slot="start">
        <h1 className="pl-page-title">{title ?? messages.inbox}</h1>
        {unread > 0 && (
          <span className="pl-badge">
            <span aria-hidden="true">{format.number(unread, 999)}</span>
            <span className="pl-hidden">{messages.unreadConversations(unread)}</span>
          </span>
        )}
        {slots?.start}
      </div>
      <div data-slot="end">{slots?.end}</div>
    </header>
  );
}
