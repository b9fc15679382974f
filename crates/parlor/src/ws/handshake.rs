//! The handshake (RFC 6455, 4.2) and the socket that comes of it. Ours rather than axum's, so that we see the frames.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use parlor_core::limits;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::PROTOCOL;
use super::counted::Counted;
use crate::wire::Problem;

/// A connection's socket.
pub type Socket = WebSocketStream<Counted<TokioIo<Upgraded>>>;

/// A request that may become a socket.
pub struct Handshake {
    answer: Response,
    upgraded: OnUpgrade,
}

impl Handshake {
    /// Reads what the request asks for.
    pub fn read(mut request: Request) -> Result<Self, Problem> {
        let mut answer = create_response_with_body(&request, Body::empty)
            .map_err(|_| Problem::field("/header/upgrade", "must ask for a WebSocket (RFC 6455)"))?;
        if offers_ours(request.headers()) {
            let ours = HeaderValue::from_static(PROTOCOL);
            answer.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, ours);
        }
        Ok(Self { answer, upgraded: hyper::upgrade::on(&mut request) })
    }

    /// The answer, and the socket once that was sent; none when the peer left before.
    pub fn accept(self) -> (Response, impl Future<Output = Option<Socket>> + use<>) {
        let upgraded = self.upgraded;
        let socket = async move {
            let stream = Counted::new(TokioIo::new(upgraded.await.ok()?));
            Some(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config())).await)
        };
        (self.answer, socket)
    }
}

fn offers_ours(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    offers.iter().flat_map(|offers| offers.as_bytes().split(|byte| *byte == b',')).any(|offer| {
        // Subprotocols are compared to the letter (RFC 6455, 4.1).
        offer.trim_ascii() == PROTOCOL.as_bytes()
    })
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(limits::SOCKET_BUFFER_BYTES)
        .write_buffer_size(limits::SOCKET_BUFFER_BYTES)
        // Room for the frame being written, one that waits for it, and the close frame.
        .max_write_buffer_size(3 * limits::FRAME_BYTES)
        .max_message_size(Some(limits::FRAME_BYTES))
        .max_frame_size(Some(limits::FRAME_BYTES))
}
