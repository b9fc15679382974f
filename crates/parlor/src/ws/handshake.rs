//! The handshake (RFC 6455, 4.2) and the socket that comes of it. Ours rather than axum's, so that we see the frames.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use parlor_core::limits;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::PROTOCOL;
use super::counted::Counted;
use crate::wire::Problem;

/// The version of the protocol.
const VERSION: &str = "13";
/// Bytes of a request's key.
const KEY_BYTES: usize = 16;

/// A connection's socket.
pub type Socket = WebSocketStream<Counted<TokioIo<Upgraded>>>;

/// A request that may become a socket.
pub struct Handshake {
    answer: Response,
    upgraded: OnUpgrade,
}

impl Handshake {
    /// Reads what the request asks for.
    pub fn read(mut request: Request) -> Result<Self, Refused> {
        let mut answer = create_response_with_body(&request, Body::empty).map_err(|error| match error {
            Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => Refused::Version,
            Error::Protocol(ProtocolError::MissingSecWebSocketKey) => Refused::Key,
            _ => Refused::NoSocketAskedFor,
        })?;
        if !has_sound_key(request.headers()) {
            return Err(Refused::Key);
        }
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

/// Why a request becomes no socket.
pub enum Refused {
    /// It is none for one.
    NoSocketAskedFor,
    /// It is for a version of the protocol that is not spoken here.
    Version,
    /// Its key is none.
    Key,
}

impl IntoResponse for Refused {
    /// What is wrong with the protocol itself is said in its own terms, to libraries (RFC 6455, 4.2.2 and 4.4).
    fn into_response(self) -> Response {
        match self {
            Self::NoSocketAskedFor => {
                Problem::field("/header/upgrade", "must ask for a WebSocket (RFC 6455)").into_response()
            }
            Self::Version => {
                let headers = [
                    (header::CONNECTION, "upgrade"),
                    (header::UPGRADE, "websocket"),
                    (header::SEC_WEBSOCKET_VERSION, VERSION),
                ];
                (StatusCode::UPGRADE_REQUIRED, headers, "Sec-WebSocket-Version must be 13 (RFC 6455).\n")
                    .into_response()
            }
            Self::Key => {
                (StatusCode::BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in Base64 (RFC 6455).\n")
                    .into_response()
            }
        }
    }
}

fn has_sound_key(headers: &HeaderMap) -> bool {
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|key| STANDARD.decode(key).ok());
    key.is_some_and(|key| key.len() == KEY_BYTES)
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
