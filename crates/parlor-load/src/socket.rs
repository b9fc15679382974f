//! One WebSocket connection to Parlor and the events it carries.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use parlor_core::time::Timestamp;
use serde::Deserialize;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use uuid::Uuid;

use crate::http::Api;
use crate::judge::Summary;
use crate::judge::store::time;

/// Thousands of these share a machine with the server; the library's default is 128 KiB.
const READ_BUFFER_BYTES: usize = 2 * 1024;

/// An event, as far as the load generator looks at it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    /// What kind.
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    /// The message of a `message` event, or of the answer to `send`.
    #[serde(borrow)]
    pub message: Option<SeenMessage<'a>>,
    /// The conversation of a `conversation` event, or of the answer to `send`.
    #[serde(borrow)]
    pub conversation: Option<SeenConversation<'a>>,
    /// The conversation of an event that is about no more than that.
    pub conversation_id: Option<Uuid>,
    /// Where the reader is after this event's group, or after a subscribe.
    #[serde(borrow)]
    pub cursor: Option<Cow<'a, str>>,
    /// The op that this answers.
    #[serde(rename = "ref")]
    pub reference: Option<u64>,
    /// A heartbeat's: the last cursor of each topic.
    #[serde(borrow)]
    pub heads: Option<HashMap<Cow<'a, str>, Cow<'a, str>>>,
    /// Why an op was not done.
    pub problem: Option<SeenProblem>,
    /// A `goaway`'s: when to come back.
    pub reconnect_in_ms: Option<u64>,
}

/// A message somebody reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenMessage<'a> {
    /// Which.
    pub id: Uuid,
    /// Where.
    pub conversation_id: Uuid,
    /// Its number there.
    pub seq: u32,
    /// Above 1: it changed since.
    pub version: u64,
    /// What it says.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// `system` for lines of the server's own.
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
}

/// A summary somebody reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenConversation<'a> {
    /// Which.
    pub id: Uuid,
    /// Its last message's first 200 characters.
    #[serde(borrow)]
    pub last_message: Cow<'a, str>,
    /// Rises with every change.
    pub version: u64,
    message_count: u32,
    user_last_read_seq: u32,
    agent_last_read_seq: u32,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(default, deserialize_with = "time")]
    auto_close_at: Option<Timestamp>,
    #[serde(borrow)]
    close_reason: Option<Cow<'a, str>>,
}

impl SeenConversation<'_> {
    /// Whether it closed because nothing happened.
    pub fn has_closed_by_itself(&self) -> bool {
        self.close_reason.as_deref() == Some("inactivity")
    }

    /// What the judge compares.
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

/// A refusal.
#[derive(Debug, Deserialize)]
pub struct SeenProblem {
    /// As of HTTP.
    pub status: u16,
    /// From the closed list.
    pub code: String,
}

/// The events of one frame, which is one object or an array of them.
pub fn events(frame: &str) -> anyhow::Result<Vec<Event<'_>>> {
    let parsed = if frame.starts_with('[') {
        serde_json::from_str(frame)
    } else {
        serde_json::from_str(frame).map(|event| vec![event])
    };
    parsed.with_context(|| format!("not a frame of ours: {frame:.200}"))
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct From {
    /// The last number of a source address 127.0.0.x; one address has some 28,000 ports.
    pub host: Option<u8>,
    /// Bytes the system keeps for a reader that does not read; its own choice is megabytes.
    pub receive_buffer: Option<u32>,
    /// It ends with a reset instead of a goodbye, and its port is free at once rather than after a minute.
    pub is_cut_hard: bool,
}

impl From {
    async fn connect(self, to: SocketAddr) -> anyhow::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if self.is_cut_hard {
            socket.set_zero_linger()?;
        }
        if let Some(host) = self.host {
            socket.bind((IpAddr::V4(Ipv4Addr::new(127, 0, 0, host)), 0).into())?;
        }
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        socket.connect(to).await.with_context(|| format!("cannot connect to {to}"))
    }
}

/// An authenticated connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Connects as `api` says and waits for `ready`.
    pub async fn open(api: &Api) -> anyhow::Result<Self> {
        Self::open_from(api, From::default()).await
    }

    /// Connects from a chosen address, with a chosen buffer, and waits for `ready`.
    pub async fn open_from(api: &Api, from: From) -> anyhow::Result<Self> {
        let mut request = format!("ws://{}/api/live-chat/ws", api.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", api.token).parse()?);
        headers.insert("sec-websocket-protocol", "parlor.v1".parse()?);
        let stream = from.connect(api.address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES).write_buffer_size(0);
        let (stream, _) = client_async_with_config(request, stream, Some(config)).await?;
        let mut socket = Socket { stream };
        socket.wait_for("ready").await?;
        Ok(socket)
    }

    /// Sends an op.
    pub async fn send(&mut self, op: &str) -> anyhow::Result<()> {
        Ok(self.stream.send(Message::text(op)).await?)
    }

    /// Subscribes and waits until that holds. Events in between are dropped: nothing may be sent yet.
    pub async fn subscribe(&mut self, topic: &str) -> anyhow::Result<()> {
        self.send(&format!(r#"{{"op":"subscribe","ref":1,"topic":"{topic}"}}"#)).await?;
        self.wait_for("ok").await
    }

    async fn wait_for(&mut self, wanted: &str) -> anyhow::Result<()> {
        loop {
            let frame = self.next().await?;
            for event in events(&frame)? {
                match &*event.event {
                    found if found == wanted => return Ok(()),
                    "error" => bail!("the server refused: {frame}"),
                    _ => {}
                }
            }
        }
    }

    /// The next frame. Pings are answered on the way.
    pub async fn next(&mut self) -> anyhow::Result<Utf8Bytes> {
        loop {
            match self.stream.next().await.context("the server ended the socket")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => bail!("the server closed the socket: {frame:?}"),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_event_or_several() {
        let one = r#"{"event":"heartbeat","heads":{"inbox":"c"}}"#;
        assert_eq!(events(one).unwrap()[0].heads.as_ref().unwrap()["inbox"], "c");
        let id = Uuid::nil();
        let message = format!(
            r#"{{"id":"{id}","conversationId":"{id}","seq":3,"version":1,"type":"bot","text":"a\n","isRead":true}}"#
        );
        let conversation = format!(
            r#"{{"id":"{id}","lastMessage":"a","version":2,"messageCount":3,"userLastReadSeq":1,
                "agentLastReadSeq":0,"status":"closed","messages":[]}}"#
        );
        let several = format!(
            r#"[{{"event":"message","topic":"t","message":{message}}},
                {{"event":"conversation","topic":"t","conversation":{conversation},"cursor":"c"}}]"#
        );
        let events = events(&several).unwrap();
        assert_eq!(events[0].message.as_ref().unwrap().text, "a\n");
        let summary = events[1].conversation.as_ref().unwrap().summary();
        let expected =
            Summary { version: 2, messages: 3, user_read: 1, agent_read: 0, open: false, closes_at: None };
        assert_eq!(summary, expected);
    }
}
