import type { Connection, LiveChat, LiveChatConversation, LiveChatError, LiveChatMessage, Readable } from '@parlor/client';
import { listFilters, type Filters, type InboxStore } from '../inbox.ts';

export interface LiveChatFields {
  /** Loaded ones, in order. */
  conversations: readonly LiveChatConversation[];
  selectedConversationId: string | undefined;
  selectedConversation: LiveChatConversation | undefined;
  /** Of the selected conversation, oldest first, unsent ones last. */
  messages: readonly LiveChatMessage[];
  filters: Filters;
  /** As typed; `filters.searchQuery` follows when typing pauses. */
  searchQuery: string;
  /** True until the first answer for these filters. */
  isLoading: boolean;
  isLoadingMore: boolean;
  /** The last failed load or refused action. */
  error: LiveChatError | undefined;
  hasMore: boolean;
  hasOlder: boolean;
  connection: Connection;
  /** How many conversations match on the server. */
  total: number;
}

type Field = keyof LiveChatFields;

const listFields: readonly Field[] = ['conversations', 'isLoading', 'isLoadingMore', 'hasMore', 'total'];
const threadFields: readonly Field[] = ['messages', 'hasOlder'];

export interface LiveChatFieldsView {
  /** A new object whenever a field that was read has changed. Reading a field starts following it. */
  get(): LiveChatFields;
  subscribe(listener: () => void): () => void;
}

const isEqual = (a: unknown, b: unknown) =>
  Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => Object.is(each, b[i])));

const all = <T>(ids: readonly string[], read: (id: string) => Readable<T | undefined>) =>
  ids.map((id) => read(id).get()).filter((each) => each !== undefined);

type Readers = { [F in Field]: () => LiveChatFields[F] };

/** What is shown before it is known who `me` is. */
const noList = { ids: [], total: 0, hasMore: false, isLoaded: false, isLoadingMore: false, error: undefined };

function listOf(chat: LiveChat, inbox: InboxStore) {
  const { filters } = inbox.get();
  const me = chat.me.get()?.sub;
  return filters.assignee === 'me' && me === undefined ? undefined : chat.list(listFilters(filters, me));
}

/** How each field is read from the client. */
function readersOf(chat: LiveChat, inbox: InboxStore): Readers {
  const list = () => listOf(chat, inbox)?.get() ?? noList;
  const selected = () => inbox.get().selectedConversationId;
  const conversation = (id = selected()) => (id === undefined ? undefined : chat.conversation(id).get());
  const thread = (id = selected()) => (id === undefined ? undefined : chat.messages(id).get());
  return {
    conversations: () => all(list().ids, chat.conversation),
    selectedConversationId: selected,
    selectedConversation: () => conversation(),
    messages: () => all(thread()?.ids ?? [], chat.message),
    filters: () => inbox.get().filters,
    searchQuery: () => inbox.get().searchQuery,
    isLoading: () => !list().isLoaded && list().error === undefined,
    isLoadingMore: () => list().isLoadingMore,
    error: () => chat.lastError.get(),
    hasMore: () => list().hasMore,
    hasOlder: () => thread()?.hasOlder ?? false,
    connection: () => chat.connection.get(),
    total: () => list().total,
  };
}

/** What has to be subscribed to for the fields that are read. */
function sourcesOf(chat: LiveChat, inbox: InboxStore, tracked: ReadonlySet<Field>): Set<Readable<unknown>> {
  const sources = new Set<Readable<unknown>>([inbox]);
  const reads = (fields: readonly Field[]) => fields.some((field) => tracked.has(field));
  const { selectedConversationId: id } = inbox.get();
  const list = listOf(chat, inbox);
  if (reads(listFields)) sources.add(list ?? chat.me);
  if (tracked.has('conversations') && list) for (const each of list.get().ids) sources.add(chat.conversation(each));
  if (tracked.has('selectedConversation') && id !== undefined) sources.add(chat.conversation(id));
  if (reads(threadFields) && id !== undefined) {
    sources.add(chat.messages(id));
    if (tracked.has('messages')) for (const each of chat.messages(id).get().ids) sources.add(chat.message(each));
  }
  if (tracked.has('error')) sources.add(chat.lastError);
  if (tracked.has('connection')) sources.add(chat.connection);
  return sources;
}

/** The many readables of a client as one object that follows only what is read from it. */
export function createLiveChatView(chat: LiveChat, inbox: InboxStore): LiveChatFieldsView {
  const tracked = new Set<Field>();
  const values = new Map<Field, unknown>();
  const listeners = new Set<() => void>();
  const following = new Map<Readable<unknown>, () => void>();
  let opened: { id: string; close: () => void } | undefined;
  let isDue = false;

  const read = readersOf(chat, inbox);

  /** The last value while it is equal, so that arrays keep their identity. */
  function valueOf<F extends Field>(field: F): LiveChatFields[F] {
    const next = read[field]();
    if (values.has(field) && isEqual(values.get(field), next)) return values.get(field) as LiveChatFields[F];
    values.set(field, next);
    return next;
  }

  function follow() {
    const sources = listeners.size > 0 ? sourcesOf(chat, inbox, tracked) : new Set<Readable<unknown>>();
    for (const [source, stop] of following) {
      if (sources.has(source)) continue;
      following.delete(source);
      stop();
    }
    for (const source of sources) {
      if (!following.has(source)) following.set(source, source.subscribe(changed));
    }
    const id = listeners.size > 0 && threadFields.some((field) => tracked.has(field)) ? inbox.get().selectedConversationId : undefined;
    if (opened?.id === id) return;
    opened?.close();
    opened = id === undefined ? undefined : { id, close: chat.open(id) };
  }

  function changed() {
    follow();
    if (publish()) for (const listener of listeners) listener();
  }

  function publish(): boolean {
    const before = new Map(values);
    if (![...tracked].some((field) => !isEqual(before.get(field), valueOf(field)))) return false;
    current = snapshot();
    return true;
  }

  function track(field: Field) {
    if (tracked.has(field)) return;
    tracked.add(field);
    // Read while rendering: what to follow changes afterwards, once for all fields.
    if (isDue || listeners.size === 0) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      changed();
    });
  }

  function snapshot(): LiveChatFields {
    const fields = {} as LiveChatFields;
    for (const field of Object.keys(read) as Field[]) {
      Object.defineProperty(fields, field, {
        enumerable: true,
        get() {
          track(field);
          return valueOf(field);
        },
      });
    }
    return fields;
  }

  let current = snapshot();
  return {
    get: () => current,
    subscribe(listener) {
      listeners.add(listener);
      follow();
      publish();
      return () => {
        listeners.delete(listener);
        follow();
      };
    },
  };
}
