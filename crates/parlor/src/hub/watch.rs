//! What one connection's task waits for besides its peer: its mailbox, a tick of the pulse, the server's end.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Hub, Mailbox};

/// The wait of one task.
pub struct Watch {
    hub: Arc<Hub>,
    mailbox: Arc<Mailbox>,
    /// The tick the pulse will wake the mailbox at; a past one means: not scheduled.
    alarm: u64,
}

impl Watch {
    /// Woken through `mailbox`.
    #[must_use]
    pub fn new(hub: Arc<Hub>, mailbox: Arc<Mailbox>) -> Self {
        Self { hub, mailbox, alarm: 0 }
    }

    /// The tick it is.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.hub.pulse().now()
    }

    /// Ready when the mailbox was touched, tick `deadline` has come, or the server closes.
    pub fn poll(&mut self, cx: &mut Context<'_>, deadline: u64) -> Poll<()> {
        let is_touched = self.mailbox.poll_ready(cx).is_ready();
        let ended = self.poll_end(cx, deadline);
        if is_touched { Poll::Ready(()) } else { ended }
    }

    /// Ready when tick `deadline` has come or the server closes, whatever is queued meanwhile.
    pub fn poll_end(&mut self, cx: &mut Context<'_>, deadline: u64) -> Poll<()> {
        let _ = self.mailbox.poll_ready(cx);
        // Scheduled before closing is looked at: a close in between wakes whoever is on the wheel.
        let has_come = self.has_come(deadline);
        if has_come || self.is_closing() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether tick `deadline` has come; if not, the pulse will wake the mailbox then or earlier.
    pub fn has_come(&mut self, deadline: u64) -> bool {
        let now = self.now();
        if now >= deadline {
            return true;
        }
        if self.alarm <= now || self.alarm > deadline {
            self.alarm = self.hub.pulse().schedule(&self.mailbox, deadline);
        }
        false
    }

    /// Whether connections are to end.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.hub.is_closing()
    }
}
