//! Who hears of a deletion: everybody who followed what is gone, live and after any break, and nobody else.

use parlor::hub::{Channel, Topic};
use parlor_core::access::{Role, View};
use parlor_core::id::ConversationId;
use parlor_core::limits;
use serde_json::{Value, json};

use crate::support::live::{Live, over_every_live};
use crate::support::socket::{Client, Screen};

over_every_live!(
    followers_of_every_topic_and_view_are_told_at_once,
    whoever_was_away_is_told_when_they_come_back,
    from_every_cursor_one_comes_to_the_same_conversations,
    whoever_polls_is_told_too,
);

/// What a client is told of a topic after `since`, or the code of the refusal.
async fn told(client: &mut Client, topic: &str, since: Option<&str>) -> Result<Vec<Value>, String> {
    let mut op = json!({"op": "subscribe", "topic": topic});
    if let Some(since) = since {
        op["since"] = since.into();
    }
    let (mut events, answer) = client.ask(op).await;
    events.retain(|event| event["event"] != "presence");
    match answer["problem"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(events),
    }
}

fn deleted(topic: &str, id: &str, cursor: &str) -> Value {
    json!({"event": "deleted", "topic": topic, "conversationId": id, "reason": "admin", "cursor": cursor})
}

async fn followers_of_every_topic_and_view_are_told_at_once(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (mut ada, mut maria, mut bob) =
        (live.agent().await, live.visitor("u1").await, live.visitor("u2").await);
    for client in [&mut ada, &mut maria] {
        client.subscribe("inbox", None).await;
        client.subscribe(&topic, None).await;
    }
    bob.subscribe("inbox", None).await;
    live.delete(&id).await;
    for client in [&mut ada, &mut maria] {
        let mut told = client.until(|event| event["event"] == "deleted").await;
        told.push(client.next().await);
        let cursor = told.last().unwrap()["cursor"].as_str().unwrap();
        for expected in ["inbox", &topic].map(|topic| deleted(topic, &id, cursor)) {
            assert!(told.contains(&expected), "{told:?}");
        }
    }
    // The topic ends: its slot is free, and nothing is followed any more.
    for client in [&mut ada, &mut maria] {
        live.pass_s(limits::HEARTBEAT_S);
        let heads = client.until(|e| e["event"] == "heartbeat").await.pop().unwrap()["heads"].take();
        assert_eq!(heads.as_object().unwrap().keys().collect::<Vec<_>>(), ["inbox"]);
        assert_eq!(told(client, &topic, None).await, Err("not-found".to_owned()));
    }
    live.start_conversation("u2", "me too").await;
    let told = bob.until(|e| e["event"] == "conversation").await;
    assert!(told.iter().all(|e| e["event"] != "deleted"), "nothing of somebody else's");
}

async fn whoever_was_away_is_told_when_they_come_back(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (_, before) = live.agent().await.subscribe("inbox", None).await;
    live.say(Role::Visitor, "u1", &id, "one more").await;
    live.delete(&id).await;
    live.start_conversation("u2", "after it").await;
    let (_, after) = live.agent().await.subscribe("inbox", None).await;

    for (sub, role) in [("ada", Role::Agent), ("u1", Role::Visitor)] {
        let mut client = live.client(role, sub).await;
        let events = told(&mut client, "inbox", Some(&before)).await.unwrap();
        assert_eq!(events[0], deleted("inbox", &id, events[0]["cursor"].as_str().unwrap()));
        let events = told(&mut client, &topic, Some(&before)).await.unwrap();
        assert_eq!(events, [deleted(&topic, &id, events[0]["cursor"].as_str().unwrap())]);
        let gone_at = events[0]["cursor"].as_str().unwrap().to_owned();
        // Who knows of it already, or was never there, finds what everybody finds under an id that is no one's.
        let mut fresh = live.client(role, sub).await;
        for since in [None, Some(gone_at.as_str()), Some(after.as_str())] {
            assert_eq!(told(&mut fresh, &topic, since).await, Err("not-found".to_owned()), "{since:?}");
        }
    }
    let mut bob = live.visitor("u2").await;
    let events = told(&mut bob, "inbox", Some(&before)).await.unwrap();
    assert!(events.iter().all(|event| event["event"] == "conversation"), "{events:?}");
    assert_eq!(told(&mut bob, &topic, Some(&before)).await, Err("not-found".to_owned()));
}

async fn from_every_cursor_one_comes_to_the_same_conversations(live: Live) {
    let mut watcher = live.agent().await;
    let (mut seen, mut screens) = (Screen::default(), Vec::new());
    seen.cursor = Some(watcher.subscribe("inbox", None).await.1);
    screens.push(seen.clone());
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(live.start_conversation(&format!("u{n}"), "hello").await);
    }
    for n in [1, 3] {
        live.say(Role::Visitor, &format!("u{n}"), &ids[n], "soon gone").await;
        live.delete(&ids[n]).await;
        live.say(Role::Visitor, "u2", &ids[2], "still here").await;
    }
    let last = live.start_conversation("last", "the end").await;
    while !seen.conversations.contains_key(&last) {
        seen.apply("inbox", &[watcher.next().await]);
        screens.push(seen.clone());
    }
    assert_eq!(seen.conversations.len(), 4);
    for mut screen in screens {
        let since = screen.cursor.clone().unwrap();
        let (events, _) = live.agent().await.subscribe("inbox", Some(&since)).await;
        screen.apply("inbox", &events);
        assert_eq!(screen.conversations, seen.conversations);
    }
}

async fn whoever_polls_is_told_too(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let (topic, token) = (format!("conversation:{id}"), live.token(Role::Visitor, "u1"));
    let begin = live.get(&token, &format!("/changes?topic={topic}")).await.ok();
    let path = format!("/changes?topic={topic}&wait=25&since={}", begin["cursor"].as_str().unwrap());
    let channel = Channel {
        workspace: live.workspace.key,
        topic: Topic::Conversation(ConversationId::parse(&id).unwrap()),
        view: View::Visitor,
    };
    let waits = async {
        live.until(|| live.hub.has(&channel)).await;
        live.delete(&id).await;
    };
    let (waited, ()) = tokio::join!(live.get(&token, &path), waits);
    let waited = waited.ok();
    let cursor = waited["cursor"].as_str().unwrap();
    assert_eq!(waited["groups"], json!([[deleted(&topic, &id, cursor)]]));
    assert_eq!(live.get(&token, &path).await.ok(), waited, "the same again, from the store");
    live.get(&token, &format!("/changes?topic={topic}&since={cursor}")).await.problem("not-found");
    let stranger = live.token(Role::Visitor, "u2");
    live.get(&stranger, &path).await.problem("not-found");
}
