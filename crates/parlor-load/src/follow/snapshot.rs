//! The snapshot a reader begins with: everything, and the cursor to subscribe from.

use std::collections::HashSet;

use anyhow::{Context, bail};
use serde::Deserialize;
use uuid::Uuid;

use super::frames::Gone;
use super::{Follower, Topic};
use crate::http::{Answer, Connection};
use crate::judge::store;

/// Messages of one page of a snapshot.
const PAGE: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    messages: Vec<PageMessage>,
    has_more: bool,
    cursor: String,
}

#[derive(Debug, Deserialize)]
struct PageMessage {
    id: Uuid,
    seq: u32,
}

#[derive(Debug, Deserialize)]
struct OneConversation {
    conversation: store::Listed,
}

impl Follower {
    /// Loads the snapshot: everything, and the cursor to subscribe from.
    pub(super) async fn load(&mut self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.api.address).await?;
        let cursor = match self.topic.clone() {
            Topic::Room(id) => self.load_room(&mut connection, id).await?,
            Topic::Inbox { .. } => {
                let (listed, cursor) = store::list(&self.api, &mut connection).await?;
                let mut journal = self.world.journal.borrow_mut();
                let mut all = HashSet::with_capacity(listed.len());
                for conversation in listed {
                    let room = journal.room(conversation.id);
                    journal.load_summary(self.reader, room, conversation.summary());
                    all.insert(room);
                }
                journal.load_all(self.reader, &all);
                cursor
            }
        };
        self.cursor = Some(cursor);
        Ok(())
    }

    /// The newest page first: what comes after its cursor is above it, and the older pages do not grow. Back to what is
    /// there already.
    async fn load_room(&mut self, connection: &mut Connection, id: Uuid) -> anyhow::Result<String> {
        let room = self.world.journal.borrow_mut().room(id);
        let (mut cursor, mut before) = (None, None);
        loop {
            let from = before.map(|seq: u32| format!("&before={seq}")).unwrap_or_default();
            let path = format!("/conversations/{id}/messages?limit={PAGE}{from}");
            let answer = connection.call(&self.api.request("GET", &path, None)).await?;
            let page: Page =
                serde_json::from_slice(self.expect_there(id, answer)?).context("not a page of ours")?;
            let mut journal = self.world.journal.borrow_mut();
            page.messages.iter().for_each(|message| journal.load(self.reader, room, message.id, message.seq));
            before = page.messages.first().map(|message| message.seq);
            cursor.get_or_insert(page.cursor);
            let is_joined = before.is_some_and(|seq| journal.has_all_below(self.reader, room, seq));
            if !page.has_more || is_joined {
                break;
            }
            if before.is_none() {
                bail!("an empty page of {id} with more before it");
            }
        }
        let path = format!("/conversations/{id}?messages=0");
        let answer = connection.call(&self.api.request("GET", &path, None)).await?;
        let answer = self.expect_there(id, answer)?;
        let found: OneConversation = serde_json::from_slice(answer).context("not a conversation of ours")?;
        self.world.journal.borrow_mut().load_summary(self.reader, room, found.conversation.summary());
        cursor.context("no page")
    }
    fn expect_there<'a>(&self, id: Uuid, answer: Answer<'a>) -> anyhow::Result<&'a [u8]> {
        if answer.status == 404 {
            self.find_gone(id)?;
        }
        answer.expect(200)
    }

    /// A conversation is not there: the reader ends if somebody deleted it.
    pub(super) fn find_gone(&self, id: Uuid) -> anyhow::Result<()> {
        let mut journal = self.world.journal.borrow_mut();
        if !journal.may_be_gone(id) {
            self.world.fault(format!("{id} is not found, and nobody deleted it"));
            return Ok(());
        }
        let room = journal.room(id);
        journal.load_removal(self.reader, room);
        Err(Gone.into())
    }
}
