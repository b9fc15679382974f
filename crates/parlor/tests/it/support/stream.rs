//! A client of server-sent events.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

use super::socket::PATIENCE;

/// What came between two empty lines.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Sent {
    pub id: Option<String>,
    pub retry: Option<u64>,
    pub events: Vec<Value>,
}

pub struct EventSource {
    reader: BufReader<TcpStream>,
    /// The last id that came.
    pub last_id: Option<String>,
}

impl EventSource {
    /// Opens a stream; `query` begins with the topic.
    pub async fn open(address: SocketAddr, token: &str, query: &str) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), token, query, None).await
    }

    /// As a browser comes back: the address it began with, and the last id.
    pub async fn resume(address: SocketAddr, token: &str, query: &str, last_id: &str) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), token, query, Some(last_id)).await
    }

    /// With the smallest receive buffer the kernel gives.
    pub async fn open_slow(address: SocketAddr, token: &str, query: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1).unwrap();
        Self::over(socket.connect(address).await.unwrap(), token, query, None).await
    }

    async fn over(mut stream: TcpStream, token: &str, query: &str, last_id: Option<&str>) -> Self {
        let last_id = last_id.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        // Of HTTP 1.0 the body comes as it is, until the connection ends.
        let head = format!(
            "GET /api/live-chat/events?topic={query} HTTP/1.0\r\nhost: x\r\nauthorization: Bearer {token}\r\n{last_id}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut source = Self { reader: BufReader::new(stream), last_id: None };
        let status = source.line().await.expect("an answer");
        assert!(status.ends_with(" 200 OK"), "{status}");
        let mut headers = Vec::new();
        loop {
            match source.line().await.expect("a head") {
                line if line.is_empty() => break,
                line => headers.push(line),
            }
        }
        assert!(headers.contains(&"content-type: text/event-stream".to_owned()), "{headers:?}");
        assert!(headers.contains(&"x-accel-buffering: no".to_owned()), "{headers:?}");
        source
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.reader.read_line(&mut line)).await;
        let bytes = read.expect("a line in time").ok()?;
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        (bytes > 0).then_some(line)
    }

    /// What comes next; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Sent> {
        let mut sent = Sent::default();
        loop {
            let line = self.line().await?;
            match line.split_once(": ") {
                None if sent.id.is_none() && sent.events.is_empty() => {}
                None => {
                    self.last_id = sent.id.clone().or(self.last_id.take());
                    return Some(sent);
                }
                Some(("id", id)) => sent.id = Some(id.to_owned()),
                Some(("retry", ms)) => sent.retry = ms.parse().ok(),
                Some(("data", data)) => {
                    sent.events = serde_json::from_str(data).unwrap();
                    // They come whenever they come, beside everything else.
                    sent.events.retain(|event| event["event"] != "changed");
                }
                Some(_) => panic!("a field of another kind: {line}"),
            }
        }
    }

    /// Events up to and with the first that `is_it`.
    pub async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let sent = self.next().await.expect("the stream ended");
            let found = sent.events.iter().any(&is_it);
            events.extend(sent.events);
            if found {
                return events;
            }
        }
    }

    /// Events up to the heartbeat that follows what was missed.
    pub async fn missed(&mut self) -> Vec<Value> {
        let mut events = self.until(|event| event["event"] == "heartbeat").await;
        events.pop();
        events
    }
}
