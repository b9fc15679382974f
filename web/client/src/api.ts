import type { ChatLocks } from './outbox/locks.js';
import type { ChatChannel } from './outbox/shelf.js';
import type { ChatStorage } from './outbox/storage.js';
import type { ConversationFilters } from './protocol/filters.js';
import type { Funnel, LiveChatConversation, LiveChatMessage, Me, Note, Typist } from './protocol/model.js';
import type { LiveChatError } from './protocol/problem.js';
import type { Readable } from './store/store.js';
import type { ListState } from './sync/list.js';
import type { ThreadState } from './sync/thread.js';
import type { Clock } from './transport/clock.js';
import type { SocketFactory } from './transport/socket.js';
import type {
  ConversationStatus, DeskList, Handler, MessageMetadata, MessageOption, MessageType, Metadata, StartConversationUser,
} from './protocol/schema.js';

export interface LiveChatOptions {
  /** Where the server is, without the API path: `https://chat.example.com`. Default: the page's own origin. */
  url?: string;
  /**
   * A token for this user. Asked once per connection and again after the server refused one.
   * Leave it out where a cookie signs the page in (the console).
   */
  token?: () => string | Promise<string>;
  /**
   * Where unsent messages and drafts are kept, each person's apart. Default: IndexedDB, shared by all tabs; where there is
   * none, memory.
   */
  storage?: ChatStorage;
  /** Tells the tabs that share the storage of one another's changes. Default: `BroadcastChannel`, with the default storage. */
  broadcast?: (name: string) => ChatChannel;
  /** Lets one tab at a time send for a conversation. Default: `navigator.locks`; where there are none, rows in the storage. */
  locks?: ChatLocks;
  /** Conversations per page, 1 to 100. Default 50. */
  pageSize?: number;
  /**
   * How often lists and open threads are fetched while neither a socket nor a long poll can be had (an old server), in
   * milliseconds. 0: never. Default 30000. Change it later with `setRefreshInterval`.
   */
  refreshInterval?: number;
  clock?: Clock;
  fetch?: typeof fetch;
  WebSocket?: SocketFactory;
  /** Runs `flush` at the next moment fit for painting. Default: the next animation frame. */
  schedule?: (flush: () => void) => void;
  /** Evenly spread in [0, 1). For ids and jitter. Default: the platform's secure generator. */
  random?: () => number;
  /** Calls `wake` whenever a new attempt is worth it. Default: `online`, `pageshow`, and the page becoming visible. */
  onWake?: (wake: () => void) => () => void;
  /** Calls `hide` when the page may never run again: drafts are written down. Default: `pagehide`, and the page going behind. */
  onHide?: (hide: () => void) => () => void;
}

export type ConnectionPhase =
  /** Reaching for the server; nothing known to be wrong yet. */
  | 'connecting'
  /** Connected; what happened meanwhile is being applied. */
  | 'catching-up'
  /** Everything shown is current and changes arrive by themselves. */
  | 'live'
  /** No socket, but the server answers: current within a second all the same, or, with `refreshMs`, within that. */
  | 'polling'
  /** The server does not answer, or this client may not connect (see `lastError`). */
  | 'offline';

export interface Connection {
  readonly phase: ConnectionPhase;
  /** When this phase began. A banner waits for 2 s of it. */
  readonly since: Date;
  /** Attempts since the last healthy connection. */
  readonly attempt: number;
  /** Messages not yet stored by the server, the failed ones included. */
  readonly queued: number;
  /** How many of them live in memory only, because the storage is full or fails: they are lost with the page. */
  readonly unsaved: number;
  /** There is not even a long poll: everything is fetched again this often. 0: never. */
  readonly refreshMs?: number;
}

export interface OutgoingMessage {
  text: string;
  /** Default: `user` for a visitor, `bot` (every answer of our side) for everybody else. */
  type?: MessageType;
  metadata?: MessageMetadata;
  /** The quick reply that was chosen; `text` is then its wording. */
  optionId?: string;
  options?: MessageOption[];
  /** Agents: `false` refuses to reopen a closed conversation, `true` also takes it out of the archive. */
  reopen?: boolean;
  /** Refused with `held-by-another` unless the holder is this agent's id, `bot` or `queue`. */
  ifHolder?: string;
}

export interface ConversationChange {
  status?: ConversationStatus;
  isArchived?: boolean;
  handler?: Handler;
  assigneeId?: string;
  /** All of them from now on, whatever others put on meanwhile. */
  labels?: string[];
  /** Beside what is there; not together with `labels`. */
  addLabels?: string[];
  removeLabels?: string[];
  /** `null` ends a snooze. */
  snoozedUntil?: Date | null;
  hold?: boolean;
  /** `null` clears it. */
  metadata?: Metadata | null;
  /** Refused with `conversation-changed` unless the stored row has these values. */
  if?: { status?: ConversationStatus; handler?: Handler; assigneeId?: string };
}

/** What became of a change of many conversations. */
export interface ManyChanged {
  /** As stored. */
  readonly conversations: readonly LiveChatConversation[];
  /** Those that are as before, and why. */
  readonly failed: readonly { readonly id: string; readonly error: LiveChatError }[];
}

export interface NewConversation {
  funnelId: string;
  /** What the user says; with `optionId` the option's wording, shown until the server's own arrives. */
  text: string;
  /** The quick reply of the greeting that was chosen. */
  optionId?: string;
  /** What the user shows of themselves. Default: what their token says. */
  user?: StartConversationUser;
}

export interface StartedConversation {
  /** Chosen here, valid at once: its thread shows the queued message. */
  readonly id: string;
  readonly messageId: string;
  /**
   * The conversation as stored. Its id differs from `id` when the user already had an open one in this funnel: the
   * message went there. Repeated until stored; rejects with a `LiveChatError` when it is refused (the message is then
   * `failed` and may be retried) or discarded.
   */
  readonly accepted: Promise<LiveChatConversation>;
}

/** A live view of Parlor. See `createLiveChat`. */
export interface LiveChat {
  /** Connects. Calling it again changes nothing; after `stop` it continues where it was. */
  start(): void;
  /** Disconnects and stops all timers; what is loaded stays readable. */
  stop(): void;

  readonly connection: Readable<Connection>;
  readonly me: Readable<Me | undefined>;
  /** The last failed load or refused action. Gone with `clearError` or the next success of the same kind. */
  readonly lastError: Readable<LiveChatError | undefined>;
  clearError(): void;

  conversation(id: string): Readable<LiveChatConversation | undefined>;
  message(id: string): Readable<LiveChatMessage | undefined>;
  /** Subscribing loads the list and keeps it current; the last one to leave stops that. `get` alone loads nothing. */
  list(filters?: ConversationFilters): Readable<ListState>;
  /** The thread of a conversation. Loads nothing by itself: `open` does. */
  messages(conversationId: string): Readable<ThreadState>;
  /** Agents: the notes of the thread's loaded part, in order. A note stands behind message `afterSeq` (0: before all). */
  notes(conversationId: string): Readable<readonly Note[]>;
  /** Who is writing there, this client left out. */
  typing(conversationId: string): Readable<readonly Typist[]>;
  /** The unsent text of a conversation; empty when there is none. */
  draft(conversationId: string): Readable<string>;
  /** Where a message written into a closed conversation went, if it went elsewhere: follow it there. */
  continuation(conversationId: string): Readable<string | undefined>;

  /** Loads a thread and keeps it current until the returned function is called. Counted: call it once per place. */
  open(conversationId: string): () => void;
  /** Loads a thread's newest page if it is not here yet, without keeping it current. */
  prefetch(conversationId: string): void;
  /** Fetches a list again, showing what it has meanwhile. Resolves when done; failure is in the list's `error`. */
  refresh(filters?: ConversationFilters): Promise<void>;
  /** Fetches a thread's newest page again; failure is in its `error`. */
  reload(conversationId: string): Promise<void>;
  loadMore(filters?: ConversationFilters): Promise<void>;
  loadOlder(conversationId: string): Promise<void>;
  loadNewer(conversationId: string): Promise<void>;
  /**
   * Shows the page around message `seq` instead of what is loaded, unless it is loaded already; `loadOlder` and `loadNewer`
   * go on from there. Call it before `open` to load nothing else. Failure is in the thread's `error`.
   */
  openAt(conversationId: string, seq: number): Promise<void>;
  /** Lets go of what is loaded and shows the newest page. */
  loadNewest(conversationId: string): Promise<void>;
  /** See `refreshInterval`. */
  setRefreshInterval(ms: number): void;

  /** Queues a message and shows it at once. Never throws: refusal is state on the message. Clears the draft. */
  send(conversationId: string, message: OutgoingMessage): LiveChatMessage;
  /** Sends a failed message, and with it those behind it, again. */
  retry(messageId: string): void;
  /** Takes back a message that is not stored yet. One already on its way may still arrive. */
  discard(messageId: string): void;
  /** Visitors: starts a conversation with its first message. */
  startConversation(start: NewConversation): StartedConversation;
  setDraft(conversationId: string, text: string): void;
  /** Tells the others. Call it on every key press: at most one frame in 3 s goes out. */
  setTyping(conversationId: string, isTyping: boolean): void;
  /** This side has read up to `seq`, by default all there is. Never moves back. */
  markRead(conversationId: string, seq?: number): void;
  /** Agents: everything after `seq` counts as unread again. */
  markUnread(conversationId: string, seq: number): void;

  /** Shown at once, taken back when refused (then it rejects with a `LiveChatError`). Resolves with the stored row. */
  update(conversationId: string, change: ConversationChange): Promise<LiveChatConversation>;
  /** Agents: the same change of many. Shown at once, taken back for each that is refused. Never rejects: see `failed`. */
  updateMany(ids: readonly string[], change: ConversationChange): Promise<ManyChanged>;
  /** Agents: shown at once, taken back when refused (then it rejects with a `LiveChatError`). */
  addNote(conversationId: string, text: string): Promise<Note>;
  /** Its author, or an admin. */
  deleteNote(conversationId: string, noteId: string): Promise<void>;
  /** Agents: answer this conversation. `from`: only if that agent holds it. Rejects with `held-by-another`. */
  take(conversationId: string, from?: string): Promise<LiveChatConversation>;
  /** Agents: let it go, back to the queue. */
  giveBack(conversationId: string): Promise<LiveChatConversation>;
  /** The whole conversation as a file. Agents: with their notes if asked for. */
  transcript(conversationId: string, options: { format: 'text' | 'json'; notes?: boolean }): Promise<Blob>;
  /**
   * Anything else the server offers, with this client's token and errors: `request('GET', '/agents')`. The path is what
   * follows the API's base path. JSON lines come as the text they are.
   */
  request<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Rises whenever what agents share may have changed: the server said so, or a connection began. See `createDesk`. */
  changes(what: DeskList): Readable<number>;
  /** A funnel as it is now. Looking at it creates nothing. */
  funnel(id: string): Promise<Funnel>;

  /**
   * Stops and forgets everything: conversations, drafts, unsent messages, in every tab of this browser. For signing out.
   * Rejects when the storage could not be emptied.
   */
  wipe(): Promise<void>;
}
