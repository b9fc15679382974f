//! What the server knows of its own time: kept in memory, written down every few seconds.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor_core::access::{Operation, Principal, may};
use parlor_core::clock::{Moment, RunningClock, StoredClock};
use parlor_core::error::Code;
use parlor_core::lifecycle;
use parlor_core::limits;
use parlor_core::time::Timestamp;

use crate::ambient::Ambient;
use crate::service::Service;
use crate::store::StoreError;
use crate::wire::Problem;
use crate::wire::clock::ClockState;
use crate::wire::scalar::Time;

/// The process's clock.
pub(super) struct Clock(Mutex<Inner>);

struct Inner {
    clock: RunningClock,
    /// When it was written down last, in running time.
    saved_ms: Option<i64>,
    /// Whether the pause that runs stands in the store: whoever takes it out there, a command beside the server, says go on.
    is_pause_stored: bool,
}

impl Clock {
    /// Starts it where the process before this one left it.
    pub(super) fn start(stored: Option<StoredClock>, ambient: &dyn Ambient) -> Self {
        let clock = RunningClock::start(stored, moment(ambient));
        let is_pause_stored = stored.is_some_and(|stored| stored.pause == clock.stored().pause);
        if clock.reading().is_paused {
            warn(&clock);
        }
        Self(Mutex::new(Inner { clock, saved_ms: None, is_pause_stored }))
    }

    fn looked(&self, ambient: &dyn Ambient) -> MutexGuard<'_, Inner> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.clock.look(moment(ambient)) {
            inner.is_pause_stored = false;
            warn(&inner.clock);
        }
        inner
    }
}

/// Both clocks, read so close to one another that nothing lay between: a process may be stopped anywhere.
fn moment(ambient: &dyn Ambient) -> Moment {
    let mut before = ambient.elapsed();
    loop {
        let (wall, elapsed) = (ambient.now(), ambient.elapsed());
        if elapsed - before <= Duration::from_millis(limits::CLOCK_TICK_MS) {
            let elapsed_ms = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
            return Moment { wall, elapsed_ms };
        }
        before = elapsed;
    }
}

fn warn(clock: &RunningClock) {
    let disagreement_s = clock.stored().pause.map_or(0, |pause| pause.disagreement_ms / 1000);
    tracing::warn!(
        disagreement_s,
        "the wall clock and the time the server ran disagree; nothing is erased by itself until you have looked at the \
         clock and said `parlor clock go-on`"
    );
}

impl Service {
    /// As the lifecycle's rules need it: of this very moment.
    #[must_use]
    pub fn clock(&self) -> lifecycle::Clock {
        self.clock.looked(self.ambient.as_ref()).clock.reading()
    }

    /// Since when the server is there again, as long as something that fell due before that may not be done.
    pub(super) fn behind(&self) -> Option<Timestamp> {
        self.clock.looked(self.ambient.as_ref()).clock.behind()
    }

    /// Everything that fell due before the server returned is done.
    pub(super) fn caught_up(&self, returned_at: Timestamp) {
        self.clock.looked(self.ambient.as_ref()).clock.caught_up(returned_at);
    }

    /// As administrators see it.
    #[must_use]
    pub fn clock_state(&self) -> ClockState {
        ClockState::from(self.clock.looked(self.ambient.as_ref()).clock.stored())
    }

    /// Looks at the clock, and writes it down when it is time to. To be called every second.
    pub async fn tend_clock(&self) {
        let (stored, keeps_pause) = {
            let inner = self.clock.looked(self.ambient.as_ref());
            let stored = inner.clock.stored();
            let is_due =
                inner.saved_ms.is_none_or(|saved| stored.running_ms - saved >= limits::CLOCK_SAVE_MS);
            if !is_due && (inner.is_pause_stored || stored.pause.is_none()) {
                return;
            }
            (stored, inner.is_pause_stored)
        };
        if let Err(error) = self.save(stored, keeps_pause).await {
            // It counts on in memory; a crash loses what was not written down, and nothing is erased the earlier for it.
            tracing::debug!(%error, "the running time was not written down");
        }
    }

    /// Writes it down at the end of the process.
    pub async fn end_clock(&self) {
        let (stored, keeps_pause) = {
            let inner = self.clock.looked(self.ambient.as_ref());
            (inner.clock.stored(), inner.is_pause_stored)
        };
        if let Err(error) = self.save(stored, keeps_pause).await {
            tracing::warn!(%error, "the running time of the last seconds was not written down");
        }
    }

    async fn save(&self, stored: StoredClock, keeps_pause: bool) -> Result<(), StoreError> {
        let pause = self.store.save_clock(stored, keeps_pause).await?;
        let mut inner = self.clock.looked(self.ambient.as_ref());
        inner.saved_ms = Some(stored.running_ms);
        if keeps_pause && pause.is_none() && inner.is_pause_stored && stored.pause.is_some() {
            inner.clock.go_on();
            tracing::info!("the clock goes on");
        }
        // Unless it began to disagree more meanwhile.
        inner.is_pause_stored |= inner.clock.stored().pause == pause;
        Ok(())
    }

    /// An administrator has looked at the clock.
    pub async fn go_on(&self, by: &Principal) -> Result<ClockState, Problem> {
        if !may(by.role, Operation::GoOn) {
            return Err(Code::Forbidden.into());
        }
        // A pause of this second may not stand there yet.
        self.tend_clock().await;
        self.store.clock_goes_on().await.map_err(|error| self.failed(&error))?;
        let mut inner = self.clock.looked(self.ambient.as_ref());
        inner.clock.go_on();
        inner.is_pause_stored = true;
        Ok(ClockState::from(inner.clock.stored()))
    }
}

impl From<StoredClock> for ClockState {
    fn from(clock: StoredClock) -> Self {
        Self {
            running_s: clock.running_ms / 1000,
            is_paused: clock.pause.is_some(),
            paused_at: clock.pause.map(|pause| Time(pause.at)),
            disagreement_s: clock.pause.map(|pause| pause.disagreement_ms / 1000),
        }
    }
}
