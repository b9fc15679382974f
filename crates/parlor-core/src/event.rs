//! What happened: one commit, as sockets, webhooks and other nodes hear of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::conversation::{Conversation, DeleteReason, Handler};
use crate::desk::DeskList;
use crate::id::{AgentId, ConversationId, UserId, WorkspaceKey};
use crate::lifecycle::Policies;
use crate::message::Message;
use crate::note::Note;
use crate::time::Timestamp;
use crate::user::User;

/// A committed batch.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The epoch its revisions belong to.
    pub epoch: u64,
    /// One per touched conversation, revisions ascending without holes.
    pub groups: Vec<Group>,
    /// One per deleted conversation, their revisions behind those of the groups.
    pub tombstones: Vec<Tombstone>,
    /// Whether a user's profile went.
    pub erases_user: bool,
    /// Lists of the agents' that may have changed.
    pub changed: BTreeSet<DeskList>,
    /// What `autoCloseAt` is computed with.
    pub policies: Arc<Policies>,
}

impl Committed {
    /// Whether anybody is to hear of it.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !self.groups.is_empty() || !self.tombstones.is_empty() || self.erases_user || !self.changed.is_empty()
    }

    /// Whether bytes of what is deleted are still in the files.
    #[must_use]
    pub fn deletes(&self) -> bool {
        let has_deleted_note = |group: &Group| group.notes.iter().any(|note| note.deleted_at().is_some());
        !self.tombstones.is_empty() || self.erases_user || self.groups.iter().any(has_deleted_note)
    }
}

/// Everything one commit did to one conversation, at one revision (contract, section 5).
#[derive(Debug, Clone)]
pub struct Group {
    /// The workspace's revision.
    pub rev: u64,
    /// The conversation afterwards.
    pub conversation: Arc<Conversation>,
    /// Its user afterwards.
    pub user: Arc<User>,
    /// New or changed messages, `seq` ascending.
    pub messages: Vec<Arc<Message>>,
    /// New or changed private notes, in their order; for the agents' view only.
    pub notes: Vec<Arc<Note>>,
}

/// What is left of a deleted conversation, besides the ids of its messages: enough to tell who followed it, and nothing
/// that was said. Kept for [`TOMBSTONE_MS`](crate::limits::TOMBSTONE_MS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The id it had; taken until the tombstone goes.
    pub conversation_id: ConversationId,
    /// Whose it was: their inbox hears of it too.
    pub user_id: UserId,
    /// Why it was deleted.
    pub reason: DeleteReason,
    /// When.
    pub deleted_at: Timestamp,
    /// The workspace's revision of the deletion.
    pub rev: u64,
}

/// What is recorded of a deletion for good: neither what was said nor who said it. It stays when the tombstone goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionRecord {
    /// Its place in the record; rises with each deletion.
    pub seq: u64,
    /// The id the conversation had.
    pub conversation_id: ConversationId,
    /// Why it was deleted.
    pub reason: DeleteReason,
    /// Which agent asked for it, if one did.
    pub actor: Option<AgentId>,
    /// How many messages went with it.
    pub messages: u32,
    /// When.
    pub deleted_at: Timestamp,
}

/// A content-free record of what happened: feeds statistics, audit and webhook order, never sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Where.
    pub conversation_id: ConversationId,
    /// What.
    pub kind: ActivityKind,
    /// Which agent did it, if one did.
    pub actor: Option<AgentId>,
    /// When.
    pub at: Timestamp,
    /// Block, option or reason it is about.
    pub detail: Option<String>,
}

/// Kinds of activity rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// A conversation began.
    Started,
    /// The bot showed a block.
    BlockEntered,
    /// The user answered a block with an option.
    BlockAnswered,
    /// It was closed.
    Closed,
    /// It was reopened.
    Reopened,
    /// It was archived.
    Archived,
    /// It was brought back from the archive.
    Unarchived,
    /// The handler changed to this.
    Handled(Handler),
    /// A private note was written beside it.
    NoteAdded,
    /// A private note was deleted.
    NoteDeleted,
    /// It was imported.
    Imported,
    /// It was deleted.
    Deleted,
    /// Its snooze was over.
    Woken,
    /// It was marked for erasure.
    EraseMarked,
}

impl ActivityKind {
    /// The word in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ActivityKind::Started => "started",
            ActivityKind::BlockEntered => "block_entered",
            ActivityKind::BlockAnswered => "block_answered",
            ActivityKind::Closed => "closed",
            ActivityKind::Reopened => "reopened",
            ActivityKind::Archived => "archived",
            ActivityKind::Unarchived => "unarchived",
            ActivityKind::Handled(Handler::Bot) => "handled_by_bot",
            ActivityKind::Handled(Handler::Queue) => "handled_by_queue",
            ActivityKind::Handled(Handler::Agent) => "handled_by_agent",
            ActivityKind::NoteAdded => "note_added",
            ActivityKind::NoteDeleted => "note_deleted",
            ActivityKind::Imported => "imported",
            ActivityKind::Deleted => "deleted",
            ActivityKind::Woken => "woken",
            ActivityKind::EraseMarked => "erase_marked",
        }
    }
}
