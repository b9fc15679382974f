//! Bodies, parameters and ids of requests, read within their bounds; answers as JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use parlor_core::error::Code;
use parlor_core::id::ConversationId;
use parlor_core::limits;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::service::Service;
use crate::wire::Problem;
use crate::wire::conversation::to_json;
use crate::wire::parse::from_json;
use crate::wire::query::Pairs;

/// A JSON body of a shape.
pub struct Input<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Service>) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Code::UnsupportedMediaType.into());
        }
        Ok(Self(from_json(&read(request.into_body(), limits::BODY_BYTES).await?)?))
    }
}

/// Whether the body is declared as JSON. A page of another origin cannot declare that without asking first (CORS).
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    is_declared(headers, "application/json")
}

/// Whether the body is declared as lines of JSON.
pub(super) fn is_lines(headers: &HeaderMap) -> bool {
    is_declared(headers, "application/x-ndjson")
}

/// Whether the body is declared as bytes of no known kind.
pub(super) fn is_bytes(headers: &HeaderMap) -> bool {
    is_declared(headers, "application/octet-stream")
}

fn is_declared(headers: &HeaderMap, wanted: &str) -> bool {
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    declared.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

/// A body of at most so many bytes.
pub(super) async fn read(body: Body, bound: usize) -> Result<bytes::Bytes, Problem> {
    match Limited::new(body, bound).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Code::TooLarge.into()),
        Err(error) => Err(Problem::new(Code::MalformedJson).logged(error.to_string())),
    }
}

/// The query's parameters.
pub struct Params(pub Pairs);

impl FromRequestParts<Arc<Service>> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Service>) -> Result<Self, Problem> {
        let pairs = Query::<Pairs>::try_from_uri(&parts.uri);
        pairs.map(|Query(pairs)| Self(pairs)).map_err(|_| Problem::field("/query", "cannot be read"))
    }
}

/// The id in the address. One that cannot be one is as unknown as any other.
pub struct PathId(pub ConversationId);

impl FromRequestParts<Arc<Service>> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Service>) -> Result<Self, Problem> {
        let PathText(text) = PathText::from_request_parts(parts, state).await?;
        ConversationId::parse(&text).map(Self).ok_or_else(|| Code::NotFound.into())
    }
}

/// The id in the address, as text.
pub struct PathText(pub String);

impl FromRequestParts<Arc<Service>> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Service>) -> Result<Self, Problem> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Code::NotFound)?;
        Ok(Self(text))
    }
}

/// An answer as JSON.
pub struct Answer<T>(pub StatusCode, pub T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (self.0, json, to_json(&self.1)).into_response()
    }
}

/// `200` with `shape`.
pub fn ok<T>(shape: T) -> Answer<T> {
    Answer(StatusCode::OK, shape)
}

/// `201` for something new, `200` for what was there already.
pub fn created<T>(is_new: bool, shape: T) -> Answer<T> {
    Answer(if is_new { StatusCode::CREATED } else { StatusCode::OK }, shape)
}
