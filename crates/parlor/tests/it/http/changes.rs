//! Long polls: the socket's groups, one answer at a time.

use parlor::hub::{Channel, Topic};
use parlor::wire::query::follow::{Follow, ListChanges};
use parlor_core::access::{Role, View};
use parlor_core::cursor::{Cursor, CursorKey};
use parlor_core::id::ConversationId;
use parlor_core::limits;
use serde_json::{Value, json};

use crate::support::live::{Live, over_every_live};

over_every_live!(
    a_poll_answers_with_the_sockets_groups,
    a_poll_waits_for_the_first_change,
    a_poll_without_a_place_or_a_wait_answers_at_once,
    a_token_in_its_leeway_does_not_wait_and_is_not_answered_with_nothing,
    cursors_and_topics_are_checked_as_on_the_socket,
    who_is_too_far_behind_is_reset,
    a_long_history_comes_in_answers_of_bounded_size,
    what_overflowed_while_waiting_is_read_from_the_store,
);

async fn poll(live: &Live, token: &str, topic: &str, since: &str, wait: u64) -> Value {
    let path = format!("/changes?topic={topic}&since={since}&wait={wait}");
    live.get(token, &path).await.ok()
}

fn events(answer: &Value) -> Vec<Value> {
    answer["groups"].as_array().unwrap().iter().flat_map(|group| group.as_array().unwrap().clone()).collect()
}

async fn a_poll_answers_with_the_sockets_groups(live: Live) {
    let start = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    for n in 0..5 {
        live.say(Role::Agent, "ada", &id, &format!("answer {n}")).await;
        live.start_conversation(&format!("other{n}"), "me too").await;
        live.read(&id, n).await;
    }
    for (role, sub) in [(Role::Agent, "ada"), (Role::Visitor, "u1")] {
        let token = live.token(role, sub);
        for topic in ["inbox".to_owned(), format!("conversation:{id}")] {
            let mut client = live.client(role, sub).await;
            let (told, at) = client.subscribe(&topic, Some(&start)).await;
            let answer = poll(&live, &token, &topic, &start, 25).await;
            let told: Vec<_> = told.into_iter().filter(|event| event["event"] != "presence").collect();
            assert_eq!(
                (events(&answer), &answer["cursor"], &answer["reset"]),
                (told, &json!(at), &json!(false))
            );
            for group in answer["groups"].as_array().unwrap() {
                let cursors: Vec<_> =
                    group.as_array().unwrap().iter().map(|event| event["cursor"].is_string()).collect();
                assert!(cursors.last() == Some(&true) && cursors.iter().filter(|has| **has).count() == 1);
            }
            // From the middle: what comes after, and nothing else.
            let groups = answer["groups"].as_array().unwrap();
            let middle = groups[groups.len() / 2].as_array().unwrap().last().unwrap()["cursor"].clone();
            let rest = poll(&live, &token, &topic, middle.as_str().unwrap(), 0).await;
            assert_eq!(rest["groups"].as_array().unwrap(), &groups[groups.len() / 2 + 1..]);
        }
    }
}

/// The channel of a conversation as its user has it.
fn thread(live: &Live, id: &str) -> Channel {
    let topic = Topic::Conversation(ConversationId::parse(id).unwrap());
    Channel { workspace: live.workspace.key, topic, view: View::Visitor }
}

async fn a_poll_waits_for_the_first_change(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let (topic, token) = (format!("conversation:{id}"), live.token(Role::Visitor, "u1"));
    let begin = live.get(&token, &format!("/changes?topic={topic}")).await.ok();
    let since = begin["cursor"].as_str().unwrap().to_owned();
    let says = async {
        live.until(|| live.hub.has(&thread(&live, &id))).await;
        live.pass_s(limits::POLL_WAIT_S - 2);
        live.say(Role::Agent, "ada", &id, "one").await;
    };
    let (answer, ()) = tokio::join!(poll(&live, &token, &topic, &since, 25), says);
    let texts: Vec<_> =
        events(&answer).iter().filter_map(|e| e["message"]["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(texts.last().map(String::as_str), Some("one"));
    let last = events(&answer).pop().unwrap();
    assert_eq!(last["cursor"], answer["cursor"]);
    // Nothing more: the wait passes, and the place stays.
    let since = answer["cursor"].as_str().unwrap().to_owned();
    let passes = async {
        live.until(|| live.hub.has(&thread(&live, &id))).await;
        live.pass_s(limits::POLL_WAIT_S);
    };
    let (answer, ()) = tokio::join!(poll(&live, &token, &topic, &since, 25), passes);
    assert_eq!(answer, json!({"groups": [], "cursor": since, "reset": false}));
    // Nobody waits longer than their token holds, nor longer than the server runs.
    let short = live.token_for(Role::Visitor, "u1", 3);
    let passes = async {
        live.until(|| live.hub.has(&thread(&live, &id))).await;
        live.pass_s(3);
    };
    let (answer, ()) = tokio::join!(poll(&live, &short, &topic, &since, 25), passes);
    assert_eq!(answer["groups"], json!([]));
    let ends = async {
        live.until(|| live.hub.has(&thread(&live, &id))).await;
        live.hub.close();
    };
    let (answer, ()) = tokio::join!(poll(&live, &token, &topic, &since, 25), ends);
    assert_eq!(answer, json!({"groups": [], "cursor": since, "reset": false}));
    live.until(|| !live.hub.has(&thread(&live, &id))).await;
}

async fn a_poll_without_a_place_or_a_wait_answers_at_once(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let token = live.token(Role::Agent, "ada");
    let list = live.get(&token, "/conversations?messages=0").await.ok();
    for topic in ["inbox".to_owned(), format!("conversation:{id}")] {
        let answer = live.get(&token, &format!("/changes?topic={topic}")).await.ok();
        assert_eq!(answer, json!({"groups": [], "cursor": list["cursor"], "reset": false}));
        let again = poll(&live, &token, &topic, list["cursor"].as_str().unwrap(), 0).await;
        assert_eq!(again, answer);
    }
    for (query, pointer) in [("", "/query/topic"), ("topic=inbox&wait=26", "/query/wait")] {
        assert_eq!(live.get(&token, &format!("/changes?{query}")).await.pointers(), [pointer]);
    }
}

/// It would be asked again at once, and again, all through the leeway.
async fn a_token_in_its_leeway_does_not_wait_and_is_not_answered_with_nothing(live: Live) {
    let start = live.beginning().await;
    let token = live.token_for(Role::Agent, "ada", 60);
    live.ambient.advance_ms(60_000);
    let path = format!("/changes?topic=inbox&since={start}&wait=25");
    live.get(&token, &path).await.problem("unauthenticated");
    assert_eq!(poll(&live, &token, "inbox", &start, 0).await["groups"], json!([]));
}

async fn cursors_and_topics_are_checked_as_on_the_socket(live: Live) {
    let other = live.another_workspace().await;
    let foreign = live.start_conversation("u2", "secret").await;
    let token = live.token(Role::Visitor, "u1");
    let mut problems = Vec::new();
    let unknown = "0192b7f0-0000-7000-8000-000000000001";
    for topic in
        [&*format!("conversation:{foreign}"), &*format!("conversation:{unknown}"), "conversation:x", "all"]
    {
        let mut problem = live.get(&token, &format!("/changes?topic={topic}")).await.problem("not-found");
        problem.as_object_mut().unwrap().remove("requestId");
        problems.push(problem);
    }
    assert!(problems.iter().all(|problem| *problem == problems[0]), "{problems:?}");
    let agent = live.token(Role::Agent, "ada");
    let good = live.beginning().await;
    for wrong in ["x", &good[1..], &format!("{good}A")] {
        let path = format!("/changes?topic=inbox&since={wrong}");
        live.get(&agent, &path).await.problem("invalid-cursor");
    }
    live.get(&other, &format!("/changes?topic=inbox&since={good}")).await.problem("invalid-cursor");
    live.get(&other, &format!("/changes?topic=conversation:{foreign}")).await.problem("not-found");
}

async fn who_is_too_far_behind_is_reset(live: Live) {
    let token = live.token(Role::Agent, "ada");
    let start = live.beginning().await;
    let id = live.start_conversation("u1", "hello").await;
    let key = CursorKey::new(&live.store.identity().await.unwrap().cursor_key);
    let head = live.get(&token, "/changes?topic=inbox").await.ok()["cursor"].take();
    let ours = key.open(head.as_str().unwrap()).unwrap();
    for other in [Cursor { epoch: ours.epoch + 1, ..ours }, Cursor { rev: ours.rev + 1, ..ours }] {
        let answer = poll(&live, &token, "inbox", &key.seal(&other), 25).await;
        assert_eq!(answer, json!({"groups": [], "cursor": head, "reset": true}));
    }
    for n in 0..limits::RESUME_CHANGES {
        live.say(Role::Visitor, "u1", &id, &format!("{n}")).await;
    }
    let answer = poll(&live, &token, &format!("conversation:{id}"), &start, 25).await;
    let head = live.get(&token, "/changes?topic=inbox").await.ok()["cursor"].take();
    assert_eq!(answer, json!({"groups": [], "cursor": head, "reset": true}));
    // One conversation changed often is one change in the inbox.
    assert_eq!(poll(&live, &token, "inbox", &start, 25).await["groups"].as_array().unwrap().len(), 1);
}

async fn a_long_history_comes_in_answers_of_bounded_size(live: Live) {
    let token = live.token(Role::Visitor, "u1");
    let mut since = live.beginning().await;
    let id = live.start_conversation("u1", "0").await;
    for n in 1..200 {
        live.say(Role::Visitor, "u1", &id, &format!("{n} {}", "x".repeat(9_000))).await;
    }
    let (mut seqs, mut answers) = (Vec::new(), 0);
    loop {
        let answer = poll(&live, &token, &format!("conversation:{id}"), &since, 0).await;
        let groups = answer["groups"].as_array().unwrap();
        let largest = groups.iter().map(|group| group.to_string().len()).max().unwrap_or(0);
        assert!(answer["groups"].to_string().len() <= limits::CHANGES_BYTES + largest + groups.len() + 2);
        if groups.is_empty() {
            break;
        }
        answers += 1;
        seqs.extend(events(&answer).iter().filter_map(|e| e["message"]["seq"].as_u64()));
        since = answer["cursor"].as_str().unwrap().to_owned();
    }
    let expected: Vec<u64> = (1..=seqs.len() as u64).collect();
    assert_eq!(seqs, expected, "every message once, in order");
    assert!(seqs.len() > 200 && answers > 5, "{} messages in {answers} answers", seqs.len());
}

async fn what_overflowed_while_waiting_is_read_from_the_store(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let (topic, token) = (format!("conversation:{id}"), live.token(Role::Visitor, "u1"));
    let begin = live.get(&token, &format!("/changes?topic={topic}")).await.ok();
    let since = begin["cursor"].as_str().unwrap();
    let overflow = async {
        let channel = thread(&live, &id);
        live.until(|| live.hub.has(&channel)).await;
        // Stored, but not published here; then more than a queue holds, at once.
        live.beside().await.say(Role::Visitor, "u1", &id, "from elsewhere").await;
        let noise = bytes::Bytes::from(format!("{{\"pad\":\"{}\"}}", "x".repeat(limits::FRAME_BYTES - 10)));
        for rev in 0..8 {
            live.hub.publish(&channel, u64::MAX - 8 + rev, std::slice::from_ref(&noise));
        }
    };
    let (answer, ()) = tokio::join!(poll(&live, &token, &topic, since, 25), overflow);
    assert_eq!(events(&answer)[0]["message"]["text"], "from elsewhere");
    assert_eq!(events(&answer).pop().unwrap()["cursor"], answer["cursor"]);
}

/// Long polls of some callers, so many each, that wait on the inbox from `at`.
async fn waiting(live: &Live, callers: &[String], each: usize, at: &str) {
    let query = ListChanges { follow: Follow { topic: "inbox".into(), since: Some(at.into()) }, wait_s: 25 };
    let mut all = Vec::new();
    for sub in callers {
        let caller = live.service.authenticate_token(&live.token(Role::Agent, sub)).await.unwrap();
        all.extend((0..each).map(|_| {
            let (service, caller, query) = (live.service.clone(), caller.clone(), query.clone());
            async move { service.list_changes(&caller, query).await }
        }));
    }
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().all(Result::is_ok));
}

async fn inbox_now(live: &Live, token: &str) -> String {
    live.get(token, "/changes?topic=inbox").await.ok()["cursor"].as_str().unwrap().to_owned()
}

async fn assert_refused(live: &Live, token: &str, path: &str) {
    let refused = live.get(token, path).await;
    assert_eq!(refused.header("retry-after"), "5");
    refused.problem("rate-limited");
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    let live = Live::memory().await;
    live.start_conversation("u1", "hello").await;
    let (token, start) = (live.token(Role::Agent, "ada"), live.beginning().await);
    let at = inbox_now(&live, &token).await;
    let each = limits::WAITING_REQUESTS_PER_CALLER.min(100);
    let callers: Vec<String> = (0..limits::WAITING_REQUESTS / each).map(|n| format!("agent-{n}")).collect();
    let refused = async {
        // What is there already needs no place.
        assert_eq!(poll(&live, &token, "inbox", &start, 0).await["groups"].as_array().unwrap().len(), 1);
        assert_refused(&live, &token, &format!("/changes?topic=inbox&since={at}")).await;
        live.pass_s(limits::POLL_WAIT_S);
    };
    tokio::join!(waiting(&live, &callers, each, &at), refused);
    assert_eq!(poll(&live, &token, "inbox", &start, 25).await["reset"], false);
}

#[tokio::test]
async fn a_caller_who_takes_all_their_places_leaves_the_others_theirs() {
    let live = Live::memory().await;
    live.start_conversation("u1", "hello").await;
    let (eve, ada) = (live.token(Role::Agent, "eve"), live.token(Role::Agent, "ada"));
    let at = inbox_now(&live, &ada).await;
    let callers = ["eve".to_owned()];
    let of_eve = waiting(&live, &callers, limits::WAITING_REQUESTS_PER_CALLER, &at);
    let others = async {
        assert_refused(&live, &eve, &format!("/changes?topic=inbox&since={at}")).await;
        assert_refused(&live, &eve, &format!("/events?topic=inbox&since={at}")).await;
        // Whether there is such a topic the store would have to be asked.
        let unknown = "conversation:0192b7f0-0000-7000-8000-000000000001";
        assert_refused(&live, &eve, &format!("/changes?topic={unknown}&since={at}")).await;
        assert_refused(&live, &eve, &format!("/events?topic={unknown}&since={at}")).await;
        let news = live.start_conversation("u2", "hello");
        let (answer, _) = tokio::join!(poll(&live, &ada, "inbox", &at, 25), news);
        assert_eq!(answer["groups"].as_array().unwrap().len(), 1, "another is served");
    };
    tokio::join!(of_eve, others);
    // Hers were answered too, and so she has them back.
    assert_eq!(poll(&live, &eve, "inbox", &at, 25).await["groups"].as_array().unwrap().len(), 1);
}
