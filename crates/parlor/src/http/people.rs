//! Users, and who the caller is.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;

use crate::http::auth::Authenticated;
use crate::http::body::{Input, PathText, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::PutUser;
use crate::wire::me::Me;
use crate::wire::user::LiveChatUser;

/// Store what is known about a user; a visitor only about themselves
#[utoipa::path(
    put, path = "/api/live-chat/users/{id}", params(("id" = String, Path, description = "The user")),
    request_body = PutUser,
    responses((status = 200, description = "As stored", body = LiveChatUser))
)]
pub(super) async fn put_user(
    State(service): State<Arc<Service>>,
    caller: Authenticated,
    PathText(id): PathText,
    Input(input): Input<PutUser>,
) -> Result<impl IntoResponse, Problem> {
    service.put_user(caller.by(), &id, input).await.map(ok)
}

/// Who the caller is
#[utoipa::path(
    get, path = "/api/live-chat/me",
    responses((status = 200, description = "As the token or session proves", body = Me))
)]
pub(super) async fn get_me(
    State(service): State<Arc<Service>>,
    Authenticated(caller): Authenticated,
) -> impl IntoResponse {
    ok(service.get_me(&caller))
}
