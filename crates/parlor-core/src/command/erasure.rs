//! What is to be gone.

use crate::event::Tombstone;
use crate::id::{AgentId, MessageId, UserId};
use crate::time::Timestamp;

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
