// The shapes on the wire, under their names in openapi.json, from which they are generated (`npm run generate`).
// Everything else imports them from here. Times are RFC 3339 text, optional fields are absent, never null.

export type {
  Assignee, Attachment, Author, CloseReason, ConversationAnswer, ConversationList, ConversationStatus, FieldError, Funnel,
  FunnelBlock, FunnelOption, FunnelStage, Handler, Holder, LiveChatConversation, LiveChatMessage, LiveChatUser, Me,
  MessageList, MessageMetadata, MessageOption, MessageType, PatchConversations, PostMessage, PostMessageAnswer, Problem,
  ProblemCode, Role, SortBy, StartConversation, StartConversationAnswer, StartConversationUser, SystemLine,
} from './generated/types.gen.js';

/** Free data of the host: JSON, at most 4 KiB. */
export type Metadata = Record<string, unknown>;
