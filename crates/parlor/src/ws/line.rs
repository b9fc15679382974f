//! A socket and how it is written to: objects that are ready together leave in one frame and one flush, and a write that
//! stalls too long ends the connection.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, sink::Sink};
use parlor_core::limits;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, Utf8Bytes};

use super::Transport;
use super::handshake::Socket;
use crate::hub::Watch;
use crate::wire::frames::Packer;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The peer is gone, or says goodbye.
    Left,
    /// We end it: close code and a constant reason.
    Close(u16, &'static str),
}

/// The server goes away.
pub const RESTART: End = End::Close(1012, "restart");
const FRAGMENTED: End = End::Close(1008, "too many fragments");
const STALLED: End = End::Close(4429, "too slow");

/// A step of writing: `poll_ready` or `poll_flush`.
type Step = fn(Pin<&mut Socket>, &mut Context<'_>) -> Poll<Result<(), SocketError>>;

/// What a connection's task waits for.
pub enum Heard {
    /// A message of the peer.
    Message(Message),
    /// The mailbox was touched, a deadline has come, or the server closes.
    Woken,
}

/// A connection's socket.
pub struct Line {
    socket: Socket,
    transport: Arc<Transport>,
    packer: Packer,
    watch: Watch,
    is_dirty: bool,
    taken_at: u64,
}

impl Line {
    /// A line over `socket`.
    #[must_use]
    pub fn new(socket: Socket, transport: Arc<Transport>, watch: Watch) -> Self {
        let taken_at = watch.now();
        Self { socket, transport, packer: Packer::default(), watch, is_dirty: false, taken_at }
    }

    /// The tick the peer last took something that had waited for it.
    #[must_use]
    pub fn taken_at(&self) -> u64 {
        self.taken_at
    }

    /// Adds an object, or an array of them, to what leaves next. What is put here is as good as written: it leaves before
    /// anything else, or the connection ends.
    pub async fn put(&mut self, piece: Bytes) -> Result<(), End> {
        match self.packer.add(piece) {
            Some(frame) => self.feed(text(frame)?).await,
            None => Ok(()),
        }
    }

    /// Writes what was put.
    pub async fn flush(&mut self) -> Result<(), End> {
        if let Some(frame) = self.packer.finish() {
            self.feed(text(frame)?).await?;
        }
        if std::mem::take(&mut self.is_dirty) {
            self.write(|socket, cx| socket.poll_flush(cx)).await?;
        }
        Ok(())
    }

    /// Asks the peer for a sign of life; leaves with the next flush.
    pub async fn ping(&mut self) -> Result<(), End> {
        self.feed(Message::Ping(Bytes::new())).await
    }

    /// What the peer says next, or [`Heard::Woken`] when there is something else to do, at tick `deadline` at the latest.
    pub async fn next(&mut self, deadline: u64) -> Result<Heard, End> {
        poll_fn(|cx| {
            match self.socket.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(message))) => return Poll::Ready(Ok(Heard::Message(message))),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(end_of(error))),
                Poll::Ready(None) => return Poll::Ready(Err(End::Left)),
                Poll::Pending if self.socket.get_ref().is_flood() => return Poll::Ready(Err(FRAGMENTED)),
                Poll::Pending => {}
            }
            self.watch.poll(cx, deadline).map(|()| Ok(Heard::Woken))
        })
        .await
    }

    /// Ends the connection as `end` says and waits a little for the peer's half of it.
    pub async fn finish(&mut self, end: End) {
        let deadline = self.watch.now() + limits::CLOSE_WAIT_S;
        if let End::Close(code, reason) = end {
            if let Some(frame) = self.packer.finish().and_then(|frame| text(frame).ok()) {
                let _ = self.socket.start_send_unpin(frame);
            }
            let close = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(reason) };
            let _ = self.socket.start_send_unpin(Message::Close(Some(close)));
        }
        poll_fn(|cx| {
            // The server closes already, so only the tick counts.
            let _ = self.watch.poll_end(cx, deadline);
            let flushed = self.socket.poll_flush_unpin(cx);
            while let Poll::Ready(said) = self.socket.poll_next_unpin(cx) {
                if !matches!(said, Some(Ok(_))) {
                    return Poll::Ready(());
                }
            }
            let is_over = matches!(flushed, Poll::Ready(Err(_))) || self.watch.has_come(deadline);
            if is_over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    async fn feed(&mut self, message: Message) -> Result<(), End> {
        let fed = match self.write(|socket, cx| socket.poll_ready(cx)).await {
            Ok(()) => self.socket.start_send_unpin(message).map_err(end_of),
            stuck => stuck,
        };
        if fed.is_err() {
            // This frame is lost. What was put behind it must not be the next thing the peer reads.
            self.packer = Packer::default();
        }
        self.is_dirty = true;
        fed
    }

    /// Drives a step of writing to its end, for as long as the peer does not stall.
    async fn write(&mut self, step: Step) -> Result<(), End> {
        let mut deadline = self.watch.now() + limits::WRITE_STALL_S;
        let mut waits_at = None;
        poll_fn(|cx| {
            let done = step(Pin::new(&mut self.socket), cx);
            let written = self.transport.written();
            // It had to wait, and the peer has made room since: slow, but there.
            if waits_at.replace(written).is_some_and(|before| before != written) {
                self.taken_at = self.watch.now();
                deadline = self.taken_at + limits::WRITE_STALL_S;
            }
            if let Poll::Ready(done) = done {
                return Poll::Ready(done.map_err(end_of));
            }
            // What is queued meanwhile waits, or overflows.
            let ended = self.watch.poll_end(cx, deadline);
            ended.map(|()| Err(if self.watch.is_closing() { RESTART } else { STALLED }))
        })
        .await
    }
}

fn text(frame: Bytes) -> Result<Message, End> {
    // Frames are serialised JSON, so this only reads them.
    let text = Utf8Bytes::try_from(frame).map_err(|_| End::Close(1011, "internal"))?;
    Ok(Message::Text(text))
}

/// What an error of the socket means for the peer (RFC 6455, 7.4.1).
fn end_of(error: SocketError) -> End {
    match error {
        SocketError::Capacity(_) => End::Close(1009, "message too big"),
        SocketError::Utf8(_) => End::Close(1007, "not UTF-8"),
        SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Left,
        SocketError::Protocol(_) => End::Close(1002, "protocol error"),
        _ => End::Left,
    }
}
