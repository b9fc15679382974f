//! What readers are shown, noted, and held at once against what they and others were shown before.

use std::collections::HashSet;

use uuid::Uuid;

use super::journal::{Journal, ReaderId, Removal, RoomId};
use super::reader::ReaderLog;
use super::store::Summary;
use super::verdict::Breach;

impl Journal {
    /// A reader was shown a message after its cursor. One that changed since its first version is no news.
    pub fn show(&mut self, reader: ReaderId, room: RoomId, message: Uuid, seq: u32, version: u64) {
        self.sight(reader, room, message, seq);
        let seen = self.log(reader).rooms.entry(room).or_default();
        let last = seen.messages.last();
        let is_new = seen.messages.add(seq);
        seen.shown_seq = seen.shown_seq.max(seq);
        if !is_new && version <= 1 {
            let example =
                || format!("reader {} was shown {seq} of {} twice", reader.0, self.rooms[room.0 as usize].id);
            self.seen_wrong.add(Breach::Doubled, example);
        } else if is_new && seq < last {
            let example = || {
                format!(
                    "reader {} was shown {seq} of {} after {last}",
                    reader.0, self.rooms[room.0 as usize].id
                )
            };
            self.seen_wrong.add(Breach::Order, example);
        }
    }

    /// A reader loaded a message in a snapshot. One that fills a hole was passed over before, which the snapshot only heals.
    pub fn load(&mut self, reader: ReaderId, room: RoomId, message: Uuid, seq: u32) {
        self.sight(reader, room, message, seq);
        let seen = self.log(reader).rooms.entry(room).or_default();
        let shown = seen.shown_seq;
        if seen.messages.add(seq) && seq < shown {
            let id = self.rooms[room.0 as usize].id;
            let example =
                || format!("reader {} was shown {shown} of {id} and had to load {seq} afterwards", reader.0);
            self.seen_wrong.add(Breach::Gap, example);
        }
    }

    /// Whether a reader has every message below `seq`, so that an older page has nothing for it.
    pub fn has_all_below(&self, reader: ReaderId, room: RoomId, seq: u32) -> bool {
        let seen = self.readers[reader.0 as usize].rooms.get(&room);
        seen.map_or(seq <= 1, |seen| seen.messages.missing(seq.saturating_sub(1)).0 == 0)
    }

    /// A reader was shown a summary after its cursor; true if it was not shown the version before.
    pub fn show_summary(&mut self, reader: ReaderId, room: RoomId, summary: Summary) -> bool {
        let id = self.rooms[room.0 as usize].id;
        self.tape.note(format_args!("reader {} sees {id} {summary:?}", reader.0));
        self.expect_there(reader, room);
        let seen = self.log(reader).rooms.entry(room).or_default();
        let (before, now) = (std::mem::replace(&mut seen.shown_version, summary.version), summary.version);
        let is_spared = seen.summary.is_some_and(|known| known.is_spared_by(&summary));
        seen.take(summary);
        if is_spared {
            self.spared.insert((room, now));
        }
        if before >= now {
            let breach = if before == now { Breach::Doubled } else { Breach::Order };
            let example = || format!("reader {} was shown version {now} of {id} after {before}", reader.0);
            self.seen_wrong.add(breach, example);
        }
        before > 0 && now > before + 1
    }

    /// A reader loaded a summary in a snapshot.
    pub fn load_summary(&mut self, reader: ReaderId, room: RoomId, summary: Summary) {
        self.tape
            .note(format_args!("reader {} loads {} {summary:?}", reader.0, self.rooms[room.0 as usize].id));
        self.expect_there(reader, room);
        self.log(reader).rooms.entry(room).or_default().take(summary);
    }

    /// A reader was told that a conversation is gone.
    pub fn show_removal(&mut self, reader: ReaderId, room: RoomId) {
        self.tape
            .note(format_args!("reader {} sees the end of {}", reader.0, self.rooms[room.0 as usize].id));
        let is_asked = self.removal(room) != Removal::No;
        let is_again = self.log(reader).removed.insert(room, true) == Some(true);
        if is_again || !is_asked {
            let breach = if is_again { Breach::Doubled } else { Breach::Lost };
            let id = self.rooms[room.0 as usize].id;
            self.seen_wrong.add(breach, || format!("reader {} was told that {id} is gone", reader.0));
        }
    }

    /// A reader's snapshot has these conversations and no others.
    pub fn load_all(&mut self, reader: ReaderId, rooms: &HashSet<RoomId>) {
        let known: Vec<RoomId> = self.log(reader).rooms.keys().copied().collect();
        for room in known.into_iter().filter(|room| !rooms.contains(room)) {
            self.log(reader).removed.entry(room).or_insert(false);
            if self.removal(room) == Removal::No {
                let id = self.rooms[room.0 as usize].id;
                self.seen_wrong
                    .add(Breach::Lost, || format!("reader {} loads a list without {id}", reader.0));
            }
        }
    }

    /// A reader could not load a conversation, which is gone.
    pub fn load_removal(&mut self, reader: ReaderId, room: RoomId) {
        self.tape.note(format_args!("reader {} finds {} gone", reader.0, self.rooms[room.0 as usize].id));
        self.log(reader).removed.entry(room).or_insert(false);
    }

    /// A heartbeat told a reader of a head it had not seen: something was passed over, though what follows may heal it.
    pub fn fall_behind(&mut self, reader: ReaderId) {
        self.tape.note(format_args!("reader {} is behind", reader.0));
        let example = || format!("reader {} learned from a heartbeat that it had missed something", reader.0);
        self.seen_wrong.add(Breach::Gap, example);
    }

    /// What happened to a reader that is no sighting: a cursor, a cut, a reset. For the file only.
    pub fn remark(&mut self, reader: ReaderId, what: std::fmt::Arguments<'_>) {
        self.tape.note(format_args!("reader {} {what}", reader.0));
    }

    /// Nothing of what a reader knows to be gone comes back.
    fn expect_there(&mut self, reader: ReaderId, room: RoomId) {
        if self.log(reader).removed.contains_key(&room) {
            let id = self.rooms[room.0 as usize].id;
            let example = || format!("reader {} was shown something of {id}, which was gone", reader.0);
            self.seen_wrong.add(Breach::Ghost, example);
        }
    }

    /// All readers are to agree which message has a number, whoever is shown it first.
    fn sight(&mut self, reader: ReaderId, room: RoomId, message: Uuid, seq: u32) {
        self.sightings += 1;
        self.expect_there(reader, room);
        let at = (seq as usize).saturating_sub(1);
        let known = &mut self.rooms[room.0 as usize];
        self.tape.note(format_args!("reader {} sees {seq} of {}: {message}", reader.0, known.id));
        if known.shown.len() <= at {
            known.shown.resize(at + 1, Uuid::nil());
        }
        let before = known.shown[at];
        if before.is_nil() {
            known.shown[at] = message;
        } else if before != message {
            let example = || format!("{seq} of {} was shown as {before} and as {message}", known.id);
            self.seen_wrong.add(Breach::Order, example);
        }
    }

    fn log(&mut self, reader: ReaderId) -> &mut ReaderLog {
        &mut self.readers[reader.0 as usize]
    }
}
