//! What a batch knows: the rows it loaded, and on top of them what its commands have changed so far.

mod apply;
mod changes;
mod desk;
mod fold;
mod load;
mod loaded;
mod writes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use changes::{Changes, DueDate, ErasedUser, Redated, ReplayedDeletion, SettingsWrite};
use desk::Desk;
pub use desk::DeskWrite;
pub use loaded::{
    Claim, DeskPart, FunnelVersion, Head, Keys, Loaded, Missing, Position, RedatePage, UserFunnel, UserPage,
};
pub use writes::{ConversationWrite, CounterKey, Deletion, Dimension, WriteSet, counter_keys};

use crate::agent::AgentRef;
use crate::conversation::{Conversation, Snapshot};
use crate::desk::{CannedAnswer, SavedView};
use crate::event::{Activity, Tombstone};
use crate::funnel::Funnel;
use crate::id::{
    AgentId, CannedAnswerId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, UserId, ViewId,
};
use crate::lifecycle::{Policies, Redate};
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
}
