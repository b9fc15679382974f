//! What makes everything durable that a database shows when it is opened.
//!
//! After a failed fsync Linux calls the pages clean: a later fsync succeeds and the data is not on the disk. And a commit
//! whose fsync failed, or whose process was killed before it, stands whole in the log as far as the page cache goes, so
//! SQLite recovers it as committed. Whoever answers from it, a repeated send for example, promises what no fsync ever
//! covered. Four places in SQLite (wal.c) make it worse:
//!
//! - `walCheckpoint` syncs the database only when it has copied the whole log, but counts a part as copied without it. If
//!   the sync that comes at last fails, the next one copies only the rest: pages of the first part may be on no disk when
//!   the log begins anew. The count is in the shared index and is 0 only after a recovery, so the index has to go: every
//!   connection is closed at once.
//! - `sqlite3WalClose` would run that same checkpoint and delete the log: connections close without, but for an end in order.
//! - The checkpoint truncates the log without a sync. An older log that a power cut brings back, without frames that no
//!   sync covered but that were copied, would put old pages over new ones: the log itself is made durable first.
//! - A directory's failed sync is ignored, and with it a log that has no name after a power cut.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use parlor_core::limits;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::connection::{self, Checkpoint, checkpoint};
use super::error::{OrStore, of_io};
use crate::store::StoreError;

/// Bytes of the log's header, and of the header of each of its frames (SQLite's file format, section 4).
const HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: u64 = 24;

/// Writes the log at `path` anew up to its last commit, cuts off what is behind it, and syncs it: of a write that failed
/// nothing is left, and everything else is on the disk. Others may read meanwhile; writers wait.
///
/// While a connection is open, its index says what was committed; else SQLite recovers it from the log.
pub(super) fn secure_log(path: &Path) -> Result<(), StoreError> {
    let mut writer = open(path)?;
    let looker = open(path)?;
    let page_bytes: u32 = writer.pragma_query_value(None, "page_size", |row| row.get(0)).or_store()?;
    let held = writer.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let Checkpoint { frames, .. } = checkpoint(&looker, "NOOP")?;
    let end = match frames {
        0 => 0,
        frames => HEADER_BYTES + frames * (u64::from(page_bytes) + FRAME_HEADER_BYTES),
    };
    rewrite(&log_of(path), end).map_err(|e| of_io("writing the log again", &e))?;
    sync_directory(path).map_err(|e| of_io("syncing the data directory", &e))?;
    held.rollback().or_store()
}

/// Opens the database at `path` for writing and copies its whole log into it. When writes of before failed
/// (`after_failure`), this is refused while another process keeps the index alive.
pub(super) fn open_sound(path: &Path, after_failure: bool) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    if after_failure && checkpoint(&connection, "NOOP")?.copied > 0 {
        return Err(StoreError::Unavailable(
            "another process has had the database open since before the failure (an export, a check); end it"
                .to_owned(),
        ));
    }
    match checkpoint(&connection, "TRUNCATE") {
        // Somebody reads in the log, which is on the disk: it is copied later.
        Ok(Checkpoint { is_busy: true, .. }) => {}
        Ok(_) => File::open(log_of(path))
            .and_then(|log| log.sync_all())
            .map_err(|e| of_io("syncing the log", &e))?,
        // No room to copy it: it stays, and what frees space can still be written.
        Err(StoreError::Full(error)) => tracing::warn!(error, "the log could not be copied"),
        Err(error) => return Err(error),
    }
    Ok(connection)
}

/// Lets `connection` close without touching the files.
fn leave_files(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).or_store()?;
    Ok(())
}

/// Lets `connection`, should it be the last one, copy the log when it closes.
pub(super) fn copy_on_close(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).or_store()?;
    Ok(())
}

/// Opens the database for writing; the connection leaves the files as they are when it closes.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = connection::open_writer(path)?;
    leave_files(&connection)?;
    Ok(connection)
}

fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// Makes the first `end` bytes of a file dirty again, whatever the kernel thinks of them, drops the rest and syncs.
fn rewrite(path: &Path, end: u64) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let bytes = file.metadata()?.len();
    if bytes < end {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the log is shorter than its index"));
    }
    if bytes > end {
        file.set_len(end)?;
    }
    let mut chunk = vec![0; limits::LOG_COPY_BYTES];
    let mut at = 0;
    while at < end {
        let size = usize::try_from(end - at).unwrap_or(limits::LOG_COPY_BYTES).min(limits::LOG_COPY_BYTES);
        file.read_exact_at(&mut chunk[..size], at)?;
        file.write_all_at(&chunk[..size], at)?;
        at += size as u64;
    }
    file.sync_all()
}

/// Syncs the names of the files beside `path`, and of their directory.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    // A name alone is in the directory one works in.
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let directory = above.unwrap_or(Path::new("."));
    let directory = std::fs::canonicalize(directory)?;
    File::open(&directory)?.sync_all()?;
    match directory.parent() {
        // Not everybody may look into the directory above; then its owner has made ours.
        Some(above) => File::open(above).map_or(Ok(()), |above| above.sync_all()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::super::connection::log_bytes;
    use super::*;

    #[test]
    fn a_name_without_a_directory_is_one_of_this_directory() {
        sync_directory(Path::new("Cargo.toml")).expect("tests run where it is");
    }

    /// A log at `path` with one commit more than the index of its open connections knows: as a failed fsync leaves it.
    fn leave_a_ghost(path: &Path) {
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = elsewhere.path().join(connection::FILE);
        let (log, copied_log) = (path.with_extension("db-wal"), copy.with_extension("db-wal"));
        fs::copy(path, &copy).unwrap();
        fs::copy(&log, &copied_log).unwrap();
        let ghost = connection::open_writer(&copy).unwrap();
        leave_files(&ghost).unwrap();
        ghost.execute("INSERT INTO t VALUES ('ghost')", []).unwrap();
        drop(ghost);
        let (before, after) = (fs::read(&log).unwrap(), fs::read(&copied_log).unwrap());
        assert!(after.len() > before.len() && after.starts_with(&before));
        fs::write(&log, after).unwrap();
    }

    fn rows(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT x FROM t ORDER BY rowid").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn log_and_connection(directory: &TempDir) -> (PathBuf, Connection) {
        let path = directory.path().join(connection::FILE);
        let connection = connection::open_writer(&path).unwrap();
        leave_files(&connection).unwrap();
        connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES ('answered')").unwrap();
        (path, connection)
    }

    #[test]
    fn a_commit_whose_sync_failed_is_cut_off_while_the_index_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let (path, old) = log_and_connection(&directory);
        leave_a_ghost(&path);
        secure_log(&path).unwrap();
        drop(old);
        assert_eq!(rows(&open_sound(&path, true).unwrap()), ["answered"]);
    }

    #[test]
    fn what_a_killed_process_left_is_made_durable_before_it_is_shown() {
        let directory = tempfile::tempdir().unwrap();
        let (path, old) = log_and_connection(&directory);
        leave_a_ghost(&path);
        drop(old);
        secure_log(&path).unwrap();
        let connection = open_sound(&path, false).unwrap();
        assert_eq!(rows(&connection), ["answered", "ghost"]);
        assert_eq!(log_bytes(&connection), 0);
    }
}
