//! The sync promise: a snapshot, a cursor, and after any break exactly the server's state.

use parlor_core::access::Role;
use parlor_core::cursor::{Cursor, CursorKey};
use parlor_core::limits;
use serde_json::{Value, json};

use crate::support::live::{Live, over_every_live};
use crate::support::socket::{Client, Screen};

over_every_live!(
    from_every_earlier_cursor_one_comes_to_the_same_state,
    what_is_said_while_one_subscribes_comes_once,
    a_second_subscribe_delivers_nothing_twice,
    cursors_that_are_not_ours_are_refused_and_those_of_another_life_reset,
    who_is_too_far_behind_loads_again,
    a_heartbeats_heads_are_the_last_cursors_seen,
    a_reader_that_stalls_resumes_from_the_store_without_gaps,
    a_reader_that_stalls_for_long_is_closed,
    after_a_restart_one_goes_on_from_the_last_cursor,
);

/// A conversation with some history of every kind; its topic.
async fn history(live: &Live) -> (String, String) {
    let id = live.start_conversation("u1", "hello").await;
    for n in 0..6 {
        live.say(Role::Visitor, "u1", &id, &format!("question {n}")).await;
        live.say(Role::Agent, "ada", &id, &format!("answer {n}")).await;
        live.start_conversation(&format!("other{n}"), "me too").await;
        live.read(&id, n).await;
    }
    (id.clone(), format!("conversation:{id}"))
}

/// Follows `topic` until its group at `cursor`; the screen then.
async fn follow(client: &mut Client, topic: &str, since: Option<&str>, screen: &mut Screen) {
    let (events, cursor) = client.subscribe(topic, since).await;
    screen.apply(topic, &events);
    screen.cursor = Some(cursor);
}

async fn from_every_earlier_cursor_one_comes_to_the_same_state(live: Live) {
    let mut watcher = live.agent().await;
    let (mut screens, mut seen) = (Vec::new(), Screen::default());
    follow(&mut watcher, "inbox", None, &mut seen).await;
    screens.push(seen.clone());
    let (_, topic) = history(&live).await;
    let last = live.start_conversation("last", "the end").await;
    loop {
        let event = watcher.next().await;
        seen.apply("inbox", std::slice::from_ref(&event));
        screens.push(seen.clone());
        if event["conversation"]["id"] == last.as_str() {
            break;
        }
    }
    assert!(screens.len() > 20);
    let start = screens[0].cursor.clone().unwrap();
    let mut thread = Screen::default();
    follow(&mut live.agent().await, &topic, Some(&start), &mut thread).await;
    assert!(thread.messages.len() > 12, "the whole thread is younger than the first cursor");
    for mut screen in screens {
        let since = screen.cursor.clone().unwrap();
        let mut client = live.agent().await;
        follow(&mut client, "inbox", Some(&since), &mut screen).await;
        assert_eq!(screen.conversations, seen.conversations);
        // The same cursor is good for every topic: what came after it, and nothing before.
        let (events, _) = client.subscribe(&topic, Some(&since)).await;
        let mut tail = Screen::default();
        tail.apply(&topic, &events);
        assert!(tail.messages.iter().all(|(key, message)| thread.messages.get(key) == Some(message)));
        let missing = thread.messages.len() - tail.messages.len();
        let whole = thread.messages.keys().skip(missing).eq(tail.messages.keys());
        assert!(whole, "the newest messages, without a hole");
        assert_eq!(tail.conversations.is_empty(), tail.messages.is_empty() && events.is_empty());
    }
}

async fn what_is_said_while_one_subscribes_comes_once(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let (_, start) = live.agent().await.subscribe(&topic, None).await;
    let talk = async {
        for n in 0..300 {
            live.say(Role::Visitor, "u1", &id, &format!("{n}")).await;
        }
    };
    let listen = async {
        for _ in 0..8 {
            let mut client = live.agent().await;
            let (mut events, _) = client.subscribe(&topic, Some(&start)).await;
            let is_last = |e: &Value| e["message"]["text"] == "299";
            if !events.iter().any(is_last) {
                events.extend(client.until(is_last).await);
            }
            let texts: Vec<_> = events.iter().filter_map(|e| e["message"]["text"].as_str()).collect();
            let expected: Vec<_> = (0..300).map(|n| n.to_string()).collect();
            assert_eq!(texts, expected);
        }
    };
    tokio::join!(talk, listen);
}

async fn a_second_subscribe_delivers_nothing_twice(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let mut client = live.agent().await;
    let (_, first) = client.subscribe(&topic, None).await;
    let (events, again) = client.ask(json!({"op": "subscribe", "topic": topic})).await;
    assert_eq!(events, [] as [Value; 0]);
    assert_eq!((&again["already"], &again["cursor"]), (&json!(true), &json!(first)));
    live.say(Role::Visitor, "u1", &id, "one").await;
    live.say(Role::Visitor, "u1", &id, "two").await;
    let events = client.until(|e| e["conversation"]["lastMessage"] == "two").await;
    let texts: Vec<_> = events.iter().filter_map(|e| e["message"]["text"].as_str()).collect();
    assert_eq!(texts, ["one", "two"]);
    // Who says where they are gets what they say they missed.
    let (events, again) = client.ask(json!({"op": "subscribe", "topic": topic, "since": first})).await;
    assert_eq!(events.iter().filter(|e| e["event"] == "message").count(), 2);
    assert_eq!(again["already"], true);
}

async fn cursors_that_are_not_ours_are_refused_and_those_of_another_life_reset(live: Live) {
    live.start_conversation("u1", "hello").await;
    let mut client = live.agent().await;
    let (_, good) = client.subscribe("inbox", None).await;
    client.ask(json!({"op": "unsubscribe", "topic": "inbox"})).await;
    let mut tampered = good.clone().into_bytes();
    tampered[5] = if tampered[5] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).unwrap();
    for wrong in ["", "x", &tampered, &good[1..], &format!("{good}A")] {
        let (events, answer) = client.ask(json!({"op": "subscribe", "topic": "inbox", "since": wrong})).await;
        assert_eq!(answer["problem"]["code"], "invalid-cursor", "{wrong}");
        assert_eq!(events, [] as [Value; 0]);
    }
    let key = CursorKey::new(&live.store.identity().await.unwrap().cursor_key);
    let ours = key.open(&good).unwrap();
    for other in [Cursor { epoch: ours.epoch + 1, ..ours }, Cursor { rev: ours.rev + 1, ..ours }] {
        let (events, at) = client.subscribe("inbox", Some(&key.seal(&other))).await;
        assert_eq!(events, [json!({"event": "reset", "topic": "inbox"})]);
        assert_eq!(at, good);
        client.ask(json!({"op": "unsubscribe", "topic": "inbox"})).await;
    }
}

async fn who_is_too_far_behind_loads_again(live: Live) {
    let mut client = live.agent().await;
    let (_, start) = client.subscribe("inbox", None).await;
    let id = live.start_conversation("u1", "hello").await;
    for n in 0..limits::RESUME_CHANGES {
        live.say(Role::Visitor, "u1", &id, &format!("{n}")).await;
    }
    let mut late = live.agent().await;
    // One conversation changed often is one change in the inbox, and too many in its own topic.
    let (events, _) = late.subscribe("inbox", Some(&start)).await;
    assert_eq!(events.len(), 1);
    let topic = format!("conversation:{id}");
    let (events, _) = late.subscribe(&topic, Some(&start)).await;
    assert_eq!(events, [json!({"event": "reset", "topic": topic})]);
    live.say(Role::Visitor, "u1", &id, "after the reset").await;
    let events = late.until(|e| e["topic"] == topic.as_str()).await;
    assert_eq!(events.last().unwrap()["message"]["text"], "after the reset");
}

async fn a_heartbeats_heads_are_the_last_cursors_seen(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let topic = format!("conversation:{id}");
    let mut client = live.agent().await;
    let (_, quiet) = client.subscribe(&topic, None).await;
    let (_, _) = client.subscribe("inbox", None).await;
    let moved = live.start_conversation("u2", "something happens").await;
    let event = client.next().await;
    assert_eq!(event["conversation"]["id"], moved.as_str());
    live.pass_s(limits::HEARTBEAT_S);
    let heartbeat = client.next().await;
    assert_eq!(heartbeat["event"], "heartbeat");
    assert_eq!(heartbeat["heads"], json!({"inbox": event["cursor"], topic.clone(): quiet}));
    live.say(Role::Visitor, "u1", &id, "more").await;
    let events = client.until(|e| e["topic"] == "inbox").await;
    let seen = events.last().unwrap()["cursor"].clone();
    live.pass_s(limits::HEARTBEAT_S);
    let heartbeat = client.until(|e| e["event"] == "heartbeat").await.pop().unwrap();
    assert_eq!(heartbeat["heads"], json!({"inbox": seen, topic: seen}));
}

/// Long enough that a few thousand fill every buffer between server and client, and the connection's queue.
fn long(n: usize) -> String {
    format!("{n} {}", "x".repeat(9_000))
}

async fn a_reader_that_stalls_resumes_from_the_store_without_gaps(live: Live) {
    let mut slow = live.slow_agent().await;
    let mut screen = Screen::default();
    follow(&mut slow, "inbox", None, &mut screen).await;
    let ids: Vec<_> = futures_util::future::join_all(
        (0..400).map(async |n| live.start_conversation(&format!("user{n}"), &long(n)).await),
    )
    .await;
    // Each conversation changes often, so that the queue overflows many times while nobody reads.
    for round in 0..12 {
        futures_util::future::join_all(ids.iter().enumerate().map(async |(n, id)| {
            live.say(Role::Visitor, &format!("user{n}"), id, &format!("round {round}")).await;
        }))
        .await;
    }
    let last = live.start_conversation("last", "the end").await;
    let mut count = 0;
    while !screen.conversations.contains_key(&last) {
        let event = slow.next().await;
        assert_ne!(event["event"], "reset");
        count += usize::from(event["event"] == "conversation");
        screen.apply("inbox", &[event]);
    }
    assert!(count < 400 * 13, "the queue overflowed: {count} events were enough");
    let mut fresh = Screen::default();
    let begin = live.beginning().await;
    follow(&mut live.agent().await, "inbox", Some(&begin), &mut fresh).await;
    assert_eq!(screen.conversations, fresh.conversations);
}

async fn a_reader_that_stalls_for_long_is_closed(live: Live) {
    let mut slow = live.slow_agent().await;
    slow.subscribe("inbox", None).await;
    let id = live.start_conversation("u1", "hello").await;
    slow.subscribe(&format!("conversation:{id}"), None).await;
    for n in 0..1_000 {
        live.say(Role::Visitor, "u1", &id, &long(n)).await;
    }
    live.pass_s(limits::WRITE_STALL_S);
    assert_eq!(slow.close_code().await, 4429);
}

async fn after_a_restart_one_goes_on_from_the_last_cursor(live: Live) {
    let (id, topic) = history(&live).await;
    let mut client = live.visitor("u1").await;
    let mut screen = Screen::default();
    let begin = live.beginning().await;
    follow(&mut client, &topic, Some(&begin), &mut screen).await;
    live.say(Role::Agent, "ada", &id, "see you").await;
    let events = client.until(|e| e["cursor"].is_string()).await;
    screen.apply(&topic, &events);
    let (live, code) = tokio::join!(live.restart(), client.close_code());
    assert_eq!(code, 1012);
    // Days later.
    live.pass_days(20);
    live.say(Role::Agent, "ada", &id, "back again").await;
    let since = screen.cursor.clone().unwrap();
    let mut client = live.visitor("u1").await;
    let (events, _) = client.subscribe(&topic, Some(&since)).await;
    let texts: Vec<_> = events.iter().filter_map(|e| e["message"]["text"].as_str()).collect();
    assert_eq!(texts, ["back again"]);
    screen.apply(&topic, &events);
    let mut fresh = Screen::default();
    follow(&mut live.visitor("u1").await, &topic, Some(&begin), &mut fresh).await;
    assert_eq!((screen.messages, screen.conversations), (fresh.messages, fresh.conversations));
}
