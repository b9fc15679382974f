//! One HTTP/1.1 connection, kept alive, one request at a time. Leaner than a client with a task and channels behind it.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Room for one read; a list of 20 conversations takes a few.
const READ_BYTES: usize = 32 * 1024;
/// Parlor sends a dozen.
const HEADERS: usize = 32;

/// Where requests go and as whom.
#[derive(Debug, Clone)]
pub struct Api {
    /// The server.
    pub address: SocketAddr,
    /// The bearer token.
    pub token: String,
}

impl Api {
    /// A whole request; `path` follows `/api/live-chat`.
    pub fn request(&self, method: &str, path: &str, body: Option<&str>) -> Vec<u8> {
        let mut request = format!(
            "{method} /api/live-chat{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n",
            self.address, self.token
        );
        if let Some(body) = body {
            let head = format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
            request.push_str(&head);
            request.push_str(body);
        } else {
            request.push_str("\r\n");
        }
        request.into_bytes()
    }

    /// A call on a connection of its own; the answer of a 200.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(Value::to_string);
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.call(&self.request(method, path, body.as_deref())).await?;
        Ok(serde_json::from_slice(answer.expect(200)?)?)
    }
}

/// An answer; the body lies in the connection's buffer.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The body, if the status is the one that was promised.
    pub fn expect(self, status: u16) -> anyhow::Result<&'a [u8]> {
        let said = || String::from_utf8_lossy(&self.body[..self.body.len().min(500)]);
        ensure!(self.status == status, "expected {status}, got {}: {}", self.status, said());
        Ok(self.body)
    }
}

/// A kept-alive connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream =
            TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(READ_BYTES) })
    }

    /// Several of them.
    pub async fn open_many(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Self>> {
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            connections.push(Self::open(address).await?);
        }
        Ok(connections)
    }

    /// Sends one request and reads its whole answer.
    pub async fn call(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
        };
        let end = head.bytes + head.body_bytes;
        while self.buffer.len() < end {
            self.read().await?;
        }
        ensure!(self.buffer.len() == end, "the server sent more than one answer");
        Ok(Answer { status: head.status, body: &self.buffer[head.bytes..] })
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        self.buffer.reserve(READ_BYTES);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// The head of an answer, or `None` while it is incomplete.
    fn parse(buffer: &[u8]) -> anyhow::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(bytes) = response.parse(buffer)? else { return Ok(None) };
        let status = response.code.context("an answer without a status")?;
        let length = response.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
        let body_bytes = match length {
            Some(header) => std::str::from_utf8(header.value)?.parse()?,
            None if status == 204 => 0,
            None => bail!("an answer without content-length"),
        };
        Ok(Some(Head { status, bytes, body_bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_whole_or_not_at_all() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(Head::parse(&answer[..30]).unwrap(), None);
        assert_eq!(Head::parse(answer).unwrap(), Some(Head { status: 201, bytes: 43, body_bytes: 2 }));
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn an_unexpected_status_says_what_the_server_said() {
        let answer = Answer { status: 503, body: b"busy" };
        assert_eq!(answer.expect(201).unwrap_err().to_string(), "expected 201, got 503: busy");
    }
}
