//! What the rules ask a store for, and what it found.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::agent::AgentRef;
use crate::conversation::Conversation;
use crate::desk::{CannedAnswer, SavedView};
use crate::funnel::Funnel;
use crate::id::{AgentId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, UserId};
use crate::lifecycle::{Policies, Redate};
use crate::message::Message;
use crate::note::Note;
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

/// Every list of what is asked for by keys, which is found under the same ones: [`Keys`] and [`Loaded`] call them alike.
macro_rules! extend_each {
    ($these:ident, $more:ident) => {
        $these.conversations.extend($more.conversations);
        $these.tombstones.extend($more.tombstones);
        $these.messages.extend($more.messages);
        $these.notes.extend($more.notes);
        $these.users.extend($more.users);
        $these.agents.extend($more.agents);
        $these.funnels.extend($more.funnels);
        $these.funnel_versions.extend($more.funnel_versions);
        $these.open.extend($more.open);
        $these.chains.extend($more.chains);
        $these.positions.extend($more.positions);
        $these.external.extend($more.external);
        $these.of_user.extend($more.of_user);
    };
}

impl Keys {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Asks for these too.
    pub fn extend(&mut self, more: Keys) {
        extend_each!(self, more);
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
        extend_each!(self, more);
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

/// Rows that are not loaded yet; the command is decided again when they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub Box<Keys>);
