//! Restoring under the running server.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use parlor_core::error::Code;
use parlor_core::limits;

use crate::http::auth::Authenticated;
use crate::http::body::{Answer, Input, Params, is_bytes, ok, read};
use crate::service::Service;
use crate::service::restores::Restores;
use crate::wire::Problem;
use crate::wire::query::restore::{BackupPart, BackupPartParams};
use crate::wire::restore::{BeginRestore, RestoreState};

/// Send a part of a backup; administrators of the workspace `default` only
///
/// At most 8 MiB, from the front to the end.
#[utoipa::path(
    put, path = "/api/live-chat/restore", params(BackupPartParams),
    request_body(content((Vec<u8> = "application/octet-stream"))),
    responses((status = 200, description = "What is there now", body = RestoreState))
)]
pub(super) async fn put_backup_part(
    Extension(restores): Extension<Arc<Restores>>,
    caller: Authenticated,
    Params(pairs): Params,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let inbox = restores.inbox(&caller.0)?;
    let BackupPart { at } = BackupPart::parse(&pairs)?;
    if !is_bytes(request.headers()) {
        return Err(Code::UnsupportedMediaType.into());
    }
    let part = read(request.into_body(), limits::RESTORE_PART_BYTES).await?;
    inbox.add(at, part).await.map(ok)
}

/// Put the backup that was sent in the place of the database; administrators of the workspace `default` only
///
/// The server tells everybody to come back, restores, and starts anew; meanwhile every request is answered 503. If the backup cannot be
/// restored the server goes on with the database it had. `GET` says afterwards which it was.
#[utoipa::path(
    post, path = "/api/live-chat/restore", request_body = BeginRestore,
    responses((status = 202, description = "It begins", body = RestoreState))
)]
pub(super) async fn begin_restore(
    State(service): State<Arc<Service>>,
    Extension(restores): Extension<Arc<Restores>>,
    caller: Authenticated,
    Input(input): Input<BeginRestore>,
) -> Result<impl IntoResponse, Problem> {
    let state = restores.inbox(&caller.0)?.begin(&input, service.new_id())?;
    Ok(Answer(StatusCode::ACCEPTED, state))
}

/// How a restore stands, or how the last one ended since the server was started; administrators of the workspace `default` only
#[utoipa::path(
    get, path = "/api/live-chat/restore",
    responses((status = 200, description = "As it is now", body = RestoreState))
)]
pub(super) async fn get_restore(
    Extension(restores): Extension<Arc<Restores>>,
    caller: Authenticated,
) -> Result<impl IntoResponse, Problem> {
    restores.state(&caller.0).map(ok)
}
