//! How the database file is opened.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use parlor_core::limits;
use parlor_core::planted::{self, Bug};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{OrStore, of_io};
use crate::store::StoreError;

/// The database's file in the data directory.
pub(super) const FILE: &str = "parlor.db";

/// Makes a data directory that only its owner can look into: secrets and people's words are in it.
pub(super) fn create_dir(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes a file that only its owner reads, when it is not there: the directory may have been made by somebody else, and
/// open to all. SQLite gives its log the same permissions. A file that is there is not touched: closing it would take this
/// process's own locks off it (POSIX, fcntl).
pub(crate) fn create_file(path: &Path) -> Result<(), StoreError> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(of_io("making a database file", &error))
        }
        _ => Ok(()),
    }
}

/// The one connection that writes.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    create_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags)?;
    let pragma =
        |name: &str, value: &dyn rusqlite::ToSql| connection.pragma_update(None, name, value).or_store();
    pragma("journal_mode", &"wal")?;
    pragma("synchronous", &if planted::is(Bug::NormalForFull) { "normal" } else { "full" })?;
    // Keys come out of the same transaction, so a check could only repeat a lookup at every insert.
    pragma("foreign_keys", &false)?;
    // SQLite's own checkpoints keep their failures to themselves; ours are the copier's and the keeper's.
    pragma("wal_autocheckpoint", &0)?;
    pragma("journal_size_limit", &limits::WAL_KEPT_BYTES)?;
    // What is deleted or written over is zeroed in its page, then and there: later nobody could find it.
    pragma("secure_delete", &true)?;
    // Negative: KiB rather than pages.
    pragma("cache_size", &-limits::WRITE_CACHE_KIB)?;
    rusqlite::vtab::array::load_module(&connection).or_store()?;
    Ok(connection)
}

/// Bytes of the log's file; 0 when there is none.
pub(super) fn log_bytes(connection: &Connection) -> u64 {
    let path = connection.path().unwrap_or_default();
    std::fs::metadata(format!("{path}-wal")).map_or(0, |file| file.len())
}

/// What a checkpoint found or did.
pub(super) struct Checkpoint {
    /// Somebody was in the way.
    pub(super) is_busy: bool,
    /// Frames in the log.
    pub(super) frames: u64,
    /// Of them, those that the database has too.
    pub(super) copied: u64,
}

impl Checkpoint {
    /// Frames that only the log has.
    pub(super) fn rest(&self) -> u64 {
        self.frames.saturating_sub(self.copied)
    }
}

/// Runs a checkpoint; `mode` is one of SQLite's, `NOOP` only looks.
pub(super) fn checkpoint(connection: &Connection, mode: &'static str) -> Result<Checkpoint, StoreError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    // Without a log both numbers are -1.
    let count = |frames: i64| u64::try_from(frames).unwrap_or(0);
    (connection.prepare_cached(&sql))
        .and_then(|mut statement| {
            statement.query_row([], |row| {
                let (frames, copied) = (count(row.get(1)?), count(row.get(2)?));
                Ok(Checkpoint { is_busy: row.get(0)?, frames, copied })
            })
        })
        .or_store()
}

/// The same with only a short wait for those who read in the log; whether it was complete.
fn checkpoint_soon(connection: &Connection, mode: &'static str) -> Result<bool, StoreError> {
    connection.busy_timeout(Duration::from_millis(limits::WAL_RESTART_WAIT_MS)).or_store()?;
    let done = checkpoint(connection, mode);
    connection.busy_timeout(Duration::from_millis(limits::DATABASE_WAIT_MS)).or_store()?;
    Ok(!done?.is_busy)
}

/// Lets the log begin anew with the next commit, with only a short wait for those who read in it.
///
/// A copied log begins anew only in a moment when nobody reads in it. Readers that overlap leave no such moment, and its
/// file would grow for as long as they do.
pub(super) fn restart_log(connection: &Connection) -> Result<(), StoreError> {
    if !checkpoint_soon(connection, "RESTART")? {
        tracing::warn!("the write-ahead log grows: somebody reads in it without a pause");
    }
    Ok(())
}

/// Copies the log into the database and cuts it to nothing, so that no old state of a page is left in either. `false` when
/// somebody still reads in the log.
pub(crate) fn empty_log(connection: &Connection) -> Result<bool, StoreError> {
    checkpoint_soon(connection, "TRUNCATE")
}

/// A connection that reads beside the writer.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "mmap_size", limits::READ_MAP_BYTES).or_store()?;
    rusqlite::vtab::array::load_module(&connection).or_store()?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // Each connection stays in its own thread: SQLite's mutexes would guard against nobody.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).or_store()?;
    connection.busy_timeout(Duration::from_millis(limits::DATABASE_WAIT_MS)).or_store()?;
    // Plans never follow from the values bound: else SQLite parses a cached statement again whenever one changes, which
    // was a quarter of the CPU time of a post.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).or_store()?;
    connection.set_prepared_statement_cache_capacity(limits::CACHED_STATEMENTS);
    Ok(connection)
}
