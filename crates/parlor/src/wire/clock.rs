//! The running clock.

use serde::Deserialize;
use utoipa::ToSchema;

use super::Problem;

/// What an administrator says who has looked at the clock.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetClock {
    /// `false`: the wall clock is right, and erasing goes on.
    pub is_paused: bool,
}

impl SetClock {
    /// It pauses by itself only.
    pub fn check(self) -> Result<(), Problem> {
        if self.is_paused { Err(Problem::field("/isPaused", "must be false")) } else { Ok(()) }
    }
}
