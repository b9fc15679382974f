//! Messages by the clock, whatever the server does: those who are due while it is away wait, and their wait counts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use crate::pace::{Schedule, metronome};
use crate::people::People;
use crate::writer::{Draft, Over, Said, Writer};

/// Messages that may wait for an answer at once.
const SENDERS: usize = 256;
/// Conversations that are started at once.
const STARTERS: usize = 64;
/// Agents the messages are from.
const AGENTS: usize = 16;

/// Starts a conversation for each of `users`, with a first message; they are in `people` afterwards, in this order.
pub async fn start_rooms(people: &Rc<People>, users: &[String]) {
    let (next, rooms) = (Cell::new(0), RefCell::new(vec![Uuid::nil(); users.len()]));
    let starter = async || {
        let mut writer = Writer::new(&people.world, people.api("service", "host"), Over::Http);
        while let Some(user) = users.get(next.get()) {
            let at = next.replace(next.get() + 1);
            let draft = writer.start(user, "chat", false, Instant::now());
            match writer.again(&draft).await {
                Said::Stored(receipt) => rooms.borrow_mut()[at] = receipt.conversation,
                Said::Refused(status) => people.world.fault(format!("a start was refused: {status}")),
            }
        }
    };
    join_all((0..STARTERS).map(|_| starter())).await;
    people.enter_all(rooms.into_inner());
}

/// Where the next message goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// Any of them.
    Any(Rc<[Uuid]>),
    /// Each of them once, in this order.
    Each(Rc<RefCell<std::vec::IntoIter<Uuid>>>),
}

impl Target {
    /// Each of `rooms`, once.
    pub fn each(rooms: Vec<Uuid>) -> Self {
        Target::Each(Rc::new(RefCell::new(rooms.into_iter())))
    }

    fn next(&self, people: &People) -> Option<Uuid> {
        match self {
            Target::Any(rooms) => people.world.random.borrow_mut().pick(rooms).copied(),
            Target::Each(rooms) => rooms.borrow_mut().next(),
        }
    }
}

/// Sends on `schedule` into `rooms`, half of it over sockets, until all of it is answered or the world has ended. All
/// senders are one task, so that it is the caller's choice what they wait behind.
pub async fn send(people: &Rc<People>, schedule: Schedule, rooms: Target) {
    let due = Rc::new(Mutex::new(metronome(schedule)));
    let start = |i: usize| {
        let over = if i.is_multiple_of(2) { Over::Http } else { Over::Socket };
        let writer =
            Writer::new(&people.world, people.api("agent", &format!("agent-{}", i / 2 % AGENTS)), over);
        sender(people.clone(), writer, due.clone(), rooms.clone())
    };
    join_all((0..SENDERS).map(start)).await;
}

/// Sends `count` messages into one conversation, as fast as answers come.
pub async fn burst(people: &Rc<People>, room: Uuid, count: usize) {
    burst_of(people, room, count, |draft| draft).await;
}

/// Sends as many that are as long as a text may be.
pub async fn long_burst(people: &Rc<People>, room: Uuid, count: usize) {
    burst_of(people, room, count, Draft::at_length).await;
}

async fn burst_of(people: &Rc<People>, room: Uuid, count: usize, shape: fn(Draft) -> Draft) {
    let left = Cell::new(count);
    let sender = async |i: usize| {
        let api = people.api("agent", &format!("agent-{i}"));
        let mut writer = Writer::new(&people.world, api, Over::Http);
        while left.get() > 0 {
            left.set(left.get() - 1);
            let draft = shape(writer.draft(room, "bot", Instant::now()));
            writer.again(&draft).await;
        }
    };
    join_all((0..STARTERS).map(sender)).await;
}

async fn sender(
    people: Rc<People>,
    mut writer: Writer,
    due: Rc<Mutex<mpsc::Receiver<Instant>>>,
    rooms: Target,
) {
    loop {
        let next = due.lock().await.recv().await;
        let Some(due) = next.filter(|_| !people.world.has_ended()) else { return };
        let Some(room) = rooms.next(&people) else { return };
        let is_gone = || people.world.journal.borrow().may_be_gone(room);
        if is_gone() {
            continue;
        }
        let draft = writer.draft(room, "bot", due);
        match writer.send(&draft, due).await {
            // It was deleted while this was on its way.
            Said::Refused(404) if is_gone() => {}
            Said::Refused(status) => people.world.fault(format!("a message was refused: {status}")),
            Said::Stored(_) => {}
        }
    }
}
