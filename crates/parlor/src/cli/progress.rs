//! How commands that take long show that they go on.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// A line on stderr that is rewritten on a terminal and printed now and then elsewhere.
pub(super) struct Progress {
    shown_at: Instant,
    every: Duration,
    terminal: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let every = if terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        Self { shown_at: Instant::now(), every, terminal }
    }

    /// Shows `line`, unless another was shown a moment ago.
    pub(super) fn show(&mut self, line: impl FnOnce() -> String) {
        if self.shown_at.elapsed() < self.every {
            return;
        }
        self.shown_at = Instant::now();
        let (begin, end) = if self.terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        // A closed stderr is no reason to stop.
        let _ = write!(std::io::stderr(), "{begin}{}{end}", line());
    }

    pub(super) fn clear(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
