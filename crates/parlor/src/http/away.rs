//! What is said while a backup takes the place of the database: the server lives, and can answer nothing yet.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use parlor_core::error::Code;

use crate::http::problem;
use crate::wire::Problem;

const WHY: &str = "The server puts a backup in the place of its database, and is back when that is done.";

/// The whole site until the server is back. Who watches over the process is told that it lives: ended in between, it would
/// begin from the front.
pub fn site() -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async || (StatusCode::SERVICE_UNAVAILABLE, "restoring a backup\n")))
        .fallback(away)
}

async fn away() -> Response {
    problem::whole(&Problem::new(Code::Unavailable).because(WHY))
}
