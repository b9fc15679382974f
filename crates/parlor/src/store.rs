//! The database, behind one trait. A backend loads and writes; it holds no rule.
//!
//! Nothing here is SQLite's or PostgreSQL's: keys and rows are sets, every call names its workspace, and one contract
//! suite (`tests/it/store.rs`) runs over every backend.

pub mod memory;
pub mod sqlite;

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use parlor_core::access::Role;
use parlor_core::agent::AgentRef;
use parlor_core::conversation::{Conversation, Handler, Snapshot, Status};
use parlor_core::desk::{CannedAnswer, SavedView};
use parlor_core::event::Tombstone;
use parlor_core::funnel::{Funnel, FunnelRef};
use parlor_core::id::{AgentId, ConversationId, FunnelId, UserId, WorkspaceKey};
use parlor_core::lifecycle::Policy;
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::state::{Head, Keys, Loaded, WriteSet};
use parlor_core::text::{Email, Label, Name};
use parlor_core::time::Timestamp;
use parlor_core::user::User;

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

    /// Removes tombstones of all workspaces from before a moment, and the message ids they keep: at most `limit` rows, the
    /// oldest first. Answers with how many went; 0 when none is left. Who is behind one of them is too far behind.
    async fn purge_tombstones(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Takes the bytes of everything deleted so far out of the store's files, in bounded steps. False when somebody still
    /// reads an older state: then it is to be tried again.
    async fn scrub(&self) -> Result<bool, StoreError>;

    /// Where the workspace stands.
    async fn get_head(&self, workspace: WorkspaceKey) -> Result<Head, StoreError>;

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

/// What a store was created with.
#[derive(Debug, Clone)]
pub struct StoreIdentity {
    /// Seals cursors of all its workspaces.
    pub cursor_key: [u8; 32],
}

/// A tenant.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The store's key.
    pub key: WorkspaceKey,
    /// What people call it, unique.
    pub name: String,
    /// What a page names to get visitor tokens; not a secret.
    pub public_key: String,
    /// Origins of pages that may ask for visitor tokens.
    pub origins: Vec<String>,
    /// Live secrets, newest first.
    pub secrets: Vec<Secret>,
}

/// What a new workspace is made of; keys and epoch come from outside, randomness is injected.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    /// See [`Workspace::name`].
    pub name: String,
    /// See [`Workspace::public_key`].
    pub public_key: String,
    /// See [`Head::epoch`].
    pub epoch: u64,
    /// One of each kind at least.
    pub secrets: Vec<Secret>,
    /// When.
    pub created_at: Timestamp,
}

/// A signing secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Picks the secret, and thereby the workspace.
    pub kid: String,
    /// What it may sign.
    pub kind: SecretKind,
    /// The key: 32 random bytes, written as base64url text.
    pub bytes: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("kid", &self.kid).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The two kinds of secrets (contract, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// Signs visitors only.
    Identity,
    /// Signs any role.
    Api,
}

/// A link's code or a session's token, as stored: hashed, with whom it makes somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// SHA-256 of the code or token.
    pub hash: [u8; 32],
    /// Where.
    pub workspace: WorkspaceKey,
    /// As what: agent or admin.
    pub role: Role,
    /// As whom.
    pub agent_id: AgentId,
    /// Called.
    pub name: Name,
    /// Reached at.
    pub email: Option<Email>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// A conversation, its user and some of its messages, all of one snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Conversation and user.
    pub snapshot: Snapshot,
    /// Newest messages, ascending.
    pub messages: Vec<Arc<Message>>,
    /// The message that [`ListQuery::among`] names for it.
    pub hit: Option<Arc<Message>>,
}

/// The order of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Newest `last_message_at` first, then greatest id.
    #[default]
    Newest,
    /// Oldest first, then smallest id.
    Oldest,
    /// Highest `message_count` first, then greatest id.
    MostMessages,
    /// Lowest first, then smallest id.
    LeastMessages,
}

/// Which conversations, in which order, from where. Absent filters let everything through.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListQuery {
    /// Open or closed.
    pub status: Option<Status>,
    /// Archived or not.
    pub archived: Option<bool>,
    /// Of one funnel.
    pub funnel_id: Option<FunnelId>,
    /// Of one user.
    pub user_id: Option<UserId>,
    /// With one handler.
    pub handler: Option<Handler>,
    /// Held by one agent.
    pub assignee_id: Option<AgentId>,
    /// With a label.
    pub label: Option<Label>,
    /// Only with users' messages no agent has read.
    pub unread: bool,
    /// Only these: what a search found.
    pub among: Option<Arc<Vec<Hit>>>,
    /// Order.
    pub sort: Sort,
    /// From where.
    pub start: PageStart,
    /// How many, at most `LIST_MAX`.
    pub limit: usize,
    /// Newest messages to bring with each, at most `MESSAGES_INLINE`.
    pub messages: usize,
}

/// A conversation that a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// As [`FeedMessage::conversation_key`].
    pub conversation_key: i64,
    /// Its newest message that matches, as [`FeedMessage::key`]; none when only its names do.
    pub message_key: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart {
    /// Behind this many, at most `OFFSET_MAX`.
    Offset(usize),
    /// Behind this row.
    After(PageKey),
}

impl Default for PageStart {
    fn default() -> Self {
        PageStart::Offset(0)
    }
}

/// A row's place in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageKey {
    /// `last_message_at` or `message_count`, as the order has it.
    pub value: i64,
    /// Breaks ties.
    pub id: ConversationId,
}

/// A page of the inbox.
#[derive(Debug, Clone)]
pub struct ListPage {
    /// In order.
    pub rows: Vec<Row>,
    /// How many match in all.
    pub total: u64,
    /// Whether `total` stops at `TOTAL_EXACT`.
    pub total_is_capped: bool,
    /// Where the next page begins, when there is one.
    pub next: Option<PageKey>,
    /// The head of the same snapshot.
    pub head: Head,
}

/// Which messages of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageQuery {
    /// Where.
    pub start: MessageStart,
    /// How many, at most `MESSAGES_MAX`.
    pub limit: usize,
    /// Whether private notes come along; never to a visitor.
    pub notes: bool,
}

/// Where a page of messages is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStart {
    /// The newest, but for this many.
    Newest(usize),
    /// The newest below this `seq`.
    Before(u32),
    /// The oldest above this `seq`.
    After(u32),
}

/// A page of messages.
#[derive(Debug, Clone)]
pub struct MessagePage {
    /// Whose messages.
    pub snapshot: Snapshot,
    /// Ascending.
    pub messages: Vec<Arc<Message>>,
    /// Private notes that stand in the page, in their order, without deleted ones; see [`notes_of_page`].
    pub notes: Vec<Arc<Note>>,
    /// Whether there are more in the direction asked.
    pub has_more: bool,
    /// The head of the same snapshot.
    pub head: Head,
}

/// Whose changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every conversation's summary.
    Workspace,
    /// One user's conversations' summaries.
    User(UserId),
    /// One conversation with its messages.
    Conversation {
        /// Which.
        id: ConversationId,
        /// Whether its private notes are among them; never for a visitor.
        notes: bool,
    },
}

/// What changed, from the rows themselves: the latest state, once.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Ascending by revision.
    pub groups: Vec<ChangeGroup>,
    /// More changed than the caller wanted to hear, or than the store still knows; `groups` is empty.
    pub too_many: bool,
    /// The head of the same snapshot.
    pub head: Head,
}

/// What one revision still shows of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeGroup {
    /// The revision.
    pub rev: u64,
    /// Messages of that revision, `seq` ascending; only for [`Scope::Conversation`].
    pub messages: Vec<Arc<Message>>,
    /// Private notes of that revision, deleted ones too, in their order; only where the scope asks for them.
    pub notes: Vec<Arc<Note>>,
    /// The conversation, when this is its latest revision.
    pub conversation: Option<Snapshot>,
    /// What is left of the conversation when the revision deleted it; then there is nothing else.
    pub tombstone: Option<Tombstone>,
}

/// How far the search index has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedPosition {
    /// The last message seen, by the store's own key in commit order.
    pub message_key: i64,
    /// The last entry of the conversations' queue seen.
    pub conversation_key: i64,
    /// The last entry of the deleted messages' queue seen.
    pub deleted_message_key: i64,
    /// The last entry of the deleted conversations' queue seen.
    pub deleted_conversation_key: i64,
}

/// What the search index reads next.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    /// In commit order.
    pub messages: Vec<FeedMessage>,
    /// Conversations that are new or whose names changed, in commit order.
    pub conversations: Vec<FeedConversation>,
    /// Messages to forget, in commit order; to be applied after those to index.
    pub deleted_messages: Vec<FeedDeletion>,
    /// Conversations to forget, in commit order; to be applied after those to index.
    pub deleted_conversations: Vec<FeedDeletion>,
}

impl Feed {
    /// Whether there is nothing new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.conversations.is_empty() && !self.has_deletions()
    }

    /// Whether something is to be forgotten.
    #[must_use]
    pub fn has_deletions(&self) -> bool {
        !self.deleted_messages.is_empty() || !self.deleted_conversations.is_empty()
    }
}

/// A row to forget.
#[derive(Debug, Clone, Copy)]
pub struct FeedDeletion {
    /// Place in its queue, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The row's key while it was there: [`FeedMessage::key`] or [`FeedConversation::conversation_key`].
    pub row: i64,
}

/// A message to index.
#[derive(Debug, Clone)]
pub struct FeedMessage {
    /// The store's own key, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The store's own key of its conversation.
    pub conversation_key: i64,
    /// What was said.
    pub text: String,
}

/// A conversation's names to index.
#[derive(Debug, Clone)]
pub struct FeedConversation {
    /// Place in the queue, ascending in commit order.
    pub key: i64,
    /// Whose.
    pub workspace: WorkspaceKey,
    /// The store's own key of the conversation.
    pub conversation_key: i64,
    /// User's name and e-mail, funnel's name.
    pub names: Vec<String>,
}

/// Behind which messages the notes stand that come with a page: those of the page, and 0 where it reaches the beginning.
#[must_use]
pub fn notes_of_page(conversation: &Conversation, page: &[Arc<Message>]) -> Option<RangeInclusive<u32>> {
    let (first, last) = match (page.first(), page.last()) {
        _ if conversation.note_count == 0 => return None,
        (Some(first), Some(last)) => (first.seq, last.seq),
        _ if conversation.message_count == 0 => (0, 0),
        _ => return None,
    };
    Some(if first == 1 { 0..=last } else { first..=last })
}

/// The default policy of a workspace whose settings say nothing.
#[must_use]
pub fn default_policy() -> Arc<Policy> {
    Arc::new(Policy::default())
}
