//! Agents, labels, funnels, canned answers and saved views, as callers have them.

use parlor_core::access::Role;
use parlor_core::limits;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::{Api, TestApp, over_every_app};

over_every_app!(
    agents_are_those_who_came_or_answered,
    labels_and_funnels_are_listed,
    canned_answers_are_everybodys,
    of_two_who_change_a_canned_answer_the_second_is_told,
    who_deletes_a_canned_answer_that_changed_is_told,
    views_are_ones_own_and_the_shared_ones,
    what_does_not_hold_is_named,
    an_id_that_cannot_be_one_is_unknown,
);

async fn names(api: &Api<'_>, path: &str, list: &str, field: &str) -> Vec<String> {
    let listed = api.get(path).await.ok();
    let text = |item: &Value| item[field].as_str().unwrap().to_owned();
    listed[list].as_array().unwrap().iter().map(text).collect()
}

async fn agents_are_those_who_came_or_answered(app: TestApp) {
    assert_eq!(app.agent().get("/agents").await.ok(), json!({"agents": []}));
    let maria = app.start("maria", "hello").await;
    app.by(Role::Agent, "zoe").say(maria["id"].as_str().unwrap(), "bot", "hi").await;
    // Who follows is seen; the rest of this is done in the background.
    app.by(Role::Admin, "amir").open("/events?topic=inbox").await;
    app.visitor("maria").open("/events?topic=inbox").await;
    let console = app.console().await;
    let listed = async || names(&console, "/agents", "agents", "name").await;
    while listed().await.len() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(listed().await, ["Ada", "Amir", "Zoe"]);
    assert_eq!(names(&app.host(), "/agents", "agents", "id").await, ["ada", "amir", "zoe"]);
}

async fn labels_and_funnels_are_listed(app: TestApp) {
    assert_eq!(app.agent().get("/labels").await.ok(), json!({"labels": []}));
    assert_eq!(app.agent().get("/funnels").await.ok(), json!({"funnels": []}));
    let maria = app.start("maria", "hello").await;
    let patch = json!({"conversationId": maria["id"], "labels": ["vip", "Late", "early"]});
    app.agent().patch("/conversations", patch).await.ok();
    assert_eq!(app.agent().get("/labels").await.ok(), json!({"labels": ["early", "Late", "vip"]}));
    app.put_shop().await;
    let funnels = app.agent().get("/funnels").await.ok();
    assert_eq!(funnels, json!({"funnels": [{"id": "shop", "name": "Shop", "version": 1}]}));
}

async fn canned_answers_are_everybodys(app: TestApp) {
    let (ada, bob) = (app.agent(), app.by(Role::Agent, "bob"));
    let answer = json!({"shortcut": "hi", "text": "Hello {{user.firstName}},\nhow are you?"});
    let stored = ada.put("/canned-answers/a1", answer.clone()).await;
    assert_eq!(stored.status, StatusCode::CREATED);
    let version = stored.body["version"].clone();
    assert_eq!(
        stored.ok(),
        json!({"id": "a1", "shortcut": "hi", "text": answer["text"], "version": version})
    );
    assert_eq!(bob.put("/canned-answers/a1", answer).await.status, StatusCode::OK);
    bob.put("/canned-answers/a2", json!({"shortcut": "Bye", "text": "Bye!"})).await.ok();
    let taken = bob.put("/canned-answers/a3", json!({"shortcut": "BYE", "text": "Bye."})).await;
    assert_eq!(taken.pointers(), ["/shortcut"]);
    for api in [&ada, &bob, &app.host()] {
        assert_eq!(names(api, "/canned-answers", "cannedAnswers", "shortcut").await, ["Bye", "hi"]);
    }
    assert_eq!(bob.delete("/canned-answers/a1").await.status, StatusCode::NO_CONTENT);
    bob.delete("/canned-answers/a1").await.problem("not-found");
    assert_eq!(names(&ada, "/canned-answers", "cannedAnswers", "id").await, ["a2"]);
}

async fn of_two_who_change_a_canned_answer_the_second_is_told(app: TestApp) {
    let (ada, bob) = (app.agent(), app.by(Role::Agent, "bob"));
    let answer = |text: &str, version: &Value| json!({"shortcut": "hi", "text": text, "version": version});
    let none = json!(0);
    let first = ada.put("/canned-answers/a1", answer("Hello!", &none)).await.ok()["version"].clone();
    let second = bob.put("/canned-answers/a1", answer("Bob's", &first)).await.ok()["version"].clone();
    for stale in [&first, &none] {
        let problem = ada.put("/canned-answers/a1", answer("Ada's", stale)).await;
        assert_eq!(problem.status, StatusCode::CONFLICT);
        problem.problem("canned-answer-changed");
    }
    let listed = ada.get("/canned-answers").await.ok();
    assert_eq!(listed["cannedAnswers"][0]["text"], "Bob's");
    assert_eq!(listed["cannedAnswers"][0]["version"], second);
    ada.put("/canned-answers/a1", answer("Ada's", &second)).await.ok();
    bob.delete("/canned-answers/a1").await.ok();
    ada.put("/canned-answers/a1", answer("It is gone", &second)).await.problem("canned-answer-changed");
    assert_eq!(ada.put("/canned-answers/a1", answer("Anew", &none)).await.status, StatusCode::CREATED);
    for wrong in [json!(-1), json!("1"), json!(null)] {
        assert_eq!(ada.put("/canned-answers/a1", answer("x", &wrong)).await.pointers(), ["/version"]);
    }
}

async fn who_deletes_a_canned_answer_that_changed_is_told(app: TestApp) {
    let (ada, bob) = (app.agent(), app.by(Role::Agent, "bob"));
    let answer = |text: &str| json!({"shortcut": "hi", "text": text});
    let first = ada.put("/canned-answers/a1", answer("Hello!")).await.ok()["version"].clone();
    let second = bob.put("/canned-answers/a1", answer("Bob's")).await.ok()["version"].clone();
    let stale = ada.delete(&format!("/canned-answers/a1?version={first}")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    stale.problem("canned-answer-changed");
    for wrong in ["", "-1", "x"] {
        let answer = ada.delete(&format!("/canned-answers/a1?version={wrong}")).await;
        assert_eq!(answer.pointers(), ["/query/version"]);
    }
    assert_eq!(ada.get("/canned-answers").await.ok()["cannedAnswers"][0]["text"], "Bob's");
    let seen = format!("/canned-answers/a1?version={second}");
    assert_eq!(ada.delete(&seen).await.status, StatusCode::NO_CONTENT);
    ada.delete(&seen).await.problem("not-found");
}

async fn views_are_ones_own_and_the_shared_ones(app: TestApp) {
    let (ada, bob) = (app.agent(), app.by(Role::Agent, "bob"));
    let filters =
        json!({"status": "all", "archived": "all", "assignee": "me", "unread": true, "sortBy": "oldest"});
    let mine = json!({"name": "Mine", "filters": filters});
    let stored = ada.put("/views/v1", mine).await;
    assert_eq!(stored.status, StatusCode::CREATED);
    let expected = json!({"id": "v1", "name": "Mine", "isShared": false, "isMine": true, "filters": filters});
    assert_eq!(stored.ok(), expected);
    assert_eq!(ada.get("/views").await.ok(), json!({"views": [expected]}));
    ada.put("/views/v2", json!({"name": "all", "isShared": true, "filters": {}})).await.ok();
    let shared = json!({"id": "v2", "name": "all", "isShared": true, "isMine": false, "filters": {}});
    for api in [&bob, &app.host()] {
        assert_eq!(api.get("/views").await.ok(), json!({"views": [shared]}));
    }
    bob.put("/views/v2", json!({"name": "His", "filters": {}})).await.problem("forbidden");
    bob.delete("/views/v2").await.problem("forbidden");
    bob.put("/views/v1", json!({"name": "His", "filters": {}})).await.problem("not-found");
    bob.delete("/views/v1").await.problem("not-found");
    let renamed = app.admin().put("/views/v2", json!({"name": "Everything", "filters": {}})).await;
    assert_eq!((renamed.status, &renamed.body["isShared"]), (StatusCode::OK, &json!(true)));
    assert_eq!(names(&ada, "/views", "views", "name").await, ["Everything", "Mine"]);
    assert_eq!(ada.delete("/views/v2").await.status, StatusCode::NO_CONTENT);
    assert_eq!(bob.get("/views").await.ok(), json!({"views": []}));
}

async fn what_does_not_hold_is_named(app: TestApp) {
    let ada = app.agent();
    let answer = async |body: Value| ada.put("/canned-answers/a1", body).await.pointers();
    let long = "x".repeat(limits::CANNED_TEXT_CHARS + 1);
    assert_eq!(answer(json!({"shortcut": "a b", "text": " "})).await, ["/shortcut", "/text"]);
    assert_eq!(answer(json!({"shortcut": "a\u{0}", "text": long})).await, ["/shortcut", "/text"]);
    assert_eq!(answer(json!({"shortcut": "hi", "text": "a\u{0}"})).await, ["/text"]);
    assert_eq!(answer(json!({"shortcut": "hi"})).await, ["/text"]);
    assert_eq!(answer(json!({"shortcut": "hi", "text": "x", "workspaceId": 2})).await, [""]);
    let view = async |body: Value| ada.put("/views/v1", body).await.pointers();
    assert_eq!(
        view(json!({"name": "", "filters": {"status": "x", "label": ""}})).await,
        ["/name", "/filters/status", "/filters/label"]
    );
    assert_eq!(view(json!({"name": "x", "filters": {"userId": "maria"}})).await, ["/filters"]);
    assert_eq!(view(json!({"name": "x", "filters": {"status": null}})).await, ["/filters/status"]);
    let archived = json!({"name": "x", "filters": {"archived": "some"}});
    let problem = ada.put("/views/v1", archived).await.problem("validation");
    let expected = json!([{"pointer": "/filters/archived", "detail": "must be true, false or all"}]);
    assert_eq!(problem["errors"], expected);
    assert_eq!(view(json!({"name": "x", "isShared": null, "filters": {}})).await, ["/isShared"]);
    assert_eq!(view(json!({"name": "x", "owner": "bob", "filters": {}})).await, [""]);
    assert_eq!(view(json!({"name": "x"})).await, ["/filters"]);
    assert!(names(&ada, "/views", "views", "id").await.is_empty());
    // What is not for them to write is not looked at.
    app.visitor("maria").put("/views/v1", json!({"name": "", "filters": {}})).await.problem("forbidden");
    app.host().put("/canned-answers/a1", json!({"shortcut": "", "text": ""})).await.problem("forbidden");
}

async fn an_id_that_cannot_be_one_is_unknown(app: TestApp) {
    let long = "x".repeat(limits::SLUG_BYTES + 1);
    for id in [&*long, "%20x", "a%00b", "a%0ab"] {
        let answer = json!({"shortcut": "hi", "text": "Hello!"});
        app.agent().put(&format!("/canned-answers/{id}"), answer).await.problem("not-found");
        app.agent().delete(&format!("/canned-answers/{id}")).await.problem("not-found");
        let view = json!({"name": "x", "filters": {}});
        app.agent().put(&format!("/views/{id}"), view).await.problem("not-found");
        app.agent().delete(&format!("/views/{id}")).await.problem("not-found");
    }
    let (id, encoded) = ("a/b?c", "a%2Fb%3Fc");
    let view = app.agent().put(&format!("/views/{encoded}"), json!({"name": "x", "filters": {}})).await.ok();
    assert_eq!(view["id"], id);
    app.agent().delete(&format!("/views/{encoded}")).await.ok();
}
