import type { LiveChat, LiveChatOptions, Connection } from './api.js';
import { LIST_PAGE, REFRESH_INTERVAL_MS } from './limits.js';
import { createActions } from './live/actions.js';
import { createConnection } from './live/connection.js';
import { createLists } from './live/lists.js';
import { nextFrame, onPageWake, pageOrigin, secureRandom } from './live/platform.js';
import { createSending } from './live/sending.js';
import { createState } from './live/state.js';
import { createThreads } from './live/threads.js';
import { createTopics } from './live/topics.js';
import { createTyping } from './live/typing.js';
import { createMemoryOutbox } from './outbox/memory.js';
import { decodeFunnel, decodeMe } from './protocol/decode.js';
import type { OkEvent, ServerEvent } from './protocol/events.js';
import { createStore } from './store/store.js';
import { systemClock } from './transport/clock.js';
import { createCredentials } from './transport/credentials.js';
import { createRest } from './transport/rest.js';

export type * from './api.js';
export { createMemoryOutbox } from './outbox/memory.js';
export type { Outbox, OutboxEntry } from './outbox/outbox.js';
export type { ConversationFilters } from './protocol/filters.js';
export type {
  Funnel, FunnelBlock, LiveChatConversation, LiveChatMessage, LiveChatUser, Me, MessageState, Typist,
} from './protocol/model.js';
export { LiveChatError, type ClientCode } from './protocol/problem.js';
export type {
  Assignee, Author, CloseReason, ConversationStatus, FieldError, FunnelOption, Handler, Holder,
  MessageMetadata, MessageOption, MessageType, Metadata, ProblemCode, Role, SortBy, StartConversationUser, SystemLine,
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
    initial: { phase: 'connecting', since: new Date(clock.now()), attempt: 0, queued: 0 },
  });
  const credentials = createCredentials(options.token);
  const rest = createRest({
    url, clock, credentials,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  });

  const topics = createTopics(clock, random, () => connection.settle());
  const lists = createLists({ store, state, rest, topics, clock, random, pageSize });
  const socket = () => connection.socket();
  const sending = createSending({
    state, rest, clock, random, socket,
    outbox: options.outbox ?? createMemoryOutbox(),
    // Before the server has said who this is: only users come with a token and no cookie, as a rule.
    ownType: () => ((state.me.get('')?.role ?? (options.token ? 'visitor' : 'agent')) === 'visitor' ? 'user' : 'bot'),
    born: (id) => threads.follow(id),
    counted: (queued) => connection.counted(queued),
  });
  const threads = createThreads({ state, rest, topics, clock, isUnborn: sending.isUnborn });
  const typing = createTyping(state, clock, socket);
  const actions = createActions(state, rest, socket, store.flush);

  function receive(event: Exclude<ServerEvent, OkEvent>): void {
    switch (event.event) {
      case 'message':
      case 'conversation':
      case 'deleted':
        return topics.receive(event);
      case 'typing':
        return typing.receive(event);
      case 'presence':
        return state.setPresence(event.userId, event.isOnline, event.lastSeen);
      case 'reset':
        return topics.restart(event.topic);
      case 'heartbeat':
        return topics.compare(event.heads);
    }
  }

  const connection = createConnection({
    url, clock, random, credentials,
    WebSocket: options.WebSocket ?? WebSocket,
    refreshInterval: options.refreshInterval ?? REFRESH_INTERVAL_MS,
    publish: (current) => connections.set('', current),
    ready(me, to) {
      state.me.set('', decodeMe(me));
      topics.connected(to);
      lists.wake();
      sending.wake();
      actions.wake();
    },
    lost: topics.disconnected,
    receive,
    failed: (error) => state.lastError.set('', error),
    async poll() {
      if (!state.me.get('')) state.me.set('', decodeMe(await rest.getMe()));
      await Promise.all([lists.refreshAll(), threads.refreshAll()]);
      sending.wake();
      actions.wake();
    },
    isSettled: topics.isSettled,
  });

  function wake(): void {
    connection.wake();
    topics.wake();
    lists.wake();
    sending.wake();
  }

  /** Own doing is on the screen before the call returns. */
  function now<Args extends unknown[], T>(act: (...args: Args) => T): (...args: Args) => T {
    return (...args) => {
      const result = act(...args);
      store.flush();
      return result;
    };
  }

  let stopWaking: (() => void) | undefined;
  function stop(): void {
    stopWaking?.();
    stopWaking = undefined;
    connection.stop();
    topics.stop();
    lists.stop();
    threads.stop();
    sending.stop();
    typing.stop();
  }

  return {
    start() {
      if (stopWaking) return;
      state.open();
      stopWaking = (options.onWake ?? onPageWake)(wake);
      connection.start();
      lists.start();
      threads.start();
      void sending.startSending();
    },
    stop,
    connection: connections.readable(''),
    me: state.me.readable(''),
    lastError: state.lastError.readable(''),
    clearError: now(() => state.lastError.set('', undefined)),
    conversation: state.conversations.readable,
    message: state.messages.readable,
    list: lists.readable,
    messages: state.threads.readable,
    typing: state.typing.readable,
    draft: state.drafts.readable,
    continuation: state.continuations.readable,
    open: threads.open,
    prefetch: threads.prefetch,
    refresh: lists.refresh,
    reload: threads.reload,
    loadMore: lists.loadMore,
    loadOlder: threads.loadOlder,
    loadNewer: threads.loadNewer,
    loadNewest: threads.loadNewest,
    setRefreshInterval: connection.setRefreshInterval,
    send: now((id, message) => {
      void threads.loadNewest(id);
      typing.tell(id, false);
      return sending.send(id, message);
    }),
    retry: now(sending.retry),
    discard: now(sending.discard),
    startConversation: now(sending.start),
    setDraft: now((id, text) => state.drafts.set(id, text || undefined)),
    setTyping: typing.tell,
    markRead: actions.markRead,
    markUnread: (id, seq) => void actions.markUnread(id, seq),
    update: actions.update,
    take: actions.take,
    giveBack: actions.giveBack,
    funnel: async (id) => decodeFunnel(await rest.getFunnel(id)),
    async wipe() {
      stop();
      topics.clear();
      lists.wipe();
      actions.clear();
      state.wipe();
      await sending.clear();
      store.flush();
    },
  };
}
