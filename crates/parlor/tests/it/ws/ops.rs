//! Send, read, typing, presence.

use parlor_core::access::Role;
use serde_json::{Value, json};

use crate::support::live::Live;

const MESSAGE: &str = "0192b7f0-0000-7000-8000-00000000000a";

#[tokio::test]
async fn a_send_repeated_by_socket_or_http_is_one_message() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (mut agent, mut visitor) = (live.agent().await, live.visitor("u1").await);
    let (_, start) = agent.subscribe(&topic, None).await;
    let message = json!({"id": MESSAGE, "conversationId": id, "text": "once", "type": "user"});
    let (_, first) = visitor.ask(json!({"op": "send", "message": message})).await;
    let by_http = live.post(Role::Visitor, "u1", message.clone()).await;
    let (_, again) = visitor.ask(json!({"op": "send", "message": message})).await;
    assert_eq!(first["event"], "ok");
    assert_eq!((&first["message"], &by_http), (&again["message"], &again["message"]));
    assert_eq!(first["message"]["seq"], first["conversation"]["messageCount"]);
    let mut other = message.clone();
    other["text"] = "something else".into();
    let (_, conflict) = visitor.ask(json!({"op": "send", "message": other})).await;
    assert_eq!(conflict["problem"]["code"], "message-id-conflict");
    let (replayed, _) = live.agent().await.subscribe(&topic, Some(&start)).await;
    let texts: Vec<_> = replayed.iter().filter_map(|e| e["message"]["text"].as_str()).collect();
    assert_eq!(texts, ["once"]);
}

#[tokio::test]
async fn what_is_refused_says_where_and_keeps_the_connection() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let mut visitor = live.visitor("u1").await;
    let empty = json!({"conversationId": id, "text": "  ", "type": "user"});
    let (_, answer) = visitor.ask(json!({"op": "send", "message": empty})).await;
    assert_eq!(answer["problem"]["code"], "validation");
    assert_eq!(answer["problem"]["errors"][0]["pointer"], "/message/text");
    let as_bot = json!({"conversationId": id, "text": "trust me", "type": "bot"});
    let (_, answer) = visitor.ask(json!({"op": "send", "message": as_bot})).await;
    assert_eq!(answer["problem"]["code"], "forbidden");
    let (_, answer) = visitor.ask(json!({"op": "read", "conversationId": MESSAGE, "seq": 1})).await;
    assert_eq!(answer["problem"]["code"], "not-found");
    let (_, answer) = visitor.ask(json!({"op": "typing", "conversationId": MESSAGE, "isTyping": true})).await;
    assert_eq!(answer["problem"]["code"], "not-found");
}

#[tokio::test]
async fn a_read_mark_reaches_the_other_side() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let (mut agent, mut visitor) = (live.agent().await, live.visitor("u1").await);
    visitor.subscribe(&format!("conversation:{id}"), None).await;
    let (_, answer) = agent.ask(json!({"op": "read", "conversationId": id, "seq": 99})).await;
    let event = visitor.next().await;
    for conversation in [&answer["conversation"], &event["conversation"]] {
        assert_eq!(conversation["agentLastReadSeq"], conversation["messageCount"]);
    }
}

#[tokio::test]
async fn typing_passes_by_and_is_never_replayed() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (mut agent, mut visitor) = (live.agent().await, live.visitor("u1").await);
    let (_, start) = agent.subscribe(&topic, None).await;
    visitor.subscribe(&topic, None).await;
    let op = json!({"op": "typing", "conversationId": id, "isTyping": true});
    visitor.ask(op.clone()).await;
    let seen = agent.next().await;
    assert_eq!((&seen["event"], &seen["isTyping"]), (&json!("typing"), &json!(true)));
    assert_eq!(seen["author"], json!({"kind": "user", "id": "u1", "name": "Visitor"}));
    visitor.until(|e| e["event"] == "typing").await;
    agent.ask(op).await;
    let seen = visitor.until(|e| e["author"]["kind"] == "agent").await;
    assert!(seen[0]["author"].get("id").is_none(), "an agent's id is the team's");
    let (replayed, _) = live.agent().await.subscribe(&topic, Some(&start)).await;
    assert_eq!(replayed, [] as [Value; 0]);
}

#[tokio::test]
async fn presence_is_told_when_it_changes_and_on_subscribe() {
    let live = Live::memory().await;
    let mut agent = live.agent().await;
    agent.subscribe("inbox", None).await;
    let first = live.visitor("u1").await;
    live.told("u1", true).await;
    assert_eq!(agent.next().await, json!({"event": "presence", "userId": "u1", "isOnline": true}));
    let second = live.visitor("u1").await;
    let mut late = live.agent().await;
    late.subscribe("inbox", None).await;
    assert_eq!(late.next().await["userId"], "u1");
    drop(first);
    drop(second);
    live.told("u1", false).await;
    let gone = agent.next().await;
    assert_eq!((&gone["userId"], &gone["isOnline"]), (&json!("u1"), &json!(false)));
    assert!(gone["lastSeen"].is_string());
}
