//! What a batch writes, and the totals that are kept with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::changes::{DueDate, ErasedUser, Redated, SettingsWrite};
use super::desk::DeskWrite;
use super::loaded::Head;
use crate::agent::AgentRef;
use crate::conversation::{Conversation, Handler, Status};
use crate::desk::DeskList;
use crate::event::{Activity, Committed, Group, Tombstone};
use crate::funnel::Funnel;
use crate::id::{AgentId, ConversationId, FunnelId, MessageId, WorkspaceKey};
use crate::message::Message;
use crate::note::Note;
use crate::user::User;

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
