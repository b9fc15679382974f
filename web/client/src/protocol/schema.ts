// The shapes on the wire, under their names in openapi.json, from which they are generated (`npm run generate`).
// Everything else imports them from here. Times are RFC 3339 text, optional fields are absent, never null.

export type {
  Agent, Assignee, Attachment, Author, BulkFailure, CannedAnswer, CloseReason, ConversationAnswer, ConversationList, ConversationStatus,
  FieldError, Funnel, FunnelBlock, FunnelItem, FunnelOption, FunnelStage, Handler, Holder, LiveChatConversation, LiveChatMessage,
  LiveChatUser, Me, MessageList, MessageMetadata, MessageOption, MessageType, Note, NoteAnswer, PatchConversations, PostMessage,
  PostMessageAnswer, Problem, ProblemCode, Role, SavedView, SearchMatch, SortBy, StartConversation, StartConversationAnswer,
  StartConversationUser, SystemLine, ViewFilters,
} from './generated/types.gen.js';

/** Free data of the host: JSON, at most 4 KiB. */
export type Metadata = Record<string, unknown>;

import type { DeskList as GeneratedDeskList } from './generated/types.gen.js';
import type { PartialPolicy, Policy } from './lifecycle.js';

export type DeskList = GeneratedDeskList | 'settings';

export interface ClockState {
  runningS: number;
  isPaused: boolean;
  pausedAt?: string;
  disagreementS?: number;
}
export interface Settings {
  version: number;
  inboxes: { default: Policy };
  funnels: Record<string, PartialPolicy>;
  redating?: { done: number; total?: number };
  clock: ClockState;
}
export interface SettingsPreview {
  from: string;
  to: string;
  conversations: number;
  isCapped: boolean;
  closes: number;
  closesWaiting: number;
  closesNow: number;
  archives: number;
  deletes: number;
}
export type DeleteReason = 'admin' | 'user_erased' | 'retention';
export interface Deletion {
  seq: number;
  conversationId: string;
  reason: DeleteReason;
  actor?: string;
  messages: number;
  deletedAt: string;
}
export interface ErasureCount {
  conversations: number;
  messages: number;
  notes: number;
}
