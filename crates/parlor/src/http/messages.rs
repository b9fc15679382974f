//! Messages: send, list.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, Params, PathId, created, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::PostMessage;
use crate::wire::list::{MessageList, SendMessageAnswer};
use crate::wire::query::{Inline, InlineParams, ListMessages, ListMessagesParams};

/// Say something; answered when it is on disk
#[utoipa::path(
    post, path = "/api/live-chat/messages", params(InlineParams), request_body = PostMessage,
    responses(
        (status = 201, description = "Stored", body = SendMessageAnswer),
        (status = 200, description = "The same id and content again: the stored message", body = SendMessageAnswer),
    )
)]
pub(super) async fn send_message(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
    Input(input): Input<PostMessage>,
) -> Result<impl IntoResponse, Problem> {
    let answer = service.send_message(caller.by(), input, Inline::parse(&pairs)?).await?;
    Ok(created(answer.created, answer))
}

/// A page of a conversation's messages
#[utoipa::path(
    get, path = "/api/live-chat/conversations/{id}/messages",
    params(("id" = String, Path, description = "The conversation"), ListMessagesParams),
    responses((status = 200, description = "Ascending; `cursor` and rows are of one moment", body = MessageList))
)]
pub(super) async fn list_messages(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    service.list_messages(caller.by(), id, ListMessages::parse(&pairs)?).await.map(ok)
}
