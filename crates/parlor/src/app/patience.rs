//! A stream whose peer has to take what is written. Without it, a reader that stops reading keeps an answer in memory,
//! and its connection, for as long as it likes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parlor_core::limits;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::ws::Transport;

/// See the module.
pub(super) struct Patience<S> {
    stream: S,
    transport: Arc<Transport>,
    /// Runs while a write waits; boxed because hardly any does.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patience<S> {
    pub(super) fn new(stream: S, transport: Arc<Transport>) -> Self {
        Self { stream, transport, stalled: None }
    }

    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(done) = written {
            self.stalled = None;
            return Poll::Ready(done.inspect(|bytes| self.transport.wrote(*bytes)));
        }
        let is_socket = self.transport.is_socket();
        let limit_s = if is_socket { limits::SOCKET_STALL_S } else { limits::WRITE_STALL_S };
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(Duration::from_secs(limit_s))));
        stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::{Instant, advance};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_stops_reading_ends_the_connection() {
        for (is_socket, limit_s) in [(false, limits::WRITE_STALL_S), (true, limits::SOCKET_STALL_S)] {
            let (ours, _theirs) = duplex(4);
            let begin = Instant::now();
            let transport = Arc::<Transport>::default();
            if is_socket {
                transport.become_socket();
            }
            let mut patience = Patience::new(ours, transport);
            let written = patience.write_all(b"more than fits").await;
            assert_eq!(written.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
            assert_eq!(begin.elapsed().as_secs(), limit_s);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_waited_for() {
        let (ours, mut theirs) = duplex(4);
        let writing =
            tokio::spawn(async move { Patience::new(ours, Arc::default()).write_all(&[7; 12]).await });
        for _ in 0..3 {
            advance(Duration::from_secs(limits::WRITE_STALL_S - 1)).await;
            theirs.read_exact(&mut [0; 4]).await.expect("still open");
        }
        writing.await.expect("no panic").expect("everything was taken");
    }
}
