//! The comparison of the notes with what is stored.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::journal::{Fate, Journal, Removal, RoomId, WriterId};
use super::lines;
use super::reader::{Follows, ReaderLog};
use super::store::Stored;
use super::verdict::{Breach, Verdict};

/// Where a message is stored.
type Places = HashMap<Uuid, (RoomId, u32)>;

impl Journal {
    /// Compares everything noted with everything stored. Nobody may have written since it was read, and readers must have
    /// had the time to catch up. An error means that the journal's own file could not be written.
    pub fn judge(&mut self, stored: &[Stored]) -> anyhow::Result<Verdict> {
        let mut verdict = self.close()?;
        let rooms: Vec<RoomId> = stored.iter().map(|conversation| self.room(conversation.id)).collect();
        let mut places = Places::with_capacity(self.sent.len());
        for (room, conversation) in rooms.iter().zip(stored) {
            self.judge_conversation(*room, conversation, &mut places, &mut verdict);
        }
        let everything = Everything::new(rooms, stored, self.may_all_be_gone());
        self.judge_sent(&places, &everything, &mut verdict);
        self.judge_followers(stored, &mut verdict);
        self.judge_rooms(&everything.by_room, &places, &mut verdict);
        for (number, log) in self.readers.iter().enumerate() {
            verdict.readers += 1;
            everything.judge_reader(number, log, &mut verdict);
        }
        Ok(verdict)
    }

    /// How many readers have not yet caught up with what is stored.
    pub fn behind(&mut self, stored: &[Stored]) -> usize {
        let rooms = stored.iter().map(|conversation| self.room(conversation.id)).collect();
        let everything = Everything::new(rooms, stored, self.may_all_be_gone());
        let is_behind = |(number, log): &(usize, &ReaderLog)| {
            let mut verdict = Verdict::default();
            everything.judge_reader(*number, log, &mut verdict);
            verdict.breaches() > 0
        };
        self.readers.iter().enumerate().filter(is_behind).count()
    }

    /// Conversations that may be gone.
    fn may_all_be_gone(&self) -> HashSet<RoomId> {
        let all = (0..).map(RoomId).zip(&self.rooms);
        all.filter(|(_, room)| room.removal != Removal::No).map(|(number, _)| number).collect()
    }

    /// The numbering of one conversation, whose messages it has, and the order one writer's came in.
    fn judge_conversation(
        &self,
        room: RoomId,
        conversation: &Stored,
        places: &mut Places,
        verdict: &mut Verdict,
    ) {
        let id = conversation.id;
        verdict.conversations += 1;
        verdict.stored += conversation.messages.len() as u64;
        let (mut expected, mut is_ours) = (1, self.rooms[room.0 as usize].intended);
        let mut lines = HashSet::new();
        for message in &conversation.messages {
            if message.seq != expected {
                let breach = if message.seq < expected { Breach::Doubled } else { Breach::Gap };
                verdict.add(breach, || format!("{} stored in {id} where {expected} belongs", message.seq));
            }
            expected = message.seq + 1;
            let is_sent = self.sent.contains_key(&message.id);
            is_ours |= is_sent;
            if !is_sent && !message.system {
                verdict.add(Breach::Ghost, || {
                    format!("{} is {} of {id} and was never sent", message.id, message.seq)
                });
            }
            let is_again = match is_sent {
                true => places.insert(message.id, (room, message.seq)).is_some(),
                false => !lines.insert(message.id),
            };
            if is_again {
                verdict.add(Breach::Doubled, || {
                    format!("{} is stored twice, once as {} of {id}", message.id, message.seq)
                });
            }
        }
        if conversation.summary.messages != expected - 1 {
            let counted = conversation.summary.messages;
            verdict.add(Breach::Gap, || {
                format!("{id} counts {counted} messages and ends with {}", expected - 1)
            });
        }
        if self.removal(room) == Removal::Done {
            verdict.add(Breach::Ghost, || format!("conversation {id} was deleted and is there"));
        }
        if !is_ours {
            verdict.add(Breach::Ghost, || format!("conversation {id} was never started"));
        }
        self.judge_writers(conversation, verdict);
        lines::judge(conversation, verdict);
    }

    /// What a writer sent after the answer to something else comes after that.
    fn judge_writers(&self, conversation: &Stored, verdict: &mut Verdict) {
        // From the end: the earliest answer among the messages above, for each writer.
        let mut answered: HashMap<WriterId, u32> = HashMap::new();
        for message in conversation.messages.iter().rev() {
            let Some(sent) = self.sent.get(&message.id) else { continue };
            let earliest = answered.entry(sent.writer).or_insert(u32::MAX);
            if sent.tick > *earliest {
                let (seq, id) = (message.seq, conversation.id);
                verdict.add(Breach::Order, || {
                    format!("{seq} of {id} was sent after its writer knew of a later number")
                });
            }
            if let Fate::Acknowledged { tick, .. } = sent.fate {
                *earliest = tick.min(*earliest);
            }
        }
    }

    /// What writers were told.
    fn judge_sent(&self, places: &Places, everything: &Everything<'_>, verdict: &mut Verdict) {
        for (id, sent) in &self.sent {
            let place = places.get(id);
            match (sent.fate, place) {
                (Fate::Acknowledged { room, seq, .. }, place) => {
                    verdict.acknowledged += 1;
                    let told =
                        || format!("{id}, acknowledged as {seq} of {}", self.rooms[room.0 as usize].id);
                    match place {
                        None if everything.has_lost(room) => {}
                        None => verdict.add(Breach::Lost, || format!("{}, is not stored", told())),
                        Some((there, _)) if *there != room => {
                            verdict.add(Breach::Lost, || {
                                format!("{}, is stored in {}", told(), self.rooms[there.0 as usize].id)
                            });
                        }
                        Some((_, stored)) if *stored != seq => {
                            verdict.add(Breach::Order, || format!("{}, is stored as {stored}", told()));
                        }
                        Some(_) => {}
                    }
                }
                (Fate::Refused, place) => {
                    verdict.refused += 1;
                    if let Some((room, seq)) = place {
                        let there = self.rooms[room.0 as usize].id;
                        verdict.add(Breach::Ghost, || format!("{id} was refused and is {seq} of {there}"));
                    }
                }
                (Fate::Unknown, _) => verdict.unknown += 1,
            }
        }
    }

    /// Conversations that should be there, and what readers were shown that is not.
    fn judge_rooms(&self, stored: &HashMap<RoomId, &Stored>, places: &Places, verdict: &mut Verdict) {
        for (number, room) in (0..).map(RoomId).zip(&self.rooms) {
            let there = stored.get(&number);
            verdict.deleted += u64::from(room.removal == Removal::Done);
            if there.is_none() && room.removal != Removal::No {
                // What readers were shown of it was theirs to see then.
                continue;
            }
            if room.acknowledged && there.is_none() {
                verdict
                    .add(Breach::Lost, || format!("conversation {}, acknowledged, is not stored", room.id));
            }
            if let Some(stored) = there.filter(|stored| stored.summary.version < room.version) {
                let version = stored.summary.version;
                verdict.add(Breach::Lost, || {
                    format!("version {} of {}, acknowledged, is version {version}", room.version, room.id)
                });
            }
            let messages = there.map_or(&[][..], |there| &there.messages);
            for (seq, shown) in (1..).zip(&room.shown).filter(|(_, shown)| !shown.is_nil()) {
                let at: u32 = seq;
                // Almost always where its number says; after a hole, further up.
                let same_place = messages.get(at as usize - 1).filter(|stored| stored.seq == at);
                let found = same_place.or_else(|| messages.iter().find(|stored| stored.seq == at));
                if found.is_some_and(|stored| stored.id == *shown) {
                    continue;
                }
                let elsewhere =
                    places.contains_key(shown) || messages.iter().any(|stored| stored.id == *shown);
                let breach = if elsewhere { Breach::Order } else { Breach::Ghost };
                verdict.add(breach, || {
                    format!("{shown} was shown as {at} of {} and is not stored there", room.id)
                });
            }
        }
    }

    /// What follows a closed conversation is the same user's, and the closed one is still there unless it was deleted.
    fn judge_followers(&self, stored: &[Stored], verdict: &mut Verdict) {
        let users: HashMap<Uuid, &str> = stored.iter().map(|c| (c.id, c.user.as_str())).collect();
        for conversation in stored {
            let Some(previous) = conversation.previous else { continue };
            verdict.followers += 1;
            let breach = match users.get(&previous) {
                Some(user) if *user == conversation.user => continue,
                Some(_) => Breach::Order,
                None if self.may_be_gone(previous) => continue,
                None => Breach::Lost,
            };
            verdict.add(breach, || {
                format!(
                    "{} of {} follows {previous}, which is not theirs",
                    conversation.id, conversation.user
                )
            });
        }
    }
}

/// What is stored, by what readers follow.
struct Everything<'a> {
    by_room: HashMap<RoomId, &'a Stored>,
    by_user: HashMap<&'a str, Vec<RoomId>>,
    /// What may be gone.
    removed: HashSet<RoomId>,
}

impl<'a> Everything<'a> {
    fn new(rooms: Vec<RoomId>, stored: &'a [Stored], removed: HashSet<RoomId>) -> Self {
        let mut by_user: HashMap<&str, Vec<RoomId>> = HashMap::new();
        for (room, conversation) in rooms.iter().zip(stored) {
            by_user.entry(&conversation.user).or_default().push(*room);
        }
        Everything { by_room: rooms.into_iter().zip(stored).collect(), by_user, removed }
    }

    /// Whether a conversation was deleted.
    fn has_lost(&self, room: RoomId) -> bool {
        self.removed.contains(&room) && !self.by_room.contains_key(&room)
    }

    /// What a reader ended with.
    fn judge_reader(&self, number: usize, log: &ReaderLog, verdict: &mut Verdict) {
        match &log.follows {
            Follows::Room(room) => self.judge_thread(number, log, *room, verdict),
            Follows::Inbox => {
                self.by_room.keys().for_each(|room| self.judge_summary(number, log, *room, verdict));
            }
            Follows::InboxOf(user) => {
                let rooms = self.by_user.get(user.as_str()).into_iter().flatten();
                rooms.for_each(|room| self.judge_summary(number, log, *room, verdict));
            }
        }
        for room in log.rooms.keys().filter(|room| !self.by_room.contains_key(room)) {
            if !self.has_lost(*room) {
                verdict.add(Breach::Ghost, || {
                    format!("reader {number} was shown {room:?}, which is not stored")
                });
            } else if !log.removed.contains_key(room) {
                verdict
                    .add(Breach::Stale, || format!("reader {number} still has {room:?}, which was deleted"));
            }
        }
    }

    fn judge_summary(&self, number: usize, log: &ReaderLog, room: RoomId, verdict: &mut Verdict) {
        let Some(stored) = self.by_room.get(&room) else { return };
        let summary = log.rooms.get(&room).and_then(|seen| seen.summary);
        if summary != Some(stored.summary) {
            verdict.add(Breach::Stale, || {
                format!(
                    "reader {number} ends with {summary:?} of {}, which is {:?}",
                    stored.id, stored.summary
                )
            });
        }
    }

    fn judge_thread(&self, number: usize, log: &ReaderLog, room: RoomId, verdict: &mut Verdict) {
        self.judge_summary(number, log, room, verdict);
        let Some(stored) = self.by_room.get(&room) else { return };
        let head = stored.messages.last().map_or(0, |message| message.seq);
        let (missing, first) = log.rooms.get(&room).map_or((head, 1), |seen| seen.messages.missing(head));
        if missing > 0 {
            verdict.add(Breach::Gap, || {
                format!("reader {number} misses {missing} of {head} messages of {}, first {first}", stored.id)
            });
        }
    }
}
