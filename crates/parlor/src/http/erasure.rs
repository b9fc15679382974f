//! Erasure and what goes with it: everything about a user, as a file or gone; what was deleted.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;

use crate::http::auth::Authenticated;
use crate::http::body::{Params, PathId, PathText, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::erasure::{DeletionList, DryRun};
use crate::wire::query::erasure::{DeleteParams, IsDryRun, ListDeletions, ListDeletionsParams};

/// Delete a conversation and everything said in it, for good; administrators only
#[utoipa::path(
    delete, path = "/api/live-chat/conversations/{id}",
    params(("id" = String, Path, description = "The conversation"), DeleteParams),
    responses(
        (status = 204, description = "Gone for everybody. Its id and its messages' ids stay taken for 90 days"),
        (status = 200, description = "With `dryRun=true`: what would go", body = DryRun),
    )
)]
pub(super) async fn delete_conversation(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
) -> Result<Response, Problem> {
    if IsDryRun::parse(&pairs)?.0 {
        return service.measure_conversation(caller.by(), id).await.map(|extent| ok(extent).into_response());
    }
    service.delete_conversation(caller.by(), id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Delete everything about a user, for good: conversations, private notes beside them, the profile; administrators only
///
/// Many commits; answered when the last one is on the disk, and it goes on when the caller does not wait. A call that was
/// cut off is to be repeated. Who comes back under the id is somebody new.
#[utoipa::path(
    delete, path = "/api/live-chat/users/{id}",
    params(("id" = String, Path, description = "The user"), DeleteParams),
    responses(
        (status = 204, description = "Gone for everybody. Ids of conversations and messages stay taken for 90 days"),
        (status = 200, description = "With `dryRun=true`: what would go", body = DryRun),
    )
)]
pub(super) async fn delete_user(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
    Params(pairs): Params,
) -> Result<Response, Problem> {
    if IsDryRun::parse(&pairs)?.0 {
        return service.measure_user(caller.by(), &id).await.map(|extent| ok(extent).into_response());
    }
    service.delete_user(caller.by(), &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Everything about a user, as a file of JSON lines; administrators and services only
///
/// The first line is `{"user": …}`, each other one a conversation as `parlor export` writes it, oldest activity first.
#[utoipa::path(
    get, path = "/api/live-chat/users/{id}/export",
    params(("id" = String, Path, description = "The user")),
    responses((status = 200, description = "An attachment; cut when it cannot be finished", content((String = "application/x-ndjson"))))
)]
pub(super) async fn export_user(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
) -> Result<impl IntoResponse, Problem> {
    let export = service.export_user(caller.by(), &id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"user.jsonl\""),
    ];
    let lines = unfold(export, async |mut export| {
        let line = export.next().await?;
        Some((line.map_err(|problem| cut(&problem)), export))
    });
    Ok((headers, Body::from_stream(lines)))
}

/// The head is out: only the connection's end can say that the file is not whole.
fn cut(problem: &Problem) -> io::Error {
    tracing::warn!(code = problem.code.as_str(), log = problem.log, "a user's export was cut");
    io::Error::other(problem.code.as_str())
}

/// What was deleted, when, why and by whom, without what was said; administrators only
#[utoipa::path(
    get, path = "/api/live-chat/deletions", params(ListDeletionsParams),
    responses((status = 200, description = "Newest first", body = DeletionList))
)]
pub(super) async fn list_deletions(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    service.list_deletions(caller.by(), ListDeletions::parse(&pairs)?).await.map(ok)
}
