//! How the database file is opened.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use parlor_core::limits;
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
    pragma("synchronous", &"full")?;
    // Keys come out of the same transaction, so a check could only repeat a lookup at every insert.
    pragma("foreign_keys", &false)?;
    pragma("wal_autocheckpoint", &limits::WAL_CHECKPOINT_PAGES)?;
    pragma("journal_size_limit", &limits::WAL_KEPT_BYTES)?;
    // Negative: KiB rather than pages.
    pragma("cache_size", &-limits::WRITE_CACHE_KIB)?;
    Ok(connection)
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
