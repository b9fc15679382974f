//! The embedded store: one SQLite file, one thread that writes, a few that read.
//!
//! The layout is the one that was measured as the cheapest for a durable message; `migrations/sqlite` says what each
//! index is for.

pub mod backup;
mod batch;
mod changes;
pub mod check;
mod clock;
pub(crate) mod connection;
mod control;
mod copier;
mod deletions;
mod desk;
mod due;
mod durable;
pub(crate) mod error;
mod feed;
mod funnels;
pub(crate) mod gaps;
pub mod incoming;
mod keeper;
mod list;
mod load;
mod lock;
mod messages;
mod migrations;
mod notes;
pub mod restore;
mod room;
mod rows;
mod settings;
mod tombstones;
pub(crate) mod worker;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use parlor_core::agent::AgentRef;
use parlor_core::clock::{Pause, StoredClock};
use parlor_core::desk::{CannedAnswer, SavedView};
use parlor_core::event::{DeletionRecord, Tombstone};
use parlor_core::funnel::{Funnel, FunnelRef};
use parlor_core::id::{ConversationId, FunnelId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::state::Head;
use parlor_core::text::Label;
use parlor_core::time::Timestamp;
use parlor_core::user::User;
use rusqlite::{Connection, TransactionBehavior};

use self::error::OrStore;
use self::funnels::Funnels;
use self::keeper::Keeper;
pub use self::lock::{DataDir, LockError};
use self::worker::Workers;
use super::{
    Batch, Changes, Condition, Extent, ExtentOf, Feed, FeedPosition, Grant, ListPage, ListQuery, MessagePage,
    MessageQuery, NewWorkspace, Row, Scope, Secret, Store, StoreError, StoreIdentity, Workspace,
};
use crate::ambient::Ambient;

/// A store in a data directory.
pub struct SqliteStore {
    /// Before the writer, so that they close first: at an end in order the last one copies the log, and only the writer can.
    readers: Workers,
    writer: Workers,
    funnels: Arc<Funnels>,
    identity: StoreIdentity,
    /// `None` beside the process that owns the directory.
    keeper: Option<Arc<Keeper>>,
}

impl SqliteStore {
    /// The database's name in its directory.
    pub const FILE: &str = connection::FILE;

    /// Opens the store in `dir`, made with its directory when it is not there, and makes everything in it durable. Waits a
    /// few seconds for a lock another process holds; refuses a database that a newer Parlor wrote. For who has locked
    /// the directory: see [`DataDir`].
    pub fn open(dir: &Path, ambient: Arc<dyn Ambient>) -> Result<Self, StoreError> {
        connection::create_dir(dir).map_err(|e| error::of_io("making the data directory", &e))?;
        restore::clear(dir)?;
        let path = dir.join(connection::FILE);
        let (keeper, first) = Keeper::open(dir, &path)?;
        let write_path = path.clone();
        let open_writer = move || durable::open(&write_path);
        Self::with(first, path, open_writer, Some(Arc::new(keeper)), ambient)
    }

    /// The same for a command beside a server that may be running: it leaves the log to the server.
    pub fn open_beside(dir: &Path, ambient: Arc<dyn Ambient>) -> Result<Self, StoreError> {
        connection::create_dir(dir).map_err(|e| error::of_io("making the data directory", &e))?;
        let path = dir.join(connection::FILE);
        let write_path = path.clone();
        let open_writer = move || durable::open(&write_path);
        Self::with(open_writer()?, path, open_writer, None, ambient)
    }

    fn with(
        mut first: Connection,
        path: PathBuf,
        open_writer: impl Fn() -> Result<Connection, StoreError> + Send + Sync + 'static,
        keeper: Option<Arc<Keeper>>,
        ambient: Arc<dyn Ambient>,
    ) -> Result<Self, StoreError> {
        migrations::migrate(&mut first)?;
        let identity = control::identity(&first, ambient.as_ref())?;
        let open_reader = move || connection::open_reader(&path);
        let writer = Workers::start("store-writer", 1, limits::WRITE_QUEUE, open_writer)?;
        let readers = Workers::start("store-reader", limits::READERS, limits::READ_QUEUE, open_reader)?;
        Ok(Self { readers, writer, funnels: Arc::default(), identity, keeper })
    }

    /// Runs `read` on one snapshot.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let job = move |link: &mut worker::Link| {
            let snapshot = link.get()?.transaction_with_behavior(TransactionBehavior::Deferred).or_store()?;
            read(&snapshot)
        };
        self.readers.run(job).await
    }

    /// Runs `write` between batches.
    async fn control<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // Small and few, and without a sign-in nobody can delete: these may use what is kept back for a full disk.
        self.write(true, write).await
    }

    /// Runs `write` on the writer's connection.
    async fn write<T: Send + 'static>(
        &self,
        frees_space: bool,
        write: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Some(keeper) = self.keeper.clone() else {
            return self.writer.run(move |link| write(link.get()?)).await;
        };
        let readers = self.readers.links();
        let copying = keeper.clone();
        // The keeper says when the connection goes: until then it holds what the failed write must not become.
        let written =
            self.writer.run_as_it_is(move |link| keeper.write(link, &readers, frees_space, write)).await;
        copying.copy_if_due();
        written
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if let Some(keeper) = &self.keeper {
            keeper.end(&self.writer.links());
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn transact(&self, workspace: WorkspaceKey, batch: Box<dyn Batch>) -> Result<(), StoreError> {
        let funnels = self.funnels.clone();
        let frees_space = batch.frees_space();
        self.write(frees_space, move |connection| batch::transact(connection, &funnels, workspace, batch))
            .await
    }

    async fn list_conversations(
        &self,
        workspace: WorkspaceKey,
        query: ListQuery,
    ) -> Result<ListPage, StoreError> {
        self.read(move |connection| list::list_conversations(connection, workspace, &query)).await
    }

    async fn get_conversation(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
        messages: usize,
    ) -> Result<Option<Row>, StoreError> {
        self.read(move |connection| messages::get_conversation(connection, workspace, id, messages)).await
    }

    async fn list_messages(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
        page: MessageQuery,
    ) -> Result<Option<MessagePage>, StoreError> {
        self.read(move |connection| messages::list_messages(connection, workspace, id, page)).await
    }

    async fn list_changes(
        &self,
        workspace: WorkspaceKey,
        scope: Scope,
        after: u64,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.read(move |connection| changes::list_changes(connection, workspace, &scope, after, limit)).await
    }

    async fn get_tombstone(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
    ) -> Result<Option<Tombstone>, StoreError> {
        self.read(move |connection| tombstones::of_conversation(connection, workspace, id)).await
    }

    async fn list_deletions(
        &self,
        workspace: WorkspaceKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeletionRecord>, StoreError> {
        self.read(move |connection| deletions::list(connection, workspace, before, limit)).await
    }

    async fn measure(&self, workspace: WorkspaceKey, of: ExtentOf) -> Result<Option<Extent>, StoreError> {
        self.read(move |connection| deletions::measure(connection, workspace, &of)).await
    }

    async fn purge_tombstones(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.control(move |connection| tombstones::purge(connection, before, limit)).await
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        let (deleted, scrubbed) = self.read(tombstones::scrubbed).await?;
        let mut next = (deleted != scrubbed).then_some(1);
        while let Some(from) = next {
            let read = move |link: &mut worker::Link| gaps::scan(link.get()?, from);
            let scanned = self.readers.run(read).await?;
            if !scanned.dirty.is_empty() {
                self.control(move |connection| gaps::clear(connection, &scanned.dirty)).await?;
            }
            next = scanned.next;
        }
        if deleted != scrubbed {
            self.control(move |connection| tombstones::set_scrubbed(connection, deleted)).await?;
        }
        let keeper = self.keeper.clone();
        let cut = move |connection: &mut Connection| match keeper {
            Some(keeper) => keeper.empty_log(connection),
            None => connection::empty_log(connection),
        };
        self.control(cut).await
    }

    async fn get_head(&self, workspace: WorkspaceKey) -> Result<Head, StoreError> {
        self.read(move |connection| load::head(connection, workspace)).await
    }

    async fn list_due(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(WorkspaceKey, ConversationId)>, StoreError> {
        self.read(move |connection| due::list_due(connection, until, limit)).await
    }

    async fn list_redating(&self, limit: usize) -> Result<Vec<WorkspaceKey>, StoreError> {
        self.read(move |connection| due::list_redating(connection, limit)).await
    }

    async fn get_user(&self, workspace: WorkspaceKey, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(move |connection| Ok(load::user(connection, workspace, &id)?.map(|(_, user)| user))).await
    }

    async fn set_last_seen(
        &self,
        workspace: WorkspaceKey,
        users: Vec<UserId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(false, move |connection| control::set_last_seen(connection, workspace, users, at)).await
    }

    async fn get_funnel(
        &self,
        workspace: WorkspaceKey,
        id: FunnelId,
    ) -> Result<Option<Arc<Funnel>>, StoreError> {
        let funnels = self.funnels.clone();
        self.read(move |connection| funnels.current(connection, workspace, &id)).await
    }

    async fn list_funnels(
        &self,
        workspace: WorkspaceKey,
        limit: usize,
    ) -> Result<Vec<FunnelRef>, StoreError> {
        self.read(move |connection| desk::list_funnels(connection, workspace, limit)).await
    }

    async fn list_agents(&self, workspace: WorkspaceKey, limit: usize) -> Result<Vec<AgentRef>, StoreError> {
        self.read(move |connection| desk::list_agents(connection, workspace, limit)).await
    }

    async fn list_labels(&self, workspace: WorkspaceKey, limit: usize) -> Result<Vec<Label>, StoreError> {
        self.read(move |connection| desk::list_labels(connection, workspace, limit)).await
    }

    async fn list_canned_answers(
        &self,
        workspace: WorkspaceKey,
    ) -> Result<Vec<Arc<CannedAnswer>>, StoreError> {
        self.read(move |connection| desk::list_canned_answers(connection, workspace)).await
    }

    async fn list_views(&self, workspace: WorkspaceKey) -> Result<Vec<Arc<SavedView>>, StoreError> {
        self.read(move |connection| desk::list_views(connection, workspace)).await
    }

    async fn search_feed(&self, after: FeedPosition, limit: usize) -> Result<Feed, StoreError> {
        self.read(move |connection| feed::search_feed(connection, after, limit)).await
    }

    async fn load_clock(&self) -> Result<Option<StoredClock>, StoreError> {
        self.read(clock::load).await
    }

    async fn save_clock(&self, clock: StoredClock, keeps_pause: bool) -> Result<Option<Pause>, StoreError> {
        self.write(false, move |connection| clock::save(connection, clock, keeps_pause)).await
    }

    async fn clock_goes_on(&self) -> Result<(), StoreError> {
        self.control(clock::go_on).await
    }

    async fn identity(&self) -> Result<StoreIdentity, StoreError> {
        Ok(self.identity.clone())
    }

    async fn list_workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        self.read(control::list_workspaces).await
    }

    async fn create_workspace(&self, new: NewWorkspace) -> Result<Workspace, StoreError> {
        self.control(move |connection| control::create_workspace(connection, &new)).await
    }

    async fn add_secret(&self, workspace: WorkspaceKey, secret: Secret) -> Result<(), StoreError> {
        self.control(move |connection| control::add_secret(connection, workspace, &secret)).await
    }

    async fn set_origins(&self, workspace: WorkspaceKey, origins: Vec<String>) -> Result<(), StoreError> {
        self.control(move |connection| control::set_origins(connection, workspace, &origins)).await
    }

    async fn create_link(&self, link: Grant) -> Result<(), StoreError> {
        self.control(move |connection| control::create_link(connection, &link)).await
    }

    async fn redeem_link(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Grant>, StoreError> {
        if !self.read(move |connection| control::has_grant(connection, "link", hash)).await? {
            return Ok(None);
        }
        self.control(move |connection| control::redeem_link(connection, hash, now)).await
    }

    async fn create_session(&self, session: Grant) -> Result<(), StoreError> {
        self.control(move |connection| control::create_session(connection, &session)).await
    }

    async fn get_session(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Grant>, StoreError> {
        self.read(move |connection| control::get_session(connection, hash, now)).await
    }

    async fn delete_session(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        if !self.read(move |connection| control::has_grant(connection, "session", hash)).await? {
            return Ok(());
        }
        self.control(move |connection| control::delete_session(connection, hash)).await
    }

    fn condition(&self) -> Condition {
        self.keeper.as_ref().map_or(Condition::Sound, |keeper| keeper.condition())
    }

    async fn tend(&self) {
        let Some(keeper) = self.keeper.clone() else { return };
        let readers = self.readers.links();
        let tended = self.writer.run_as_it_is(move |link| keeper.tend(link, &readers)).await;
        if let Err(error) = tended {
            tracing::debug!(%error, "the store has not recovered");
        }
    }
}
