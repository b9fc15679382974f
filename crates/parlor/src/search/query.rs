//! Searches.

use std::collections::HashMap;

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Found, index};
use crate::store::sqlite::error::OrStore;
use crate::store::{Hit, StoreError};

/// Conversations whose names or messages match, on one snapshot of the index.
pub(super) fn find(
    connection: &mut Connection,
    workspace: WorkspaceKey,
    expression: &str,
) -> Result<Found, StoreError> {
    let snapshot = connection.transaction_with_behavior(TransactionBehavior::Deferred).or_store()?;
    if !index::has(&snapshot, workspace)? {
        return Ok(Found::default());
    }
    let mut hits = Hits::default();
    let names = index::names(workspace);
    let sql = format!("SELECT rowid, NULL FROM {names} WHERE {names} MATCH ?1 ORDER BY rowid DESC LIMIT ?2");
    hits.collect(&snapshot, &sql, expression)?;
    let messages = index::messages(workspace);
    let sql = format!(
        "SELECT conversation, rowid FROM {messages} WHERE {messages} MATCH ?1 ORDER BY rowid DESC LIMIT ?2"
    );
    hits.collect(&snapshot, &sql, expression)?;
    Ok(hits.found)
}

#[derive(Default)]
struct Hits {
    found: Found,
    /// Where each conversation stands among those found.
    seen: HashMap<i64, usize>,
}

impl Hits {
    /// Takes in what `sql` finds, as many conversations as there may be, until enough rows were looked at.
    fn collect(&mut self, snapshot: &Transaction<'_>, sql: &str, expression: &str) -> Result<(), StoreError> {
        let mut statement = snapshot.prepare_cached(sql).or_store()?;
        let most = i64::try_from(limits::SEARCH_ROWS).unwrap_or(i64::MAX);
        let mut rows = statement.query((expression, most)).or_store()?;
        let mut looked_at = 0;
        while let Some(row) = rows.next().or_store()? {
            looked_at += 1;
            let (conversation_key, message_key) = (row.get(0).or_store()?, row.get(1).or_store()?);
            if let Some(at) = self.seen.get(&conversation_key) {
                // Found by its names before, or by a newer message.
                let hit = &mut self.found.hits[*at];
                hit.message_key = hit.message_key.or(message_key);
            } else if self.seen.len() == limits::SEARCH_HITS {
                // Others may yet turn out to have a message that matches.
                self.found.is_capped = true;
            } else {
                self.seen.insert(conversation_key, self.found.hits.len());
                self.found.hits.push(Hit { conversation_key, message_key });
            }
        }
        self.found.is_capped |= looked_at == limits::SEARCH_ROWS;
        Ok(())
    }
}
