//! What goes where, and what each side may see of it.

use parlor_core::access::Role;
use serde_json::{Value, json};

use crate::support::live::Live;

fn kinds(events: &[Value]) -> Vec<(&str, bool)> {
    events.iter().map(|e| (e["event"].as_str().unwrap(), e["cursor"].is_string())).collect()
}

#[tokio::test]
async fn a_commit_is_a_group_of_messages_then_the_conversation() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let mut agent = live.agent().await;
    agent.subscribe(&topic, None).await;
    agent.subscribe("inbox", None).await;
    // An agent's message into the bot's conversation takes it: a system line and the message, one commit.
    live.say(Role::Agent, "ada", &id, "how can I help?").await;
    let mut events = Vec::new();
    while events.iter().filter(|e: &&Value| e["cursor"].is_string()).count() < 2 {
        events.push(agent.next().await);
    }
    let (inbox, thread): (Vec<_>, Vec<_>) = events.into_iter().partition(|e| e["topic"] == "inbox");
    assert_eq!(kinds(&inbox), [("conversation", true)]);
    assert_eq!(kinds(&thread), [("message", false), ("message", false), ("conversation", true)]);
    let seqs: Vec<_> = thread[..2].iter().map(|e| e["message"]["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs[0] + 1, seqs[1]);
    let conversation = &thread[2]["conversation"];
    assert_eq!((&conversation["handler"], &conversation["messages"]), (&json!("agent"), &json!([])));
    assert_eq!(inbox[0]["conversation"], *conversation);
    assert_eq!(inbox[0]["cursor"], thread[2]["cursor"], "one commit, one place");
}

#[tokio::test]
async fn a_visitor_has_an_inbox_of_their_own() {
    let live = Live::memory().await;
    let (mut one, mut two) = (live.visitor("u1").await, live.visitor("u2").await);
    one.subscribe("inbox", None).await;
    two.subscribe("inbox", None).await;
    let of_two = live.start_conversation("u2", "mine").await;
    let of_one = live.start_conversation("u1", "mine too").await;
    assert_eq!(one.next().await["conversation"]["id"], of_one.as_str());
    assert_eq!(two.next().await["conversation"]["id"], of_two.as_str());
}

#[tokio::test]
async fn what_is_not_theirs_does_not_exist() {
    let live = Live::memory().await;
    let foreign = live.start_conversation("u2", "secret").await;
    let mut client = live.visitor("u1").await;
    let unknown = "0192b7f0-0000-7000-8000-000000000001";
    let mut answers = Vec::new();
    for topic in
        [&*format!("conversation:{foreign}"), &*format!("conversation:{unknown}"), "conversation:x", "all"]
    {
        let (events, mut answer) = client.ask(json!({"op": "subscribe", "topic": topic})).await;
        assert_eq!(events, [] as [Value; 0]);
        answer.as_object_mut().unwrap().remove("ref");
        answers.push(answer);
    }
    assert_eq!(answers[0]["problem"]["code"], "not-found");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // And nothing of it arrives later.
    live.say(Role::Visitor, "u2", &foreign, "more secrets").await;
    let own = live.start_conversation("u1", "hello").await;
    client.subscribe(&format!("conversation:{own}"), None).await;
    live.say(Role::Visitor, "u1", &own, "again").await;
    assert_eq!(client.next().await["message"]["text"], "again");
}

#[tokio::test]
async fn a_visitors_view_hides_what_is_the_teams() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (mut agent, mut visitor) = (live.agent().await, live.visitor("u1").await);
    let (_, start) = visitor.subscribe(&topic, None).await;
    agent.subscribe(&topic, None).await;
    let metadata = json!({"blockId": "b1", "note": "internal"});
    live.post(
        Role::Agent,
        "ada",
        json!({"conversationId": id, "text": "hi", "type": "bot", "metadata": metadata}),
    )
    .await;
    let is_end = |e: &Value| e["cursor"].is_string();
    let (seen, all) = (visitor.until(is_end).await, agent.until(is_end).await);
    let (replayed, _) = live.visitor("u1").await.subscribe(&topic, Some(&start)).await;
    for events in [&seen, &replayed] {
        let message = &events[1]["message"];
        assert_eq!(message["metadata"], json!({"blockId": "b1"}));
        assert_eq!(message["author"]["kind"], "agent");
        assert!(message["author"].get("id").is_none());
        let conversation = &events[2]["conversation"];
        assert!(conversation["assignee"].get("id").is_none());
        for hidden in ["labels", "deleteAt", "hold", "externalId", "metadata"] {
            assert!(conversation.get(hidden).is_none(), "{hidden}");
        }
    }
    assert_eq!(all[1]["message"]["metadata"]["note"], "internal");
    assert_eq!(all[1]["message"]["author"]["id"], "ada");
    assert_eq!(all[2]["conversation"]["assignee"]["id"], "ada");
}

#[tokio::test]
async fn another_workspace_is_another_world() {
    let live = Live::memory().await;
    let other = live.another_workspace().await;
    let id = live.start_conversation("u1", "hello").await;
    let mut agent = live.agent().await;
    let (_, cursor) = agent.subscribe("inbox", None).await;
    let mut stranger = live.client_with(&other).await;
    let (_, answer) = stranger.ask(json!({"op": "subscribe", "topic": format!("conversation:{id}")})).await;
    assert_eq!(answer["problem"]["code"], "not-found");
    let (_, answer) = stranger.ask(json!({"op": "subscribe", "topic": "inbox", "since": cursor})).await;
    assert_eq!(answer["problem"]["code"], "invalid-cursor");
    let (replayed, _) = stranger.subscribe("inbox", None).await;
    assert_eq!(replayed, [] as [Value; 0]);
    live.say(Role::Visitor, "u1", &id, "not for you").await;
    agent.until(|e| e["event"] == "conversation").await;
    let (events, _) = stranger.ask(json!({"op": "unsubscribe", "topic": "inbox"})).await;
    assert_eq!(events, [] as [Value; 0]);
}

#[tokio::test]
async fn after_unsubscribing_nothing_comes() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let mut agent = live.agent().await;
    agent.subscribe(&topic, None).await;
    agent.subscribe("inbox", None).await;
    agent.ask(json!({"op": "unsubscribe", "topic": topic})).await;
    live.say(Role::Visitor, "u1", &id, "anybody?").await;
    let events = agent.until(|e| e["topic"] == "inbox").await;
    assert_eq!(events.len(), 1, "{events:?}");
}

#[tokio::test]
async fn agents_hear_which_lists_may_have_changed() {
    let live = Live::memory().await;
    let (mut agent, mut visitor) = (live.agent().await, live.visitor("u1").await);
    agent.subscribe("inbox", None).await;
    visitor.subscribe("inbox", None).await;
    let id = live.start_conversation("u1", "hello").await;
    let token = live.token(Role::Admin, "root");
    let call = async |method: reqwest::Method, path: &str, body: Value| {
        live.call(&token, method, path, body).await.ok();
    };
    let (put, patch, delete) = (reqwest::Method::PUT, reqwest::Method::PATCH, reqwest::Method::DELETE);
    let answer = json!({"shortcut": "hi", "text": "Hello!"});
    call(put.clone(), "/canned-answers/1", answer.clone()).await;
    call(put.clone(), "/canned-answers/1", answer).await;
    call(delete.clone(), "/canned-answers/1", Value::Null).await;
    call(put.clone(), "/views/1", json!({"name": "All", "filters": {}})).await;
    call(delete, "/views/1", Value::Null).await;
    call(patch, "/conversations", json!({"conversationId": id, "labels": ["vip"]})).await;
    let funnel =
        json!({"id": "x", "name": "X", "startBlockId": "a", "blocks": {"a": {"id": "a", "message": "x"}}});
    call(put, "/funnels/x", funnel).await;
    live.say(Role::Agent, "zoe", &id, "hi").await;
    let mut heard = std::collections::BTreeSet::new();
    for _ in 0.. {
        heard.insert(agent.next_changed().await.as_str().unwrap().to_owned());
        if ["agents", "cannedAnswers", "funnels", "labels", "views"].iter().all(|list| heard.contains(*list))
        {
            break;
        }
    }
    // The visitor has heard everything up to the message, and nothing of lists.
    visitor.until(|event| event["conversation"]["lastMessage"] == "hi").await;
    assert_eq!(visitor.changed_so_far(), 0);
}
