//! What one command changes.

use std::sync::Arc;

use super::desk::DeskWrite;
use crate::agent::AgentRef;
use crate::conversation::Conversation;
use crate::event::{Activity, Tombstone};
use crate::funnel::Funnel;
use crate::id::{AgentId, ConversationId, MessageId, UserId};
use crate::lifecycle::Policies;
use crate::message::{Identity, Message};
use crate::note::Note;
use crate::time::Timestamp;
use crate::user::User;

/// What one command changes. Applied whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Touched conversations, as they are afterwards.
    pub conversations: Vec<Conversation>,
    /// New messages, `seq` ascending per conversation.
    pub messages: Vec<Message>,
    /// New or changed private notes.
    pub notes: Vec<Note>,
    /// Conversations that are deleted; their `rev` is set at the commit, and their `Deleted` activities say who did it.
    pub tombstones: Vec<Tombstone>,
    /// A conversation that was deleted before a backup was restored.
    pub replayed: Option<ReplayedDeletion>,
    /// A user of whom nothing is left.
    pub erased_user: Option<ErasedUser>,
    /// A user as they are afterwards.
    pub user: Option<User>,
    /// Whether search must look at the touched conversations again; a renamed `user` implies it.
    pub reindex: bool,
    /// An agent whose name we learned.
    pub agent: Option<AgentRef>,
    /// A funnel's new version.
    pub funnel: Option<Funnel>,
    /// What happened.
    pub activities: Vec<Activity>,
    /// What agents keep at hand.
    pub desk: Option<DeskWrite>,
    /// Due times that move and nothing else: no revision, no version, nobody is told.
    pub due_dates: Vec<DueDate>,
    /// The settings from now on.
    pub settings: Option<SettingsWrite>,
    /// How far their change was carried.
    pub redated: Option<Redated>,
}

/// A conversation's due time as it is to be stored.
pub type DueDate = (ConversationId, Option<Timestamp>);

/// New settings. What is said here of a change under way takes the place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsWrite {
    /// What is set.
    pub policies: Arc<Policies>,
    /// What was set before, where every conversation has it.
    pub before: Option<Arc<Policies>>,
    /// When it was changed.
    pub since: Timestamp,
}

/// How far a change of the settings was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redated {
    /// The last conversation that has it, in the order of their ids; `None` when all have.
    pub next: Option<ConversationId>,
    /// How many were looked at.
    pub done: u64,
}

/// A deletion as it was, once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedDeletion {
    /// What is left; its `rev` is set at the commit.
    pub tombstone: Tombstone,
    /// Who deleted it.
    pub actor: Option<AgentId>,
    /// How many messages it had then.
    pub messages: u32,
    /// Ids of messages that no store has any more.
    pub free_ids: Vec<MessageId>,
}

/// A user of whom nothing is left. A digest of the id is kept, so that no backup brings them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedUser {
    /// Who it was.
    pub user_id: UserId,
    /// When it was asked for.
    pub erased_at: Timestamp,
    /// Whether nothing was said of them since, in the same batch; then their row goes with the last that names it.
    pub is_blank: bool,
}

impl ErasedUser {
    /// What is kept of the id.
    #[must_use]
    pub fn digest(user_id: &UserId) -> [u8; 16] {
        Identity::of(&[b"erased user", user_id.as_str().as_bytes()]).0
    }
}
