//! Start, read, change, take and give back.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app, texts};

over_every_app!(
    a_start_brings_greeting_and_message_at_once,
    the_same_start_again_is_answered_the_same,
    an_open_conversation_takes_the_next_start,
    a_visitor_starts_as_themselves,
    one_conversation_is_shown_with_as_many_messages_as_asked,
    a_patch_changes_what_it_names,
    a_condition_that_does_not_hold_shows_the_current_row,
    a_bulk_patch_says_which_failed,
    a_label_is_put_on_or_taken_off_beside_the_others,
    agents_who_label_at_once_lose_nothing_of_one_another,
    a_bulk_patch_labels_each_beside_its_own,
    archiving_closes_and_opening_brings_back,
    taking_is_exclusive,
    read_marks_move_forward_unless_an_agent_says_back,
    the_two_views_differ_in_what_is_ours,
);

const C1: &str = "0199c000-0000-4000-8000-000000000001";
const M1: &str = "0199c000-0000-4000-8000-000000000011";

fn id(conversation: &Value) -> &str {
    conversation["id"].as_str().unwrap()
}

async fn a_start_brings_greeting_and_message_at_once(app: TestApp) {
    app.put_shop().await;
    let start = json!({"funnelId": "shop", "user": {"id": "maria", "name": "Maria"}, "optionId": "buy"});
    let started = app.host().post("/conversations", start).await;
    assert_eq!(started.status, StatusCode::CREATED);
    let started = started.ok();
    let conversation = &started["conversation"];
    assert_eq!(texts(&conversation["messages"]), ["Hello!", "I want to buy", "What?"]);
    assert_eq!(started["message"]["text"], "I want to buy");
    assert_eq!(started["message"]["metadata"], json!({"blockId": "hello", "optionId": "buy"}));
    assert_eq!(conversation["messages"][0]["options"][1], json!({"id": "talk", "text": "Talk to a person"}));
    assert_eq!(conversation["funnelName"], "Shop");
    assert_eq!(conversation["handler"], "bot");
    assert_eq!(conversation["autoCloseAt"], "2026-01-01T00:30:00.000Z");
    assert_eq!(
        conversation["user"],
        json!({"id": "maria", "name": "Maria", "isOnline": false, "lastSeen": "2026-01-01T00:00:00.000Z"})
    );
}

async fn the_same_start_again_is_answered_the_same(app: TestApp) {
    let start =
        json!({"id": C1, "messageId": M1, "funnelId": "plain", "user": {"id": "maria"}, "text": "hello"});
    let first = app.host().post("/conversations", start.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let again = app.host().post("/conversations", start.clone()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.ok(), first.ok());
    let mut other = start.clone();
    other["text"] = "something else".into();
    app.host().post("/conversations", other).await.problem("message-id-conflict");
    let mut other = start;
    other["funnelId"] = "elsewhere".into();
    other["messageId"] = "0199c000-0000-4000-8000-000000000012".into();
    app.host().post("/conversations", other).await.problem("conversation-id-conflict");
}

async fn an_open_conversation_takes_the_next_start(app: TestApp) {
    let start = json!({"funnelId": "plain", "user": {"id": "maria"}, "text": "hello"});
    let first = app.host().post("/conversations", start.clone()).await.ok();
    let second = app.host().post("/conversations", start.clone()).await;
    assert_eq!(second.status, StatusCode::OK);
    let second = second.ok();
    assert_eq!(second["conversation"]["id"], first["conversation"]["id"]);
    assert_eq!(second["conversation"]["messageCount"], 2);
    let mut new = start;
    new["new"] = true.into();
    let third = app.host().post("/conversations", new.clone()).await;
    assert_eq!(third.status, StatusCode::CREATED);
    assert_ne!(third.ok()["conversation"]["id"], first["conversation"]["id"]);
    app.put_shop().await;
    new["funnelId"] = "shop".into();
    app.visitor("maria").post("/conversations", new).await.problem("forbidden");
}

async fn a_visitor_starts_as_themselves(app: TestApp) {
    app.put_shop().await;
    let maria = app.visitor("maria");
    let started = maria.post("/conversations", json!({"funnelId": "shop", "text": "1"})).await.ok();
    let conversation = &started["conversation"];
    assert_eq!((&conversation["userId"], &conversation["user"]["name"]), (&json!("maria"), &json!("Maria")));
    assert_eq!(texts(&conversation["messages"]), ["Hello!", "1", "What?"]);
    let as_somebody = json!({"funnelId": "shop", "user": {"id": "bob"}, "text": "hi"});
    maria.post("/conversations", as_somebody).await.problem("forbidden");
    let with_metadata = json!({"funnelId": "shop", "user": {"metadata": {"vip": true}}, "text": "hi"});
    maria.post("/conversations", with_metadata).await.problem("forbidden");
    let unknown = maria.post("/conversations", json!({"funnelId": "nowhere", "text": "hi"})).await;
    assert_eq!(unknown.pointers(), ["/funnelId"]);
    app.agent()
        .post("/conversations", json!({"funnelId": "shop", "user": {"id": "x"}}))
        .await
        .problem("forbidden");
}

async fn one_conversation_is_shown_with_as_many_messages_as_asked(app: TestApp) {
    let maria = app.start("maria", "one").await;
    app.host().say(id(&maria), "user", "two").await;
    app.host().say(id(&maria), "user", "three").await;
    let shown = async |query: &str| {
        app.agent().get(&format!("/conversations/{}{query}", id(&maria))).await.ok()["conversation"].take()
    };
    assert_eq!(texts(&shown("").await["messages"]), ["one", "two", "three"]);
    assert_eq!(texts(&shown("?messages=2").await["messages"]), ["two", "three"]);
    assert_eq!(shown("?messages=0").await["messages"], json!([]));
    let bad = app.agent().get(&format!("/conversations/{}?messages=51", id(&maria))).await;
    assert_eq!(bad.pointers(), ["/query/messages"]);
}

async fn a_patch_changes_what_it_names(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let agent = app.agent();
    let patch = json!({"conversationId": id(&maria), "labels": ["vip", "blue", "vip"], "hold": true, "metadata": {"order": 7},
        "snoozedUntil": "2026-01-02T00:00:00Z", "assigneeId": "ben"});
    let changed = agent.patch("/conversations", patch.clone()).await.ok()["conversation"].take();
    assert_eq!(changed["labels"], json!(["blue", "vip"]));
    assert_eq!((&changed["hold"], &changed["metadata"]), (&json!(true), &json!({"order": 7})));
    assert_eq!(changed["snoozedUntil"], "2026-01-02T00:00:00.000Z");
    assert_eq!(
        (&changed["handler"], &changed["assignee"]),
        (&json!("agent"), &json!({"id": "ben", "name": "ben"}))
    );
    assert!(changed.get("autoCloseAt").is_none());
    // The same again changes nothing.
    let again = agent.patch("/conversations", patch).await.ok()["conversation"].take();
    assert_eq!(again["version"], changed["version"]);
    let path = format!("/conversations/{}", id(&maria));
    let cleared = json!({"snoozedUntil": null, "metadata": null, "hold": false, "handler": "queue"});
    let cleared = agent.patch(&path, cleared).await.ok()["conversation"].take();
    for field in ["snoozedUntil", "metadata", "hold", "assignee"] {
        assert!(cleared.get(field).is_none(), "{field}");
    }
    assert_eq!(cleared["handler"], "queue");
    assert_eq!(agent.patch(&path, json!({"conversationId": id(&maria)})).await.pointers(), [""]);
}

async fn a_condition_that_does_not_hold_shows_the_current_row(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let patch = |expect: Value| json!({"conversationId": id(&maria), "status": "closed", "if": expect});
    let refused = app.agent().patch("/conversations", patch(json!({"handler": "agent"}))).await;
    let problem = refused.problem("conversation-changed");
    assert_eq!(problem["conversation"]["id"], maria["id"]);
    assert_eq!(problem["conversation"]["status"], "open");
    let changed =
        app.agent().patch("/conversations", patch(json!({"status": "open", "handler": "bot"}))).await.ok();
    assert_eq!(changed["conversation"]["status"], "closed");
    assert_eq!(changed["conversation"]["closeReason"], "agent");
}

async fn a_bulk_patch_says_which_failed(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let bob = app.start("bob", "hello").await;
    app.agent().say(id(&bob), "bot", "hi").await;
    let patch = json!({"conversationIds": [id(&bob), C1, id(&maria), id(&maria)], "labels": ["seen"], "if": {"handler": "bot"}});
    let answer = app.agent().patch("/conversations?messages=0", patch).await.ok();
    let changed: Vec<_> = answer["conversations"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
    assert_eq!(changed, [&maria["id"]]);
    let failed = answer["failed"].as_array().unwrap();
    assert_eq!(
        (&failed[0]["conversationId"], &failed[0]["problem"]["code"]),
        (&bob["id"], &json!("conversation-changed"))
    );
    assert_eq!(
        (&failed[1]["conversationId"], &failed[1]["problem"]["code"]),
        (&json!(C1), &json!("not-found"))
    );
    let many: Vec<String> = (0..101).map(|n| format!("0199c000-0000-4000-8000-{n:012}")).collect();
    let over = app.agent().patch("/conversations", json!({"conversationIds": many, "hold": true})).await;
    assert_eq!(over.pointers(), ["/conversationIds"]);
    assert_eq!(app.agent().patch("/conversations", json!({"hold": true})).await.pointers(), [""]);
    assert_eq!(
        app.agent().patch("/conversations", json!({"conversationIds": []})).await.pointers(),
        ["/conversationIds"]
    );
}

async fn a_label_is_put_on_or_taken_off_beside_the_others(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let path = format!("/conversations/{}", id(&maria));
    let patch = async |change: Value| app.agent().patch(&path, change).await.ok()["conversation"].take();
    let changed = patch(json!({"addLabels": ["vip", "v\u{202d}ip", " late"]})).await;
    assert_eq!(changed["labels"], json!(["late", "vip"]));
    let again = patch(json!({"addLabels": ["vip"], "removeLabels": ["spam"]})).await;
    assert_eq!(again["version"], changed["version"], "one that is there, one that is not: no change");
    let one = json!({"conversationId": id(&maria), "addLabels": ["new"], "removeLabels": ["late"]});
    let changed = app.agent().patch("/conversations", one).await.ok()["conversation"].take();
    assert_eq!(changed["labels"], json!(["new", "vip"]));

    let many: Vec<String> = (0..21).map(|n| format!("label {n}")).collect();
    let refused = [
        (json!({"labels": ["a"], "addLabels": ["b"]}), vec!["/labels"]),
        (json!({"labels": [], "removeLabels": []}), vec!["/labels"]),
        (json!({"addLabels": ["a", "b"], "removeLabels": ["c", "b"]}), vec!["/removeLabels/1"]),
        (json!({"addLabels": many, "removeLabels": many}), vec!["/addLabels", "/removeLabels"]),
        (json!({"addLabels": many[..19]}), vec!["/addLabels"]),
        (json!({"addLabels": ["", "a"], "removeLabels": ["a\0"]}), vec!["/addLabels/0", "/removeLabels/0"]),
        (json!({"addLabels": null}), vec!["/addLabels"]),
    ];
    for (change, pointers) in refused {
        assert_eq!(app.agent().patch(&path, change.clone()).await.pointers(), pointers, "{change}");
    }
    app.visitor("maria").patch(&path, json!({"addLabels": ["vip"]})).await.problem("forbidden");
}

async fn agents_who_label_at_once_lose_nothing_of_one_another(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let path = format!("/conversations/{}", id(&maria));
    let label = async |who: usize| {
        let agent = app.by(parlor_core::access::Role::Agent, &format!("agent-{who}"));
        agent.patch(&path, json!({"addLabels": [format!("of {who:02}")]})).await.ok();
    };
    futures_util::future::join_all((0..20).map(label)).await;
    let all: Vec<String> = (0..20).map(|who| format!("of {who:02}")).collect();
    assert_eq!(app.agent().get(&path).await.ok()["conversation"]["labels"], json!(all));
}

async fn a_bulk_patch_labels_each_beside_its_own(app: TestApp) {
    let mut ids = Vec::new();
    let full: Vec<String> = (10..30).map(|n| format!("label {n}")).collect();
    for (user, labels) in [("maria", json!(["a"])), ("bob", json!([])), ("cleo", json!(full))] {
        let conversation = app.start(user, "hello").await;
        app.agent()
            .patch(&format!("/conversations/{}", id(&conversation)), json!({"labels": labels}))
            .await
            .ok();
        ids.push(conversation["id"].clone());
    }
    let patch = json!({"conversationIds": ids, "addLabels": ["vip"], "removeLabels": ["gone"]});
    let answer = app.agent().patch("/conversations?messages=0", patch).await.ok();
    let labels: Vec<_> = answer["conversations"].as_array().unwrap().iter().map(|c| &c["labels"]).collect();
    assert_eq!(labels, [&json!(["a", "vip"]), &json!(["vip"])]);
    let failed = answer["failed"].as_array().unwrap();
    assert_eq!((failed.len(), &failed[0]["conversationId"]), (1, &ids[2]));
    assert_eq!(failed[0]["problem"]["errors"][0]["pointer"], "/addLabels");
}

async fn archiving_closes_and_opening_brings_back(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let patch = async |change: Value| {
        app.agent().patch(&format!("/conversations/{}", id(&maria)), change).await.ok()["conversation"].take()
    };
    let archived = patch(json!({"isArchived": true})).await;
    assert_eq!((&archived["status"], &archived["isArchived"]), (&json!("closed"), &json!(true)));
    assert_eq!(archived["archivedAt"], "2026-01-01T00:00:00.000Z");
    assert_eq!(archived["deleteAt"], "2026-04-01T00:00:00.000Z");
    let reopened = patch(json!({"status": "open", "isArchived": true})).await;
    assert_eq!((&reopened["status"], &reopened["isArchived"]), (&json!("open"), &json!(false)));
    assert!(reopened.get("deleteAt").is_none());
}

async fn taking_is_exclusive(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let path = |what: &str| format!("/conversations/{}/{what}", id(&maria));
    let (ada, ben) = (app.agent(), app.by(parlor_core::access::Role::Agent, "ben"));
    let taken = ada.post(&path("take"), json!({})).await.ok();
    assert_eq!(taken["conversation"]["assignee"], json!({"id": "ada", "name": "Ada"}));
    let refused = ben.post(&path("take"), json!({})).await.problem("held-by-another");
    assert_eq!(refused["holder"], json!({"id": "ada", "name": "Ada"}));
    ben.post(&path("take"), json!({"from": "cleo"})).await.problem("held-by-another");
    let taken = ben.post(&path("take"), json!({"from": "ada"})).await.ok();
    assert_eq!(taken["conversation"]["assignee"]["id"], "ben");
    let given = ben.post(&path("give-back"), json!({})).await.ok();
    assert_eq!(given["conversation"]["handler"], "bot");
    assert_eq!(given["conversation"]["lastMessage"], "hello");
}

async fn read_marks_move_forward_unless_an_agent_says_back(app: TestApp) {
    let maria = app.start("maria", "one").await;
    app.host().say(id(&maria), "user", "two").await;
    let path = format!("/conversations/{}/read", id(&maria));
    let read = async |body: Value| app.agent().post(&path, body).await.ok()["conversation"].take();
    assert_eq!(read(json!({"seq": 1})).await["unreadCount"], 1);
    assert_eq!(read(json!({"seq": 99})).await["agentLastReadSeq"], 2);
    assert_eq!(read(json!({"seq": 1})).await["agentLastReadSeq"], 2);
    let unread = read(json!({"seq": 0, "back": true})).await;
    assert_eq!((&unread["agentLastReadSeq"], &unread["unreadCount"]), (&json!(0), &json!(2)));
    assert_eq!(unread["messages"][0]["isRead"], false);
    app.visitor("maria").post(&path, json!({"seq": 0, "back": true})).await.problem("forbidden");
    app.host().post(&path, json!({"seq": 1})).await.problem("forbidden");
}

async fn the_two_views_differ_in_what_is_ours(app: TestApp) {
    let user = json!({"id": "maria", "name": "Maria", "metadata": {"plan": "gold"}});
    let start = json!({"funnelId": "plain", "user": user, "text": "hello", "metadata": {"blockId": "b", "secret": 1}});
    let started = app.host().post("/conversations", start).await.ok()["conversation"].take();
    app.agent().say(id(&started), "bot", "hi").await;
    let patch =
        json!({"conversationId": id(&started), "labels": ["vip"], "hold": true, "metadata": {"order": 7}});
    app.agent().patch("/conversations", patch).await.ok();
    let path = format!("/conversations/{}", id(&started));
    let ours = app.agent().get(&path).await.ok()["conversation"].take();
    assert_eq!(ours["user"]["metadata"], json!({"plan": "gold"}));
    assert_eq!(ours["messages"][0]["metadata"], json!({"blockId": "b", "secret": 1}));
    assert_eq!(ours["messages"][2]["author"], json!({"kind": "agent", "id": "ada", "name": "Ada"}));
    assert_eq!(ours["unreadCount"], 0);
    let theirs = app.visitor("maria").get(&path).await.ok()["conversation"].take();
    for field in ["labels", "hold", "metadata", "deleteAt", "externalId"] {
        assert!(theirs.get(field).is_none(), "{field}");
    }
    assert!(theirs["user"].get("metadata").is_none());
    assert_eq!(theirs["assignee"], json!({"name": "Ada"}));
    assert_eq!(theirs["messages"][0]["metadata"], json!({"blockId": "b"}));
    assert_eq!(theirs["messages"][2]["author"], json!({"kind": "agent", "name": "Ada"}));
    assert_eq!(theirs["unreadCount"], 1);
    let named: Vec<_> = theirs.as_object().unwrap().keys().collect();
    assert!(named.iter().all(|field| ours.get(field.as_str()).is_some()), "{named:?}");
}
