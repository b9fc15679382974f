//! A private note: what those of our side tell each other beside a conversation. It is no message: it has no `seq`, is no
//! activity, and stands in no visitor's view.

use crate::agent::AgentRef;
use crate::id::{ConversationId, NoteId};
use crate::message::Identity;
use crate::text::Text;
use crate::time::Timestamp;

/// A note as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Public id.
    pub id: NoteId,
    /// Beside which conversation.
    pub conversation_id: ConversationId,
    /// The last message there was; 0 before the first.
    pub after_seq: u32,
    /// Who wrote it.
    pub author: AgentRef,
    /// What it says, as long as it does.
    pub content: NoteContent,
    /// When the server decided it.
    pub at: Timestamp,
    /// Rises when it changes.
    pub version: u32,
    /// The workspace's revision of its last commit; set when the batch is written.
    pub rev: u64,
}

/// What a note says. Deleting it leaves nothing of that, only that there was one: followers have to hear of it.
#[derive(Debug, Clone, PartialEq)]
pub enum NoteContent {
    /// It is there.
    Written {
        /// What it says.
        text: Text,
        /// What makes a repeated note the same one.
        identity: Identity,
    },
    /// It was deleted.
    Deleted {
        /// When.
        at: Timestamp,
    },
}

impl Note {
    /// Its text; empty once it is deleted.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.content {
            NoteContent::Written { text, .. } => text.as_str(),
            NoteContent::Deleted { .. } => "",
        }
    }

    /// When it was deleted.
    #[must_use]
    pub fn deleted_at(&self) -> Option<Timestamp> {
        match self.content {
            NoteContent::Written { .. } => None,
            NoteContent::Deleted { at } => Some(at),
        }
    }

    /// Its place among the notes of its conversation.
    #[must_use]
    pub fn place(&self) -> (u32, Timestamp, NoteId) {
        (self.after_seq, self.at, self.id)
    }
}
