import type * as wire from './schema.js';
import type { LiveChatError } from './problem.js';

/** The person in the funnel. Live: a change of name or presence arrives as a new conversation object. */
export interface LiveChatUser extends Omit<wire.LiveChatUser, 'lastSeen'> {
  readonly lastSeen?: Date;
}

/**
 * Where a message of this client stands. `queued`: waiting for its turn (or behind a failed one); `sending`: on its
 * way, repeated until answered; `sent`: stored by the server; `read`: the other side's read mark has passed it;
 * `failed`: refused, `error` says why; it stays until `retry` or `discard` and holds back those behind it.
 * Messages that others wrote are `sent` or `read`.
 */
export type MessageState = 'queued' | 'sending' | 'sent' | 'read' | 'failed';

/** One message. Replaced, never mutated. Its id is the same from queued to sent: use it as the React key. */
export interface LiveChatMessage
  extends Omit<wire.LiveChatMessage, 'timestamp' | 'editedAt' | 'deletedAt' | 'seq'> {
  /** Place in its conversation, from 1, without holes. 0 until the server has numbered it. */
  readonly seq: number;
  /** The server's time; until it is stored, this device's. For display only: order is the order of the thread's ids. */
  readonly timestamp: Date;
  readonly editedAt?: Date;
  readonly deletedAt?: Date;
  readonly state: MessageState;
  /** Why the last attempt was refused. Only with `failed`. */
  readonly error?: LiveChatError;
}

/** A conversation without its messages: those are `chat.messages(id)`. Replaced, never mutated. */
export interface LiveChatConversation
  extends Omit<
    wire.LiveChatConversation,
    | 'user' | 'messages' | 'labels'
    | 'startedAt' | 'lastMessageAt' | 'createdAt' | 'updatedAt'
    | 'autoCloseAt' | 'closedAt' | 'archivedAt' | 'deleteAt' | 'eraseMarkedAt' | 'snoozedUntil'
  > {
  readonly user: LiveChatUser;
  readonly isArchived: boolean;
  /** Empty in a visitor's view. */
  readonly labels: readonly string[];
  readonly startedAt: Date;
  readonly lastMessageAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly autoCloseAt?: Date;
  readonly closedAt?: Date;
  readonly archivedAt?: Date;
  /** Agents: when the archive lets go of it; 24 h of running time before, it is marked. */
  readonly deleteAt?: Date;
  /** Agents: marked for erasure, which waits for 24 h of the server's running time. */
  readonly eraseMarkedAt?: Date;
  readonly snoozedUntil?: Date;
}

/** What agents tell one another about a conversation. Replaced, never mutated. */
export interface Note extends Omit<wire.Note, 'at' | 'deletedAt'> {
  readonly at: Date;
  readonly deletedAt?: Date;
  /** 0 until the server has it. */
  readonly version: number;
}

/** Who this client speaks as. */
export interface Me extends Omit<wire.Me, 'expiresAt'> {
  readonly expiresAt?: Date;
}

/** One question of a funnel. */
export interface FunnelBlock extends wire.FunnelBlock {
  /** Empty when anything may be said. */
  options: wire.FunnelOption[];
}

/** A funnel as it is walked: to show its greeting before anything is stored. */
export interface Funnel extends Omit<wire.Funnel, 'blocks'> {
  readonly blocks: Readonly<Record<string, FunnelBlock>>;
}

/** A person writing right now. Goes away by itself. */
export interface Typist {
  readonly kind: wire.Author['kind'];
  readonly id?: string;
  readonly name?: string;
}
