import type { LiveChat, LiveChatOptions } from './api.js';

export type * from './api.js';
export type { Outbox, OutboxEntry } from './outbox/outbox.js';
export type { ConversationFilters } from './protocol/filters.js';
export type { LiveChatConversation, LiveChatMessage, LiveChatUser, Me, MessageState, Typist } from './protocol/model.js';
export { LiveChatError, type ClientCode, type ProblemCode } from './protocol/problem.js';
export type {
  Assignee, Author, CloseReason, ConversationStatus, Funnel, FunnelBlock, FunnelOption, Handler, MessageMetadata,
  MessageOption, MessageType, Metadata, Role, SortBy, SystemLine,
} from './protocol/schema.js';

/**
 * A live chat that follows the server: load, subscribe, and what `get` returns stays what the server has, through
 * reconnects, restarts and lost answers. Does nothing until `start`.
 */
export declare function createLiveChat(options?: LiveChatOptions): LiveChat;
