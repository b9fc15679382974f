//! What is stored in the end, read back page by page as any program would.

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use parlor_core::time::Timestamp;
use serde::Deserialize;
use serde::de::Error;
use std::cell::RefCell;
use uuid::Uuid;

use super::lines::Line;
use crate::http::{Api, Connection};

/// Messages read at once.
const PAGE: usize = 200;
/// Conversations read at once.
const LIST: usize = 100;
/// Connections that read side by side.
const CALLERS: usize = 4;

/// What a reader's last state is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Rises with every change.
    pub version: u64,
    /// Messages, the server's lines included.
    pub messages: u32,
    /// The user's read mark.
    pub user_read: u32,
    /// The agents' read mark.
    pub agent_read: u32,
    /// Whether it is open.
    pub open: bool,
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
}

impl Summary {
    /// Whether all that happened up to `later` is that it closes later: its time had passed while the server was away.
    pub fn is_spared_by(&self, later: &Summary) -> bool {
        self.messages == later.messages && self.closes_at.is_some() && self.closes_at < later.closes_at
    }
}

/// A conversation as a list shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub user_id: String,
    /// Where it came from.
    pub funnel_id: String,
    /// When it was closed.
    #[serde(default, deserialize_with = "time")]
    pub closed_at: Option<Timestamp>,
    /// Until when it is put off.
    #[serde(default, deserialize_with = "time")]
    pub snoozed_until: Option<Timestamp>,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Which one it follows.
    previous_id: Option<Uuid>,
    version: u64,
    message_count: u32,
    user_last_read_seq: u32,
    agent_last_read_seq: u32,
    status: String,
    #[serde(default, deserialize_with = "time")]
    auto_close_at: Option<Timestamp>,
}

impl Listed {
    /// What readers are compared with.
    pub fn summary(&self) -> Summary {
        Summary {
            version: self.version,
            messages: self.message_count,
            user_read: self.user_last_read_seq,
            agent_read: self.agent_last_read_seq,
            open: self.status == "open",
            closes_at: self.auto_close_at,
        }
    }
}

/// A conversation with everything in it.
#[derive(Debug)]
pub struct Stored {
    pub id: Uuid,
    pub user: String,
    /// Which one it follows.
    pub previous: Option<Uuid>,
    pub summary: Summary,
    pub messages: Vec<StoredMessage>,
}

/// One message of it.
#[derive(Debug, Clone, Deserialize)]
pub struct StoredMessage {
    pub id: Uuid,
    pub seq: u32,
    #[serde(rename = "type", deserialize_with = "is_system")]
    pub system: bool,
    /// What the server says with it.
    #[serde(rename = "system", default)]
    pub line: Option<Line>,
    #[serde(rename = "timestamp", deserialize_with = "moment")]
    pub at: Timestamp,
}

fn is_system<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(std::borrow::Cow::<str>::deserialize(from)? == "system")
}

/// A time as the wire has it.
pub fn moment<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(from)?;
    Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not a time"))
}

/// A time that may be absent.
pub fn time<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    moment(from).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    conversations: Vec<Listed>,
    next_page_token: Option<String>,
    cursor: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    messages: Vec<StoredMessage>,
    has_more: bool,
}

/// Every conversation `api` may see and the cursor of the first page. Nobody may write meanwhile.
pub async fn list(api: &Api, connection: &mut Connection) -> anyhow::Result<(Vec<Listed>, String)> {
    let mut token = String::new();
    let mut cursor = None;
    let mut all = Vec::new();
    loop {
        let path = format!(
            "/conversations?status=all&archived=all&sortBy=oldest&limit={LIST}&messages=0&pageToken={token}"
        );
        let answer = connection.call(&api.request("GET", &path, None)).await?.expect(200)?;
        let list: List = serde_json::from_slice(answer).context("not a list of ours")?;
        all.extend(list.conversations);
        let cursor = cursor.get_or_insert(list.cursor);
        match list.next_page_token {
            Some(next) => token = next,
            None => return Ok((all, std::mem::take(cursor))),
        }
    }
}

/// Everything `api` may see. Nobody may write meanwhile.
pub async fn read(api: &Api) -> anyhow::Result<Vec<Stored>> {
    let mut connections = Connection::open_many(api.address, CALLERS).await?;
    let first = connections.first_mut().context("no connection")?;
    let (listed, _) = list(api, first).await?;
    let (todo, done) = (RefCell::new(listed.into_iter()), RefCell::new(Vec::new()));
    let worker = async |connection: &mut Connection| {
        loop {
            let Some(next) = todo.borrow_mut().next() else { return anyhow::Ok(()) };
            let messages = messages(api, connection, next.id).await?;
            let (summary, previous) = (next.summary(), next.previous_id);
            done.borrow_mut().push(Stored { id: next.id, user: next.user_id, previous, summary, messages });
        }
    };
    try_join_all(connections.iter_mut().map(worker)).await?;
    Ok(done.into_inner())
}

async fn messages(
    api: &Api,
    connection: &mut Connection,
    conversation: Uuid,
) -> anyhow::Result<Vec<StoredMessage>> {
    let mut stored: Vec<StoredMessage> = Vec::new();
    loop {
        let after = stored.last().map_or(0, |m| m.seq);
        let path = format!("/conversations/{conversation}/messages?limit={PAGE}&after={after}");
        let answer = connection.call(&api.request("GET", &path, None)).await?.expect(200)?;
        let page: Page = serde_json::from_slice(answer).context("not a page of ours")?;
        ensure!(
            !page.has_more || !page.messages.is_empty(),
            "an empty page of {conversation} with more behind"
        );
        stored.extend(page.messages);
        if !page.has_more {
            return Ok(stored);
        }
    }
}

/// Which of these conversations can be read after all, in whole or in part.
pub async fn find(api: &Api, conversations: &[Uuid]) -> anyhow::Result<Vec<Uuid>> {
    let mut connection = Connection::open(api.address).await?;
    let mut found = Vec::new();
    for id in conversations {
        for path in [format!("/conversations/{id}"), format!("/conversations/{id}/messages")] {
            if connection.call(&api.request("GET", &path, None)).await?.status != 404 {
                found.push(*id);
            }
        }
    }
    Ok(found)
}
