//! What a connection may not do, and what ends it.

use futures_util::SinkExt;
use parlor::service::follow::Follower;
use parlor_core::access::Role;
use parlor_core::limits;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::live::Live;
use crate::support::socket::Client;

#[tokio::test]
async fn bad_frames_are_answered_and_ten_a_minute_end_the_connection() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    let count = limits::BAD_FRAMES_PER_MINUTE;
    for _ in 1..count {
        client.send_raw(Message::text("{oops")).await;
        assert_eq!(client.next().await["problem"]["code"], "malformed-json");
    }
    for _ in 0..3 {
        live.pass_s(20);
        client.ask(json!({"op": "unsubscribe", "topic": "inbox"})).await;
    }
    for n in 1..count {
        let (_, answer) = client.ask(json!({"op": "fly", "n": n})).await;
        assert_eq!(answer["problem"]["errors"][0]["pointer"], "/op");
    }
    client.send_raw(Message::text("[]")).await;
    assert_eq!(client.close_code().await, 1008);
}

#[tokio::test]
async fn what_is_no_text_ends_the_connection() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    client.send_raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(client.close_code().await, 1003);
    let mut client = live.agent().await;
    let invalid = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.send_raw(Message::Frame(invalid)).await;
    assert_eq!(client.close_code().await, 1007);
    let mut client = live.agent().await;
    let reserved = Frame::message(vec![], OpCode::Data(Data::Reserved(5)), true);
    client.send_raw(Message::Frame(reserved)).await;
    assert_eq!(client.close_code().await, 1002);
}

#[tokio::test]
async fn a_message_too_big_ends_the_connection_as_soon_as_the_sum_passes() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    client.send_raw(Message::text("x".repeat(limits::FRAME_BYTES + 1))).await;
    assert_eq!(client.close_code().await, 1009);
    let mut client = live.agent().await;
    let part = vec![b'x'; limits::FRAME_BYTES / 2];
    client.send_raw(Message::Frame(Frame::message(part.clone(), OpCode::Data(Data::Text), false))).await;
    for _ in 0..2 {
        client
            .send_raw(Message::Frame(Frame::message(part.clone(), OpCode::Data(Data::Continue), false)))
            .await;
    }
    assert_eq!(client.close_code().await, 1009);
}

#[tokio::test]
async fn a_flood_of_pings_ends_the_connection() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    for _ in 0..=limits::CONTROL_FRAMES_PER_MINUTE {
        // The server may hang up before the last one is out.
        let _ = client.stream.send(Message::Ping(Default::default())).await;
    }
    assert_eq!(client.close_code().await, 1008);
}

fn piece(text: &[u8], data: Data, is_last: bool) -> Message {
    Message::Frame(Frame::message(text.to_vec(), OpCode::Data(data), is_last))
}

#[tokio::test]
async fn a_flood_of_empty_fragments_ends_the_connection() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    client.send_raw(piece(b"", Data::Text, false)).await;
    for _ in 0..10_000 {
        client.stream.feed(piece(b"", Data::Continue, false)).await.unwrap();
    }
    client.stream.flush().await.unwrap();
    assert_eq!(client.close_code().await, 1008);
}

#[tokio::test]
async fn a_message_in_a_thousand_pieces_and_more_ends_the_connection() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    client.send_raw(piece(b"{", Data::Text, false)).await;
    for _ in 0..limits::FRAGMENTS {
        client.stream.feed(piece(b" ", Data::Continue, false)).await.unwrap();
    }
    client.stream.flush().await.unwrap();
    assert_eq!(client.close_code().await, 1008);
}

#[tokio::test]
async fn fragments_that_come_along_with_the_request_are_counted_too() {
    const EMPTY: [u8; 6] = [0, 0x80, 1, 2, 3, 4];
    let live = Live::memory().await;
    let mut stream = TcpStream::connect(live.address).await.unwrap();
    let mut said =
        b"GET /api/live-chat/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .to_vec();
    let mut frames = EMPTY.repeat(limits::FRAGMENTS_EMPTY + 1);
    frames[0] = 1;
    said.extend(frames);
    stream.write_all(&said).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.starts_with("HTTP/1.1 101"), "{heard}");
    assert!(heard.ends_with("too many fragments"), "{heard}");
}

#[tokio::test]
async fn a_message_in_a_few_pieces_is_one_message() {
    let live = Live::memory().await;
    let mut client = live.agent().await;
    let op = json!({"op": "unsubscribe", "topic": "inbox", "ref": 1}).to_string();
    let parts: Vec<&[u8]> = op.as_bytes().chunks(op.len().div_ceil(18)).collect();
    // Together they are more pieces than one message may have.
    for _ in 0..=limits::FRAGMENTS / parts.len() {
        client.stream.feed(piece(b"", Data::Text, false)).await.unwrap();
        for part in &parts {
            client.stream.feed(piece(part, Data::Continue, false)).await.unwrap();
        }
        client.send_raw(piece(b"", Data::Continue, true)).await;
        assert_eq!(client.next().await, json!({"event": "ok", "ref": 1}));
    }
}

#[tokio::test]
async fn subscriptions_are_capped_and_the_connection_stays() {
    let live = Live::memory().await;
    let id = live.start_conversation("u0", "hello").await;
    let mut client = live.agent().await;
    for n in 0..limits::SUBSCRIPTIONS {
        let id = live.start_conversation(&format!("u{n}"), "hi").await;
        client.subscribe(&format!("conversation:{id}"), None).await;
    }
    let (_, answer) = client.ask(json!({"op": "subscribe", "topic": "inbox"})).await;
    assert_eq!(answer["problem"]["code"], "too-many-subscriptions");
    let (_, again) = client.ask(json!({"op": "subscribe", "topic": format!("conversation:{id}")})).await;
    assert_eq!(again["already"], true);
    client.ask(json!({"op": "unsubscribe", "topic": format!("conversation:{id}")})).await;
    client.subscribe("inbox", None).await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_that_do_not_say_who_they_are() {
    let live = Live::memory().await;
    let mut waiting = Vec::new();
    for _ in 0..limits::SOCKETS_UNAUTHENTICATED_PER_ADDRESS {
        waiting.push(Client::connect(live.address).await);
    }
    assert_eq!(Client::connect_with(live.address, &[]).await.err(), Some(429));
    let bearer = format!("Bearer {}", live.token(Role::Agent, "ada"));
    let known = Client::connect_with(live.address, &[("authorization", &bearer)]).await;
    assert!(known.is_ok(), "who is known already is not counted");
    waiting[0].send(&json!({"op": "auth", "token": live.token(Role::Agent, "ada")})).await;
    assert_eq!(waiting[0].next().await["event"], "ready");
    assert!(Client::connect_with(live.address, &[]).await.is_ok());
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_gone_within_a_minute() {
    let live = Live::memory().await;
    let mut agent = live.agent().await;
    agent.subscribe("inbox", None).await;
    // Nobody reads this one, so nobody answers its pings.
    let _silent = live.visitor("u1").await;
    live.told("u1", true).await;
    assert_eq!(agent.next().await["isOnline"], true);
    let mut seen = Vec::new();
    for _ in 0..limits::PEER_TIMEOUT_S / 10 {
        assert!(!seen.iter().any(|e: &Value| e["isOnline"] == false));
        live.pass_s(10);
        // Reads, and thereby answers pings.
        seen.extend(agent.ask(json!({"op": "unsubscribe", "topic": "none"})).await.0);
    }
    if !seen.iter().any(|e| e["isOnline"] == false) {
        live.told("u1", false).await;
        seen = agent.until(|e| e["isOnline"] == false).await;
    }
    assert_eq!(seen.last().unwrap()["userId"], "u1");
}

#[tokio::test]
async fn a_server_that_stops_says_when_to_come_back() {
    let live = Live::memory().await;
    let (mut one, mut two) = (live.agent().await, live.visitor("u1").await);
    let mut waiting = Client::connect(live.address).await;
    let ends = async { (one.close_code().await, two.close_code().await, waiting.close_code().await) };
    let ((), codes) = tokio::join!(live.sockets.close(), ends);
    assert_eq!(codes, (1012, 1012, 1012));
    let goaway = |events: Vec<Value>| {
        let last = events.last().cloned().unwrap();
        assert_eq!(last["event"], "goaway");
        last["reconnectInMs"].as_u64().unwrap()
    };
    let (one, two) = (goaway(one.rest()), goaway(two.rest()));
    assert!(one < limits::RECONNECT_SPREAD_MS && two < limits::RECONNECT_SPREAD_MS);
    assert_ne!(one, two, "spread");
    assert_eq!(Client::connect_with(live.address, &[]).await.err(), Some(503));
}

#[tokio::test]
async fn the_more_there_are_the_wider_they_are_spread() {
    for (followers, least_ms) in [(0, 0), (10_000, limits::RECONNECT_SPREAD_MS), (limits::SOCKETS, 8_000)] {
        let live = Live::memory().await;
        let all: Vec<_> = (0..followers).map(|_| Follower::new(live.service.clone())).collect();
        live.hub.close();
        drop(all);
        let latest = (0..20_000).map(|_| live.service.reconnect_in_ms()).max().unwrap();
        let bound = limits::RECONNECT_SPREAD_MS.max(followers as u64 * 1000 / limits::RECONNECTS_PER_S);
        assert!(latest < bound && latest > least_ms, "{latest} ms for {followers}");
    }
}
