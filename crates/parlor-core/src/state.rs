//! What a batch knows: the rows it loaded, and on top of them what its commands have changed so far.

mod desk;
mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use desk::Desk;
pub use desk::DeskWrite;
pub use rows::{
    Changes, Claim, ConversationWrite, CounterKey, Deletion, DeskPart, Dimension, DueDate, ErasedUser,
    FunnelVersion, Head, Keys, Loaded, Missing, Position, RedatePage, Redated, ReplayedDeletion,
    SettingsWrite, UserFunnel, UserPage, WriteSet, counter_keys,
};

use crate::agent::AgentRef;
use crate::conversation::{Conversation, Snapshot};
use crate::desk::{CannedAnswer, SavedView};
use crate::event::{Activity, ActivityKind, Tombstone};
use crate::funnel::Funnel;
use crate::id::{
    AgentId, CannedAnswerId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, UserId, ViewId,
};
use crate::lifecycle::{Policies, Redate};
use crate::limits;
use crate::message::Message;
use crate::note::Note;
use crate::time::Timestamp;
use crate::user::User;

struct Row {
    conversation: Arc<Conversation>,
    /// As the store has it; `None` for a new row.
    stored: Option<Arc<Conversation>>,
    touched: bool,
    reindex: bool,
}

struct Deleted {
    tombstone: Tombstone,
    /// As the store has it; `None` when it was created in this batch.
    stored: Option<Arc<Conversation>>,
    unstored: Vec<MessageId>,
    actor: Option<AgentId>,
    messages: u32,
}

/// What every id of a deleted conversation's messages says.
static ERASED: Claim = Claim::Erased;

/// A batch's view of one workspace.
pub struct State {
    head: Head,
    conversations: HashMap<ConversationId, Option<Row>>,
    tombstones: HashMap<ConversationId, bool>,
    messages: HashMap<MessageId, Claim>,
    notes: HashMap<NoteId, Option<Arc<Note>>>,
    users: HashMap<UserId, Option<Arc<User>>>,
    agents: HashMap<AgentId, Option<AgentRef>>,
    funnels: HashMap<FunnelId, Option<Arc<Funnel>>>,
    funnel_versions: HashMap<FunnelVersion, Option<Arc<Funnel>>>,
    open: HashMap<UserFunnel, Vec<ConversationId>>,
    chains: HashMap<ConversationId, Vec<ConversationId>>,
    positions: HashMap<(ConversationId, u32), Option<Position>>,
    external: HashMap<ExternalId, Option<ConversationId>>,
    of_user: HashMap<UserPage, Vec<ConversationId>>,
    touched: Vec<ConversationId>,
    deleted: Vec<Deleted>,
    new_messages: Vec<Message>,
    touched_notes: Vec<NoteId>,
    touched_users: Vec<UserId>,
    erased_users: Vec<ErasedUser>,
    new_agents: Vec<AgentRef>,
    new_funnels: Vec<Arc<Funnel>>,
    activities: Vec<Activity>,
    desk: Desk,
    redate_page: Option<RedatePage>,
    due_dates: BTreeMap<ConversationId, Option<Timestamp>>,
    settings: Option<SettingsWrite>,
    redated: Option<Redated>,
}

macro_rules! lookup {
    ($self:ident . $map:ident, $key:expr) => {
        match $self.$map.get($key) {
            Some(found) => Ok(found),
            None => Err(Missing(Box::new(Keys { $map: BTreeSet::from([$key.clone()]), ..Keys::default() }))),
        }
    };
}

impl State {
    /// A state that knows nothing yet.
    #[must_use]
    pub fn new(loaded: Loaded) -> Self {
        let mut state = Self {
            head: loaded.head.clone(),
            conversations: HashMap::new(),
            tombstones: HashMap::new(),
            messages: HashMap::new(),
            notes: HashMap::new(),
            users: HashMap::new(),
            agents: HashMap::new(),
            funnels: HashMap::new(),
            funnel_versions: HashMap::new(),
            open: HashMap::new(),
            chains: HashMap::new(),
            positions: HashMap::new(),
            external: HashMap::new(),
            of_user: HashMap::new(),
            touched: Vec::new(),
            deleted: Vec::new(),
            new_messages: Vec::new(),
            touched_notes: Vec::new(),
            touched_users: Vec::new(),
            erased_users: Vec::new(),
            new_agents: Vec::new(),
            new_funnels: Vec::new(),
            activities: Vec::new(),
            desk: Desk::default(),
            redate_page: None,
            due_dates: BTreeMap::new(),
            settings: None,
            redated: None,
        };
        state.add(loaded);
        state
    }

    /// Takes in more rows. What the batch already knows or has changed stays.
    pub fn add(&mut self, mut loaded: Loaded) {
        self.desk.add(&mut loaded);
        self.redate_page = self.redate_page.take().or(loaded.redate.take());
        for (id, conversation) in loaded.conversations {
            self.conversations.entry(id).or_insert_with(|| {
                conversation.map(|c| Row {
                    conversation: c.clone(),
                    stored: Some(c),
                    touched: false,
                    reindex: false,
                })
            });
        }
        for (id, user) in loaded.users {
            self.users.entry(id).or_insert(user);
        }
        fn merge<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, rows: Vec<(K, V)>) {
            for (key, value) in rows {
                map.entry(key).or_insert(value);
            }
        }
        merge(&mut self.tombstones, loaded.tombstones);
        merge(&mut self.messages, loaded.messages);
        merge(&mut self.notes, loaded.notes);
        merge(&mut self.agents, loaded.agents);
        merge(&mut self.funnel_versions, loaded.funnel_versions);
        for (id, funnel) in loaded.funnels {
            // The current version is a version too: a new conversation asks for it by number.
            if let Some(funnel) = &funnel {
                self.funnel_versions.entry((id.clone(), funnel.version)).or_insert(Some(funnel.clone()));
            }
            self.funnels.entry(id).or_insert(funnel);
        }
        for (root, found) in loaded.chains {
            // Those this batch created are younger than every row of the store's answer.
            let new = self.touched.iter().rev().filter(|id| self.is_new_in(**id, root)).copied();
            let all = new.chain(found).collect();
            self.chains.entry(root).or_insert(all);
        }
        merge(&mut self.positions, loaded.positions);
        merge(&mut self.external, loaded.external);
        for (page, mut ids) in loaded.of_user {
            // Conversations this batch created are younger than every row of the store's answer.
            let new = self.touched.iter().filter(|id| self.is_new_of(**id, &page.0));
            ids.extend(new.take(limits::USER_CONVERSATIONS_BATCH.saturating_sub(ids.len())));
            self.of_user.entry(page).or_insert(ids);
        }
        for (key, found) in loaded.open {
            // Conversations this batch opened before the lookup are not in the store's answer.
            let mut all = self.open.remove(&key).unwrap_or_default();
            all.extend(found.into_iter().filter(|id| !all.contains(id)).collect::<Vec<_>>());
            all.extend(self.opened_in_batch(&key, &all));
            self.open.insert(key, all);
        }
    }

    fn opened_in_batch(&self, key: &(UserId, FunnelId), known: &[ConversationId]) -> Vec<ConversationId> {
        let belongs = |id: &ConversationId| {
            self.row(*id).is_some_and(|c| c.is_open() && c.user_id == key.0 && c.funnel_id == key.1)
                && !known.contains(id)
        };
        self.touched.iter().copied().filter(belongs).collect()
    }

    fn is_new_of(&self, id: ConversationId, user: &UserId) -> bool {
        let row = self.conversations.get(&id).and_then(Option::as_ref);
        row.is_some_and(|row| row.stored.is_none() && row.conversation.user_id == *user)
    }

    fn is_new_in(&self, id: ConversationId, root: ConversationId) -> bool {
        let row = self.conversations.get(&id).and_then(Option::as_ref);
        row.is_some_and(|row| row.stored.is_none() && row.conversation.root_id == Some(root))
    }

    /// Asks at once for everything in `keys` that is not loaded: each round of loading is one of the whole batch.
    pub fn require(&self, mut keys: Keys) -> Result<(), Missing> {
        keys.conversations.retain(|id| !self.conversations.contains_key(id));
        keys.tombstones.retain(|id| !self.tombstones.contains_key(id));
        keys.messages.retain(|id| !self.messages.contains_key(id));
        keys.notes.retain(|id| !self.notes.contains_key(id));
        keys.users.retain(|id| !self.users.contains_key(id));
        keys.agents.retain(|id| !self.agents.contains_key(id));
        keys.funnels.retain(|id| !self.funnels.contains_key(id));
        keys.funnel_versions.retain(|key| !self.funnel_versions.contains_key(key));
        keys.open.retain(|key| !self.open.contains_key(key));
        keys.chains.retain(|root| !self.chains.contains_key(root));
        keys.positions.retain(|key| !self.positions.contains_key(key));
        keys.external.retain(|id| !self.external.contains_key(id));
        keys.of_user.retain(|page| !self.of_user.contains_key(page));
        keys.desk.retain(|part| !self.desk.has(*part));
        keys.redate &= self.redate_page.is_none();
        if keys.is_empty() { Ok(()) } else { Err(Missing(Box::new(keys))) }
    }

    fn row(&self, id: ConversationId) -> Option<&Arc<Conversation>> {
        self.conversations.get(&id).and_then(|row| row.as_ref()).map(|row| &row.conversation)
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> &Arc<Policies> {
        &self.head.policies
    }

    /// The change of them that is being carried to the conversations.
    #[must_use]
    pub fn redate(&self) -> Option<&Redate> {
        self.head.redate.as_deref()
    }

    /// The next conversations it is carried to.
    pub fn redate_page(&self) -> Result<&RedatePage, Missing> {
        self.redate_page.as_ref().ok_or_else(|| Missing(Box::new(Keys { redate: true, ..Keys::default() })))
    }

    /// Where the workspace stood when the batch began.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// A conversation.
    pub fn conversation(&self, id: ConversationId) -> Result<Option<&Arc<Conversation>>, Missing> {
        Ok(lookup!(self.conversations, &id)?.as_ref().map(|row| &row.conversation))
    }

    /// A conversation with its user.
    pub fn snapshot(&self, conversation: &Arc<Conversation>) -> Result<Snapshot, Missing> {
        let user = self.user(&conversation.user_id)?.cloned();
        let user = user.unwrap_or_else(|| Arc::new(User::new(conversation.user_id.clone())));
        Ok(Snapshot { conversation: conversation.clone(), user })
    }

    /// Who has a message id.
    pub fn claim(&self, id: MessageId) -> Result<&Claim, Missing> {
        match lookup!(self.messages, &id)? {
            Claim::Stored(message) if self.is_deleted_here(message.conversation_id) => Ok(&ERASED),
            claim => Ok(claim),
        }
    }

    /// A private note; those of a conversation that this batch deletes are gone with it.
    pub fn note(&self, id: NoteId) -> Result<Option<&Arc<Note>>, Missing> {
        let found = lookup!(self.notes, &id)?.as_ref();
        Ok(found.filter(|note| !self.is_deleted_here(note.conversation_id)))
    }

    /// Whether a conversation had this id and was deleted.
    pub fn is_deleted(&self, id: ConversationId) -> Result<bool, Missing> {
        Ok(self.is_deleted_here(id) || *lookup!(self.tombstones, &id)?)
    }

    fn is_deleted_here(&self, id: ConversationId) -> bool {
        self.deleted.iter().any(|deleted| deleted.tombstone.conversation_id == id)
    }

    /// A user.
    pub fn user(&self, id: &UserId) -> Result<Option<&Arc<User>>, Missing> {
        Ok(lookup!(self.users, id)?.as_ref())
    }

    /// An agent we know by name.
    pub fn agent(&self, id: &AgentId) -> Result<Option<&AgentRef>, Missing> {
        Ok(lookup!(self.agents, id)?.as_ref())
    }

    /// A funnel's current version.
    pub fn funnel(&self, id: &FunnelId) -> Result<Option<&Arc<Funnel>>, Missing> {
        Ok(lookup!(self.funnels, id)?.as_ref())
    }

    /// A funnel's given version.
    pub fn funnel_version(&self, id: &FunnelId, version: u32) -> Result<Option<&Arc<Funnel>>, Missing> {
        let key = (id.clone(), version);
        Ok(lookup!(self.funnel_versions, &key)?.as_ref())
    }

    /// The newest open conversation of a user in a funnel.
    pub fn open(&self, user: &UserId, funnel: &FunnelId) -> Result<Option<&Arc<Conversation>>, Missing> {
        let key = (user.clone(), funnel.clone());
        let ids = lookup!(self.open, &key)?;
        let open = ids.iter().filter_map(|id| self.row(*id)).filter(|c| c.is_open());
        Ok(open.max_by_key(|c| (c.started_at, c.id)))
    }

    /// The newest conversation of the chain that `conversation` is in; itself when nothing follows it.
    pub fn newest_in_chain(&self, conversation: &Arc<Conversation>) -> Result<Arc<Conversation>, Missing> {
        let root = conversation.root_id.unwrap_or(conversation.id);
        let newest = lookup!(self.chains, &root)?.iter().find_map(|id| self.row(*id));
        // A chain stays with its user and funnel, whatever an import said about what follows what.
        let of_both = |c: &&Arc<Conversation>| {
            c.user_id == conversation.user_id && c.funnel_id == conversation.funnel_id
        };
        Ok(newest.filter(of_both).unwrap_or(conversation).clone())
    }

    /// Messages of each side up to a `seq`.
    pub fn position(&self, id: ConversationId, seq: u32) -> Result<Option<Position>, Missing> {
        let new = self.new_messages.iter().find(|m| m.conversation_id == id && m.seq == seq);
        if let Some(message) = new {
            return Ok(Some(Position { users: message.users_before, ours: message.ours_before }));
        }
        lookup!(self.positions, &(id, seq)).copied()
    }

    /// A conversation by foreign id.
    pub fn external(&self, id: &ExternalId) -> Result<Option<ConversationId>, Missing> {
        let found = lookup!(self.external, id)?;
        Ok(found.filter(|id| !self.is_deleted_here(*id)))
    }

    /// A page of a user's conversations, those of this batch included.
    pub fn of_user(
        &self,
        user: &UserId,
        after: Option<ConversationId>,
    ) -> Result<&[ConversationId], Missing> {
        Ok(lookup!(self.of_user, &(user.clone(), after))?.as_slice())
    }

    /// Every canned answer.
    pub fn canned_answers(&self) -> Result<&BTreeMap<CannedAnswerId, Arc<CannedAnswer>>, Missing> {
        self.desk.canned_answers()
    }

    /// Every saved view.
    pub fn views(&self) -> Result<&BTreeMap<ViewId, Arc<SavedView>>, Missing> {
        self.desk.views()
    }

    /// Applies what a command changed.
    pub fn apply(&mut self, mut changes: Changes) {
        if let Some(user) = changes.user {
            let id = user.id.clone();
            let renamed = self
                .users
                .get(&id)
                .and_then(|u| u.as_ref())
                .is_none_or(|u| u.name != user.name || u.email != user.email);
            changes.reindex |= renamed;
            self.users.insert(id.clone(), Some(Arc::new(user)));
            if !self.touched_users.contains(&id) {
                self.touched_users.push(id);
            }
        }
        for conversation in changes.conversations {
            let id = conversation.id;
            self.put(conversation);
            if changes.reindex {
                self.mark_reindex(id);
            }
        }
        for message in changes.messages {
            self.messages.insert(message.id, Claim::Stored(Arc::new(message.clone())));
            self.new_messages.push(message);
        }
        for note in changes.notes {
            let id = note.id;
            self.notes.insert(id, Some(Arc::new(note)));
            if !self.touched_notes.contains(&id) {
                self.touched_notes.push(id);
            }
        }
        if let Some(agent) = changes.agent {
            self.agents.insert(agent.id.clone(), Some(agent.clone()));
            self.new_agents.retain(|known| known.id != agent.id);
            self.new_agents.push(agent);
        }
        if let Some(funnel) = changes.funnel.map(Arc::new) {
            self.funnels.insert(funnel.id.clone(), Some(funnel.clone()));
            self.funnel_versions.insert((funnel.id.clone(), funnel.version), Some(funnel.clone()));
            self.new_funnels.push(funnel);
        }
        for tombstone in changes.tombstones {
            let id = tombstone.conversation_id;
            let says_who = |a: &&Activity| a.kind == ActivityKind::Deleted && a.conversation_id == id;
            let actor = changes.activities.iter().find(says_who).and_then(|a| a.actor.clone());
            self.delete(tombstone, actor);
        }
        self.activities.extend(changes.activities);
        if let Some(write) = changes.desk {
            self.desk.apply(write);
        }
        if let Some(replayed) = changes.replayed {
            self.replay(replayed);
        }
        if let Some(erased) = changes.erased_user {
            let id = erased.user_id.clone();
            self.users.insert(id.clone(), Some(Arc::new(User::new(id.clone()))));
            if !self.touched_users.contains(&id) {
                self.touched_users.push(id);
            }
            self.erased_users.push(erased);
        }
        for (id, due_at) in changes.due_dates {
            self.move_due(id, due_at);
        }
        if let Some(write) = changes.settings {
            self.set(write);
        }
        if let Some(redated) = changes.redated {
            self.head.redate = match (self.head.redate.take(), redated.next) {
                (Some(redate), after @ Some(_)) => {
                    Some(Arc::new(Redate { after, done: redated.done, ..(*redate).clone() }))
                }
                _ => None,
            };
            self.redated = Some(redated);
        }
    }

    /// Only the due time of a conversation.
    fn move_due(&mut self, id: ConversationId, due_at: Option<Timestamp>) {
        let Some(Some(row)) = self.conversations.get_mut(&id) else { return };
        Arc::make_mut(&mut row.conversation).due_at = due_at;
        // A row that is written anyway has it.
        if !row.touched {
            self.due_dates.insert(id, due_at);
        }
    }

    /// From now on the batch goes by these settings.
    fn set(&mut self, write: SettingsWrite) {
        self.head.policies = write.policies.clone();
        let SettingsWrite { before, since, .. } = write.clone();
        // How many conversations there are, the store counts.
        self.head.redate = Some(Arc::new(Redate { before, since, after: None, done: 0, total: 0 }));
        // What was loaded is not of this change.
        self.redate_page = Some(RedatePage::default());
        self.redated = None;
        self.settings = Some(write);
    }

    fn replay(&mut self, replayed: ReplayedDeletion) {
        let ReplayedDeletion { tombstone, actor, messages, free_ids } = replayed;
        self.messages.extend(free_ids.iter().map(|id| (*id, Claim::Erased)));
        if self.conversations.get(&tombstone.conversation_id).is_some_and(Option::is_some) {
            self.delete(tombstone, actor);
            if let Some(deleted) = self.deleted.last_mut() {
                deleted.unstored.extend(free_ids);
                deleted.messages = messages;
            }
        } else {
            self.deleted.push(Deleted { tombstone, stored: None, unstored: free_ids, actor, messages });
        }
    }

    fn delete(&mut self, tombstone: Tombstone, actor: Option<AgentId>) {
        let id = tombstone.conversation_id;
        let Some(row) = self.conversations.insert(id, None).flatten() else { return };
        self.due_dates.remove(&id);
        let messages = row.conversation.message_count;
        let notes = &self.notes;
        self.touched_notes.retain(|note| {
            notes.get(note).is_some_and(|n| n.as_ref().is_some_and(|n| n.conversation_id != id))
        });
        let unstored = self.new_messages.extract_if(.., |message| message.conversation_id == id);
        let unstored = unstored.map(|message| message.id).collect();
        self.deleted.push(Deleted { tombstone, stored: row.stored, unstored, actor, messages });
    }

    fn mark_reindex(&mut self, id: ConversationId) {
        if let Some(Some(row)) = self.conversations.get_mut(&id) {
            row.reindex = true;
        }
    }

    fn put(&mut self, conversation: Conversation) {
        let id = conversation.id;
        self.due_dates.remove(&id);
        let conversation = Arc::new(conversation);
        if self.row(id).is_none()
            && let Some(chain) = conversation.root_id.and_then(|root| self.chains.get_mut(&root))
        {
            chain.insert(0, id);
        }
        if let Some(external) = &conversation.external_id {
            self.external.insert(external.clone(), Some(id));
        }
        if conversation.is_open()
            && let Some(open) =
                self.open.get_mut(&(conversation.user_id.clone(), conversation.funnel_id.clone()))
            && !open.contains(&id)
        {
            open.push(id);
        }
        match self.conversations.get_mut(&id) {
            Some(Some(row)) => {
                row.conversation = conversation;
                if !row.touched {
                    row.touched = true;
                    self.touched.push(id);
                }
            }
            _ => {
                let user_id = conversation.user_id.clone();
                self.conversations
                    .insert(id, Some(Row { conversation, stored: None, touched: true, reindex: true }));
                self.touched.push(id);
                let full = limits::USER_CONVERSATIONS_BATCH;
                let pages =
                    self.of_user.iter_mut().filter(|((user, _), ids)| *user == user_id && ids.len() < full);
                pages.for_each(|(_, ids)| ids.push(id));
            }
        }
    }

    /// Folds everything into what the store writes: one new revision for each touched conversation.
    #[must_use]
    pub fn finish(mut self) -> WriteSet {
        let mut writes = WriteSet { rev: self.head.rev, ..WriteSet::default() };
        let mut revs = HashMap::new();
        for id in std::mem::take(&mut self.touched) {
            let Some(Some(mut row)) = self.conversations.remove(&id) else { continue };
            writes.rev += 1;
            revs.insert(id, writes.rev);
            let is_new = row.stored.is_none();
            let conversation = Arc::make_mut(&mut row.conversation);
            conversation.rev = writes.rev;
            if is_new {
                conversation.scope_rev = writes.rev;
            }
            let was = row.stored.as_deref();
            if !was.is_some_and(|was| counter_keys(was).eq(counter_keys(&row.conversation))) {
                count(&mut writes.counters, was, -1);
                count(&mut writes.counters, Some(&row.conversation), 1);
            }
            writes.adds_label |= adds_label(was, &row.conversation);
            let user = self.users.get(&row.conversation.user_id).and_then(Clone::clone);
            let user = user.unwrap_or_else(|| Arc::new(User::new(row.conversation.user_id.clone())));
            writes.conversations.push(ConversationWrite {
                conversation: row.conversation,
                user,
                is_new,
                reindex: row.reindex,
            });
        }
        // A conversation that came and went in this batch has no row that its activities could name.
        let is_gone =
            |id| self.deleted.iter().any(|d| d.stored.is_none() && d.tombstone.conversation_id == id);
        self.activities.retain(|activity| !is_gone(activity.conversation_id));
        for Deleted { mut tombstone, stored, unstored, actor, messages } in self.deleted {
            writes.rev += 1;
            tombstone.rev = writes.rev;
            revs.insert(tombstone.conversation_id, writes.rev);
            count(&mut writes.counters, stored.as_deref(), -1);
            let is_stored = stored.is_some();
            writes.deletions.push(Deletion { tombstone, is_stored, unstored, actor, messages });
        }
        let rev_of = |id: ConversationId| revs.get(&id).copied().unwrap_or(writes.rev);
        writes.messages = (self.new_messages.into_iter())
            .map(|m| {
                let rev = rev_of(m.conversation_id);
                Arc::new(Message { rev, ..m })
            })
            .collect();
        writes.notes = (self.touched_notes.iter())
            .filter_map(|id| self.notes.get(id).and_then(Clone::clone))
            .map(|note| Arc::new(Note { rev: rev_of(note.conversation_id), ..(*note).clone() }))
            .collect();
        writes.activities = self.activities.into_iter().map(|a| (rev_of(a.conversation_id), a)).collect();
        writes.users =
            self.touched_users.iter().filter_map(|id| self.users.get(id).and_then(Clone::clone)).collect();
        writes.erased_users = self.erased_users;
        for erased in &mut writes.erased_users {
            let user = self.users.get(&erased.user_id).and_then(Option::as_ref);
            erased.is_blank = user.is_some_and(|user| **user == User::new(erased.user_id.clone()));
        }
        writes.agents = self.new_agents;
        writes.funnels = self.new_funnels;
        writes.counters.retain(|_, change| *change != 0);
        writes.desk = self.desk.writes;
        writes.due_dates = self.due_dates.into_iter().collect();
        writes.settings = self.settings;
        writes.redated = self.redated;
        writes
    }
}

fn adds_label(was: Option<&Conversation>, is: &Conversation) -> bool {
    is.labels.iter().any(|label| was.is_none_or(|was| !was.labels.contains(label)))
}

fn count(counters: &mut BTreeMap<CounterKey, i64>, conversation: Option<&Conversation>, by: i64) {
    for key in conversation.into_iter().flat_map(counter_keys) {
        *counters.entry(key).or_default() += by;
    }
}
