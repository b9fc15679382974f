//! `parlor backup`: the whole database as one file, of one moment, while a server goes on beside it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parlor_core::limits;
use rusqlite::Connection;

use super::check::Log;
use super::connection::{FILE, create_file, open_reader};
use super::durable::sync_directory;
use super::error::{OrStore, of_io};
use crate::ambient::Ambient;
use crate::store::StoreError;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is ever written over.
    #[error("{} is there already; choose another name, or move it away", .0.display())]
    Exists(PathBuf),
    /// The database, or the disk that the backup is written to.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the database in `dir` to `file`, which appears when it is complete and on the disk. Secrets, links and sessions
/// are left out unless `with_secrets` asks for them. `told` hears how many bytes are written, and of about how many.
pub fn backup(
    dir: &Path,
    file: &Path,
    with_secrets: bool,
    ambient: &dyn Ambient,
    told: impl FnMut(u64, u64) + Send + 'static,
) -> Result<u64, BackupError> {
    refuse_existing(file)?;
    let part = file.with_added_extension("part");
    remove(&part)?;
    let written = copy(&dir.join(FILE), &part, told).and_then(|()| {
        if !with_secrets {
            take_out_secrets(&part, ambient)?;
        }
        let of_file = |e: io::Error| of_io("syncing the backup", &e);
        let bytes = File::open(&part).and_then(|part| part.sync_all().and_then(|()| part.metadata()));
        Ok(bytes.map_err(of_file)?.len())
    });
    let finished = written.map_err(BackupError::from).and_then(|bytes| {
        refuse_existing(file)?;
        fs::rename(&part, file).map_err(|e| of_io("naming the backup", &e))?;
        sync_directory(file).map_err(|e| of_io("syncing the backup's directory", &e))?;
        Ok(bytes)
    });
    if finished.is_err() {
        // It may hold secrets, and is worth nothing.
        remove(&part)?;
    }
    finished
}

fn refuse_existing(file: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(BackupError::Exists(file.to_owned())),
        Err(_) => Ok(()),
    }
}

fn remove(part: &Path) -> Result<(), StoreError> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(of_io("removing an unfinished backup", &error))
        }
        _ => Ok(()),
    }
}

/// Copies the rows of the database at `from` into a new one at `to`: of what was deleted nothing comes along, in no gap and
/// on no free page.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    mut told: impl FnMut(u64, u64) + Send + 'static,
) -> Result<(), StoreError> {
    // Only its owner reads it, from the first byte.
    create_file(to)?;
    let mut connection = open_reader(from)?;
    let log = Log::of(from);
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).or_store()?;
    let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).or_store()?;
    let written = to.to_owned();
    let bytes = u64::from(pages) * u64::from(page_bytes);
    let tell = move || told(fs::metadata(&written).map_or(0, |file| file.len()), bytes);
    log.watch_and(&mut connection, limits::BACKUP_LOG_BYTES, tell)?;
    log.begin();
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()]).or_store()?;
    Ok(())
}

/// Leaves what lets somebody in out of a backup. The key that seals cursors and signs anonymous visitors' tokens is another
/// one, so that the file is a database like any other.
fn take_out_secrets(part: &Path, ambient: &dyn Ambient) -> Result<(), StoreError> {
    let mut cursor_key = [0; 32];
    ambient.fill(&mut cursor_key);
    let mut connection = Connection::open(part).or_store()?;
    // No journal that a crash would leave beside it: a torn backup is made again.
    connection.pragma_update(None, "journal_mode", "memory").or_store()?;
    connection.pragma_update(None, "secure_delete", true).or_store()?;
    let transaction = connection.transaction().or_store()?;
    transaction
        .execute_batch("DELETE FROM secret; DELETE FROM link; DELETE FROM session")
        .and_then(|()| transaction.execute("UPDATE store SET cursor_key = ?1", [cursor_key]))
        .or_store()?;
    transaction.commit().or_store()
}
