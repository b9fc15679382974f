//! What falls due happens by itself, on a real server whose clock is moved.

use parlor_core::access::Role;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    a_conversation_closes_at_its_time_and_its_user_opens_it_again,
    a_message_in_time_wins,
    a_user_who_can_be_reached_waits_for_a_person,
    the_user_is_warned_once,
    a_snooze_ends_by_itself_and_the_timer_counts_from_its_end,
    what_is_held_stays_and_gets_its_grace_when_it_is_let_go,
    what_is_closed_is_archived,
    settings_that_would_have_closed_it_spare_it,
    what_fell_due_while_the_server_was_stopped_gets_its_grace,
    whoever_writes_in_the_grace_goes_on,
);

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Somebody who follows one conversation.
struct Follower<'a> {
    app: &'a TestApp,
    id: String,
    cursor: String,
}

impl<'a> Follower<'a> {
    /// Who goes on where a follower of the server before this one stopped.
    fn again(app: &'a TestApp, (id, cursor): (String, String)) -> Self {
        Self { app, id, cursor }
    }

    /// What is left of it when its server ends.
    fn place(self) -> (String, String) {
        (self.id, self.cursor)
    }

    async fn of(app: &'a TestApp, conversation: &Value) -> Self {
        let id = conversation["id"].as_str().unwrap().to_owned();
        let page = app.agent().get(&format!("/conversations/{id}/messages")).await.ok();
        let cursor = page["cursor"].as_str().unwrap().to_owned();
        Self { app, id, cursor }
    }

    /// The conversation after its next change, with the texts the change said.
    async fn next(&mut self) -> (Value, Vec<String>) {
        let (id, since) = (&self.id, &self.cursor);
        let path = format!("/changes?topic=conversation:{id}&since={since}&wait=25");
        let told = self.app.agent().get(&path).await.ok();
        self.cursor = told["cursor"].as_str().unwrap().to_owned();
        let events: Vec<&Value> =
            told["groups"].as_array().unwrap().iter().flat_map(|g| g.as_array().unwrap()).collect();
        let of = |kind: &str| events.iter().filter_map(|event| event.get(kind)).cloned().collect::<Vec<_>>();
        let said = of("message").iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect();
        (of("conversation").pop().expect("a change within 25 seconds"), said)
    }

    /// Nothing has changed, though the server has looked since: what was due at the same time is done.
    async fn is_as_it_was(&self) {
        let (id, since) = (&self.id, &self.cursor);
        let path = format!("/changes?topic=conversation:{id}&since={since}&wait=0");
        assert_eq!(self.app.agent().get(&path).await.ok()["groups"], json!([]));
    }
}

/// A conversation that is due before everything else: when it closes, the server has looked.
async fn canary(app: &TestApp) -> Follower<'_> {
    Follower::of(app, &app.start_new("canary", "still singing").await).await
}

/// Changes the settings, and waits until every conversation has them.
async fn set(app: &TestApp, settings: Value) {
    let mut now = app.admin().put("/settings", settings).await.ok();
    while !now["redating"].is_null() {
        tokio::task::yield_now().await;
        now = app.admin().get("/settings").await.ok();
    }
}

async fn a_conversation_closes_at_its_time_and_its_user_opens_it_again(app: TestApp) {
    let mut canary = canary(&app).await;
    app.ambient.advance_ms(1);
    let maria = app.start("maria", "hello").await;
    let mut maria = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(30 * MINUTE - 1);
    canary.next().await;
    maria.is_as_it_was().await;
    app.ambient.advance_ms(1);
    let (closed, said) = maria.next().await;
    assert_eq!(said, ["The conversation was closed."]);
    assert_eq!((&closed["status"], &closed["closeReason"]), (&json!("closed"), &json!("inactivity")));
    assert_eq!(closed["closedAt"], "2026-01-01T00:30:00.001Z");
    assert_eq!(closed.get("autoCloseAt"), None);
    app.visitor("maria").say(&maria.id, "user", "wait!").await;
    let (open, said) = maria.next().await;
    assert_eq!(said, ["The conversation was reopened.", "wait!"]);
    assert_eq!((&open["status"], &open["autoCloseAt"]), (&json!("open"), &json!("2026-01-01T01:00:00.001Z")));
    // Once: what has been done is not due.
    let page = app.agent().get(&format!("/conversations/{}/messages", maria.id)).await.ok();
    let closes = page["messages"].as_array().unwrap().iter();
    assert_eq!(closes.filter(|m| m["system"]["code"] == "conversation_closed").count(), 1);
}

async fn a_message_in_time_wins(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    app.ambient.advance_ms(1);
    let mut canary = canary(&app).await;
    let mut maria = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(30 * MINUTE - 2);
    app.visitor("maria").say(&maria.id, "user", "still here").await;
    maria.next().await;
    app.ambient.advance_ms(2);
    canary.next().await;
    maria.is_as_it_was().await;
    app.ambient.advance_ms(30 * MINUTE - 2);
    assert_eq!(maria.next().await.0["status"], "closed");
}

async fn a_user_who_can_be_reached_waits_for_a_person(app: TestApp) {
    let start =
        json!({"funnelId": "plain", "user": {"id": "maria", "email": "maria@example.com"}, "text": "hello"});
    let maria = app.host().post("/conversations", start).await.ok()["conversation"].take();
    assert_eq!(maria.get("autoCloseAt"), None, "it does not close");
    let mut maria = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(30 * MINUTE);
    let (waits, said) = maria.next().await;
    assert_eq!(said, ["A person will answer here."]);
    assert_eq!((&waits["status"], &waits["handler"]), (&json!("open"), &json!("queue")));
}

async fn the_user_is_warned_once(app: TestApp) {
    let put = json!({"inboxes": {"default": {"botIdleS": 600, "warnBeforeS": 60}}});
    set(&app, put).await;
    let maria = app.start("maria", "hello").await;
    let mut maria = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(9 * MINUTE);
    let (warned, said) = maria.next().await;
    assert_eq!(said, ["This conversation closes soon unless you write."]);
    assert_eq!(warned["autoCloseAt"], "2026-01-01T00:10:00.000Z", "the line is no activity");
    let page = app.visitor("maria").get(&format!("/conversations/{}/messages", maria.id)).await.ok();
    let line = &page["messages"].as_array().unwrap().last().unwrap()["system"];
    assert_eq!(*line, json!({"code": "closing_soon", "params": {"at": "2026-01-01T00:10:00.000Z"}}));
    app.ambient.advance_ms(MINUTE);
    let (closed, said) = maria.next().await;
    assert_eq!((&closed["status"], said.len()), (&json!("closed"), 1));
}

async fn a_snooze_ends_by_itself_and_the_timer_counts_from_its_end(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let snooze = json!({"conversationId": maria["id"], "snoozedUntil": "2026-01-01T02:00:00Z"});
    app.agent().patch("/conversations", snooze.clone()).await.ok();
    let mut follower = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(2 * HOUR);
    let (awake, said) = follower.next().await;
    assert_eq!(said, [] as [String; 0]);
    assert_eq!((awake.get("snoozedUntil"), &awake["status"]), (None, &json!("open")));
    assert_eq!(awake["autoCloseAt"], "2026-01-01T02:30:00.000Z");
    // Whoever put it off again did not know that the user would write.
    let snooze = json!({"conversationId": maria["id"], "snoozedUntil": "2026-01-02T00:00:00Z"});
    app.agent().patch("/conversations", snooze).await.ok();
    follower.next().await;
    app.host().say(&follower.id, "user", "hello?").await;
    let (awake, _) = follower.next().await;
    assert_eq!(awake.get("snoozedUntil"), None);
    assert_eq!(awake["autoCloseAt"], "2026-01-01T02:30:00.000Z");
}

async fn what_is_held_stays_and_gets_its_grace_when_it_is_let_go(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let hold = |hold: bool| json!({"conversationId": maria["id"], "hold": hold});
    let held = app.agent().patch("/conversations", hold(true)).await.ok();
    assert_eq!(held["conversation"].get("autoCloseAt"), None);
    let mut follower = Follower::of(&app, &maria).await;
    let mut canary = canary(&app).await;
    app.ambient.advance_ms(5 * HOUR);
    canary.next().await;
    follower.is_as_it_was().await;
    let free = app.agent().patch("/conversations", hold(false)).await.ok();
    assert_eq!(free["conversation"]["autoCloseAt"], "2026-01-01T05:30:00.000Z");
    follower.next().await;
    app.ambient.advance_ms(30 * MINUTE);
    assert_eq!(follower.next().await.0["status"], "closed");
}

async fn what_is_closed_is_archived(app: TestApp) {
    let put = json!({"inboxes": {"default": {"archiveAfterS": 60, "deleteAfterS": 86_400}}});
    set(&app, put).await;
    let maria = app.start("maria", "hello").await;
    let close = json!({"conversationId": maria["id"], "status": "closed"});
    app.agent().patch("/conversations", close).await.ok();
    let mut maria = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(MINUTE);
    let (archived, said) = maria.next().await;
    assert_eq!(said, [] as [String; 0]);
    assert_eq!(
        (&archived["isArchived"], &archived["archivedAt"]),
        (&json!(true), &json!("2026-01-01T00:01:00.000Z"))
    );
    assert_eq!(archived["deleteAt"], "2026-01-02T00:01:00.000Z");
    app.ambient.advance_ms(24 * HOUR);
    let (marked, _) = maria.next().await;
    assert_eq!(marked["eraseMarkedAt"], "2026-01-02T00:01:00.000Z");
    let as_user = app.visitor("maria").get(&format!("/conversations/{}", maria.id)).await.ok();
    assert_eq!((as_user.get("eraseMarkedAt"), as_user.get("deleteAt")), (None, None));
    let hold = json!({"conversationId": maria.id, "hold": true});
    let held = app.by(Role::Agent, "ada").patch("/conversations", hold).await.ok();
    assert_eq!(held["conversation"].get("eraseMarkedAt"), None, "what is held is not erased");
}

async fn settings_that_would_have_closed_it_spare_it(app: TestApp) {
    let put = |idle_s: i64| json!({"inboxes": {"default": {"botIdleS": idle_s}}});
    set(&app, put(10 * 3600)).await;
    let maria = app.start("maria", "hello").await;
    let mut maria = Follower::of(&app, &maria).await;
    app.ambient.advance_ms(5 * HOUR);
    app.admin().put("/settings", put(2 * 3600)).await.ok();
    let (spared, _) = maria.next().await;
    assert_eq!(
        (&spared["status"], &spared["autoCloseAt"]),
        (&json!("open"), &json!("2026-01-01T05:30:00.000Z"))
    );
    app.ambient.advance_ms(30 * MINUTE);
    assert_eq!(maria.next().await.0["status"], "closed");
}

/// How many lines of its close a conversation has.
async fn closes(app: &TestApp, id: &str) -> usize {
    let page = app.agent().get(&format!("/conversations/{id}/messages")).await.ok();
    let messages = page["messages"].as_array().unwrap().iter();
    messages.filter(|message| message["system"]["code"] == "conversation_closed").count()
}

async fn what_fell_due_while_the_server_was_stopped_gets_its_grace(app: TestApp) {
    set(&app, json!({"inboxes": {"default": {"botIdleS": 7_200}}, "funnels": {"quick": {"botIdleS": 600}}}))
        .await;
    let slow = app.start("maria", "hello").await;
    let start = json!({"funnelId": "quick", "user": {"id": "bob"}, "text": "hi"});
    let quick = app.host().post("/conversations", start).await.ok()["conversation"].take();
    assert_eq!(
        (&slow["autoCloseAt"], &quick["autoCloseAt"]),
        (&json!("2026-01-01T02:00:00.000Z"), &json!("2026-01-01T00:10:00.000Z"))
    );
    let slow = Follower::of(&app, &slow).await.place();
    let quick = Follower::of(&app, &quick).await.place();

    let app = app.restart_after(5 * HOUR).await;
    let (mut slow, mut quick) = (Follower::again(&app, slow), Follower::again(&app, quick));
    let grace = [(&mut slow, "2026-01-01T05:30:00.000Z"), (&mut quick, "2026-01-01T05:10:00.000Z")];
    for (follower, until) in grace {
        let (spared, said) = follower.next().await;
        assert_eq!(said, [] as [String; 0]);
        assert_eq!((&spared["status"], &spared["autoCloseAt"]), (&json!("open"), &json!(until)));
    }
    app.ambient.advance_ms(10 * MINUTE);
    let (closed, said) = quick.next().await;
    assert_eq!(said, ["The conversation was closed."]);
    assert_eq!((&closed["status"], &closed["closeReason"]), (&json!("closed"), &json!("inactivity")));
    slow.is_as_it_was().await;
    app.ambient.advance_ms(20 * MINUTE);
    let (closed, said) = slow.next().await;
    assert_eq!(said, ["The conversation was closed."]);
    assert_eq!(closed["closedAt"], "2026-01-01T05:30:00.000Z");
    let (slow, quick) = (slow.place(), quick.place());

    // Once, and neither a look nor another start says it again.
    let app = app.restart_after(MINUTE).await;
    let mut canary = canary(&app).await;
    app.ambient.advance_ms(2 * HOUR);
    canary.next().await;
    for place in [slow, quick] {
        let follower = Follower::again(&app, place);
        follower.is_as_it_was().await;
        assert_eq!(closes(&app, &follower.id).await, 1);
    }
}

async fn whoever_writes_in_the_grace_goes_on(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    app.ambient.advance_ms(1);
    let bob = app.start("bob", "hello").await;
    let maria = Follower::of(&app, &maria).await.place();
    let bob = Follower::of(&app, &bob).await.place();

    let app = app.restart_after(HOUR).await;
    let (mut maria, mut bob) = (Follower::again(&app, maria), Follower::again(&app, bob));
    for follower in [&mut maria, &mut bob] {
        assert_eq!(follower.next().await.0["status"], "open");
    }
    app.ambient.advance_ms(30 * MINUTE - 1);
    app.visitor("maria").say(&maria.id, "user", "still here").await;
    let (kept, _) = maria.next().await;
    assert_eq!(kept["autoCloseAt"], "2026-01-01T02:00:00.000Z");
    app.ambient.advance_ms(1);
    assert_eq!(bob.next().await.0["status"], "closed");
    maria.is_as_it_was().await;
    // Once more the server is away when it falls due.
    let (maria, bob) = (maria.place(), bob.place());

    let app = app.restart_after(HOUR).await;
    let mut maria = Follower::again(&app, maria);
    assert_eq!(maria.next().await.0["autoCloseAt"], "2026-01-01T03:00:00.001Z");
    app.ambient.advance_ms(30 * MINUTE);
    assert_eq!(maria.next().await.0["status"], "closed");
    for id in [&maria.id, &bob.0] {
        assert_eq!(closes(&app, id).await, 1);
    }
}
