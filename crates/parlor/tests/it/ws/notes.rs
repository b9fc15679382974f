//! Private notes on the wire: for those who answer, never for those who ask.

use parlor_core::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::live::{Live, over_every_live};

over_every_live!(
    a_note_comes_behind_the_messages_and_before_the_conversation,
    a_visitor_hears_that_the_version_rose_and_nothing_else,
    what_was_missed_of_notes_is_told_in_order,
);

async fn note(live: &Live, conversation: &str, id: u32, text: &str) {
    let note = json!({"id": noted(id), "text": text});
    let path = format!("/conversations/{conversation}/notes");
    live.call(&live.token(Role::Agent, "ada"), Method::POST, &path, note).await.ok();
}

async fn unnote(live: &Live, conversation: &str, id: u32) {
    let path = format!("/conversations/{conversation}/notes/{}", noted(id));
    live.call(&live.token(Role::Agent, "ada"), Method::DELETE, &path, Value::Null).await.ok();
}

fn noted(id: u32) -> String {
    format!("0199c000-0000-4000-8000-{id:012}")
}

/// What events say: which, the note's text, whether it is deleted, whether they end their group.
fn told(events: &[Value]) -> Vec<(&str, &str, bool, bool)> {
    let durable = events.iter().filter(|event| event["event"] != "presence");
    let one = |event: &'_ Value| (event["note"]["deletedAt"].is_string(), event["cursor"].is_string());
    durable
        .map(|event| {
            let (is_deleted, ends_group) = one(event);
            let text = event["note"]["text"].as_str().unwrap_or_default();
            (event["event"].as_str().unwrap(), text, is_deleted, ends_group)
        })
        .collect()
}

async fn a_note_comes_behind_the_messages_and_before_the_conversation(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let mut agent = live.agent().await;
    agent.subscribe(&topic, None).await;
    note(&live, &id, 1, "careful").await;
    let events = agent.until(|event| event["cursor"].is_string()).await;
    assert_eq!(told(&events), [("note", "careful", false, false), ("conversation", "", false, true)]);
    let stored =
        live.get(&live.token(Role::Agent, "ada"), &format!("/conversations/{id}/messages")).await.ok();
    let event = events.iter().find(|event| event["event"] == "note").unwrap();
    assert_eq!((&event["note"], &event["topic"]), (&stored["notes"][0], &json!(topic)));
    assert_eq!(events.last().unwrap()["cursor"], stored["cursor"]);
    unnote(&live, &id, 1).await;
    let events = agent.until(|event| event["cursor"].is_string()).await;
    assert_eq!(told(&events), [("note", "", true, false), ("conversation", "", false, true)]);
}

async fn a_visitor_hears_that_the_version_rose_and_nothing_else(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let begin = live.beginning().await;
    let mut visitor = live.visitor("u1").await;
    visitor.subscribe(&topic, None).await;
    let mut last = 0;
    for is_there in [true, false] {
        if is_there {
            note(&live, &id, 1, "zebra").await
        } else {
            unnote(&live, &id, 1).await
        }
        let events = visitor.until(|event| event["cursor"].is_string()).await;
        assert_eq!(told(&events), [("conversation", "", false, true)]);
        let version = events.last().unwrap()["conversation"]["version"].as_u64().unwrap();
        assert!(version > last);
        last = version;
        // The same when it was missed, by whatever means.
        let (missed, _) = live.visitor("u1").await.subscribe(&topic, Some(&begin)).await;
        let path = format!("/changes?topic={topic}&since={begin}&wait=0");
        let polled = live.get(&live.token(Role::Visitor, "u1"), &path).await.ok();
        for seen in [json!(events), json!(missed), polled] {
            let seen = seen.to_string();
            assert!(!seen.contains("zebra") && !seen.contains("\"note\""), "{seen}");
        }
    }
}

async fn what_was_missed_of_notes_is_told_in_order(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (_, since) = live.agent().await.subscribe(&topic, None).await;
    note(&live, &id, 1, "one").await;
    note(&live, &id, 2, "two").await;
    live.say(Role::Visitor, "u1", &id, "more").await;
    note(&live, &id, 3, "three").await;
    unnote(&live, &id, 1).await;
    let (events, at) = live.agent().await.subscribe(&topic, Some(&since)).await;
    let shown: Vec<_> = told(&events).into_iter().filter(|event| event.0 == "note").collect();
    assert_eq!(
        shown,
        [("note", "two", false, true), ("note", "three", false, true), ("note", "", true, false)]
    );
    let durable: Vec<_> = events.into_iter().filter(|event| event["event"] != "presence").collect();
    assert_eq!(durable.last().unwrap()["event"], "conversation");
    let path = format!("/changes?topic={topic}&since={since}&wait=0");
    let polled = live.get(&live.token(Role::Agent, "ada"), &path).await.ok();
    let groups = polled["groups"].as_array().unwrap();
    let polled_events: Vec<_> = groups.iter().flat_map(|group| group.as_array().unwrap().clone()).collect();
    assert_eq!((polled_events, &polled["cursor"]), (durable, &json!(at)));
}
