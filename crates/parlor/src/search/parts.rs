//! The tables a workspace's messages are in.
//!
//! Each takes so many and no more, in the order of their keys; then the next one begins. What deleting costs depends on the
//! tables it is about and not on all that was ever said, and a search that goes from the newest to the oldest stops early.
//! A full table is written anew as one piece: to take a word out of it FTS5 looks in one place rather than in ten.

use std::collections::BTreeSet;

use parlor_core::id::WorkspaceKey;
use rusqlite::{Connection, Transaction, params};

use super::words::spread;
use super::{forget, index};
use crate::store::sqlite::error::OrStore;
use crate::store::{FeedMessage, StoreError};

/// A table of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) workspace: WorkspaceKey,
    /// The key it begins at; the one before ends there.
    pub(super) first: i64,
    /// The highest key it ever had.
    last: i64,
    /// How many messages it ever had.
    taken: u32,
}

impl Part {
    /// Its name.
    pub(super) fn table(&self) -> String {
        format!("message_{}_{}", self.workspace.0, self.first)
    }
}

/// Those of a workspace, the oldest first.
pub(super) struct Parts(Vec<Part>);

/// Makes the list of tables.
pub(super) fn prepare(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    const SQL: &str = "CREATE TABLE IF NOT EXISTS part ( \
                           workspace INTEGER NOT NULL, \
                           first     INTEGER NOT NULL, \
                           last      INTEGER NOT NULL, \
                           taken     INTEGER NOT NULL, \
                           PRIMARY KEY (workspace, first) \
                       ) STRICT, WITHOUT ROWID";
    transaction.execute_batch(SQL).or_store()
}

impl Parts {
    /// As they stand in the file of this connection.
    pub(super) fn of(connection: &Connection, workspace: WorkspaceKey) -> Result<Self, StoreError> {
        Self::of_attached(connection, "main", workspace)
    }

    /// As they stand in another file that the connection has by this name.
    pub(super) fn of_attached(
        connection: &Connection,
        name: &str,
        workspace: WorkspaceKey,
    ) -> Result<Self, StoreError> {
        let sql = format!("SELECT first, last, taken FROM {name}.part WHERE workspace = ?1 ORDER BY first");
        let mut statement = connection.prepare_cached(&sql).or_store()?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Part { workspace, first: row.get(0)?, last: row.get(1)?, taken: row.get(2)? })
        };
        statement.query_map([workspace.0], read).and_then(Iterator::collect).map(Self).or_store()
    }

    /// The oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Part> {
        self.0.iter()
    }

    /// The one that has, or had, the message of this key.
    pub(super) fn with(&self, key: i64) -> Option<&Part> {
        self.0[..self.0.partition_point(|part| part.first <= key)].last()
    }

    /// Takes messages of its workspace in, which come in the order of their keys, `most` in a table.
    pub(super) fn add<'a>(
        &mut self,
        transaction: &Transaction<'_>,
        workspace: WorkspaceKey,
        messages: impl Iterator<Item = &'a FeedMessage>,
        most: usize,
    ) -> Result<(), StoreError> {
        for message in messages {
            match self.0.last_mut() {
                // It was read before.
                Some(newest) if message.key <= newest.last => {}
                Some(newest) if (newest.taken as usize) < most => {
                    newest.last = message.key;
                    newest.taken += 1;
                }
                _ => self.begin(transaction, workspace, message.key)?,
            }
            if let Some(part) = self.with(message.key) {
                insert(transaction, &part.table(), message)?;
            }
        }
        self.0.last().map_or(Ok(()), |newest| save(transaction, newest))
    }

    /// Ends the newest table, and begins one with the message of this key.
    fn begin(
        &mut self,
        transaction: &Transaction<'_>,
        workspace: WorkspaceKey,
        key: i64,
    ) -> Result<(), StoreError> {
        if let Some(full) = self.0.last() {
            if drop_if_empty(transaction, full)? {
                self.0.pop();
            } else {
                save(transaction, full)?;
                unite(transaction, &full.table())?;
            }
        }
        let part = Part { workspace, first: key, last: key, taken: 1 };
        index::create_messages(transaction, &part.table())?;
        self.0.push(part);
        Ok(())
    }

    /// Takes away those of the tables with these messages that have nothing left. The newest stays, for what is to come; if
    /// it is still empty when it ends, it goes then.
    pub(super) fn drop_empty(
        &self,
        transaction: &Transaction<'_>,
        rows: impl Iterator<Item = i64>,
    ) -> Result<(), StoreError> {
        let newest = self.0.last().map(|part| part.first);
        let firsts: BTreeSet<i64> = rows.filter_map(|row| Some(self.with(row)?.first)).collect();
        for part in self.0.iter().filter(|part| firsts.contains(&part.first) && Some(part.first) != newest) {
            drop_if_empty(transaction, part)?;
        }
        Ok(())
    }
}

/// Whether a table had nothing left, and is gone.
fn drop_if_empty(transaction: &Transaction<'_>, part: &Part) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM part WHERE workspace = ?1 AND first = ?2";
    let table = part.table();
    let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {table}_docsize)");
    let is_empty = transaction.query_row(&sql, [], |row| row.get(0)).or_store()?;
    if is_empty {
        transaction.execute_batch(&format!("DROP TABLE {table}")).or_store()?;
        transaction.execute(SQL, params![part.workspace.0, part.first]).or_store()?;
        forget::is_clean(transaction, &table)?;
    }
    Ok(is_empty)
}

fn insert(transaction: &Transaction<'_>, table: &str, message: &FeedMessage) -> Result<(), StoreError> {
    let sql = format!("INSERT OR REPLACE INTO {table} (rowid, conversation, text) VALUES (?1, ?2, ?3)");
    let row = params![message.key, message.conversation_key, spread(&message.text)];
    transaction.prepare_cached(&sql).and_then(|mut insert| insert.execute(row)).or_store()?;
    Ok(())
}

fn save(transaction: &Transaction<'_>, part: &Part) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO part VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT DO UPDATE SET last = excluded.last, taken = excluded.taken";
    let row = params![part.workspace.0, part.first, part.last, part.taken];
    transaction.prepare_cached(SQL).and_then(|mut save| save.execute(row)).or_store()?;
    Ok(())
}

/// Makes one piece of all that FTS5 has of a table.
fn unite(transaction: &Transaction<'_>, table: &str) -> Result<(), StoreError> {
    transaction.execute_batch(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')")).or_store()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::query;
    use crate::store::{Feed, FeedDeletion, FeedPosition};

    const WORKSPACE: WorkspaceKey = WorkspaceKey(1);

    /// Messages of these keys, each in a conversation of its own, in tables of three.
    fn apply(connection: &mut Connection, keys: impl Iterator<Item = i64>) {
        let text = |key: i64| if key % 2 == 0 { "even" } else { "odd" }.to_owned();
        let message =
            |key| FeedMessage { key, workspace: WORKSPACE, conversation_key: 100 + key, text: text(key) };
        let feed = Feed { messages: keys.map(message).collect(), ..Feed::default() };
        index::apply(connection, FeedPosition::default(), &feed, 3).expect("room");
    }

    fn firsts(connection: &Connection) -> Vec<i64> {
        Parts::of(connection, WORKSPACE).expect("readable").iter().map(|part| part.first).collect()
    }

    fn found(connection: &mut Connection, expression: &str) -> Vec<i64> {
        let found = query::find(connection, WORKSPACE, expression, false).expect("a search");
        found.hits.into_iter().filter_map(|hit| hit.message_key).collect()
    }

    #[test]
    fn a_search_goes_through_all_tables_from_the_newest_message_to_the_oldest() {
        let mut connection = index::open_in_memory(&[0; 32]).expect("an index");
        apply(&mut connection, (1..=4).map(|n| n * 10));
        apply(&mut connection, (5..=8).map(|n| n * 10 + 1));
        assert_eq!(firsts(&connection), [10, 40, 71]);
        assert_eq!(found(&mut connection, "even"), [40, 30, 20, 10]);
        assert_eq!(found(&mut connection, "odd"), [81, 71, 61, 51]);
    }

    #[test]
    fn what_is_read_again_is_where_it_was() {
        let mut connection = index::open_in_memory(&[0; 32]).expect("an index");
        apply(&mut connection, 1..=8);
        apply(&mut connection, 1..=8);
        assert_eq!(firsts(&connection), [1, 4, 7]);
        assert_eq!(found(&mut connection, "even"), [8, 6, 4, 2]);
        apply(&mut connection, 5..=10);
        assert_eq!(firsts(&connection), [1, 4, 7, 10]);
        assert_eq!(found(&mut connection, "odd"), [9, 7, 5, 3, 1]);
    }

    #[test]
    fn a_table_with_nothing_left_goes_the_newest_when_it_ends() {
        let mut connection = index::open_in_memory(&[0; 32]).expect("an index");
        let delete = |connection: &mut Connection, rows: &[i64]| {
            let deletion = |row: &i64| FeedDeletion { key: *row, workspace: WORKSPACE, row: *row };
            let feed = Feed { deleted_messages: rows.iter().map(deletion).collect(), ..Feed::default() };
            index::apply(connection, FeedPosition::default(), &feed, 3).expect("room");
        };
        apply(&mut connection, 1..=6);
        delete(&mut connection, &[1, 2, 3]);
        assert_eq!(firsts(&connection), [4]);
        delete(&mut connection, &[4, 5, 6]);
        assert_eq!(firsts(&connection), [4], "for what is to come");
        apply(&mut connection, 7..=8);
        assert_eq!(firsts(&connection), [7]);
        assert_eq!(found(&mut connection, "odd"), [7]);
        const TABLES: &str =
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'message_1_%' AND sql LIKE '%fts5%'";
        let tables: i64 = connection.query_row(TABLES, [], |row| row.get(0)).expect("the schema");
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_full_table_is_one_piece() {
        let mut connection = index::open_in_memory(&[0; 32]).expect("an index");
        (1..=4).for_each(|key| apply(&mut connection, key..=key));
        let pieces = |table: &str| -> i64 {
            let sql = format!("SELECT count(DISTINCT segid) FROM {table}_idx");
            connection.query_row(&sql, [], |row| row.get(0)).expect("FTS5's table")
        };
        assert_eq!((pieces("message_1_1"), pieces("message_1_4")), (1, 1));
    }
}
