//! Funnels: read, store.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use parlor_core::funnel::FunnelSource;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, PathText, created, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::funnel::Funnel;

/// A funnel's current version
#[utoipa::path(
    get, path = "/api/live-chat/funnels/{id}", params(("id" = String, Path, description = "The funnel")),
    responses((status = 200, description = "As its author wrote it; a visitor gets the start block alone", body = Funnel))
)]
pub(super) async fn get_funnel(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
) -> Result<impl IntoResponse, Problem> {
    service.get_funnel(caller.by(), &id).await.map(ok)
}

/// Store a funnel as a new version; running conversations stay on theirs
#[utoipa::path(
    put, path = "/api/live-chat/funnels/{id}", params(("id" = String, Path, description = "The funnel")),
    request_body = Funnel,
    responses(
        (status = 201, description = "A new version", body = Funnel),
        (status = 200, description = "The same as the current version", body = Funnel),
    )
)]
pub(super) async fn put_funnel(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
    Input(source): Input<FunnelSource>,
) -> Result<impl IntoResponse, Problem> {
    let (funnel, is_new) = service.put_funnel(caller.by(), &id, source).await?;
    Ok(created(is_new, funnel.source.clone()))
}
