//! A stream of frames that counts the pieces of its messages on their way in. It stands above the upgrade and not where the
//! connection is read: there some of the frames may have come with the request, and nobody knows where the first begins.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fragments::Fragments;

/// See the module.
pub struct Counted<S> {
    stream: S,
    fragments: Fragments,
    has_paused: bool,
}

impl<S> Counted<S> {
    /// Over `stream`, whose next byte begins a frame.
    pub fn new(stream: S) -> Self {
        Self { stream, fragments: Fragments::default(), has_paused: false }
    }

    /// Whether a message came in more pieces than any needs.
    pub fn is_flood(&self) -> bool {
        self.fragments.is_flood()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_flood() && !std::mem::replace(&mut self.has_paused, true) {
            // Whoever reads messages only looks up when there is none: with a flood that would be never.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.fragments.pass(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

/// Whole frames are written, never several buffers at once.
impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
