export {
  useConnection, useConversation, useConversationIds, useConversationList, useDraft, useInboxView, useLastError, useMe, useMessage,
  useMessageIds, useThread, useTyping, useUnreadCount, type ListState, type ThreadState,
} from './hooks/narrow.ts';
export { useLiveChatActions, type LiveChatActions } from './hooks/use-actions.ts';
export { useLiveChat, type UseLiveChat, type UseLiveChatOptions } from './hooks/use-live-chat.ts';
export type { LiveChatFields } from './hooks/live-chat-view.ts';
export { LiveChatProvider, type LiveChatProviderProps } from './provider.tsx';
export { defaultFilters, type Filters, type InboxView } from './inbox.ts';
