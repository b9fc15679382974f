//! What agents keep at hand, and the lists they choose from.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, Params, PathText, created, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::desk::{
    AgentList, CannedAnswer, CannedAnswerList, FunnelList, LabelList, SavedView, ViewList,
};
use crate::wire::input::{PutCannedAnswer, PutView};
use crate::wire::query::desk::{DeleteCannedAnswerParams, OfVersion};

/// Everybody who has signed in or answered as an agent or administrator
#[utoipa::path(
    get, path = "/api/live-chat/agents",
    responses((status = 200, description = "By name", body = AgentList))
)]
pub(super) async fn list_agents(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    service.list_agents(caller.by()).await.map(ok)
}

/// Labels that conversations have
#[utoipa::path(
    get, path = "/api/live-chat/labels",
    responses((status = 200, description = "Sorted", body = LabelList))
)]
pub(super) async fn list_labels(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    service.list_labels(caller.by()).await.map(ok)
}

/// The workspace's funnels by name
#[utoipa::path(
    get, path = "/api/live-chat/funnels",
    responses((status = 200, description = "By name", body = FunnelList))
)]
pub(super) async fn list_funnels(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    service.list_funnels(caller.by()).await.map(ok)
}

/// Texts agents send often
#[utoipa::path(
    get, path = "/api/live-chat/canned-answers",
    responses((status = 200, description = "By shortcut", body = CannedAnswerList))
)]
pub(super) async fn list_canned_answers(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    service.list_canned_answers(caller.by()).await.map(ok)
}

/// Store a canned answer under an id of the client's choice, 1 to 64 bytes
#[utoipa::path(
    put, path = "/api/live-chat/canned-answers/{id}",
    params(("id" = String, Path, description = "The canned answer")), request_body = PutCannedAnswer,
    responses(
        (status = 201, description = "A new one", body = CannedAnswer),
        (status = 200, description = "In the place of the one with this id", body = CannedAnswer),
    )
)]
pub(super) async fn put_canned_answer(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
    Input(input): Input<PutCannedAnswer>,
) -> Result<impl IntoResponse, Problem> {
    let (answer, is_new) = service.put_canned_answer(caller.by(), &id, input).await?;
    Ok(created(is_new, answer))
}

/// Delete a canned answer
#[utoipa::path(
    delete, path = "/api/live-chat/canned-answers/{id}",
    params(("id" = String, Path, description = "The canned answer"), DeleteCannedAnswerParams),
    responses((status = 204, description = "Gone"))
)]
pub(super) async fn delete_canned_answer(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
    Params(pairs): Params,
) -> Result<StatusCode, Problem> {
    let OfVersion(version) = OfVersion::parse(&pairs)?;
    service.delete_canned_answer(caller.by(), &id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's saved views, and those that are shared
#[utoipa::path(
    get, path = "/api/live-chat/views",
    responses((status = 200, description = "By name", body = ViewList))
)]
pub(super) async fn list_views(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    service.list_views(caller.by()).await.map(ok)
}

/// Store a view under an id of the client's choice, 1 to 64 bytes; only its maker or an administrator changes it
#[utoipa::path(
    put, path = "/api/live-chat/views/{id}", params(("id" = String, Path, description = "The view")),
    request_body = PutView,
    responses(
        (status = 201, description = "A new one", body = SavedView),
        (status = 200, description = "In the place of the one with this id", body = SavedView),
    )
)]
pub(super) async fn put_view(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
    Input(input): Input<PutView>,
) -> Result<impl IntoResponse, Problem> {
    let (view, is_new) = service.put_view(caller.by(), &id, input).await?;
    Ok(created(is_new, view))
}

/// Delete a view; only its maker or an administrator may
#[utoipa::path(
    delete, path = "/api/live-chat/views/{id}", params(("id" = String, Path, description = "The view")),
    responses((status = 204, description = "Gone"))
)]
pub(super) async fn delete_view(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
) -> Result<StatusCode, Problem> {
    service.delete_view(caller.by(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
