//! Importing into the running server.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::IntoResponse;
use parlor_core::error::Code;
use parlor_core::limits;

use crate::http::auth::Authenticated;
use crate::http::body::{is_lines, ok, read};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::import::ImportTally;

/// Bring conversations from elsewhere; administrators only
///
/// One JSON object a line, as `parlor export` writes them, at most 8 MiB in all. A conversation that is there already stays as
/// it is, so the same lines may be sent again. Imported conversations keep their times; every timer counts from now.
#[utoipa::path(
    post, path = "/api/live-chat/import",
    request_body(content((String = "application/x-ndjson"))),
    responses((status = 200, description = "What became of the lines", body = ImportTally))
)]
pub(super) async fn import_conversations(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let import = service.begin_import(caller.by())?;
    if !is_lines(request.headers()) {
        return Err(Code::UnsupportedMediaType.into());
    }
    let lines = read(request.into_body(), limits::IMPORT_BODY_BYTES).await?;
    import.store(&lines).await.map(ok)
}
