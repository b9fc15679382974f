export {
  useConnection, useConversation, useConversationIds, useConversationList, useDraft, useInboxView, useIsMarking, useLastError, useListFilters, useMarkedIds, useMe, useMessage,
  useMessageIds, useThread, useTyping, useUnreadCount, type ListState, type ThreadState,
} from './hooks/narrow.ts';
export { useAct, type Act } from './hooks/use-act.ts';
export type { BulkAction } from './list/bulk.ts';
export { useDesk } from './hooks/use-desk.ts';
export { useLiveChatActions, type LiveChatActions } from './hooks/use-actions.ts';
export { useLiveChat, type UseLiveChat, type UseLiveChatOptions } from './hooks/use-live-chat.ts';
export type { LiveChatFields } from './hooks/live-chat-view.ts';
export { LiveChatProvider, type LiveChatProviderProps } from './provider.tsx';
export { defaultFilters, type Filters, type InboxStore, type InboxView, type Notice } from './inbox.ts';
