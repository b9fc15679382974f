//! Conversations: list, start, read, change, take, give back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, Params, PathId, created, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::{MarkRead, PatchConversations, SetTyping, StartConversation, Take};
use crate::wire::list::{ConversationAnswer, ConversationList, StartConversationAnswer, UpdateAnswer};
use crate::wire::query::{Inline, InlineParams, ListConversations, ListConversationsParams};

/// A page of the inbox; for a visitor, of their own conversations
#[utoipa::path(
    get, path = "/api/live-chat/conversations", params(ListConversationsParams),
    responses((status = 200, description = "In order; `cursor` and rows are of one moment", body = ConversationList))
)]
pub(super) async fn list_conversations(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    let list = ListConversations::parse(&pairs)?;
    service.list_conversations(caller.by(), list).await.map(ok)
}

/// Start a conversation: greeting and first message in one transaction
#[utoipa::path(
    post, path = "/api/live-chat/conversations", params(InlineParams), request_body = StartConversation,
    responses(
        (status = 201, description = "A new conversation", body = StartConversationAnswer),
        (status = 200, description = "The same start again, or the message went to the open one", body = StartConversationAnswer),
    )
)]
pub(super) async fn start_conversation(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
    Input(input): Input<StartConversation>,
) -> Result<impl IntoResponse, Problem> {
    let answer = service.start_conversation(caller.by(), input, Inline::parse(&pairs)?).await?;
    Ok(created(answer.created, answer))
}

/// Change one conversation, or up to 100, each by itself
#[utoipa::path(
    patch, path = "/api/live-chat/conversations", params(InlineParams), request_body = PatchConversations,
    responses((status = 200, description = "As it is now; with `conversationIds`, `conversations` and `failed`", body = UpdateAnswer))
)]
pub(super) async fn update_conversations(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    Params(pairs): Params,
    Input(input): Input<PatchConversations>,
) -> Result<impl IntoResponse, Problem> {
    service.update_conversations(caller.by(), input, None, Inline::parse(&pairs)?).await.map(ok)
}

/// One conversation
#[utoipa::path(
    get, path = "/api/live-chat/conversations/{id}",
    params(("id" = String, Path, description = "The conversation"), InlineParams),
    responses((status = 200, description = "As it is now", body = ConversationAnswer))
)]
pub(super) async fn get_conversation(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    service.get_conversation(caller.by(), id, Inline::parse(&pairs)?).await.map(ok)
}

/// Change one conversation; the body names none
#[utoipa::path(
    patch, path = "/api/live-chat/conversations/{id}",
    params(("id" = String, Path, description = "The conversation"), InlineParams),
    request_body = PatchConversations,
    responses((status = 200, description = "As it is now", body = ConversationAnswer))
)]
pub(super) async fn update_conversation(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
    Input(input): Input<PatchConversations>,
) -> Result<impl IntoResponse, Problem> {
    service.update_conversations(caller.by(), input, Some(id), Inline::parse(&pairs)?).await.map(ok)
}

/// Move the caller's side's read mark
#[utoipa::path(
    post, path = "/api/live-chat/conversations/{id}/read",
    params(("id" = String, Path, description = "The conversation"), InlineParams), request_body = MarkRead,
    responses((status = 200, description = "As it is now", body = ConversationAnswer))
)]
pub(super) async fn mark_read(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
    Input(input): Input<MarkRead>,
) -> Result<impl IntoResponse, Problem> {
    service.mark_read(caller.by(), id, input, Inline::parse(&pairs)?).await.map(ok)
}

/// Show that the caller types, or stopped
#[utoipa::path(
    post, path = "/api/live-chat/conversations/{id}/typing",
    params(("id" = String, Path, description = "The conversation")), request_body = SetTyping,
    responses((status = 204, description = "Shown to everybody in the conversation"))
)]
pub(super) async fn set_typing(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Input(input): Input<SetTyping>,
) -> Result<StatusCode, Problem> {
    service.set_typing(caller.by(), id, input.is_typing).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Become the one who answers; 409 with the holder when somebody else is
#[utoipa::path(
    post, path = "/api/live-chat/conversations/{id}/take",
    params(("id" = String, Path, description = "The conversation"), InlineParams), request_body = Take,
    responses((status = 200, description = "As it is now", body = ConversationAnswer))
)]
pub(super) async fn take_conversation(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
    Input(input): Input<Take>,
) -> Result<impl IntoResponse, Problem> {
    service.take_conversation(caller.by(), id, input, Inline::parse(&pairs)?).await.map(ok)
}

/// Let the bot answer again
#[utoipa::path(
    post, path = "/api/live-chat/conversations/{id}/give-back",
    params(("id" = String, Path, description = "The conversation"), InlineParams),
    responses((status = 200, description = "As it is now", body = ConversationAnswer))
)]
pub(super) async fn give_back_conversation(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathId(id): PathId,
    Params(pairs): Params,
) -> Result<impl IntoResponse, Problem> {
    service.give_back_conversation(caller.by(), id, Inline::parse(&pairs)?).await.map(ok)
}
