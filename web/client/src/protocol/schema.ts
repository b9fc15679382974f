// The shapes on the wire, under their names in openapi.json. This file is the one place that says where they come
// from: everything else imports them from here. Times are RFC 3339 text, optional fields are absent, never null.

export type Role = 'visitor' | 'agent' | 'admin' | 'service';
export type ConversationStatus = 'open' | 'closed';
export type Handler = 'bot' | 'queue' | 'agent';
export type SortBy = 'newest' | 'oldest' | 'most_messages' | 'least_messages';
export type CloseReason = 'agent' | 'user' | 'inactivity' | 'funnel_end';
export type MessageType = 'user' | 'bot' | 'system';
export type Metadata = Record<string, unknown>;

export interface LiveChatUser {
  id: string;
  name: string;
  email?: string;
  avatar?: string;
  isOnline: boolean;
  lastSeen?: string;
  timezone?: string;
  locale?: string;
  metadata?: Metadata;
}

export interface Author {
  kind: 'user' | 'bot' | 'agent' | 'system';
  id?: string;
  name?: string;
}

export interface MessageOption {
  id: string;
  text: string;
}

export interface SystemLine {
  code: string;
  params?: Record<string, string>;
}

export interface Attachment {
  id: string;
  name: string;
  mediaType: string;
  bytes: number;
}

export interface MessageMetadata {
  blockId?: string;
  optionId?: string;
  funnelStage?: string;
  offerId?: string;
  [key: string]: unknown;
}

export interface LiveChatMessage {
  id: string;
  conversationId: string;
  type: MessageType;
  text: string;
  timestamp: string;
  isRead: boolean;
  metadata?: MessageMetadata;
  seq: number;
  author: Author;
  options?: MessageOption[];
  system?: SystemLine;
  version: number;
  attachments?: Attachment[];
  editedAt?: string;
  deletedAt?: string;
}

export interface Assignee {
  /** Absent in a visitor's view. */
  id?: string;
  name: string;
}

export interface LiveChatConversation {
  id: string;
  userId: string;
  user: LiveChatUser;
  funnelId: string;
  funnelName: string;
  status: ConversationStatus;
  startedAt: string;
  lastMessageAt: string;
  lastMessage: string;
  messageCount: number;
  messages: LiveChatMessage[];
  autoCloseAt?: string;
  isArchived?: boolean;
  createdAt: string;
  updatedAt: string;
  handler: Handler;
  assignee?: Assignee;
  waitingOn?: 'user' | 'team';
  unreadCount: number;
  userLastReadSeq: number;
  agentLastReadSeq: number;
  closedAt?: string;
  closeReason?: CloseReason;
  archivedAt?: string;
  deleteAt?: string;
  snoozedUntil?: string;
  hold?: boolean;
  previousId?: string;
  /** Absent in a visitor's view. */
  labels?: string[];
  locale?: string;
  externalId?: string;
  channel: 'web';
  inboxId: string;
  version: number;
  metadata?: Metadata;
}

export interface Me {
  workspace: { id: string; name: string };
  role: Role;
  sub: string;
  name?: string;
  email?: string;
  expiresAt?: string;
}

export interface FieldError {
  pointer: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  requestId?: string;
  errors?: FieldError[];
  /** With `held-by-another`: who holds the conversation. */
  holder?: Assignee;
  /** With `conversation-changed`: the current row. */
  conversation?: LiveChatConversation;
}

export interface ConversationList {
  conversations: LiveChatConversation[];
  total: number;
  totalIsCapped?: boolean;
  hasMore: boolean;
  nextPageToken?: string;
  cursor: string;
}

export interface MessageList {
  messages: LiveChatMessage[];
  hasMore: boolean;
  cursor: string;
}

export interface PostMessage {
  conversationId: string;
  text: string;
  type: MessageType;
  id?: string;
  metadata?: MessageMetadata;
  optionId?: string;
  options?: MessageOption[];
  reopen?: boolean;
  ifHolder?: string;
}

export interface PostMessageAnswer {
  message: LiveChatMessage;
  conversation: LiveChatConversation;
}

export interface StartUser {
  id?: string;
  name?: string;
  email?: string;
  avatar?: string;
  timezone?: string;
  locale?: string;
}

export interface StartConversation {
  id?: string;
  messageId?: string;
  funnelId: string;
  user?: StartUser;
  text?: string;
  optionId?: string;
}

export interface StartConversationAnswer {
  conversation: LiveChatConversation;
  message?: LiveChatMessage;
}

export interface ConversationAnswer {
  conversation: LiveChatConversation;
}

export interface PatchConversations {
  conversationId?: string;
  conversationIds?: string[];
  status?: ConversationStatus;
  isArchived?: boolean;
  handler?: Handler;
  assigneeId?: string;
  labels?: string[];
  snoozedUntil?: string | null;
  hold?: boolean;
  metadata?: Metadata | null;
  if?: { status?: ConversationStatus; handler?: Handler; assigneeId?: string };
}

export interface FunnelOption {
  id?: string;
  text: string;
  nextBlockId: string | null;
}

export interface FunnelBlock {
  id: string;
  message: string;
  options: FunnelOption[];
  handoff?: boolean;
  close?: boolean;
  collect?: string;
  delayMs?: number;
  condition?: unknown;
}

export interface Funnel {
  id: string;
  name: string;
  startBlockId: string;
  stages: { id: string; name: string; explanation: string; blockIds: string[] }[];
  blocks: Record<string, FunnelBlock>;
}
