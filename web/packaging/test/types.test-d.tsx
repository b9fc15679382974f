import {
  createLiveChat, LiveChatError, type Connection, type LiveChat, type LiveChatConversation, type LiveChatMessage, type Readable,
} from '@parlor/client';
import { createTestServer } from '@parlor/client/testing';
import {
  LiveChatPage, LiveChatProvider, LiveChatView, useConversation, useConversationIds, useDraft, useLiveChat, useLiveChatActions,
  useMessage, useMessageIds, useUnreadCount, type LiveChatPageProps, type LiveChatProviderProps, type Messages,
} from '@parlor/react';
import * as hooks from '@parlor/react/hooks';
import { expectTypeOf, test } from 'vitest';

test('the client: every value is a readable, times are dates', () => {
  const chat = createLiveChat({ url: 'https://chat.example.com', token: async () => 'token' });
  expectTypeOf(chat).toEqualTypeOf<LiveChat>();
  expectTypeOf(chat.connection).toExtend<Readable<Connection>>();
  expectTypeOf(chat.conversation('id').get()).toEqualTypeOf<LiveChatConversation | undefined>();
  expectTypeOf(chat.message('id').get()).toEqualTypeOf<LiveChatMessage | undefined>();
  expectTypeOf<LiveChatMessage['timestamp']>().toEqualTypeOf<Date>();
  expectTypeOf<LiveChatConversation['lastMessageAt']>().exclude<undefined>().toEqualTypeOf<Date>();
  expectTypeOf<Connection['phase']>().toEqualTypeOf<'connecting' | 'catching-up' | 'live' | 'polling' | 'offline'>();
  expectTypeOf(chat.send('id', { text: 'Hello' })).toEqualTypeOf<LiveChatMessage>();
  expectTypeOf<LiveChatError>().toExtend<Error>();
  // @ts-expect-error a message has a text
  chat.send('id', {});
  // @ts-expect-error `status` is one of the server's words
  chat.list({ status: 'gone' });
});

test('the server in memory makes options for the client', () => {
  createLiveChat(createTestServer().options());
  expectTypeOf(createTestServer().add({ messages: ['Hello'] })).toEqualTypeOf<string>();
});

test('the provider takes a client or an address, never both', () => {
  const chat = createLiveChat();
  expectTypeOf<{ children: null; client: LiveChat }>().toExtend<LiveChatProviderProps>();
  expectTypeOf<{ children: null; url: string; token: () => Promise<string> }>().toExtend<LiveChatProviderProps>();
  expectTypeOf<{ children: null }>().toExtend<LiveChatProviderProps>();
  // @ts-expect-error the client knows its address
  void (<LiveChatProvider client={chat} url="https://chat.example.com" />);
  // @ts-expect-error no such word
  void (<LiveChatProvider messages={{ sendd: 'Send' }} />);
  expectTypeOf<Messages['send']>().toEqualTypeOf<string>();
});

test('the page and its pieces', () => {
  expectTypeOf<LiveChatPageProps['onBack']>().toEqualTypeOf<(() => void) | undefined>();
  expectTypeOf<LiveChatPageProps['onTypingChange']>().toEqualTypeOf<((isTyping: boolean) => void) | undefined>();
  expectTypeOf<LiveChatPageProps['perspective']>().toEqualTypeOf<'agent-left' | undefined>();
  expectTypeOf(LiveChatView).toHaveProperty('Header');
  expectTypeOf(LiveChatView).toHaveProperty('Messages');
  expectTypeOf(LiveChatView).toHaveProperty('Composer');
  void (<LiveChatPage onBack={() => undefined} perspective="agent-left" />);
  // @ts-expect-error a view is of one conversation
  void (<LiveChatView />);
});

test('useLiveChat has what front ends ask for, under both names', () => {
  const live = useLiveChat({ autoRefresh: true, refreshInterval: 30_000 });
  expectTypeOf(live.conversations).toEqualTypeOf<readonly LiveChatConversation[]>();
  expectTypeOf(live.selectedConversation).toEqualTypeOf<LiveChatConversation | undefined>();
  expectTypeOf(live.messages).toEqualTypeOf<readonly LiveChatMessage[]>();
  expectTypeOf(live.error).toEqualTypeOf<LiveChatError | undefined>();
  expectTypeOf(live.isLoading).toEqualTypeOf<boolean>();
  expectTypeOf(live.total).toEqualTypeOf<number>();
  expectTypeOf(live.sendMessage('Hello')).toEqualTypeOf<LiveChatMessage>();
  expectTypeOf(live.sendMessage('id', 'Hello')).toEqualTypeOf<LiveChatMessage>();
  expectTypeOf(live.updateConversation('id', { status: 'closed' })).resolves.toEqualTypeOf<LiveChatConversation>();
  expectTypeOf(live.handleSelectConversation).toEqualTypeOf(live.selectConversation);
  expectTypeOf(live.handleSendMessage).toEqualTypeOf(live.sendMessage);
  expectTypeOf(live.handleUpdateConversation).toEqualTypeOf(live.updateConversation);
  expectTypeOf(live.handleFiltersChange).toEqualTypeOf(live.setFilters);
  expectTypeOf(live.handleSearchChange).toEqualTypeOf(live.setSearchQuery);
});

test('the narrow hooks are the same out of both entries', () => {
  expectTypeOf(useConversation('id')).toEqualTypeOf<LiveChatConversation | undefined>();
  expectTypeOf(useConversationIds({ status: 'open' })).toEqualTypeOf<readonly string[]>();
  expectTypeOf(useMessage('id')).toEqualTypeOf<LiveChatMessage | undefined>();
  expectTypeOf(useMessageIds('id')).toEqualTypeOf<readonly string[]>();
  expectTypeOf(useUnreadCount()).toEqualTypeOf<number>();
  expectTypeOf(useDraft).toEqualTypeOf(hooks.useDraft);
  expectTypeOf(useLiveChatActions).toEqualTypeOf(hooks.useLiveChatActions);
  expectTypeOf(useLiveChat).toEqualTypeOf(hooks.useLiveChat);
});
