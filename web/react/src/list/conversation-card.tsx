import type { LiveChatConversation } from '@parlor/client';
import { memo, type ReactNode, type Ref } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-name.ts';
import { useConversation, useDraft } from '../hooks/narrow.ts';
import { useParlor } from '../provider.tsx';
import { RelativeTime } from '../relative-time.tsx';
import { HandlerChip } from '../thread/handler-chip.tsx';

export interface ConversationCardSlots {
  avatar?(conversation: LiveChatConversation): ReactNode;
  /** In place of funnel and handler. */
  meta?(conversation: LiveChatConversation): ReactNode;
}

export interface ConversationCardProps {
  id: string;
  isSelected?: boolean;
  onSelect?: ((id: string) => void) | undefined;
  tabIndex?: number;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
  slots?: ConversationCardSlots | undefined;
}

function CardText({ conversation }: { conversation: LiveChatConversation }) {
  const { messages } = useParlor();
  const [draft] = useDraft(conversation.id);
  if (draft !== '') {
    return (
      <span className="pl-card-text" data-draft="">
        <span className="pl-card-draft">{messages.draft}</span> <span dir="auto">{draft}</span>
      </span>
    );
  }
  return (
    // Cut off at its own end, whichever way it is written.
    <span className="pl-card-text" dir="auto">
      {conversation.lastMessage || messages.noMessages}
    </span>
  );
}

/** One row of the list. Follows its conversation by itself, so that a change renders this row and no other. */
export const ConversationCard = memo(function ConversationCard(props: ConversationCardProps) {
  const { id, isSelected = false, onSelect, tabIndex, className, ref, slots } = props;
  const { format, messages } = useParlor();
  const conversation = useConversation(id);
  if (conversation === undefined) return null;
  const { unreadCount, user } = conversation;
  const isUnread = unreadCount > 0;
  return (
    <button
      ref={ref}
      type="button"
      className={classNames('pl-card', className)}
      aria-current={isSelected || undefined}
      tabIndex={tabIndex}
      data-selected={isSelected || undefined}
      data-unread={isUnread || undefined}
      data-status={conversation.status}
      onClick={() => onSelect?.(id)}
    >
      {slots?.avatar?.(conversation) ?? <Avatar kind="user" name={user.name} src={user.avatar} isOnline={user.isOnline} />}
      <span className="pl-card-body">
        <span className="pl-card-line">
          <span className="pl-card-name" dir="auto">
            {user.name || messages.visitor}
          </span>
          <RelativeTime className="pl-card-time" at={conversation.lastMessageAt} />
        </span>
        <span className="pl-card-line">
          <CardText conversation={conversation} />
          {isUnread && (
            <span className="pl-badge">
              <span aria-hidden="true">{format.number(unreadCount, 99)}</span>
              <span className="pl-hidden">{messages.unread(unreadCount)}</span>
            </span>
          )}
        </span>
        <span className="pl-card-meta">
          {slots?.meta?.(conversation) ?? (
            <>
              <bdi>{conversation.funnelName}</bdi>
              <HandlerChip conversation={conversation} />
            </>
          )}
        </span>
      </span>
      {user.isOnline && <span className="pl-hidden">{messages.online}</span>}
    </button>
  );
});

