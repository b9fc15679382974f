//! Private notes over HTTP.

use parlor_core::access::Role;
use parlor_core::limits;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    a_note_is_stored_once_however_often_it_is_sent,
    notes_come_with_the_messages_they_stand_behind,
    its_author_or_an_administrator_deletes_it,
    what_a_note_may_be,
    no_visitor_ever_sees_one,
);

const N1: &str = "0199c000-0000-4000-8000-000000000031";

fn notes(conversation: &Value) -> String {
    format!("/conversations/{}/notes", conversation["id"].as_str().unwrap())
}

fn thread(conversation: &Value) -> String {
    format!("/conversations/{}/messages", conversation["id"].as_str().unwrap())
}

async fn a_note_is_stored_once_however_often_it_is_sent(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    app.ambient.advance_ms(60_000);
    let note = json!({"id": N1, "text": "Careful with this one"});
    let first = app.agent().post(&notes(&maria), note.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let first = first.ok();
    let expected = json!({
        "id": N1, "conversationId": maria["id"], "afterSeq": 1, "text": "Careful with this one", "version": 1,
        "author": {"kind": "agent", "id": "ada", "name": "Ada"}, "at": first["conversation"]["updatedAt"],
    });
    assert_eq!(first["note"], expected);
    let version = |c: &Value| c["version"].as_u64().unwrap();
    assert_eq!(version(&first["conversation"]), version(&maria) + 1);
    for same in ["lastMessage", "lastMessageAt", "messageCount", "messages", "autoCloseAt", "unreadCount"] {
        assert_eq!(first["conversation"][same], maria[same], "{same}");
    }
    let app = app.restart().await;
    let again = app.agent().post(&notes(&maria), note).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.ok()["note"], first["note"]);
    let other = json!({"id": N1, "text": "Careless"});
    app.agent().post(&notes(&maria), other).await.problem("note-id-conflict");
}

async fn notes_come_with_the_messages_they_stand_behind(app: TestApp) {
    let maria = app.start("maria", "1").await;
    for n in 2..=6 {
        app.host().say(maria["id"].as_str().unwrap(), "user", &n.to_string()).await;
        app.agent().post(&notes(&maria), json!({"text": format!("behind {n}")})).await.ok();
    }
    let page = async |query: &str| {
        let page = app.host().get(&format!("{}?{query}", thread(&maria))).await.ok();
        let texts = page["notes"].as_array().unwrap().iter().map(|n| n["text"].as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(page("limit=2").await, ["behind 5", "behind 6"]);
    assert_eq!(page("limit=2&before=4").await, ["behind 2", "behind 3"]);
    assert_eq!(page("limit=1&before=2").await, [] as [&str; 0]);
    let nothing = app.start("noor", "1").await;
    assert_eq!(app.agent().get(&thread(&nothing)).await.ok()["notes"], json!([]));
}

async fn its_author_or_an_administrator_deletes_it(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    for (n, by) in [(1, app.agent()), (2, app.admin())] {
        let id = format!("0199c000-0000-4000-8000-00000000004{n}");
        app.agent().post(&notes(&maria), json!({"id": id, "text": "Careful"})).await.ok();
        let path = format!("{}/{id}", notes(&maria));
        app.by(Role::Agent, "ben").delete(&path).await.problem("forbidden");
        app.host().delete(&path).await.problem("forbidden");
        let gone = by.delete(&path).await.ok();
        assert_eq!((&gone["note"]["text"], &gone["note"]["version"]), (&json!(""), &json!(2)));
        assert_eq!(gone["note"]["deletedAt"], gone["conversation"]["updatedAt"]);
        assert_eq!(by.delete(&path).await.ok(), gone, "deleted is deleted");
        assert_eq!(app.agent().get(&thread(&maria)).await.ok()["notes"], json!([]));
        app.agent().post(&notes(&maria), json!({"id": id, "text": "Careful"})).await.problem("not-found");
    }
    for path in [format!("{}/{N1}", notes(&maria)), format!("{}/x", notes(&maria))] {
        app.admin().delete(&path).await.problem("not-found");
    }
}

async fn what_a_note_may_be(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let agent = app.agent();
    let bad = async |note: Value| agent.post(&notes(&maria), note).await.pointers();
    assert_eq!(bad(json!({})).await, ["/text"]);
    assert_eq!(bad(json!({"text": " "})).await, ["/text"]);
    assert_eq!(bad(json!({"text": "x".repeat(limits::TEXT_CHARS + 1)})).await, ["/text"]);
    assert_eq!(bad(json!({"text": "a\0b"})).await, ["/text"]);
    assert_eq!(bad(json!({"text": "\u{1f600}".repeat(9_000)})).await, ["/text"], "too many bytes as JSON");
    assert_eq!(bad(json!({"text": {"$ne": null}})).await, ["/text"]);
    assert_eq!(bad(json!({"text": "x", "author": {"id": "root"}})).await, [""]);
    assert_eq!(bad(json!({"text": "x", "id": "1"})).await, ["/id"]);
    assert_eq!(bad(json!({"text": "x", "id": null})).await, ["/id"]);
    assert_eq!(bad(json!({"text": "x", "afterSeq": 1})).await, [""]);
    agent.post(&notes(&maria), json!({"text": "x".repeat(limits::TEXT_CHARS)})).await.ok();
    agent.post("/conversations/x/notes", json!({"text": "x"})).await.problem("not-found");
    let raw = async |body: &[u8]| {
        agent.raw(reqwest::Method::POST, &notes(&maria), "application/json", body.to_vec()).await
    };
    for body in [&b"{\"text\":\"\xff\"}"[..], b"{\"text\":\"\\ud800\"}", b"{\"text\":\"a\",\"text\":\"b\"}"] {
        raw(body).await.problem("malformed-json");
    }
}

async fn no_visitor_ever_sees_one(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let secret = "zebra";
    app.agent().post(&notes(&maria), json!({"id": N1, "text": secret})).await.ok();
    let visitor = app.visitor("maria");
    let seen = visitor.get(&thread(&maria)).await.ok();
    assert!(seen.get("notes").is_none() && !seen.to_string().contains(secret), "{seen}");
    for path in [format!("/conversations/{}", maria["id"].as_str().unwrap()), "/conversations".to_owned()] {
        assert!(!visitor.get(&path).await.ok().to_string().contains(secret));
    }
    let (own, unknown) = (notes(&maria), notes(&json!({"id": N1})));
    let answers =
        [visitor.post(&own, json!({"text": "mine"})), visitor.post(&unknown, json!({"text": "mine"}))];
    let mut problems = Vec::new();
    for answer in futures_util::future::join_all(answers).await {
        let mut problem = answer.problem("not-found");
        problem.as_object_mut().unwrap().remove("requestId");
        problems.push(problem);
    }
    assert_eq!(problems[0], problems[1], "their own conversation has no notes, as little as none");
    visitor.post(&notes(&maria), json!({"id": N1, "text": secret})).await.problem("not-found");
    visitor.delete(&format!("{}/{N1}", notes(&maria))).await.problem("not-found");
    app.search.drained().await;
    assert_eq!(visitor.listed(&format!("search={secret}")).await, [] as [String; 0]);
}
