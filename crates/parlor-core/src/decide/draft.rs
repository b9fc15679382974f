//! A conversation while a rule works on it: the moves every rule is made of.

use std::sync::Arc;

use super::{Answer, Context, Outcome, Ruling};
use crate::agent::AgentRef;
use crate::conversation::{CloseReason, Conversation, Handler, Side, Snapshot, Status};
use crate::event::{Activity, ActivityKind};
use crate::funnel::{Block, Funnel};
use crate::id::{AgentId, MessageId, OptionId};
use crate::lifecycle::{self, Policies};
use crate::message::{Author, Identity, Message, MessageKind, MessageOption, SystemLine};
use crate::note::Note;
use crate::state::{Changes, State};
use crate::text::{Metadata, Text};
use crate::time::Timestamp;
use crate::user::User;

pub(super) struct Draft {
    pub(super) conversation: Conversation,
    pub(super) now: Timestamp,
    actor: Option<AgentId>,
    messages: Vec<Message>,
    notes: Vec<Note>,
    activities: Vec<Activity>,
    /// When it falls due next, where that is known and no lower bound.
    due: Option<Option<Timestamp>>,
}

/// A message before it has its place.
pub(super) struct Said {
    pub(super) id: MessageId,
    pub(super) kind: MessageKind,
    pub(super) author: Author,
    pub(super) text: Text,
    pub(super) metadata: Option<Metadata>,
    pub(super) options: Vec<MessageOption>,
    pub(super) system: Option<SystemLine>,
    pub(super) identity: Identity,
    pub(super) at: Timestamp,
}

impl Draft {
    pub(super) fn new(conversation: Conversation, now: Timestamp, actor: Option<&AgentRef>) -> Self {
        Self {
            conversation,
            now,
            actor: actor.map(|a| a.id.clone()),
            messages: Vec::new(),
            notes: Vec::new(),
            activities: Vec::new(),
            due: None,
        }
    }

    pub(super) fn record(&mut self, kind: ActivityKind, detail: Option<String>) {
        let (conversation_id, actor, at) = (self.conversation.id, self.actor.clone(), self.now);
        self.activities.push(Activity { conversation_id, kind, actor, at, detail });
    }

    /// Appends a message and moves everything that hangs on it. Returns its place among this draft's messages.
    pub(super) fn say(&mut self, said: Said) -> usize {
        let c = &mut self.conversation;
        c.message_count += 1;
        let side = match said.kind {
            MessageKind::User => Some(Side::User),
            MessageKind::Bot => Some(Side::Ours),
            MessageKind::System => None,
        };
        match side {
            Some(Side::User) => {
                c.user_messages += 1;
                // Who writes has the thread before them.
                c.user_last_read_seq = c.message_count;
                c.our_messages_read = c.our_messages;
            }
            Some(Side::Ours) => {
                c.our_messages += 1;
                // A bot's answer does not read for us; a person's does.
                if matches!(said.author, Author::Agent(_)) {
                    c.agent_last_read_seq = c.message_count;
                    c.user_messages_read = c.user_messages;
                }
            }
            None => {}
        }
        if side.is_some() {
            c.last_side = side;
            c.last_message = said.text.preview();
            c.last_message_at = said.at;
            c.clock_started_at = self.now;
        }
        self.messages.push(Message {
            id: said.id,
            conversation_id: c.id,
            seq: c.message_count,
            kind: said.kind,
            author: said.author,
            text: said.text,
            at: said.at,
            metadata: said.metadata.filter(|m| !m.is_empty()),
            options: said.options,
            system: said.system,
            version: 1,
            identity: said.identity,
            users_before: c.user_messages,
            ours_before: c.our_messages,
            rev: 0,
        });
        self.messages.len() - 1
    }

    /// Adds a private note. No activity (contract, section 7.2): nothing else moves.
    pub(super) fn add_note(&mut self, note: Note) {
        self.conversation.note_count += 1;
        self.notes.push(note);
    }

    /// Changes a private note there is.
    pub(super) fn change_note(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(super) fn say_system(&mut self, line: SystemLine, context: &mut Context<'_>) {
        let id = MessageId((context.new_id)());
        self.say(Said {
            id,
            kind: MessageKind::System,
            author: Author::System(None),
            text: line.text(),
            metadata: None,
            options: Vec::new(),
            system: Some(line),
            identity: Identity::ours(id),
            at: self.now,
        });
    }

    pub(super) fn close(&mut self, reason: CloseReason, context: &mut Context<'_>) {
        self.conversation.status = Status::Closed;
        self.conversation.closed_at = Some(self.now);
        self.conversation.close_reason = Some(reason);
        self.conversation.snoozed_until = None;
        self.say_system(SystemLine::Closed(reason), context);
        self.record(ActivityKind::Closed, Some(reason.as_str().to_owned()));
    }

    pub(super) fn reopen(&mut self, context: &mut Context<'_>) {
        self.conversation.status = Status::Open;
        self.conversation.closed_at = None;
        self.conversation.close_reason = None;
        self.conversation.archived_at = None;
        self.conversation.delete_at = None;
        self.conversation.erase_mark = None;
        self.conversation.clock_started_at = self.now;
        self.say_system(SystemLine::Reopened, context);
        self.record(ActivityKind::Reopened, None);
    }

    pub(super) fn archive(&mut self, policies: &Policies) {
        let c = &mut self.conversation;
        c.archived_at = Some(self.now);
        c.delete_at = lifecycle::delete_at(c, policies.of(c));
        self.record(ActivityKind::Archived, None);
    }

    pub(super) fn unarchive(&mut self) {
        self.conversation.archived_at = None;
        self.conversation.delete_at = None;
        self.conversation.erase_mark = None;
        // Otherwise the archive timer of the old close would archive it again at once.
        self.conversation.clock_started_at = self.now;
        self.record(ActivityKind::Unarchived, None);
    }

    /// The end of a snooze starts the idle clock, also when it is ended early (contract, section 7.3).
    pub(super) fn snooze(&mut self, until: Option<Timestamp>) {
        let c = &mut self.conversation;
        if let Some(end) = c.snoozed_until.filter(|_| c.is_open() && c.snoozed_until != until) {
            c.clock_started_at = c.clock_started_at.max(end.min(self.now));
        }
        c.snoozed_until = until;
    }

    /// A snooze that is over: the clock started at its end, however late anybody looks.
    pub(super) fn wake(&mut self) {
        self.snooze(None);
        self.record(ActivityKind::Woken, None);
    }

    /// Exempt from every timer, or not any more. A timer that ended meanwhile gets its grace.
    pub(super) fn hold(&mut self, hold: bool, policies: &Policies) {
        let was_held = std::mem::replace(&mut self.conversation.hold, hold);
        if hold {
            self.conversation.erase_mark = None;
        }
        let timer = lifecycle::timer(&self.conversation, policies.of(&self.conversation));
        if let (true, Some(timer)) = (was_held, timer.filter(|timer| timer.ends_at <= self.now)) {
            self.spare(policies, self.now.plus_ms(lifecycle::grace(timer.idle_ms)));
        }
    }

    /// Its timer runs until then, as if it had started so much earlier; the user is told anew.
    pub(super) fn spare(&mut self, policies: &Policies, until: Timestamp) {
        let c = &mut self.conversation;
        if let Some(timer) = lifecycle::timer(c, policies.of(c)) {
            c.clock_started_at = until.plus_ms(-timer.idle_ms);
            c.warned_at = None;
        }
    }

    /// Says when it falls due next, which otherwise is bounded from below.
    pub(super) fn due_exactly(mut self, due: Option<Timestamp>) -> Self {
        self.due = Some(due);
        self
    }

    fn handle(&mut self, handler: Handler, assignee: Option<AgentRef>) {
        self.conversation.handler = handler;
        self.conversation.assignee = assignee;
        if self.conversation.is_open() {
            // Nobody is waited for in a closed one; its archive timer counts from the close.
            self.conversation.clock_started_at = self.now;
        }
        self.record(ActivityKind::Handled(handler), None);
    }

    pub(super) fn assign(&mut self, agent: AgentRef, context: &mut Context<'_>) {
        self.handle(Handler::Agent, Some(agent.clone()));
        self.say_system(SystemLine::AgentJoined(agent.name), context);
    }

    pub(super) fn give_to_bot(&mut self, context: &mut Context<'_>) {
        let left = self.conversation.assignee.take();
        self.handle(Handler::Bot, None);
        if let Some(agent) = left {
            self.say_system(SystemLine::AgentLeft(agent.name), context);
        }
    }

    pub(super) fn give_to_queue(&mut self, context: &mut Context<'_>) {
        self.handle(Handler::Queue, None);
        self.say_system(SystemLine::HandedToQueue, context);
    }

    fn say_bot(
        &mut self,
        text: Text,
        metadata: Option<Metadata>,
        options: Vec<MessageOption>,
        context: &mut Context<'_>,
    ) {
        let id = MessageId((context.new_id)());
        let identity = Identity::ours(id);
        let at = self.now;
        self.say(Said {
            id,
            kind: MessageKind::Bot,
            author: Author::Bot,
            text,
            metadata,
            options,
            system: None,
            identity,
            at,
        });
    }

    /// The bot says a block, and does what the block says.
    pub(super) fn enter(&mut self, block: &Block, context: &mut Context<'_>) {
        self.conversation.block_id = Some(block.id.clone());
        self.record(ActivityKind::BlockEntered, Some(block.id.to_string()));
        self.say_bot(block.message.clone(), Some(place(block)), offers(block), context);
        if block.handoff {
            self.give_to_queue(context);
        }
        if block.close {
            self.close(CloseReason::FunnelEnd, context);
        }
    }

    /// The bot answers what the user just said (the draft's message at `said`).
    pub(super) fn answer(
        &mut self,
        funnel: &Funnel,
        said: usize,
        option_id: Option<&OptionId>,
        context: &mut Context<'_>,
    ) {
        let block = self.conversation.block_id.as_ref().and_then(|id| funnel.blocks.get(id));
        let text = self.messages[said].text.clone();
        let chosen = block.and_then(|b| b.choose(option_id, text.as_str()).map(|o| (b, o)));
        let Some((block, option)) = chosen else {
            let options = block.map(offers).unwrap_or_default();
            self.say_bot(funnel.fallback(!options.is_empty()), block.map(place), options, context);
            return;
        };
        let mut metadata = self.messages[said].metadata.take().unwrap_or_default();
        metadata.set("blockId", block.id.as_str());
        metadata.set("optionId", option.id.as_str());
        self.messages[said].metadata = Some(metadata);
        self.record(ActivityKind::BlockAnswered, Some(format!("{}/{}", block.id, option.id)));
        match option.next_block_id.as_ref().and_then(|id| funnel.blocks.get(id)) {
            Some(next) => self.enter(next, context),
            // The path ends; the conversation stays open under its idle timer (contract, section 7.9).
            None => self.conversation.block_id = None,
        }
    }

    /// Settles version, times and due time.
    fn settle(&mut self, policies: &Policies) {
        let c = &mut self.conversation;
        c.version += 1;
        c.updated_at = self.now;
        // Only ever earlier than stored: the index on it stays untouched by a plain post (storage.md).
        c.due_at = match (self.due, lifecycle::due_at(c, policies.of(c)), c.due_at) {
            (Some(exact), ..) => exact,
            (None, Some(new), Some(stored)) => Some(new.min(stored)),
            (None, new, stored) => new.or(stored),
        };
    }

    /// The changes of this draft.
    pub(super) fn changes(mut self, state: &State) -> Changes {
        self.settle(state.policies());
        Changes {
            conversations: vec![self.conversation],
            messages: self.messages,
            notes: self.notes,
            activities: self.activities,
            ..Changes::default()
        }
    }

    /// The changes of this draft, and the answer to its command: the message at `said` if one was sent.
    pub(super) fn finish(self, state: &State, said: Option<usize>, user: Option<User>) -> Ruling {
        let mut changes = self.changes(state);
        let conversation = Arc::new(changes.conversations[0].clone());
        let snapshot = match &user {
            Some(user) => Snapshot { conversation, user: Arc::new(user.clone()) },
            None => state.snapshot(&conversation)?,
        };
        let message = said.map(|i| Arc::new(changes.messages[i].clone()));
        changes.user = user;
        let policies = state.policies().clone();
        let answer = Answer { snapshot, message, note: None, created: true, more: None, policies };
        Ok((changes, Outcome::Conversation(answer)))
    }
}

/// Where in the funnel a message belongs: the [seed] keys of its metadata.
fn place(block: &Block) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.set("blockId", block.id.as_str());
    if let Some(stage) = &block.stage_id {
        metadata.set("funnelStage", stage);
    }
    metadata
}

fn offers(block: &Block) -> Vec<MessageOption> {
    block.options.iter().map(|o| MessageOption { id: o.id.clone(), text: o.text.clone() }).collect()
}
