//! Every operation × every role × own and other workspace × every place an id can stand. A new operation without its row
//! fails here.

use std::collections::BTreeSet;

use parlor::service::setup::ensure_workspace;
use parlor::store::{ListQuery, MessageQuery, MessageStart, SecretKind};
use parlor_core::access::Role;
use parlor_core::id::FunnelId;
use parlor_core::limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{Api, TestApp, over_every_app, shop};

over_every_app!(
    every_role_may_what_the_table_says,
    nothing_of_another_workspace_can_be_reached,
    nothing_of_another_visitor_can_be_reached,
);

const ROLES: [(Role, &str); 4] =
    [(Role::Visitor, "maria"), (Role::Agent, "ada"), (Role::Admin, "root"), (Role::Service, "host")];

const LINES: &str = "application/x-ndjson";

/// One call of one operation.
struct Call {
    operation: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
    /// What visitor, agent, admin and service get of their own: the first digit of the status.
    expected: [u16; 4],
}

/// Every operation that needs somebody, aimed at `conversation` and `user`.
fn calls(conversation: &str, user: &str) -> Vec<Call> {
    let (get, post, patch, put) = (Method::GET, Method::POST, Method::PATCH, Method::PUT);
    let at = |rest: &str| format!("/conversations/{conversation}{rest}");
    let to = |kind: &str| json!({"conversationId": conversation, "type": kind, "text": "x"});
    let row = |operation, method: &Method, path: String, body: Option<Value>, expected| Call {
        operation,
        method: method.clone(),
        path,
        body,
        expected,
    };
    let start = json!({"funnelId": "shop", "user": {"id": user}, "text": "hello"});
    vec![
        row("get_me", &get, "/me".into(), None, [200, 200, 200, 200]),
        row("list_conversations", &get, format!("/conversations?userId={user}"), None, [200, 200, 200, 200]),
        row("get_conversation", &get, at(""), None, [200, 200, 200, 200]),
        row("list_messages", &get, at("/messages"), None, [200, 200, 200, 200]),
        row("get_transcript", &get, at("/transcript?format=json"), None, [200, 200, 200, 200]),
        row(
            "list_changes",
            &get,
            format!("/changes?wait=0&topic=conversation:{conversation}"),
            None,
            [200; 4],
        ),
        row("stream_events", &get, format!("/events?topic=conversation:{conversation}"), None, [200; 4]),
        row("get_funnel", &get, "/funnels/shop".into(), None, [200, 200, 200, 200]),
        row("start_conversation", &post, "/conversations".into(), Some(start), [201, 403, 403, 201]),
        row("send_message", &post, "/messages".into(), Some(to("user")), [201, 403, 403, 201]),
        row("send_message", &post, "/messages".into(), Some(to("bot")), [403, 201, 201, 201]),
        row("send_message", &post, "/messages".into(), Some(to("system")), [403, 201, 201, 403]),
        row("add_note", &post, at("/notes"), Some(json!({"text": "x"})), [404, 201, 201, 201]),
        row(
            "delete_note",
            &Method::DELETE,
            at(&format!("/notes/{conversation}")),
            None,
            [404, 200, 200, 403],
        ),
        row("mark_read", &post, at("/read"), Some(json!({"seq": 1})), [200, 200, 200, 403]),
        row("set_typing", &post, at("/typing"), Some(json!({"isTyping": true})), [204, 204, 204, 403]),
        row("take_conversation", &post, at("/take"), Some(json!({"from": "ada"})), [403, 200, 200, 403]),
        row("give_back_conversation", &post, at("/give-back"), Some(json!({})), [403, 200, 200, 403]),
        row("update_conversation", &patch, at(""), Some(json!({"labels": ["x"]})), [403, 200, 200, 403]),
        row("update_conversation", &patch, at(""), Some(json!({"status": "closed"})), [200, 200, 200, 403]),
        row(
            "update_conversations",
            &patch,
            "/conversations".into(),
            Some(json!({"conversationId": conversation, "hold": true})),
            [403, 200, 200, 403],
        ),
        row("delete_conversation", &Method::DELETE, at(""), None, [403, 403, 204, 403]),
        row("delete_conversation", &Method::DELETE, at("?dryRun=true"), None, [403, 403, 200, 403]),
        row("export_user", &get, format!("/users/{user}/export"), None, [403, 403, 200, 200]),
        row("delete_user", &Method::DELETE, format!("/users/{user}?dryRun=true"), None, [403, 403, 200, 403]),
        row("delete_user", &Method::DELETE, format!("/users/{user}"), None, [403, 403, 204, 403]),
        row(
            "import_conversations",
            &post,
            "/import".into(),
            Some(json!({"id": "old", "userId": "old", "previousId": conversation, "messages": []})),
            [403, 403, 200, 403],
        ),
        // What keeps its data in memory takes no backup.
        row("get_restore", &get, "/restore".into(), None, [403, 403, 404, 403]),
        row("put_backup_part", &put, "/restore?at=0".into(), None, [403, 403, 404, 403]),
        row(
            "begin_restore",
            &post,
            "/restore".into(),
            Some(json!({"bytes": 1, "sha256": ""})),
            [403, 403, 404, 403],
        ),
        row(
            "set_clock",
            &post,
            "/settings/clock".into(),
            Some(json!({"isPaused": false})),
            [403, 403, 200, 403],
        ),
        row("list_deletions", &get, "/deletions".into(), None, [403, 403, 200, 403]),
        row("put_user", &put, format!("/users/{user}"), Some(json!({"name": "X"})), [200, 403, 200, 200]),
        row("put_funnel", &put, "/funnels/shop".into(), Some(shop()), [403, 403, 200, 200]),
    ]
    .into_iter()
    .chain(desk_calls())
    .collect()
}

/// What agents keep at hand; each is deleted again.
fn desk_calls() -> Vec<Call> {
    let row = |operation, method: Method, path: &str, body: Option<Value>, expected| Call {
        operation,
        method,
        path: path.to_owned(),
        body,
        expected,
    };
    let (get, put, delete) = (Method::GET, Method::PUT, Method::DELETE);
    let answer = json!({"shortcut": "hi", "text": "Hello!"});
    let view = json!({"name": "Mine", "filters": {"assignee": "me"}});
    let settings =
        json!({"inboxes": {"default": {"teamIdleS": 3600}}, "funnels": {"theirs": {"botIdleS": "off"}}});
    let read = [403, 200, 200, 200];
    vec![
        row("list_agents", get.clone(), "/agents", None, read),
        row("list_labels", get.clone(), "/labels", None, read),
        row("list_funnels", get.clone(), "/funnels", None, read),
        row("list_canned_answers", get.clone(), "/canned-answers", None, read),
        row("put_canned_answer", put.clone(), "/canned-answers/a1", Some(answer), [403, 201, 201, 403]),
        row("delete_canned_answer", delete.clone(), "/canned-answers/a1", None, [403, 204, 204, 403]),
        row("get_settings", get.clone(), "/settings", None, read),
        row("preview_settings", Method::POST, "/settings/preview", Some(json!({})), [403, 403, 200, 403]),
        row("put_settings", put.clone(), "/settings", Some(settings), [403, 403, 200, 403]),
        row("list_views", get, "/views", None, read),
        row("put_view", put, "/views/v1", Some(view), [403, 201, 201, 403]),
        row("delete_view", delete, "/views/v1", None, [403, 204, 204, 403]),
    ]
}

/// Whether a call names nothing but what is the caller's workspace's anyway.
fn is_of_the_desk(call: &Call) -> bool {
    desk_calls().iter().any(|desk| desk.operation == call.operation)
}

/// A note of Ada's beside a conversation, with the conversation's id.
async fn note(app: &TestApp, conversation: &Value) {
    let (id, note) =
        (conversation["id"].as_str().unwrap(), json!({"id": conversation["id"], "text": "noted"}));
    app.agent().post(&format!("/conversations/{id}/notes"), note).await.ok();
}

async fn run(api: &Api<'_>, call: &Call) -> crate::support::app::Answered {
    let (method, body) = (call.method.clone(), call.body.clone());
    match call.operation {
        "stream_events" => api.open(&call.path).await,
        "import_conversations" => {
            api.raw(method, &call.path, LINES, body.unwrap().to_string().into_bytes()).await
        }
        _ => api.call(method, &call.path, body).await,
    }
}

async fn every_role_may_what_the_table_says(app: TestApp) {
    app.put_shop().await;
    let mut seen = BTreeSet::new();
    for (column, (role, sub)) in ROLES.into_iter().enumerate() {
        for number in 0..calls("", "").len() {
            // A conversation of its own for each call, so that none lives of what another did.
            let maria = app.start_new("maria", "hello").await;
            note(&app, &maria).await;
            let call = &calls(maria["id"].as_str().unwrap(), "maria")[number];
            seen.insert(call.operation);
            app.close_shop("maria").await;
            let answer = run(&app.by(role, sub), call).await;
            assert_eq!(
                answer.status.as_u16(),
                call.expected[column],
                "{} as {role:?}: {}",
                call.operation,
                answer.body
            );
            if answer.status == 403 {
                answer.problem("forbidden");
            }
            run(&app.anonymous(), call).await.problem("unauthenticated");
        }
    }
    let document: Value = serde_json::from_str(&parlor::app::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let all =
        paths.flat_map(|path| path.as_object().unwrap().values()).map(|o| o["operationId"].as_str().unwrap());
    // Signing in needs nobody yet; the socket's ops have a matrix of their own.
    let elsewhere = ["create_visitor", "create_session", "get_session", "delete_session", "open_socket"];
    let missing: Vec<_> = all.filter(|name| !seen.contains(name) && !elsewhere.contains(name)).collect();
    assert!(missing.is_empty(), "operations without a row: {missing:?}");
}

/// Everything of a workspace, as text.
async fn everything(app: &TestApp) -> String {
    let query =
        ListQuery { limit: limits::LIST_MAX, messages: limits::MESSAGES_INLINE, ..ListQuery::default() };
    let page = app.store.list_conversations(app.workspace.key, query).await.unwrap();
    let (store, here) = (&app.store, app.workspace.key);
    let funnel = store.get_funnel(here, FunnelId::parse("shop").unwrap()).await.unwrap();
    let answers = store.list_canned_answers(here).await.unwrap();
    let views = store.list_views(here).await.unwrap();
    let policies = store.get_head(here).await.unwrap().policies;
    let mut notes = Vec::new();
    for row in &page.rows {
        let query = MessageQuery { start: MessageStart::After(0), limit: limits::MESSAGES_MAX, notes: true };
        let id = row.snapshot.conversation.id;
        notes.push(store.list_messages(here, id, query).await.unwrap().unwrap().notes);
    }
    format!("{:?} {notes:?} {funnel:?} {answers:?} {views:?} {policies:?}", page.rows)
}

/// The same ids as the calls', which are free in every other workspace.
async fn keep_at_hand(app: &TestApp) {
    let answer = json!({"shortcut": "ours", "text": "ours"});
    app.agent().put("/canned-answers/a1", answer).await.ok();
    let view = json!({"name": "ours", "isShared": true, "filters": {"label": "ours"}});
    app.agent().put("/views/v1", view).await.ok();
    let settings = json!({"inboxes": {"default": {}}, "funnels": {"ours": {"botIdleS": "off"}}});
    app.admin().put("/settings", settings).await.ok();
}

async fn nothing_of_another_workspace_can_be_reached(app: TestApp) {
    app.put_shop().await;
    let maria = app.start("maria", "hello").await;
    note(&app, &maria).await;
    keep_at_hand(&app).await;
    let other = ensure_workspace(&*app.store, &*app.ambient, "other").await.unwrap();
    app.ambient.advance_ms(limits::WORKSPACES_STALE_MS);
    let list = app.agent().get("/conversations?limit=1").await.ok();
    let before = everything(&app).await;
    let id = maria["id"].as_str().unwrap();
    for (role, sub) in ROLES {
        let foreign = app.bearer(&app.signed(&other, SecretKind::Api, &app.claims(role, sub)));
        // A funnel stored there would be found there; it comes last.
        for call in calls(id, "maria").into_iter().filter(|call| call.operation != "put_funnel") {
            let answer = run(&foreign, &call).await;
            match call.operation {
                "get_me" => assert_eq!(answer.ok()["workspace"]["name"], "other"),
                "list_conversations" => assert_eq!(answer.ok()["total"], 0),
                "set_clock" if answer.status != 403 => assert_eq!(answer.ok()["isPaused"], false),
                "list_deletions" if answer.status != 403 => assert_eq!(answer.ok()["hasMore"], false),
                // Theirs, in their own workspace.
                "put_user" | "start_conversation" | "delete_user" | "import_conversations" => {}
                "export_user" if answer.status.is_success() => {
                    assert!(!answer.body.to_string().contains(id), "{}", answer.body);
                }
                _ if is_of_the_desk(&call) && answer.status != 403 => {
                    let told = answer.ok().to_string();
                    assert!(!told.contains("ours"), "{told}");
                }
                _ if answer.status == 403 => drop(answer.problem("forbidden")),
                _ => drop(answer.problem("not-found")),
            }
        }
        let bulk = json!({"conversationIds": [id], "hold": true});
        let bulk = foreign.patch("/conversations", bulk).await.ok();
        let code = &bulk["failed"][0]["problem"]["code"];
        assert!(code == "not-found" || code == "forbidden", "{bulk}");
    }
    // Messages ids, cursors and page tokens are of one workspace too.
    let theirs = app.bearer(&app.signed(&other, SecretKind::Api, &app.claims(Role::Service, "host")));
    let mut renamed = shop();
    renamed["name"] = "Theirs".into();
    theirs.put("/funnels/shop", renamed).await.ok();
    let message = maria["messages"][0]["id"].clone();
    let start = json!({"messageId": message, "funnelId": "plain", "user": {"id": "maria"}, "text": "mine"});
    assert_eq!(theirs.post("/conversations", start).await.ok()["message"]["text"], "mine");
    let second = json!({"funnelId": "plain", "user": {"id": "bob"}, "text": "mine"});
    let second = theirs.post("/conversations", second).await.ok()["conversation"].take();
    // Nor does a note's id lead there from a conversation of their own.
    let beside = format!("/conversations/{}/notes", second["id"].as_str().unwrap());
    let theirs_too = app.bearer(&app.signed(&other, SecretKind::Api, &app.claims(Role::Admin, "root")));
    theirs_too.delete(&format!("{beside}/{id}")).await.problem("not-found");
    theirs.post(&beside, json!({"id": id, "text": "mine"})).await.ok();
    theirs_too.delete(&format!("{beside}/{id}")).await.ok();
    let page = theirs.get("/conversations?limit=1").await.ok()["nextPageToken"].take();
    let page = page.as_str().unwrap();
    app.agent().get(&format!("/conversations?pageToken={page}")).await.problem("invalid-cursor");
    assert_eq!(everything(&app).await, before);
    assert_eq!(app.agent().get("/conversations?limit=1").await.ok()["cursor"], list["cursor"]);
}

async fn nothing_of_another_visitor_can_be_reached(app: TestApp) {
    app.put_shop().await;
    let maria = app.start("maria", "hello").await;
    note(&app, &maria).await;
    let before = everything(&app).await;
    let bob = app.visitor("bob");
    for call in calls(maria["id"].as_str().unwrap(), "maria") {
        let answer = run(&bob, &call).await;
        match call.operation {
            "get_me" | "get_funnel" => drop(answer.ok()),
            "list_conversations" => assert_eq!(answer.ok()["total"], 0),
            _ if answer.status == 403 => drop(answer.problem("forbidden")),
            _ => drop(answer.problem("not-found")),
        }
    }
    assert_eq!(everything(&app).await, before);
}
