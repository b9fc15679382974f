//! Cleaning up behind deletions: bytes out of the files at once, tombstones when they are old.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use parlor_core::backoff::Backoff;
use parlor_core::limits;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::service::Service;
use crate::service::cleanup::Scrubbed;

/// Runs until it is dropped; `deleted` is notified after every commit that deletes.
pub async fn run(service: Arc<Service>, deleted: Arc<Notify>) -> Infallible {
    let attempt = || {
        let service = service.clone();
        async move { service.scrub().await }
    };
    tokio::join!(scrub(attempt, &deleted), purge(&service)).0
}

async fn scrub<A: Future<Output = Scrubbed>>(attempt: impl Fn() -> A, deleted: &Notify) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        // First of all: a process before this one may have ended between a deletion and its scrubbing.
        match attempt().await {
            Scrubbed::Clean => {
                backoff.reset();
                deleted.notified().await;
            }
            Scrubbed::InTheWay => {
                tokio::select! {
                    () = pause(backoff.pause_ms()) => {}
                    () = deleted.notified() => {
                        backoff.reset();
                        // Not at once: every attempt makes the writer wait, and deletions may come by the hundred.
                        pause(backoff.pause_ms()).await;
                    }
                }
            }
            Scrubbed::Failed => pause(limits::CLEANUP_RETRY_MS).await,
        }
    }
}

async fn pause(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

async fn purge(service: &Service) -> Infallible {
    let mut ticks = interval(Duration::from_secs(limits::PURGE_S));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        service.purge_tombstones().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::{Instant, timeout};

    use super::*;

    /// When attempts are made in the time given, in milliseconds from its beginning: each ends as `outcome` says of its number.
    async fn attempts(deleted: &Notify, time_ms: u64, outcome: impl Fn(usize) -> Scrubbed) -> Vec<u64> {
        let (begin, made) = (Instant::now(), Mutex::new(Vec::new()));
        let attempt = || {
            let mut made = made.lock().expect("nobody panics with it");
            made.push(u64::try_from(begin.elapsed().as_millis()).expect("a short test"));
            std::future::ready(outcome(made.len()))
        };
        let _ = timeout(Duration::from_millis(time_ms), scrub(attempt, deleted)).await;
        made.into_inner().expect("nobody panicked with it")
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_reader_is_asked_less_and_less_often() {
        let made = attempts(&Notify::new(), 3_600_000, |_| Scrubbed::InTheWay).await;
        assert_eq!(made[..7], [0, 100, 300, 700, 1_500, 3_100, 5_100]);
        assert!(made.len() <= 1_810, "{} attempts in an hour", made.len());
    }

    #[tokio::test(start_paused = true)]
    async fn another_deletion_is_not_kept_waiting_by_the_one_before() {
        let deleted = Notify::new();
        let deletes = async {
            pause(10_000).await;
            deleted.notify_one();
        };
        let (made, ()) = tokio::join!(attempts(&deleted, 11_000, |_| Scrubbed::InTheWay), deletes);
        assert_eq!(made[8..], [9_100, 10_100, 10_300, 10_700]);
    }

    #[tokio::test(start_paused = true)]
    async fn once_clean_nothing_is_tried_until_something_is_deleted_and_then_soon() {
        let deleted = Notify::new();
        let deletes = async {
            pause(10_000).await;
            deleted.notify_one();
        };
        let outcome = |number| if number == 4 { Scrubbed::Clean } else { Scrubbed::InTheWay };
        let (made, ()) = tokio::join!(attempts(&deleted, 10_500, outcome), deletes);
        assert_eq!(made, [0, 100, 300, 700, 10_000, 10_100, 10_300]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_fails_is_left_alone_for_a_while() {
        let made = attempts(&Notify::new(), 12_000, |_| Scrubbed::Failed).await;
        assert_eq!(made, [0, 5_000, 10_000]);
    }
}
