//! What the search index reads.

use parlor_core::id::WorkspaceKey;
use rusqlite::{Connection, Row};

use super::error::OrStore;
use crate::store::{Feed, FeedConversation, FeedDeletion, FeedMessage, FeedNote, FeedPosition, StoreError};

/// Messages and conversations behind a position, at most `limit` of each.
pub(super) fn search_feed(
    connection: &Connection,
    after: FeedPosition,
    limit: usize,
) -> Result<Feed, StoreError> {
    const MESSAGES: &str =
        "SELECT key, workspace, conversation, text FROM message WHERE key > ?1 ORDER BY key LIMIT ?2";
    const CONVERSATIONS: &str = "SELECT q.key, c.workspace, c.key, u.name, u.email, c.funnel_name \
        FROM search_queue q CROSS JOIN conversation c ON c.key = q.conversation JOIN user u ON u.key = c.user \
        WHERE q.key > ?1 ORDER BY q.key LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let messages = (connection.prepare_cached(MESSAGES))
        .and_then(|mut s| {
            let rows = s.query_map((after.message_key, limit), |row| {
                Ok(FeedMessage {
                    key: row.get(0)?,
                    workspace: WorkspaceKey(row.get(1)?),
                    conversation_key: row.get(2)?,
                    text: row.get(3)?,
                })
            })?;
            rows.collect()
        })
        .or_store()?;
    let conversations = (connection.prepare_cached(CONVERSATIONS))
        .and_then(|mut s| {
            let rows = s.query_map((after.conversation_key, limit), |row| {
                let names: [Option<String>; 3] = [row.get(3)?, row.get(4)?, row.get(5)?];
                Ok(FeedConversation {
                    key: row.get(0)?,
                    workspace: WorkspaceKey(row.get(1)?),
                    conversation_key: row.get(2)?,
                    names: names.into_iter().flatten().collect(),
                })
            })?;
            rows.collect()
        })
        .or_store()?;
    let deleted_messages = deletions(
        connection,
        "SELECT key, workspace, message FROM tombstone_message \
         WHERE key > ?1 AND message IS NOT NULL ORDER BY key LIMIT ?2",
        (after.deleted_message_key, limit),
    )?;
    let deleted_conversations = deletions(
        connection,
        "SELECT key, workspace, conversation FROM tombstone \
         WHERE key > ?1 AND conversation IS NOT NULL ORDER BY key LIMIT ?2",
        (after.deleted_conversation_key, limit),
    )?;
    let notes = notes(connection, (after.note_key, limit))?;
    Ok(Feed { messages, conversations, deleted_messages, deleted_conversations, notes })
}

fn notes(connection: &Connection, params: (i64, i64)) -> Result<Vec<FeedNote>, StoreError> {
    const SQL: &str = "SELECT q.key, q.workspace, q.note, q.is_gone, n.conversation, n.text \
        FROM note_queue q LEFT JOIN note n ON n.key = q.note AND n.workspace = q.workspace AND n.deleted_at IS NULL \
        WHERE q.key > ?1 ORDER BY q.key LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL).or_store()?;
    let read = |row: &Row<'_>| {
        let (conversation, text): (Option<i64>, Option<String>) = (row.get(4)?, row.get(5)?);
        Ok(FeedNote {
            key: row.get(0)?,
            workspace: WorkspaceKey(row.get(1)?),
            row: row.get(2)?,
            is_gone: row.get(3)?,
            says: conversation.zip(text),
        })
    };
    statement.query_map(params, read).and_then(Iterator::collect).or_store()
}

fn deletions(
    connection: &Connection,
    sql: &str,
    params: (i64, i64),
) -> Result<Vec<FeedDeletion>, StoreError> {
    let mut statement = connection.prepare_cached(sql).or_store()?;
    let read = |row: &Row<'_>| {
        Ok(FeedDeletion { key: row.get(0)?, workspace: WorkspaceKey(row.get(1)?), row: row.get(2)? })
    };
    statement.query_map(params, read).and_then(Iterator::collect).or_store()
}
