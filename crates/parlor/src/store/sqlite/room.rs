//! Free space: how much there is, and some that is kept back for the day when there is none.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use parlor_core::limits;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

/// The ballast's file in the data directory.
const FILE: &str = "ballast";

/// The disk that a data directory is on.
pub(super) struct Room {
    directory: PathBuf,
    /// How many of `ROOM_WARNED_BYTES` were warned about.
    warned: AtomicUsize,
}

impl Room {
    pub(super) fn of(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), warned: AtomicUsize::new(0) }
    }

    /// Bytes that can still be written; as much as one likes where the system does not say.
    pub(super) fn free(&self) -> u64 {
        statvfs(&self.directory).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Warns once for each threshold that the free space falls below; again after it was above.
    pub(super) fn watch(&self) {
        let free = self.free();
        let passed = limits::ROOM_WARNED_BYTES.iter().filter(|threshold| free < **threshold).count();
        if passed > self.warned.swap(passed, Ordering::Relaxed) {
            let mib = free / (1024 * 1024);
            tracing::warn!(
                free_mib = mib,
                "the disk of the data directory fills up; make room or posts will be refused"
            );
        }
    }

    /// Whether the ballast is there whole; makes it when the disk has room for it and for going on. Blocks, not a hole:
    /// they have to come free.
    pub(super) fn keep_ballast(&self) -> io::Result<bool> {
        let path = self.directory.join(FILE);
        if fs::metadata(&path).is_ok_and(|file| file.len() == limits::BALLAST_BYTES) {
            return Ok(true);
        }
        self.give_up_ballast()?;
        if self.free() < limits::BALLAST_BYTES + limits::ROOM_BYTES {
            return Ok(false);
        }
        let made = File::create(&path).and_then(|file| fill(&file));
        match made {
            Ok(()) => Ok(true),
            Err(error) => {
                self.give_up_ballast()?;
                match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Ok(false),
                    _ => Err(error),
                }
            }
        }
    }

    /// Gives the ballast's space to whoever needs it now.
    pub(super) fn give_up_ballast(&self) -> io::Result<()> {
        match fs::remove_file(self.directory.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn fill(file: &File) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, limits::BALLAST_BYTES) {
        // Not every file system can: it is written then.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            let zeros = vec![0; 1024 * 1024];
            let mut left = limits::BALLAST_BYTES;
            while left > 0 {
                let size = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
                let mut out = file;
                out.write_all(&zeros[..size])?;
                left -= size as u64;
            }
            Ok(())
        }
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn the_ballast_is_made_of_blocks_and_comes_and_goes() {
        let directory = tempfile::tempdir().unwrap();
        let room = Room::of(directory.path());
        assert!(room.keep_ballast().unwrap());
        let file = fs::metadata(directory.path().join(FILE)).unwrap();
        assert_eq!(file.len(), limits::BALLAST_BYTES);
        assert!(file.blocks() * 512 >= limits::BALLAST_BYTES, "{} blocks", file.blocks());

        room.give_up_ballast().unwrap();
        assert!(!directory.path().join(FILE).exists());
        room.give_up_ballast().unwrap();
        assert!(room.keep_ballast().unwrap());
    }
}
