//! Users and funnels.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app, shop};

over_every_app!(
    a_users_profile_is_live_in_every_conversation,
    a_visitor_changes_themselves_only,
    a_funnel_is_stored_as_written,
    every_mistake_in_a_funnel_is_listed,
);

async fn a_users_profile_is_live_in_every_conversation(app: TestApp) {
    // More than one commit renews at once.
    let start = json!({"funnelId": "plain", "user": {"id": "maria"}, "text": "hello", "new": true});
    for _ in 0..103 {
        app.host().post("/conversations?messages=0", start.clone()).await.ok();
    }
    let profile = json!({"name": "Maria Costa", "email": "maria@example.com", "avatar": "https://example.com/m.png",
        "timezone": "Europe/Lisbon", "locale": "pt", "metadata": {"plan": "gold"}});
    let stored = app.host().put("/users/maria", profile.clone()).await.ok();
    assert_eq!(stored["id"], "maria");
    for (field, value) in profile.as_object().unwrap() {
        assert_eq!(stored[field], *value, "{field}");
    }
    // Those beyond the first commit follow in the background, on the lane the next background command waits behind.
    app.host().put("/users/maria", json!({"locale": "en"})).await.ok();
    let unnamed = async || {
        let mut unnamed = 0;
        for offset in [0, 100] {
            let path = format!("/conversations?messages=0&limit=100&offset={offset}");
            let list = app.agent().get(&path).await.ok();
            let all = list["conversations"].as_array().unwrap();
            unnamed += all.iter().filter(|c| c["user"]["name"] != "Maria Costa" || c["version"] == 1).count();
        }
        unnamed
    };
    while unnamed().await > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.host().put("/users/maria", json!({"role": "admin"})).await.pointers(), [""]);
    assert_eq!(
        app.host().put("/users/maria", json!({"email": "nope", "name": ""})).await.pointers(),
        ["/name", "/email"]
    );
}

async fn a_visitor_changes_themselves_only(app: TestApp) {
    let maria = app.visitor("maria");
    maria.put("/users/maria", json!({"name": "Maria"})).await.problem("not-found");
    app.start("maria", "hello").await;
    assert_eq!(maria.put("/users/maria", json!({"name": "Mia"})).await.ok()["name"], "Mia");
    maria.put("/users/maria", json!({"metadata": {"vip": true}})).await.problem("forbidden");
    maria.put("/users/bob", json!({"name": "Bob"})).await.problem("forbidden");
    app.agent().put("/users/maria", json!({"name": "Bob"})).await.problem("forbidden");
}

async fn a_funnel_is_stored_as_written(app: TestApp) {
    app.agent().get("/funnels/shop").await.problem("not-found");
    let stored = app.host().put("/funnels/shop", shop()).await;
    assert_eq!(stored.status, StatusCode::CREATED);
    assert_eq!(stored.ok(), shop());
    assert_eq!(app.host().put("/funnels/shop", shop()).await.status, StatusCode::OK);
    for api in [app.agent(), app.host()] {
        assert_eq!(api.get("/funnels/shop").await.ok(), shop());
    }
    // A visitor sees what the bot says first, not what it would say later.
    let greeting = app.visitor("maria").get("/funnels/shop").await.ok();
    let start = shop()["startBlockId"].as_str().unwrap().to_owned();
    assert_eq!(greeting["blocks"].as_object().unwrap().keys().collect::<Vec<_>>(), [&start]);
    assert_eq!(greeting["blocks"][&start]["message"], shop()["blocks"][&start]["message"]);
    assert!(
        greeting["blocks"][&start]["options"].as_array().unwrap().iter().all(|o| o["nextBlockId"].is_null())
    );
    let mut renamed = shop();
    renamed["name"] = "Corner shop".into();
    assert_eq!(app.admin().put("/funnels/shop", renamed.clone()).await.status, StatusCode::CREATED);
    assert_eq!(app.agent().get("/funnels/shop").await.ok(), renamed);
    app.agent().put("/funnels/shop", shop()).await.problem("forbidden");
    app.visitor("maria").put("/funnels/shop", shop()).await.problem("forbidden");
    assert_eq!(app.admin().put("/funnels/other", shop()).await.pointers(), ["/id"]);
}

async fn every_mistake_in_a_funnel_is_listed(app: TestApp) {
    let put = async |change: &dyn Fn(&mut Value)| {
        let mut funnel = shop();
        change(&mut funnel);
        app.admin().put("/funnels/shop", funnel).await.pointers()
    };
    let broken = put(&|funnel| {
        funnel["startBlockId"] = "nowhere".into();
        funnel["blocks"]["buy"]["options"][0]["nextBlockId"] = "gone".into();
        funnel["stages"][0]["blockIds"][0] = "gone".into();
    });
    let broken = broken.await;
    for pointer in ["/startBlockId", "/blocks/buy/options/0/nextBlockId", "/stages/0/blockIds/0"] {
        assert!(broken.iter().any(|at| at == pointer), "{pointer}: {broken:?}");
    }
    let unreachable =
        put(&|funnel| funnel["blocks"]["hello"]["options"][1]["nextBlockId"] = "buy".into()).await;
    assert_eq!(unreachable, ["/blocks/talk"]);
    assert_eq!(put(&|funnel| funnel["blocks"]["hello"]["evil"] = 1.into()).await, ["/blocks/hello"]);
    assert_eq!(
        put(&|funnel| funnel["blocks"]["hello"]["message"] = 1.into()).await,
        ["/blocks/hello/message"]
    );
    app.agent().get("/funnels/shop").await.problem("not-found");
}
