//! What a conversation's own lines say of it: it closes once and is opened once, no words stand where it was closed, and it
//! never closes by itself before its time.

use std::fmt;

use parlor_core::limits;
use serde::Deserialize;

use super::store::{Stored, StoredMessage};
use super::verdict::{Breach, Verdict};

/// No timer is shorter, whatever the settings say.
const LEAST_IDLE_MS: i64 = limits::IDLE_LEAST_S * 1000;

/// A line of the server's own, as far as the judge tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub enum Line {
    /// It was closed.
    Closed {
        /// Because nothing happened for long enough.
        by_itself: bool,
    },
    /// It was opened again.
    Reopened,
    /// It closes soon; that is no activity.
    ClosingSoon,
    /// Who answers now.
    Other,
}

#[derive(Debug, Deserialize)]
struct Written {
    code: String,
    #[serde(default)]
    params: Parameters,
}

#[derive(Debug, Default, Deserialize)]
struct Parameters {
    reason: Option<String>,
}

impl From<Written> for Line {
    fn from(written: Written) -> Self {
        match written.code.as_str() {
            "conversation_closed" => {
                Line::Closed { by_itself: written.params.reason.as_deref() == Some("inactivity") }
            }
            "conversation_reopened" => Line::Reopened,
            "closing_soon" => Line::ClosingSoon,
            _ => Line::Other,
        }
    }
}

/// Reads `conversation` from its first line to its last.
pub(super) fn judge(conversation: &Stored, verdict: &mut Verdict) {
    let (mut is_open, mut before) = (true, None);
    for message in &conversation.messages {
        let mut wrong = |breach, what: &dyn fmt::Display| {
            verdict.add(breach, || format!("{} of {} {what}", message.seq, conversation.id));
        };
        match message.line {
            Some(Line::Closed { .. }) if !is_open => wrong(Breach::Doubled, &"closes what is closed"),
            Some(Line::Reopened) if is_open => wrong(Breach::Doubled, &"opens what is open"),
            // A line that somebody wrote by hand may stand below the end.
            None if !is_open && !message.system => wrong(Breach::Order, &"was said where it was closed"),
            Some(Line::Closed { by_itself: true }) => {
                if let Some(idle_ms) = idle_before(message, before).filter(|ms| *ms < LEAST_IDLE_MS) {
                    wrong(
                        Breach::Order,
                        &format_args!("closes it by itself {idle_ms} ms after the line before"),
                    );
                }
            }
            _ => {}
        }
        match message.line {
            Some(Line::Closed { by_itself }) => {
                is_open = false;
                verdict.closed_by_themselves += u64::from(by_itself);
            }
            Some(Line::Reopened) => {
                is_open = true;
                verdict.reopened += 1;
            }
            _ => {}
        }
        if message.line != Some(Line::ClosingSoon) {
            before = Some(message);
        }
    }
    if is_open != conversation.summary.open {
        let is = if conversation.summary.open { "open" } else { "closed" };
        verdict.add(Breach::Gap, || format!("{} is {is}, and its lines do not say so", conversation.id));
    }
}

/// How long nothing had happened when it closed.
fn idle_before(close: &StoredMessage, before: Option<&StoredMessage>) -> Option<i64> {
    Some(close.at.since_ms(before?.at))
}
