//! Searches.

use std::collections::HashMap;

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::parts::Parts;
use super::{Found, index};
use crate::store::sqlite::error::OrStore;
use crate::store::{Hit, StoreError};

/// Conversations whose names or messages match, on one snapshot of the index.
pub(super) fn find(
    connection: &mut Connection,
    workspace: WorkspaceKey,
    expression: &str,
    with_notes: bool,
) -> Result<Found, StoreError> {
    let snapshot = connection.transaction_with_behavior(TransactionBehavior::Deferred).or_store()?;
    if !index::has(&snapshot, workspace)? {
        return Ok(Found::default());
    }
    let mut hits = Hits::default();
    let names = index::names(workspace);
    let sql = format!("SELECT rowid, NULL FROM {names} WHERE {names} MATCH ?1 ORDER BY rowid DESC LIMIT ?2");
    hits.collect(&snapshot, &sql, expression, limits::SEARCH_ROWS, At::Message)?;
    let mut left = limits::SEARCH_ROWS;
    for part in Parts::of(&snapshot, workspace)?.iter().rev() {
        let table = part.table();
        let sql = format!(
            "SELECT conversation, rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT ?2"
        );
        left -= hits.collect(&snapshot, &sql, expression, left, At::Message)?;
        if left == 0 {
            break;
        }
    }
    // Of them a visitor's search neither looks at a row nor counts one.
    if with_notes && index::has_notes(&snapshot, workspace)? {
        let table = index::notes(workspace);
        let sql = format!(
            "SELECT conversation, rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT ?2"
        );
        hits.collect(&snapshot, &sql, expression, limits::SEARCH_ROWS, At::Note)?;
    }
    Ok(hits.found)
}

/// Where a row stands whose key is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Message,
    Note,
}

#[derive(Default)]
struct Hits {
    found: Found,
    /// Where each conversation stands among those found.
    seen: HashMap<i64, usize>,
}

impl Hits {
    /// Takes in what `sql` finds, as many conversations as there may be, until `most` rows were looked at; says how many were.
    fn collect(
        &mut self,
        snapshot: &Transaction<'_>,
        sql: &str,
        expression: &str,
        most: usize,
        place: At,
    ) -> Result<usize, StoreError> {
        let mut statement = snapshot.prepare_cached(sql).or_store()?;
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = statement.query((expression, limit)).or_store()?;
        let mut looked_at = 0;
        while let Some(row) = rows.next().or_store()? {
            looked_at += 1;
            let (conversation_key, key): (_, Option<i64>) = (row.get(0).or_store()?, row.get(1).or_store()?);
            let (message_key, note_key) = if place == At::Note { (None, key) } else { (key, None) };
            if let Some(at) = self.seen.get(&conversation_key) {
                // Found by its names before, or by a newer message.
                let hit = &mut self.found.hits[*at];
                hit.message_key = hit.message_key.or(message_key);
                hit.note_key = hit.note_key.or(note_key);
            } else if self.seen.len() == limits::SEARCH_HITS {
                // Others may yet turn out to have a message that matches.
                self.found.is_capped = true;
            } else {
                self.seen.insert(conversation_key, self.found.hits.len());
                self.found.hits.push(Hit { conversation_key, message_key, note_key });
            }
        }
        self.found.is_capped |= looked_at == most;
        Ok(looked_at)
    }
}
