//! Does what is due when it is due: many times a second it looks at the little that has come up.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use parlor_core::limits;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::service::Service;
use crate::service::lifecycle::Looked;

/// Runs until it is dropped.
pub async fn run(service: Arc<Service>) -> Infallible {
    tokio::join!(ticking(|| service.fire_due()), ticking(|| service.redate())).0
}

/// Looks again and again. What could not be done is due still, so nothing has to be remembered but to wait a little.
async fn ticking<L: Future<Output = Looked>>(look: impl Fn() -> L) -> Infallible {
    let mut ticks = interval(Duration::from_millis(limits::LIFECYCLE_TICK_MS));
    // A look that took longer than that is followed by the next, not by all that were missed: a pile goes at a bounded rate.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if look().await == Looked::Failed {
            sleep(Duration::from_millis(limits::LIFECYCLE_RETRY_MS)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::{Instant, timeout};

    use super::*;

    /// When it looks in the first seconds, in milliseconds: each look takes so long and ends like this.
    async fn looks(each: impl Fn(usize) -> (u64, Looked)) -> Vec<u64> {
        let (begin, made) = (Instant::now(), Mutex::new(Vec::new()));
        let look = || {
            let mut made = made.lock().expect("nobody panics with it");
            made.push(u64::try_from(begin.elapsed().as_millis()).expect("a short test"));
            let (takes_ms, ends) = each(made.len());
            async move {
                sleep(Duration::from_millis(takes_ms)).await;
                ends
            }
        };
        let _ = timeout(Duration::from_millis(2_999), ticking(look)).await;
        made.into_inner().expect("nobody panicked with it")
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_four_times_a_second() {
        let made = looks(|_| (10, Looked::Done)).await;
        assert_eq!(made, (0..12).map(|look| look * 250).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_look_is_not_made_up_for() {
        let made = looks(|number| (if number == 1 { 1_000 } else { 0 }, Looked::Done)).await;
        assert_eq!(made[..4], [0, 1_000, 1_250, 1_500]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_it_waits() {
        let made = looks(|_| (0, Looked::Failed)).await;
        assert_eq!(made, [0, 1_000, 2_000]);
    }
}
