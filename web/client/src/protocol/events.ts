import type { Author, DeskList, LiveChatConversation, LiveChatMessage, Me, Note, PostMessage, Problem } from './schema.js';

export type Topic = 'inbox' | `conversation:${string}`;
export type Ref = number;

/** Events of the durable stream: a group of them is one commit on one topic; its last one carries the cursor. */
export type StreamEvent = { topic: Topic; cursor?: string } & (
  | { event: 'message'; message: LiveChatMessage }
  | { event: 'note'; note: Note }
  | { event: 'conversation'; conversation: LiveChatConversation }
  | { event: 'deleted'; conversationId: string; reason?: string }
);

export interface OkEvent {
  event: 'ok';
  ref: Ref;
  cursor?: string;
  already?: boolean;
  /** With `send`, as `POST /messages` answers. */
  message?: LiveChatMessage;
  conversation?: LiveChatConversation;
}

export type ServerEvent =
  | StreamEvent
  | OkEvent
  | { event: 'ready'; heartbeatSeconds: number; me: Me }
  | { event: 'error'; ref?: Ref; problem: Problem }
  | { event: 'typing'; topic: Topic; conversationId: string; author: Author; isTyping: boolean }
  | { event: 'presence'; userId: string; isOnline: boolean; lastSeen?: string }
  | { event: 'reset'; topic: Topic }
  | { event: 'changed'; topic: 'inbox'; what: DeskList }
  | { event: 'heartbeat'; heads: Partial<Record<Topic, string>> }
  | { event: 'goaway'; reconnectInMs: number };

/** What a long poll answers: the socket's own groups, and where the topic stands after them. */
export interface ChangeList {
  groups: StreamEvent[][];
  cursor: string;
  reset: boolean;
}

export type ClientOp =
  | { op: 'auth'; token: string }
  | { op: 'subscribe'; topic: Topic; since?: string }
  | { op: 'unsubscribe'; topic: Topic }
  | { op: 'send'; message: PostMessage }
  | { op: 'read'; conversationId: string; seq: number }
  | { op: 'typing'; conversationId: string; isTyping: boolean };

/** The events of one frame: one object, or an array where several were queued. Throws on anything else. */
export function parseFrame(text: string): ServerEvent[] {
  const frame: unknown = JSON.parse(text);
  const events: unknown[] = Array.isArray(frame) ? frame : [frame];
  for (const event of events) {
    if (typeof event !== 'object' || event === null || !('event' in event)) throw new TypeError('not an event');
  }
  // What a known event holds is the server's word (openapi.json); unknown ones fall through every switch.
  return events as ServerEvent[];
}

export function conversationTopic(id: string): Topic {
  return `conversation:${id}`;
}
