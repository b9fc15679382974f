//! A store that forgets: the model the other stores are compared with, and a quick one for tests.
//!
//! Written for plainness, not speed: every read looks at every row.

mod control;
mod deletions;
mod desk;
mod read;
mod write;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use parlor_core::agent::AgentRef;
use parlor_core::clock::{Pause, StoredClock};
use parlor_core::conversation::{Conversation, Snapshot};
use parlor_core::desk::{CannedAnswer, SavedView};
use parlor_core::event::{Activity, DeletionRecord, Tombstone};
use parlor_core::funnel::{Funnel, FunnelRef};
use parlor_core::id::{
    AgentId, CannedAnswerId, ConversationId, FunnelId, MessageId, NoteId, UserId, ViewId, WorkspaceKey,
};
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::state::{CounterKey, Head};
use parlor_core::text::Label;
use parlor_core::time::Timestamp;
use parlor_core::user::User;

use super::{
    Batch, Changes, Extent, ExtentOf, Feed, FeedPosition, Grant, ListPage, ListQuery, MessagePage,
    MessageQuery, NewWorkspace, Row, Scope, Secret, Store, StoreError, StoreIdentity, Workspace,
};

/// See the module.
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    workspaces: BTreeMap<WorkspaceKey, Space>,
    links: HashMap<[u8; 32], Grant>,
    sessions: HashMap<[u8; 32], Grant>,
    /// Of all workspaces, in commit order; the index is the key. `None` where one was deleted.
    messages: Vec<Option<(WorkspaceKey, Arc<Message>)>>,
    /// Conversations whose names changed, in commit order.
    renamed: Vec<(WorkspaceKey, ConversationId)>,
    conversation_keys: HashMap<(WorkspaceKey, ConversationId), i64>,
    last_conversation_key: i64,
    /// Keys of what search has to forget, in commit order.
    deleted_messages: Vec<(WorkspaceKey, i64)>,
    deleted_conversations: Vec<(WorkspaceKey, i64)>,
    /// Notes that came or went, by their keys, in commit order.
    noted: Vec<Noted>,
    note_keys: HashMap<(WorkspaceKey, NoteId), i64>,
    clock: Option<StoredClock>,
    /// The record of deletions.
    deletions: Vec<(WorkspaceKey, DeletionRecord)>,
}

/// A note that came or went.
struct Noted {
    workspace: WorkspaceKey,
    id: NoteId,
    key: i64,
    is_gone: bool,
}

impl Inner {
    /// Lets search hear of a note.
    fn tell_of_note(&mut self, workspace: WorkspaceKey, id: NoteId, is_gone: bool) {
        let next = i64::try_from(self.note_keys.len()).unwrap_or(i64::MAX) + 1;
        // Never taken out, so that none is given twice.
        let key = *self.note_keys.entry((workspace, id)).or_insert(next);
        self.noted.push(Noted { workspace, id, key, is_gone });
    }
}

/// One workspace.
struct Space {
    about: Workspace,
    head: Head,
    conversations: HashMap<ConversationId, Arc<Conversation>>,
    /// In the order the rows came to be.
    order: Vec<ConversationId>,
    threads: HashMap<ConversationId, Vec<Arc<Message>>>,
    message_ids: HashMap<MessageId, (ConversationId, u32)>,
    notes: HashMap<NoteId, Arc<Note>>,
    tombstones: BTreeMap<ConversationId, Tombstone>,
    /// Ids of deleted messages, by the conversation they were in.
    erased: HashMap<MessageId, ConversationId>,
    /// The highest revision whose tombstone is gone.
    purged_rev: u64,
    users: HashMap<UserId, Arc<User>>,
    agents: HashMap<AgentId, AgentRef>,
    funnels: HashMap<FunnelId, Vec<Arc<Funnel>>>,
    canned_answers: BTreeMap<CannedAnswerId, Arc<CannedAnswer>>,
    views: BTreeMap<ViewId, Arc<SavedView>>,
    counters: BTreeMap<CounterKey, i64>,
    activities: Vec<(u64, Activity)>,
}

impl Space {
    fn snapshot(&self, conversation: &Arc<Conversation>) -> Snapshot {
        let user = self.users.get(&conversation.user_id).cloned();
        let user = user.unwrap_or_else(|| Arc::new(User::new(conversation.user_id.clone())));
        Snapshot { conversation: conversation.clone(), user }
    }

    /// A conversation's private notes, in their order.
    fn notes(&self, id: ConversationId) -> Vec<Arc<Note>> {
        let mut notes: Vec<_> = self.notes.values().filter(|n| n.conversation_id == id).cloned().collect();
        notes.sort_by_key(|note| note.place());
        notes
    }

    fn thread(&self, id: ConversationId) -> &[Arc<Message>] {
        self.threads.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Any fixed key: nothing outlives the process.
const CURSOR_KEY: [u8; 32] = [7; 32];

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { inner: Mutex::default() }
    }

    /// Gives every workspace a new epoch, as a restore does: what was seen before cannot be resumed.
    pub fn renew_epochs(&self) {
        self.lock().workspaces.values_mut().for_each(|space| space.head.epoch += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        workspace: WorkspaceKey,
        read: impl FnOnce(&Inner, &Space) -> T,
    ) -> Result<T, StoreError> {
        let inner = self.lock();
        let space = inner.workspaces.get(&workspace).ok_or_else(|| unknown(workspace))?;
        Ok(read(&inner, space))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

fn unknown(workspace: WorkspaceKey) -> StoreError {
    StoreError::Content(format!("no workspace {}", workspace.0))
}

#[async_trait]
impl Store for MemoryStore {
    async fn transact(&self, workspace: WorkspaceKey, batch: Box<dyn Batch>) -> Result<(), StoreError> {
        write::transact(&mut self.lock(), workspace, batch)
    }

    async fn list_conversations(
        &self,
        workspace: WorkspaceKey,
        query: ListQuery,
    ) -> Result<ListPage, StoreError> {
        self.read(workspace, |inner, space| read::list_conversations(inner, space, &query))
    }

    async fn get_conversation(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
        messages: usize,
    ) -> Result<Option<Row>, StoreError> {
        self.read(workspace, |_, space| space.conversations.get(&id).map(|c| read::row(space, c, messages)))
    }

    async fn list_messages(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
        page: MessageQuery,
    ) -> Result<Option<MessagePage>, StoreError> {
        self.read(workspace, |_, space| space.conversations.get(&id).map(|c| read::messages(space, c, page)))
    }

    async fn list_changes(
        &self,
        workspace: WorkspaceKey,
        scope: Scope,
        after: u64,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.read(workspace, |_, space| read::changes(space, &scope, after, limit))
    }

    async fn get_tombstone(
        &self,
        workspace: WorkspaceKey,
        id: ConversationId,
    ) -> Result<Option<Tombstone>, StoreError> {
        self.read(workspace, |_, space| space.tombstones.get(&id).cloned())
    }

    async fn list_deletions(
        &self,
        workspace: WorkspaceKey,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeletionRecord>, StoreError> {
        self.read(workspace, |inner, _| deletions::list(inner, workspace, before, limit))
    }

    async fn measure(&self, workspace: WorkspaceKey, of: ExtentOf) -> Result<Option<Extent>, StoreError> {
        self.read(workspace, |_, space| deletions::measure(space, &of))
    }

    async fn purge_tombstones(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        Ok(write::purge_tombstones(&mut self.lock(), before, limit))
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn get_head(&self, workspace: WorkspaceKey) -> Result<Head, StoreError> {
        self.read(workspace, |_, space| space.head.clone())
    }

    async fn list_due(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(WorkspaceKey, ConversationId)>, StoreError> {
        Ok(read::due(&self.lock(), until, limit))
    }

    async fn list_redating(&self, limit: usize) -> Result<Vec<WorkspaceKey>, StoreError> {
        let inner = self.lock();
        let redating = inner.workspaces.iter().filter(|(_, space)| space.head.redate.is_some());
        Ok(redating.map(|(key, _)| *key).take(limit).collect())
    }

    async fn get_user(&self, workspace: WorkspaceKey, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(workspace, |_, space| space.users.get(&id).map(|u| (**u).clone()))
    }

    async fn set_last_seen(
        &self,
        workspace: WorkspaceKey,
        users: Vec<UserId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        control::set_last_seen(&mut self.lock(), workspace, &users, at)
    }

    async fn get_funnel(
        &self,
        workspace: WorkspaceKey,
        id: FunnelId,
    ) -> Result<Option<Arc<Funnel>>, StoreError> {
        self.read(workspace, |_, space| space.funnels.get(&id).and_then(|versions| versions.last().cloned()))
    }

    async fn list_funnels(
        &self,
        workspace: WorkspaceKey,
        limit: usize,
    ) -> Result<Vec<FunnelRef>, StoreError> {
        self.read(workspace, |_, space| desk::list_funnels(space, limit))
    }

    async fn list_agents(&self, workspace: WorkspaceKey, limit: usize) -> Result<Vec<AgentRef>, StoreError> {
        self.read(workspace, |_, space| desk::list_agents(space, limit))
    }

    async fn list_labels(&self, workspace: WorkspaceKey, limit: usize) -> Result<Vec<Label>, StoreError> {
        self.read(workspace, |_, space| desk::list_labels(space, limit))
    }

    async fn list_canned_answers(
        &self,
        workspace: WorkspaceKey,
    ) -> Result<Vec<Arc<CannedAnswer>>, StoreError> {
        self.read(workspace, |_, space| space.canned_answers.values().cloned().collect())
    }

    async fn list_views(&self, workspace: WorkspaceKey) -> Result<Vec<Arc<SavedView>>, StoreError> {
        self.read(workspace, |_, space| space.views.values().cloned().collect())
    }

    async fn search_feed(&self, after: FeedPosition, limit: usize) -> Result<Feed, StoreError> {
        Ok(read::feed(&self.lock(), after, limit))
    }

    async fn load_clock(&self) -> Result<Option<StoredClock>, StoreError> {
        Ok(self.lock().clock)
    }

    async fn save_clock(&self, clock: StoredClock, keeps_pause: bool) -> Result<Option<Pause>, StoreError> {
        let mut inner = self.lock();
        let stored = inner.clock.and_then(|stored| stored.pause);
        let pause = if keeps_pause { stored } else { clock.pause };
        inner.clock = Some(StoredClock { pause, ..clock });
        Ok(pause)
    }

    async fn clock_goes_on(&self) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if let Some(pause) = inner.clock.as_mut().and_then(|clock| clock.pause.take()) {
            inner.workspaces.values_mut().for_each(|space| control::carry_anew(space, pause.at));
        }
        Ok(())
    }

    async fn identity(&self) -> Result<StoreIdentity, StoreError> {
        Ok(StoreIdentity { cursor_key: CURSOR_KEY })
    }

    async fn list_workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        Ok(self.lock().workspaces.values().map(|space| space.about.clone()).collect())
    }

    async fn create_workspace(&self, new: NewWorkspace) -> Result<Workspace, StoreError> {
        Ok(control::create_workspace(&mut self.lock(), new))
    }

    async fn add_secret(&self, workspace: WorkspaceKey, secret: Secret) -> Result<(), StoreError> {
        control::about(&mut self.lock(), workspace, |about| control::add_secret(about, secret))
    }

    async fn set_origins(&self, workspace: WorkspaceKey, origins: Vec<String>) -> Result<(), StoreError> {
        control::about(&mut self.lock(), workspace, |about| about.origins = origins)
    }

    async fn create_link(&self, link: Grant) -> Result<(), StoreError> {
        self.lock().links.insert(link.hash, link);
        Ok(())
    }

    async fn redeem_link(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Grant>, StoreError> {
        Ok(self.lock().links.remove(&hash).filter(|link| now < link.expires_at))
    }

    async fn create_session(&self, session: Grant) -> Result<(), StoreError> {
        self.lock().sessions.insert(session.hash, session);
        Ok(())
    }

    async fn get_session(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Grant>, StoreError> {
        Ok(self.lock().sessions.get(&hash).filter(|session| now < session.expires_at).cloned())
    }

    async fn delete_session(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.lock().sessions.remove(&hash);
        Ok(())
    }
}
