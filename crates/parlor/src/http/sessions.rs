//! Signing in: anonymous visitors' tokens, the console's session.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;

use crate::http::auth::{bearer, cookie, origin, set_cookie};
use crate::http::body::{Input, created, ok};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::{CreateSession, CreateVisitor};
use crate::wire::me::{Session, VisitorToken};

/// A token for an anonymous visitor of an allowed page; with their old token, a new one for the same visitor
#[utoipa::path(
    post, path = "/api/live-chat/visitors", request_body = CreateVisitor, security(()),
    responses(
        (status = 201, description = "A new visitor", body = VisitorToken),
        (status = 200, description = "The same visitor, renewed", body = VisitorToken),
    )
)]
pub(super) async fn create_visitor(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Input(input): Input<CreateVisitor>,
) -> Result<impl IntoResponse, Problem> {
    let old = match bearer(&headers)? {
        Some(token) => Some(service.authenticate_token(token).await?),
        None => None,
    };
    let visitor = service.create_visitor(input, origin(&headers), old.as_ref()).await?;
    Ok(created(old.is_none(), visitor))
}

/// Sign in to the console with a one-click link's code
#[utoipa::path(
    post, path = "/api/live-chat/sessions", request_body = CreateSession, security(()),
    responses((status = 204, description = "Signed in by cookie"))
)]
pub(super) async fn create_session(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Input(input): Input<CreateSession>,
) -> Result<impl IntoResponse, Problem> {
    // A foreign page must not sign somebody in as somebody else; programs send no origin.
    if let Some(origin) = origin(&headers) {
        service.check_origin(Some(origin))?;
    }
    let session = service.create_session(input).await?;
    let cookie = set_cookie(&service, &session.token, session.max_age_s);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Whether this browser is signed in to the console: an answer, and no error, where it is not
#[utoipa::path(
    get, path = "/api/live-chat/sessions", security(()),
    responses((status = 200, description = "Who is signed in by cookie, if anybody", body = Session))
)]
pub(super) async fn get_session(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    service.get_session(cookie(&service, &headers)).await.map(ok)
}

/// Sign out of the console
#[utoipa::path(
    delete, path = "/api/live-chat/sessions", responses((status = 204, description = "Signed out"))
)]
pub(super) async fn delete_session(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(token) = cookie(&service, &headers) {
        service.check_origin(origin(&headers))?;
        service.delete_session(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&service, "", 0))]))
}
