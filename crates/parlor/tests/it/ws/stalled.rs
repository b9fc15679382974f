//! A peer that stops reading in the middle of what it missed.

use parlor::hub::{Channel, Topic};
use parlor_core::access::{Role, View};
use parlor_core::id::ConversationId;
use parlor_core::limits;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::support::live::{Live, over_every_live};
use crate::support::socket::{Client, PATIENCE, Screen};

over_every_live!(who_is_given_up_in_the_middle_of_a_replay_reads_on_without_a_hole);

/// Holds a frame, so that reading on is not a matter of the kernel's patience.
const BUFFER: u32 = 64 * 1024;
/// More than every buffer between server and client holds, and fewer than are too many to be replayed.
const MESSAGES: usize = limits::RESUME_CHANGES * 3 / 5;

async fn who_is_given_up_in_the_middle_of_a_replay_reads_on_without_a_hole(live: Live) {
    let begin = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    let long = "\u{2026}".repeat(limits::TEXT_CHARS);
    for _ in 0..MESSAGES {
        live.say(Role::Visitor, "u1", &id, &long).await;
    }
    let topic = format!("conversation:{id}");
    let channel = Channel {
        workspace: live.workspace.key,
        topic: Topic::Conversation(ConversationId::parse(&id).unwrap()),
        view: View::Agents,
    };
    let mut slow = Client::connect_narrow(live.address, BUFFER).await;
    slow.send(&json!({"op": "auth", "token": live.token(Role::Agent, "ada")})).await;
    assert_eq!(slow.next().await["event"], "ready");
    slow.send(&json!({"op": "subscribe", "topic": topic, "since": begin})).await;
    // It has begun to come, and nobody reads it.
    slow.stream.get_ref().readable().await.unwrap();
    // The clock goes on until the server gives the stalled peer up, and then stands still: its goodbye waits.
    live.until(|| {
        let is_given_up = !live.hub.has(&channel);
        live.pass_s(u64::from(!is_given_up));
        is_given_up
    })
    .await;
    // The peer was only slow. It reads everything that was on the way, and what the server says last.
    assert_eq!(slow.close_code().await, 4429);
    let mut screen = Screen::at(&begin);
    screen.apply(&topic, &slow.rest());
    let shown = screen.messages.len();
    assert!(shown > 0 && shown < MESSAGES, "it stalled in the middle: {shown} of {MESSAGES}");
    screen.interrupt();
    let since = screen.cursor.clone().unwrap();
    let (events, _) = live.agent().await.subscribe(&topic, Some(&since)).await;
    screen.apply(&topic, &events);
    let seqs: Vec<u64> = screen.messages.keys().map(|(_, seq)| *seq).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "a hole behind {shown} messages: {seqs:?}");
    assert!(seqs.len() > MESSAGES);
}

/// A phone on a bad line: each frame takes it longer than a peer may stall, and all of them longer than a peer may be silent.
#[tokio::test]
async fn who_reads_slowly_but_all_the_time_is_waited_for() {
    const BUFFER: u32 = 4 * 1024;
    let live = Live::narrow(BUFFER).await;
    let begin = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    let long = "\u{2026}".repeat(limits::TEXT_CHARS);
    for text in [&*long; 10].into_iter().chain(["the last of them"]) {
        live.say(Role::Visitor, "u1", &id, text).await;
    }
    let mut slow = Client::connect_narrow(live.address, BUFFER).await;
    slow.send(&json!({"op": "auth", "token": live.token(Role::Agent, "ada")})).await;
    assert_eq!(slow.next().await["event"], "ready");
    let subscribe = json!({"op": "subscribe", "topic": format!("conversation:{id}"), "since": begin});
    slow.send(&subscribe).await;
    let steps = read_slowly(&live, &mut slow, b"the last of them").await;
    assert!(steps > 10, "the buffers between took most of it: {steps} steps");
    // It had no time to say anything, but it is there.
    live.say(Role::Visitor, "u1", &id, "one more").await;
    read_slowly(&live, &mut slow, b"one more").await;
}

/// Reads a little again and again, each time nearly as late as a peer may, up to these words. Answers with how often.
async fn read_slowly(live: &Live, client: &mut Client, words: &[u8]) -> usize {
    /// More than the buffers between server and client hold, so that the server writes with every step.
    const STEP: u64 = 16 * 1024;
    let (mut taken, mut steps) = (Vec::new(), 0);
    loop {
        let mut step = client.stream.get_mut().take(STEP);
        while step.limit() > 0 {
            let read = timeout(PATIENCE, step.read_buf(&mut taken)).await.expect("more in time").unwrap();
            assert!(read > 0, "it was closed after {} bytes in {steps} steps", taken.len());
            let last = &taken[taken.len().saturating_sub(read + words.len())..];
            if last.windows(words.len()).any(|part| part == words) {
                return steps;
            }
        }
        live.pass_s(limits::WRITE_STALL_S * 2 / 3);
        steps += 1;
    }
}
