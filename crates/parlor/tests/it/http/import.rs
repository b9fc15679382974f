//! Importing into a server that runs.

use parlor_core::access::Role;
use parlor_core::error::Code;
use parlor_core::limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::store::fixture::principal;
use crate::support::app::{Answered, Api, TestApp, over_every_app};
use crate::support::live::Live;

over_every_app!(
    what_is_imported_is_there_for_everybody_at_once,
    lines_that_do_not_hold_are_named_by_number,
    what_is_no_import_is_refused,
);

async fn import(api: Api<'_>, lines: &str) -> Answered {
    api.raw(Method::POST, "/import", "application/x-ndjson", lines.as_bytes().to_vec()).await
}

fn line(id: &str) -> String {
    let messages =
        json!([{"type": "user", "text": "I want a table"}, {"type": "bot", "text": "Which city?"}]);
    format!("{}\n", json!({"id": id, "userId": id, "funnel": "Restaurants", "messages": messages}))
}

async fn what_is_imported_is_there_for_everybody_at_once(app: TestApp) {
    let since = app.agent().get("/conversations").await.ok()["cursor"].take();
    let lines = line("one") + "\n" + &line("two");
    let tally = import(app.admin(), &lines).await.ok();
    let all = json!({"conversations": 2, "messages": 4, "known": 0, "refused": [], "refusedInAll": 0});
    assert_eq!(tally, all);
    let path = format!("/changes?topic=inbox&wait=0&since={}", since.as_str().unwrap());
    let told = app.agent().get(&path).await.ok();
    for id in ["one", "two"] {
        assert!(told.to_string().contains(&format!("\"externalId\":\"{id}\"")), "{told}");
    }
    assert_eq!(app.agent().listed("sortBy=oldest").await.len(), 2);
    let again = import(app.admin(), &(lines + &line("three"))).await.ok();
    assert_eq!((&again["conversations"], &again["known"]), (&json!(1), &json!(2)));
}

async fn lines_that_do_not_hold_are_named_by_number(app: TestApp) {
    let lines = line("one") + "secret\n" + &line("two") + r#"{"messages":[{"type":"user","text":" "}]}"#;
    let tally = import(app.admin(), &lines).await.ok();
    assert_eq!((&tally["conversations"], &tally["refusedInAll"]), (&json!(2), &json!(2)));
    let refused = tally["refused"].as_array().unwrap();
    assert_eq!((&refused[0]["line"], &refused[1]["line"]), (&json!(2), &json!(4)));
    assert!(refused[1]["detail"].as_str().unwrap().contains("/messages/0/text"), "{tally}");
    assert!(!tally.to_string().contains("secret"), "nothing is echoed: {tally}");
    let many = import(app.admin(), &"x\n".repeat(limits::IMPORT_REFUSED_SHOWN + 1)).await.ok();
    let shown = many["refused"].as_array().map(Vec::len);
    assert_eq!((shown, &many["refusedInAll"]), (Some(limits::IMPORT_REFUSED_SHOWN), &json!(21)));
}

async fn what_is_no_import_is_refused(app: TestApp) {
    for media_type in ["application/json", "text/plain", "application/x-ndjsonx"] {
        let answer = app.admin().raw(Method::POST, "/import", media_type, line("one").into_bytes()).await;
        answer.problem("unsupported-media-type");
    }
    // Nothing is read of who may not.
    import(app.agent(), &"x".repeat(limits::BODY_BYTES)).await.problem("forbidden");
    import(app.admin(), &" ".repeat(limits::IMPORT_BODY_BYTES + 1)).await.problem("too-large");
    // A page that the cookie comes along from cannot declare such a body.
    import(app.console().await, &line("one")).await.problem("unsupported-media-type");
    assert_eq!(app.agent().get("/conversations").await.ok()["total"], Value::from(0));
}

#[tokio::test]
async fn few_imports_are_read_at_once() {
    let live = Live::memory().await;
    let root = principal(live.workspace.key, Role::Admin, "root");
    let mut reading: Vec<_> =
        (0..limits::IMPORT_REQUESTS).map(|_| live.service.begin_import(&root).unwrap()).collect();
    assert_eq!(live.service.begin_import(&root).err().map(|problem| problem.code), Some(Code::RateLimited));
    reading.pop();
    assert!(live.service.begin_import(&root).is_ok());
}
