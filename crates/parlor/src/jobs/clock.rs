//! Looks at the clock every second, so that no jump goes unseen for long, and has it written down.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use parlor_core::limits;
use tokio::time::{MissedTickBehavior, interval};

use crate::service::Service;

/// Runs until it is dropped.
pub async fn run(service: Arc<Service>) -> Infallible {
    let mut ticks = interval(Duration::from_millis(limits::CLOCK_TICK_MS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        service.tend_clock().await;
    }
}
