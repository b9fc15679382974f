//! What falls due, and what a change of the settings has not reached yet.

use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::time::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::error::OrStore;
use crate::store::StoreError;

/// Conversations whose stored due time has come, oldest first: read from the index alone.
pub(super) fn list_due(
    connection: &Connection,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<(WorkspaceKey, ConversationId)>, StoreError> {
    const SQL: &str = "SELECT workspace, public_id FROM conversation INDEXED BY conversation_due \
                       WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at, workspace, public_id LIMIT ?2";
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(SQL).or_store()?;
    let row = |row: &rusqlite::Row<'_>| {
        Ok((WorkspaceKey(row.get(0)?), ConversationId(Uuid::from_bytes(row.get(1)?))))
    };
    statement.query_map((until.0, most), row).and_then(Iterator::collect).or_store()
}

/// Workspaces whose settings' change is still on its way.
pub(super) fn list_redating(connection: &Connection, limit: usize) -> Result<Vec<WorkspaceKey>, StoreError> {
    const SQL: &str = "SELECT key FROM workspace INDEXED BY workspace_redating \
                       WHERE redate_since IS NOT NULL ORDER BY key LIMIT ?1";
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(SQL).or_store()?;
    statement.query_map([most], |row| row.get(0).map(WorkspaceKey)).and_then(Iterator::collect).or_store()
}
