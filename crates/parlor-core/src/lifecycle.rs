//! What is due when (contract, section 7). The rules that act on it live in `decide`.

use crate::conversation::{Conversation, Handler, Side, Status};
use crate::time::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How long what may stay as it is; `None` switches a timer off. Milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// With the bot and nothing happens.
    pub bot_idle_ms: Option<i64>,
    /// With an agent, and the user owes the answer.
    pub user_idle_ms: Option<i64>,
    /// In the queue, or with an agent who owes the answer.
    pub team_idle_ms: Option<i64>,
    /// How long after its close a user's message reopens a conversation.
    pub reopen_window_ms: i64,
    /// Archive this long after the close.
    pub archive_after_ms: Option<i64>,
    /// Erase this long after archiving.
    pub delete_after_ms: Option<i64>,
}

impl Default for Policy {
    /// The contract's defaults.
    fn default() -> Self {
        Self {
            bot_idle_ms: Some(30 * MINUTE_MS),
            user_idle_ms: Some(24 * HOUR_MS),
            team_idle_ms: None,
            reopen_window_ms: 7 * DAY_MS,
            archive_after_ms: Some(14 * DAY_MS),
            delete_after_ms: Some(90 * DAY_MS),
        }
    }
}

/// When `conversation` closes by itself if nothing happens, as clients are told. None while it is snoozed: a snooze that
/// still ran at the last change counts as running until a change says that it ended.
#[must_use]
pub fn auto_close_at(conversation: &Conversation, policy: &Policy) -> Option<Timestamp> {
    let snoozed = conversation.snoozed_until.is_some_and(|end| end > conversation.updated_at);
    idle_ends_at(conversation, policy).filter(|_| !snoozed)
}

/// When the one timer that runs, if any does, is over.
fn idle_ends_at(conversation: &Conversation, policy: &Policy) -> Option<Timestamp> {
    if conversation.status == Status::Closed || conversation.hold {
        return None;
    }
    let idle_ms = match (conversation.handler, conversation.last_side) {
        (Handler::Bot, _) => policy.bot_idle_ms,
        (Handler::Agent, Some(Side::Ours)) => policy.user_idle_ms,
        (Handler::Agent | Handler::Queue, _) => policy.team_idle_ms,
    }?;
    // The end of a snooze starts the clock; a snooze still running is an end that lies ahead of every timer.
    let start = conversation
        .snoozed_until
        .map_or(conversation.clock_started_at, |end| end.max(conversation.clock_started_at));
    Some(start.plus_ms(idle_ms))
}

/// When anything about `conversation` falls due: close, archive or erase.
#[must_use]
pub fn due_at(conversation: &Conversation, policy: &Policy) -> Option<Timestamp> {
    if conversation.hold {
        return None;
    }
    match (conversation.status, conversation.archived_at) {
        (Status::Open, _) => idle_ends_at(conversation, policy),
        // The clock is later than the close after an import, and after coming back from the archive.
        (Status::Closed, None) => {
            let since = conversation.closed_at?.max(conversation.clock_started_at);
            Some(since.plus_ms(policy.archive_after_ms?))
        }
        (Status::Closed, Some(at)) => {
            Some(at.max(conversation.clock_started_at).plus_ms(policy.delete_after_ms?))
        }
    }
}

/// Whether a user's message at `now` reopens a closed `conversation` (contract, section 7.5).
#[must_use]
pub fn reopens(conversation: &Conversation, policy: &Policy, now: Timestamp) -> bool {
    // An imported conversation may have been closed long before its row came to be; its window begins here.
    let closed = conversation.closed_at.map(|at| at.max(conversation.created_at));
    !conversation.is_archived() && closed.is_none_or(|at| now.since_ms(at) <= policy.reopen_window_ms)
}
