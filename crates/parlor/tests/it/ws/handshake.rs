//! Requests that become no socket.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::support::app::Answered;
use crate::support::live::Live;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The answer to a request of these headers.
async fn asked(live: &Live, headers: &[(&'static str, &str)]) -> reqwest::Response {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    let request = reqwest::Client::new().get(format!("http://{}/api/live-chat/ws", live.address));
    request.headers(headers).send().await.unwrap()
}

/// The same, with what asks for a socket.
async fn asked_for_a_socket(live: &Live, headers: &[(&'static str, &str)]) -> reqwest::Response {
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket")];
    asked(live, &[&upgrade, headers].concat()).await
}

#[tokio::test]
async fn another_version_of_the_protocol_is_told_ours() {
    let live = Live::memory().await;
    let key = ("sec-websocket-key", KEY);
    for version in [Some("8"), Some("14"), Some("13, 8"), Some(""), None] {
        let version = version.map(|version| ("sec-websocket-version", version));
        let headers: Vec<_> = [key].into_iter().chain(version).collect();
        let answer = asked_for_a_socket(&live, &headers).await;
        assert_eq!(answer.status(), StatusCode::UPGRADE_REQUIRED, "{version:?}");
        assert_eq!(answer.headers()["sec-websocket-version"], "13");
        assert_eq!(answer.headers()["upgrade"], "websocket");
        assert!(answer.text().await.unwrap().contains("must be 13"));
    }
}

#[tokio::test]
async fn a_key_is_sixteen_bytes_in_base64() {
    let live = Live::memory().await;
    let version = ("sec-websocket-version", "13");
    let wrong =
        ["", "x", "not base64 at all, no", "dGhlIHNhbXBsZSBub25jZQ", "c2hvcnQ=", "c2V2ZW50ZWVuIGJ5dGVzLi4="];
    for key in wrong.map(Some).into_iter().chain([None]) {
        let key = key.map(|key| ("sec-websocket-key", key));
        let headers: Vec<_> = [version].into_iter().chain(key).collect();
        let answer = asked_for_a_socket(&live, &headers).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{key:?}");
        assert!(answer.text().await.unwrap().contains("16 bytes"));
    }
    let answer = asked_for_a_socket(&live, &[version, ("sec-websocket-key", KEY)]).await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(answer.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[tokio::test]
async fn what_asks_for_no_socket_is_told_so() {
    let live = Live::memory().await;
    let rest = [("sec-websocket-version", "13"), ("sec-websocket-key", KEY)];
    for other in [&[][..], &[("connection", "upgrade"), ("upgrade", "h2c")]] {
        let answer = asked(&live, &[other, &rest].concat()).await;
        assert_eq!(Answered::of(answer).await.pointers(), ["/header/upgrade"]);
    }
}
