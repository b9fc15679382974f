//! `GET /api/live-chat/ws`: who asks is checked before the connection changes its protocol.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::http::auth::{bearer, cookie, origin};
use crate::http::body::Params;
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::query::{AuthBy, OpenSocketParams};
use crate::ws::handshake::Handshake;
use crate::ws::{Sockets, Transport};

/// Open a live connection (WebSocket, subprotocol `parlor.v1`)
#[utoipa::path(
    get, path = "/api/live-chat/ws", params(OpenSocketParams), security((), ("bearer" = []), ("cookie" = [])),
    responses((status = 101, description = "From here on, frames: `ClientFrame` to the server, `ServerFrame` from it"))
)]
pub async fn open_socket(
    State(service): State<Arc<Service>>,
    Extension(sockets): Extension<Arc<Sockets>>,
    Extension(transport): Extension<Arc<Transport>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Params(pairs): Params,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let handshake = match Handshake::read(request) {
        Ok(handshake) => handshake,
        Err(refused) => return Ok(refused.into_response()),
    };
    let session = cookie(&service, &headers).filter(|_| AuthBy::parse(&pairs) == AuthBy::Request);
    let caller = if let Some(token) = bearer(&headers)? {
        Some(service.authenticate_token(token).await?)
    } else if let Some(session) = session {
        // Browsers send the cookie from any page: only ours may use it.
        service.check_origin(origin(&headers))?;
        Some(service.authenticate_session(session).await?)
    } else {
        None
    };
    sockets.accept(handshake, transport, peer.ip(), caller)
}
