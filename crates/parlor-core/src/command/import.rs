//! Conversations that happened elsewhere.

use crate::agent::AgentRef;
use crate::conversation::{CloseReason, Handler, Status};
use crate::id::{ConversationId, ExternalId, FunnelId, MessageId, NoteId, UserId};
use crate::message::{Author, MessageKind, MessageOption, SystemLine};
use crate::text::{Label, Metadata, Name, Tag, Text};
use crate::time::Timestamp;
use crate::user::UserFields;

/// A conversation that happened elsewhere, or in an earlier life of this server.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportConversation {
    /// Its id if it was ours.
    pub id: Option<ConversationId>,
    /// Its id where it came from; the same one again is no change.
    pub external_id: Option<ExternalId>,
    /// Whose it is.
    pub user_id: UserId,
    /// What is known about them.
    pub user: UserFields,
    /// The funnel it ran through.
    pub funnel_id: FunnelId,
    /// That funnel's name.
    pub funnel_name: Name,
    /// Open or closed.
    pub status: Status,
    /// Who answers.
    pub handler: Handler,
    /// The agent who held it.
    pub assignee: Option<AgentRef>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was closed; the import's moment when nobody knows.
    pub closed_at: Option<Timestamp>,
    /// Why.
    pub close_reason: Option<CloseReason>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// Labels.
    pub labels: Vec<Label>,
    /// Language.
    pub locale: Option<Tag>,
    /// Exempt from every timer.
    pub hold: bool,
    /// No timer runs until then.
    pub snoozed_until: Option<Timestamp>,
    /// The conversation it follows.
    pub previous_id: Option<ConversationId>,
    /// Host's data.
    pub metadata: Option<Metadata>,
    /// The user's read mark.
    pub user_last_read_seq: u32,
    /// The agents' read mark.
    pub agent_last_read_seq: u32,
    /// What was said, in order.
    pub messages: Vec<ImportMessage>,
    /// Private notes beside it.
    pub notes: Vec<ImportNote>,
}

/// A private note that was written elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportNote {
    /// Its id if it was ours.
    pub id: Option<NoteId>,
    /// Behind which message; beyond the end counts as the end.
    pub after_seq: u32,
    /// Who wrote it.
    pub author: AgentRef,
    /// What it says.
    pub text: Text,
    /// When, for display.
    pub at: Timestamp,
}

/// A message that was said elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportMessage {
    /// Its id if it was ours.
    pub id: Option<MessageId>,
    /// How it renders.
    pub kind: MessageKind,
    /// Who said it.
    pub author: Author,
    /// What.
    pub text: Text,
    /// When, for display.
    pub at: Timestamp,
    /// Data.
    pub metadata: Option<Metadata>,
    /// Quick replies it offered.
    pub options: Vec<MessageOption>,
    /// What a system line says.
    pub system: Option<SystemLine>,
}
