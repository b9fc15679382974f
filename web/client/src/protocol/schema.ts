// The shapes on the wire, under their names in openapi.json, from which they are generated (`npm run generate`).
// Everything else imports them from here. Times are RFC 3339 text, optional fields are absent, never null.

export type {
  Agent, Assignee, Attachment, Author, BulkFailure, CannedAnswer, CloseReason, ConversationAnswer, ConversationList, ConversationStatus, DeskList,
  FieldError, Funnel, FunnelBlock, FunnelItem, FunnelOption, FunnelStage, Handler, Holder, LiveChatConversation, LiveChatMessage,
  LiveChatUser, Me, MessageList, MessageMetadata, MessageOption, MessageType, Note, NoteAnswer, PatchConversations, PostMessage,
  PostMessageAnswer, Problem, ProblemCode, Role, SavedView, SearchMatch, SortBy, StartConversation, StartConversationAnswer,
  StartConversationUser, SystemLine, ViewFilters,
} from './generated/types.gen.js';

/** Free data of the host: JSON, at most 4 KiB. */
export type Metadata = Record<string, unknown>;
