//! The running clock.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::scalar::Time;

/// What the server knows of its own time. While it is paused nothing is erased by itself.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockState {
    /// Seconds it ever ran, over all restarts.
    pub running_s: i64,
    /// Whether the wall clock and the time it ran disagree, and nobody has said yet that all is well.
    pub is_paused: bool,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub paused_at: Option<Time>,
    /// By how many seconds they disagreed; below 0 where the wall clock went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagreement_s: Option<i64>,
}

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
