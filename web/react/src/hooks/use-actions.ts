import type { ConversationChange, LiveChat, LiveChatConversation, LiveChatMessage, OutgoingMessage } from '@parlor/client';
import { useMemo } from 'react';
import { listFilters, type Filters, type InboxStore } from '../inbox.ts';
import { useParlor } from '../provider.tsx';

export interface LiveChatActions {
  /** A conversation, its id, or undefined for none. */
  selectConversation(conversation: LiveChatConversation | string | undefined): void;
  setFilters(change: Partial<Filters>): void;
  setSearchQuery(query: string): void;
  /**
   * Into the selected conversation, or into a named one. Answers at once with the message as it is shown; losing the
   * network is state on that message, not an error here.
   */
  sendMessage(text: string): LiveChatMessage;
  sendMessage(conversationId: string, message: string | OutgoingMessage): LiveChatMessage;
  retry(messageId: string): void;
  discard(messageId: string): void;
  /** Shown at once and taken back if refused, in which case it rejects. */
  updateConversation(conversationId: string, change: ConversationChange): Promise<LiveChatConversation>;
  take(conversationId: string, from?: string): Promise<LiveChatConversation>;
  giveBack(conversationId: string): Promise<LiveChatConversation>;
  fetchConversations(): Promise<void>;
  /** Default: the selected conversation's. */
  fetchMessages(conversationId?: string): Promise<void>;
  loadMore(): Promise<void>;
  loadOlder(conversationId?: string): Promise<void>;
  /** Up to `seq`, by default all there is. For a thread of one's own: the components do it by themselves. */
  markRead(conversationId: string, seq?: number): void;
  /** Tells the others. May be called on every key press. */
  setTyping(conversationId: string, isTyping: boolean): void;
  clearError(): void;
}

export function createActions(chat: LiveChat, inbox: InboxStore): LiveChatActions {
  const selected = () => inbox.get().selectedConversationId;
  const filters = () => listFilters(inbox.get().filters, chat.me.get()?.sub);

  function sendMessage(first: string, second?: string | OutgoingMessage): LiveChatMessage {
    const id = second === undefined ? selected() : first;
    if (id === undefined) throw new Error('No conversation is selected: name one, sendMessage(conversationId, text).');
    const message = second ?? first;
    return chat.send(id, typeof message === 'string' ? { text: message } : message);
  }

  return {
    selectConversation: (conversation) => inbox.select(typeof conversation === 'object' ? conversation.id : conversation),
    setFilters: inbox.setFilters,
    setSearchQuery: inbox.setSearchQuery,
    sendMessage,
    retry: (id) => chat.retry(id),
    discard: (id) => chat.discard(id),
    updateConversation: (id, change) => chat.update(id, change),
    take: (id, from) => chat.take(id, from),
    giveBack: (id) => chat.giveBack(id),
    fetchConversations: () => chat.refresh(filters()),
    async fetchMessages(id = selected()) {
      if (id !== undefined) await chat.reload(id);
    },
    loadMore: () => chat.loadMore(filters()),
    async loadOlder(id = selected()) {
      if (id !== undefined) await chat.loadOlder(id);
    },
    markRead: (id, seq) => chat.markRead(id, seq),
    setTyping: (id, isTyping) => chat.setTyping(id, isTyping),
    clearError: () => chat.clearError(),
  };
}

/** Everything one can do. The same object for the life of the provider: reading it renders nothing. */
export function useLiveChatActions(): LiveChatActions {
  const { chat, inbox } = useParlor();
  return useMemo(() => createActions(chat, inbox), [chat, inbox]);
}
