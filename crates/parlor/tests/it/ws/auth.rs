//! Who is calling, and for how long.

use parlor_core::access::Role;
use parlor_core::limits;
use serde_json::json;

use crate::support::live::{Live, PUBLIC};
use crate::support::socket::Client;

#[tokio::test]
async fn a_first_frame_says_who_calls() {
    let live = Live::memory().await;
    let mut client = Client::connect(live.address).await;
    assert_eq!(client.protocol.as_deref(), Some("parlor.v1"));
    assert_eq!(client.extensions, None, "permessage-deflate is declined");
    client.send(&json!({"op": "auth", "token": live.token(Role::Agent, "ada"), "ref": "a"})).await;
    let ready = client.next().await;
    assert_eq!(ready["event"], "ready");
    assert_eq!(ready["heartbeatSeconds"], limits::HEARTBEAT_S);
    assert_eq!((&ready["me"]["role"], &ready["me"]["sub"]), (&json!("agent"), &json!("ada")));
    assert_eq!(client.next().await, json!({"event": "ok", "ref": "a"}));
}

#[tokio::test]
async fn a_header_says_who_calls() {
    let live = Live::memory().await;
    let bearer = format!("Bearer {}", live.token(Role::Visitor, "u1"));
    let mut client = Client::connect_with(live.address, &[("authorization", &bearer)]).await.unwrap();
    assert_eq!(client.next().await["me"]["role"], "visitor");
    let refused = Client::connect_with(live.address, &[("authorization", "Bearer forged")]).await;
    assert_eq!(refused.err(), Some(401));
}

#[tokio::test]
async fn a_cookie_counts_only_for_pages_of_the_console() {
    let live = Live::memory().await;
    let cookie = live.console_cookie().await;
    for origin in [None, Some("https://evil.test"), Some("null"), Some("http://console.test.evil.test")] {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        assert_eq!(Client::connect_with(live.address, &headers).await.err(), Some(403), "{origin:?}");
    }
    let headers = [("cookie", cookie.as_str()), ("origin", PUBLIC)];
    let mut client = Client::connect_with(live.address, &headers).await.unwrap();
    assert_eq!(client.next().await["me"]["role"], "admin");
    let headers = [("cookie", "parlor_session=forged"), ("origin", PUBLIC)];
    assert_eq!(Client::connect_with(live.address, &headers).await.err(), Some(401));
}

#[tokio::test]
async fn nothing_is_done_before_auth() {
    let live = Live::memory().await;
    let mut client = Client::connect(live.address).await;
    client.send(&json!({"op": "subscribe", "topic": "inbox", "ref": 1})).await;
    assert_eq!(client.close_code().await, 4401);
    let rest = client.rest();
    assert_eq!(rest.len(), 1);
    assert_eq!((&rest[0]["ref"], &rest[0]["problem"]["code"]), (&json!(1), &json!("unauthenticated")));
}

#[tokio::test]
async fn a_forged_token_ends_the_connection() {
    let live = Live::memory().await;
    let mut client = Client::connect(live.address).await;
    client.send(&json!({"op": "auth", "token": "forged"})).await;
    assert_eq!(client.close_code().await, 4401);
}

#[tokio::test]
async fn who_says_nothing_is_closed_after_five_seconds() {
    let live = Live::memory().await;
    let mut client = Client::connect(live.address).await;
    // A frame that is answered shows that the session runs, whatever the scheduler does.
    client.send(&json!({"op": "fly", "ref": 1})).await;
    assert_eq!(client.next().await["problem"]["code"], "validation");
    live.pass_s(limits::AUTH_TIMEOUT_S);
    assert_eq!(client.close_code().await, 4408);
}

#[tokio::test]
async fn a_session_ends_with_its_token_and_not_before() {
    let live = Live::memory().await;
    let mut client = Client::connect(live.address).await;
    client.send(&json!({"op": "auth", "token": live.token_for(Role::Agent, "ada", 40)})).await;
    assert_eq!(client.next().await["event"], "ready");
    live.pass_s(39);
    assert_eq!(client.ask(json!({"op": "subscribe", "topic": "inbox"})).await.1["event"], "ok");
    live.pass_s(1);
    assert_eq!(client.close_code().await, 4401);
}

#[tokio::test]
async fn the_same_caller_extends_and_another_does_not() {
    let live = Live::memory().await;
    let mut client = Client::connect(live.address).await;
    client.send(&json!({"op": "auth", "token": live.token_for(Role::Agent, "ada", 40)})).await;
    assert_eq!(client.next().await["event"], "ready");
    live.pass_s(20);
    for (role, sub) in [(Role::Agent, "bob"), (Role::Admin, "ada"), (Role::Visitor, "ada")] {
        let (_, answer) = client.ask(json!({"op": "auth", "token": live.token(role, sub)})).await;
        assert_eq!(answer["problem"]["code"], "forbidden", "{role:?} {sub}");
    }
    let (_, answer) = client.ask(json!({"op": "auth", "token": "forged"})).await;
    assert_eq!(answer["problem"]["code"], "unauthenticated");
    let (_, answer) =
        client.ask(json!({"op": "auth", "token": live.token_for(Role::Agent, "ada", 100)})).await;
    assert_eq!(answer["event"], "ok");
    live.pass_s(50);
    assert_eq!(client.ask(json!({"op": "subscribe", "topic": "inbox"})).await.1["event"], "ok");
}

#[tokio::test]
async fn a_visitors_token_stands_alone_beside_the_consoles_cookie() {
    let live = Live::memory().await;
    let cookie = live.console_cookie().await;
    let headers = [("cookie", cookie.as_str()), ("origin", PUBLIC)];
    let mut client = Client::connect_at(live.address, "?auth=frame", &headers).await.unwrap();
    client.send(&json!({"op": "auth", "token": live.token(Role::Visitor, "maria")})).await;
    let ready = client.next().await;
    assert_eq!(
        (&ready["event"], &ready["me"]["role"], &ready["me"]["sub"]),
        (&json!("ready"), &json!("visitor"), &json!("maria"))
    );
}
