//! One WebSocket connection to Parlor and the events it carries.

use std::borrow::Cow;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::http::Api;

/// Thousands of these share a machine with the server; the library's default is 128 KiB.
const READ_BUFFER_BYTES: usize = 2 * 1024;

/// An event, as far as the load generator looks at it.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    /// What kind.
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    /// The message of a `message` event.
    #[serde(borrow)]
    pub message: Option<SeenMessage<'a>>,
    /// The conversation of a `conversation` event.
    #[serde(borrow)]
    pub conversation: Option<SeenConversation<'a>>,
}

/// A message somebody reads.
#[derive(Debug, Deserialize)]
pub struct SeenMessage<'a> {
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
    pub id: uuid::Uuid,
    /// Its last message's first 200 characters.
    #[serde(borrow)]
    pub last_message: Cow<'a, str>,
    /// Rises with every change.
    pub version: u64,
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

/// An authenticated connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Connects as `api` says and waits for `ready`.
    pub async fn open(api: &Api) -> anyhow::Result<Self> {
        let mut request = format!("ws://{}/api/live-chat/ws", api.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", api.token).parse()?);
        headers.insert("sec-websocket-protocol", "parlor.v1".parse()?);
        let stream = TcpStream::connect(api.address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES).write_buffer_size(0);
        let (stream, _) = client_async_with_config(request, stream, Some(config)).await?;
        let mut socket = Socket { stream };
        socket.wait_for("ready").await?;
        Ok(socket)
    }

    /// Subscribes and waits until that holds. Events in between are dropped: nothing may be sent yet.
    pub async fn subscribe(&mut self, topic: &str) -> anyhow::Result<()> {
        let op = format!(r#"{{"op":"subscribe","ref":"{topic}","topic":"{topic}"}}"#);
        self.stream.send(Message::text(op)).await?;
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
        let one = r#"{"event":"heartbeat","heads":{}}"#;
        assert_eq!(events(one).unwrap()[0].event, "heartbeat");
        let id = uuid::Uuid::nil();
        let several = format!(
            r#"[{{"event":"message","topic":"t","message":{{"id":"x","type":"bot","text":"a\n"}}}},
                {{"event":"conversation","conversation":{{"id":"{id}","lastMessage":"a","version":2}},"cursor":"c"}}]"#
        );
        let events = events(&several).unwrap();
        assert_eq!(events[0].message.as_ref().unwrap().text, "a\n");
        assert_eq!(events[1].conversation.as_ref().unwrap().version, 2);
    }
}
