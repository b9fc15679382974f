//! A store as plain as can be: it holds rows, serves what a batch asks for, and takes what a batch wrote.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parlor_core::agent::AgentRef;
use parlor_core::command::{Action, Command};
use parlor_core::conversation::{Conversation, Snapshot};
use parlor_core::decide::{Answer, Context, Decision, Outcome, decide, needs};
use parlor_core::desk::{CannedAnswer, SavedView};
use parlor_core::error::Refusal;
use parlor_core::event::{Activity, Tombstone};
use parlor_core::funnel::Funnel;
use parlor_core::id::{AgentId, CannedAnswerId, ConversationId, FunnelId, MessageId, NoteId, UserId, ViewId};
use parlor_core::lifecycle::{Clock, Redate, Step};
use parlor_core::limits;
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::state::{
    Claim, CounterKey, Deletion, DeskPart, DeskWrite, Head, Keys, Loaded, Position, RedatePage, Redated,
    SettingsWrite, State, WriteSet,
};
use parlor_core::time::Timestamp;
use parlor_core::user::User;
use uuid::Uuid;

use crate::make::BEGIN;

/// How a batch gets at rows it did not know it would need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// The whole batch is decided anew from everything loaded, as the writer does.
    Anew,
    /// The rows are added under what the batch has changed already.
    Added,
}

/// A command and the moment it is decided at. Its number makes its ids the same however batches are cut.
#[derive(Debug, Clone)]
pub struct Numbered {
    pub number: u64,
    pub now: Timestamp,
    pub command: Command,
}

#[derive(Default)]
pub struct Model {
    pub now: Timestamp,
    pub head: Head,
    pub conversations: HashMap<ConversationId, Conversation>,
    /// In the order the rows came to be.
    pub order: Vec<ConversationId>,
    pub threads: HashMap<ConversationId, Vec<Arc<Message>>>,
    /// Of deleted conversations.
    pub tombstones: BTreeMap<ConversationId, Tombstone>,
    pub claims: BTreeMap<MessageId, Claim>,
    pub notes: BTreeMap<NoteId, Arc<Note>>,
    pub users: BTreeMap<UserId, User>,
    pub agents: BTreeMap<AgentId, AgentRef>,
    pub funnels: BTreeMap<FunnelId, Vec<Arc<Funnel>>>,
    pub counters: BTreeMap<CounterKey, i64>,
    pub activities: Vec<Activity>,
    pub canned_answers: BTreeMap<CannedAnswerId, Arc<CannedAnswer>>,
    pub views: BTreeMap<ViewId, Arc<SavedView>>,
    /// The user each conversation was last shown with to those who sync.
    pub shown: HashMap<ConversationId, Arc<User>>,
    /// Conversations of a page of `Redate`.
    pub redate_batch: usize,
    /// The most often one batch was decided.
    pub most_rounds: usize,
    commands: u64,
}

pub type Results = Vec<Result<Outcome, Refusal>>;

impl Model {
    pub fn new() -> Self {
        Self { now: BEGIN, redate_batch: limits::REDATE_BATCH, ..Self::default() }
    }

    pub fn number(&mut self, command: Command) -> Numbered {
        self.commands += 1;
        Numbered { number: self.commands, now: self.now, command }
    }

    /// One command in a batch of its own, and what it wrote.
    pub fn alone(&mut self, command: Command) -> (Result<Outcome, Refusal>, WriteSet) {
        let command = self.number(command);
        let (mut results, writes) = self.batch(std::slice::from_ref(&command), Loading::Anew);
        (results.pop().unwrap(), writes)
    }

    /// One command that is answered about a conversation.
    pub fn answer(&mut self, command: Command) -> Answer {
        match self.alone(command).0.unwrap() {
            Outcome::Conversation(answer) => answer,
            other => panic!("not about a conversation: {other:?}"),
        }
    }

    /// What was due for a conversation, by the time of a server that runs since the beginning.
    pub fn fire(&mut self, id: ConversationId) -> Option<Step> {
        self.fire_by(id, crate::make::always_there(self.now)).0
    }

    pub fn fire_by(&mut self, id: ConversationId, clock: Clock) -> (Option<Step>, WriteSet) {
        let clock = Clock { read_at: self.now, ..clock };
        match self.alone(crate::make::firing(id, clock)) {
            (Ok(Outcome::Fired(step)), writes) => (step, writes),
            other => panic!("not about what is due: {other:?}"),
        }
    }

    /// Carries a change of the settings on to its end.
    pub fn redate(&mut self) {
        let by = parlor_core::access::Principal::server(parlor_core::id::WorkspaceKey(1));
        while self.alone(command(&by, Action::Redate)).0 == Ok(Outcome::Redated { more: true }) {}
    }

    /// One command that is refused, and writes nothing.
    pub fn refusal(&mut self, command: Command) -> Refusal {
        let (result, writes) = self.alone(command);
        assert!(writes.is_empty() && writes.messages.is_empty() && writes.activities.is_empty());
        result.unwrap_err()
    }

    /// Several commands in one batch, all at the model's moment.
    pub fn together(&mut self, actions: Vec<Command>) -> (Results, WriteSet) {
        let batch: Vec<_> = actions.into_iter().map(|command| self.number(command)).collect();
        self.batch(&batch, Loading::Anew)
    }

    pub fn get(&self, id: ConversationId) -> &Conversation {
        &self.conversations[&id]
    }

    pub fn snapshot(&self, id: ConversationId) -> Snapshot {
        let conversation = Arc::new(self.get(id).clone());
        let user = self.users.get(&conversation.user_id).cloned();
        let user = Arc::new(user.unwrap_or_else(|| User::new(conversation.user_id.clone())));
        Snapshot { conversation, user }
    }

    pub fn thread(&self, id: ConversationId) -> &[Arc<Message>] {
        self.threads.get(&id).map_or(&[], Vec::as_slice)
    }

    /// A conversation's notes, in order.
    pub fn notes_of(&self, id: ConversationId) -> Vec<&Arc<Note>> {
        let mut notes: Vec<_> = self.notes.values().filter(|note| note.conversation_id == id).collect();
        notes.sort_by_key(|note| note.place());
        notes
    }

    pub fn texts(&self, id: ConversationId) -> Vec<&str> {
        self.thread(id).iter().map(|m| m.text.as_str()).collect()
    }

    pub fn open_of(&self, user: &str) -> usize {
        self.conversations.values().filter(|c| c.is_open() && c.user_id.as_str() == user).count()
    }

    pub fn batch(&mut self, batch: &[Numbered], loading: Loading) -> (Results, WriteSet) {
        let mut keys = Keys::default();
        batch.iter().for_each(|c| needs(&c.command, &mut keys));
        let (results, writes) = match loading {
            Loading::Anew => self.anew(batch, keys),
            Loading::Added => self.added(batch, &keys),
        };
        self.apply(&writes);
        (results, writes)
    }

    fn anew(&mut self, batch: &[Numbered], mut keys: Keys) -> (Results, WriteSet) {
        let mut loaded = Loaded::default();
        for round in 1..=limits::LOAD_ROUNDS {
            loaded.extend(self.load(&keys));
            let mut state = State::new(loaded.clone());
            keys = Keys::default();
            let mut results = Results::new();
            for command in batch {
                match run(&mut state, command) {
                    Decision::Done(result) => results.push(result),
                    Decision::Missing(more) => keys.extend(*more),
                }
            }
            if keys.is_empty() {
                self.most_rounds = self.most_rounds.max(round);
                return (results, state.finish());
            }
        }
        panic!("a batch still asks for {keys:?}");
    }

    fn added(&self, batch: &[Numbered], keys: &Keys) -> (Results, WriteSet) {
        let mut state = State::new(self.load(keys));
        let mut decided = |command: &Numbered| {
            for _ in 0..limits::LOAD_ROUNDS {
                match run(&mut state, command) {
                    Decision::Done(result) => return result,
                    Decision::Missing(more) => state.add(self.load(&more)),
                }
            }
            panic!("a command still asks for rows: {command:?}");
        };
        let results = batch.iter().map(&mut decided).collect();
        (results, state.finish())
    }

    fn apply(&mut self, writes: &WriteSet) {
        self.head.rev = writes.rev;
        for write in &writes.conversations {
            let id = write.conversation.id;
            let before = self.conversations.insert(id, (*write.conversation).clone());
            assert_eq!(before.is_none(), write.is_new, "a row is new exactly when the store has none");
            self.order.extend(write.is_new.then_some(id));
            self.shown.insert(id, write.user.clone());
        }
        for deletion in &writes.deletions {
            self.delete(deletion);
        }
        for message in &writes.messages {
            let before = self.claims.insert(message.id, Claim::Stored(message.clone()));
            assert!(before.is_none(), "a message id is written once");
            self.threads.entry(message.conversation_id).or_default().push(message.clone());
        }
        for note in &writes.notes {
            let before = self.notes.insert(note.id, note.clone());
            let is_same = before.is_none_or(|before| before.conversation_id == note.conversation_id);
            assert!(is_same, "a note stays where it is");
        }
        self.users.extend(writes.users.iter().map(|user| (user.id.clone(), (**user).clone())));
        self.agents.extend(writes.agents.iter().map(|agent| (agent.id.clone(), agent.clone())));
        for funnel in &writes.funnels {
            self.funnels.entry(funnel.id.clone()).or_default().push(funnel.clone());
        }
        for (key, change) in &writes.counters {
            *self.counters.entry(key.clone()).or_default() += change;
        }
        self.activities.extend(writes.activities.iter().map(|(_, activity)| activity.clone()));
        writes.desk.iter().for_each(|write| self.keep(write));
        for (id, due_at) in &writes.due_dates {
            self.conversations.get_mut(id).expect("only what is there falls due").due_at = *due_at;
        }
        if let Some(SettingsWrite { policies, before, since }) = writes.settings.clone() {
            let total = self.conversations.len() as u64;
            self.head.policies = policies;
            self.head.redate = Some(Arc::new(Redate { before, since, after: None, done: 0, total }));
        }
        if let Some(Redated { next, done }) = writes.redated {
            let redate = self.head.redate.take().expect("a change is under way");
            self.head.redate =
                next.map(|after| Arc::new(Redate { after: Some(after), done, ..(*redate).clone() }));
        }
    }

    fn keep(&mut self, write: &DeskWrite) {
        match write.clone() {
            DeskWrite::PutCannedAnswer(answer) => {
                self.canned_answers.insert(answer.id.clone(), answer);
            }
            DeskWrite::DeleteCannedAnswer(id) => assert!(self.canned_answers.remove(&id).is_some()),
            DeskWrite::PutView(view) => {
                self.views.insert(view.id.clone(), view);
            }
            DeskWrite::DeleteView(id) => assert!(self.views.remove(&id).is_some()),
        }
    }

    fn delete(&mut self, deletion: &Deletion) {
        let id = deletion.tombstone.conversation_id;
        let before = self.conversations.remove(&id);
        assert_eq!(before.is_some(), deletion.is_stored, "what is stored is deleted, and only that");
        self.order.retain(|other| *other != id);
        self.shown.remove(&id);
        self.notes.retain(|_, note| note.conversation_id != id);
        let stored = self.threads.remove(&id).unwrap_or_default().into_iter().map(|m| m.id);
        self.claims.extend(stored.chain(deletion.unstored.iter().copied()).map(|id| (id, Claim::Erased)));
        let before = self.tombstones.insert(id, deletion.tombstone.clone());
        assert!(before.is_none(), "a conversation is deleted once");
    }

    fn load(&self, keys: &Keys) -> Loaded {
        let mut found = Loaded { head: self.head.clone(), ..Loaded::default() };
        let asks = |part| keys.desk.contains(&part);
        found.canned_answers =
            asks(DeskPart::CannedAnswers).then(|| self.canned_answers.values().cloned().collect());
        found.views = asks(DeskPart::Views).then(|| self.views.values().cloned().collect());
        let mut wanted: Vec<ConversationId> = keys.conversations.iter().copied().collect();
        for key in &keys.open {
            let ids = self.open(&key.0, &key.1);
            wanted.extend(&ids);
            found.open.push((key.clone(), ids));
        }
        for root in &keys.chains {
            let chain = self.order.iter().rev().filter(|id| self.get(**id).root_id == Some(*root));
            let ids: Vec<_> = chain.copied().take(limits::CHAIN_NEWEST).collect();
            wanted.extend(&ids);
            found.chains.push((*root, ids));
        }
        for external in &keys.external {
            let has = |c: &&Conversation| c.external_id.as_ref() == Some(external);
            let id = self.conversations.values().find(has).map(|c| c.id);
            wanted.extend(id);
            found.external.push((external.clone(), id));
        }
        if keys.redate {
            let page = self.redate_page();
            wanted.extend(&page.ids);
            found.redate = Some(page);
        }
        for page in &keys.of_user {
            let at = page.1.and_then(|after| self.order.iter().position(|id| *id == after));
            let behind = at.map_or(0, |at| at + 1);
            let of_user = self.order[behind..].iter().filter(|id| self.get(**id).user_id == page.0);
            let ids: Vec<_> = of_user.copied().take(limits::USER_CONVERSATIONS_BATCH).collect();
            wanted.extend(&ids);
            found.of_user.push((page.clone(), ids));
        }
        let mut users: Vec<UserId> = keys.users.iter().cloned().collect();
        for id in wanted {
            let conversation = self.conversations.get(&id).cloned().map(Arc::new);
            users.extend(conversation.iter().map(|c| c.user_id.clone()));
            found.conversations.push((id, conversation));
        }
        found.users =
            users.into_iter().map(|id| (id.clone(), self.users.get(&id).cloned().map(Arc::new))).collect();
        self.load_by_id(keys, &mut found);
        found
    }

    fn load_by_id(&self, keys: &Keys, found: &mut Loaded) {
        let is_deleted = |id: &ConversationId| (*id, self.tombstones.contains_key(id));
        found.tombstones = keys.tombstones.iter().map(is_deleted).collect();
        let claim = |id: &MessageId| (*id, self.claims.get(id).cloned().unwrap_or(Claim::Free));
        found.messages = keys.messages.iter().map(claim).collect();
        found.notes = keys.notes.iter().map(|id| (*id, self.notes.get(id).cloned())).collect();
        found.agents = keys.agents.iter().map(|id| (id.clone(), self.agents.get(id).cloned())).collect();
        let current = |id: &FunnelId| self.funnels.get(id).and_then(|versions| versions.last().cloned());
        found.funnels = keys.funnels.iter().map(|id| (id.clone(), current(id))).collect();
        for key in &keys.funnel_versions {
            let versions = self.funnels.get(&key.0).map_or(&[][..], Vec::as_slice);
            found.funnel_versions.push((key.clone(), versions.iter().find(|f| f.version == key.1).cloned()));
        }
        for (id, seq) in &keys.positions {
            let message = self.thread(*id).get(*seq as usize - 1);
            let position = message.map(|m| Position { users: m.users_before, ours: m.ours_before });
            found.positions.push(((*id, *seq), position));
        }
    }

    fn redate_page(&self) -> RedatePage {
        let Some(redate) = &self.head.redate else { return RedatePage::default() };
        let mut ids: Vec<_> = self.order.iter().copied().filter(|id| Some(*id) > redate.after).collect();
        ids.sort_unstable();
        let has_more = ids.len() > self.redate_batch;
        ids.truncate(self.redate_batch);
        let next = ids.last().copied().filter(|_| has_more);
        RedatePage { is_under_way: true, after: redate.after, ids, next }
    }

    fn open(&self, user: &UserId, funnel: &FunnelId) -> Vec<ConversationId> {
        let of_both = |c: &&Conversation| c.is_open() && c.user_id == *user && c.funnel_id == *funnel;
        let mut open: Vec<_> =
            self.conversations.values().filter(of_both).map(|c| (c.started_at, c.id)).collect();
        open.sort_unstable_by(|a, b| b.cmp(a));
        open.into_iter().take(limits::OPEN_PER_FUNNEL).map(|(_, id)| id).collect()
    }
}

fn run(state: &mut State, numbered: &Numbered) -> Decision {
    let mut made = 0;
    let mut new_id = || {
        made += 1;
        Uuid::from_u64_pair(numbered.number, made)
    };
    decide(state, &numbered.command, &mut Context { now: numbered.now, new_id: &mut new_id })
}

/// `action`, wanted by `by`.
pub fn command(by: &parlor_core::access::Principal, action: Action) -> Command {
    Command { by: by.clone(), action }
}
