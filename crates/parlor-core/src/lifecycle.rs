//! What is due when (contract, section 7). [`next`] is the one rule set; what its steps do is `decide`'s.

mod due;
mod policy;
mod preview;
mod settings;

pub use due::{Clock, Due, Moment, Redate, Step, grace, next, spared_by_change};
pub use policy::{Policies, Policy};
pub use preview::{Counts, Preview};
pub use settings::{InboxesSource, OffWord, PolicySource, Seconds, SettingsSource};

use crate::conversation::{Conversation, Handler, Side, Status};
use crate::limits;
use crate::time::Timestamp;
use crate::user::User;

/// The one idle timer that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// How long it is.
    pub idle_ms: i64,
    /// When it is over.
    pub ends_at: Timestamp,
}

/// The idle timer of `conversation`, if one runs; a snooze still running is a start that lies ahead.
#[must_use]
pub fn timer(conversation: &Conversation, policy: &Policy) -> Option<Timer> {
    if conversation.status == Status::Closed || conversation.hold {
        return None;
    }
    let idle_ms = idle_ms(conversation.handler, conversation.last_side, policy)?;
    let start = conversation
        .snoozed_until
        .map_or(conversation.clock_started_at, |end| end.max(conversation.clock_started_at));
    Some(Timer { idle_ms, ends_at: start.plus_ms(idle_ms) })
}

/// Exactly one timer: which, depends on who answers and who wrote last.
fn idle_ms(handler: Handler, last_side: Option<Side>, policy: &Policy) -> Option<i64> {
    match (handler, last_side) {
        (Handler::Bot, _) => policy.bot_idle_ms,
        (Handler::Agent, Some(Side::Ours)) => policy.user_idle_ms,
        (Handler::Agent | Handler::Queue, _) => policy.team_idle_ms,
    }
}

/// When `conversation` closes by itself if nothing happens, as clients are told. None while it is snoozed (a snooze that
/// still ran at the last change counts as running until a change says that it ended), and where a person answers instead.
#[must_use]
pub fn auto_close_at(conversation: &Conversation, user: &User, policy: &Policy) -> Option<Timestamp> {
    let is_snoozed = conversation.snoozed_until.is_some_and(|end| end > conversation.updated_at);
    let ends = timer(conversation, policy).map(|timer| timer.ends_at);
    ends.filter(|_| !is_snoozed && !goes_to_queue(conversation, user))
}

/// Whether a person is to answer where the bot's conversation would otherwise be closed (contract, section 7.8): the user
/// left something they can be reached by. Where it came from is not stored; a host that knows its users by e-mail wants a
/// person to look, too.
#[must_use]
pub fn goes_to_queue(conversation: &Conversation, user: &User) -> bool {
    let has_phone =
        user.metadata.as_ref().is_some_and(|m| m.as_map().get("phone").is_some_and(|p| !p.is_null()));
    conversation.handler == Handler::Bot && (user.email.is_some() || has_phone)
}

/// When a closed `conversation` is archived.
fn archive_at(conversation: &Conversation, policy: &Policy) -> Option<Timestamp> {
    // The clock is later than the close after an import, and after coming back from the archive.
    let since = conversation.closed_at?.max(conversation.clock_started_at);
    Some(since.plus_ms(policy.archive_after_ms?))
}

/// When an archived `conversation` is to be erased.
#[must_use]
pub fn delete_at(conversation: &Conversation, policy: &Policy) -> Option<Timestamp> {
    let since = conversation.archived_at?.max(conversation.clock_started_at);
    Some(since.plus_ms(policy.delete_after_ms?))
}

/// When anything about `conversation` may fall due: never later than [`next`] says, whatever the server's clock does.
#[must_use]
pub fn due_at(conversation: &Conversation, policy: &Policy) -> Option<Timestamp> {
    let c = conversation;
    if c.hold {
        return None;
    }
    match (c.status, c.archived_at, c.erase_mark) {
        (Status::Open, ..) if c.snoozed_until.is_some() => c.snoozed_until,
        (Status::Open, ..) => {
            timer(c, policy).map(|timer| warning_at(c, timer, policy).unwrap_or(timer.ends_at))
        }
        (Status::Closed, None, _) => archive_at(c, policy),
        (Status::Closed, Some(_), None) => delete_at(c, policy),
        // Running time passes no faster than the clock; what is not to be erased any more loses its mark then.
        (Status::Closed, Some(_), Some(mark)) => Some(mark.at.plus_ms(limits::ERASE_WAIT_RUNNING_MS)),
    }
}

/// When the user is told that it closes soon, if they are and have not been since the clock started.
fn warning_at(conversation: &Conversation, timer: Timer, policy: &Policy) -> Option<Timestamp> {
    let ahead_ms = policy.warning_ms(timer.idle_ms)?;
    let start = timer.ends_at.plus_ms(-timer.idle_ms);
    let is_warned = conversation.warned_at.is_some_and(|at| at > start);
    (!is_warned).then(|| timer.ends_at.plus_ms(-ahead_ms))
}

/// Whether a user's message at `now` reopens a closed `conversation` (contract, section 7.5).
#[must_use]
pub fn reopens(conversation: &Conversation, policy: &Policy, now: Timestamp) -> bool {
    // An imported conversation may have been closed long before its row came to be; its window begins here.
    let closed = conversation.closed_at.map(|at| at.max(conversation.created_at));
    !conversation.is_archived() && closed.is_none_or(|at| now.since_ms(at) <= policy.reopen_window_ms)
}
