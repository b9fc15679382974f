//! Who is connected: merged, told in few frames, written down in few writes; and what is too late to be told.

use parlor_core::access::Role;
use parlor_core::limits;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::live::{Live, over_every_live};
use crate::support::socket::Client;

over_every_live!(
    thousands_who_leave_at_once_cost_a_few_frames_and_writes,
    when_somebody_was_last_seen_survives,
);

async fn thousands_who_leave_at_once_cost_a_few_frames_and_writes(live: Live) {
    const MANY: usize = 10_000;
    let mut agent = live.agent().await;
    agent.subscribe("inbox", None).await;
    let users: Vec<_> = (0..MANY).map(|n| live.principal(Role::Visitor, &format!("u{n:05}"))).collect();
    let there: Vec<_> = users.iter().map(|user| live.service.present(user)).collect();
    let head = live.head().await;
    // Who was told of by one tick, beside the frames of the answer and perhaps a heartbeat.
    let tick = async |agent: &mut Client| {
        let before = agent.frames.len();
        live.pass_s(limits::PRESENCE_TICK_S);
        let (mut told, _) = agent.ask(json!({"op": "unsubscribe", "topic": "none"})).await;
        assert!(
            agent.frames.len() - before <= 3,
            "{} users in {} frames",
            told.len(),
            agent.frames.len() - before
        );
        told.retain(|event| event["event"] == "presence");
        told
    };
    let (mut online, mut ticks) = (0, 0);
    while online < MANY {
        ticks += 1;
        assert!(ticks <= MANY / limits::PRESENCE_CHANGES, "{online} after {ticks} ticks");
        let told = tick(&mut agent).await;
        assert!(told.len() <= limits::PRESENCE_CHANGES);
        assert!(told.iter().all(|event| event["isOnline"] == true));
        online += told.len();
    }
    assert_eq!(online, MANY);
    drop(there);
    let writes = live.service.save_presence().await;
    assert_eq!(writes, MANY / limits::LAST_SEEN_BATCH);
    assert_eq!(tick(&mut agent).await.len(), limits::PRESENCE_CHANGES);
    // Those who come back before anybody heard that they went cost nothing.
    let back: Vec<_> = users.iter().map(|user| live.service.present(user)).collect();
    let told = tick(&mut agent).await;
    assert_eq!(told.len(), limits::PRESENCE_CHANGES, "those who were told to be gone");
    assert!(told.iter().all(|event| event["isOnline"] == true));
    assert_eq!(tick(&mut agent).await, [] as [Value; 0]);
    drop(back);
    assert_eq!(live.head().await, head, "nothing of it is a change");
}

async fn when_somebody_was_last_seen_survives(live: Live) {
    let id = live.start_conversation("u1", "hello").await;
    let token = live.token(Role::Agent, "ada");
    let user = async |live: &Live| {
        let conversation = live.get(&token, &format!("/conversations/{id}?messages=0")).await.ok();
        let user = &conversation["conversation"]["user"];
        (user["isOnline"].as_bool().unwrap(), user["lastSeen"].as_str().unwrap().to_owned())
    };
    let wrote = user(&live).await;
    let visitor = live.visitor("u1").await;
    live.pass_s(limits::PRESENCE_S / 2);
    assert_eq!(user(&live).await, (true, wrote.1.clone()));
    // At once, whatever is told when.
    let mut agent = live.agent().await;
    agent.subscribe("inbox", None).await;
    live.say(Role::Agent, "ada", &id, "are you there?").await;
    let event = agent.until(|event| event["event"] == "conversation").await.pop().unwrap();
    assert_eq!(event["conversation"]["user"]["isOnline"], true);
    drop(visitor);
    live.told("u1", false).await;
    let gone = agent.until(|event| event["event"] == "presence").await.pop().unwrap();
    live.service.save_presence().await;
    let (is_online, last_seen) = user(&live).await;
    assert!(!is_online && last_seen > wrote.1, "{last_seen} after {}", wrote.1);
    assert!(gone["lastSeen"].as_str().unwrap() <= last_seen.as_str());
    drop(agent);
    let live = live.restart().await;
    assert_eq!(user(&live).await, (false, last_seen));
}

#[tokio::test]
async fn a_server_that_ends_writes_down_who_was_there() {
    let app = TestApp::sqlite().await;
    let id = app.start("maria", "hello").await["id"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {}", app.token(Role::Visitor, "maria"));
    let mut maria = Client::connect_with(app.address(), &[("authorization", &bearer)]).await.unwrap();
    assert_eq!(maria.next().await["event"], "ready");
    app.ambient.advance_ms(600_000);
    let (app, code) = tokio::join!(app.restart(), maria.close_code());
    assert_eq!(code, 1012);
    let user = app.agent().get(&format!("/conversations/{id}")).await.ok()["conversation"]["user"].take();
    assert_eq!((&user["isOnline"], &user["lastSeen"]), (&json!(false), &json!("2026-01-01T00:10:00.000Z")));
}

#[tokio::test]
async fn who_stalled_is_told_how_things_are_now() {
    let live = Live::memory().await;
    let id = live.start_conversation("u1", "hello").await;
    let mut slow = live.slow_agent().await;
    slow.subscribe("inbox", None).await;
    slow.subscribe(&format!("conversation:{id}"), None).await;
    for n in 0..700 {
        live.say(Role::Visitor, "u1", &id, &format!("{n} {}", "x".repeat(9_000))).await;
    }
    // Nobody reads. One types and comes and goes; another types later.
    let visitor = live.visitor("u1").await;
    live.told("u1", true).await;
    let type_as = async |role, sub| {
        let id = parlor_core::id::ConversationId::parse(&id).unwrap();
        live.service.set_typing(&live.principal(role, sub), id, true).await.unwrap();
    };
    type_as(Role::Visitor, "u1").await;
    drop(visitor);
    live.told("u1", false).await;
    live.pass_s(limits::PRESENCE_LATE_S.max(limits::TYPING_S));
    type_as(Role::Agent, "bob").await;
    type_as(Role::Agent, "bob").await;
    let mut passing = slow.until(|event| event["author"]["id"] == "bob" && event["event"] == "typing").await;
    passing.extend(slow.until(|event| event["event"] == "presence").await);
    let typing: Vec<_> = passing.iter().filter(|event| event["event"] == "typing").collect();
    assert_eq!(
        typing.len(),
        1,
        "the older news of bob's typing were replaced, the visitor's are too late: {typing:?}"
    );
    let presence: Vec<_> = passing.iter().filter(|event| event["event"] == "presence").collect();
    assert_eq!((presence.len(), &presence[0]["isOnline"]), (1, &json!(false)), "not that they came");
}
