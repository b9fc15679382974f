//! Problems as responses (RFC 9457).

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::wire::Problem;
use crate::wire::conversation::to_json;

/// How problems are labelled.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

impl IntoResponse for Problem {
    /// The problem itself rides along as an extension: the edge writes the body, which names the request.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status(&self);
        response.extensions_mut().insert(self);
        response
    }
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Writes the body of a response that carries a problem. Other headers, like `Allow`, stay.
pub(super) fn write_body(mut response: Response, request_id: &str) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if problem.code.status() >= 500 {
        let log = problem.log.as_deref().unwrap_or_default();
        tracing::error!(request_id, code = problem.code.as_str(), log, "a request failed");
    } else {
        tracing::debug!(request_id, code = problem.code.as_str(), log = problem.log, "a request was refused");
    }
    fill(&mut response, &problem, Some(request_id));
    response
}

/// A problem as a whole response, where there is no edge to finish it.
pub(super) fn whole(problem: &Problem) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status(problem);
    fill(&mut response, problem, None);
    response
}

fn fill(response: &mut Response, problem: &Problem, request_id: Option<&str>) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.body_mut() = Body::from(to_json(&problem.body(request_id)));
}
