//! A client of the socket, and the screen of somebody who follows it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a test waits for what must come before it fails. A quiet machine takes a fraction of a second; others may use it.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Client {
    pub stream: WebSocketStream<TcpStream>,
    /// The subprotocol the server chose.
    pub protocol: Option<String>,
    /// Headers of the upgrade's answer that name extensions.
    pub extensions: Option<String>,
    events: VecDeque<Value>,
    /// Lists that may have changed; they come whenever they come, beside everything else.
    changed: VecDeque<Value>,
    /// Objects in each text frame so far.
    pub frames: Vec<usize>,
    refs: u64,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, &[]).await.unwrap()
    }

    /// With these headers; the status of a refused upgrade.
    pub async fn connect_with(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        Self::connect_at(address, "", headers).await
    }

    /// With this query too.
    pub async fn connect_at(
        address: SocketAddr,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/api/live-chat/ws{query}").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "parlor.v1".parse().unwrap());
        request.headers_mut().insert("sec-websocket-extensions", "permessage-deflate".parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Self::upgrade(request, TcpStream::connect(address).await.unwrap()).await
    }

    /// With the smallest receive buffer the kernel gives.
    pub async fn connect_slow(address: SocketAddr) -> Self {
        Self::connect_narrow(address, 1).await
    }

    /// With a receive buffer of about so many bytes.
    pub async fn connect_narrow(address: SocketAddr, bytes: u32) -> Self {
        let request = format!("ws://{address}/api/live-chat/ws").into_client_request().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(bytes).unwrap();
        Self::upgrade(request, socket.connect(address).await.unwrap()).await.unwrap()
    }

    async fn upgrade(request: Request, tcp: TcpStream) -> Result<Self, u16> {
        match client_async(request, tcp).await {
            Ok((stream, answer)) => {
                let header = |name| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
                let (protocol, extensions) =
                    (header("sec-websocket-protocol"), header("sec-websocket-extensions"));
                Ok(Self {
                    stream,
                    protocol,
                    extensions,
                    events: VecDeque::new(),
                    changed: VecDeque::new(),
                    frames: Vec::new(),
                    refs: 0,
                })
            }
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("the upgrade failed: {error}"),
        }
    }

    pub async fn send(&mut self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next event, out of whichever frame.
    pub async fn next(&mut self) -> Value {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            match self.hear().await {
                Message::Text(text) => self.take(&text),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("an event was expected, not {other:?}"),
            }
        }
    }

    /// Which list may have changed next, whatever else comes meanwhile.
    pub async fn next_changed(&mut self) -> Value {
        loop {
            if let Some(event) = self.changed.pop_front() {
                assert_eq!(event["topic"], "inbox");
                return event["what"].clone();
            }
            if let Message::Text(text) = self.hear().await {
                self.take(&text);
            }
        }
    }

    /// How often a list may have changed that nobody asked for yet.
    pub fn changed_so_far(&self) -> usize {
        self.changed.len()
    }

    /// Events up to and with the first that `is_it`.
    pub async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await;
            let found = is_it(&event);
            events.push(event);
            if found {
                return events;
            }
        }
    }

    /// Sends an op; what came before its answer, and the answer.
    pub async fn ask(&mut self, mut op: Value) -> (Vec<Value>, Value) {
        self.refs += 1;
        op["ref"] = self.refs.into();
        let reference = op["ref"].clone();
        self.send(&op).await;
        let mut events = self.until(|event| event["ref"] == reference).await;
        let answer = events.pop().unwrap();
        (events, answer)
    }

    /// Follows a topic and answers with what was replayed and where that is.
    pub async fn subscribe(&mut self, topic: &str, since: Option<&str>) -> (Vec<Value>, String) {
        let mut op = serde_json::json!({"op": "subscribe", "topic": topic});
        if let Some(since) = since {
            op["since"] = since.into();
        }
        let (events, ok) = self.ask(op).await;
        assert_eq!(ok["event"], "ok", "{ok}");
        (events, ok["cursor"].as_str().unwrap().to_owned())
    }

    /// The close code, whatever comes before it; 1006 when there is none. Says goodbye as a browser does.
    pub async fn close_code(&mut self) -> u16 {
        let mut code = 1006;
        loop {
            match tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("a close in time") {
                Some(Ok(Message::Close(frame))) => code = frame.map_or(1005, |f| f.code.into()),
                Some(Ok(Message::Text(text))) => self.take(&text),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return code,
            }
        }
    }

    /// Events that came before the close.
    pub fn rest(&mut self) -> Vec<Value> {
        self.events.drain(..).collect()
    }

    async fn hear(&mut self) -> Message {
        let heard = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("an event in time");
        heard.expect("the connection ended").unwrap()
    }

    fn take(&mut self, text: &str) {
        assert!(text.len() <= parlor_core::limits::FRAME_BYTES);
        let before = self.events.len();
        let events = match serde_json::from_str(text).unwrap() {
            Value::Array(events) => events,
            event => vec![event],
        };
        let (changed, events): (Vec<_>, Vec<_>) =
            events.into_iter().partition(|event| event["event"] == "changed");
        self.changed.extend(changed);
        self.events.extend(events);
        self.frames.push(self.events.len() - before);
    }
}

/// What somebody sees who applies group by group, as a client does.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Screen {
    pub conversations: BTreeMap<String, Value>,
    /// By conversation and `seq`.
    pub messages: BTreeMap<(String, u64), Value>,
    /// By conversation and id.
    pub notes: BTreeMap<(String, String), Value>,
    pub cursor: Option<String>,
    open: Vec<Value>,
}

impl Screen {
    /// Nothing seen yet, from a cursor on.
    pub fn at(cursor: &str) -> Self {
        Self { cursor: Some(cursor.to_owned()), ..Self::default() }
    }

    /// Applies events of one topic; a group counts when its cursor has come.
    pub fn apply(&mut self, topic: &str, events: &[Value]) {
        for event in events.iter().filter(|event| event["topic"] == topic) {
            self.open.push(event.clone());
            let Some(cursor) = event["cursor"].as_str() else { continue };
            for event in std::mem::take(&mut self.open) {
                self.apply_one(&event);
            }
            self.cursor = Some(cursor.to_owned());
        }
    }

    /// The connection is cut: of a group that was not complete nothing is kept.
    pub fn interrupt(&mut self) {
        self.open.clear();
    }

    fn apply_one(&mut self, event: &Value) {
        match event["event"].as_str() {
            Some("message") => {
                let message = &event["message"];
                let key = (
                    message["conversationId"].as_str().unwrap().to_owned(),
                    message["seq"].as_u64().unwrap(),
                );
                self.messages.insert(key, lasting(message));
            }
            Some("note") => {
                let note = &event["note"];
                let text = |field: &str| note[field].as_str().unwrap().to_owned();
                let key = (text("conversationId"), text("id"));
                match note["deletedAt"].is_string() {
                    true => self.notes.remove(&key),
                    false => self.notes.insert(key, note.clone()),
                };
            }
            Some("conversation") => {
                let conversation = &event["conversation"];
                let id = conversation["id"].as_str().unwrap().to_owned();
                let version = |c: &Value| c["version"].as_u64().unwrap();
                let is_newer =
                    self.conversations.get(&id).is_none_or(|old| version(old) <= version(conversation));
                if is_newer {
                    self.conversations.insert(id, conversation.clone());
                }
            }
            Some("deleted") => {
                let id = event["conversationId"].as_str().unwrap();
                self.conversations.remove(id);
                self.messages.retain(|(of, _), _| of != id);
                self.notes.retain(|(of, _), _| of != id);
            }
            _ => {}
        }
    }
}

/// A message without what clients derive from the conversation's read marks.
pub fn lasting(message: &Value) -> Value {
    let mut message = message.clone();
    message.as_object_mut().unwrap().remove("isRead");
    message
}
