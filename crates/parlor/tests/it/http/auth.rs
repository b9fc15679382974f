//! Who may call: tokens, the console's cookie, anonymous visitors (contract, section 2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parlor::ambient::Ambient;
use parlor::service::setup::new_secret;
use parlor::service::tokens::{Claims, sign};
use parlor::store::SecretKind;
use parlor_core::access::Role;
use parlor_core::limits;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    a_token_says_who_calls,
    a_forged_token_is_refused,
    two_secrets_of_a_kind_live_at_once,
    an_identity_secret_makes_visitors_only,
    a_link_signs_in_once,
    a_page_asks_whether_it_is_signed_in,
    the_cookie_acts_from_our_pages_only,
    signing_out_ends_the_session,
    an_anonymous_visitor_stays_who_they_are,
    visitors_tokens_are_for_allowed_pages,
);

async fn a_token_says_who_calls(app: TestApp) {
    let claims = Claims { email: Some("ada@example.com".into()), ..app.claims(Role::Agent, "ada") };
    let me = app.bearer(&app.signed(&app.workspace, SecretKind::Api, &claims)).get("/me").await.ok();
    let workspace = json!({"id": app.workspace.key.0.to_string(), "name": "default"});
    assert_eq!(
        me,
        json!({"workspace": workspace, "role": "agent", "sub": "ada", "name": "Ada", "email": "ada@example.com",
            "expiresAt": "2026-01-01T01:00:00.000Z"})
    );
    app.ambient.advance_ms((3600 + limits::TOKEN_LEEWAY_S) * 1000);
    app.bearer(&app.signed(&app.workspace, SecretKind::Api, &claims))
        .get("/me")
        .await
        .problem("unauthenticated");
}

async fn a_forged_token_is_refused(app: TestApp) {
    let good = app.token(Role::Agent, "ada");
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let secret = &app.workspace.secrets[0];
    let claims_of = app.claims(Role::Admin, "eve");
    let forged = [
        String::new(),
        "x".into(),
        "x".repeat(limits::TOKEN_BYTES + 1),
        signed.into(),
        format!("{signed}."),
        format!("{signed}.{}", &signature[1..]),
        format!("{}.{claims}.", part(&format!(r#"{{"alg":"none","kid":"{}"}}"#, secret.kid))),
        format!("{}.{claims}.{signature}", part(&format!(r#"{{"alg":"HS512","kid":"{}"}}"#, secret.kid))),
        format!("{header}.{}.{signature}", part(&serde_json::to_string(&claims_of).unwrap())),
        sign("unknown", &secret.bytes, &claims_of),
        sign(&secret.kid, b"another secret", &claims_of),
        sign(
            &format!("anonymous:{}", app.workspace.public_key),
            &secret.bytes,
            &app.claims(Role::Visitor, "anon_1"),
        ),
    ];
    for token in forged {
        app.bearer(&token).get("/me").await.problem("unauthenticated");
    }
    let basic = app.anonymous().with("authorization", "Basic YTpi");
    basic.get("/me").await.problem("unauthenticated");
    app.anonymous().get("/me").await.problem("unauthenticated");
    // A good cookie does not make up for a bad token.
    app.console().await.with("authorization", "Bearer x").get("/me").await.problem("unauthenticated");
    app.bearer(&good).get("/me").await.ok();
}

async fn two_secrets_of_a_kind_live_at_once(app: TestApp) {
    let claims = app.claims(Role::Agent, "ada");
    let first = app.signed(&app.workspace, SecretKind::Api, &claims);
    app.bearer(&first).get("/me").await.ok();
    let add = async || {
        let secret = new_secret(&*app.ambient, SecretKind::Api, app.ambient.now());
        let token = sign(&secret.kid, &secret.bytes, &claims);
        app.store.add_secret(app.workspace.key, secret).await.unwrap();
        token
    };
    let second = add().await;
    app.ambient.advance_ms(limits::WORKSPACES_MISS_MS);
    app.bearer(&second).get("/me").await.ok();
    app.bearer(&first).get("/me").await.ok();
    let third = add().await;
    app.ambient.advance_ms(limits::WORKSPACES_STALE_MS);
    app.bearer(&third).get("/me").await.ok();
    app.bearer(&second).get("/me").await.ok();
    app.bearer(&first).get("/me").await.problem("unauthenticated");
}

async fn an_identity_secret_makes_visitors_only(app: TestApp) {
    let signed = |role, sub| app.signed(&app.workspace, SecretKind::Identity, &app.claims(role, sub));
    app.bearer(&signed(Role::Visitor, "maria")).get("/me").await.ok();
    for role in [Role::Agent, Role::Admin, Role::Service] {
        app.bearer(&signed(role, "maria")).get("/me").await.problem("unauthenticated");
    }
    app.bearer(&signed(Role::Visitor, "anon_1")).get("/me").await.problem("unauthenticated");
}

async fn a_link_signs_in_once(app: TestApp) {
    let code = app.link_code().await;
    let signed_in = app.anonymous().post("/sessions", json!({ "code": code })).await;
    assert_eq!(signed_in.status, StatusCode::NO_CONTENT);
    let cookie = signed_in.header("set-cookie");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"), "{cookie}");
    app.anonymous().post("/sessions", json!({ "code": code })).await.problem("unauthenticated");
    app.anonymous().post("/sessions", json!({ "code": "guessed" })).await.problem("unauthenticated");
    let foreign = app.anonymous().with("origin", "https://evil.example");
    let code = app.link_code().await;
    foreign.post("/sessions", json!({ "code": code })).await.problem("origin-not-allowed");
    app.ambient.advance_ms((limits::LINK_S + 1) * 1000);
    app.anonymous().post("/sessions", json!({ "code": code })).await.problem("unauthenticated");
}

async fn a_page_asks_whether_it_is_signed_in(app: TestApp) {
    let nobody = json!({});
    assert_eq!(app.anonymous().get("/sessions").await.ok(), nobody);
    assert_eq!(app.anonymous().with("cookie", "parlor_session=made-up").get("/sessions").await.ok(), nobody);
    // A token signs in nobody's browser.
    assert_eq!(app.agent().get("/sessions").await.ok(), nobody);
    app.anonymous().get("/me").await.problem("unauthenticated");

    let console = app.console().await;
    assert_eq!(console.get("/sessions").await.ok(), json!({ "me": console.get("/me").await.ok() }));
    console.call(Method::DELETE, "/sessions", None).await;
    assert_eq!(console.get("/sessions").await.ok(), nobody);
}

async fn the_cookie_acts_from_our_pages_only(app: TestApp) {
    let console = app.console().await;
    let me = console.get("/me").await.ok();
    assert_eq!((&me["sub"], &me["role"]), (&json!("ada"), &json!("admin")));
    let id = app.start("maria", "hello").await["id"].as_str().unwrap().to_owned();
    let message = json!({"conversationId": id, "type": "bot", "text": "hi"});
    console.post("/messages", message.clone()).await.ok();
    for origin in
        ["https://evil.example", "null", &app.url.replace("http:", "https:"), &format!("{}0", app.url)]
    {
        let elsewhere = console.clone().with("origin", origin);
        elsewhere.post("/messages", message.clone()).await.problem("origin-not-allowed");
        elsewhere.patch("/conversations", json!({"conversationId": id})).await.problem("origin-not-allowed");
    }
    let form = console.raw(Method::POST, "/messages", "text/plain", message.to_string().into_bytes()).await;
    form.problem("unsupported-media-type");
    // Nothing to read, so nothing a form could be mistaken for; the cookie asks for JSON all the same.
    let bare = console.call(Method::POST, &format!("/conversations/{id}/give-back"), None).await;
    bare.problem("unsupported-media-type");
    let messages = app.agent().get(&format!("/conversations/{id}/messages")).await.ok();
    assert_eq!(messages["messages"].as_array().unwrap().iter().filter(|m| m["text"] == "hi").count(), 1);
}

async fn signing_out_ends_the_session(app: TestApp) {
    let console = app.console().await;
    let elsewhere = console.clone().with("origin", "https://evil.example");
    elsewhere.call(Method::DELETE, "/sessions", None).await.problem("origin-not-allowed");
    console.get("/me").await.ok();
    let out = console.call(Method::DELETE, "/sessions", None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    console.get("/me").await.problem("unauthenticated");
    let other = app.console().await;
    app.ambient.advance_ms((limits::SESSION_S + 1) * 1000);
    other.get("/me").await.problem("unauthenticated");
}

async fn an_anonymous_visitor_stays_who_they_are(app: TestApp) {
    let page = app.anonymous().with("origin", &app.url);
    let ask = json!({"publicKey": app.workspace.public_key});
    let first = page.post("/visitors", ask.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let first = first.ok();
    let (token, user) = (first["token"].as_str().unwrap(), first["userId"].as_str().unwrap());
    assert!(user.starts_with("anon_"));
    assert_eq!(first["expiresAt"], "2026-01-31T00:00:00.000Z");
    let me = app.bearer(token).get("/me").await.ok();
    assert_eq!((&me["role"], &me["sub"]), (&json!("visitor"), &json!(user)));
    // Nobody is stored before they write.
    assert_eq!(app.agent().get("/conversations?status=all").await.ok()["total"], 0);
    app.ambient.advance_ms(20 * 24 * 3600 * 1000);
    let renewed =
        page.clone().with("authorization", &format!("Bearer {token}")).post("/visitors", ask.clone()).await;
    assert_eq!(renewed.status, StatusCode::OK);
    let renewed = renewed.ok();
    assert_eq!(renewed["userId"], user);
    assert_eq!(renewed["expiresAt"], "2026-02-20T00:00:00.000Z");
    let another = page.post("/visitors", ask).await.ok();
    assert_ne!(another["userId"], user);
}

async fn visitors_tokens_are_for_allowed_pages(app: TestApp) {
    let ask = json!({"publicKey": app.workspace.public_key});
    app.anonymous().post("/visitors", ask.clone()).await.problem("origin-not-allowed");
    let shop = app.anonymous().with("origin", "https://shop.example");
    shop.post("/visitors", ask.clone()).await.problem("origin-not-allowed");
    app.store.set_origins(app.workspace.key, vec!["https://shop.example".into()]).await.unwrap();
    app.ambient.advance_ms(limits::WORKSPACES_STALE_MS);
    let answer = shop.post("/visitors", ask.clone()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://shop.example");
    answer.ok();
    let pointers = shop.post("/visitors", json!({"publicKey": "pk_unknown"})).await.pointers();
    assert_eq!(pointers, ["/publicKey"]);
    // Somebody the host vouches for is not made anonymous.
    let known = shop.clone().with("authorization", &format!("Bearer {}", app.token(Role::Visitor, "maria")));
    known.post("/visitors", ask).await.problem("forbidden");
}
