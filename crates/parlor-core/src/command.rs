//! What somebody wants. A command is parsed and bounded; whether it is allowed and what it does is `decide`'s.

mod conversation;
mod erasure;
mod import;

pub use conversation::{
    AddNote, Expect, Holder, Input, MarkRead, Relabel, SendMessage, StartConversation, UpdateConversation,
};
pub use erasure::{EraseUser, ReplayDeletion};
pub use import::{ImportConversation, ImportMessage, ImportNote};

use crate::access::Principal;
use crate::desk::ViewFilters;
use crate::funnel::Funnel;
use crate::id::{AgentId, CannedAnswerId, ConversationId, NoteId, UserId, ViewId};
use crate::lifecycle::{Clock, Policies};
use crate::limits;
use crate::text::{Shortcut, Text, ViewName};
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
    DeleteCannedAnswer {
        /// Which.
        id: CannedAnswerId,
        /// Only while this version of it is stored.
        version: Option<u64>,
    },
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
            | Action::DeleteCannedAnswer { .. }
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
