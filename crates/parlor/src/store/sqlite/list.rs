//! The inbox: a page, its total and the head, of one snapshot.

mod filter;
mod plan;
mod walk;

use std::collections::HashMap;
use std::sync::Arc;

use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::limits;
use rusqlite::Connection;
use uuid::Uuid;

use self::filter::Filter;
use self::plan::Plan;
use super::error::corrupt;
use super::rows::{self, select_message, select_note, select_snapshot};
use super::{load, messages};
use crate::store::{Hit, ListPage, ListQuery, Matched, PageKey, Row, StoreError};

/// A conversation's place in the order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    value: i64,
    id: [u8; 16],
    key: i64,
}

/// A page of the inbox.
pub(super) fn list_conversations(
    connection: &Connection,
    workspace: WorkspaceKey,
    query: &ListQuery,
) -> Result<ListPage, StoreError> {
    let head = load::head(connection, workspace)?;
    let filter = Filter { workspace, query };
    let plan = Plan::choose(connection, filter)?;
    let counted = plan.total(connection)?;
    let mut places = plan.places(connection, query.limit.saturating_add(1))?;
    let has_more = places.len() > query.limit;
    places.truncate(query.limit);
    let next = places.last().filter(|_| has_more);
    let next = next.map(|p| PageKey { value: p.value, id: ConversationId(Uuid::from_bytes(p.id)) });
    let rows = places.iter().map(|place| row(connection, place.key, query.messages));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    if let Some(hits) = &query.among {
        bring_hits(connection, &places, hits, &mut rows)?;
    }
    let exact = limits::TOTAL_EXACT as u64;
    let total_is_capped = !plan.total_is_exact() && counted > exact;
    let total = if total_is_capped { exact } else { counted };
    Ok(ListPage { rows, total, total_is_capped, next, head })
}

/// Brings the messages and notes a search found in the conversations of a page.
fn bring_hits(
    connection: &Connection,
    places: &[Place],
    hits: &[Hit],
    rows: &mut [Row],
) -> Result<(), StoreError> {
    const SQL: &str = select_message!(
        "FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.key = ?1 AND m.conversation = ?2"
    );
    const NOTE: &str = select_note!(
        "FROM note n JOIN conversation c ON c.key = n.conversation \
         WHERE n.key = ?1 AND n.conversation = ?2 AND n.deleted_at IS NULL"
    );
    let at: HashMap<i64, usize> = places.iter().enumerate().map(|(at, place)| (place.key, at)).collect();
    for hit in hits {
        let Some(at) = at.get(&hit.conversation_key) else { continue };
        rows[*at].hit = if let Some(message) = hit.message_key {
            let found = load::one(connection, SQL, [message, hit.conversation_key], rows::message)?;
            found.map(|(_, message)| Matched::Message(Arc::new(message)))
        } else if let Some(note) = hit.note_key {
            let found = load::one(connection, NOTE, [note, hit.conversation_key], rows::note)?;
            found.map(|note| Matched::Note(Arc::new(note)))
        } else {
            None
        };
    }
    Ok(())
}

fn row(connection: &Connection, key: i64, messages: usize) -> Result<Row, StoreError> {
    const SQL: &str = select_snapshot!("FROM conversation c JOIN user u ON u.key = c.user WHERE c.key = ?1");
    let stored = load::one(connection, SQL, [key], rows::snapshot)?;
    let stored = stored.ok_or_else(|| corrupt("a conversation"))?;
    messages::with_newest(connection, stored, messages)
}
