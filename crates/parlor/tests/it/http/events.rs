//! Event streams: the socket's groups as server-sent events.

use parlor::hub::{Channel, Topic};
use parlor_core::access::{Role, View};
use parlor_core::limits;
use serde_json::{Value, json};

use crate::support::live::{Live, over_every_live};
use crate::support::socket::Screen;
use crate::support::stream::EventSource;

over_every_live!(
    a_stream_says_what_the_socket_says,
    a_stream_goes_on_from_the_last_id,
    who_is_too_far_behind_is_told_so,
    a_heartbeats_head_is_the_last_id,
    a_stream_ends_with_its_callers_proof,
    a_reader_that_stalls_goes_on_without_gaps,
);

async fn a_stream_says_what_the_socket_says(live: Live) {
    let start = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    for n in 0..5 {
        live.say(Role::Agent, "ada", &id, &format!("answer {n}")).await;
        live.start_conversation(&format!("other{n}"), "me too").await;
    }
    for (role, sub) in [(Role::Agent, "ada"), (Role::Visitor, "u1")] {
        for topic in ["inbox".to_owned(), format!("conversation:{id}")] {
            let mut client = live.client(role, sub).await;
            let (told, _) = client.subscribe(&topic, Some(&start)).await;
            let query = format!("{topic}&since={start}");
            let mut stream = EventSource::open(live.address, &live.token(role, sub), &query).await;
            assert_eq!(stream.missed().await, told, "{topic}");
            live.say(Role::Visitor, "u1", &id, "and then").await;
            let is_last = |e: &Value| e["cursor"].is_string();
            let group = stream.next().await.unwrap();
            let group =
                if is_last(group.events.last().unwrap()) { group } else { stream.next().await.unwrap() };
            let live_one: Vec<_> =
                client.until(is_last).await.into_iter().filter(|e| e["event"] != "presence").collect();
            assert_eq!(group.events, live_one, "one group, one event");
            assert_eq!(group.id.as_deref(), group.events.last().unwrap()["cursor"].as_str());
        }
    }
}

async fn a_stream_goes_on_from_the_last_id(live: Live) {
    let start = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    let query = format!("conversation:{id}&since={start}");
    let token = live.token(Role::Agent, "ada");
    let mut stream = EventSource::open(live.address, &token, &query).await;
    stream.missed().await;
    let last_id = stream.last_id.clone().unwrap();
    drop(stream);
    live.say(Role::Visitor, "u1", &id, "while you were away").await;
    let mut stream = EventSource::resume(live.address, &token, &query, &last_id).await;
    let missed = stream.missed().await;
    let texts: Vec<_> = missed.iter().filter_map(|e| e["message"]["text"].as_str()).collect();
    assert_eq!(texts, ["while you were away"]);
    for query in ["inbox&since=x", "conversation:x", ""] {
        let path = format!("/events?topic={query}");
        let refused = live.get(&token, &path).await;
        let code = refused.body["code"].as_str().unwrap().to_owned();
        assert!(["invalid-cursor", "not-found", "validation"].contains(&&*code), "{query}: {code}");
        refused.problem(&code);
    }
    // A server that ends says when to come back; so does a browser's own reconnect.
    live.hub.close();
    let goaway = stream.next().await.unwrap();
    assert_eq!(goaway.events[0]["event"], "goaway");
    assert_eq!(goaway.retry, goaway.events[0]["reconnectInMs"].as_u64());
    assert!(goaway.retry.unwrap() < limits::RECONNECT_SPREAD_MS);
    assert_eq!(stream.next().await, None);
}

async fn who_is_too_far_behind_is_told_so(live: Live) {
    let start = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    for n in 0..limits::RESUME_CHANGES {
        live.say(Role::Visitor, "u1", &id, &format!("{n}")).await;
    }
    let topic = format!("conversation:{id}");
    let query = format!("{topic}&since={start}");
    let mut stream = EventSource::open(live.address, &live.token(Role::Visitor, "u1"), &query).await;
    let reset = stream.next().await.unwrap();
    assert_eq!((reset.id, reset.events), (None, vec![json!({"event": "reset", "topic": topic})]));
    assert_eq!(stream.missed().await, [] as [Value; 0]);
    live.say(Role::Visitor, "u1", &id, "after the reset").await;
    assert_eq!(stream.next().await.unwrap().events[0]["message"]["text"], "after the reset");
}

async fn a_heartbeats_head_is_the_last_id(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let token = live.token(Role::Agent, "ada");
    let mut stream = EventSource::open(live.address, &token, &topic).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first.events, [json!({"event": "heartbeat", "heads": {topic.clone(): first.id}})]);
    live.start_conversation("u2", "elsewhere").await;
    live.pass_s(limits::HEARTBEAT_S);
    let quiet = stream.next().await.unwrap();
    assert_eq!(quiet.events, first.events);
    live.say(Role::Visitor, "u1", &id, "more").await;
    let group = stream.next().await.unwrap();
    live.pass_s(limits::HEARTBEAT_S);
    let beat = stream.next().await.unwrap();
    assert_eq!(beat.events, [json!({"event": "heartbeat", "heads": {topic: group.id}})]);
}

async fn a_stream_ends_with_its_callers_proof(live: Live) {
    let token = live.token_for(Role::Agent, "ada", 3);
    let mut stream = EventSource::open(live.address, &token, "inbox").await;
    stream.missed().await;
    live.pass_s(3);
    assert_eq!(stream.next().await, None);
}

async fn a_reader_that_stalls_goes_on_without_gaps(live: Live) {
    let begin = live.beginning().await;
    let token = live.token(Role::Agent, "ada");
    let mut slow = EventSource::open_slow(live.address, &token, &format!("inbox&since={begin}")).await;
    let mut quick = EventSource::open(live.address, &token, &format!("inbox&since={begin}")).await;
    let write = async {
        let ids: Vec<_> = futures_util::future::join_all((0..300).map(async |n| {
            live.start_conversation(&format!("user{n}"), &format!("{n} {}", "x".repeat(9_000))).await
        }))
        .await;
        for round in 0..20 {
            futures_util::future::join_all(ids.iter().enumerate().map(async |(n, id)| {
                live.say(Role::Visitor, &format!("user{n}"), id, &format!("round {round}")).await;
            }))
            .await;
        }
        live.start_conversation("last", "the end").await
    };
    let is_end = |e: &Value| e["conversation"]["userId"] == "last";
    // Others go on meanwhile.
    let (_, heard) = tokio::join!(write, quick.until(is_end));
    let late = slow.until(is_end).await;
    assert!(late.iter().all(|event| event["event"] != "reset"));
    let count = |events: &[Value]| events.iter().filter(|e| e["event"] == "conversation").count();
    assert!(count(&late) < 301 * 21, "its queue was dropped: {} events were enough", count(&late));
    let (mut seen, mut fresh, mut others) = (Screen::default(), Screen::default(), Screen::default());
    seen.apply("inbox", &late);
    others.apply("inbox", &heard);
    let (all, _) = live.agent().await.subscribe("inbox", Some(&begin)).await;
    fresh.apply("inbox", &all);
    assert_eq!(seen.conversations, fresh.conversations);
    assert_eq!(others.conversations, fresh.conversations);
}

#[tokio::test]
async fn typing_and_presence_pass_by_and_the_reader_counts_as_connected() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let agent = live.token(Role::Agent, "ada");
    let mut inbox = EventSource::open(live.address, &agent, "inbox").await;
    inbox.missed().await;
    let mut thread = EventSource::open(live.address, &agent, &format!("conversation:{id}")).await;
    thread.missed().await;
    let visitor = EventSource::open(live.address, &live.token(Role::Visitor, "u1"), "inbox").await;
    live.told("u1", true).await;
    let came = inbox.next().await.unwrap();
    assert_eq!(came.events, [json!({"event": "presence", "userId": "u1", "isOnline": true})]);
    assert_eq!(came.id, None);
    let mut late = EventSource::open(live.address, &agent, "inbox").await;
    late.missed().await;
    assert_eq!(late.next().await.unwrap().events, came.events);
    let mut socket = live.visitor("u1").await;
    socket.ask(json!({"op": "typing", "conversationId": id, "isTyping": true})).await;
    let typing = thread.next().await.unwrap();
    assert_eq!((&typing.events[0]["event"], typing.id), (&json!("typing"), None));
    drop((visitor, socket));
    live.told("u1", false).await;
    assert_eq!(inbox.next().await.unwrap().events[0]["isOnline"], false);
    drop(thread);
    let topic = Topic::Inbox;
    let channel = Channel { workspace: live.workspace.key, topic, view: View::Agents };
    assert!(live.hub.has(&channel));
    drop((inbox, late));
    live.until(|| !live.hub.has(&channel)).await;
}

#[tokio::test]
async fn signing_out_ends_what_the_session_opened() {
    let live = Live::memory().await;
    let cookie = live.console_cookie().await;
    let (_, session) = cookie.split_once('=').unwrap();
    let caller = live.service.authenticate_session(session).await.unwrap();
    let follow = parlor::wire::query::follow::Follow { topic: "inbox".into(), since: None };
    let mut stream = live.service.stream_events(caller, follow).await.unwrap();
    assert!(stream.next().await.unwrap().id.is_some());
    let mut socket = crate::support::socket::Client::connect_with(
        live.address,
        &[("cookie", &cookie), ("origin", crate::support::live::PUBLIC)],
    )
    .await
    .unwrap();
    assert_eq!(socket.next().await["event"], "ready");
    live.service.delete_session(session).await.unwrap();
    assert!(stream.next().await.is_none(), "looks again after every heartbeat");
    live.pass_s(limits::HEARTBEAT_S);
    assert_eq!(socket.close_code().await, 4401);
}
