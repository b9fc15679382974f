//! The end of a server: every request is answered, everybody is told, and it takes less than ten seconds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parlor_core::access::Role;
use parlor_core::limits;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::app::{TestApp, over_every_app};
use crate::support::socket::{Client, PATIENCE};
use crate::support::stream::EventSource;

over_every_app!(no_request_fails_while_a_server_ends);

/// Who has to be gone ten seconds after SIGTERM (contract, section 1).
const GONE: Duration = Duration::from_secs(10);

/// What one answer said: its status, whether it is the connection's last, and its body.
async fn answer(reader: &mut BufReader<TcpStream>) -> (u16, bool, Vec<u8>) {
    let (mut status, mut length, mut is_last) = (0, 0, false);
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line).await.expect("no reset in an answer");
        assert!(read > 0, "the connection ended where an answer was due");
        let line = line.trim_end().to_lowercase();
        if let Some(rest) = line.strip_prefix("http/1.1 ") {
            status = rest[..3].parse().unwrap();
        } else if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.parse().unwrap();
        } else if line == "connection: close" {
            is_last = true;
        } else if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.expect("the whole answer");
    (status, is_last, body)
}

/// Posts one message after the other on one connection until the server says that an answer was the last; the texts that
/// were answered.
async fn post_on(
    address: SocketAddr,
    token: String,
    conversation: String,
    name: usize,
    all: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut reader = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut stored = Vec::new();
    loop {
        let text = format!("{name}-{}", stored.len());
        let body = json!({"conversationId": conversation, "type": "user", "text": text}).to_string();
        let head = format!(
            "POST /api/live-chat/messages?messages=0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        reader.get_mut().write_all(head.as_bytes()).await.expect("nothing was sent into an ended connection");
        let (status, is_last, body) = answer(&mut reader).await;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        stored.push(text);
        all.fetch_add(1, Ordering::Relaxed);
        if is_last {
            let mut rest = Vec::new();
            assert_eq!(reader.read_to_end(&mut rest).await.unwrap(), 0, "then the connection ends");
            return stored;
        }
    }
}

async fn no_request_fails_while_a_server_ends(app: TestApp) {
    let id = app.start("maria", "hello").await["id"].as_str().unwrap().to_owned();
    let (address, host) = (app.address(), app.token(Role::Service, "host"));
    let (agent, maria) = (app.token(Role::Agent, "ada"), app.token(Role::Visitor, "maria"));
    let all = Arc::new(AtomicUsize::new(0));
    let writers: Vec<JoinHandle<Vec<String>>> = (0..16)
        .map(|name| tokio::spawn(post_on(address, host.clone(), id.clone(), name, all.clone())))
        .collect();
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let bearer = format!("Bearer {agent}");
        let mut socket = Client::connect_with(address, &[("authorization", &bearer)]).await.unwrap();
        assert_eq!(socket.next().await["event"], "ready");
        socket.subscribe("inbox", None).await;
        sockets.push(socket);
    }
    let mut stream = EventSource::open(address, &agent, "inbox").await;
    stream.missed().await;
    let mut idle = BufReader::new(TcpStream::connect(address).await.unwrap());
    idle.get_mut().write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut idle).await.0, 200);
    let mut unused = TcpStream::connect(address).await.unwrap();
    // A topic on which nothing happens, so that the poll waits.
    let quiet = app.start("noor", "hello").await["id"].as_str().unwrap().to_owned();
    let api = app.agent();
    let at = api.get(&format!("/changes?topic=conversation:{quiet}")).await.ok()["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut poll = BufReader::new(TcpStream::connect(address).await.unwrap());
    let head = format!(
        "GET /api/live-chat/changes?topic=conversation:{quiet}&since={at} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {agent}\r\n\r\n"
    );
    poll.get_mut().write_all(head.as_bytes()).await.unwrap();
    while all.load(Ordering::Relaxed) < 200 {
        tokio::task::yield_now().await;
    }
    let ends = async {
        let codes = futures_util::future::join_all(sockets.iter_mut().map(Client::close_code)).await;
        let goodbyes: Vec<Value> = sockets.iter_mut().filter_map(|socket| socket.rest().pop()).collect();
        let mut last = None;
        while let Some(sent) = stream.next().await {
            last = Some(sent);
        }
        let polled = answer(&mut poll).await;
        let mut rest = Vec::new();
        let left = (idle.read_to_end(&mut rest).await.unwrap(), unused.read_to_end(&mut rest).await.unwrap());
        (codes, goodbyes, last.unwrap(), polled, left)
    };
    // How long it may take is the next test's, whose time is its own: a busy disk is no fault of the server.
    let stopped = tokio::time::timeout(PATIENCE, app.stop());
    let (stopped, (codes, goodbyes, last, polled, left)) = tokio::join!(stopped, ends);
    assert_eq!(codes, [1012; 3]);
    for goodbye in goodbyes.iter().chain(last.events.last()) {
        assert_eq!(goodbye["event"], "goaway");
        assert!(goodbye["reconnectInMs"].as_u64().unwrap() < limits::RECONNECT_SPREAD_MS);
    }
    assert_eq!(goodbyes.len(), 3);
    let (status, is_last, body) = polled;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, is_last, &body["groups"], &body["reset"]), (200, true, &json!([]), &json!(false)));
    assert_eq!(left, (0, 0));
    let mut answered: Vec<String> = Vec::new();
    for writer in writers {
        answered.extend(writer.await.expect("no writer failed"));
    }
    // And what was answered is there.
    let (store, ambient, directory) = stopped.expect("gone in time");
    let again = TestApp::over(store, ambient, directory).await;
    let (mut stored, mut after) = (Vec::new(), 0);
    loop {
        let path = format!("/conversations/{id}/messages?limit=200&after={after}");
        let page = again.bearer(&maria).get(&path).await.ok();
        let messages = page["messages"].as_array().unwrap();
        stored.extend(messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()));
        after = messages.last().map_or(after, |message| message["seq"].as_u64().unwrap());
        if page["hasMore"] == false {
            break;
        }
    }
    stored.retain(|text| text.contains('-'));
    answered.sort();
    stored.sort();
    assert_eq!(stored, answered);
}

#[tokio::test]
async fn who_does_not_read_does_not_hold_the_server_up() {
    let app = TestApp::memory().await;
    let agent = app.token(Role::Agent, "ada");
    let mut slow = Client::connect_slow(app.address()).await;
    slow.send(&json!({"op": "auth", "token": agent})).await;
    assert_eq!(slow.next().await["event"], "ready");
    slow.subscribe("inbox", None).await;
    let id = app.start("maria", "hello").await["id"].as_str().unwrap().to_owned();
    slow.subscribe(&format!("conversation:{id}"), None).await;
    let mut stream = EventSource::open_slow(app.address(), &agent, &format!("conversation:{id}")).await;
    stream.missed().await;
    let host = app.host();
    let long = "\u{fc}".repeat(10_000);
    futures_util::future::join_all((0..400).map(|_| host.say(&id, "user", &long))).await;
    // From here on time passes as soon as everybody waits.
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    app.stop().await;
    assert!(begin.elapsed() < GONE, "{:?}", begin.elapsed());
    assert!(begin.elapsed() > Duration::from_secs(1), "nobody held it up: {:?}", begin.elapsed());
}
