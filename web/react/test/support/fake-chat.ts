import { LiveChatError } from '@parlor/client';
import type { Connection, ConversationFilters, LiveChat, LiveChatConversation, LiveChatMessage, Me, Note } from '@parlor/client';
import type { ListState, ThreadState } from '../../src/hooks/narrow.ts';

type Listener = () => void;

/** A value a test sets by hand. */
class Cell<T> {
  readonly #listeners = new Set<Listener>();
  #value: T;
  constructor(value: T) {
    this.#value = value;
  }
  get = () => this.#value;
  set = (value: T) => {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  };
  subscribe = (listener: Listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  get followers() {
    return this.#listeners.size;
  }
}

class Cells<T> {
  readonly #cells = new Map<string, Cell<T>>();
  readonly #first: () => T;
  constructor(first: () => T) {
    this.#first = first;
  }
  at(key: string): Cell<T> {
    let cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, (cell = new Cell(this.#first())));
    return cell;
  }
}

const noList: ListState = {
  ids: [], total: 0, totalIsCapped: false, hasMore: false, isLoading: true, isLoadingMore: false, isLoaded: false,
};
const noThread: ThreadState = {
  ids: [], hasOlder: false, hasNewer: false, isLoading: true, isLoadingOlder: false, isLoadingNewer: false, isLoaded: false,
};

const keyOf = (filters: ConversationFilters = {}) => JSON.stringify(filters, ['archived', 'assignee', 'funnelId', 'handler', 'label', 'search', 'sortBy', 'status', 'unread']);
const when = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute));

export function aConversation(id: string, change: Partial<LiveChatConversation> = {}): LiveChatConversation {
  return {
    id, userId: `user-${id}`, user: { id: `user-${id}`, name: `Visitor ${id}`, isOnline: false },
    funnelId: 'demo', funnelName: 'Demo', status: 'open', startedAt: when(0), lastMessageAt: when(1), lastMessage: `Last of ${id}`,
    messageCount: 2, isArchived: false, createdAt: when(0), updatedAt: when(1), handler: 'bot', unreadCount: 0,
    userLastReadSeq: 0, agentLastReadSeq: 2, labels: [], channel: 'web', inboxId: 'default', version: 1, ...change,
  };
}

export function aMessage(id: string, change: Partial<LiveChatMessage> = {}): LiveChatMessage {
  return {
    id, conversationId: 'c1', type: 'user', text: `Text of ${id}`, timestamp: when(1), isRead: true, seq: 1,
    author: { kind: 'user', name: 'Mia' }, version: 1, state: 'sent', ...change,
  };
}

export function aNote(id: string, change: Partial<Note> = {}): Note {
  return { id, conversationId: 'c1', afterSeq: 1, author: { kind: 'agent', id: 'ben', name: 'Ben' }, text: `Note ${id}`, at: when(1), version: 1, ...change };
}

export const anError = (code: ConstructorParameters<typeof LiveChatError>[0]['code'], title: string) => new LiveChatError({ code, status: 422, title });

/** A client whose state the test writes and whose calls it reads. No timers, no network. */
export function fakeChat() {
  const conversations = new Cells<LiveChatConversation | undefined>(() => undefined);
  const stored = new Cells<LiveChatMessage | undefined>(() => undefined);
  const lists = new Cells<ListState>(() => noList);
  const threads = new Cells<ThreadState>(() => noThread);
  const drafts = new Cells<string>(() => '');
  const typing = new Cells<readonly { kind: 'user' | 'agent' | 'bot' | 'system'; name?: string }[]>(() => []);
  const continuations = new Cells<string | undefined>(() => undefined);
  const connection = new Cell<Connection>({ phase: 'live', since: when(0), attempt: 0, queued: 0, unsaved: 0 });
  const me = new Cell<Me | undefined>({ workspace: { id: 'w', name: 'demo' }, role: 'agent', sub: 'ada', name: 'Ada' });
  const lastError = new Cell<LiveChatError | undefined>(undefined);
  const notes = new Cells<readonly Note[]>(() => []);
  const changes = new Cells<number>(() => 0);
  /** What `request` answers, by method and path. */
  const answers = new Map<string, unknown>();
  const calls: (readonly [name: string, ...args: unknown[]])[] = [];
  const did = <T>(answer: T, name: string, ...args: unknown[]): T => {
    calls.push([name, ...args]);
    return answer;
  };
  const row = (id: string) => conversations.at(id).get() ?? aConversation(id);
  let opened = 0;
  let sent = 0;

  const chat: LiveChat = {
    start: () => did(undefined, 'start'),
    stop: () => did(undefined, 'stop'),
    connection, me, lastError,
    clearError: () => lastError.set(undefined),
    conversation: (id) => conversations.at(id),
    message: (id) => stored.at(id),
    list: (filters) => lists.at(keyOf(filters)),
    messages: (id) => threads.at(id),
    notes: (id) => notes.at(id),
    typing: (id) => typing.at(id),
    draft: (id) => drafts.at(id),
    continuation: (id) => continuations.at(id),
    open(id) {
      opened += 1;
      calls.push(['open', id]);
      return () => void (opened -= 1);
    },
    prefetch: (id) => did(undefined, 'prefetch', id),
    refresh: async (filters) => did(undefined, 'refresh', filters),
    reload: async (id) => did(undefined, 'reload', id),
    loadMore: async (filters) => did(undefined, 'loadMore', filters),
    loadOlder: async (id) => did(undefined, 'loadOlder', id),
    loadNewer: async (id) => did(undefined, 'loadNewer', id),
    openAt: async (id, seq) => did(undefined, 'openAt', id, seq),
    loadNewest: async (id) => did(undefined, 'loadNewest', id),
    setRefreshInterval: (ms) => did(undefined, 'setRefreshInterval', ms),
    send(id, message) {
      calls.push(['send', id, message]);
      sent += 1;
      const mine = aMessage(`sent-${sent}`, {
        conversationId: id, type: 'bot', text: message.text, seq: 0, state: 'sending', author: { kind: 'agent', id: 'ada', name: 'Ada' },
      });
      put(mine);
      drafts.at(id).set('');
      return mine;
    },
    retry: (id) => did(undefined, 'retry', id),
    discard: (id) => did(undefined, 'discard', id),
    startConversation: () => ({ id: 'new', messageId: 'm', accepted: Promise.resolve(row('new')) }),
    setDraft: (id, text) => drafts.at(id).set(text),
    setTyping: (id, isTyping) => did(undefined, 'setTyping', id, isTyping),
    markRead: (id) => did(undefined, 'markRead', id),
    markUnread: (id, seq) => did(undefined, 'markUnread', id, seq),
    update: async (id, change) => did(row(id), 'update', id, change),
    updateMany: async (ids, change) => did({ conversations: ids.map(row), failed: [] }, 'updateMany', ids, change),
    addNote: async (id, text) => did(aNote('note', { conversationId: id, text }), 'addNote', id, text),
    deleteNote: async (id, note) => did(undefined, 'deleteNote', id, note),
    take: async (id, from) => did(row(id), 'take', id, from),
    giveBack: async (id) => did(row(id), 'giveBack', id),
    transcript: async (id, options) => did(new Blob(['transcript']), 'transcript', id, options),
    request: async <T>(method: string, path: string, body?: unknown) => did(answers.get(`${method} ${path}`) as T, 'request', method, path, body),
    changes: (what) => changes.at(what),
    funnel: async (id) => ({ id, name: 'Demo', startBlockId: 'start', stages: [], blocks: {} }),
    wipe: async () => undefined,
  };

  /** Stores a message and appends it to its thread, as an event would. */
  function put(message: LiveChatMessage) {
    const thread = threads.at(message.conversationId);
    const { ids } = thread.get();
    stored.at(message.id).set(message);
    if (!ids.includes(message.id)) thread.set({ ...thread.get(), ids: [...ids, message.id] });
  }

  return {
    chat, calls, put, conversations, stored, lists, threads, notes, changes, answers, drafts, typing, connection, me, lastError,
    get opened() {
      return opened;
    },
    called: (name: string) => calls.filter(([each]) => each === name),
    showList(filters: ConversationFilters, rows: readonly LiveChatConversation[], change: Partial<ListState> = {}) {
      for (const each of rows) conversations.at(each.id).set(each);
      lists.at(keyOf(filters)).set({ ...noList, isLoading: false, isLoaded: true, ids: rows.map((each) => each.id), total: rows.length, ...change });
    },
    /** Another order of rows that are there. */
    showIds(filters: ConversationFilters, ids: readonly string[]) {
      const list = lists.at(keyOf(filters));
      list.set({ ...list.get(), ids });
    },
    showThread(id: string, messages: readonly LiveChatMessage[], change: Partial<ThreadState> = {}) {
      for (const each of messages) stored.at(each.id).set(each);
      threads.at(id).set({ ...noThread, isLoading: false, isLoaded: true, ids: messages.map((each) => each.id), ...change });
    },
  };
}

export type FakeChat = ReturnType<typeof fakeChat>;
/** The list every test begins with: what the inbox shows at first. */
export const openFilters: ConversationFilters = { status: 'open', archived: false, sortBy: 'newest' };
