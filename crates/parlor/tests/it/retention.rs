//! What is archived is erased after its time, and never by a wrong clock: marked first, then 24 hours in which the server
//! runs.

use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app};
use crate::support::socket::PATIENCE;

over_every_app!(
    what_is_archived_is_marked_waits_and_goes,
    running_time_counts_over_restarts_and_time_away_does_not,
    no_jump_of_the_clock_marks_or_erases,
    what_was_put_off_under_a_wrong_date_is_erased_at_its_time,
    what_is_marked_waits_while_the_clocks_disagree,
    a_policy_that_is_switched_off_takes_the_mark_off,
);

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const YEARS: i64 = 10 * 365 * DAY;

/// Waits until the conversation is like this; `Null` when it is gone.
async fn until(app: &TestApp, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let look = async {
        loop {
            let found = app.agent().get(&format!("/conversations/{id}?messages=0")).await;
            let found = if found.status == 404 { Value::Null } else { found.ok()["conversation"].take() };
            if is_so(&found) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(found) => found,
        Err(_) => {
            let found = app.agent().get(&format!("/conversations/{id}?messages=0")).await.body;
            panic!("not in time: {found} {}", app.admin().get("/settings").await.body["clock"])
        }
    }
}

async fn is_there(app: &TestApp, id: &str) -> Value {
    app.agent().get(&format!("/conversations/{id}?messages=0")).await.ok()["conversation"].take()
}

async fn archived(app: &TestApp) -> String {
    let id = app.start("maria", "my secret").await["id"].as_str().unwrap().to_owned();
    app.agent().patch("/conversations", json!({"conversationId": id, "isArchived": true})).await.ok();
    id
}

/// Half an hour passes, and the server has done everything that was due in it: another conversation, the last to fall due,
/// is closed.
async fn half_an_hour(app: &TestApp) {
    let canary = app.start_new("canary", "still singing").await;
    app.ambient.advance_ms(HOUR / 2);
    until(app, canary["id"].as_str().unwrap(), |canary| canary["status"] == "closed").await;
}

async fn time_passes(app: &TestApp, ms: i64) {
    // The server is up, and has seen what the clock did before.
    disagreement(app).await;
    app.ambient.advance_ms(ms - HOUR / 2);
    half_an_hour(app).await;
}

/// The pause that administrators are shown.
async fn disagreement(app: &TestApp) -> Value {
    app.admin().get("/settings").await.ok()["clock"]["disagreementS"].take()
}

async fn go_on(app: &TestApp) {
    let clock = app.admin().post("/settings/clock", json!({"isPaused": false})).await.ok();
    assert_eq!(clock["isPaused"], false);
}

fn is_marked(conversation: &Value) -> bool {
    conversation.get("eraseMarkedAt").is_some()
}

async fn what_is_archived_is_marked_waits_and_goes(app: TestApp) {
    let id = archived(&app).await;
    time_passes(&app, 90 * DAY - HOUR).await;
    assert!(!is_marked(&is_there(&app, &id).await));
    app.ambient.advance_ms(HOUR);
    let marked = until(&app, &id, is_marked).await;
    assert_eq!(marked["eraseMarkedAt"], marked["deleteAt"]);
    let theirs = app.visitor("maria").get(&format!("/conversations/{id}")).await.ok();
    assert!(!is_marked(&theirs["conversation"]), "what is planned for it is not told to them");
    time_passes(&app, DAY - 1).await;
    is_there(&app, &id).await;
    app.ambient.advance_ms(1);
    until(&app, &id, Value::is_null).await;

    let record = app.admin().get("/deletions?limit=1").await.ok()["deletions"][0].take();
    assert_eq!((&record["conversationId"], &record["reason"]), (&json!(id), &json!("retention")));
    assert!(record.get("actor").is_none(), "nobody asked for it: {record}");
    app.search.drained().await;
    assert_eq!(app.agent().listed("status=all&archived=all&search=secret").await, [] as [String; 0]);
    app.host()
        .post("/messages", json!({"conversationId": id, "type": "user", "text": "late"}))
        .await
        .problem("not-found");
}

async fn running_time_counts_over_restarts_and_time_away_does_not(app: TestApp) {
    let id = archived(&app).await;
    app.ambient.advance_ms(90 * DAY);
    until(&app, &id, is_marked).await;
    let mut app = app;
    for _ in 0..3 {
        time_passes(&app, 7 * HOUR).await;
        let (store, ambient, directory) = app.stop().await;
        ambient.advance_ms(20 * DAY);
        app = TestApp::over(store, ambient, directory).await;
    }
    // 21 of 24 hours by now, in 60 days.
    time_passes(&app, 3 * HOUR - 1_000).await;
    assert!(is_marked(&is_there(&app, &id).await));
    app.ambient.advance_ms(2_000);
    until(&app, &id, Value::is_null).await;
}

async fn no_jump_of_the_clock_marks_or_erases(app: TestApp) {
    let id = archived(&app).await;
    let planned = is_there(&app, &id).await["deleteAt"].take();
    for jump in [HOUR, DAY, YEARS, -HOUR, -DAY, -YEARS] {
        app.ambient.jump_ms(jump);
        time_passes(&app, 2 * DAY).await;
        assert!(!is_marked(&is_there(&app, &id).await), "{jump}");
        assert_eq!(disagreement(&app).await, json!(jump / 1_000));
        app.ambient.jump_ms(-jump);
        assert_eq!(disagreement(&app).await, json!(0));
        go_on(&app).await;
        time_passes(&app, DAY).await;
        let still = is_there(&app, &id).await;
        assert!(!is_marked(&still) && still["deleteAt"] == planned, "{jump}: {still}");
        assert_eq!(disagreement(&app).await, Value::Null);
    }
}

async fn what_was_put_off_under_a_wrong_date_is_erased_at_its_time(app: TestApp) {
    let id = archived(&app).await;
    app.ambient.jump_ms(YEARS);
    time_passes(&app, DAY).await;
    app.ambient.jump_ms(-YEARS);
    disagreement(&app).await;
    go_on(&app).await;
    time_passes(&app, 89 * DAY - HOUR).await;
    assert!(!is_marked(&is_there(&app, &id).await));
    app.ambient.advance_ms(HOUR);
    until(&app, &id, is_marked).await;
    time_passes(&app, DAY).await;
    until(&app, &id, Value::is_null).await;
}

async fn what_is_marked_waits_while_the_clocks_disagree(app: TestApp) {
    let id = archived(&app).await;
    app.ambient.advance_ms(90 * DAY);
    until(&app, &id, is_marked).await;
    app.ambient.jump_ms(YEARS);
    time_passes(&app, 3 * DAY).await;
    assert!(is_marked(&is_there(&app, &id).await));
    let app = app.restart().await;
    time_passes(&app, DAY).await;
    assert!(is_marked(&is_there(&app, &id).await), "the pause outlives the process");
    go_on(&app).await;
    app.ambient.advance_ms(HOUR);
    until(&app, &id, Value::is_null).await;
}

async fn a_policy_that_is_switched_off_takes_the_mark_off(app: TestApp) {
    let id = archived(&app).await;
    app.ambient.advance_ms(90 * DAY);
    until(&app, &id, is_marked).await;
    app.admin().put("/settings", json!({"inboxes": {"default": {"deleteAfterS": "off"}}})).await.ok();
    until(&app, &id, |conversation| !is_marked(conversation)).await;
    time_passes(&app, 3 * DAY).await;
    assert!(is_there(&app, &id).await.get("deleteAt").is_none());
}
