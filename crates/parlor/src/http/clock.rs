//! The running clock.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::clock::{ClockState, SetClock};

/// Say that the wall clock is right after it disagreed with the time the server ran; administrators only
#[utoipa::path(
    post, path = "/api/live-chat/settings/clock", request_body = SetClock,
    responses((status = 200, description = "As it is now", body = ClockState))
)]
pub(super) async fn set_clock(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Input(input): Input<SetClock>,
) -> Result<impl IntoResponse, Problem> {
    input.check()?;
    service.go_on(caller.by()).await.map(ok)
}
