//! Copies the log into the database beside the writer, so that no commit waits for it.
//!
//! The log may only begin anew when what was copied is on the disk, and SQLite (wal.c) takes care of that only for who has
//! copied the whole log, which is never so while others write. A reader stands in the log instead: as long as its snapshot
//! is open the log cannot begin anew, and it ends once the database is synced. Should that fail it stays, until every
//! connection is closed and the index, which counts pages as copied that are on no disk, goes with the last one.
//!
//! The log itself is not synced here: every commit in it was, by its writer, before any index told of it. A sync of this
//! thread that failed would leave clean what a commit beside it is about to sync.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use parlor_core::limits;
use rusqlite::Connection;

use super::connection::{self, checkpoint, log_bytes, restart_log};
use super::durable;
use super::error::{OrStore, of_io};
use crate::store::StoreError;

/// Copies, a round at a time.
pub(super) struct Copier {
    path: PathBuf,
    /// Open for as long as any connection is: closing it takes this process's locks off the database (POSIX, fcntl).
    database: File,
    hands: Mutex<Hands>,
    /// The log is long.
    is_wanted: AtomicBool,
    /// A round runs or is about to.
    is_at_work: AtomicBool,
    /// What is left to copy is short: whoever writes can copy it on the way, and the log begins anew.
    is_nearly_done: AtomicBool,
}

/// What a round works with. Whoever holds it is alone with the log: of two who copy, SQLite sends one away.
#[derive(Default)]
pub(super) struct Hands {
    both: Option<Both>,
    has_ended: bool,
}

struct Both {
    /// Stands in the log.
    stands: Connection,
    copies: Connection,
}

impl Hands {
    /// Closes its connections, and lets go of the log.
    pub(super) fn close(&mut self) {
        self.both = None;
    }

    /// Closes them for good.
    pub(super) fn end(&mut self) {
        self.close();
        self.has_ended = true;
    }
}

impl Copier {
    /// For the database at `path`, which is there.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            database: File::open(path).map_err(|e| of_io("opening the database to sync it", &e))?,
            hands: Mutex::default(),
            is_wanted: AtomicBool::new(false),
            is_at_work: AtomicBool::new(false),
            is_nearly_done: AtomicBool::new(false),
        })
    }

    /// Whoever wrote with `writer` looks after the log: it begins anew when a round has left little of it, and when its file
    /// has grown past another multiple of `step` since it had `before` bytes.
    pub(super) fn tend(&self, writer: &Connection, before: u64, step: u64) -> Result<(), StoreError> {
        let rest = checkpoint(writer, "NOOP")?.rest();
        self.is_wanted.store(rest >= limits::WAL_CHECKPOINT_PAGES, Ordering::Relaxed);
        if rest > 0
            && self.is_nearly_done.swap(false, Ordering::Relaxed)
            && let Some(_alone) = self.alone_now()
        {
            checkpoint(writer, "PASSIVE")?;
        }
        if log_bytes(writer) / step > before / step {
            let _alone = self.alone();
            restart_log(writer)?;
        }
        Ok(())
    }

    /// `true` for the one who shall call `round`.
    pub(super) fn is_due(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed) && !self.is_at_work.swap(true, Ordering::Relaxed)
    }

    /// Nobody copies while this is held; waits for who does.
    pub(super) fn alone(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alone_now(&self) -> Option<MutexGuard<'_, Hands>> {
        match self.hands.try_lock() {
            Ok(hands) => Some(hands),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Copies until little is left. After an error of the disk it stands in the log until [`Hands::close`].
    pub(super) fn round(&self) -> Result<(), StoreError> {
        let _at_work = AtWork(self);
        let mut hands = self.alone();
        if hands.has_ended {
            return Ok(());
        }
        let both = match &mut hands.both {
            Some(both) => both,
            none => none.insert(Both::open(&self.path)?),
        };
        let copied = self.copy(both);
        if matches!(&copied, Err(error) if !error.is_of_disk()) {
            hands.close();
        }
        copied
    }

    /// As if the next sync had failed.
    #[cfg(test)]
    pub(super) fn break_sync(&self) {
        let both = Both::open(&self.path).expect("a sound disk");
        both.stands.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").expect("a sound disk");
        self.alone().both = Some(both);
    }

    fn copy(&self, both: &Both) -> Result<(), StoreError> {
        for _ in 0..limits::WAL_COPY_PASSES {
            if both.pass(|| self.database.sync_data())? <= limits::WAL_REST_PAGES {
                self.is_nearly_done.store(true, Ordering::Relaxed);
                break;
            }
        }
        Ok(())
    }
}

impl Both {
    fn open(path: &Path) -> Result<Self, StoreError> {
        let copies = durable::open(path)?;
        copies.pragma_update(None, "synchronous", "off").or_store()?;
        Ok(Self { stands: connection::open_reader(path)?, copies })
    }

    /// Copies what the log has now, and returns how many of its pages are not copied then.
    fn pass(&self, sync: impl FnOnce() -> io::Result<()>) -> Result<u64, StoreError> {
        if !self.stands.is_autocommit() {
            return Err(StoreError::Unavailable("what was copied before is not on the disk".to_owned()));
        }
        if self.rest()? == 0 {
            return Ok(0);
        }
        // Only who has read stands anywhere.
        self.stands.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").or_store()?;
        checkpoint(&self.copies, "PASSIVE")?;
        sync().map_err(|e| of_io("syncing the database", &e))?;
        self.stands.execute_batch("COMMIT").or_store()?;
        self.rest()
    }

    fn rest(&self) -> Result<u64, StoreError> {
        Ok(checkpoint(&self.copies, "NOOP")?.rest())
    }
}

/// While it lives a round runs; a panic ends it too.
struct AtWork<'a>(&'a Copier);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.is_at_work.store(false, Ordering::Relaxed);
        self.0.is_wanted.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    struct Fixture {
        _directory: TempDir,
        path: PathBuf,
        writer: Connection,
        copier: Copier,
    }

    impl Fixture {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join(connection::FILE);
            let writer = durable::open(&path).unwrap();
            writer.execute_batch("CREATE TABLE t (x)").unwrap();
            let copier = Copier::open(&path).unwrap();
            Self { _directory: directory, path, writer, copier }
        }

        /// Writes some 10 pages, and looks after the log.
        fn write(&self) {
            self.insert();
            self.copier.tend(&self.writer, 0, u64::MAX).unwrap();
        }

        fn insert(&self) {
            self.writer.execute("INSERT INTO t VALUES (zeroblob(40000))", []).unwrap();
        }

        fn write_until_due(&self) {
            while !self.copier.is_due() {
                self.write();
            }
        }

        fn frames(&self) -> u64 {
            checkpoint(&self.writer, "NOOP").unwrap().frames
        }

        fn rest(&self) -> u64 {
            checkpoint(&self.writer, "NOOP").unwrap().rest()
        }
    }

    fn fail() -> io::Result<()> {
        Err(io::Error::other("planted"))
    }

    #[test]
    fn a_long_log_is_copied_and_begins_anew_while_somebody_writes() {
        let f = Fixture::new();
        f.write_until_due();
        let long = f.frames();
        assert!(long >= limits::WAL_CHECKPOINT_PAGES);
        f.insert();
        f.copier.round().unwrap();
        assert_eq!(f.rest(), 0);

        // What is written before the writer looks is short, and on its way.
        f.insert();
        f.copier.is_nearly_done.store(true, Ordering::Relaxed);
        f.write();
        f.write();
        assert!(f.frames() < long / 2, "{} frames, and {long} before", f.frames());
        assert!(!f.copier.is_due());
    }

    #[test]
    fn one_round_at_a_time_is_due() {
        let f = Fixture::new();
        f.write_until_due();
        f.write();
        assert!(!f.copier.is_due());
        f.copier.round().unwrap();
        f.write_until_due();
    }

    /// Or the copies could be lost with the log that they were made from.
    #[test]
    fn the_log_does_not_begin_anew_before_its_copy_is_on_the_disk() {
        let f = Fixture::new();
        let both = Both::open(&f.path).unwrap();
        f.insert();
        let before = f.frames();
        let sync = || {
            assert_eq!(f.rest(), 0);
            f.insert();
            assert!(f.frames() > before, "{} frames after {before}", f.frames());
            Ok(())
        };
        assert!(both.pass(sync).unwrap() > 0);
        assert_eq!(both.pass(|| Ok(())).unwrap(), 0);
        f.insert();
        assert!(f.frames() <= before, "{} frames after {before}", f.frames());
    }

    #[test]
    fn after_a_failed_sync_the_log_stays_until_the_copier_is_closed() {
        let f = Fixture::new();
        let both = Both::open(&f.path).unwrap();
        f.insert();
        let before = f.frames();
        both.pass(fail).unwrap_err();
        f.insert();
        checkpoint(&f.writer, "PASSIVE").unwrap();
        f.insert();
        assert!(f.frames() > before);
        f.copier.alone().both = Some(both);
        let error = f.copier.round().unwrap_err();
        assert!(error.is_of_disk(), "{error}");
        f.insert();
        assert!(f.frames() > before);

        f.copier.alone().close();
        checkpoint(&f.writer, "PASSIVE").unwrap();
        f.insert();
        assert!(f.frames() <= before);
    }

    #[test]
    fn an_ended_copier_opens_nothing() {
        let f = Fixture::new();
        f.write_until_due();
        f.copier.alone().end();
        f.copier.round().unwrap();
        assert!(f.copier.alone().both.is_none() && f.rest() > 0);
    }

    /// Reads with two connections, one of which is always in the middle of it.
    fn read_without_a_pause(path: &Path, until: &AtomicBool) {
        let both = [connection::open_reader(path).unwrap(), connection::open_reader(path).unwrap()];
        let [a, b] = &both;
        let begin = |c: &Connection| c.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        let end = |c: &Connection| c.execute_batch("COMMIT").unwrap();
        begin(a);
        while !until.load(Ordering::Relaxed) {
            begin(b);
            end(a);
            begin(a);
            end(b);
        }
    }

    #[test]
    fn a_log_that_is_always_read_stays_short() {
        const STEP: u64 = 256 * 1024;
        const WRITE: u64 = 40_000;
        let f = Fixture::new();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| read_without_a_pause(&f.path, &is_over));
            for _ in 0..20 * STEP / WRITE {
                let before = log_bytes(&f.writer);
                f.insert();
                f.copier.tend(&f.writer, before, STEP).unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let bytes = log_bytes(&f.writer);
        assert!((1..10 * STEP).contains(&bytes), "{bytes} bytes");
    }
}
