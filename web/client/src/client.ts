import type { LiveChat, LiveChatOptions, Connection } from './api.js';
import { LIST_PAGE, REFRESH_INTERVAL_MS, WAKE_AT_MOST_EVERY_MS } from './limits.js';
import { createActions } from './live/actions.js';
import { createConnection } from './live/connection.js';
import { createLists } from './live/lists.js';
import { createDrafts } from './live/drafts.js';
import { createNotes } from './live/notes.js';
import { nextFrame, onPageHide, onPageWake, pageLocks, pageOrigin, pageSocket, pageStorage, secureRandom, type PageStorage } from './live/platform.js';
import { createSending } from './live/sending.js';
import { createState } from './live/state.js';
import { createThreads } from './live/threads.js';
import { createTopics } from './live/topics.js';
import { createTyping } from './live/typing.js';
import { createLeases } from './outbox/locks.js';
import { ownerOfMe, ownerOfToken, type Owner } from './outbox/owner.js';
import { createShelf } from './outbox/shelf.js';
import { decodeFunnel, decodeMe } from './protocol/decode.js';
import type { OkEvent, ServerEvent } from './protocol/events.js';
import { LiveChatError, trouble } from './protocol/problem.js';
import type * as wire from './protocol/schema.js';
import { createIds } from './protocol/uuid.js';
import { createStore } from './store/store.js';
import { systemClock } from './transport/clock.js';
import { createCredentials } from './transport/credentials.js';
import { createRest, unexpected } from './transport/rest.js';
import { createRetry } from './transport/retry.js';

export type * from './api.js';
export { createIndexedStorage, type IndexedStorageOptions } from './outbox/indexed.js';
export type { ChatLocks } from './outbox/locks.js';
export { createMemoryStorage } from './outbox/memory.js';
export type { ChatChannel } from './outbox/shelf.js';
export type { ChatStorage, RowKind, StorageChange, StoredRow } from './outbox/storage.js';
export type { ConversationFilters } from './protocol/filters.js';
export type {
  Funnel, FunnelBlock, LiveChatConversation, LiveChatMessage, LiveChatUser, Me, MessageState, Note, Typist,
} from './protocol/model.js';
export { LiveChatError, type ClientCode } from './protocol/problem.js';
export type {
  Assignee, Author, CloseReason, ConversationStatus, DeskList, FieldError, FunnelOption, Handler, Holder,
  MessageMetadata, MessageOption, MessageType, Metadata, ProblemCode, Role, SearchMatch, SortBy, StartConversationUser, SystemLine,
} from './protocol/schema.js';
export type { Readable } from './store/store.js';
export type { ListState } from './sync/list.js';
export type { ThreadState } from './sync/thread.js';
export type { Clock } from './transport/clock.js';

/**
 * A live chat that follows the server: load, subscribe, and what `get` returns stays what the server has, through
 * reconnects, restarts and lost answers. Does nothing until `start`.
 */
export function createLiveChat(options: LiveChatOptions = {}): LiveChat {
  const { clock = systemClock, random = secureRandom, pageSize = LIST_PAGE } = options;
  const url = (options.url ?? pageOrigin()).replace(/\/+$/, '');
  const store = createStore(options.schedule ?? nextFrame);
  const state = createState(store);
  const connections = store.family<Connection>({
    initial: { phase: 'connecting', since: new Date(clock.now()), attempt: 0, queued: 0, unsaved: 0 },
  });
  const changes = store.family<number>({ initial: 0 });
  const change = (what: string) => changes.set(what, changes.get(what) + 1);
  let storageError: LiveChatError | undefined;
  const page: PageStorage = options.storage ? { storage: options.storage } : pageStorage();
  const shelf = createShelf({
    ...page, url, clock,
    broadcast: options.broadcast ?? page.broadcast,
    told(error) {
      state.recovered(storageError);
      storageError = error;
      if (error) state.fail(error);
    },
  });
  let kid: string | undefined;
  let generation = 0;
  const credentials = createCredentials(options.token, clock, (token) => {
    const claimed = ownerOfToken(url, token);
    kid = claimed?.kid;
    if (claimed && claimed.key !== shelf.owner?.key) own(claimed);
  });
  const rest = createRest({
    url, clock, credentials,
    generation: () => generation,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  });

  const topics = createTopics(clock, random, () => connection.settle());
  const lists = createLists({ store, state, rest, topics, clock, random, pageSize });
  const socket = () => connection.socket();
  const drafts = createDrafts(state, shelf, clock, random);
  const sending = createSending({
    state, drafts, rest, shelf, clock, random, socket,
    locks: options.locks ?? pageLocks() ?? createLeases(page.storage, clock, createIds(clock.now, random).next()),
    // A token says who asks; a cookie may have become somebody else's in another tab.
    async identify() {
      if (!options.token && !recognise(await rest.getMe())) throw unexpected(0);
    },
    // Before the server has said who this is: only users come with a token and no cookie, as a rule.
    ownType: () => ((state.me.get('')?.role ?? (options.token ? 'visitor' : 'agent')) === 'visitor' ? 'user' : 'bot'),
    born: (id) => threads.follow(id),
    counted: (queued, unsaved) => connection.counted(queued, unsaved),
  });
  const threads = createThreads({ state, rest, topics, clock, isUnborn: sending.isUnborn });
  const typing = createTyping(state, clock, socket);
  const actions = createActions(state, rest, socket, store.flush, (run) => createRetry(clock, random, run));
  const notes = createNotes(state, rest, clock, random, store.flush);

  /** From now on this client is `owner`'s; called when that changes. What was here is another's, if the server had said whose. */
  function own(owner: Owner): void {
    const isRekeyed = shelf.owner?.key === owner.key && shelf.owner.kid !== owner.kid;
    if (shelf.owner?.workspace !== undefined) {
      const wasRunning = stopWaking !== undefined;
      forget();
      shelf.own(owner);
      if (wasRunning) begin();
    }
    shelf.own(owner);
    sending.owned(isRekeyed);
    void drafts.load();
  }

  /** The server's word for who this is. Answers whether it is still the same person: if not, everything begins anew. */
  function recognise(me: wire.Me): boolean {
    const before = generation;
    const owner = ownerOfMe(url, me, kid);
    if (owner.key !== shelf.owner?.key || owner.workspace !== shelf.owner.workspace) own(owner);
    state.me.set('', decodeMe(me));
    return generation === before;
  }

  function receive(event: Exclude<ServerEvent, OkEvent>): void {
    switch (event.event) {
      case 'message':
      case 'conversation':
      case 'note':
      case 'deleted':
        return topics.receive(event);
      case 'typing':
        return typing.receive(event);
      case 'changed':
        return change(event.what);
      case 'presence':
        return state.setPresence(event.userId, event.isOnline, event.lastSeen);
      case 'reset':
        return topics.restart(event.topic);
      case 'heartbeat':
        return topics.compare(event.heads);
      case 'error':
        // Without a ref nobody waits for it.
        return state.fail(new LiveChatError(event.problem));
    }
  }

  const connection = createConnection({
    url, clock, random, credentials, rest,
    WebSocket: options.WebSocket ?? pageSocket(),
    refreshInterval: options.refreshInterval ?? REFRESH_INTERVAL_MS,
    publish: (current) => connections.set('', current),
    ready(me, to) {
      if (me && !recognise(me)) return;
      topics.connected(to);
      lists.wake();
      sending.wake();
      actions.wake();
      for (const what of changes.watched()) change(what);
    },
    lost: topics.disconnected,
    receive,
    failed: state.fail,
    async identify() {
      if (!state.me.get('')) recognise(await rest.getMe());
    },
    async poll() {
      await Promise.all([lists.refreshAll(), threads.refreshAll()]);
      sending.wake();
      actions.wake();
    },
    isSettled: topics.isSettled,
  });

  let cancelWaking: (() => void) | undefined;
  let isWokenAgain = false;
  function wake(): void {
    isWokenAgain = cancelWaking !== undefined;
    if (isWokenAgain) return;
    cancelWaking = clock.after(WAKE_AT_MOST_EVERY_MS, () => {
      cancelWaking = undefined;
      if (isWokenAgain) wake();
    });
    connection.wake();
    topics.probe();
    topics.wake();
    lists.wake();
    sending.wake();
    void drafts.load();
  }

  /** Own doing is on the screen before the call returns. */
  function now<Args extends unknown[], T>(act: (...args: Args) => T): (...args: Args) => T {
    return (...args) => {
      const result = act(...args);
      store.flush();
      return result;
    };
  }

  /** What was loaded can be read once whoever waits for it goes on, and not only with the next frame. */
  function shown<Args extends unknown[]>(load: (...args: Args) => Promise<void>): (...args: Args) => Promise<void> {
    return async (...args) => {
      await load(...args);
      store.flush();
    };
  }

  let stopWaking: (() => void) | undefined;
  function stop(): void {
    stopWaking?.();
    stopWaking = undefined;
    cancelWaking?.();
    cancelWaking = undefined;
    connection.stop();
    actions.stop();
    topics.stop();
    lists.stop();
    threads.stop();
    sending.stop();
    typing.stop();
    drafts.stop();
    shelf.stop();
  }

  function begin(): void {
    if (stopWaking) return;
    state.open();
    const stops = [(options.onWake ?? onPageWake)(wake), (options.onHide ?? onPageHide)(drafts.save)];
    stopWaking = () => stops.forEach((stopOne) => stopOne());
    shelf.start();
    connection.start();
    lists.start();
    threads.start();
    sending.begin();
    drafts.start();
  }

  /** Stops and lets go of everything here; what is in the storage stays. */
  function forget(): void {
    drafts.forget();
    stop();
    generation += 1;
    topics.clear();
    lists.wipe();
    actions.clear();
    state.wipe();
    sending.forget();
    shelf.own(undefined);
  }

  shelf.onNews(({ isWiped }) => {
    if (!isWiped) return;
    // What this tab was just writing down goes too.
    shelf.clear().catch(() => {});
    forget();
    const title = 'You signed out in another tab.';
    state.fail(trouble('unauthenticated', title, 401));
  });

  return {
    start: begin,
    stop,
    connection: connections.readable(''),
    me: state.me.readable(''),
    lastError: state.lastError.readable(''),
    clearError: now(() => state.fail(undefined)),
    conversation: state.conversations.readable,
    message: state.messages.readable,
    list: lists.readable,
    messages: state.threads.readable,
    notes: state.notes.readable,
    typing: state.typing.readable,
    draft: state.drafts.readable,
    continuation: state.continuations.readable,
    open: threads.open,
    prefetch: threads.prefetch,
    refresh: lists.refresh,
    reload: threads.reload,
    loadMore: lists.loadMore,
    loadOlder: shown(threads.loadOlder),
    loadNewer: shown(threads.loadNewer),
    openAt: shown(threads.openAt),
    loadNewest: shown(threads.loadNewest),
    setRefreshInterval: connection.setRefreshInterval,
    send: now((id, message) => {
      void threads.loadNewest(id);
      typing.tell(id, false);
      return sending.send(id, message);
    }),
    retry: now(sending.retry),
    discard: now(sending.discard),
    startConversation: now(sending.start),
    setDraft: now(drafts.set),
    setTyping: typing.tell,
    markRead: actions.markRead,
    markUnread: (id, seq) => void actions.markUnread(id, seq),
    update: actions.update,
    updateMany: actions.updateMany,
    addNote: notes.add,
    deleteNote: notes.remove,
    take: actions.take,
    giveBack: actions.giveBack,
    async transcript(id, { format, notes: withNotes = false }) {
      const text = await rest.getText(`/conversations/${encodeURIComponent(id)}/transcript?format=${format}&notes=${withNotes}`);
      return new Blob([text], { type: format === 'json' ? 'application/json' : 'text/plain' });
    },
    request: rest.request,
    changes: changes.readable,
    funnel: async (id) => decodeFunnel(await rest.getFunnel(id)),
    async wipe() {
      shelf.post({ isWiped: true });
      const cleared = shelf.clear();
      forget();
      store.flush();
      await cleared;
    },
  };
}
