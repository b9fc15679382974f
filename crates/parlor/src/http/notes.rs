//! Private notes: add, delete. They are read with the messages they stand behind.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::IntoResponse;
use parlor_core::error::Code;
use parlor_core::id::{ConversationId, NoteId};

use crate::http::auth::Authenticated;
use crate::http::body::{Input, Params, PathId, created, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::AddNote;
use crate::wire::list::NoteAnswer;
use crate::wire::query::{Inline, InlineParams};

/// The ids in a note's address. Those that cannot be any are as unknown as any other.
pub(super) struct NotePath(ConversationId, NoteId);

impl FromRequestParts<Arc<Service>> for NotePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Service>) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((conversation, note)) = path.map_err(|_| Code::NotFound)?;
        let ids = ConversationId::parse(&conversation).zip(NoteId::parse(&note));
        ids.map(|(conversation, note)| Self(conversation, note)).ok_or_else(|| Code::NotFound.into())
    }
}

/// Write a private note; answered when it is on disk. Visitors never see it
#[utoipa::path(
    post, path = "/api/live-chat/conversations/{id}/notes",
    params(("id" = String, Path, description = "The conversation"), InlineParams), request_body = AddNote,
    responses(
        (status = 201, description = "Stored", body = NoteAnswer),
        (status = 200, description = "The same id and text again: the stored note", body = NoteAnswer),
    )
)]
pub(super) async fn add_note(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
    Input(input): Input<AddNote>,
) -> Result<impl IntoResponse, Problem> {
    let answer = service.add_note(caller.by(), id, input, Inline::parse(&pairs)?).await?;
    Ok(created(answer.created, answer))
}

/// Delete a private note; its author and administrators
#[utoipa::path(
    delete, path = "/api/live-chat/conversations/{id}/notes/{noteId}",
    params(
        ("id" = String, Path, description = "The conversation"),
        ("noteId" = String, Path, description = "The note"),
        InlineParams
    ),
    responses((status = 200, description = "Its text is gone; what is left says when", body = NoteAnswer))
)]
pub(super) async fn delete_note(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    NotePath(id, note): NotePath,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    service.delete_note(caller.by(), id, note, Inline::parse(&pairs)?).await.map(ok)
}
