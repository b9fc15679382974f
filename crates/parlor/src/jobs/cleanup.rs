//! Cleaning up behind deletions: bytes out of the files at once, tombstones when they are old.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use parlor_core::limits;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::service::Service;

/// Runs until it is dropped; `deleted` is notified after every commit that deletes.
pub async fn run(service: Arc<Service>, deleted: Arc<Notify>) -> Infallible {
    tokio::join!(scrub(&service, &deleted), purge(&service)).0
}

async fn scrub(service: &Service, deleted: &Notify) -> Infallible {
    loop {
        // First of all: a process before this one may have ended between a deletion and its scrubbing.
        while !service.scrub().await {
            sleep(Duration::from_millis(limits::CLEANUP_RETRY_MS)).await;
        }
        deleted.notified().await;
    }
}

async fn purge(service: &Service) -> Infallible {
    let mut ticks = interval(Duration::from_secs(limits::PURGE_S));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        service.purge_tombstones().await;
    }
}
