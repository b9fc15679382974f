//! The settings.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::{PreviewSettings, PutSettings};
use crate::wire::settings::{Settings, SettingsPreview};

/// How long what may stay as it is
#[utoipa::path(
    get, path = "/api/live-chat/settings",
    responses((status = 200, description = "As they stand", body = Settings))
)]
pub(super) async fn get_settings(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    service.get_settings(caller.by()).await.map(ok)
}

/// Change the settings, whole; a change is carried to the conversations there are in the background
#[utoipa::path(
    put, path = "/api/live-chat/settings", request_body = PutSettings,
    responses((status = 200, description = "As they stand now", body = Settings))
)]
pub(super) async fn put_settings(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Input(input): Input<PutSettings>,
) -> Result<impl IntoResponse, Problem> {
    service.put_settings(caller.by(), input).await.map(ok)
}

/// What settings would have done in the last thirty days, before they are put
#[utoipa::path(
    post, path = "/api/live-chat/settings/preview", request_body = PreviewSettings,
    responses((status = 200, description = "Counted; nothing is changed", body = SettingsPreview))
)]
pub(super) async fn preview_settings(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Input(input): Input<PreviewSettings>,
) -> Result<impl IntoResponse, Problem> {
    service.preview_settings(caller.by(), input).await.map(ok)
}
