//! When the index's file is cleaned of what was forgotten.

use std::time::Duration;

use parlor_core::backoff::Backoff;
use parlor_core::limits;
use tokio::time::Instant;

use crate::store::StoreError;

/// How an attempt ended.
pub(super) enum Cleaned {
    /// Nothing forgotten is in the file.
    Wholly,
    /// Somebody still reads an older state of the file.
    InTheWay,
    /// There was something else to do first.
    NotYet,
}

/// See the module.
pub(super) struct Cleaning {
    /// `None` when nothing forgotten is in the file.
    due_at: Option<Instant>,
    backoff: Backoff,
}

impl Cleaning {
    /// Begins with an attempt: a process before this one may have ended between forgetting and cleaning up.
    pub(super) fn new() -> Self {
        Self { due_at: Some(Instant::now()), backoff: Backoff::default() }
    }

    /// Something was forgotten.
    pub(super) fn forgot(&mut self) {
        *self = Self::new();
    }

    /// When to try next, if there is anything to do.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.due_at
    }

    /// Whether to try now.
    pub(super) fn is_due(&self) -> bool {
        self.due_at.is_some_and(|at| at <= Instant::now())
    }

    /// Takes in how an attempt went.
    pub(super) fn tried(&mut self, outcome: &Result<Cleaned, StoreError>) {
        let pause_ms = match outcome {
            Ok(Cleaned::Wholly) => None,
            Ok(Cleaned::NotYet) => Some(0),
            Ok(Cleaned::InTheWay) => Some(self.backoff.pause_ms()),
            Err(_) => Some(limits::CLEANUP_RETRY_MS),
        };
        self.due_at = pause_ms.map(|ms| Instant::now() + Duration::from_millis(ms));
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// Passes the time until the next attempt, and says how many milliseconds that took.
    async fn pass(cleaning: &Cleaning) -> u128 {
        let (begin, at) = (Instant::now(), cleaning.due_at().expect("something to do"));
        assert_eq!(cleaning.is_due(), at <= begin);
        advance(at - begin).await;
        assert!(cleaning.is_due());
        (at - begin).as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_reader_is_asked_less_and_less_often_until_something_else_is_forgotten() {
        let mut cleaning = Cleaning::new();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pauses.push(pass(&cleaning).await);
            cleaning.tried(&Ok(Cleaned::InTheWay));
        }
        assert_eq!(pauses, [0, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
        cleaning.forgot();
        assert_eq!(pass(&cleaning).await, 0);
        cleaning.tried(&Ok(Cleaned::InTheWay));
        assert_eq!(pass(&cleaning).await, 100);
        cleaning.tried(&Ok(Cleaned::NotYet));
        assert_eq!(pass(&cleaning).await, 0);
        cleaning.tried(&Ok(Cleaned::Wholly));
        assert_eq!((cleaning.due_at(), cleaning.is_due()), (None, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_fails_is_left_alone_for_a_while() {
        let mut cleaning = Cleaning::new();
        cleaning.tried(&Err(StoreError::Full("planted".to_owned())));
        assert_eq!(pass(&cleaning).await, u128::from(limits::CLEANUP_RETRY_MS));
    }
}
