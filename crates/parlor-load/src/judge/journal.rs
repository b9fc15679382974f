//! The notes of a run, kept small: tens of millions of sightings must fit beside the server they are about.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use uuid::Uuid;

use super::reader::{Follows, ReaderLog};
use super::tape::Tape;
use super::verdict::{Breach, Verdict};

/// Somebody who sends, one message after the other or several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WriterId(pub(super) u32);

/// Somebody who reads along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReaderId(pub(super) u32);

/// A conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoomId(pub(super) u32);

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody knows: it is on its way, or the answer never came.
    Unknown,
    /// It is there, the server says: where, as which number, told at which tick.
    Acknowledged { room: RoomId, seq: u32, tick: u32 },
    /// It is not and will not be.
    Refused,
}

/// A message somebody wanted to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) writer: WriterId,
    /// When it was sent first.
    pub(super) tick: u32,
    pub(super) fate: Fate,
}

/// Whether a conversation is to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// Nobody wants that.
    No,
    /// Somebody asked for it: it may be gone.
    Asked,
    /// It is, the server says.
    Done,
}

/// A conversation somebody wrote to or read.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: Uuid,
    /// Somebody asked for it to be made.
    pub(super) intended: bool,
    /// The server said that it is there.
    pub(super) acknowledged: bool,
    /// Whether somebody wanted it gone.
    pub(super) removal: Removal,
    /// The highest version the server answered a change with; 0 before the first.
    pub(super) version: u64,
    /// The ids readers were shown, by `seq - 1`; nil where none was.
    pub(super) shown: Vec<Uuid>,
}

/// Everything that was intended, answered and shown.
#[derive(Debug, Default)]
pub struct Journal {
    pub(super) rooms: Vec<Room>,
    room_ids: HashMap<Uuid, RoomId>,
    pub(super) sent: HashMap<Uuid, Sent>,
    pub(super) readers: Vec<ReaderLog>,
    writers: u32,
    /// Orders what was sent and answered; several may share the last tick after four billion.
    clock: u32,
    pub(super) sightings: u64,
    /// Conversations whose time was moved though nothing happened, and the versions of that.
    pub(super) spared: HashSet<(RoomId, u64)>,
    /// What was wrong at once, whatever is stored.
    pub(super) seen_wrong: Verdict,
    pub(super) tape: Tape,
}

impl Journal {
    /// Writes every note to `path` too.
    pub fn record_to(&mut self, path: &Path) -> anyhow::Result<()> {
        self.tape = Tape::to(path)?;
        Ok(())
    }

    /// A new writer.
    pub fn writer(&mut self) -> WriterId {
        self.writers += 1;
        WriterId(self.writers)
    }

    /// A new reader.
    pub fn reader(&mut self, follows: Follows) -> ReaderId {
        let reader =
            u32::try_from(self.readers.len()).expect("fewer readers than sockets a machine can hold");
        self.tape.note(format_args!("reader {reader} follows {follows:?}"));
        self.readers.push(ReaderLog::new(follows));
        ReaderId(reader)
    }

    /// A conversation by its id, known or not.
    pub fn room(&mut self, id: Uuid) -> RoomId {
        let next = RoomId(u32::try_from(self.rooms.len()).expect("fewer conversations than fit into memory"));
        *self.room_ids.entry(id).or_insert_with(|| {
            let (intended, acknowledged, removal) = (false, false, Removal::No);
            self.rooms.push(Room { id, intended, acknowledged, removal, version: 0, shown: Vec::new() });
            next
        })
    }

    /// A conversation is about to be started.
    pub fn intend_room(&mut self, id: Uuid) {
        let room = self.room(id);
        self.room_mut(room).intended = true;
        self.tape.note(format_args!("start {id}"));
    }

    /// The server says that a conversation is there.
    pub fn acknowledge_room(&mut self, id: Uuid) {
        let room = self.room(id);
        self.room_mut(room).acknowledged = true;
        self.tape.note(format_args!("started {id}"));
    }

    /// The server answered a change of a conversation, a message included, with this version of it.
    pub fn acknowledge_change(&mut self, id: Uuid, version: u64) {
        let room = self.room(id);
        let room = self.room_mut(room);
        room.acknowledged = true;
        room.version = room.version.max(version);
        self.tape.note(format_args!("changed {id} to version {version}"));
    }

    /// Somebody is about to delete a conversation.
    pub fn intend_removal(&mut self, id: Uuid) {
        let room = self.room(id);
        let removal = &mut self.room_mut(room).removal;
        if *removal == Removal::No {
            *removal = Removal::Asked;
        }
        self.tape.note(format_args!("delete {id}"));
    }

    /// The server says that a conversation is gone.
    pub fn acknowledge_removal(&mut self, id: Uuid) {
        let room = self.room(id);
        self.room_mut(room).removal = Removal::Done;
        self.tape.note(format_args!("deleted {id}"));
    }

    /// Whether a conversation may be gone: somebody deletes it, or has.
    pub fn may_be_gone(&self, id: Uuid) -> bool {
        self.room_ids.get(&id).is_some_and(|room| self.removal(*room) != Removal::No)
    }

    /// What is gone, the server says.
    pub fn removed(&self) -> Vec<Uuid> {
        self.rooms.iter().filter(|room| room.removal == Removal::Done).map(|room| room.id).collect()
    }

    pub(super) fn removal(&self, room: RoomId) -> Removal {
        self.rooms[room.0 as usize].removal
    }

    /// `writer` is about to send `message`, for the first time or again.
    pub fn intend(&mut self, writer: WriterId, message: Uuid) {
        let tick = self.tick();
        self.sent.entry(message).or_insert(Sent { writer, tick, fate: Fate::Unknown });
        self.tape.note(format_args!("send {message} writer {}", writer.0));
    }

    /// The server says that `message` is number `seq` of `conversation`.
    pub fn acknowledge(&mut self, message: Uuid, conversation: Uuid, seq: u32) {
        self.tape.note(format_args!("acknowledged {message} as {seq} of {conversation}"));
        let (room, now) = (self.room(conversation), self.tick());
        let Some(sent) = self.sent.get_mut(&message) else {
            let example = || format!("{message} was acknowledged and never sent");
            return self.seen_wrong.add(Breach::Ghost, example);
        };
        match sent.fate {
            Fate::Acknowledged { room: before, seq: seq_before, .. }
                if (before, seq_before) != (room, seq) =>
            {
                let example = || {
                    format!("{message} was acknowledged as {seq_before} and again as {seq} of {conversation}")
                };
                self.seen_wrong.add(Breach::Order, example);
            }
            // The first answer is when its writer knew.
            Fate::Acknowledged { .. } => {}
            Fate::Unknown | Fate::Refused => sent.fate = Fate::Acknowledged { room, seq, tick: now },
        }
    }

    /// The server refused `message` for good.
    pub fn refuse(&mut self, message: Uuid) {
        self.tape.note(format_args!("refused {message}"));
        let Some(sent) = self.sent.get_mut(&message) else { return };
        match sent.fate {
            // Its id stays taken, and is nobody's business any more.
            Fate::Acknowledged { room, .. } if self.rooms[room.0 as usize].removal != Removal::No => {}
            Fate::Acknowledged { .. } => {
                let example = || format!("{message} was acknowledged and then refused");
                self.seen_wrong.add(Breach::Lost, example);
            }
            Fate::Unknown | Fate::Refused => sent.fate = Fate::Refused,
        }
    }

    /// No answer, or one that says nothing: it may be stored or not.
    pub fn unknown(&mut self, message: Uuid) {
        self.tape.note(format_args!("unknown {message}"));
    }

    /// The verdict so far, and the file written.
    pub(super) fn close(&mut self) -> anyhow::Result<Verdict> {
        self.tape.finish()?;
        let mut verdict = self.seen_wrong.clone();
        verdict.sightings = self.sightings;
        verdict.spared = self.spared.len() as u64;
        Ok(verdict)
    }

    fn room_mut(&mut self, room: RoomId) -> &mut Room {
        &mut self.rooms[room.0 as usize]
    }

    fn tick(&mut self) -> u32 {
        self.clock = self.clock.saturating_add(1);
        self.clock
    }
}
