//! A conversation as a file to keep.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::stream::unfold;

use crate::http::auth::Authenticated;
use crate::http::body::{Params, PathId};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::query::transcript::{TranscriptParams, TranscriptQuery};
use crate::wire::transcript::Transcript;

/// A conversation with everything said in it, as a file
///
/// Streamed, and of one moment: what is said during the download is not in it. Private notes stand
/// in it, where asked for, as they were when their part was written. If the conversation is deleted meanwhile the
/// connection is cut.
#[utoipa::path(
    get, path = "/api/live-chat/conversations/{id}/transcript",
    params(("id" = String, Path, description = "The conversation"), TranscriptParams),
    responses((
        status = 200, description = "An attachment; in the caller's view",
        content((String = "text/plain"), (Transcript = "application/json"))
    ))
)]
pub(super) async fn get_transcript(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    let transcript = service.get_transcript(caller.by(), id, TranscriptQuery::parse(&pairs)?).await?;
    let headers = [
        (header::CONTENT_TYPE, transcript.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", transcript.file_name())),
    ];
    let pieces = unfold(transcript, async |mut transcript| {
        let piece = transcript.next().await?;
        Some((piece.map_err(|problem| cut(&problem)), transcript))
    });
    Ok((headers, Body::from_stream(pieces)))
}

/// The head is out: only the connection's end can say that the file is not whole.
fn cut(problem: &Problem) -> io::Error {
    tracing::warn!(code = problem.code.as_str(), log = problem.log, "a transcript was cut");
    io::Error::other(problem.code.as_str())
}
