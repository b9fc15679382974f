//! The embedded store: one SQLite file, one thread that writes, a few that read.
//!
//! The layout is the one that was measured as the cheapest for a durable message; `migrations/sqlite` says what each
//! index is for.

mod batch;
mod changes;
pub mod check;
pub(crate) mod connection;
mod control;
pub(crate) mod error;
mod feed;
mod funnels;
pub(crate) mod gaps;
mod list;
mod load;
mod lock;
mod messages;
mod migrations;
mod rows;
mod tombstones;
pub(crate) mod worker;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parlor_core::event::Tombstone;
use parlor_core::funnel::Funnel;
use parlor_core::id::{ConversationId, FunnelId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::state::Head;
use parlor_core::time::Timestamp;
use parlor_core::user::User;
use rusqlite::{Connection, TransactionBehavior};

use self::error::OrStore;
use self::funnels::Funnels;
pub use self::lock::{DataDir, LockError};
use self::worker::Workers;
use super::{
    Batch, Changes, Feed, FeedPosition, Grant, ListPage, ListQuery, MessagePage, MessageQuery, NewWorkspace,
    Row, Scope, Secret, Store, StoreError, StoreIdentity, Workspace,
};
use crate::ambient::Ambient;

/// A store in a data directory.
pub struct SqliteStore {
    /// Before the writer, so that they close first: only who can write copies the log into the database.
    readers: Workers,
    writer: Workers,
    funnels: Arc<Funnels>,
    identity: StoreIdentity,
}

impl SqliteStore {
    /// The database's name in its directory.
    pub const FILE: &str = connection::FILE;

    /// Opens the store in `dir`, made with its directory when it is not there. Waits a few seconds for a lock another
    /// process holds; refuses a database that a newer Parlor wrote.
    pub fn open(dir: &Path, ambient: Arc<dyn Ambient>) -> Result<Self, StoreError> {
        connection::create_dir(dir).map_err(|e| error::of_io("making the data directory", &e))?;
        let path = dir.join(connection::FILE);
        let mut first = connection::open_writer(&path)?;
        migrations::migrate(&mut first)?;
        let identity = control::identity(&first, ambient.as_ref())?;
        let (write_path, read_path) = (path.clone(), path);
        let open_writer = move || connection::open_writer(&write_path);
        let open_reader = move || connection::open_reader(&read_path);
        let writer = Workers::start("store-writer", 1, limits::WRITE_QUEUE, open_writer)?;
        let readers = Workers::start("store-reader", limits::READERS, limits::READ_QUEUE, open_reader)?;
        Ok(Self { writer, readers, funnels: Arc::default(), identity })
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
        self.writer.run(move |link| write(link.get()?)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn transact(&self, workspace: WorkspaceKey, batch: Box<dyn Batch>) -> Result<(), StoreError> {
        let funnels = self.funnels.clone();
        self.writer.run(move |link| batch::transact(link.get()?, &funnels, workspace, batch)).await
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

    async fn purge_tombstones(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.control(move |connection| tombstones::purge(connection, before, limit)).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        let (last, scrubbed) = self.read(tombstones::scrubbed).await?;
        let mut next = (last > scrubbed).then_some(1);
        while let Some(from) = next {
            let read = move |link: &mut worker::Link| gaps::scan(link.get()?, from);
            let scanned = self.readers.run(read).await?;
            if !scanned.dirty.is_empty() {
                self.control(move |connection| gaps::clear(connection, &scanned.dirty)).await?;
            }
            next = scanned.next;
        }
        if last > scrubbed {
            self.control(move |connection| tombstones::set_scrubbed(connection, last)).await?;
        }
        while !self.control(|connection| connection::empty_log(connection)).await? {
            tokio::time::sleep(Duration::from_millis(limits::SCRUB_RETRY_MS)).await;
        }
        Ok(())
    }

    async fn get_head(&self, workspace: WorkspaceKey) -> Result<Head, StoreError> {
        self.read(move |connection| load::head(connection, workspace)).await
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
        self.control(move |connection| control::set_last_seen(connection, workspace, users, at)).await
    }

    async fn get_funnel(
        &self,
        workspace: WorkspaceKey,
        id: FunnelId,
    ) -> Result<Option<Arc<Funnel>>, StoreError> {
        let funnels = self.funnels.clone();
        self.read(move |connection| funnels.current(connection, workspace, &id)).await
    }

    async fn list_funnels(&self, workspace: WorkspaceKey) -> Result<Vec<Arc<Funnel>>, StoreError> {
        let funnels = self.funnels.clone();
        self.read(move |connection| funnels.list(connection, workspace)).await
    }

    async fn search_feed(&self, after: FeedPosition, limit: usize) -> Result<Feed, StoreError> {
        self.read(move |connection| feed::search_feed(connection, after, limit)).await
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
}
