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
    /// The directory or its lock file cannot be made or opened.
    #[error("{} cannot be locked: {source}", .dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A data directory nobody else serves, imports or restores into while this lives. The lock is the operating system's
/// and goes with the process, so a crash leaves nothing to clean up.
#[derive(Debug)]
pub struct DataDir {
    _lock: File,
}

impl DataDir {
    /// Locks `dir`, which is made when it is not there.
    pub fn lock(dir: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { dir: dir.to_owned(), source };
        create_dir(dir).map_err(failed)?;
        let options = &mut File::options();
        let file = options.write(true).create(true).truncate(false).open(dir.join("lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _lock: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
