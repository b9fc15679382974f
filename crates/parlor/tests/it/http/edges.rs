//! Requests as they should not be, and what surrounds every answer.

use parlor_core::limits;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    what_is_no_json_is_malformed,
    what_has_another_shape_is_named_and_not_echoed,
    texts_have_bounds,
    what_could_disguise_a_name_is_stripped,
    addresses_methods_and_types_have_their_answers,
    large_requests_are_cut_off,
    unknown_and_foreign_ids_answer_the_same,
    pages_of_allowed_origins_may_read,
    the_servers_health_is_told,
    files_are_served_by_their_names_only,
    the_server_ends_in_good_order,
);

fn id(conversation: &Value) -> &str {
    conversation["id"].as_str().unwrap()
}

async fn what_is_no_json_is_malformed(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let message =
        |rest: &str| format!(r#"{{"conversationId":"{}","type":"bot",{rest}}}"#, id(&maria)).into_bytes();
    let mut not_utf8 = message(r#""text":"x""#);
    let at = not_utf8.len() - 3;
    not_utf8[at] = 0xff;
    let bodies = [
        Vec::new(),
        b"{".to_vec(),
        b"null x".to_vec(),
        not_utf8,
        message(r#""text":"\ud800""#),
        message(r#""text":"a","text":"b""#),
        message(r#""text":NaN"#),
        message(r#""text":"a"} {"#),
        "[".repeat(100_000).into_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        let answer = app.agent().raw(Method::POST, "/messages", "application/json", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
        answer.problem("malformed-json");
    }
    assert_eq!(
        app.agent().get(&format!("/conversations/{}", id(&maria))).await.ok()["conversation"]["messageCount"],
        1
    );
}

async fn what_has_another_shape_is_named_and_not_echoed(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let good = json!({"conversationId": id(&maria), "type": "bot", "text": "hi"});
    let wrong = [json!({}), json!([]), json!(17), json!(null)];
    for field in
        ["conversationId", "type", "text", "id", "metadata", "optionId", "options", "reopen", "ifHolder"]
    {
        for value in &wrong {
            let fits = match field {
                "metadata" => value.is_object(),
                "options" => value.is_array(),
                _ => false,
            };
            if fits {
                continue;
            }
            let mut message = good.clone();
            message[field] = value.clone();
            assert_eq!(
                app.agent().post("/messages", message).await.pointers(),
                [format!("/{field}")],
                "{field}: {value}"
            );
        }
    }
    for field in ["workspaceId", "role", "seq", "createdAt", "evil\u{202e}field"] {
        let mut message = good.clone();
        message[field] = "evil".into();
        let problem = app.agent().post("/messages", message).await.problem("validation");
        assert_eq!(problem["errors"][0]["pointer"], "", "{field}");
        assert!(!problem.to_string().contains("evil"), "{problem}");
    }
    let deep = (0..limits::METADATA_DEPTH + 2).fold(json!(1), |inner, _| json!({ "a": inner }));
    let mut message = good.clone();
    message["metadata"] = deep;
    assert_eq!(app.agent().post("/messages", message).await.pointers(), ["/metadata"]);
    let mut message = good.clone();
    message["options"] = json!(vec![json!({"id": "1", "text": "x"}); 20_000]);
    assert_eq!(app.agent().post("/messages", message).await.pointers(), ["/options"]);
    let mut message = good;
    message["metadata"] = json!({"big": "x".repeat(limits::METADATA_BYTES)});
    assert_eq!(app.agent().post("/messages", message).await.pointers(), ["/metadata"]);
    assert_eq!(
        app.agent().get(&format!("/conversations/{}", id(&maria))).await.ok()["conversation"]["messageCount"],
        1
    );
}

async fn texts_have_bounds(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let say = async |text: &str| {
        app.agent()
            .post("/messages?messages=0", json!({"conversationId": id(&maria), "type": "bot", "text": text}))
            .await
    };
    for text in ["", " \n\t\u{a0}", "nul \0 inside", &"x".repeat(10_001), &"\u{1}".repeat(6_000)] {
        assert_eq!(say(text).await.pointers(), ["/text"]);
    }
    for text in [&"\u{1f600}".repeat(8_000), &"x".repeat(10_000), "\u{202e}as it was \u{200b}said\u{7}"] {
        assert_eq!(say(text).await.ok()["message"]["text"], *text);
    }
}

async fn what_could_disguise_a_name_is_stripped(app: TestApp) {
    let user = json!({"id": "eve", "name": "E\u{202e}v\u{7}e\u{2066}"});
    let started =
        app.host().post("/conversations", json!({"funnelId": "plain", "user": user, "text": "x"})).await.ok();
    assert_eq!(started["conversation"]["user"]["name"], "Eve");
    let patch = json!({"conversationId": started["conversation"]["id"], "labels": ["v\u{202d}ip"]});
    assert_eq!(
        app.agent().patch("/conversations", patch).await.ok()["conversation"]["labels"],
        json!(["vip"])
    );
    let user = json!({"id": "e\u{0}ve", "name": "a\0b"});
    let refused =
        app.host().post("/conversations", json!({"funnelId": "plain", "user": user, "text": "x"})).await;
    assert_eq!(refused.pointers(), ["/user/id", "/user/name"]);
}

async fn addresses_methods_and_types_have_their_answers(app: TestApp) {
    app.agent().get("/nowhere").await.problem("not-found");
    app.agent().get("/conversations/").await.problem("not-found");
    let wrong = app.agent().call(Method::DELETE, "/messages", None).await;
    assert_eq!(wrong.header("allow"), "POST");
    wrong.problem("method-not-allowed");
    let wrong = app.agent().put("/conversations", json!({})).await;
    let mut allowed: Vec<_> = wrong.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "PATCH", "POST"]);
    let overridden = app.agent().with("x-http-method-override", "DELETE").get("/me").await;
    overridden.ok();
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
    {
        let body = b"{}".to_vec();
        app.agent().raw(Method::POST, "/messages", media_type, body).await.problem("unsupported-media-type");
    }
    let body = br#"{"seq":1}"#.to_vec();
    let charset = app.agent().raw(Method::POST, "/messages", "application/json; charset=utf-8", body).await;
    charset.problem("validation");
}

async fn large_requests_are_cut_off(app: TestApp) {
    let body = vec![b' '; limits::BODY_BYTES + 1];
    app.agent().raw(Method::POST, "/messages", "application/json", body).await.problem("too-large");
    let long = "x".repeat(limits::URI_BYTES);
    app.agent().get(&format!("/conversations?search={long}")).await.problem("uri-too-long");
    let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(limits::HEADER_BYTES));
    assert!(raw(&app, head.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    assert!(
        raw(&app, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.ends_with("ok\n")
    );
}

/// Bytes as they are, and the answer until the server ends the connection.
async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    // The server may have answered and gone before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn unknown_and_foreign_ids_answer_the_same(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let unknown = "0199c000-0000-4000-8000-00000000dead";
    let bob = app.visitor("bob");
    for suffix in ["", "/messages"] {
        let foreign = bob.get(&format!("/conversations/{}{suffix}", id(&maria))).await.problem("not-found");
        for other in [unknown, "no-id-at-all", "%ff", "..%2f"] {
            let mut none = bob.get(&format!("/conversations/{other}{suffix}")).await.problem("not-found");
            none["requestId"] = foreign["requestId"].clone();
            assert_eq!(none, foreign, "{other}");
        }
    }
}

async fn pages_of_allowed_origins_may_read(app: TestApp) {
    app.store.set_origins(app.workspace.key, vec!["https://shop.example".into()]).await.unwrap();
    let preflight = app
        .anonymous()
        .with("origin", "https://shop.example")
        .with("access-control-request-method", "PATCH")
        .with("access-control-request-headers", "authorization,content-type");
    let answer = preflight.call(Method::OPTIONS, "/conversations", None).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), "https://shop.example");
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type, last-event-id");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    let evil =
        preflight.with("origin", "https://evil.example").call(Method::OPTIONS, "/conversations", None).await;
    assert!(!evil.headers.contains_key("access-control-allow-origin"));
    let refused = app.anonymous().with("origin", "https://shop.example").get("/me").await;
    assert_eq!(refused.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(refused.header("vary"), "origin");
    refused.problem("unauthenticated");
}

async fn the_servers_health_is_told(app: TestApp) {
    for (path, text) in [("/healthz", "200 OK"), ("/readyz", "ready\n")] {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(raw(&app, head.as_bytes()).await.contains(text), "{path}");
    }
    let document = app.anonymous().get("/openapi.json").await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    let me = app.agent().get("/me").await;
    assert_eq!((me.header("cache-control"), me.header("x-content-type-options")), ("no-store", "nosniff"));
}

async fn files_are_served_by_their_names_only(app: TestApp) {
    for path in [
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "/assets/..%5cCargo.toml",
        "/assets//etc/passwd",
        "/index.html",
        "/Cargo.toml",
        "/assets/",
    ] {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(&app, head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
    let page = raw(&app, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    for header in [
        "content-security-policy: default-src 'self'",
        "x-frame-options: DENY",
        "referrer-policy: no-referrer",
    ] {
        assert!(page.contains(header), "{header}");
    }
}

async fn the_server_ends_in_good_order(app: TestApp) {
    let mut idle = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 16];
    idle.read_exact(&mut first).await.unwrap();
    let sends = (0..20).map(|n| {
        let api = app.host();
        async move {
            let start = json!({"funnelId": "plain", "user": {"id": format!("u{n}")}, "text": "hello"});
            api.post("/conversations", start).await.ok()
        }
    });
    let stored = futures_util::future::join_all(sends).await;
    let (store, ambient, directory) = app.stop().await;
    // The idle connection was ended with the server.
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    let again = TestApp::over(store, ambient, directory).await;
    for started in stored {
        again.agent().get(&format!("/conversations/{}", id(&started["conversation"]))).await.ok();
    }
}
