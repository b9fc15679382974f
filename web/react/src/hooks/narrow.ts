import type {
  Connection, ConversationFilters, LiveChat, LiveChatConversation, LiveChatError, LiveChatMessage, Me, Typist,
} from '@parlor/client';
import { useCallback, useEffect, useMemo } from 'react';
import { listFilters, type InboxView, type Notice } from '../inbox.ts';
import { useParlor } from '../provider.tsx';
import { afterOthers, useOf, useOptionalReadable, useReadable } from './use-readable.ts';

export type ListState = ReturnType<ReturnType<LiveChat['list']>['get']>;
export type ThreadState = ReturnType<ReturnType<LiveChat['messages']>['get']>;

// Each hook renders its component for one thing only. Give components ids, not objects, and one message renders one bubble.

export function useConversation(id: string | undefined): LiveChatConversation | undefined {
  const { chat } = useParlor();
  return useOptionalReadable(id === undefined ? undefined : chat.conversation(id));
}

const nameOf = (conversation: LiveChatConversation | undefined) => conversation?.user.name;

/** What the person of a conversation is called: most of its changes are none of that. */
export function useUserName(id: string): string | undefined {
  return useOf(useParlor().chat.conversation(id), nameOf);
}

/** Loads the list and keeps it current while the component is there. */
export function useConversationList(filters: ConversationFilters): ListState {
  const { chat } = useParlor();
  return useReadable(useMemo(() => chat.list(filters), [chat, filters]));
}

/** Ids in order. Keep `filters` in a constant or a memo. */
export function useConversationIds(filters: ConversationFilters): readonly string[] {
  return useConversationList(filters).ids;
}

export function useMessage(id: string): LiveChatMessage | undefined {
  return useReadable(useParlor().chat.message(id));
}

/** Loads a thread and keeps it current while the component is there. */
export function useThread(conversationId: string): ThreadState {
  const { chat } = useParlor();
  useEffect(() => chat.open(conversationId), [chat, conversationId]);
  return useReadable(chat.messages(conversationId));
}

export function useMessageIds(conversationId: string): readonly string[] {
  return useThread(conversationId).ids;
}

export function useConnection(): Connection {
  return useReadable(useParlor().chat.connection);
}

export function useMe(): Me | undefined {
  return useReadable(useParlor().chat.me);
}

/** The last failed load or refused action. */
export function useLastError(): LiveChatError | undefined {
  return useReadable(useParlor().chat.lastError);
}

/** Who is writing there, this client left out. */
export function useTyping(conversationId: string): readonly Typist[] {
  return useReadable(useParlor().chat.typing(conversationId));
}

/** The unsent text of a conversation, kept while other conversations are looked at. */
export function useDraft(conversationId: string): readonly [text: string, set: (text: string) => void] {
  const { chat } = useParlor();
  const text = useReadable(chat.draft(conversationId));
  const set = useCallback((next: string) => chat.setDraft(conversationId, next), [chat, conversationId]);
  return [text, set];
}

/** What the list asks for; undefined while `me` is among it and not known yet. */
export function useListFilters(): ConversationFilters | undefined {
  const { filters } = useInboxView();
  const me = useMe()?.sub;
  return useMemo(() => (filters.assignee === 'me' && me === undefined ? undefined : listFilters(filters, me)), [filters, me]);
}

/** Whether rows show boxes to choose them by. */
export function useIsMarking(): boolean {
  return useOf(useParlor().inbox.marks, ({ isOn }) => isOn);
}

/** Whether a row is chosen: renders for that row alone. */
export function useIsMarked(id: string): boolean {
  return useOf(useParlor().inbox.marks, ({ ids }) => ids.has(id));
}

/** The ids that are chosen. */
export function useMarkedIds(): ReadonlySet<string> {
  return useReadable(useParlor().inbox.marks).ids;
}

/** What was just done and may be taken back. */
export function useNotice(): Notice | undefined {
  return useReadable(useParlor().inbox.notice);
}

const unread: ConversationFilters = { unread: true };

/** How many open conversations have something this side has not read. */
export function useUnreadCount(): number {
  const { chat } = useParlor();
  return useOf(useMemo(() => afterOthers(chat.list(unread)), [chat]), ({ total }) => total);
}

/** Filters, search and selection of this provider. */
export function useInboxView(): InboxView {
  return useReadable(useParlor().inbox);
}
