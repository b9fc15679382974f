//! Pauses between attempts to clean up a file that somebody still reads an older state of: each attempt makes whoever writes
//! the file wait, and a reader may take hours.

use crate::limits;

/// The pauses of a series of attempts that somebody was in the way of.
#[derive(Debug)]
pub struct Backoff {
    next_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next_ms: limits::SCRUB_RETRY_MS }
    }
}

impl Backoff {
    /// Milliseconds before the next attempt; twice as many before the one after it, up to a bound.
    pub fn pause_ms(&mut self) -> u64 {
        let pause_ms = self.next_ms;
        self.next_ms = (pause_ms * 2).min(limits::SCRUB_RETRY_MOST_MS);
        pause_ms
    }

    /// Begins anew: there is something new to clean up, or nothing is left.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
