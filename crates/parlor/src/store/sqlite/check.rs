//! `parlor check`: whether everything that must be true of the database is. It only reads, and may do so beside a running
//! server.
//!
//! Each invariant is judged within one snapshot. A snapshot keeps the server's log from beginning anew, so conversations are
//! read in portions with one each, and what only SQLite can do in one go is broken off when the log has grown too far.

mod portions;
mod relations;
mod totals;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parlor_core::invariant::Breach;
use parlor_core::limits;
use rusqlite::{Connection, Row, TransactionBehavior};
use uuid::Uuid;

use super::connection::{FILE, open_reader};
use super::error::OrStore;
use super::migrations;
use crate::store::StoreError;

/// Who is told what a check does and finds.
pub trait Listener {
    /// A step begins or goes on: its name, how much of it is done, and of how much if that is known.
    fn step(&mut self, name: &str, done: u64, of: u64);
    /// Something is not as it must be.
    fn breach(&mut self, breach: Breach);
    /// Something worth knowing that is as it may be.
    fn note(&mut self, text: String);
}

/// A database being checked.
pub struct Check {
    connection: Connection,
    log: Log,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Conversations.
    pub conversations: u64,
    /// Their messages.
    pub messages: u64,
}

impl Check {
    /// Opens the database in `dir` for reading; nothing is made, migrated or repaired.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let mut connection = open_reader(&path)?;
        let log = Log::of(&path);
        log.watch(&mut connection, limits::CHECK_LOG_BYTES)?;
        Ok(Self { connection, log })
    }

    /// Checks everything but the search index. `None` when the file itself is broken, or of another version of Parlor:
    /// whatever else were found would follow from that.
    pub fn database(&mut self, listener: &mut dyn Listener) -> Result<Option<Checked>, StoreError> {
        listener.step("schema", 0, 0);
        if let Some(breach) = self.snapshot(migrations::breach)? {
            listener.breach(breach);
            return Ok(None);
        }
        listener.step("pages, indexes and constraints", 0, 0);
        let mut is_whole = true;
        self.snapshot(|connection| {
            each(connection, "PRAGMA integrity_check", |row| {
                let found: String = row.get(0)?;
                if found != "ok" {
                    is_whole = false;
                    listener.breach(Breach::new("file", found));
                }
                Ok(())
            })
        })?;
        if !is_whole {
            return Ok(None);
        }
        relations::check(self, listener)?;
        let checked = portions::check(self, listener)?;
        totals::check(self, listener)?;
        Ok(Some(checked))
    }

    /// Reads on one snapshot of the database, and of every other that is attached.
    pub(crate) fn snapshot<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.log.begin();
        let snapshot = self.connection.transaction_with_behavior(TransactionBehavior::Deferred).or_store()?;
        read(&snapshot)
    }

    /// Whether the last snapshot was broken off, and what it ended with says nothing about the data.
    #[must_use]
    pub fn is_broken_off(&self) -> bool {
        self.log.is_too_long.load(Ordering::Relaxed)
    }

    /// Reads another database along with this one.
    pub(crate) fn attach(&mut self, path: &Path, name: &str) -> Result<(), StoreError> {
        let sql = format!("ATTACH ?1 AS {name}");
        self.connection.execute(&sql, [path.to_string_lossy()]).or_store()?;
        Ok(())
    }
}

/// The log, and what it had when the open snapshot was taken.
pub(super) struct Log {
    path: PathBuf,
    bytes: Arc<AtomicU64>,
    is_too_long: Arc<AtomicBool>,
}

impl Log {
    pub(super) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self { path: path.into(), bytes: Arc::default(), is_too_long: Arc::default() }
    }

    pub(super) fn begin(&self) {
        self.bytes.store(size(&self.path), Ordering::Relaxed);
    }

    /// Breaks off whatever `connection` does once the log is `most` bytes longer than when the snapshot was taken.
    fn watch(&self, connection: &mut Connection, most: u64) -> Result<(), StoreError> {
        self.watch_and(connection, most, || {})
    }

    /// The same; at every look `also` is called.
    pub(super) fn watch_and(
        &self,
        connection: &mut Connection,
        most: u64,
        mut also: impl FnMut() + Send + 'static,
    ) -> Result<(), StoreError> {
        let (path, before, is_too_long) = (self.path.clone(), self.bytes.clone(), self.is_too_long.clone());
        let has_grown = move || {
            also();
            let is_so = size(&path) > before.load(Ordering::Relaxed).saturating_add(most);
            is_too_long.store(is_so, Ordering::Relaxed);
            is_so
        };
        connection.progress_handler(limits::CHECK_LOOK_OPS, Some(has_grown)).or_store()
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

/// Hands every row to `take`, one at a time.
pub(crate) fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(sql).or_store()?;
    let mut rows = statement.query([]).or_store()?;
    while let Some(row) = rows.next().or_store()? {
        take(row).or_store()?;
    }
    Ok(())
}

/// A row's name: its id as callers know it, or its key.
pub(crate) fn name_of(row: &Row<'_>) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(0)? {
        ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(id) => id.to_string(),
            Err(_) => "with an id of another length".to_owned(),
        },
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Integer(key) => key.to_string(),
        ValueRef::Null | ValueRef::Real(_) => "without a name".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::ErrorCode;

    use super::super::connection::open_writer;
    use super::*;

    /// Counts far enough to be looked at many times.
    const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) \
                        SELECT count(*) FROM n, t";

    #[test]
    fn a_snapshot_ends_before_the_log_fills_the_disk() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let path = directory.path().join(FILE);
        let writer = open_writer(&path).expect("opens");
        writer.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").expect("a table");
        let mut check = Check::open(directory.path()).expect("opens");
        check.log.watch(&mut check.connection, 100_000).expect("a watch");
        let long = |connection: &Connection| {
            let counted: rusqlite::Result<i64> = connection.query_row(LONG, [], |row| row.get(0));
            Ok(counted.map_err(|error| error.sqlite_error_code()))
        };
        assert_eq!(check.snapshot(long).expect("a snapshot"), Ok(100_000));
        let busy = check.snapshot(|connection| {
            each(connection, "SELECT x FROM t", |_| Ok(()))?;
            writer.execute("INSERT INTO t VALUES (zeroblob(200000))", []).or_store()?;
            long(connection)
        });
        assert_eq!(busy.expect("a snapshot"), Err(Some(ErrorCode::OperationInterrupted)));
        assert!(check.is_broken_off());
        assert_eq!(check.snapshot(long).expect("a snapshot"), Ok(200_000), "the next one begins anew");
    }
}
