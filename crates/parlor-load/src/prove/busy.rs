//! People who have something to say all the time, and readers of everything.

use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use crate::follow::{Manner, Topic};
use crate::people::People;
use crate::writer::{Draft, Over, Said, Writer};

/// Users who write.
const VISITORS: usize = 8;
/// Agents who answer, close, archive and reopen.
const AGENTS: usize = 4;
/// Agents with the inbox open.
const INBOXES: usize = 2;
/// One writer waits at most this long between two messages.
const PAUSE: Duration = Duration::from_millis(40);
/// Between two conversations that are deleted.
const DELETE_PAUSE: Duration = Duration::from_secs(5);
/// An agent who reads along looks elsewhere and comes back within this time, over and over.
const SWITCH: Duration = Duration::from_millis(800);
/// Messages a writer may send again though it knows that they are stored.
const REMEMBERED: usize = 30;

/// Users, agents and readers of everything.
pub fn populate(people: &Rc<People>, writers: &mut JoinSet<()>) {
    for i in 0..INBOXES {
        let api = people.api("agent", &format!("reader-{i}"));
        people.follow(api, Topic::Inbox { of: None }, Manner::default());
    }
    for i in 0..VISITORS {
        let over = if i % 2 == 0 { Over::Http } else { Over::Socket };
        let user = format!("user-{i}");
        let api = people.api("visitor", &user);
        people.follow(api.clone(), Topic::Inbox { of: Some(user.clone()) }, Manner::default());
        let visitor = Visitor {
            people: people.clone(),
            starter: Writer::new(&people.world, people.api("service", "host"), Over::Http).hanging_up(6),
            writer: Writer::new(&people.world, api, over).hanging_up(6),
            user,
            rooms: Vec::new(),
            sent: Vec::new(),
        };
        writers.spawn_local(visitor.write());
    }
    for i in 0..AGENTS {
        let over = if i % 2 == 0 { Over::Http } else { Over::Socket };
        let api = people.api("agent", &format!("agent-{i}"));
        let writer = Writer::new(&people.world, api, over).hanging_up(6);
        writers.spawn_local(answer(people.clone(), writer));
    }
    let admin = Writer::new(&people.world, people.api("admin", "owner"), Over::Http);
    writers.spawn_local(delete(people.clone(), admin));
}

/// Somebody who writes, starts conversations, and says again what they said before.
struct Visitor {
    people: Rc<People>,
    /// The host's server, which starts conversations for them.
    starter: Writer,
    writer: Writer,
    user: String,
    rooms: Vec<Uuid>,
    /// What is stored, and whether the host sent it.
    sent: Vec<(Draft, bool)>,
}

impl Visitor {
    async fn write(mut self) {
        while !self.people.world.has_ended() {
            let pause = self.people.world.random.borrow_mut().within(PAUSE);
            sleep(pause).await;
            self.step().await;
        }
    }

    async fn step(&mut self) {
        let (starts, repeats, room) = {
            let mut random = self.people.world.random.borrow_mut();
            (random.one_in(12), random.one_in(8), random.pick(&self.rooms).copied())
        };
        let room = room.filter(|room| !self.is_gone(*room));
        let due = Instant::now();
        let repeated = self.people.world.random.borrow_mut().pick(&self.sent).cloned();
        let (draft, by_host) = match (room, repeated) {
            // A client that went down before it noted the answer asks again.
            (_, Some(repeated)) if repeats => repeated,
            (Some(room), _) if !starts => (self.writer.draft(room, "user", due), false),
            _ => (self.starter.start(&self.user, "chat", false, due), true),
        };
        let writer = if by_host { &mut self.starter } else { &mut self.writer };
        let receipt = match writer.send(&draft, due).await {
            Said::Stored(receipt) => receipt,
            // Its conversation was deleted: the one it names, or the one it had landed in before somebody heard of it.
            Said::Refused(404) if self.rooms.iter().any(|room| self.is_gone(*room)) => return,
            Said::Refused(status) => {
                let fault = format!("a message of {} was refused: {status}", self.user);
                return self.people.world.fault(fault);
            }
        };
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push((draft, by_host));
        let room = receipt.conversation;
        if !self.rooms.contains(&room) {
            self.rooms.push(room);
            self.people.enter(room);
            read_along(&self.people, &self.user, room);
        }
    }

    fn is_gone(&self, room: Uuid) -> bool {
        self.people.world.journal.borrow().may_be_gone(room)
    }
}

/// A user and an agent open a conversation that is new.
pub fn read_along(people: &People, user: &str, room: Uuid) {
    people.follow(people.api("visitor", user), Topic::Room(room), Manner::default());
    let agent = Manner { switches: Some(SWITCH), ..Manner::default() };
    people.follow(people.api("agent", "reader"), Topic::Room(room), agent);
}

/// An agent who answers anywhere, reads, closes, archives and reopens.
async fn answer(people: Rc<People>, mut writer: Writer) {
    while !people.world.has_ended() {
        let (pause, dice) = {
            let mut random = people.world.random.borrow_mut();
            (random.within(PAUSE), random.below(16))
        };
        sleep(pause).await;
        let Some(room) = people.any_room() else { continue };
        match dice {
            0 => drop(writer.change(room, &json!({ "status": "closed" })).await),
            1 => drop(writer.change(room, &json!({ "isArchived": true })).await),
            2 => drop(writer.change(room, &json!({ "status": "open" })).await),
            3 | 4 => drop(writer.read(room, 1).await),
            _ => {
                let due = Instant::now();
                let draft = writer.draft(room, "bot", due);
                // Refused where the conversation is archived.
                writer.send(&draft, due).await;
            }
        }
    }
}

/// An administrator who now and then deletes a conversation, whoever is in it.
async fn delete(people: Rc<People>, mut writer: Writer) {
    loop {
        let pause = people.world.random.borrow_mut().within(DELETE_PAUSE);
        people.world.pause(pause).await;
        if people.world.has_ended() {
            return;
        }
        let Some(room) = people.any_room() else { continue };
        people.leave(room);
        writer.delete(room).await;
    }
}
