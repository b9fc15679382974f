// The shapes on the wire, under their names in openapi.json, from which they are generated (`npm run generate`).
// Everything else imports them from here. Times are RFC 3339 text, optional fields are absent, never null.

export type {
  Agent, Assignee, Attachment, Author, BulkFailure, CannedAnswer, ClockState, CloseReason, ConversationAnswer, ConversationList,
  ConversationStatus, DeleteReason, Deletion, DeletionList, DeskList, DryRun, FieldError, Funnel, FunnelBlock, FunnelItem,
  FunnelOption, FunnelStage, Handler, Holder, LifecyclePolicy, LiveChatConversation, LiveChatMessage, LiveChatUser, Me,
  MessageList, MessageMetadata, MessageOption, MessageType, Note, NoteAnswer, PartialLifecyclePolicy, PatchConversations,
  PolicyDuration, PostMessage, PostMessageAnswer, PreviewSettings, Problem, ProblemCode, PutCannedAnswer, PutSettings, Role, SavedView,
  SearchMatch, Settings, SettingsPreview, SortBy, StartConversation, StartConversationAnswer, StartConversationUser, SystemLine,
  ViewFilters,
} from './generated/types.gen.js';

/** Free data of the host: JSON, at most 4 KiB. */
export type Metadata = Record<string, unknown>;
