import type { PostMessage, StartConversation } from '../protocol/schema.js';

/** What waits for the server. Its id is the message's, chosen here, so a repeat is recognised as one. */
export interface OutboxEntry {
  readonly id: string;
  readonly conversationId: string;
  /** Milliseconds since 1970 on this device; the order of a conversation's entries is the order they were put in. */
  readonly queuedAt: number;
  /** What is shown while it waits. */
  readonly text: string;
  readonly request:
    | { readonly kind: 'message'; readonly body: PostMessage & { id: string } }
    | { readonly kind: 'start'; readonly body: StartConversation & { id: string; messageId: string } };
  /** Set when the server refused it: it stays, and those behind it wait, until it is retried or discarded. */
  readonly refusal?: { readonly code: string; readonly status: number; readonly title: string };
}

/**
 * Where unsent messages wait. Asynchronous, so that it may be a database shared by several tabs.
 * An entry is removed only after the server has stored it, or when it is discarded.
 */
export interface Outbox {
  /** Everything waiting, in the order it was first put. */
  load(): Promise<OutboxEntry[]>;
  /** Adds an entry at the end, or replaces the one with its id in place. */
  put(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes everything. */
  clear(): Promise<void>;
  /**
   * Runs `work` while nobody else, in any tab, sends for this conversation; whoever comes second waits, then finds
   * what is left. Rejects as `work` does.
   */
  exclusive<T>(conversationId: string, work: () => Promise<T>): Promise<T>;
}
