//! Erasing conversations and users, what it would take, the record of it, and everything about a user as a file.

use parlor::service::transfer::import_conversations;
use parlor::writer::Writer;
use parlor_core::limits;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::Cursor;
use tokio::sync::mpsc;

use crate::store::fixture::principal;
use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    a_dry_run_counts_and_deletes_nothing,
    a_question_that_is_not_clear_deletes_nothing,
    everything_of_a_user_goes_and_nothing_of_others,
    an_erased_text_does_not_come_back_from_an_outbox,
    the_record_says_what_when_why_and_by_whom,
    everything_about_a_user_as_a_file,
);

fn id(conversation: &Value) -> &str {
    conversation["id"].as_str().unwrap()
}

async fn noted(app: &TestApp, conversation: &Value, text: &str) -> Value {
    let path = format!("/conversations/{}/notes?messages=0", id(conversation));
    app.agent().post(&path, json!({ "text": text })).await.ok()["note"].take()
}

async fn a_dry_run_counts_and_deletes_nothing(app: TestApp) {
    let (first, second) = (app.start_new("maria", "one").await, app.start_new("maria", "two").await);
    app.agent().say(id(&first), "bot", "yes?").await;
    noted(&app, &first, "careful").await;
    let wrong = noted(&app, &first, "wrong").await;
    app.agent().delete(&format!("/conversations/{}/notes/{}", id(&first), id(&wrong))).await.ok();
    app.start("bob", "other").await;
    let dry = app.admin().delete(&format!("/conversations/{}?dryRun=true", id(&first))).await.ok();
    let said = app.agent().get(&format!("/conversations/{}", id(&first))).await.ok();
    let count = said["conversation"]["messageCount"].as_u64().unwrap();
    assert_eq!(dry, json!({"conversations": 1, "messages": count, "notes": 1}));
    let dry = app.admin().delete("/users/maria?dryRun=true").await.ok();
    assert_eq!(dry, json!({"conversations": 2, "messages": count + 1, "notes": 1}));
    assert_eq!(app.agent().listed("status=all&userId=maria").await.len(), 2);
    for path in ["/users/nobody?dryRun=true", "/users/nobody", "/users/%00?dryRun=true"] {
        app.admin().delete(path).await.problem("not-found");
    }
    app.admin()
        .delete(&format!("/conversations/{}?dryRun=true", uuid::Uuid::nil()))
        .await
        .problem("not-found");
    app.agent().get(&format!("/conversations/{}", id(&second))).await.ok();
}

async fn a_question_that_is_not_clear_deletes_nothing(app: TestApp) {
    let maria = app.start("maria", "one").await;
    for unclear in ["yes", "1", "TRUE", "", "true%20"] {
        for path in [format!("/conversations/{}", id(&maria)), "/users/maria".to_owned()] {
            let answer = app.admin().delete(&format!("{path}?dryRun={unclear}")).await;
            assert_eq!(answer.pointers(), ["/query/dryRun"]);
        }
    }
    assert_eq!(
        app.admin().post("/settings/clock", json!({"isPaused": true})).await.pointers(),
        ["/isPaused"]
    );
    for bad in [json!({"isPaused": false, "x": 1}), json!({}), json!({"isPaused": "false"}), json!([])] {
        app.admin().post("/settings/clock", bad).await.problem("validation");
    }
    for bad in ["limit=0", "limit=201", "limit=x", "before=0", "before=-1", "before=18446744073709551616"] {
        let pointer = format!("/query/{}", bad.split('=').next().unwrap());
        assert_eq!(app.admin().get(&format!("/deletions?{bad}")).await.pointers(), [pointer]);
    }
    assert_eq!(
        app.admin().get(&format!("/deletions?before={}", u64::MAX)).await.ok()["deletions"],
        json!([])
    );
    app.agent().get(&format!("/conversations/{}", id(&maria))).await.ok();
}

async fn everything_of_a_user_goes_and_nothing_of_others(app: TestApp) {
    let profile = json!({"name": "Maria Vidal", "email": "maria@example.com", "metadata": {"plan": "gold"}});
    app.host().put("/users/maria", profile).await.ok();
    let mut theirs = Vec::new();
    for n in 0..=limits::ERASE_CONVERSATIONS {
        theirs.push(app.start_new("maria", &format!("number {n}")).await);
    }
    let bob = app.start("bob", "mine stays").await;
    let cursor = app.agent().get("/conversations?limit=1").await.ok()["cursor"].take();
    assert_eq!(app.admin().delete("/users/maria").await.status, StatusCode::NO_CONTENT);

    app.search.drained().await;
    for query in
        ["status=all", "search=maria&status=all", "search=vidal&status=all", "search=number&status=all"]
    {
        assert!(!app.agent().listed(query).await.contains(&"maria".to_owned()), "{query}");
    }
    assert_eq!(app.agent().listed("status=all&search=mine").await, ["bob"]);
    for conversation in [&theirs[0], theirs.last().unwrap()] {
        app.agent().get(&format!("/conversations/{}", id(conversation))).await.problem("not-found");
    }
    let path = format!("/changes?topic=inbox&wait=0&since={}", cursor.as_str().unwrap());
    let told = app.agent().get(&path).await.ok();
    let gone = told["groups"].as_array().unwrap().iter().flat_map(|group| group.as_array().unwrap());
    let gone = gone.filter(|event| event["event"] == "deleted" && event["reason"] == "user_erased");
    assert_eq!(gone.count(), theirs.len());
    // Their tombstones still say whose they were; of the person nothing is left.
    let user = app.admin().get("/users/maria/export").await.ok();
    assert_eq!(user["user"]["name"], "Visitor");
    assert!(user["user"].get("email").is_none() && user["user"].get("metadata").is_none(), "{user}");

    assert_eq!(app.admin().delete("/users/maria").await.status, StatusCode::NO_CONTENT);
    app.ambient.advance_ms(limits::TOMBSTONE_MS + 1);
    let before = parlor::ambient::Ambient::now(&*app.ambient).plus_ms(-limits::TOMBSTONE_MS);
    while app.store.purge_tombstones(before, 10).await.unwrap() > 0 {}
    app.admin().get("/users/maria/export").await.problem("not-found");
    app.agent().get(&format!("/conversations/{}", id(&bob))).await.ok();

    // Who was only known, and said nothing, goes at once.
    app.host().put("/users/noor", json!({"name": "Noor"})).await.ok();
    assert_eq!(app.admin().delete("/users/noor").await.status, StatusCode::NO_CONTENT);
    app.admin().delete("/users/noor").await.problem("not-found");
    let back = app.start("maria", "here again").await;
    assert_eq!(back["user"]["name"], "Maria");
}

async fn an_erased_text_does_not_come_back_from_an_outbox(app: TestApp) {
    app.put_shop().await;
    let maria = app.visitor("maria");
    let (conversation, first, second) =
        (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2), uuid::Uuid::from_u128(3));
    let start = json!({"id": conversation, "messageId": first, "funnelId": "shop", "user": {"id": "maria"}, "text": "secret"});
    maria.post("/conversations", start.clone()).await.ok();
    let said = json!({"id": second, "conversationId": conversation, "type": "user", "text": "more of it"});
    maria.post("/messages", said.clone()).await.ok();
    assert_eq!(app.admin().delete("/users/maria").await.status, StatusCode::NO_CONTENT);
    for _ in 0..2 {
        maria.post("/conversations", start.clone()).await.problem("not-found");
        maria.post("/messages", said.clone()).await.problem("not-found");
        // Written while it was offline: new, but into what is gone.
        let late = json!({"id": uuid::Uuid::from_u128(4), "conversationId": conversation, "type": "user", "text": "late"});
        maria.post("/messages", late).await.problem("not-found");
    }
    assert_eq!(app.agent().listed("status=all").await, [] as [String; 0]);
}

async fn the_record_says_what_when_why_and_by_whom(app: TestApp) {
    let (first, second) = (app.start_new("maria", "one").await, app.start_new("maria", "two").await);
    app.agent().say(id(&first), "bot", "yes?").await;
    app.admin().delete(&format!("/conversations/{}", id(&first))).await;
    app.ambient.advance_ms(1_000);
    app.admin().delete("/users/maria").await;
    let all = app.admin().get("/deletions").await.ok();
    let [newest, oldest] = all["deletions"].as_array().unwrap().as_slice() else { panic!("{all}") };
    assert_eq!((&newest["conversationId"], &newest["reason"]), (&second["id"], &json!("user_erased")));
    assert_eq!((&oldest["conversationId"], &oldest["reason"]), (&first["id"], &json!("admin")));
    assert!(
        oldest["messages"].as_u64().unwrap() >= 2 && newest["actor"] == "root" && oldest["actor"] == "root"
    );
    assert_eq!(oldest["deletedAt"], "2026-01-01T00:00:00.000Z");
    assert_eq!(newest["deletedAt"], "2026-01-01T00:00:01.000Z");
    assert_eq!(all["hasMore"], false);
    assert!(!all.to_string().contains("maria"), "{all}");

    let page = app.admin().get("/deletions?limit=1").await.ok();
    assert_eq!((&page["deletions"][0], &page["hasMore"]), (newest, &json!(true)));
    let page =
        app.admin().get(&format!("/deletions?limit=1&before={}", page["deletions"][0]["seq"])).await.ok();
    assert_eq!((&page["deletions"][0], &page["hasMore"]), (oldest, &json!(false)));

    // It outlives the tombstones.
    app.ambient.advance_ms(limits::TOMBSTONE_MS + 1);
    let before = parlor::ambient::Ambient::now(&*app.ambient).plus_ms(-limits::TOMBSTONE_MS);
    while app.store.purge_tombstones(before, 10).await.unwrap() > 0 {}
    assert_eq!(app.admin().get("/deletions").await.ok(), all);
}

async fn everything_about_a_user_as_a_file(app: TestApp) {
    let profile = json!({"name": "Maria Vidal", "email": "maria@example.com", "metadata": {"plan": "gold"}});
    app.host().put("/users/maria", profile).await.ok();
    let mut theirs = Vec::new();
    for n in 0..3 {
        theirs.push(app.start_new("maria", &format!("number {n}")).await);
        app.ambient.advance_ms(1_000);
    }
    noted(&app, &theirs[0], "called twice").await;
    let close = json!({"conversationId": theirs[1]["id"], "isArchived": true});
    app.agent().patch("/conversations", close).await.ok();
    app.start("bob", "not theirs").await;

    let answer = app.admin().get("/users/maria/export").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"user.jsonl\"");
    let file = answer.ok();
    let lines: Vec<Value> =
        file.as_str().unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(
        (&lines[0]["user"]["email"], &lines[0]["user"]["metadata"]["plan"]),
        (&json!("maria@example.com"), &json!("gold"))
    );
    let ids = |lines: &[Value]| lines.iter().map(|l| l["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&lines[1..]), ids(&theirs));
    assert_eq!(lines[1]["notes"][0]["text"], "called twice");
    assert_eq!(app.host().get("/users/maria/export").await.ok(), file);
    app.admin().get("/users/nobody/export").await.problem("not-found");

    // Elsewhere it is taken in whole.
    let other = TestApp::memory().await;
    let (published, _listening) = mpsc::channel(limits::PUBLISH_QUEUE);
    let (writer, _) =
        Writer::start(other.store.clone(), other.ambient.clone(), published, limits::BATCH_COMMANDS);
    let by = principal(other.workspace.key, parlor_core::access::Role::Admin, "root");
    let file = Cursor::new(file.as_str().unwrap().to_owned());
    let tally = import_conversations(&writer, &*other.ambient, &by, file, |_| {}).await.unwrap();
    assert_eq!((tally.conversations, tally.refused_in_all), (3, 0), "{tally:?}");
    let there = other.host().get("/users/maria/export").await.ok();
    let first = there.as_str().unwrap().lines().next().unwrap();
    assert!(first.contains("maria@example.com") && first.contains("gold"), "{first}");
}
