//! What somebody wants. A command is parsed and bounded; whether it is allowed and what it does is `decide`'s.

use crate::access::Principal;
use crate::conversation::{CloseReason, Handler, Status};
use crate::desk::ViewFilters;
use crate::event::Tombstone;
use crate::funnel::Funnel;
use crate::id::{
    AgentId, CannedAnswerId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, OptionId, UserId,
    ViewId,
};
use crate::lifecycle::{Clock, Policies};
use crate::limits;
use crate::message::{Author, MessageKind, MessageOption, SystemLine};
use crate::text::{Label, Metadata, Name, Shortcut, Tag, Text, ViewName};
use crate::time::Timestamp;
use crate::user::UserFields;

/// A command and who gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Who wants it; also says in which workspace.
    pub by: Principal,
    /// What they want.
    pub action: Action,
}

/// What can be wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Start a conversation, greeting and first message included.
    StartConversation(Box<StartConversation>),
    /// Say something.
    SendMessage(Box<SendMessage>),
    /// Change a conversation.
    UpdateConversation(Box<UpdateConversation>),
    /// Move the caller's side's read mark.
    MarkRead(MarkRead),
    /// Become the one who answers.
    TakeConversation {
        /// Which.
        conversation_id: ConversationId,
        /// Take it from exactly this agent; `None` takes only what nobody holds.
        from: Option<AgentId>,
    },
    /// Let the bot answer again: ours, or the host's where the funnel is not ours to walk.
    GiveBackConversation {
        /// Which.
        conversation_id: ConversationId,
    },
    /// Write a private note beside a conversation.
    AddNote(Box<AddNote>),
    /// Take back what a private note says.
    DeleteNote {
        /// Beside which conversation.
        conversation_id: ConversationId,
        /// Which.
        note_id: NoteId,
    },
    /// Take a conversation and everything said in it out of the store, for good.
    DeleteConversation {
        /// Which.
        conversation_id: ConversationId,
    },
    /// Take everything about a user out of the store, for good.
    EraseUser(EraseUser),
    /// Delete what a restored backup brought back.
    ReplayDeletion(Box<ReplayDeletion>),
    /// Store what is known about a user.
    PutUser {
        /// Who.
        user_id: UserId,
        /// What is known; absent fields stay.
        fields: Box<UserFields>,
    },
    /// Give the user's conversations of before `after` the new profile; the tail of a large `PutUser`.
    RefreshUser {
        /// Who.
        user_id: UserId,
        /// Continue behind this conversation.
        after: ConversationId,
    },
    /// Store a funnel as a new version.
    PutFunnel(Box<Funnel>),
    /// Store a conversation that happened elsewhere.
    ImportConversation(Box<ImportConversation>),
    /// Store a canned answer.
    PutCannedAnswer(Box<PutCannedAnswer>),
    /// Delete a canned answer.
    DeleteCannedAnswer(CannedAnswerId),
    /// Store a saved view.
    PutView(Box<PutView>),
    /// Delete a saved view.
    DeleteView(ViewId),
    /// Learn the name of the agent who is calling.
    MeetAgent,
    /// Do what a conversation's time has come for. The server's own.
    FireDue {
        /// Which.
        conversation_id: ConversationId,
        /// What the server knows of its own time.
        clock: Clock,
    },
    /// Change the settings.
    PutSettings(Box<PutSettings>),
    /// Carry a change of the settings to the next conversations. The server's own.
    Redate,
}

/// Settings somebody wants.
#[derive(Debug, Clone, PartialEq)]
pub struct PutSettings {
    /// What is to be set; its version does not count.
    pub policies: Policies,
    /// Only while the settings are of this version.
    pub version: Option<u64>,
}

/// A user to erase; repeated until it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EraseUser {
    /// Who.
    pub user_id: UserId,
    /// When it was asked for; absent it is now.
    pub erased_at: Option<Timestamp>,
}

/// A deletion that happened after a backup was made which was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayDeletion {
    /// As it was; its revision is a new one.
    pub tombstone: Tombstone,
    /// Who deleted it.
    pub actor: Option<AgentId>,
    /// How many messages it had.
    pub messages: u32,
    /// Their ids, as far as they are kept.
    pub message_ids: Vec<MessageId>,
}

/// A canned answer somebody saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutCannedAnswer {
    /// Which.
    pub id: CannedAnswerId,
    /// What one types to find it.
    pub shortcut: Shortcut,
    /// What it says.
    pub text: Text,
    /// Only while this version of it is stored; 0: only while there is none.
    pub version: Option<u64>,
}

/// A view somebody saves.
#[derive(Debug, Clone, PartialEq)]
pub struct PutView {
    /// Which.
    pub id: ViewId,
    /// What it is called.
    pub name: ViewName,
    /// Whether every agent has it; absent it stays as it is, and a new one is the maker's own.
    pub is_shared: Option<bool>,
    /// What it shows.
    pub filters: ViewFilters,
}

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
    pub assignee: Option<crate::agent::AgentRef>,
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
    pub author: crate::agent::AgentRef,
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

impl Command {
    /// Whether it only deletes, and is therefore taken on a full disk too.
    #[must_use]
    pub fn frees_space(&self) -> bool {
        match &self.action {
            Action::DeleteConversation { .. }
            // Its row stays, without the text; each is deleted once.
            | Action::DeleteNote { .. }
            | Action::EraseUser(_)
            | Action::ReplayDeletion(_)
            | Action::DeleteCannedAnswer(_)
            | Action::DeleteView(_) => true,
            Action::StartConversation(_)
            | Action::SendMessage(_)
            | Action::UpdateConversation(_)
            | Action::MarkRead(_)
            | Action::AddNote(_)
            | Action::TakeConversation { .. }
            | Action::GiveBackConversation { .. }
            | Action::PutUser { .. }
            | Action::RefreshUser { .. }
            | Action::PutFunnel(_)
            | Action::ImportConversation(_)
            | Action::PutCannedAnswer(_)
            | Action::PutView(_)
            | Action::MeetAgent
            // An erasure frees some, and waits until there is room again.
            | Action::FireDue { .. }
            | Action::PutSettings(_)
            | Action::Redate => false,
        }
    }

    /// Roughly how many bytes of content it carries; what a batch is bounded by.
    #[must_use]
    pub fn size(&self) -> usize {
        const ROW: usize = 256;
        match &self.action {
            Action::SendMessage(send) => ROW + send.text.as_str().len(),
            Action::AddNote(add) => ROW + add.text.as_str().len(),
            Action::StartConversation(start) => {
                2 * ROW + if let Some(Input::Text(text)) = &start.input { text.as_str().len() } else { 0 }
            }
            Action::ImportConversation(import) => {
                let texts =
                    import.messages.iter().map(|m| &m.text).chain(import.notes.iter().map(|n| &n.text));
                ROW + texts.map(|text| ROW + text.as_str().len()).sum::<usize>()
            }
            Action::ReplayDeletion(replay) => ROW + 16 * replay.message_ids.len(),
            Action::PutFunnel(funnel) => ROW * (1 + funnel.blocks.len()),
            Action::PutCannedAnswer(put) => ROW + put.text.as_str().len(),
            Action::Redate => ROW * limits::REDATE_BATCH,
            _ => ROW,
        }
    }
}
