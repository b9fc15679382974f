//! The rooms that are posted to, and the posts.

use std::cell::RefCell;
use std::time::Instant;

use anyhow::Context;
use futures_util::future::try_join_all;
use uuid::Uuid;

use crate::crowd::Seen;
use crate::http::{Answer, Api, Connection};
use crate::id::Ids;
use crate::judge::store::{self, Stored};
use crate::judge::{Follows, Journal, WriterId};
use crate::message::{Posts, Receipt};
use crate::pace::{self, Load};
use crate::server::Server;

/// Connections that start conversations, or answer in them, at once.
const STARTERS: usize = 32;

/// One agent answering in many conversations, round and round.
#[derive(Debug)]
pub struct Traffic {
    /// The agent.
    pub api: Api,
    /// Where it answers.
    pub rooms: Vec<Uuid>,
    /// When each post was due, by the number it carries.
    pub due: Vec<Instant>,
    /// Their ids, by the same.
    sent: Vec<Uuid>,
    posts: Posts,
    ids: Ids,
    writer: WriterId,
    /// What was acknowledged, and what readers were shown.
    pub journal: Journal,
}

impl Traffic {
    /// Starts `rooms` conversations and lets the agent take each with a first answer.
    pub async fn prepare(server: &Server, rooms: usize) -> anyhow::Result<Self> {
        let service = server.api("service")?;
        let api = server.api("agent")?;
        let mut ids = Ids::new()?;
        let rooms: Vec<Uuid> = (0..rooms).map(|_| ids.next()).collect();
        let mut journal = Journal::default();
        rooms.iter().for_each(|room| journal.intend_room(*room));
        start_all(&service, &rooms).await?;
        rooms.iter().for_each(|room| journal.acknowledge_room(*room));
        let posts = Posts::new(&api);
        let (due, sent) = (Vec::new(), Vec::new());
        let writer = journal.writer();
        let (address, count) = (api.address, rooms.len());
        let traffic = Traffic { api, rooms, due, sent, posts, ids, writer, journal };
        let traffic = RefCell::new(traffic);
        let mut connections = Connection::open_many(address, STARTERS).await?;
        pace::all(&mut connections, count, &traffic).await?;
        Ok(traffic.into_inner())
    }

    /// Reads everything back and compares it with what was acknowledged; any breach is an error.
    pub async fn verify(self) -> anyhow::Result<()> {
        self.verify_with(&[]).await
    }

    /// The same, and with what the readers of its rooms saw.
    pub async fn verify_with(mut self, seen: &[Seen]) -> anyhow::Result<()> {
        let stored = store::read(&self.api).await?;
        for seen in seen {
            let room = stored.iter().find(|conversation| conversation.id == seen.log.room);
            self.note(seen, room.context("lost: a room with readers is not stored")?)?;
        }
        self.journal.judge(&stored)?.into_result()?;
        Ok(())
    }

    /// One reader stands for all of a room: each was held against what it notes.
    fn note(&mut self, seen: &Seen, stored: &Stored) -> anyhow::Result<()> {
        let room = self.journal.room(seen.log.room);
        let reader = self.journal.reader(Follows::Room(room));
        // What was there before they came.
        for message in stored.messages.iter().filter(|message| message.seq < seen.log.first) {
            self.journal.load(reader, room, message.id, message.seq);
        }
        for (seq, number) in (seen.log.first..).zip(&seen.log.numbers) {
            let id = self.sent.get(usize::try_from(*number)?).context("ghost: a text nobody sent")?;
            self.journal.show(reader, room, *id, seq, 1);
        }
        // Who has the version has everything else; who has not ends stale.
        if u64::from(seen.version) == stored.summary.version {
            self.journal.load_summary(reader, room, stored.summary);
        }
        Ok(())
    }

    /// The room post `number` went to.
    pub fn room(&self, number: usize) -> Uuid {
        self.rooms[number % self.rooms.len()]
    }
}

impl Load for Traffic {
    type Ticket = Uuid;

    fn next(&mut self, due: Instant, request: &mut Vec<u8>) -> Self::Ticket {
        let number = self.due.len();
        self.due.push(due);
        let (room, id) = (self.room(number), self.ids.next());
        request.extend_from_slice(self.posts.post(id, room, number as u64));
        self.sent.push(id);
        self.journal.intend(self.writer, id);
        id
    }

    fn answered(&mut self, id: Self::Ticket, answer: Answer<'_>) -> anyhow::Result<()> {
        let Receipt { conversation, seq } = Receipt::scan(answer.expect(201)?)?;
        self.journal.acknowledge(id, conversation, seq);
        Ok(())
    }
}

async fn start_all(service: &Api, rooms: &[Uuid]) -> anyhow::Result<()> {
    let mut connections = Connection::open_many(service.address, STARTERS).await?;
    let next = RefCell::new(rooms.iter().enumerate());
    let worker = async |connection: &mut Connection| {
        loop {
            let Some((i, room)) = next.borrow_mut().next() else { return anyhow::Ok(()) };
            let body = format!(
                r#"{{"id":"{room}","funnelId":"bench","user":{{"id":"user-{i}","name":"User {i}"}},"new":true}}"#
            );
            connection.call(&service.request("POST", "/conversations", Some(&body))).await?.expect(201)?;
        }
    };
    try_join_all(connections.iter_mut().map(worker)).await?;
    Ok(())
}
