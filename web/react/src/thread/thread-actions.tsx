import type { ReactNode } from 'react';
import { AgentIcon } from '../agent-icons.tsx';
import { handlingOf } from '../hooks/handling.ts';
import { useMe } from '../hooks/narrow.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { Icon } from '../icons.tsx';
import { MenuButton } from '../menus/menu-button.tsx';
import { useParlor } from '../provider.tsx';
import type { Handled } from './handler-chip.tsx';

export interface ThreadActionsProps {
  conversation: Handled & { id: string };
  /** Shows a button for what is known about the person. */
  details?: { isOpen: boolean; onToggle(): void } | undefined;
}

/** What an agent may do with the conversation. */
export function ThreadActions({ conversation, details }: ThreadActionsProps) {
  const parlor = useParlor();
  const { desk } = parlor;
  const words = useAgentWords();
  const me = useMe();
  const { id, status, isArchived, handler, assignee } = conversation;
  const isOpen = status === 'open';
  const isMine = handler === 'agent' && assignee?.id === me?.sub;

  const commands = handlingOf(parlor, words, id);
  return (
    <div className="pl-thread-actions" role="group" aria-label={words.actions}>
      {/* An action and its opposite are one button: the focus stays on it. */}
      {isOpen &&
        (isMine ? (
          <Action icon={<AgentIcon name="hand" />} label={words.giveBack} onClick={commands.giveBack} />
        ) : (
          <Action icon={<Icon name="agent" />} label={handler === 'agent' ? words.takeOver : words.take} onClick={commands.take} />
        ))}
      {isOpen && desk !== undefined && <MenuButton icon={<AgentIcon name="assign" />} label={words.assign} conversationId={id} about="agents" />}
      {!isArchived &&
        (isOpen ? (
          <Action icon={<Icon name="close" />} label={words.close} onClick={commands.close} />
        ) : (
          <Action icon={<AgentIcon name="reopen" />} label={words.reopen} onClick={commands.reopen} />
        ))}
      <Action
        icon={<Icon name="archive" />}
        label={isArchived ? words.unarchive : words.archive}
        onClick={isArchived ? commands.unarchive : commands.archive}
      />
      <MenuButton icon={<Icon name="more" />} label={words.more} conversationId={id} about="more" />
      {details && <DetailsToggle {...details} />}
    </div>
  );
}

function DetailsToggle({ isOpen, onToggle }: NonNullable<ThreadActionsProps['details']>) {
  const words = useAgentWords();
  return (
    <button
      type="button"
      className="pl-button pl-details-toggle"
      data-variant="outline"
      aria-label={words.details}
      title={words.details}
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
