//! What a reader makes of what it is told: whole groups, and then the cursor.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::{Follower, Left, Topic};
use crate::judge::{RoomId, Summary};
use crate::message::number_of;
use crate::pace;
use crate::socket::{Event, events};
use crate::world::count;

/// One event's worth.
#[derive(Debug)]
pub(super) enum Piece {
    Message { room: RoomId, id: Uuid, seq: u32, version: u64 },
    Summary { room: RoomId, summary: Summary },
    Removal { room: RoomId },
}

/// Why a reader of one conversation ends: it was deleted.
#[derive(Debug)]
pub(super) struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the conversation was deleted")
    }
}

impl std::error::Error for Gone {}

/// What a reader has to do next on its topic.
pub(super) enum Next {
    Listen,
    /// It may have missed something: subscribe again from its cursor.
    Resume,
    /// Its cursor is no good: load everything.
    Reload,
}

impl Follower {
    /// Takes the events of one frame.
    pub(super) fn take(&mut self, frame: &str) -> Result<Next, Left> {
        let found = events(frame).inspect_err(|error| self.world.fault(format!("{error:#}")))?;
        let mut next = Next::Listen;
        for event in found {
            match &*event.event {
                "message" | "conversation" => self.piece(&event),
                "deleted" => self.removal(&event)?,
                "ok" => self.answered(&event),
                "reset" => next = Next::Reload,
                "heartbeat" if self.is_behind(&event) => next = Next::Resume,
                "presence" => count(&self.world.tally.presence),
                "goaway" => {
                    let wait = Duration::from_millis(event.reconnect_in_ms.unwrap_or_default());
                    return Err(Left::Away(wait));
                }
                "error" => self.refused(&event)?,
                _ => {}
            }
            if matches!(next, Next::Reload) {
                // What follows is news of a state that is gone.
                break;
            }
        }
        Ok(next)
    }

    fn piece(&mut self, event: &Event<'_>) {
        let mut journal = self.world.journal.borrow_mut();
        let mut number = None;
        if let Some(message) = &event.message {
            let room = journal.room(message.conversation_id);
            let (id, seq, version) = (message.id, message.seq, message.version);
            self.open_group.push(Piece::Message { room, id, seq, version });
            number = number_of(&message.text).ok().filter(|_| message.kind != "system");
        }
        if let Some(conversation) = &event.conversation {
            let (room, summary) = (journal.room(conversation.id), conversation.summary());
            self.open_group.push(Piece::Summary { room, summary });
            if conversation.has_closed_by_itself() {
                count(&self.world.tally.closings);
            }
            if matches!(self.topic, Topic::Inbox { .. }) {
                let last = number_of(&conversation.last_message).ok();
                number = last.filter(|last| self.last.insert(room, *last) != Some(*last));
            }
        }
        drop(journal);
        self.arrived(number);
        self.end_group(event);
    }

    fn arrived(&self, number: Option<u64>) {
        if let Some(due) = number.and_then(|number| self.world.due(number))
            && !self.manner.stalls
        {
            pace::record(&mut self.world.arrivals.borrow_mut(), due);
        }
    }

    /// A conversation is gone; in its own topic nothing comes after that.
    fn removal(&mut self, event: &Event<'_>) -> anyhow::Result<()> {
        let id = event.conversation_id.context("a deletion of nothing")?;
        let room = self.world.journal.borrow_mut().room(id);
        self.open_group.push(Piece::Removal { room });
        self.end_group(event);
        if matches!(self.topic, Topic::Room(own) if own == id) { Err(Gone.into()) } else { Ok(()) }
    }

    fn end_group(&mut self, event: &Event<'_>) {
        if let Some(cursor) = &event.cursor {
            self.apply();
            self.cursor = Some(cursor.to_string());
        }
    }

    /// A group is whole.
    fn apply(&mut self) {
        self.world.shown.notify_waiters();
        let mut journal = self.world.journal.borrow_mut();
        let has_summary = self.open_group.iter().any(|piece| matches!(piece, Piece::Summary { .. }));
        if self.manner.stalls && !has_summary {
            count(&self.world.tally.refilled);
        }
        for piece in self.open_group.drain(..) {
            match piece {
                Piece::Message { room, id, seq, version } => {
                    journal.show(self.reader, room, id, seq, version)
                }
                Piece::Summary { room, summary } => {
                    if journal.show_summary(self.reader, room, summary) && self.manner.stalls {
                        count(&self.world.tally.skipped);
                    }
                }
                Piece::Removal { room } => journal.show_removal(self.reader, room),
            }
        }
    }

    fn answered(&mut self, event: &Event<'_>) {
        let Some(cursor) = &event.cursor else { return };
        if !self.open_group.is_empty() {
            self.world.fault(format!("a group of {} had no end before ok", self.topic.name()));
            self.open_group.clear();
        }
        self.cursor = Some(cursor.to_string());
    }

    /// Whether a heartbeat tells of a head that the reader has not seen.
    fn is_behind(&self, event: &Event<'_>) -> bool {
        let head = event.heads.as_ref().and_then(|heads| heads.get(self.topic.name().as_str()));
        // Without a head for its topic the server said it while the reader was not subscribed.
        head.is_some_and(|head| Some(&**head) != self.cursor.as_deref())
    }

    fn refused(&self, event: &Event<'_>) -> Result<(), Left> {
        let Some(problem) = &event.problem else { bail_cut("an error without a problem")? };
        if problem.status == 404
            && let Topic::Room(id) = self.topic
        {
            self.find_gone(id)?;
        }
        // A server that is starting, stopping or out of breath; everything else is against the rules here.
        if problem.status != 503 {
            self.world.fault(format!("{} was refused: {}", self.topic.name(), problem.code));
        }
        bail_cut(&problem.code)?
    }
}

fn bail_cut<T>(why: &str) -> anyhow::Result<T> {
    bail!("{why}")
}
