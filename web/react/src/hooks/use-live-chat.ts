import { useEffect, useMemo } from 'react';
import { useParlor } from '../provider.tsx';
import { createLiveChatView, type LiveChatFields } from './live-chat-view.ts';
import { createActions, type LiveChatActions } from './use-actions.ts';
import { useReadable } from './use-readable.ts';

export interface UseLiveChatOptions {
  /** Whether to fetch by itself while no socket can be had. With a socket changes arrive without asking. */
  autoRefresh?: boolean;
  /** In milliseconds. */
  refreshInterval?: number;
}

/** The names front ends written for the plain endpoints already use. */
interface Handlers {
  handleSelectConversation: LiveChatActions['selectConversation'];
  handleSendMessage: LiveChatActions['sendMessage'];
  handleUpdateConversation: LiveChatActions['updateConversation'];
  handleFiltersChange: LiveChatActions['setFilters'];
  handleSearchChange: LiveChatActions['setSearchQuery'];
}

export type UseLiveChat = LiveChatFields & LiveChatActions & Handlers;

/**
 * The whole inbox in one object. Only fields that are read render the component: take them apart,
 * `const { conversations, total } = useLiveChat()`.
 */
export function useLiveChat({ autoRefresh = true, refreshInterval = 30_000 }: UseLiveChatOptions = {}): UseLiveChat {
  const { chat, inbox } = useParlor();
  useEffect(() => chat.setRefreshInterval(autoRefresh ? refreshInterval : 0), [chat, autoRefresh, refreshInterval]);

  const fields = useReadable(useMemo(() => createLiveChatView(chat, inbox), [chat, inbox]));
  return useMemo(() => {
    const actions = createActions(chat, inbox);
    const result = {
      ...actions,
      handleSelectConversation: actions.selectConversation,
      handleSendMessage: actions.sendMessage,
      handleUpdateConversation: actions.updateConversation,
      handleFiltersChange: actions.setFilters,
      handleSearchChange: actions.setSearchQuery,
    };
    // As getters still: spreading would read, and so follow, every field.
    return Object.defineProperties(result, Object.getOwnPropertyDescriptors(fields)) as UseLiveChat;
  }, [chat, inbox, fields]);
}
