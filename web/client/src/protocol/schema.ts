// The shapes on the wire, under their names in openapi.json, from which they are generated (`npm run generate`).
// Everything else imports them from here. Times are RFC 3339 text, optional fields are absent, never null.

import type * as generated from './generated/types.gen.js';

export type {
  Assignee, Attachment, Author, BulkFailure, CloseReason, ConversationAnswer, ConversationStatus, FieldError, Funnel,
  FunnelBlock, FunnelOption, FunnelStage, Handler, Holder, LiveChatConversation, LiveChatMessage, LiveChatUser, Me,
  MessageList, MessageMetadata, MessageOption, MessageType, Note, NoteAnswer, PatchConversations, PostMessage, PostMessageAnswer, Problem,
  ProblemCode, Role, SortBy, StartConversation, StartConversationAnswer, StartConversationUser, SystemLine,
} from './generated/types.gen.js';

/** Free data of the host: JSON, at most 4 KiB. */
export type Metadata = Record<string, unknown>;

// Until the server's side is in openapi.json these are written by hand.

/** Where a search found a conversation. */
export interface SearchMatch {
  messageId: string;
  seq: number;
  /** An excerpt of at most 200 characters around the first hit. */
  text: string;
  /** From and to of each hit, in UTF-16 units of `text`. */
  ranges: [from: number, to: number][];
}

export interface ConversationList extends generated.ConversationList {
  /** With `search`, by conversation: the newest message that matches. One found by its names only is not here. */
  matches?: Record<string, SearchMatch>;
}

/** What agents share, kept current by `changed`. */
export type DeskTopic = 'agents' | 'labels' | 'funnels' | 'cannedAnswers' | 'views';

export interface AgentName {
  id: string;
  name: string;
}

export interface FunnelName {
  id: string;
  name: string;
  version: number;
}

export interface CannedAnswer {
  id: string;
  shortcut: string;
  /** With variables like `{{user.firstName}}`, which whoever inserts it fills in. */
  text: string;
}

/** What a saved view shows. */
export interface ViewFilters {
  status?: generated.ConversationStatus | 'all';
  archived?: boolean | 'all';
  funnelId?: string;
  handler?: generated.Handler;
  /** An agent's id, or `me` for whoever looks. */
  assignee?: string;
  label?: string;
  unread?: boolean;
  sortBy?: generated.SortBy;
  search?: string;
}

export interface SavedView {
  id: string;
  name: string;
  /** Everybody sees it; only who made it, or an admin, changes it. */
  isShared: boolean;
  isMine: boolean;
  filters: ViewFilters;
}
