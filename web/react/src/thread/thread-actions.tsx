import type { LiveChatConversation } from '@parlor/client';
import type { ReactNode } from 'react';
import { AgentIcon } from '../agent-icons.tsx';
import { handlingOf } from '../hooks/handling.ts';
import { useMe } from '../hooks/narrow.ts';
import { Icon } from '../icons.tsx';
import { MenuButton } from '../menus/menu-button.tsx';
import { useParlor } from '../provider.tsx';

export interface ThreadActionsProps {
  conversation: LiveChatConversation;
  /** Shows a button for what is known about the person. */
  details?: { isOpen: boolean; onToggle(): void } | undefined;
}

/** What an agent may do with the conversation. */
export function ThreadActions({ conversation, details }: ThreadActionsProps) {
  const parlor = useParlor();
  const { desk, messages } = parlor;
  const me = useMe();
  const { id, status, isArchived, handler, assignee } = conversation;
  const isOpen = status === 'open';
  const isMine = handler === 'agent' && assignee?.id === me?.sub;

  const commands = handlingOf(parlor, id);
  return (
    <div className="pl-thread-actions" role="group" aria-label={messages.actions}>
      {/* An action and its opposite are one button: the focus stays on it. */}
      {isOpen &&
        (isMine ? (
          <Action icon={<AgentIcon name="hand" />} label={messages.giveBack} onClick={commands.giveBack} />
        ) : (
          <Action icon={<Icon name="agent" />} label={handler === 'agent' ? messages.takeOver : messages.take} onClick={commands.take} />
        ))}
      {isOpen && desk !== undefined && <MenuButton icon={<AgentIcon name="assign" />} label={messages.assign} conversationId={id} about="agents" />}
      {!isArchived &&
        (isOpen ? (
          <Action icon={<Icon name="close" />} label={messages.close} onClick={commands.close} />
        ) : (
          <Action icon={<AgentIcon name="reopen" />} label={messages.reopen} onClick={commands.reopen} />
        ))}
      <Action
        icon={<Icon name="archive" />}
        label={isArchived ? messages.unarchive : messages.archive}
        onClick={isArchived ? commands.unarchive : commands.archive}
      />
      <MenuButton icon={<Icon name="more" />} label={messages.more} conversationId={id} about="more" />
      {details && <DetailsToggle {...details} />}
    </div>
  );
}

function DetailsToggle({ isOpen, onToggle }: NonNullable<ThreadActionsProps['details']>) {
  const { messages } = useParlor();
  return (
    <button
      type="button"
      className="pl-button pl-details-toggle"
      data-variant="outline"
      aria-label={messages.details}
      title={messages.details}
      aria-expanded={isOpen}
      onClick={onToggle}
    >
      <AgentIcon name="info" />
    </button>
  );
}

function Action({ icon, label, onClick }: { icon: ReactNode; label: string; onClick(): void }) {
  return (
    <button type="button" className="pl-button" data-variant="outline" aria-label={label} title={label} onClick={onClick}>
      {icon}
      <span>{label}</span>
    </button>
  );
}
