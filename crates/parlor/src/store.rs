//! The database, behind one trait. A backend loads and writes; it holds no rule.
//!
//! Nothing here is SQLite's or PostgreSQL's: keys and rows are sets, every call names its workspace, and one contract
//! suite (`tests/it/store.rs`) runs over every backend.

mod changes;
mod feed;
mod list;
pub mod memory;
mod messages;
pub mod sqlite;
mod workspace;

use std::sync::Arc;

use async_trait::async_trait;
use parlor_core::agent::AgentRef;
use parlor_core::clock::{Pause, StoredClock};
use parlor_core::desk::{CannedAnswer, SavedView};
use parlor_core::event::{DeletionRecord, Tombstone};
use parlor_core::funnel::{Funnel, FunnelRef};
use parlor_core::id::{ConversationId, FunnelId, UserId, WorkspaceKey};
use parlor_core::state::{Head, Keys, Loaded, WriteSet};
use parlor_core::text::Label;
use parlor_core::time::Timestamp;
use parlor_core::user::User;

pub use changes::{ChangeGroup, Changes, Scope};
pub use feed::{Feed, FeedConversation, FeedDeletion, FeedMessage, FeedNote, FeedPosition};
pub use list::{Hit, ListPage, ListQuery, Matched, PageKey, PageStart, Row, Sort};
pub use messages::{MessagePage, MessageQuery, MessageStart, notes_of_page};
pub use workspace::{Grant, NewWorkspace, Secret, SecretKind, Workspace};

/// Why the store did not do it. The text is for the log, never for callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The content cannot be stored; the same batch would fail again, parts of it may not.
    #[error("the store refuses the content: {0}")]
    Content(String),
    /// Somebody else has the database locked. Nothing of the batch is stored.
    #[error("the database is locked: {0}")]
    Busy(String),
    /// The database is gone or broken, or too much waits for it. Nothing of the batch is ever shown unless it is on disk.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The disk is full. Nothing of the batch is stored.
    #[error("the disk is full: {0}")]
    Full(String),
}

impl StoreError {
    /// Whether a disk may stand behind it: what was held in memory is not to be trusted any more.
    #[must_use]
    pub fn is_of_disk(&self) -> bool {
        matches!(self, StoreError::Unavailable(_) | StoreError::Full(_))
    }
}

/// Whether a store takes writes. Reads stay up as far as the disk lets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It does.
    Sound,
    /// The disk is full: only what frees space, and sign-ins.
    Full,
    /// A write failed or hangs: none until the store was opened again from disk.
    Failing,
}

/// What a batch answers to rows.
#[derive(Debug)]
pub enum Step {
    /// Load these in the same transaction and come again.
    Load(Box<Keys>),
    /// Write this and commit. An empty set commits nothing.
    Write(Box<WriteSet>),
}

/// A batch in the hands of a store: `transact` loads [`keys`](Self::keys), then calls [`step`](Self::step) until it says
/// what to write.
pub trait Batch: Send {
    /// The rows everything in the batch needs.
    fn keys(&mut self) -> Keys;
    /// Takes the rows in. Called again after each [`Step::Load`].
    fn step(&mut self, loaded: Loaded) -> Step;
    /// Whether it is to run on a full disk, in the space that is kept back for that: it only deletes.
    fn frees_space(&self) -> bool {
        false
    }
}

/// One database, several workspaces.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Runs a batch of one workspace in one transaction, serialised with every other batch of that workspace on every
    /// node. When this returns `Ok` the writes are on disk (fsync). A panic inside the batch rolls back and surfaces
    /// as [`StoreError::Content`].
    async fn transact(&self, workspace: WorkspaceKey, batch: Box<dyn Batch>) -> Result<(), StoreError>;

    /// A page of the inbox, its total, and the head, all of one snapshot.
    async fn list_conversations(
        &self,
        workspace: WorkspaceKey,
        query: ListQuery,
    ) -> Result<ListPage, StoreError>;

    /// One conversation with its newest `messages` messages, ascending.
    async fn get_conversation(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
        messages: usize,
    ) -> Result<Option<Row>, StoreError>;

    /// A page of a conversation's messages; `None` when there is no such conversation. The conversation comes along so
    /// that the caller can check access on the same snapshot.
    async fn list_messages(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
        page: MessageQuery,
    ) -> Result<Option<MessagePage>, StoreError>;

    /// What changed after a revision, at most `limit` changes; more than that, or more than the store still knows, is
    /// `too_many`, with no groups.
    async fn list_changes(
        &self,
        workspace: WorkspaceKey,
        scope: Scope,
        after: u64,
        limit: usize,
    ) -> Result<Changes, StoreError>;

    /// What is left of a deleted conversation.
    async fn get_tombstone(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
    ) -> Result<Option<Tombstone>, StoreError>;

    /// The newest deletions below `before` in the record, newest first, at most `limit`.
    async fn list_deletions(
        &self,
        workspace: WorkspaceKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeletionRecord>, StoreError>;

    /// How much there is of a conversation or a user; `None` when there is no such.
    async fn measure(&self, workspace: WorkspaceKey, of: ExtentOf) -> Result<Option<Extent>, StoreError>;

    /// Removes tombstones of all workspaces from before a moment, and the message ids they keep: at most `limit` rows, the
    /// oldest first. A user of whom nothing is known goes with their last one. Answers with how many went; 0 when none is left. Who is behind one of them is too far behind.
    async fn purge_tombstones(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Takes the bytes of everything deleted so far out of the store's files, in bounded steps. False when somebody still
    /// reads an older state: then it is to be tried again.
    async fn scrub(&self) -> Result<bool, StoreError>;

    /// Where the workspace stands.
    async fn get_head(&self, workspace: WorkspaceKey) -> Result<Head, StoreError>;

    /// Conversations of all workspaces whose stored due time is not after `until`, the oldest first, at most `limit`.
    async fn list_due(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(WorkspaceKey, ConversationId)>, StoreError>;

    /// Workspaces whose settings' change is still being carried to their conversations, at most `limit`.
    async fn list_redating(&self, limit: usize) -> Result<Vec<WorkspaceKey>, StoreError>;

    /// A user.
    async fn get_user(&self, workspace: WorkspaceKey, id: UserId) -> Result<Option<User>, StoreError>;

    /// Writes down that users were connected until `at`: those there are, and never back. No revision: nobody is told.
    async fn set_last_seen(
        &self,
        workspace: WorkspaceKey,
        users: Vec<UserId>,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// A funnel's current version.
    async fn get_funnel(
        &self,
        workspace: WorkspaceKey,
        id: FunnelId,
    ) -> Result<Option<Arc<Funnel>>, StoreError>;

    /// Funnels' current versions by id, at most `limit`.
    async fn list_funnels(&self, workspace: WorkspaceKey, limit: usize)
    -> Result<Vec<FunnelRef>, StoreError>;

    /// Agents whose names were learned, by name, then id, at most `limit`.
    async fn list_agents(&self, workspace: WorkspaceKey, limit: usize) -> Result<Vec<AgentRef>, StoreError>;

    /// Labels that conversations have, sorted, at most `limit`. Does not look at every conversation.
    async fn list_labels(&self, workspace: WorkspaceKey, limit: usize) -> Result<Vec<Label>, StoreError>;

    /// Every canned answer, by id.
    async fn list_canned_answers(
        &self,
        workspace: WorkspaceKey,
    ) -> Result<Vec<Arc<CannedAnswer>>, StoreError>;

    /// Every saved view, by id.
    async fn list_views(&self, workspace: WorkspaceKey) -> Result<Vec<Arc<SavedView>>, StoreError>;

    /// What the search index has not seen yet: messages, conversations and what was deleted of both behind `after`, in
    /// commit order, at most `limit` of each.
    async fn search_feed(&self, after: FeedPosition, limit: usize) -> Result<Feed, StoreError>;

    /// The running clock as it was written down last.
    async fn load_clock(&self) -> Result<Option<StoredClock>, StoreError>;

    /// Writes it down. With `keeps_pause` what is stored of a pause stays: it stands there already, or somebody has taken it
    /// out. Answers with the pause that is stored.
    async fn save_clock(&self, clock: StoredClock, keeps_pause: bool) -> Result<Option<Pause>, StoreError>;

    /// Takes a stored pause out, and has every conversation looked at anew as after a change of the settings: what was put off
    /// under a wrong date would be forgotten until then.
    async fn clock_goes_on(&self) -> Result<(), StoreError>;

    /// What the store was created with.
    async fn identity(&self) -> Result<StoreIdentity, StoreError>;

    /// Every workspace with its live secrets.
    async fn list_workspaces(&self) -> Result<Vec<Workspace>, StoreError>;

    /// Creates a workspace; the one with that name when there is one already.
    async fn create_workspace(&self, new: NewWorkspace) -> Result<Workspace, StoreError>;

    /// Stores a new secret; the oldest of its kind beyond `LIVE_SECRETS` is retired.
    async fn add_secret(&self, workspace: WorkspaceKey, secret: Secret) -> Result<(), StoreError>;

    /// Sets the browser origins whose pages may ask for visitor tokens.
    async fn set_origins(&self, workspace: WorkspaceKey, origins: Vec<String>) -> Result<(), StoreError>;

    /// Keeps a one-click link's code, hashed.
    async fn create_link(&self, link: Grant) -> Result<(), StoreError>;

    /// Uses a link's code up; `None` when it is unknown, used or too old. Two who try at once: one gets it.
    async fn redeem_link(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Grant>, StoreError>;

    /// Keeps a console session's token, hashed.
    async fn create_session(&self, session: Grant) -> Result<(), StoreError>;

    /// A live session.
    async fn get_session(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Grant>, StoreError>;

    /// Ends a session.
    async fn delete_session(&self, hash: [u8; 32]) -> Result<(), StoreError>;

    /// Whether it takes writes, as far as it knows; asks no disk.
    fn condition(&self) -> Condition {
        Condition::Sound
    }

    /// Looks after itself: recovers from what [`condition`](Self::condition) says, and warns before it comes to that.
    /// To be called every [`TEND_MS`](parlor_core::limits::TEND_MS).
    async fn tend(&self) {}
}

/// Something that may be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtentOf {
    /// A conversation.
    Conversation(ConversationId),
    /// Everything of a user.
    User(UserId),
}

/// How much would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Conversations.
    pub conversations: u64,
    /// Their messages, system lines too.
    pub messages: u64,
    /// Their private notes, without deleted ones.
    pub notes: u64,
}

/// What a store was created with.
#[derive(Debug, Clone)]
pub struct StoreIdentity {
    /// Seals cursors of all its workspaces.
    pub cursor_key: [u8; 32],
}
