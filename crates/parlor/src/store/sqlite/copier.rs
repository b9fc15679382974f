//! Copies the log into the database beside the writer, so that no commit waits for it.
//!
//! SQLite (wal.c) lets a log begin anew only when all of it is copied, and syncs the database before it counts the last part
//! of it. While others write a round ends before that: it syncs what it copied itself, so that whoever copies the rest has
//! little to wait for. Nobody may copy that rest after a sync that failed, because theirs would succeed: see `durable.rs`.
//!
//! A round syncs the log too, and with it what a commit beside it has written and not yet synced. Should that fail, Linux
//! tells it to each open file (errseq, since 4.13), the writer's included.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use parlor_core::limits;
use parlor_core::planted::{self, Bug};
use rusqlite::Connection;

use super::connection::{Checkpoint, checkpoint, log_bytes, restart_log};
use super::durable;
use super::error::{OrStore, of_io};
use crate::store::StoreError;

/// Copies, a round at a time.
pub(super) struct Copier {
    path: PathBuf,
    /// Open for longer than any connection: closing it takes this process's locks off the database (POSIX, fcntl).
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
    connection: Option<Connection>,
    has_failed: bool,
    has_ended: bool,
}

impl Hands {
    /// Closes its connection; with the last one of the process goes what failed.
    pub(super) fn close(&mut self) {
        self.connection = None;
        self.has_failed = false;
    }

    /// Closes it for good. `false`: a copy failed, and nobody may copy the rest.
    pub(super) fn end(&mut self) -> bool {
        self.connection = None;
        self.has_ended = true;
        !self.has_failed
    }

    /// An error when a copy failed: nobody may copy the rest.
    pub(super) fn sound(&self) -> Result<(), StoreError> {
        match self.has_failed {
            true => Err(StoreError::Unavailable("what was copied before is not on the disk".to_owned())),
            false => Ok(()),
        }
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
        self.is_wanted.store(rest >= planted::sooner(limits::WAL_CHECKPOINT_PAGES), Ordering::Relaxed);
        if rest > 0
            && self.is_nearly_done.load(Ordering::Relaxed)
            && let Some(hands) = self.alone_now()
        {
            hands.sound()?;
            self.is_nearly_done.store(false, Ordering::Relaxed);
            checkpoint(writer, "PASSIVE")?;
        }
        if log_bytes(writer) / step > before / step {
            let hands = self.alone();
            hands.sound()?;
            restart_log(writer)?;
        }
        Ok(())
    }

    /// `true` for the one who shall call `round`, and `rest` afterwards.
    pub(super) fn is_due(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed) && !self.is_at_work.swap(true, Ordering::Relaxed)
    }

    /// Lets another round be due.
    pub(super) fn rest(&self) {
        self.is_wanted.store(false, Ordering::Relaxed);
        self.is_at_work.store(false, Ordering::Relaxed);
    }

    /// Nobody copies while this is held; waits for who does.
    pub(super) fn alone(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for who does not wait.
    fn alone_now(&self) -> Option<MutexGuard<'_, Hands>> {
        match self.hands.try_lock() {
            Ok(hands) => Some(hands),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The database's open file is told of errors of its own: takes what is left to tell.
    pub(super) fn hear_errors(&self) {
        // They are known: the database is opened again because of them.
        let _ = self.database.sync_data();
    }

    /// Copies until little is left. After an error nobody may copy before [`Hands::close`].
    pub(super) fn round(&self) -> Result<(), StoreError> {
        self.round_with(|| self.database.sync_data())
    }

    fn round_with(&self, sync: impl Fn() -> io::Result<()>) -> Result<(), StoreError> {
        let mut hands = self.alone();
        if hands.has_ended || hands.has_failed {
            return Ok(());
        }
        let connection = match hands.connection.take().map_or_else(|| open(&self.path), Ok) {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(%error, "the log could not be copied; it is tried again");
                return Ok(());
            }
        };
        // Until it is known how it went: whatever ends it, a panic too.
        hands.has_failed = true;
        let copied = self.copy(&connection, sync);
        hands.connection = Some(connection);
        hands.has_failed = copied.is_err();
        copied
    }

    /// As if a sync had failed.
    #[cfg(test)]
    pub(super) fn fail(&self) -> StoreError {
        let fails = || Err(io::Error::other("planted"));
        self.round_with(fails).expect_err("there is something to copy")
    }

    fn copy(&self, connection: &Connection, sync: impl Fn() -> io::Result<()>) -> Result<(), StoreError> {
        for _ in 0..limits::WAL_COPY_PASSES {
            let before = checkpoint(connection, "NOOP")?;
            let Checkpoint { copied, .. } = checkpoint(connection, "PASSIVE")?;
            // Somebody reads what is at its beginning.
            if copied <= before.copied {
                break;
            }
            if !planted::is(Bug::CopyNotSynced) {
                sync().map_err(|e| of_io("syncing the database", &e))?;
            }
            let rest = checkpoint(connection, "NOOP")?.rest();
            if rest <= limits::WAL_REST_PAGES {
                // Of a log that is copied as a whole nothing has to be left to anybody.
                self.is_nearly_done.store(rest > 0, Ordering::Relaxed);
                break;
            }
        }
        Ok(())
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = durable::open(path)?;
    let synchronous = if planted::is(Bug::CopyNotSynced) { "off" } else { "normal" };
    connection.pragma_update(None, "synchronous", synchronous).or_store()?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::super::connection;
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

        /// Writes some 10 pages.
        fn insert(&self) {
            self.writer.execute("INSERT INTO t VALUES (zeroblob(40000))", []).unwrap();
        }

        /// The same, and looks after the log.
        fn write(&self) {
            self.insert();
            self.copier.tend(&self.writer, 0, u64::MAX).unwrap();
        }

        fn write_until_due(&self) {
            while !self.copier.is_due() {
                self.write();
            }
        }

        fn round(&self) {
            self.copier.round().unwrap();
            self.copier.rest();
        }

        fn log(&self) -> Checkpoint {
            checkpoint(&self.writer, "NOOP").unwrap()
        }
    }

    #[test]
    fn a_long_log_is_copied_and_begins_anew() {
        let f = Fixture::new();
        f.write_until_due();
        let long = f.log().frames;
        assert!(long >= limits::WAL_CHECKPOINT_PAGES);
        f.round();
        assert_eq!(f.log().rest(), 0);
        f.write();
        assert!(f.log().frames < long / 2, "{} frames after {long}", f.log().frames);
    }

    /// As it is when others write meanwhile, or read.
    #[test]
    fn a_log_that_is_not_copied_as_a_whole_begins_anew_too() {
        let f = Fixture::new();
        f.write_until_due();
        let reader = connection::open_reader(&f.path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        f.insert();
        let long = f.log().frames;
        f.round();
        assert!((1..=limits::WAL_REST_PAGES).contains(&f.log().rest()), "{}", f.log().rest());
        reader.execute_batch("COMMIT").unwrap();
        f.write();
        assert_eq!(f.log().rest(), 0);
        f.write();
        assert!(f.log().frames < long / 2, "{} frames after {long}", f.log().frames);
    }

    #[test]
    fn one_round_at_a_time_is_due() {
        let f = Fixture::new();
        f.write_until_due();
        f.write();
        assert!(!f.copier.is_due());
        f.round();
        assert!(!f.copier.is_due());
        f.write_until_due();
    }

    #[test]
    fn after_a_failed_sync_nobody_copies_the_rest_until_it_is_closed() {
        let f = Fixture::new();
        f.write_until_due();
        let fails = || {
            f.insert();
            Err(io::Error::other("planted"))
        };
        let failed = f.copier.round_with(fails).unwrap_err();
        assert!(failed.is_of_disk(), "{failed}");
        let before = f.log();
        f.copier.is_nearly_done.store(true, Ordering::Relaxed);
        f.copier.tend(&f.writer, 0, u64::MAX).unwrap_err();
        f.copier.tend(&f.writer, 0, 1).unwrap_err();
        f.copier.round().unwrap();
        assert_eq!((f.log().copied, f.log().frames), (before.copied, before.frames));

        f.copier.alone().close();
        f.round();
        assert_eq!(f.log().rest(), 0);
    }

    #[test]
    fn what_is_read_stays_and_is_not_synced_again_and_again() {
        let f = Fixture::new();
        let reader = connection::open_reader(&f.path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM t").unwrap();
        f.write_until_due();
        f.round();
        let copied = f.log().copied;
        f.copier.round_with(|| panic!("nothing was copied")).unwrap();
        assert_eq!(f.log().copied, copied);
        reader.execute_batch("COMMIT").unwrap();
        f.round();
        assert_eq!(f.log().rest(), 0);
    }

    #[test]
    fn an_ended_copier_opens_nothing() {
        let f = Fixture::new();
        f.write_until_due();
        assert!(f.copier.alone().end());
        f.round();
        assert!(f.copier.alone().connection.is_none() && f.log().rest() > 0);
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
