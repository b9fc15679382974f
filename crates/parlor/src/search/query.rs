//! Searches.

use std::collections::HashSet;

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Found, index};
use crate::store::StoreError;
use crate::store::sqlite::error::OrStore;

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
    let sql = format!("SELECT rowid FROM {names} WHERE {names} MATCH ?1 ORDER BY rowid DESC LIMIT ?2");
    hits.collect(&snapshot, &sql, expression)?;
    let messages = index::messages(workspace);
    let sql =
        format!("SELECT conversation FROM {messages} WHERE {messages} MATCH ?1 ORDER BY rowid DESC LIMIT ?2");
    hits.collect(&snapshot, &sql, expression)?;
    Ok(hits.found)
}

#[derive(Default)]
struct Hits {
    found: Found,
    seen: HashSet<i64>,
}

impl Hits {
    /// Takes in what `sql` finds until there are enough conversations, or enough rows were looked at.
    fn collect(&mut self, snapshot: &Transaction<'_>, sql: &str, expression: &str) -> Result<(), StoreError> {
        let mut statement = snapshot.prepare_cached(sql).or_store()?;
        let most = i64::try_from(limits::SEARCH_ROWS).unwrap_or(i64::MAX);
        let mut rows = statement.query((expression, most)).or_store()?;
        let mut looked_at = 0;
        while let Some(row) = rows.next().or_store()? {
            looked_at += 1;
            let key = row.get(0).or_store()?;
            if self.seen.contains(&key) {
                continue;
            }
            if self.seen.len() == limits::SEARCH_HITS {
                self.found.is_capped = true;
                return Ok(());
            }
            self.seen.insert(key);
            self.found.conversation_keys.push(key);
        }
        self.found.is_capped |= looked_at == limits::SEARCH_ROWS;
        Ok(())
    }
}
