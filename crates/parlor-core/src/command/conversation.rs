//! What people and services do in a conversation.

use crate::conversation::{Handler, Status};
use crate::id::{AgentId, ConversationId, FunnelId, MessageId, NoteId, OptionId, UserId};
use crate::message::{MessageKind, MessageOption};
use crate::text::{Label, Metadata, Tag, Text};
use crate::time::Timestamp;
use crate::user::UserFields;

/// The user's first click or text.
#[derive(Debug, Clone, PartialEq)]
pub struct StartConversation {
    /// Chosen by the client for an idempotent start.
    pub id: Option<ConversationId>,
    /// Chosen by the client for an idempotent first message.
    pub message_id: Option<MessageId>,
    /// The funnel to enter.
    pub funnel_id: FunnelId,
    /// Whose it is; a visitor can only name themselves.
    pub user_id: UserId,
    /// What is known about them.
    pub user: UserFields,
    /// What they said, if anything.
    pub input: Option<Input>,
    /// Start another one even while one is open; services only.
    pub new: bool,
    /// Their data about the first message.
    pub metadata: Option<Metadata>,
    /// The language of the conversation.
    pub locale: Option<Tag>,
}

/// A first message: words, or a quick reply of the greeting.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Words.
    Text(Text),
    /// A quick reply; its text is what the funnel says it is.
    Option(OptionId),
}

/// A message somebody sends.
#[derive(Debug, Clone, PartialEq)]
pub struct SendMessage {
    /// The conversation named in the request.
    pub conversation_id: ConversationId,
    /// Chosen by the client so that a retry is the same message.
    pub id: Option<MessageId>,
    /// As whom.
    pub kind: MessageKind,
    /// What.
    pub text: Text,
    /// Caller's data.
    pub metadata: Option<Metadata>,
    /// The quick reply that was clicked.
    pub option_id: Option<OptionId>,
    /// Quick replies to offer.
    pub options: Vec<MessageOption>,
    /// Whether a closed conversation may be reopened for it; absent means the role's default.
    pub reopen: Option<bool>,
    /// Store it only while exactly this is the holder.
    pub if_holder: Option<Holder>,
}

/// A private note somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddNote {
    /// Beside which conversation.
    pub conversation_id: ConversationId,
    /// Chosen by the client so that a retry is the same note.
    pub id: Option<NoteId>,
    /// What it says.
    pub text: Text,
}

/// Who answers, as a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// The bot.
    Bot,
    /// Nobody; it waits.
    Queue,
    /// This agent.
    Agent(AgentId),
}

/// A change of a conversation; absent fields stay, fields equal to the stored value are no change.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateConversation {
    /// Which.
    pub conversation_id: ConversationId,
    /// Close or reopen.
    pub status: Option<Status>,
    /// Archive (closes first) or bring back.
    pub is_archived: Option<bool>,
    /// Who answers from now on.
    pub handler: Option<Handler>,
    /// The agent to assign; sets `handler` to `agent`.
    pub assignee_id: Option<AgentId>,
    /// Which labels it has from now on.
    pub labels: Option<Relabel>,
    /// `Some(None)` ends a snooze.
    pub snoozed_until: Option<Option<Timestamp>>,
    /// Exempt from every timer.
    pub hold: Option<bool>,
    /// `Some(None)` clears it.
    pub metadata: Option<Option<Metadata>>,
    /// Apply only while this holds.
    pub expect: Expect,
}

/// A change of a conversation's labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relabel {
    /// These, whatever is there.
    To(Vec<Label>),
    /// What is there, with some and without others: two who label at once both get theirs.
    By {
        /// No change where it is there.
        add: Vec<Label>,
        /// No change where it is not; wins over `add`.
        remove: Vec<Label>,
    },
}

/// What must hold for an update to apply.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expect {
    /// Status as the caller saw it.
    pub status: Option<Status>,
    /// Handler as the caller saw it.
    pub handler: Option<Handler>,
    /// Assignee as the caller saw it.
    pub assignee_id: Option<AgentId>,
}

/// A read mark of the caller's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkRead {
    /// Which conversation.
    pub conversation_id: ConversationId,
    /// Read up to here; beyond the end counts as the end.
    pub seq: u32,
    /// Mark unread: the mark may move back. Agents only.
    pub back: bool,
}
