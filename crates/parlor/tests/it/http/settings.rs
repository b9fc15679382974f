//! `GET` and `PUT /settings`, as callers have them.

use parlor_core::access::Role;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app};

over_every_app!(
    a_new_workspace_has_the_defaults,
    what_is_put_is_whole_and_raises_the_version,
    what_does_not_hold_is_named,
    a_change_reaches_the_conversations_there_are,
    a_preview_counts_and_changes_nothing,
);

/// A change has reached every conversation.
async fn settled(app: &TestApp) {
    while !app.agent().get("/settings").await.ok()["redating"].is_null() {
        tokio::task::yield_now().await;
    }
}

async fn a_new_workspace_has_the_defaults(app: TestApp) {
    let settings = app.agent().get("/settings").await.ok();
    let expected = json!({
        "version": 0,
        "inboxes": {"default": {"botIdleS": 1800, "userIdleS": 86_400, "teamIdleS": "off", "reopenWindowS": 604_800,
            "archiveAfterS": 1_209_600, "deleteAfterS": 7_776_000, "warnBeforeS": "off"}},
        "funnels": {},
        "clock": {"runningS": 0, "isPaused": false},
    });
    assert_eq!(settings, expected);
}

async fn what_is_put_is_whole_and_raises_the_version(app: TestApp) {
    let policy = json!({"botIdleS": 60, "userIdleS": "off", "teamIdleS": 120, "reopenWindowS": "off",
        "archiveAfterS": 0, "deleteAfterS": 86_400, "warnBeforeS": 10});
    let funnels = json!({"shop": {"botIdleS": "off"}, "empty": {}});
    let put = json!({"inboxes": {"default": policy}, "funnels": funnels});
    let stored = app.admin().put("/settings", put.clone()).await.ok();
    let mut expected = policy;
    expected["reopenWindowS"] = json!(0);
    assert_eq!(stored["inboxes"]["default"], expected);
    assert_eq!((&stored["version"], &stored["funnels"]), (&json!(1), &json!({"shop": {"botIdleS": "off"}})));
    assert_eq!(app.admin().put("/settings", put).await.ok()["version"], 1, "the same is no change");
    let some = json!({"version": 1, "inboxes": {"default": {"botIdleS": 60}}});
    let stored = app.admin().put("/settings", some.clone()).await.ok();
    assert_eq!((&stored["version"], &stored["funnels"]), (&json!(2), &json!({})));
    assert_eq!(stored["inboxes"]["default"]["userIdleS"], 86_400, "what is not said is the default");
    app.admin().put("/settings", some).await.problem("settings-changed");
    app.by(Role::Agent, "ada")
        .put("/settings", json!({"inboxes": {"default": {}}}))
        .await
        .problem("forbidden");
}

async fn what_does_not_hold_is_named(app: TestApp) {
    let put = async |settings: Value| app.admin().put("/settings", settings).await.pointers();
    let of = |policy: Value| json!({"inboxes": {"default": policy}});
    assert_eq!(put(json!({})).await, ["/inboxes"]);
    assert_eq!(put(json!({"inboxes": {}})).await, ["/inboxes/default"]);
    assert_eq!(
        put(of(json!({"botIdleS": 9, "deleteAfterS": 60}))).await,
        ["/inboxes/default/botIdleS", "/inboxes/default/deleteAfterS"]
    );
    assert_eq!(put(of(json!({"botIdleS": "never"}))).await, ["/inboxes/default/botIdleS"]);
    assert_eq!(put(of(json!({"botIdleS": null}))).await, ["/inboxes/default/botIdleS"]);
    assert_eq!(put(of(json!({"botIdle": 60}))).await, ["/inboxes/default"]);
    assert_eq!(put(json!({"inboxes": {"default": {}, "second": {}}})).await, ["/inboxes"]);
    assert_eq!(put(json!({"inboxes": {"default": {}}, "clock": {}})).await, [""]);
    let funnels = json!({"shop": {"warnBeforeS": -1}, "": {"botIdleS": "off"}});
    let funnels = json!({"inboxes": {"default": {}}, "funnels": funnels});
    assert_eq!(put(funnels).await, ["/funnels/", "/funnels/shop/warnBeforeS"]);
    let many: serde_json::Map<_, _> = (0..1_001).map(|n| (n.to_string(), json!({}))).collect();
    assert_eq!(put(json!({"inboxes": {"default": {}}, "funnels": many})).await, ["/funnels"]);
    assert_eq!(app.admin().get("/settings").await.ok()["version"], 0);
}

async fn a_change_reaches_the_conversations_there_are(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    assert_eq!(maria["autoCloseAt"], "2026-01-01T00:30:00.000Z");
    let list = app.agent().get("/conversations").await.ok();
    let put = json!({"inboxes": {"default": {}}, "funnels": {"plain": {"botIdleS": 7200}}});
    app.admin().put("/settings", put).await.ok();
    // Followers hear of the new date, as of everything that changes.
    let since = format!("/changes?topic=inbox&wait=25&since={}", list["cursor"].as_str().unwrap());
    let changes = app.agent().get(&since).await.ok();
    let conversation = &changes["groups"][0][0]["conversation"];
    assert_eq!(conversation["autoCloseAt"], "2026-01-01T02:00:00.000Z", "{changes}");
    assert_eq!(conversation["version"], maria["version"].as_u64().unwrap() + 1);
    // The page after it ends the change.
    settled(&app).await;
}

async fn a_preview_counts_and_changes_nothing(app: TestApp) {
    let off = json!({"inboxes": {"default": {"botIdleS": "off"}}});
    app.admin().put("/settings", off).await.ok();
    settled(&app).await;
    let maria = app.start("maria", "hello").await;
    app.start("bob", "hello").await;
    app.ambient.advance_ms(3_600_000);
    app.host().say(maria["id"].as_str().unwrap(), "user", "still there?").await;
    let before = app.agent().get("/conversations?limit=1").await.ok()["cursor"].take();
    let preview = async |settings: Value| app.admin().post("/settings/preview", settings).await.ok();
    let counted = preview(json!({"inboxes": {"default": {"botIdleS": 600}}})).await;
    let expected = json!({"from": "2025-12-02T01:00:00.000Z", "to": "2026-01-01T01:00:00.000Z", "conversations": 2,
        "isCapped": false, "closes": 2, "closesWaiting": 2, "closesNow": 1, "archives": 0, "deletes": 0});
    assert_eq!(counted, expected);
    assert_eq!(preview(json!({})).await["closes"], 0, "as they stand");
    let funnel = preview(json!({"funnels": {"plain": {"botIdleS": 600}}})).await;
    assert_eq!((&funnel["closes"], &funnel["closesNow"]), (&json!(2), &json!(1)));
    let bad = app.admin().post("/settings/preview", json!({"funnels": {"x": {"botIdleS": 0}}})).await;
    assert_eq!(bad.pointers(), ["/funnels/x/botIdleS"]);
    assert_eq!(app.agent().get("/conversations?limit=1").await.ok()["cursor"], before);
    assert_eq!(app.admin().get("/settings").await.ok()["version"], 1);
}
