//! What the search index reads.

use parlor_core::id::WorkspaceKey;

/// How far the search index has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedPosition {
    /// The last message seen, by the store's own key in commit order.
    pub message_key: i64,
    /// The last entry of the conversations' queue seen.
    pub conversation_key: i64,
    /// The last entry of the deleted messages' queue seen.
    pub deleted_message_key: i64,
    /// The last entry of the deleted conversations' queue seen.
    pub deleted_conversation_key: i64,
    /// The last entry of the notes' queue seen.
    pub note_key: i64,
}

/// What the search index reads next.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    /// In commit order.
    pub messages: Vec<FeedMessage>,
    /// Conversations that are new or whose names changed, in commit order.
    pub conversations: Vec<FeedConversation>,
    /// Messages to forget, in commit order; to be applied after those to index.
    pub deleted_messages: Vec<FeedDeletion>,
    /// Conversations to forget, in commit order; to be applied after those to index.
    pub deleted_conversations: Vec<FeedDeletion>,
    /// Private notes that are new or gone, in commit order.
    pub notes: Vec<FeedNote>,
}

impl Feed {
    /// Whether there is nothing new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
            && self.conversations.is_empty()
            && self.notes.is_empty()
            && !self.has_deletions()
    }

    /// Whether something is to be forgotten.
    #[must_use]
    pub fn has_deletions(&self) -> bool {
        !self.deleted_messages.is_empty()
            || !self.deleted_conversations.is_empty()
            || self.notes.iter().any(|note| note.is_gone)
    }
}

/// A row to forget.
#[derive(Debug, Clone, Copy)]
pub struct FeedDeletion {
    /// Place in its queue, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The row's key while it was there: [`FeedMessage::key`] or [`FeedConversation::conversation_key`].
    pub row: i64,
}

/// A message to index.
#[derive(Debug, Clone)]
pub struct FeedMessage {
    /// The store's own key, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The store's own key of its conversation.
    pub conversation_key: i64,
    /// What was said.
    pub text: String,
}

/// A conversation's names to index.
#[derive(Debug, Clone)]
pub struct FeedConversation {
    /// Place in the queue, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The store's own key of the conversation.
    pub conversation_key: i64,
    /// User's name and e-mail, funnel's name.
    pub names: Vec<String>,
}

/// A private note to look at.
#[derive(Debug, Clone)]
pub struct FeedNote {
    /// Place in the queue, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The store's own key of the note; after it is gone maybe another's.
    pub row: i64,
    /// Whether this says that it is gone.
    pub is_gone: bool,
    /// What the note of this key says by now, and the store's own key of its conversation; none when there is none.
    pub says: Option<(i64, String)>,
}
