//! A deleted conversation: its rows go, its tombstone comes.

use parlor_core::conversation::Conversation;
use parlor_core::id::{MessageId, UserId};
use parlor_core::state::Deletion;
use rusqlite::params;

use super::Write;
use crate::store::StoreError;
use crate::store::sqlite::{deletions, load};

impl Write<'_> {
    pub(super) fn deletion(&self, deletion: &Deletion) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO tombstone \
            (workspace, public_id, conversation, user, reason, rev, deleted_at) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let left = &deletion.tombstone;
        let stored = super::stored(self.known, left.conversation_id).filter(|_| deletion.is_stored);
        let values = params![
            self.workspace.0,
            left.conversation_id.0.as_bytes(),
            stored.map(|(key, _)| key),
            self.user_key(&left.user_id)?,
            left.reason.as_str(),
            left.rev.cast_signed(),
            left.deleted_at.0,
        ];
        self.run(SQL, values)?;
        let tombstone = self.connection.last_insert_rowid();
        deletions::record(self.connection, self.workspace, deletion)?;
        if let Some((key, conversation)) = stored {
            self.remove(key, conversation, tombstone)?;
        }
        deletion.unstored.iter().try_for_each(|id| self.keep_id(*id, tombstone))
    }

    fn remove(&self, key: i64, conversation: &Conversation, tombstone: i64) -> Result<(), StoreError> {
        const IDS: &str = "INSERT INTO tombstone_message (workspace, public_id, tombstone, message) \
            SELECT workspace, public_id, ?2, key FROM message WHERE conversation = ?1 ORDER BY seq";
        self.run(IDS, [key, tombstone])?;
        self.run("DELETE FROM message WHERE conversation = ?1", [key])?;
        if conversation.note_count > 0 {
            const TELL: &str = "INSERT INTO note_queue (workspace, note, is_gone) \
                SELECT workspace, key, 1 FROM note WHERE conversation = ?1 AND deleted_at IS NULL";
            self.run(TELL, [key])?;
            self.run("DELETE FROM note WHERE conversation = ?1", [key])?;
        }
        self.labels(key, &conversation.labels, &[])?;
        self.run("DELETE FROM conversation WHERE key = ?1", [key])
    }

    fn keep_id(&self, id: MessageId, tombstone: i64) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO tombstone_message (workspace, public_id, tombstone) VALUES (?1, ?2, ?3)";
        self.run(SQL, params![self.workspace.0, id.0.as_bytes(), tombstone])
    }

    fn user_key(&self, id: &UserId) -> Result<i64, StoreError> {
        if let Some(key) = self.known.users.get(id) {
            return Ok(*key);
        }
        let user = load::user(self.connection, self.workspace, id)?;
        user.map(|(key, _)| key)
            .ok_or_else(|| StoreError::Content("a deleted conversation has no user".to_owned()))
    }
}
