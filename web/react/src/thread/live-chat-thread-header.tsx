import type { LiveChatConversation } from '@parlor/client';
import type { ReactNode, Ref } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-name.ts';
import { useConversation, useMe } from '../hooks/narrow.ts';
import { Icon, type IconName } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { LastSeen } from '../relative-time.tsx';
import { HandlerChip } from './handler-chip.tsx';

export interface LiveChatThreadHeaderProps {
  conversationId: string;
  /** Shown where the list is not beside the thread. */
  onBack?: (() => void) | undefined;
  className?: string;
  ref?: Ref<HTMLElement>;
  /** After the buttons. */
  children?: ReactNode;
}

/** Who this is, and what an agent may do with the conversation. */
export function LiveChatThreadHeader({ conversationId, onBack, className, ref, children }: LiveChatThreadHeaderProps) {
  const { messages } = useParlor();
  const conversation = useConversation(conversationId);
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
            {user?.isOnline ? <span>{messages.online}</span> : user?.lastSeen && <LastSeen at={user.lastSeen} />}
            <span data-part="funnel">
              <bdi>{conversation.funnelName}</bdi>
            </span>
            <span>
              <HandlerChip conversation={conversation} />
            </span>
          </p>
        )}
      </div>
      {conversation && <Actions conversation={conversation} />}
      {children}
    </header>
  );
}

// A refusal is shown by the page's error banner; the row is already back as it was.
const run = (action: Promise<unknown>) => void action.catch(() => undefined);

function Actions({ conversation }: { conversation: LiveChatConversation }) {
  const { chat, messages, side } = useParlor();
  const me = useMe();
  const { id, status, isArchived, handler, assignee } = conversation;
  const isOpen = status === 'open';
  const isMine = handler === 'agent' && assignee?.id === me?.sub;
  const update = (change: Parameters<typeof chat.update>[1]) => run(chat.update(id, change));

  if (side === 'user') return null;
  return (
    <div className="pl-thread-actions" role="group" aria-label={messages.actions}>
      {/* An action and its opposite are one button: the focus stays on it. */}
      {isOpen &&
        (isMine ? (
          <Action icon="hand" label={messages.giveBack} onClick={() => run(chat.giveBack(id))} />
        ) : (
          <Action
            icon="agent"
            label={handler === 'agent' ? messages.takeOver : messages.take}
            onClick={() => run(handler === 'agent' ? chat.take(id, assignee?.id) : chat.take(id))}
          />
        ))}
      {!isArchived &&
        (isOpen ? (
          <Action icon="close" label={messages.close} onClick={() => update({ status: 'closed' })} />
        ) : (
          <Action icon="reopen" label={messages.reopen} onClick={() => update({ status: 'open' })} />
        ))}
      <Action
        icon="archive"
        label={isArchived ? messages.unarchive : messages.archive}
        onClick={() => update({ isArchived: !isArchived })}
      />
    </div>
  );
}

function Action({ icon, label, onClick }: { icon: IconName; label: string; onClick(): void }) {
  return (
    <button type="button" className="pl-button" data-variant="outline" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}
