//! Who owns a data directory.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::connection::create_dir;

/// Why a data directory could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// A server, an import or a restore works in it.
    #[error("{} is in use by another Parlor; stop it first", .0.display())]
    Held(PathBuf),
    /// A restore is putting another database in the place of the one that is there.
    #[error("{} is being restored; run the same command again when that is done", .0.display())]
    Restoring(PathBuf),
    /// Somebody is changing the database that is there.
    #[error("another command is changing {}; try again", .0.display())]
    Changing(PathBuf),
    /// The directory or its lock file cannot be made or opened.
    #[error("{} cannot be locked: {source}", .dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A hold on a data directory. The lock is the operating system's and goes with the process, so a crash leaves nothing to
/// clean up.
#[derive(Debug)]
pub struct DataDir {
    _lock: File,
}

/// Locked by whoever serves, imports or restores.
const OWNER: &str = "lock";
/// Locked by whoever changes the database beside its owner, and against them by a restore.
const CHANGES: &str = "changes.lock";

impl DataDir {
    /// Locks `dir`, which is made when it is not there: nobody else serves, imports or restores into it while this lives.
    pub fn lock(dir: &Path) -> Result<Self, LockError> {
        Self::locked(dir, OWNER, File::try_lock, LockError::Held)
    }

    /// Whatever is written into the database of `dir` while this lives is in the one that a restore leaves there as well, as
    /// far as it leaves anything of before.
    pub fn to_change(dir: &Path) -> Result<Self, LockError> {
        Self::locked(dir, CHANGES, File::try_lock_shared, LockError::Restoring)
    }

    /// Nobody writes into the database of `dir` beside its owner while this lives.
    pub fn against_changes(dir: &Path) -> Result<Self, LockError> {
        Self::locked(dir, CHANGES, File::try_lock, LockError::Changing)
    }

    fn locked(
        dir: &Path,
        name: &str,
        lock: fn(&File) -> Result<(), TryLockError>,
        held: fn(PathBuf) -> LockError,
    ) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { dir: dir.to_owned(), source };
        create_dir(dir).map_err(failed)?;
        let (path, options) = (dir.join(name), &mut File::options());
        let file = match options.write(true).create(true).truncate(false).open(&path) {
            // Made by another user, root for example; locking it needs no more.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(&path),
            opened => opened,
        };
        let file = file.map_err(failed)?;
        match lock(&file) {
            Ok(()) => Ok(Self { _lock: file }),
            Err(TryLockError::WouldBlock) => Err(held(dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
