//! How rows leave the index.
//!
//! A few are taken out one by one: FTS5 looks each of their words up and writes its page anew, which costs a good part of a
//! millisecond a message. Of many, the words are only marked as deleted, and then the table's index is written anew without
//! them, in steps: that costs as much as what stays. What is left to do stands in the file.

use std::collections::BTreeMap;

use parlor_core::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::store::sqlite::error::OrStore;
use crate::store::{FeedDeletion, StoreError};

/// Words are marked; the table is to be written anew.
const MARKED: u8 = 0;
/// That has begun.
const REWRITING: u8 = 1;
/// No words are left, but maybe their beginnings between the pages.
const SEAMS: u8 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    OneByOne,
    Mark,
}

/// Makes the list of tables that are not clean.
pub(super) fn prepare(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    const SQL: &str =
        "CREATE TABLE IF NOT EXISTS unclean (name TEXT PRIMARY KEY, stage INTEGER NOT NULL) STRICT";
    transaction.execute_batch(SQL).or_store()
}

/// Removes what was deleted from the tables it was in, and says how far in the queue of deletions that is: a transaction
/// takes only so many one by one. What the index never had is no error.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    deleted: &[FeedDeletion],
    table: impl Fn(&FeedDeletion) -> Option<String>,
    before: i64,
) -> Result<i64, StoreError> {
    let tables: Vec<Option<String>> = deleted.iter().map(table).collect();
    let mut counts = BTreeMap::<&str, usize>::new();
    tables.iter().flatten().for_each(|table| *counts.entry(table).or_default() += 1);
    let mut ways = BTreeMap::new();
    for (table, count) in counts {
        ways.insert(table, choose(transaction, table, count)?);
    }
    let (mut last, mut one_by_one) = (before, 0);
    let mut rows = BTreeMap::<&str, Vec<i64>>::new();
    for (deletion, table) in deleted.iter().zip(&tables) {
        if let Some(table) = table {
            one_by_one += usize::from(ways[table.as_str()] == Way::OneByOne);
            if one_by_one > limits::FORGET_BATCH {
                break;
            }
            rows.entry(table).or_default().push(deletion.row);
        }
        last = deletion.key;
    }
    for (table, mut rows) in rows {
        // FTS5 collects what comes in this order, and goes once through its pages.
        rows.sort_unstable();
        take_out(transaction, table, ways[table], &rows)?;
    }
    Ok(last)
}

fn choose(transaction: &Transaction<'_>, table: &str, count: usize) -> Result<Way, StoreError> {
    // It is written anew in any case.
    if stage(transaction, table)? == Some(MARKED) || count > limits::FORGET_ONE_BY_ONE {
        return Ok(Way::Mark);
    }
    let most = count * limits::FORGET_SHARE;
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table}_docsize LIMIT {most})");
    let rows: u32 = transaction.query_row(&sql, [], |row| row.get(0)).or_store()?;
    Ok(if (rows as usize) < most { Way::Mark } else { Way::OneByOne })
}

fn take_out(transaction: &Transaction<'_>, table: &str, way: Way, rows: &[i64]) -> Result<(), StoreError> {
    begin(transaction, table, way)?;
    let mut delete =
        transaction.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1")).or_store()?;
    for row in rows {
        delete.execute([row]).or_store()?;
    }
    if way == Way::Mark {
        // Also writes down what was marked, while it is only marked.
        set_secure(transaction, table, true)?;
    }
    Ok(())
}

fn begin(transaction: &Transaction<'_>, table: &str, way: Way) -> Result<(), StoreError> {
    const MARK: &str = "INSERT INTO unclean VALUES (?1, ?2) ON CONFLICT DO UPDATE SET stage = ?2";
    const ONE_BY_ONE: &str = "INSERT INTO unclean VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let done = match way {
        Way::OneByOne => transaction.execute(ONE_BY_ONE, params![table, SEAMS]),
        Way::Mark => {
            set_secure(transaction, table, false)?;
            transaction.execute(MARK, params![table, MARKED])
        }
    };
    done.or_store()?;
    Ok(())
}

/// Whether words leave a table's index with their row, or are only marked.
fn set_secure(transaction: &Transaction<'_>, table: &str, is_secure: bool) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', ?1)");
    transaction.execute(&sql, [is_secure]).or_store()?;
    Ok(())
}

/// Makes a step of writing a table anew whose deleted words are only marked; false when there is none.
pub(super) fn rewrite(connection: &mut Connection) -> Result<bool, StoreError> {
    const NEXT: &str = "SELECT name, stage FROM unclean WHERE stage < ?1 LIMIT 1";
    const SQL: &str = "UPDATE unclean SET stage = ?2 WHERE name = ?1";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let next: Option<(String, u8)> =
        transaction.query_row(NEXT, [SEAMS], |row| row.try_into()).optional().or_store()?;
    let Some((table, stage)) = next else { return Ok(false) };
    if stage == MARKED {
        // FTS5 looks first at what came in meanwhile, and by default takes two or three parts of that for nothing to do: what
        // it is in the middle of would be left as it is.
        let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('usermerge', 2)");
        transaction.execute(&sql, []).or_store()?;
    }
    // A number below zero begins: it takes in all that there is.
    let pages = if stage == MARKED { -limits::REWRITE_PAGES } else { limits::REWRITE_PAGES };
    let before = transaction.total_changes();
    let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)");
    transaction.execute(&sql, [pages]).or_store()?;
    // FTS5's own sign that nothing was left to do.
    let is_done = transaction.total_changes() - before < 2;
    transaction.execute(SQL, params![table, if is_done { SEAMS } else { REWRITING }]).or_store()?;
    transaction.commit().or_store()?;
    Ok(true)
}

/// A table whose seams are to be looked at, if there is any.
pub(super) fn next_seams(connection: &Connection) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT name FROM unclean WHERE stage = ?1 LIMIT 1";
    connection.query_row(SQL, [SEAMS], |row| row.get(0)).optional().or_store()
}

/// A table's index is free of everything forgotten.
pub(super) fn is_clean(connection: &Connection, table: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM unclean WHERE name = ?1", [table]).or_store()?;
    Ok(())
}

fn stage(connection: &Connection, table: &str) -> Result<Option<u8>, StoreError> {
    const SQL: &str = "SELECT stage FROM unclean WHERE name = ?1";
    connection.query_row(SQL, [table], |row| row.get(0)).optional().or_store()
}

#[cfg(test)]
mod tests;
