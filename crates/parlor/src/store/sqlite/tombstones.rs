//! What is left of deleted conversations.

use parlor_core::event::Tombstone;
use parlor_core::id::{ConversationId, MessageId, UserId, WorkspaceKey};
use parlor_core::time::Timestamp;
use rusqlite::{Connection, Params, Row, TransactionBehavior, params};

use super::deletions::remove_blank_user;
use super::error::OrStore;
use super::load::one;
use super::rows::{self, select_tombstone};
use crate::store::StoreError;

/// The tombstone of a conversation.
pub(super) fn of_conversation(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: ConversationId,
) -> Result<Option<Tombstone>, StoreError> {
    const SQL: &str = select_tombstone!("WHERE t.workspace = ?1 AND t.public_id = ?2");
    one(connection, SQL, (workspace.0, id.0.as_bytes()), rows::tombstone)
}

/// At most `most` tombstones behind a revision, ascending.
pub(super) fn of_workspace(
    connection: &Connection,
    workspace: WorkspaceKey,
    after: i64,
    most: i64,
) -> Result<Vec<Tombstone>, StoreError> {
    const SQL: &str = select_tombstone!("WHERE t.workspace = ?1 AND t.rev > ?2 ORDER BY t.rev LIMIT ?3");
    all(connection, SQL, (workspace.0, after, most))
}

/// Those of one user's conversations.
pub(super) fn of_user(
    connection: &Connection,
    workspace: WorkspaceKey,
    user: &UserId,
    after: i64,
    most: i64,
) -> Result<Vec<Tombstone>, StoreError> {
    const SQL: &str = select_tombstone!(
        "WHERE u.workspace = ?1 AND u.public_id = ?2 AND t.rev > ?3 ORDER BY t.rev LIMIT ?4"
    );
    all(connection, SQL, (workspace.0, user.as_str(), after, most))
}

fn all(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Tombstone>, StoreError> {
    let mut statement = connection.prepare_cached(sql).or_store()?;
    statement.query_map(params, rows::tombstone).and_then(Iterator::collect).or_store()
}

/// Whether a conversation of this id was deleted.
pub(super) fn is_deleted(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: ConversationId,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM tombstone WHERE workspace = ?1 AND public_id = ?2";
    Ok(one(connection, SQL, (workspace.0, id.0.as_bytes()), |_| Ok(()))?.is_some())
}

/// Whether a message of this id was deleted with its conversation.
pub(super) fn is_erased(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: MessageId,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM tombstone_message WHERE workspace = ?1 AND public_id = ?2";
    Ok(one(connection, SQL, (workspace.0, id.0.as_bytes()), |_| Ok(()))?.is_some())
}

/// The highest revision whose tombstone is gone.
pub(super) fn purged_rev(connection: &Connection, workspace: WorkspaceKey) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT purged_rev FROM workspace WHERE key = ?1";
    Ok(one(connection, SQL, [workspace.0], |row| row.get(0))?.unwrap_or(0))
}

/// Everything deleted up to some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deleted {
    /// The last tombstone of a conversation.
    tombstone: i64,
    /// How many private notes.
    notes: i64,
    /// The last erased user.
    user: i64,
}

/// What was ever deleted, and that of it whose bytes are surely out of the files.
pub(super) fn scrubbed(connection: &Connection) -> Result<(Deleted, Deleted), StoreError> {
    const SQL: &str = "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'tombstone'), 0), deleted_notes, \
                       ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'erased_user'), 0), \
                       scrubbed_tombstone, scrubbed_notes, scrubbed_user FROM store";
    let read = |row: &Row<'_>| {
        let at = |first: usize| -> rusqlite::Result<Deleted> {
            Ok(Deleted { tombstone: row.get(first)?, notes: row.get(first + 1)?, user: row.get(first + 2)? })
        };
        Ok((at(0)?, at(3)?))
    };
    connection.query_row(SQL, [], read).or_store()
}

/// The files are free of everything deleted up to this.
pub(super) fn set_scrubbed(connection: &Connection, up_to: Deleted) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE store SET scrubbed_tombstone = ?1, scrubbed_notes = ?2, scrubbed_user = ?3";
    connection.execute(SQL, [up_to.tombstone, up_to.notes, up_to.user]).or_store()?;
    Ok(())
}

/// Removes at most `limit` rows of tombstones from before a moment, and says how many.
pub(super) fn purge(
    connection: &mut Connection,
    before: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    const OLDEST: &str =
        "SELECT key, workspace, rev, user FROM tombstone WHERE deleted_at < ?1 ORDER BY deleted_at LIMIT 1";
    const MESSAGES: &str = "DELETE FROM tombstone_message WHERE key IN \
        (SELECT key FROM tombstone_message WHERE tombstone = ?1 LIMIT ?2)";
    const PURGED: &str = "UPDATE workspace SET purged_rev = max(purged_rev, ?2) WHERE key = ?1";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let mut gone = 0;
    while gone < limit {
        let oldest: Option<(i64, i64, i64, i64)> =
            one(&transaction, OLDEST, [before.0], |row| row.try_into())?;
        let Some((key, workspace, rev, user)) = oldest else { break };
        let room = i64::try_from(limit - gone).unwrap_or(i64::MAX);
        gone += transaction.execute(MESSAGES, params![key, room]).or_store()?;
        if gone < limit {
            transaction.execute("DELETE FROM tombstone WHERE key = ?1", [key]).or_store()?;
            transaction.execute(PURGED, [workspace, rev]).or_store()?;
            remove_blank_user(&transaction, user)?;
            gone += 1;
        }
    }
    transaction.commit().or_store()?;
    Ok(gone)
}
