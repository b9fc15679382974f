import type { LiveChatConversation, SearchMatch } from '@parlor/client';
import { memo, type ReactNode, type Ref } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-name.ts';
import { useConversation, useDraft } from '../hooks/narrow.ts';
import { useUnsent } from '../hooks/use-unsent.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { RelativeTime } from '../relative-time.tsx';
import { HandlerChip } from '../thread/handler-chip.tsx';
import { Excerpt } from './excerpt.tsx';

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
  /** Where a search found it: shown instead of its last message. */
  match?: SearchMatch | undefined;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
  slots?: ConversationCardSlots | undefined;
}

/** The one line that says most: where a search found it, what waits to be said, what was said last. */
function CardText({ conversation, match }: { conversation: LiveChatConversation; match: SearchMatch | undefined }) {
  const { chat, messages } = useParlor();
  const [draft] = useDraft(conversation.id);
  const unsent = useUnsent(conversation.id);
  const isFailed = unsent?.state === 'failed';
  const isDraft = draft !== '' && !isFailed;
  const marker = isDraft ? messages.draft : unsent && (isFailed ? messages.unsentFailed : messages.unsentWaiting);
  const text = isDraft ? draft : unsent && chat.message(unsent.messageId).get()?.text;
  return (
    // Cut off at its own end, whichever way it is written.
    <span className="pl-card-text" data-marked={marker || match?.noteId ? '' : undefined} dir={marker || match ? undefined : 'auto'}>
      {marker && (
        <>
          <span className="pl-card-draft" data-state={isDraft ? 'draft' : unsent?.state}>
            {!isDraft && <Icon name={isFailed ? 'alert' : 'clock'} />}
            {marker}
          </span>{' '}
        </>
      )}
      {match?.noteId && (
        <>
          <span className="pl-card-draft" data-state="waiting">
            {messages.noteFound}
          </span>{' '}
        </>
      )}
      {match ? <Excerpt match={match} /> : marker ? <span dir="auto">{text}</span> : conversation.lastMessage || messages.noMessages}
    </span>
  );
}

/** Labels shown on a row; how many more there are is said. */
const labelsShown = 2;

function CardMeta({ conversation }: { conversation: LiveChatConversation }) {
  const { format, messages } = useParlor();
  const { handler, assignee, status, labels, funnelName, lastMessageAt, snoozedUntil } = conversation;
  const isOpen = status === 'open';
  return (
    <>
      <bdi>{funnelName}</bdi>
      {isOpen && handler === 'agent' && assignee ? (
        <span className="pl-chip" data-handler="agent">
          <Avatar kind="agent" name={assignee.name} size="tiny" />
          <bdi>{messages.handlerAgent(assignee.name)}</bdi>
        </span>
      ) : (
        <HandlerChip conversation={conversation} />
      )}
      {isOpen && snoozedUntil && (
        <span className="pl-chip" title={format.full(snoozedUntil)}>
          <Icon name="clock" />
          {messages.statusSnoozed}
        </span>
      )}
      {isOpen && handler === 'queue' && <RelativeTime className="pl-card-waiting" at={lastMessageAt} />}
      {labels.slice(0, labelsShown).map((label) => (
        <bdi key={label} className="pl-label">
          {label}
        </bdi>
      ))}
      {labels.length > labelsShown && <span title={labels.join(', ')}>+{labels.length - labelsShown}</span>}
    </>
  );
}

/** One row of the list. Follows its conversation by itself, so that a change renders this row and no other. */
export const ConversationCard = memo(function ConversationCard(props: ConversationCardProps) {
  const { id, isSelected = false, onSelect, tabIndex, match, className, ref, slots } = props;
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
          <CardText conversation={conversation} match={match} />
          {isUnread && (
            <span className="pl-badge">
              <span aria-hidden="true">{format.number(unreadCount, 99)}</span>
              <span className="pl-hidden">{messages.unread(unreadCount)}</span>
            </span>
          )}
        </span>
        <span className="pl-card-meta">
          {slots?.meta?.(conversation) ?? <CardMeta conversation={conversation} />}
        </span>
      </span>
      {user.isOnline && <span className="pl-hidden">{messages.online}</span>}
    </button>
  );
});

