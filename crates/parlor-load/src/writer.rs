//! A writer that keeps to the contract's rules of sending (section 6): ids of its own, the same request again with full
//! jitter until the server says stored or refused.

use std::iter::repeat_n;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use parlor_core::limits;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::http::{Api, Connection};
use crate::judge::WriterId;
use crate::message::{Receipt, numbered};
use crate::pace;
use crate::socket::{Socket, events};
use crate::world::{World, count};

/// An answer takes no longer, or the connection is given up.
const STEP: Duration = Duration::from_secs(10);
/// Who hangs up before the answer does it within this time.
const HANG_UP: Duration = Duration::from_millis(6);

/// What carries the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// `POST`.
    Http,
    /// The op `send`.
    Socket,
}

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Stored there.
    Stored(Receipt),
    /// Refused with this status.
    Refused(u16),
}

/// A message that can be sent again.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub id: Uuid,
    path: &'static str,
    body: Value,
}

impl Draft {
    /// The same, as long as a text may be.
    pub fn at_length(mut self) -> Self {
        if let Value::String(text) = &mut self.body["text"] {
            // Three bytes each, and no word of a search.
            text.extend(repeat_n('…', limits::TEXT_CHARS - text.len()));
        }
        self
    }
}

/// A writer.
#[derive(Debug)]
pub struct Writer {
    world: Rc<World>,
    api: Api,
    id: WriterId,
    over: Over,
    /// Once in how many attempts it hangs up before the answer; 0 for never.
    hangs_up: u64,
    connection: Option<Connection>,
    socket: Option<Socket>,
    last_ref: u64,
}

/// What an answer says.
enum Answered {
    Stored { receipt: Receipt, version: u64 },
    Status(u16),
}

impl Writer {
    /// A writer who calls as `api` says.
    pub fn new(world: &Rc<World>, api: Api, over: Over) -> Self {
        let id = world.journal.borrow_mut().writer();
        Writer {
            world: world.clone(),
            api,
            id,
            over,
            hangs_up: 0,
            connection: None,
            socket: None,
            last_ref: 0,
        }
    }

    /// Who hangs up before the answer once in `n` attempts, so that it has to ask again.
    pub fn hanging_up(self, n: u64) -> Self {
        Writer { hangs_up: n, ..self }
    }

    /// A message of type `kind` to `conversation` that was due at `due`.
    pub fn draft(&self, conversation: Uuid, kind: &str, due: Instant) -> Draft {
        let (id, text) = (self.world.id(), numbered(self.world.number(due)));
        let body = json!({ "id": id, "conversationId": conversation, "type": kind, "text": text });
        Draft { id, path: "/messages?messages=0", body }
    }

    /// A new conversation of `user` with a first message. `new`: also beside an open one, which only services may ask for.
    pub fn start(&self, user: &str, funnel: &str, new: bool, due: Instant) -> Draft {
        let (id, conversation) = (self.world.id(), self.world.id());
        let text = numbered(self.world.number(due));
        let mut body = json!({
            "id": conversation, "messageId": id, "funnelId": funnel, "text": text,
            "user": { "id": user, "name": user },
        });
        if new {
            body["new"] = true.into();
        }
        self.world.journal.borrow_mut().intend_room(conversation);
        Draft { id, path: "/conversations?messages=0", body }
    }

    /// Sends until the server says what became of it. The wait from `due` to the answer is recorded.
    pub async fn send(&mut self, draft: &Draft, due: Instant) -> Said {
        let said = self.again(draft).await;
        pace::record(&mut self.world.answers.borrow_mut(), due);
        said
    }

    /// Sends until the server says what became of it.
    pub async fn again(&mut self, draft: &Draft) -> Said {
        let mut attempt = 0;
        loop {
            self.world.journal.borrow_mut().intend(self.id, draft.id);
            match self.attempt(draft).await {
                Ok(Answered::Stored { receipt, version }) => {
                    let mut journal = self.world.journal.borrow_mut();
                    journal.acknowledge(draft.id, receipt.conversation, receipt.seq);
                    journal.acknowledge_change(receipt.conversation, version);
                    self.world.stored.notify_waiters();
                    return Said::Stored(receipt);
                }
                Ok(Answered::Status(status)) if is_final(status) => {
                    self.world.journal.borrow_mut().refuse(draft.id);
                    return Said::Refused(status);
                }
                Ok(Answered::Status(_)) | Err(_) => self.world.journal.borrow_mut().unknown(draft.id),
            }
            count(&self.world.tally.retries);
            sleep(self.world.wait(attempt)).await;
            attempt += 1;
        }
    }

    /// Changes a conversation with `PATCH`, until the server says that it did or will not; whether it did.
    pub async fn change(&mut self, conversation: Uuid, change: &Value) -> bool {
        let mut body = change.clone();
        body["conversationId"] = conversation.to_string().into();
        self.change_by("PATCH", "/conversations?messages=0", &body).await
    }

    /// Moves the caller's read mark.
    pub async fn read(&mut self, conversation: Uuid, seq: u32) -> bool {
        let path = format!("/conversations/{conversation}/read?messages=0");
        self.change_by("POST", &path, &json!({ "seq": seq })).await
    }

    /// Deletes a conversation for good. One that is gone already is as good: the answer to an earlier try was lost.
    pub async fn delete(&mut self, conversation: Uuid) {
        self.world.journal.borrow_mut().intend_removal(conversation);
        let (status, _) = self.ask("DELETE", &format!("/conversations/{conversation}"), None).await;
        match status {
            204 | 404 => self.world.journal.borrow_mut().acknowledge_removal(conversation),
            _ => self.world.fault(format!("the deletion of {conversation} was refused: {status}")),
        }
    }

    async fn change_by(&mut self, method: &str, path: &str, body: &Value) -> bool {
        let (status, answer) = self.ask(method, path, Some(&body.to_string())).await;
        if status == 200 {
            self.changed(&answer);
        }
        status == 200
    }

    /// Asks until the server did it or says that it will not.
    async fn ask(&mut self, method: &str, path: &str, body: Option<&str>) -> (u16, Vec<u8>) {
        let request = self.api.request(method, path, body);
        let mut attempt = 0;
        loop {
            let answered = timeout(STEP, self.call(&request)).await.context("no answer").flatten();
            match answered {
                Ok((status, body)) if matches!(status, 200 | 204) || is_final(status) => {
                    return (status, body);
                }
                Ok(_) | Err(_) => self.connection = None,
            }
            sleep(self.world.wait(attempt)).await;
            attempt += 1;
        }
    }

    fn changed(&self, body: &[u8]) {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let conversation = &answer["conversation"];
        let id = conversation["id"].as_str().and_then(|id| id.parse().ok());
        match (id, conversation["version"].as_u64()) {
            (Some(id), Some(version)) => self.world.journal.borrow_mut().acknowledge_change(id, version),
            _ => self.world.fault(format!("no conversation in {}", String::from_utf8_lossy(body))),
        }
    }

    /// One try. Whatever it ends with but an answer, the connection is gone.
    async fn attempt(&mut self, draft: &Draft) -> anyhow::Result<Answered> {
        let hangs_up = self.hangs_up > 0 && self.world.random.borrow_mut().one_in(self.hangs_up);
        let patience = if hangs_up { self.world.random.borrow_mut().within(HANG_UP) } else { STEP };
        let over_socket = self.over == Over::Socket && draft.path.starts_with("/messages");
        let answered = if over_socket {
            timeout(patience, self.over_socket(draft)).await
        } else {
            timeout(patience, self.over_http(draft)).await
        };
        let answered = answered.context("no answer in time").flatten();
        if answered.is_err() {
            self.connection = None;
            self.socket = None;
        }
        answered
    }

    async fn over_http(&mut self, draft: &Draft) -> anyhow::Result<Answered> {
        let request = self.api.request("POST", draft.path, Some(&draft.body.to_string()));
        let (status, body) = self.call(&request).await?;
        if status != 200 && status != 201 {
            return Ok(Answered::Status(status));
        }
        let receipt = Receipt::scan(&body).inspect_err(|error| self.world.fault(format!("{error:#}")))?;
        Ok(Answered::Stored { receipt, version: version(&body) })
    }

    async fn call(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        // Taken out: a call that is given up leaves half an answer behind.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(self.api.address).await?,
        };
        let answer = connection.call(request).await?;
        let answered = (answer.status, answer.body.to_vec());
        self.connection = Some(connection);
        Ok(answered)
    }

    async fn over_socket(&mut self, draft: &Draft) -> anyhow::Result<Answered> {
        let mut socket = match self.socket.take() {
            Some(socket) => socket,
            None => Socket::open(&self.api).await?,
        };
        self.last_ref += 1;
        let op = json!({ "op": "send", "ref": self.last_ref, "message": draft.body });
        socket.send(&op.to_string()).await?;
        loop {
            let frame = socket.next().await?;
            let found = events(&frame).inspect_err(|error| self.world.fault(format!("{error:#}")))?;
            let Some(event) = found.into_iter().find(|event| event.reference == Some(self.last_ref)) else {
                continue;
            };
            self.socket = Some(socket);
            return match (event.message, event.problem) {
                (Some(message), _) => {
                    let receipt = Receipt { conversation: message.conversation_id, seq: message.seq };
                    let version = event.conversation.map_or(0, |conversation| conversation.version);
                    Ok(Answered::Stored { receipt, version })
                }
                (None, Some(problem)) => Ok(Answered::Status(problem.status)),
                (None, None) => anyhow::bail!("an answer to send without a message"),
            };
        }
    }
}

/// Whether a status says that the request is refused for good: not "too fast", "too slow" or "who are you".
fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 408 | 429)
}

/// The version of the conversation in an answer to a post.
fn version(body: &[u8]) -> u64 {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    answer["conversation"]["version"].as_u64().unwrap_or_default()
}
