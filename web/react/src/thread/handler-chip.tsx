import type { LiveChatConversation } from '@parlor/client';
import { Icon, type IconName } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import type { Messages } from '../text/messages.ts';

interface State {
  key: string;
  icon: IconName;
  text: string;
}

/** What of a conversation says so. */
export type Handled = Pick<LiveChatConversation, 'status' | 'isArchived' | 'handler' | 'assignee'>;

/** The one thing to know about a conversation: over, or who answers it. */
function stateOf(conversation: Handled, messages: Messages): State {
  if (conversation.isArchived) return { key: 'archived', icon: 'archive', text: messages.statusArchivedShort };
  if (conversation.status === 'closed') return { key: 'closed', icon: 'close', text: messages.statusClosedShort };
  switch (conversation.handler) {
    case 'bot':
      return { key: 'bot', icon: 'bot', text: messages.handlerBot };
    case 'queue':
      return { key: 'queue', icon: 'clock', text: messages.handlerQueue };
    default:
      return { key: 'agent', icon: 'agent', text: messages.handlerAgent(conversation.assignee?.name ?? messages.agent) };
  }
}

export function HandlerChip({ conversation }: { conversation: Handled }) {
  const { messages } = useParlor();
  const { key, icon, text } = stateOf(conversation, messages);
  return (
    <span className="pl-chip" data-handler={key}>
      <Icon name={icon} />
      <bdi>{text}</bdi>
    </span>
  );
}
