//! What changed after a revision.

use std::sync::Arc;

use parlor_core::conversation::Snapshot;
use parlor_core::event::Tombstone;
use parlor_core::id::{ConversationId, UserId};
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::state::Head;

/// Whose changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every conversation's summary.
    Workspace,
    /// One user's conversations' summaries.
    User(UserId),
    /// One conversation with its messages.
    Conversation {
        /// Which.
        id: ConversationId,
        /// Whether its private notes are among them; never for a visitor.
        notes: bool,
    },
}

/// What changed, from the rows themselves: the latest state, once.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Ascending by revision.
    pub groups: Vec<ChangeGroup>,
    /// More changed than the caller wanted to hear, or than the store still knows; `groups` is empty.
    pub too_many: bool,
    /// The head of the same snapshot.
    pub head: Head,
}

/// What one revision still shows of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeGroup {
    /// The revision.
    pub rev: u64,
    /// Messages of that revision, `seq` ascending; only for [`Scope::Conversation`].
    pub messages: Vec<Arc<Message>>,
    /// Private notes of that revision, deleted ones too, in their order; only where the scope asks for them.
    pub notes: Vec<Arc<Note>>,
    /// The conversation, when this is its latest revision.
    pub conversation: Option<Snapshot>,
    /// What is left of the conversation when the revision deleted it; then there is nothing else.
    pub tombstone: Option<Tombstone>,
}
