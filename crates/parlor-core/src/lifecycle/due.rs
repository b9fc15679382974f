//! What is to be done about a conversation, and when there is something to do again.

use std::sync::Arc;

use super::policy::{Policies, Policy};
use super::{archive_at, delete_at, goes_to_queue, timer, warning_at};
use crate::conversation::{Conversation, Status};
use crate::id::ConversationId;
use crate::limits;
use crate::time::Timestamp;
use crate::user::User;

/// What the server knows of its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Since when it is there again: its start, or the last jump of the wall clock.
    pub returned_at: Timestamp,
    /// Until when it was there before that.
    pub last_alive_at: Timestamp,
    /// How long it ever ran.
    pub running_ms: i64,
    /// When that was read.
    pub read_at: Timestamp,
    /// Whether nothing irreversible may happen.
    pub is_paused: bool,
}

/// A change of the settings that is being carried to the conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redate {
    /// What was set before; `None` when conversations differ in that.
    pub before: Option<Arc<Policies>>,
    /// When it was changed.
    pub since: Timestamp,
    /// Behind which conversation the next page begins, in the order of their ids.
    pub after: Option<ConversationId>,
    /// Conversations that were looked at.
    pub done: u64,
    /// Conversations there were when it was changed.
    pub total: u64,
}

/// When a conversation is looked at, and under what circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The wall clock.
    pub now: Timestamp,
    /// The server's own.
    pub clock: &'a Clock,
    /// The change of the settings under way.
    pub redate: Option<&'a Redate>,
}

/// Something a conversation's time has come for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Tell the user that it closes then.
    Warn {
        /// When it closes.
        closes_at: Timestamp,
    },
    /// Its time passed while nobody could know: it goes on until then.
    Spare {
        /// When it closes instead.
        until: Timestamp,
    },
    /// Close it.
    Close,
    /// Let a person answer instead of closing it.
    ToQueue,
    /// End its snooze.
    Wake,
    /// Archive it.
    Archive,
    /// Mark it for erasure.
    MarkErase,
    /// Take the mark off: it is not to be erased any more, or not yet.
    Unmark,
    /// Erase it.
    Erase,
}

/// What [`next`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing, until something changes.
    Never,
    /// Look again then.
    At(Timestamp),
    /// This.
    Now(Step),
}

impl Due {
    fn from(at: Timestamp, now: Timestamp, step: Step) -> Self {
        if at > now { Due::At(at) } else { Due::Now(step) }
    }
}

/// How much longer a conversation goes on whose time passed while nobody could know (contract, section 7.3).
#[must_use]
pub fn grace(idle_ms: i64) -> i64 {
    idle_ms.min(limits::GRACE_MS)
}

/// The one rule set: what is due for `conversation` of `user`.
#[must_use]
pub fn next(conversation: &Conversation, user: &User, policies: &Policies, moment: Moment<'_>) -> Due {
    let (c, policy, now) = (conversation, policies.of(conversation), moment.now);
    if c.hold {
        return Due::Never;
    }
    match (c.status, c.archived_at) {
        (Status::Open, _) => match c.snoozed_until {
            Some(end) => Due::from(end, now, Step::Wake),
            None => open(c, user, policy, moment),
        },
        (Status::Closed, None) => match archive_at(c, policy) {
            Some(at) => Due::from(at, now, Step::Archive),
            None => Due::Never,
        },
        (Status::Closed, Some(_)) => archived(c, policy, moment),
    }
}

fn open(c: &Conversation, user: &User, policy: &Policy, moment: Moment<'_>) -> Due {
    let Some(timer) = timer(c, policy) else { return Due::Never };
    let (now, ends_at) = (moment.now, timer.ends_at);
    if goes_to_queue(c, user) {
        return Due::from(ends_at, now, Step::ToQueue);
    }
    if let Some(until) = spared_until(c, ends_at, timer.idle_ms, moment).filter(|until| *until > now) {
        return Due::Now(Step::Spare { until });
    }
    match warning_at(c, timer, policy) {
        Some(at) if ends_at > now => Due::from(at, now, Step::Warn { closes_at: ends_at }),
        _ => Due::from(ends_at, now, Step::Close),
    }
}

/// Until when it goes on, when its timer ended while nobody could know.
fn spared_until(c: &Conversation, ends_at: Timestamp, idle_ms: i64, moment: Moment<'_>) -> Option<Timestamp> {
    let Clock { returned_at, last_alive_at, .. } = *moment.clock;
    // A return that lies ahead is one of a wall clock that was put back since: nothing was missed.
    if ends_at > last_alive_at && ends_at <= returned_at && returned_at <= moment.now {
        return Some(returned_at.plus_ms(grace(idle_ms)));
    }
    let is_over = moment.redate.is_some_and(|redate| is_over_by_change(c, ends_at, redate, moment.now));
    is_over.then(|| moment.now.plus_ms(grace(idle_ms)))
}

/// Whether a timer is over by the change of the settings alone: it still ran under what was set before.
fn is_over_by_change(c: &Conversation, ends_at: Timestamp, redate: &Redate, now: Timestamp) -> bool {
    let ended_anyway =
        |before: &Arc<Policies>| timer(c, before.of(c)).is_some_and(|old| old.ends_at <= redate.since);
    ends_at <= redate.since.min(now) && !redate.before.as_ref().is_some_and(ended_anyway)
}

/// Until when `conversation` goes on when a change of the settings alone would have closed it.
#[must_use]
pub fn spared_by_change(
    conversation: &Conversation,
    user: &User,
    policies: &Policies,
    redate: &Redate,
    now: Timestamp,
) -> Option<Timestamp> {
    let c = conversation;
    let timer = timer(c, policies.of(c)).filter(|_| c.snoozed_until.is_none() && !goes_to_queue(c, user))?;
    is_over_by_change(c, timer.ends_at, redate, now).then(|| now.plus_ms(grace(timer.idle_ms)))
}

/// Nothing irreversible happens at once: it is marked, and the mark waits for running time (contract, section 7.7).
fn archived(c: &Conversation, policy: &Policy, moment: Moment<'_>) -> Due {
    let (now, clock) = (moment.now, moment.clock);
    let erase_at = delete_at(c, policy);
    let is_over = erase_at.is_some_and(|at| at <= now);
    match (erase_at, c.erase_mark) {
        (None, None) => Due::Never,
        (Some(at), None) if !is_over => Due::At(at),
        (_, Some(_)) if !is_over => Due::Now(Step::Unmark),
        _ if clock.is_paused => Due::At(now.plus_ms(limits::PAUSED_LOOK_MS)),
        // A mark of more running time than there ever was is of another database's life.
        (_, Some(mark)) if mark.running_ms <= clock.running_ms => {
            let left_ms = mark.running_ms.saturating_add(limits::ERASE_WAIT_RUNNING_MS) - clock.running_ms;
            if left_ms <= 0 {
                return Due::Now(Step::Erase);
            }
            // The clock was read a moment ago. Whatever the wall clock did since, it is looked at in time, and read anew.
            let at = clock.read_at.plus_ms(left_ms).min(now.plus_ms(left_ms));
            Due::At(at.max(now.plus_ms(1)))
        }
        _ => Due::Now(Step::MarkErase),
    }
}
