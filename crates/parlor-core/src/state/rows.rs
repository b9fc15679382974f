//! What goes between the rules and a store: the rows asked for, the rows found, and the rows to write.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::desk::DeskWrite;
use crate::agent::AgentRef;
use crate::conversation::{Conversation, Handler, Status};
use crate::desk::{CannedAnswer, DeskList, SavedView};
use crate::event::{Activity, Committed, Group, Tombstone};
use crate::funnel::Funnel;
use crate::id::{AgentId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, UserId, WorkspaceKey};
use crate::lifecycle::{Policies, Redate};
use crate::message::{Identity, Message};
use crate::note::Note;
use crate::time::Timestamp;
use crate::user::User;

/// Rows a command needs before it can be decided. All of one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    /// Conversations by id; each comes with its user.
    pub conversations: BTreeSet<ConversationId>,
    /// Whether conversations of these ids were deleted.
    pub tombstones: BTreeSet<ConversationId>,
    /// Claims on message ids.
    pub messages: BTreeSet<MessageId>,
    /// Private notes by id.
    pub notes: BTreeSet<NoteId>,
    /// Users by id.
    pub users: BTreeSet<UserId>,
    /// Agents by id.
    pub agents: BTreeSet<AgentId>,
    /// The current version of a funnel.
    pub funnels: BTreeSet<FunnelId>,
    /// A given version of a funnel.
    pub funnel_versions: BTreeSet<FunnelVersion>,
    /// The newest open conversations of a user in a funnel, at most [`OPEN_PER_FUNNEL`](crate::limits::OPEN_PER_FUNNEL).
    pub open: BTreeSet<UserFunnel>,
    /// The newest conversations of the chain with this root, at most [`CHAIN_NEWEST`](crate::limits::CHAIN_NEWEST).
    pub chains: BTreeSet<ConversationId>,
    /// The message at a `seq`.
    pub positions: BTreeSet<(ConversationId, u32)>,
    /// Conversations by foreign id.
    pub external: BTreeSet<ExternalId>,
    /// A user's conversations, oldest row first, behind the given one, at most
    /// [`USER_CONVERSATIONS_BATCH`](crate::limits::USER_CONVERSATIONS_BATCH).
    pub of_user: BTreeSet<UserPage>,
    /// What agents keep at hand, whole.
    pub desk: BTreeSet<DeskPart>,
    /// The next conversations a change of the settings is carried to, at most
    /// [`REDATE_BATCH`](crate::limits::REDATE_BATCH).
    pub redate: bool,
}

/// A list of what agents keep at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeskPart {
    /// Every canned answer; at most [`CANNED_ANSWERS`](crate::limits::CANNED_ANSWERS).
    CannedAnswers,
    /// Every saved view; at most [`VIEWS`](crate::limits::VIEWS).
    Views,
}

impl Keys {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Asks for these too.
    pub fn extend(&mut self, more: Keys) {
        self.conversations.extend(more.conversations);
        self.tombstones.extend(more.tombstones);
        self.messages.extend(more.messages);
        self.notes.extend(more.notes);
        self.users.extend(more.users);
        self.agents.extend(more.agents);
        self.funnels.extend(more.funnels);
        self.funnel_versions.extend(more.funnel_versions);
        self.open.extend(more.open);
        self.chains.extend(more.chains);
        self.positions.extend(more.positions);
        self.external.extend(more.external);
        self.of_user.extend(more.of_user);
        self.desk.extend(more.desk);
        self.redate |= more.redate;
    }
}

/// A funnel as it was at some version.
pub type FunnelVersion = (FunnelId, u32);

/// A user's conversations in a funnel.
pub type UserFunnel = (UserId, FunnelId);

/// Where a page of a user's conversations begins.
pub type UserPage = (UserId, Option<ConversationId>);

/// Who has a message id.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nobody.
    Free,
    /// This message.
    Stored(Arc<Message>),
    /// A message of a deleted conversation, whose tombstone keeps the id.
    Erased,
}

/// What a store found for [`Keys`]: an entry for every key, also where nothing is there.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The workspace's epoch, revision and policy, read in the same transaction.
    pub head: Head,
    /// See [`Keys::conversations`].
    pub conversations: Vec<(ConversationId, Option<Arc<Conversation>>)>,
    /// See [`Keys::tombstones`].
    pub tombstones: Vec<(ConversationId, bool)>,
    /// See [`Keys::messages`].
    pub messages: Vec<(MessageId, Claim)>,
    /// See [`Keys::notes`].
    pub notes: Vec<(NoteId, Option<Arc<Note>>)>,
    /// See [`Keys::users`]; also the users of all loaded conversations.
    pub users: Vec<(UserId, Option<Arc<User>>)>,
    /// See [`Keys::agents`].
    pub agents: Vec<(AgentId, Option<AgentRef>)>,
    /// See [`Keys::funnels`].
    pub funnels: Vec<(FunnelId, Option<Arc<Funnel>>)>,
    /// See [`Keys::funnel_versions`].
    pub funnel_versions: Vec<(FunnelVersion, Option<Arc<Funnel>>)>,
    /// See [`Keys::open`]; the conversations are in `conversations`.
    pub open: Vec<(UserFunnel, Vec<ConversationId>)>,
    /// See [`Keys::chains`], newest first; the conversations are in `conversations`.
    pub chains: Vec<(ConversationId, Vec<ConversationId>)>,
    /// See [`Keys::positions`]: users' and our messages up to and with that `seq`.
    pub positions: Vec<((ConversationId, u32), Option<Position>)>,
    /// See [`Keys::external`]; the conversation is in `conversations`.
    pub external: Vec<(ExternalId, Option<ConversationId>)>,
    /// See [`Keys::of_user`]; the conversations are in `conversations`.
    pub of_user: Vec<(UserPage, Vec<ConversationId>)>,
    /// See [`DeskPart::CannedAnswers`].
    pub canned_answers: Option<Vec<Arc<CannedAnswer>>>,
    /// See [`DeskPart::Views`].
    pub views: Option<Vec<Arc<SavedView>>>,
    /// See [`Keys::redate`]; the conversations are in `conversations`.
    pub redate: Option<RedatePage>,
}

/// A page of the conversations a change of the settings is carried to, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedatePage {
    /// Whether a change is under way.
    pub is_under_way: bool,
    /// Behind which conversation it begins.
    pub after: Option<ConversationId>,
    /// The conversations.
    pub ids: Vec<ConversationId>,
    /// The last of it; `None` when nothing comes behind it.
    pub next: Option<ConversationId>,
}

impl Loaded {
    /// Takes in the rows of another round.
    pub fn extend(&mut self, more: Loaded) {
        self.head = more.head;
        self.conversations.extend(more.conversations);
        self.tombstones.extend(more.tombstones);
        self.messages.extend(more.messages);
        self.notes.extend(more.notes);
        self.users.extend(more.users);
        self.agents.extend(more.agents);
        self.funnels.extend(more.funnels);
        self.funnel_versions.extend(more.funnel_versions);
        self.open.extend(more.open);
        self.chains.extend(more.chains);
        self.positions.extend(more.positions);
        self.external.extend(more.external);
        self.of_user.extend(more.of_user);
        self.canned_answers = more.canned_answers.or(self.canned_answers.take());
        self.views = more.views.or(self.views.take());
        self.redate = more.redate.or(self.redate.take());
    }
}

/// Where a workspace stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// New at creation and at restore; a cursor of another epoch cannot be resumed.
    pub epoch: u64,
    /// The last committed revision.
    pub rev: u64,
    /// The lifecycle's policies.
    pub policies: Arc<Policies>,
    /// The change of them that is being carried to the conversations.
    pub redate: Option<Arc<Redate>>,
}

/// How many messages of each side a conversation had at some `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Users' messages up to and with it.
    pub users: u32,
    /// Our messages up to and with it.
    pub ours: u32,
}

/// What one command changes. Applied whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Touched conversations, as they are afterwards.
    pub conversations: Vec<Conversation>,
    /// New messages, `seq` ascending per conversation.
    pub messages: Vec<Message>,
    /// New or changed private notes.
    pub notes: Vec<Note>,
    /// Conversations that are deleted; their `rev` is set at the commit, and their `Deleted` activities say who did it.
    pub tombstones: Vec<Tombstone>,
    /// A conversation that was deleted before a backup was restored.
    pub replayed: Option<ReplayedDeletion>,
    /// A user of whom nothing is left.
    pub erased_user: Option<ErasedUser>,
    /// A user as they are afterwards.
    pub user: Option<User>,
    /// Whether search must look at the touched conversations again; a renamed `user` implies it.
    pub reindex: bool,
    /// An agent whose name we learned.
    pub agent: Option<AgentRef>,
    /// A funnel's new version.
    pub funnel: Option<Funnel>,
    /// What happened.
    pub activities: Vec<Activity>,
    /// What agents keep at hand.
    pub desk: Option<DeskWrite>,
    /// Due times that move and nothing else: no revision, no version, nobody is told.
    pub due_dates: Vec<DueDate>,
    /// The settings from now on.
    pub settings: Option<SettingsWrite>,
    /// How far their change was carried.
    pub redated: Option<Redated>,
}

/// A conversation's due time as it is to be stored.
pub type DueDate = (ConversationId, Option<Timestamp>);

/// New settings. What is said here of a change under way takes the place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsWrite {
    /// What is set.
    pub policies: Arc<Policies>,
    /// What was set before, where every conversation has it.
    pub before: Option<Arc<Policies>>,
    /// When it was changed.
    pub since: Timestamp,
}

/// How far a change of the settings was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redated {
    /// The last conversation that has it, in the order of their ids; `None` when all have.
    pub next: Option<ConversationId>,
    /// How many were looked at.
    pub done: u64,
}

/// A deletion as it was, once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedDeletion {
    /// What is left; its `rev` is set at the commit.
    pub tombstone: Tombstone,
    /// Who deleted it.
    pub actor: Option<AgentId>,
    /// How many messages it had then.
    pub messages: u32,
    /// Ids of messages that no store has any more.
    pub free_ids: Vec<MessageId>,
}

/// A user of whom nothing is left. A digest of the id is kept, so that no backup brings them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedUser {
    /// Who it was.
    pub user_id: UserId,
    /// When it was asked for.
    pub erased_at: Timestamp,
    /// Whether nothing was said of them since, in the same batch; then their row goes with the last that names it.
    pub is_blank: bool,
}

impl ErasedUser {
    /// What is kept of the id.
    #[must_use]
    pub fn digest(user_id: &UserId) -> [u8; 16] {
        Identity::of(&[b"erased user", user_id.as_str().as_bytes()]).0
    }
}

/// A total that is kept, not counted. Each key counts conversations of one workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey {
    /// Archived or not.
    pub archived: bool,
    /// Open or closed.
    pub status: Status,
    /// Alone, or with one more filter.
    pub dimension: Dimension,
}

/// The one more filter a kept total may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// All of them.
    All,
    /// Of one funnel.
    Funnel(FunnelId),
    /// With one handler.
    Handler(Handler),
    /// Held by one agent.
    Assignee(AgentId),
}

/// A batch's writes, folded: each touched row once, however often it changed.
#[derive(Debug, Clone, Default)]
pub struct WriteSet {
    /// The workspace's revision after this commit.
    pub rev: u64,
    /// Touched conversations, `rev` set, ascending.
    pub conversations: Vec<ConversationWrite>,
    /// Deleted conversations, their revisions behind those of the touched ones.
    pub deletions: Vec<Deletion>,
    /// New messages in commit order, `rev` set.
    pub messages: Vec<Arc<Message>>,
    /// New or changed private notes as they are afterwards, `rev` set.
    pub notes: Vec<Arc<Note>>,
    /// Touched users.
    pub users: Vec<Arc<User>>,
    /// Users of whom nothing was left at some moment of the batch; their rows are among `users`.
    pub erased_users: Vec<ErasedUser>,
    /// Agents whose name we learned.
    pub agents: Vec<AgentRef>,
    /// New funnel versions.
    pub funnels: Vec<Arc<Funnel>>,
    /// What happened, with the revision it belongs to.
    pub activities: Vec<(u64, Activity)>,
    /// How the kept totals change.
    pub counters: BTreeMap<CounterKey, i64>,
    /// What agents keep at hand, in order.
    pub desk: Vec<DeskWrite>,
    /// Due times that move and nothing else.
    pub due_dates: Vec<DueDate>,
    /// The settings from now on.
    pub settings: Option<SettingsWrite>,
    /// How far their change was carried; written behind them.
    pub redated: Option<Redated>,
    /// Whether a conversation has a label it did not have: perhaps the first with it.
    pub adds_label: bool,
}

/// A touched conversation.
#[derive(Debug, Clone)]
pub struct ConversationWrite {
    /// As it is afterwards.
    pub conversation: Arc<Conversation>,
    /// Its user afterwards, for the events.
    pub user: Arc<User>,
    /// Whether the row is new.
    pub is_new: bool,
    /// Whether what search finds it by (user or funnel names) is new or changed.
    pub reindex: bool,
}

/// A deleted conversation: its row, messages, notes and labels go, the tombstone comes and keeps every message's id.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// What is left.
    pub tombstone: Tombstone,
    /// Whether the store has it; a conversation may begin and end in one batch.
    pub is_stored: bool,
    /// Ids of messages that are in no store: they were said and deleted in this batch, or before a backup was restored.
    pub unstored: Vec<MessageId>,
    /// Who deleted it.
    pub actor: Option<AgentId>,
    /// How many messages it had.
    pub messages: u32,
}

impl WriteSet {
    /// Whether there is nothing to write: a batch of refusals and replays.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conversations.is_empty()
            && self.deletions.is_empty()
            && self.users.is_empty()
            && self.funnels.is_empty()
            && self.agents.is_empty()
            && self.desk.is_empty()
            && self.due_dates.is_empty()
            && self.settings.is_none()
            && self.redated.is_none()
    }

    /// Lists of the agents' that may be others afterwards.
    fn changed(&self) -> BTreeSet<DeskList> {
        let gains = [
            (DeskList::Agents, !self.agents.is_empty()),
            (DeskList::Labels, self.adds_label),
            (DeskList::Funnels, !self.funnels.is_empty()),
            // At its end, too: who shows how far it came looks again.
            (DeskList::Settings, self.settings.is_some() || self.redated.is_some_and(|r| r.next.is_none())),
        ];
        let gains = gains.into_iter().filter_map(|(list, has_changed)| has_changed.then_some(list));
        gains.chain(self.desk.iter().map(DeskWrite::list)).collect()
    }

    /// What happened, for everybody who listens.
    #[must_use]
    pub fn committed(&self, workspace: WorkspaceKey, head: &Head) -> Committed {
        let mut messages: HashMap<ConversationId, Vec<Arc<Message>>> = HashMap::new();
        for message in &self.messages {
            messages.entry(message.conversation_id).or_default().push(message.clone());
        }
        let mut notes: HashMap<ConversationId, Vec<Arc<Note>>> = HashMap::new();
        for note in &self.notes {
            notes.entry(note.conversation_id).or_default().push(note.clone());
        }
        notes.values_mut().for_each(|notes| notes.sort_by_key(|note| note.place()));
        let group = |write: &ConversationWrite| Group {
            rev: write.conversation.rev,
            conversation: write.conversation.clone(),
            user: write.user.clone(),
            messages: messages.remove(&write.conversation.id).unwrap_or_default(),
            notes: notes.remove(&write.conversation.id).unwrap_or_default(),
        };
        let groups = self.conversations.iter().map(group).collect();
        let tombstones = self.deletions.iter().map(|deletion| deletion.tombstone.clone()).collect();
        let changed = self.changed();
        let erases_user = !self.erased_users.is_empty();
        let (epoch, policies) = (head.epoch, head.policies.clone());
        Committed { workspace, epoch, groups, tombstones, erases_user, changed, policies }
    }
}

/// Rows that are not loaded yet; the command is decided again when they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub Box<Keys>);

/// The kept totals a conversation is in.
pub fn counter_keys(conversation: &Conversation) -> impl Iterator<Item = CounterKey> + use<> {
    let (archived, status) = (conversation.is_archived(), conversation.status);
    let assignee = conversation.assignee.as_ref().map(|a| Dimension::Assignee(a.id.clone()));
    [
        Some(Dimension::All),
        Some(Dimension::Funnel(conversation.funnel_id.clone())),
        Some(Dimension::Handler(conversation.handler)),
        assignee,
    ]
    .into_iter()
    .flatten()
    .map(move |dimension| CounterKey { archived, status, dimension })
}
