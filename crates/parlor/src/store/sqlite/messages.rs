//! Reads of one conversation, and the newest messages of several.

use std::sync::Arc;

use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::message::Message;
use rusqlite::{Connection, Params};

use super::error::OrStore;
use super::rows::{self, Stored, select_message};
use super::{load, notes};
use crate::store::{MessagePage, MessageQuery, MessageStart, Row, StoreError};

/// A conversation with its newest messages.
pub(super) fn get_conversation(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: ConversationId,
    messages: usize,
) -> Result<Option<Row>, StoreError> {
    let Some(stored) = load::conversation(connection, workspace, id)? else { return Ok(None) };
    with_newest(connection, stored, messages).map(Some)
}

/// A page of a conversation's messages.
pub(super) fn list_messages(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: ConversationId,
    page: MessageQuery,
) -> Result<Option<MessagePage>, StoreError> {
    const DOWN: &str = select_message!(
        "FROM message m JOIN conversation c ON c.key = m.conversation \
         WHERE m.conversation = ?1 AND m.seq < ?2 ORDER BY m.seq DESC LIMIT ?3"
    );
    const UP: &str = select_message!(
        "FROM message m JOIN conversation c ON c.key = m.conversation \
         WHERE m.conversation = ?1 AND m.seq > ?2 ORDER BY m.seq LIMIT ?3"
    );
    let Some(stored) = load::conversation(connection, workspace, id)? else { return Ok(None) };
    let end = i64::from(stored.snapshot.conversation.message_count) + 1;
    let (sql, place) = match page.start {
        MessageStart::Newest(offset) => (DOWN, end.saturating_sub(i64::try_from(offset).unwrap_or(i64::MAX))),
        MessageStart::Before(seq) => (DOWN, i64::from(seq)),
        MessageStart::After(seq) => (UP, i64::from(seq)),
    };
    let one_more = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut messages = messages(connection, sql, (stored.key, place, one_more))?;
    let has_more = messages.len() > page.limit;
    messages.truncate(page.limit);
    if sql == DOWN {
        messages.reverse();
    }
    let notes = match page.notes {
        true => notes::of_page(connection, (stored.key, &stored.snapshot.conversation), &messages)?,
        false => Vec::new(),
    };
    let head = load::head(connection, workspace)?;
    Ok(Some(MessagePage { snapshot: stored.snapshot, messages, notes, has_more, head }))
}

/// A conversation with its newest `count` messages.
pub(super) fn with_newest(connection: &Connection, stored: Stored, count: usize) -> Result<Row, StoreError> {
    const SQL: &str = select_message!(
        "FROM message m JOIN conversation c ON c.key = m.conversation \
         WHERE m.conversation = ?1 AND m.seq > ?2 ORDER BY m.seq"
    );
    let Stored { key, snapshot, .. } = stored;
    if count == 0 {
        return Ok(Row { snapshot, messages: Vec::new(), hit: None });
    }
    // `seq` has no holes, so a count is a place.
    let behind =
        usize::try_from(snapshot.conversation.message_count).unwrap_or(usize::MAX).saturating_sub(count);
    let messages = messages(connection, SQL, (key, i64::try_from(behind).unwrap_or(i64::MAX)))?;
    Ok(Row { snapshot, messages, hit: None })
}

/// Messages that `sql` finds, in its order.
pub(super) fn messages(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Arc<Message>>, StoreError> {
    let mut statement = connection.prepare_cached(sql).or_store()?;
    statement
        .query_map(params, |row| rows::message(row).map(|(_, message)| Arc::new(message)))
        .and_then(Iterator::collect)
        .or_store()
}
