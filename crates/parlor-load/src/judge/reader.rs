//! What one reader was shown: runs of numbers and the last summary for each conversation.

use std::collections::HashMap;

use super::journal::RoomId;
use super::store::Summary;

/// What a reader follows, which is what it must end with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follows {
    /// The messages and the summary of one conversation.
    Room(RoomId),
    /// The summary of every conversation.
    Inbox,
    /// The summaries of one user's conversations.
    InboxOf(String),
}

/// One reader's notes.
#[derive(Debug)]
pub struct ReaderLog {
    pub follows: Follows,
    pub rooms: HashMap<RoomId, Seen>,
    /// Conversations that are gone, as far as it knows, and whether it was told; otherwise a snapshot had them no more.
    pub removed: HashMap<RoomId, bool>,
}

/// What a reader was shown of one conversation.
#[derive(Debug, Default)]
pub struct Seen {
    pub messages: Runs,
    /// The newest, loaded or shown.
    pub summary: Option<Summary>,
    /// The version shown last; a loaded one may be newer than the cursor it came with, so that it is shown again.
    pub shown_version: u64,
    /// The highest number shown, and not only loaded: everything below it must have been there already.
    pub shown_seq: u32,
}

impl Seen {
    /// Of two copies the higher version wins.
    pub fn take(&mut self, summary: Summary) {
        if self.summary.is_none_or(|known| known.version < summary.version) {
            self.summary = Some(summary);
        }
    }
}

impl ReaderLog {
    pub fn new(follows: Follows) -> Self {
        ReaderLog { follows, rooms: HashMap::new(), removed: HashMap::new() }
    }
}

/// Numbers as runs without holes, ascending: a reader that misses nothing has one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Runs(Vec<(u32, u32)>);

impl Runs {
    /// Adds a number; false if it is there already.
    pub fn add(&mut self, seq: u32) -> bool {
        let at = self.0.partition_point(|(_, end)| *end < seq);
        if self.0.get(at).is_some_and(|(start, _)| *start <= seq) {
            return false;
        }
        let joins_next = self.0.get(at).is_some_and(|(start, _)| *start == seq + 1);
        match at.checked_sub(1).filter(|before| self.0[*before].1 + 1 == seq) {
            Some(before) if joins_next => {
                self.0[before].1 = self.0[at].1;
                self.0.remove(at);
            }
            Some(before) => self.0[before].1 = seq,
            None if joins_next => self.0[at].0 = seq,
            None => self.0.insert(at, (seq, seq)),
        }
        true
    }

    /// The highest number; 0 without any.
    pub fn last(&self) -> u32 {
        self.0.last().map_or(0, |(_, end)| *end)
    }

    /// How many of 1 to `head` are not there, and the first of them.
    pub fn missing(&self, head: u32) -> (u32, u32) {
        let there: u32 =
            self.0.iter().map(|(start, end)| ((*end).min(head) + 1).saturating_sub(*start)).sum();
        let first = match self.0.first() {
            Some((1, end)) => end + 1,
            _ => 1,
        };
        (head.saturating_sub(there), first)
    }
}
