//! What the server knows of its own time.

use parlor_core::lifecycle::Clock;

use crate::service::Service;
use crate::wire::settings::ClockState;

impl Service {
    /// As the lifecycle's rules need it.
    pub(crate) fn clock(&self) -> Clock {
        let running_ms = self.now().since_ms(self.started_at).max(0);
        let (returned_at, last_alive_at) = (self.started_at, self.started_at);
        Clock { returned_at, last_alive_at, running_ms, is_paused: false }
    }

    /// As administrators see it.
    pub(crate) fn clock_state(&self) -> ClockState {
        let Clock { running_ms, is_paused, .. } = self.clock();
        ClockState { running_s: running_ms / 1000, is_paused, paused_at: None, disagreement_s: None }
    }
}
