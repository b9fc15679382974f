//! What surrounds every request: its id, its bounds in time and size, panics, problems' bodies, headers that browsers
//! act on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use parlor_core::error::Code;
use parlor_core::limits;

use crate::http::{BASE, problem};
use crate::service::Service;
use crate::wire::Problem;

/// Finds a request in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PREFLIGHT_S: HeaderValue = HeaderValue::from_static("600");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, last-event-id");
const EXPOSED: HeaderValue = HeaderValue::from_static("retry-after, x-request-id");

/// Answers a request within its bounds; whatever goes wrong inside becomes a problem that names the request.
pub async fn edge(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let request_id = service.new_request_id();
    let is_api = request.uri().path().starts_with(BASE);
    let origin = request.headers().get(header::ORIGIN).filter(|_| is_api).cloned();
    let method = request.method().clone();
    let answer = answer(&service, request, next, origin.is_some());
    let limit = Duration::from_secs(limits::REQUEST_TIMEOUT_S);
    let answer = tokio::time::timeout(limit, AssertUnwindSafe(answer).catch_unwind()).await;
    let response = match answer {
        Ok(Ok(response)) => response,
        // The panic hook has logged it.
        Ok(Err(_)) => Problem::internal("a handler panicked").into_response(),
        Err(_) => Problem::new(Code::Timeout).into_response(),
    };
    let mut response = problem::write_body(response, &request_id);
    tracing::debug!(request_id, %method, status = response.status().as_u16(), "answered");
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        share(&service, headers, origin).await;
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

async fn answer(service: &Service, request: Request, next: Next, has_origin: bool) -> Response {
    let uri = request.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, str::len);
    if uri_bytes > limits::URI_BYTES {
        return Problem::new(Code::UriTooLong).into_response();
    }
    if !service.is_alive() && *request.method() != Method::GET {
        // The process is about to end; nothing more is stored.
        return Problem::new(Code::Unavailable).into_response();
    }
    let is_preflight = has_origin
        && *request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if is_preflight {
        return StatusCode::NO_CONTENT.into_response();
    }
    next.run(request).await
}

/// Lets pages of the configured and the workspaces' origins read the answer (Fetch, section 3.2). Never with credentials:
/// the console's cookie is for its own origin only.
async fn share(service: &Service, headers: &mut HeaderMap, origin: HeaderValue) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Ok(text) = origin.to_str() else { return };
    if service.may_read_answers(text).await {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_S);
    }
}
