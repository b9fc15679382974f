import type { LiveChatMessage } from '@parlor/client';
import { AgentIcon } from '../agent-icons.tsx';
import type { Desk } from '../desk.ts';
import { useConversationCommands } from '../hooks/conversation-commands.ts';
import { useConversation, useMe, useMessage } from '../hooks/narrow.ts';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import { useReadable } from '../hooks/use-readable.ts';
import { Icon } from '../icons.tsx';
import { useParlor } from '../provider.tsx';
import { useLifecycleItems } from './lifecycle-items.tsx';
import { Menu, type MenuItem, type MenuProps } from './menu.tsx';

export interface ConversationMenuProps extends Pick<MenuProps, 'anchor' | 'label' | 'onClose'> {
  conversationId: string;
  /** About one message; `agents`: who is to answer; `more`: what has no button of its own. */
  about: { messageId: string } | 'agents' | 'more';
}

/** What one may do with a conversation or a message of it. */
export function ConversationMenu({ conversationId, about, ...place }: ConversationMenuProps) {
  const { desk } = useParlor();
  if (about === 'more') return <MoreMenu id={conversationId} {...place} />;
  if (about !== 'agents') return <MessageMenu id={conversationId} messageId={about.messageId} {...place} />;
  return desk === undefined ? null : <AgentsMenu id={conversationId} agents={desk.agents} {...place} />;
}

type Place = Pick<MenuProps, 'anchor' | 'label' | 'onClose'> & { id: string };

function MoreMenu({ id, ...place }: Place) {
  const { messageHref } = useParlor();
  const words = useAgentWords();
  const commands = useConversationCommands(id);
  const [resting, deleting] = useLifecycleItems(id, place.anchor);
  const items: MenuItem[] = [{ key: 'unread', label: words.markUnread, icon: <AgentIcon name="unread" />, onSelect: () => commands.markUnread() }];
  if (messageHref !== undefined) items.push({ key: 'link', label: words.copyLink, icon: <AgentIcon name="link" />, onSelect: () => commands.copyLink() });
  items.push(
    ...resting,
    { key: 'text', label: words.transcriptText, icon: <Icon name="down" />, onSelect: () => commands.downloadTranscript('text') },
    { key: 'json', label: words.transcriptJson, icon: <Icon name="down" />, onSelect: () => commands.downloadTranscript('json') },
    ...deleting,
  );
  return <Menu items={items} {...place} />;
}

function AgentsMenu({ id, agents, ...place }: Place & Pick<Desk, 'agents'>) {
  const words = useAgentWords();
  const commands = useConversationCommands(id);
  const me = useMe();
  const conversation = useConversation(id);
  const all = useReadable(agents);
  const holder = conversation?.handler === 'agent' ? conversation.assignee?.id : undefined;
  const items = (all ?? []).map((agent) => ({
    key: agent.id,
    label: agent.id === me?.sub ? words.assignMe(agent.name) : agent.name,
    isChecked: agent.id === holder,
    onSelect: () => commands.assign(agent),
  }));
  return <Menu items={items} empty={words.agentsLoading} {...place} />;
}

function MessageMenu({ messageId, ...place }: Place & { messageId: string }) {
  const message = useMessage(messageId);
  return message === undefined ? null : <MenuOf message={message} {...place} />;
}

function MenuOf({ message: { seq, text }, id, ...place }: Place & { message: LiveChatMessage }) {
  const { messageHref, side } = useParlor();
  const words = useAgentWords();
  const commands = useConversationCommands(id);
  const items: MenuItem[] = [{ key: 'text', label: words.copyText, icon: <AgentIcon name="copy" />, onSelect: () => commands.copyText(text) }];
  if (seq > 0 && messageHref !== undefined) {
    items.push({ key: 'link', label: words.copyLink, icon: <AgentIcon name="link" />, onSelect: () => commands.copyLink(seq) });
  }
  if (seq > 0 && side === 'team') {
    items.push({ key: 'unread', label: words.markUnreadHere, icon: <AgentIcon name="unread" />, onSelect: () => commands.markUnread(seq) });
  }
  return <Menu items={items} {...place} />;
}
