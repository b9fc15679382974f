//! Keeps a store truthful when its disk is not: after a failed write nothing is answered until the database was opened
//! again from disk, and on a full disk only what frees space is written.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parlor_core::limits;
use rusqlite::Connection;

use super::connection::{create_file, empty_log, log_bytes};
use super::copier::Copier;
use super::durable::{copy_on_close, open_sound, secure_log};
use super::error::of_io;
use super::room::Room;
use super::worker::{Link, Links};
use crate::store::{Condition, StoreError};

/// In the data directory from a failed write until the database was opened again: tells the next process, should this one
/// be killed in between. It needs to outlive only the process: a power cut takes with it what it warns of.
const SUSPECT: &str = "suspect";

/// Watches over the writes of the one process that owns a data directory.
pub(super) struct Keeper {
    path: PathBuf,
    suspect: PathBuf,
    room: Room,
    copier: Copier,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A write failed, and the database was not opened again since.
    is_in_doubt: bool,
    /// The disk is full and the ballast given up.
    is_full: bool,
    /// When opening it again was tried last, and failed.
    tried_at: Option<Instant>,
    /// Since when a write runs.
    writing_since: Option<Instant>,
}

impl Keeper {
    /// Makes durable what the database at `path` holds, and returns its first connection.
    pub(super) fn open(directory: &Path, path: &Path) -> Result<(Self, Connection), StoreError> {
        create_file(path)?;
        let keeper = Self {
            path: path.to_owned(),
            suspect: directory.join(SUSPECT),
            room: Room::of(directory),
            copier: Copier::open(path)?,
            state: Mutex::default(),
        };
        if keeper.room.free() < limits::ROOM_NONE_BYTES {
            keeper.fill_up()?;
        }
        secure_log(path)?;
        let connection = open_sound(path, keeper.suspect.exists())?;
        keeper.clear_suspicion()?;
        match keeper.room.keep_ballast() {
            Ok(true) => {}
            Ok(false) if keeper.state().is_full => {}
            Ok(false) => keeper.fill_up()?,
            Err(error) => tracing::warn!(%error, "no space could be kept back for a full disk"),
        }
        keeper.room.watch();
        Ok((keeper, connection))
    }

    pub(super) fn condition(&self) -> Condition {
        let state = self.state();
        let stall = Duration::from_secs(limits::STORE_STALL_S);
        let hangs = state.writing_since.is_some_and(|since| since.elapsed() > stall);
        match (hangs, state.is_full, state.is_in_doubt) {
            (true, _, _) | (_, false, true) => Condition::Failing,
            (_, true, _) => Condition::Full,
            _ => Condition::Sound,
        }
    }

    /// Runs `job` when the database takes it. `readers` are this process's other connections.
    pub(super) fn write<T>(
        &self,
        link: &mut Link,
        readers: &Links,
        frees_space: bool,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _writing = Writing::begin(self);
        if self.state().is_full && !frees_space {
            return Err(StoreError::Full("what is kept back is for deleting".to_owned()));
        }
        self.ready(link, readers, Duration::from_millis(limits::REOPEN_PAUSE_MS))?;
        let connection = link.get()?;
        let before = log_bytes(connection);
        let result = job(connection);
        let error = match &result {
            Err(error) => Some(error.clone()),
            // What was committed stays committed, but what comes next must not build on a log that cannot be copied.
            Ok(_) => self.copier.tend(connection, before, limits::WAL_KEPT_BYTES.unsigned_abs()).err(),
        };
        if let Some(error) = error.filter(StoreError::is_of_disk) {
            self.failed(&error);
        }
        result
    }

    /// Copies the log beside the writer when it is long, in a thread of its own.
    pub(super) fn copy_if_due(self: &Arc<Self>) {
        if self.copier.is_due() {
            let at_work = AtWork(self.clone());
            tokio::task::spawn_blocking(move || at_work.0.copy_log());
        }
    }

    fn copy_log(&self) {
        if let Err(error) = self.copier.round() {
            self.failed(&error);
        }
    }

    /// Copies what the log has and cuts it, as [`empty_log`] does.
    pub(super) fn empty_log(&self, connection: &Connection) -> Result<bool, StoreError> {
        let hands = self.copier.alone();
        hands.sound()?;
        empty_log(connection)
    }

    /// The store ends in order: whoever closes last copies the log. After a failure it stays, for the next process to secure.
    pub(super) fn end(&self, writer: &Links) {
        let is_sound = self.copier.alone().end();
        writer.each(|connection| {
            if !is_sound || self.state().is_in_doubt {
                return;
            }
            if let Err(error) = copy_on_close(connection) {
                tracing::warn!(%error, "the log stays beside the database");
            }
        });
    }

    /// Recovers when that is possible by now.
    pub(super) fn tend(&self, link: &mut Link, readers: &Links) -> Result<(), StoreError> {
        let _writing = Writing::begin(self);
        self.room.watch();
        let is_full = self.state().is_full;
        let has_room = !is_full
            || self.room.keep_ballast().unwrap_or_else(|error| {
                tracing::warn!(%error, "no space could be kept back for a full disk");
                self.room.free() >= limits::BALLAST_BYTES + limits::ROOM_BYTES
            });
        self.ready(link, readers, Duration::ZERO)?;
        if is_full && has_room {
            self.state().is_full = false;
            tracing::info!("the disk has room again; everything is taken");
        }
        Ok(())
    }

    /// Opens the database again if a write failed since it was opened, and the last attempt is a `pause` ago.
    fn ready(&self, link: &mut Link, readers: &Links, pause: Duration) -> Result<(), StoreError> {
        let (is_in_doubt, tried_at) = {
            let state = self.state();
            (state.is_in_doubt, state.tried_at)
        };
        if !is_in_doubt {
            return Ok(());
        }
        if tried_at.is_some_and(|at| at.elapsed() < pause) {
            return Err(StoreError::Unavailable(
                "a write failed; the database is opened again soon".to_owned(),
            ));
        }
        let opened = self.reopen(link, readers);
        if let Err(error) = &opened {
            self.note_if_full(error);
        }
        match &opened {
            Ok(()) => {
                tracing::info!("the database was opened again; everything that was answered is on the disk");
            }
            Err(error) => {
                self.state().tried_at = Some(Instant::now());
                tracing::error!(%error, "the database cannot be opened again; nothing can be stored");
            }
        }
        opened
    }

    /// The old connection is kept until the log is cut: as long as it is open, the index says what was committed, and the
    /// write that failed is not. Readers go on until the disk has shown that it takes a write.
    fn reopen(&self, link: &mut Link, readers: &Links) -> Result<(), StoreError> {
        let mut copier = self.copier.alone();
        secure_log(&self.path)?;
        let connection = readers.closed(|| {
            copier.close();
            link.close();
            self.copier.hear_errors();
            open_sound(&self.path, true)
        })?;
        link.put(connection);
        self.clear_suspicion()?;
        // While nobody can copy: what fails from here on is another failure.
        let mut state = self.state();
        *state = State { is_in_doubt: false, tried_at: None, ..*state };
        Ok(())
    }

    fn failed(&self, error: &StoreError) {
        tracing::error!(%error, "a write failed; nothing is answered until the database was opened again");
        self.note_if_full(error);
        if let Err(error) = File::create(&self.suspect) {
            tracing::error!(%error, "the failure could not be noted for the next process");
        }
        let mut state = self.state();
        *state = State { is_in_doubt: true, tried_at: None, ..*state };
    }

    fn note_if_full(&self, error: &StoreError) {
        if !matches!(error, StoreError::Full(_)) && self.room.free() >= limits::ROOM_NONE_BYTES {
            return;
        }
        if let Err(error) = self.fill_up() {
            tracing::error!(%error, "the space that is kept back could not be freed");
        }
    }

    fn fill_up(&self) -> Result<(), StoreError> {
        self.state().is_full = true;
        tracing::error!(
            "the disk is full: posts are refused, deleting works; make room and they are taken again"
        );
        self.room.give_up_ballast().map_err(|e| of_io("freeing what is kept back", &e))
    }

    fn clear_suspicion(&self) -> Result<(), StoreError> {
        match fs::remove_file(&self.suspect) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(of_io("removing the note of a failure", &error))
            }
            _ => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it lives a round of copying runs or is about to, whatever becomes of it.
struct AtWork(Arc<Keeper>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.copier.rest();
    }
}

/// While it lives a write runs; a panic ends it too.
struct Writing<'a>(&'a Keeper);

impl<'a> Writing<'a> {
    fn begin(keeper: &'a Keeper) -> Self {
        keeper.state().writing_since = Some(Instant::now());
        Self(keeper)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.state().writing_since = None;
    }
}

#[cfg(test)]
mod tests {
    use parlor_core::access::{Principal, Role};
    use parlor_core::agent::AgentRef;
    use parlor_core::command::{Action, AddNote, Command, Input, StartConversation};
    use parlor_core::id::{AgentId, ConversationId, FunnelId, NoteId, UserId, WorkspaceKey};
    use parlor_core::state::{Keys, Loaded, WriteSet};
    use parlor_core::text::{Name, Text};
    use parlor_core::time::Timestamp;
    use parlor_core::user::UserFields;
    use tempfile::TempDir;
    use tokio::sync::mpsc;
    use uuid::Uuid;

    use super::super::error::OrStore;
    use super::*;
    use crate::ambient::Machine;
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::connection::{self, checkpoint};
    use crate::store::{Batch, MessageQuery, MessageStart, NewWorkspace, Step, Store};
    use crate::writer::{WriteError, Writer};

    const WORKSPACE: WorkspaceKey = WorkspaceKey(1);

    /// A write of one row.
    struct Learns {
        frees_space: bool,
    }

    impl Batch for Learns {
        fn keys(&mut self) -> Keys {
            Keys::default()
        }

        fn step(&mut self, loaded: Loaded) -> Step {
            let agent = AgentRef { id: AgentId::parse("ada").unwrap(), name: Name::parse("Ada").unwrap() };
            let rev = loaded.head.rev + 1;
            Step::Write(Box::new(WriteSet { rev, agents: vec![agent], ..WriteSet::default() }))
        }

        fn frees_space(&self) -> bool {
            self.frees_space
        }
    }

    struct Fixture {
        directory: TempDir,
        store: Arc<SqliteStore>,
    }

    impl Fixture {
        async fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let store = Arc::new(SqliteStore::open(directory.path(), Arc::new(Machine)).unwrap());
            let new = NewWorkspace {
                name: "default".to_owned(),
                public_key: "pk".to_owned(),
                epoch: 1,
                secrets: Vec::new(),
                created_at: Timestamp(0),
            };
            assert_eq!(store.create_workspace(new).await.unwrap().key, WORKSPACE);
            Self { directory, store }
        }

        async fn write(&self) -> Result<(), StoreError> {
            self.store.transact(WORKSPACE, Box::new(Learns { frees_space: false })).await
        }

        async fn rev(&self) -> u64 {
            self.store.get_head(WORKSPACE).await.unwrap().rev
        }

        /// Lets the next commit fail.
        async fn break_commits(&self) {
            let broken = self.store.control(|connection| {
                connection.commit_hook(Some(|| true)).map_err(|e| StoreError::Content(e.to_string()))
            });
            broken.await.unwrap();
        }

        /// Fills the disk up, as far as the store knows.
        async fn fill_up(&self) {
            let full = self.store.control(|_| Err::<(), _>(StoreError::Full("planted".to_owned()))).await;
            assert!(matches!(full, Err(StoreError::Full(_))));
            assert_eq!((self.store.condition(), self.has("ballast")), (Condition::Full, false));
        }

        fn has(&self, file: &str) -> bool {
            self.directory.path().join(file).exists()
        }
    }

    #[tokio::test]
    async fn after_a_failed_commit_the_database_is_opened_again_before_anything_is_answered() {
        let f = Fixture::new().await;
        f.write().await.unwrap();
        f.break_commits().await;
        let failed = f.write().await;
        assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
        assert_eq!((f.store.condition(), f.has(SUSPECT), f.rev().await), (Condition::Failing, true, 1));

        // The broken connection is gone, and what it left in the log is in the database.
        f.write().await.unwrap();
        assert_eq!((f.store.condition(), f.has(SUSPECT), f.rev().await), (Condition::Sound, false, 2));
    }

    #[tokio::test]
    async fn an_index_that_outlives_the_failure_is_not_built_on_and_reads_stay_up() {
        let f = Fixture::new().await;
        let beside = connection::open_reader(&f.directory.path().join(connection::FILE)).unwrap();
        let count =
            || beside.query_row("SELECT count(*) FROM agent", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count(), 0);
        f.write().await.unwrap();
        let copied = f.store.control(|connection| checkpoint(connection, "PASSIVE")).await.unwrap();
        assert!(copied.copied > 0);
        f.break_commits().await;
        f.write().await.unwrap_err();

        // What is counted as copied may be on no disk, and the index that says so is still in use.
        f.store.tend().await;
        let refused = f.write().await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert_eq!((f.store.condition(), f.rev().await, count()), (Condition::Failing, 1, 1));

        drop(beside);
        f.store.tend().await;
        assert_eq!(f.store.condition(), Condition::Sound);
        f.write().await.unwrap();
        assert_eq!(f.rev().await, 2);
    }

    #[tokio::test]
    async fn after_a_failed_copy_of_the_log_the_database_is_opened_again_before_anything_is_answered() {
        let f = Fixture::new().await;
        f.write().await.unwrap();
        let keeper = f.store.keeper.clone().unwrap();
        keeper.failed(&keeper.copier.fail());
        assert_eq!((f.store.condition(), f.has(SUSPECT), f.rev().await), (Condition::Failing, true, 1));
        f.write().await.unwrap();
        assert_eq!((f.store.condition(), f.has(SUSPECT), f.rev().await), (Condition::Sound, false, 2));
        let rest = f.store.control(|connection| Ok(checkpoint(connection, "NOOP")?.rest())).await.unwrap();
        assert!(rest < 20, "what was in the log was copied: {rest} pages are left");
    }

    /// Its commit is on the disk, and those who follow along have to hear of it.
    #[tokio::test]
    async fn a_write_in_which_a_copy_fails_is_answered() {
        let f = Fixture::new().await;
        let keeper = f.store.keeper.clone().unwrap();
        let fails = move |connection: &mut Connection| {
            connection.execute_batch("CREATE TABLE t (x)").or_store()?;
            keeper.failed(&keeper.copier.fail());
            Ok(())
        };
        f.store.control(fails).await.unwrap();
        assert_eq!(f.store.condition(), Condition::Failing);
        f.write().await.unwrap();
    }

    #[tokio::test]
    async fn a_long_log_is_copied_while_others_write() {
        let f = Fixture::new().await;
        let grow = |connection: &mut Connection| {
            let pages = 2 * limits::WAL_CHECKPOINT_PAGES;
            let sql = format!("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob({}))", pages * 4096);
            connection.execute_batch(&sql).or_store()
        };
        f.store.control(grow).await.unwrap();
        let rest = async || f.store.control(|c| Ok(checkpoint(c, "NOOP")?.rest())).await.unwrap();
        while rest().await > limits::WAL_REST_PAGES {
            f.write().await.unwrap();
        }
    }

    #[tokio::test]
    async fn after_a_failed_copy_the_log_is_not_cut_before_it_was_secured() {
        let f = Fixture::new().await;
        f.write().await.unwrap();
        // Before anybody could say so.
        f.store.keeper.as_ref().unwrap().copier.fail();
        f.store.scrub().await.unwrap_err();
        assert_eq!(f.store.condition(), Condition::Failing);
        assert!(f.store.scrub().await.unwrap());
        assert_eq!((f.store.condition(), f.rev().await), (Condition::Sound, 1));
    }

    #[tokio::test]
    async fn a_store_that_ends_in_order_leaves_no_log_and_after_a_failed_copy_it_stays() {
        for is_broken in [false, true] {
            let Fixture { directory, store } = Fixture::new().await;
            store.transact(WORKSPACE, Box::new(Learns { frees_space: false })).await.unwrap();
            if is_broken {
                // Before anybody could say so.
                store.keeper.as_ref().unwrap().copier.fail();
            }
            drop(store);
            let log = directory.path().join(format!("{}-wal", connection::FILE));
            assert_eq!(log.metadata().is_ok_and(|file| file.len() > 0), is_broken);
            let again = SqliteStore::open(directory.path(), Arc::new(Machine)).unwrap();
            assert_eq!(again.get_head(WORKSPACE).await.unwrap().rev, 1);
        }
    }

    #[tokio::test]
    async fn on_a_full_disk_only_what_frees_space_is_written_until_there_is_room() {
        let f = Fixture::new().await;
        assert!(f.has("ballast"));
        f.fill_up().await;
        let refused = f.write().await;
        assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
        f.store.transact(WORKSPACE, Box::new(Learns { frees_space: true })).await.unwrap();
        assert_eq!((f.store.condition(), f.rev().await), (Condition::Full, 1));

        f.store.tend().await;
        assert_eq!((f.store.condition(), f.has("ballast")), (Condition::Sound, true));
        f.write().await.unwrap();
        assert_eq!(f.rev().await, 2);
    }

    /// Its text has to go when somebody wants it gone; nobody writes one meanwhile.
    #[tokio::test]
    async fn on_a_full_disk_a_private_note_can_be_deleted() {
        let f = Fixture::new().await;
        let (publish, _published) = mpsc::channel(limits::PUBLISH_QUEUE);
        let (writer, _) = Writer::start(f.store.clone(), Arc::new(Machine), publish, limits::BATCH_COMMANDS);
        let run = async |role, action| {
            let sub = AgentId::parse("ada").unwrap();
            let by = Principal { workspace: WORKSPACE, role, sub, name: None, email: None };
            writer.run(Command { by, action }).await
        };
        let conversation_id = ConversationId(Uuid::from_u128(1));
        let start = StartConversation {
            id: Some(conversation_id),
            message_id: None,
            funnel_id: FunnelId::parse("shop").unwrap(),
            user_id: UserId::parse("ann").unwrap(),
            user: UserFields::default(),
            input: Some(Input::Text(Text::parse("hello").unwrap())),
            new: false,
            metadata: None,
            locale: None,
        };
        run(Role::Service, Action::StartConversation(Box::new(start))).await.unwrap();
        let note = |id| {
            let (id, text) = (Some(NoteId(Uuid::from_u128(id))), Text::parse("call back at noon").unwrap());
            Action::AddNote(Box::new(AddNote { conversation_id, id, text }))
        };
        run(Role::Agent, note(1)).await.unwrap();

        f.fill_up().await;
        assert_eq!(run(Role::Agent, note(2)).await.unwrap_err(), WriteError::StorageFull);
        let delete = Action::DeleteNote { conversation_id, note_id: NoteId(Uuid::from_u128(1)) };
        run(Role::Agent, delete).await.unwrap();
        let all = MessageQuery { start: MessageStart::Newest(0), limit: 10, notes: true };
        let page = f.store.list_messages(WORKSPACE, conversation_id, all).await.unwrap().unwrap();
        assert_eq!((page.notes.len(), page.messages.len()), (0, 1));
    }
}
