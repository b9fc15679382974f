import type { PostMessage, PostMessageAnswer, StartConversation, StartConversationAnswer } from '../protocol/schema.js';

/** What waits for the server. Its id is the message's, chosen here, so a repeat is recognised as one. */
export interface OutboxEntry {
  /** A UUID of version 7, greater than those of all entries before: the entries of a conversation go out in this order. */
  readonly id: string;
  readonly conversationId: string;
  /** Milliseconds since 1970 on this device. */
  readonly queuedAt: number;
  /** What is shown while it waits. */
  readonly text: string;
  /** Said before anybody knew who this is: its type is settled when it goes out. */
  readonly isTypeGuessed?: boolean;
  readonly request:
    | { readonly kind: 'message'; readonly body: PostMessage & { id: string } }
    | { readonly kind: 'start'; readonly body: StartConversation & { id: string; messageId: string } };
  /** Set when the server refused it: it stays, and those behind it wait, until it is retried or discarded. */
  readonly refusal?: { readonly code: string; readonly status: number; readonly title: string };
}

/** What the server answers once it has stored an entry. */
export type Stored = PostMessageAnswer | StartConversationAnswer;
