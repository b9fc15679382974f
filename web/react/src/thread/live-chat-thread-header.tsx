import type { LiveChatConversation } from '@parlor/client';
import type { ReactNode, Ref } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-name.ts';
import { useConversationPart } from '../hooks/use-picked.ts';
import { Icon } from '../icons.tsx';
import { createPart } from '../part.tsx';
import { useParlor } from '../provider.tsx';
import { LastSeen } from '../relative-time.tsx';
import { HandlerChip } from './handler-chip.tsx';
import type { NextProps } from './next.tsx';
import type { ThreadActionsProps } from './thread-actions.tsx';

export interface LiveChatThreadHeaderProps {
  conversationId: string;
  /** Shown where the list is not beside the thread. */
  onBack?: (() => void) | undefined;
  /** Shows a button for what is known about the person. */
  details?: ThreadActionsProps['details'];
  className?: string;
  ref?: Ref<HTMLElement>;
  /** After the buttons. */
  children?: ReactNode;
}

/** Its code is fetched with the page; a visitor never needs it. */
export const LazyActions = createPart<ThreadActionsProps>(async () => (await import('./thread-actions.tsx')).ThreadActions);

/** The same for when it closes. */
export const LazyNext = createPart<NextProps>(async () => (await import('./next.tsx')).Next);

const headOf = ({ id, user, funnelName, status, isArchived, handler, assignee }: LiveChatConversation) =>
  ({ id, user, funnelName, status, isArchived, handler, assignee });

/** Who this is, and what an agent may do with the conversation. */
export function LiveChatThreadHeader({ conversationId, onBack, details, className, ref, children }: LiveChatThreadHeaderProps) {
  const { messages, side } = useParlor();
  const conversation = useConversationPart(conversationId, headOf);
  const user = conversation?.user;
  return (
    <header ref={ref} className={classNames('pl-thread-header', className)}>
      {onBack && (
        <button type="button" className="pl-button pl-back" data-variant="icon" aria-label={messages.back} onClick={onBack}>
          <Icon name="back" />
        </button>
      )}
      {user && <Avatar kind="user" name={user.name} src={user.avatar} isOnline={user.isOnline} />}
      <div className="pl-thread-title">
        {user ? (
          <h2>
            <bdi>{user.name || messages.visitor}</bdi>
          </h2>
        ) : (
          <span className="pl-skeleton" />
        )}
        {conversation && (
          <p>
            {user?.email && (
              <span data-part="email">
                <bdi>{user.email}</bdi>
              </span>
            )}
            {(user?.isOnline || user?.lastSeen) && (
              <span>{user.isOnline ? <span>{messages.online}</span> : user.lastSeen && <LastSeen at={user.lastSeen} />}</span>
            )}
            <span data-part="funnel">
              <bdi>{conversation.funnelName}</bdi>
            </span>
            {side === 'team' && <LazyNext conversationId={conversationId} />}
            <span data-part="handler">
              <HandlerChip conversation={conversation} />
            </span>
          </p>
        )}
      </div>
      {conversation && side === 'team' && <LazyActions conversation={conversation} details={details} />}
      {children}
    </header>
  );
}
