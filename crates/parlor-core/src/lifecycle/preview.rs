//! What policies would have done, and would do: conversations as they were, and nothing is changed.

use std::sync::Arc;

use super::{Policies, Policy, archive_at, delete_at, goes_to_queue, idle_ms, timer};
use crate::conversation::{Conversation, Handler, Side, Status};
use crate::message::{Message, MessageKind, SystemLine};
use crate::time::Timestamp;
use crate::user::User;

/// A look at one conversation after the other.
#[derive(Debug)]
pub struct Preview<'a> {
    policies: &'a Policies,
    from: Timestamp,
    now: Timestamp,
    /// Until when what is to come is counted.
    until: Timestamp,
    counts: Counts,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Conversations looked at.
    pub conversations: u64,
    /// Closes there would have been.
    pub closes: u64,
    /// Of them, those where the last word was the user's.
    pub closes_waiting: u64,
    /// Conversations that are open and would be over; they get their grace.
    pub closes_now: u64,
    /// Conversations that would be archived from now until the end.
    pub archives: u64,
    /// Conversations that would be erased from now until the end.
    pub deletes: u64,
}

impl<'a> Preview<'a> {
    /// Counts closes between `from` and `now`, and what is to come until `until`.
    #[must_use]
    pub fn new(policies: &'a Policies, from: Timestamp, now: Timestamp, until: Timestamp) -> Self {
        Self { policies, from, now, until, counts: Counts::default() }
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Looks at a conversation with its newest messages, ascending. Of when it was on hold or snoozed there is no record.
    pub fn look(&mut self, c: &Conversation, user: &User, messages: &[Arc<Message>]) {
        self.counts.conversations += 1;
        if c.hold {
            return;
        }
        let policy = self.policies.of(c);
        for close in closes(c, user, messages, policy, self.now) {
            if (self.from..=self.now).contains(&close.at) {
                self.counts.closes += 1;
                self.counts.closes_waiting += u64::from(close.is_waiting);
            }
        }
        let is_over = timer(c, policy).is_some_and(|timer| timer.ends_at <= self.now);
        if is_over && c.snoozed_until.is_none() && !goes_to_queue(c, user) {
            self.counts.closes_now += 1;
        }
        let archived_at =
            if c.is_archived() { None } else { archive_at(c, policy).map(|at| at.max(self.now)) };
        self.counts.archives += u64::from(archived_at.is_some_and(|at| at <= self.until));
        let erased_at = match archived_at.zip(policy.delete_after_ms) {
            Some((at, ms)) => Some(at.plus_ms(ms)),
            None => delete_at(c, policy),
        };
        self.counts.deletes += u64::from(erased_at.is_some_and(|at| at <= self.until));
    }
}

/// A close that would have been.
struct Close {
    at: Timestamp,
    is_waiting: bool,
}

/// A conversation as it went.
struct Past<'a> {
    policy: &'a Policy,
    has_contact: bool,
    is_open: bool,
    handler: Handler,
    last_side: Option<Side>,
    clock: Timestamp,
    closes: Vec<Close>,
}

fn closes(
    c: &Conversation,
    user: &User,
    messages: &[Arc<Message>],
    policy: &Policy,
    now: Timestamp,
) -> Vec<Close> {
    let Some(first) = messages.first() else { return Vec::new() };
    let has_contact = goes_to_queue(&Conversation { handler: Handler::Bot, ..c.clone() }, user);
    let handler = first_handler(c, messages);
    let (is_open, last_side, clock) = (true, None, first.at);
    let mut past = Past { policy, has_contact, is_open, handler, last_side, clock, closes: Vec::new() };
    for message in messages {
        past.wait_until(message.at);
        past.take(message);
    }
    if c.status == Status::Open && c.snoozed_until.is_none() {
        past.wait_until(now.plus_ms(1));
    }
    past.closes
}

/// Who answered before the first of these messages: what its first change of hands left behind, or who answers still.
fn first_handler(c: &Conversation, messages: &[Arc<Message>]) -> Handler {
    let left = messages.iter().find_map(|message| match message.system {
        Some(SystemLine::AgentLeft(_)) => Some(Handler::Agent),
        Some(SystemLine::AgentJoined(_) | SystemLine::HandedToQueue) => Some(Handler::Bot),
        _ => None,
    });
    left.unwrap_or(c.handler)
}

impl Past<'_> {
    /// Nothing happens until `then`.
    fn wait_until(&mut self, then: Timestamp) {
        while self.is_open
            && let Some(idle_ms) = idle_ms(self.handler, self.last_side, self.policy)
            && self.clock.plus_ms(idle_ms) < then
        {
            self.clock = self.clock.plus_ms(idle_ms);
            if self.handler == Handler::Bot && self.has_contact {
                self.handler = Handler::Queue;
                continue;
            }
            self.is_open = false;
            let is_waiting = self.last_side == Some(Side::User);
            self.closes.push(Close { at: self.clock, is_waiting });
        }
    }

    fn take(&mut self, message: &Message) {
        match message.kind {
            MessageKind::User => self.activity(Side::User, message.at),
            MessageKind::Bot => self.activity(Side::Ours, message.at),
            MessageKind::System => match message.system {
                Some(SystemLine::Closed(_)) => self.is_open = false,
                Some(SystemLine::Reopened) => (self.is_open, self.clock) = (true, message.at),
                Some(SystemLine::AgentJoined(_)) => self.handled(Handler::Agent, message.at),
                Some(SystemLine::AgentLeft(_)) => self.handled(Handler::Bot, message.at),
                Some(SystemLine::HandedToQueue) => self.handled(Handler::Queue, message.at),
                Some(SystemLine::ClosingSoon(_)) | None => {}
            },
        }
    }

    fn activity(&mut self, side: Side, at: Timestamp) {
        (self.is_open, self.last_side, self.clock) = (true, Some(side), at);
    }

    fn handled(&mut self, handler: Handler, at: Timestamp) {
        (self.handler, self.clock) = (handler, at);
    }
}
