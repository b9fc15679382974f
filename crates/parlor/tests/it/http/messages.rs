//! Send and list.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app, texts};

over_every_app!(
    a_message_is_stored_once_however_often_it_is_sent,
    everybody_writes_as_what_they_are,
    the_holder_can_be_a_condition,
    an_answer_into_a_closed_conversation_reopens_it,
    a_user_is_never_refused,
    quick_replies_travel,
    every_way_of_paging_finds_every_message,
    the_funnel_is_walked,
);

const M1: &str = "0199c000-0000-4000-8000-000000000021";

fn id(conversation: &Value) -> &str {
    conversation["id"].as_str().unwrap()
}

async fn a_message_is_stored_once_however_often_it_is_sent(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let message =
        json!({"conversationId": id(&maria), "id": M1, "type": "bot", "text": "hi", "metadata": {"a": 1}});
    let first = app.agent().post("/messages", message.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let first = first.ok();
    assert_eq!(first["message"]["id"], M1);
    assert_eq!(texts(&first["conversation"]["messages"]), ["hello", "Ada joined the conversation.", "hi"]);
    for _ in 0..3 {
        let again = app.agent().post("/messages", message.clone()).await;
        assert_eq!(again.status, StatusCode::OK);
        assert_eq!(again.ok()["message"], first["message"]);
    }
    let app = app.restart().await;
    assert_eq!(app.agent().post("/messages", message.clone()).await.status, StatusCode::OK);
    for (field, value) in [("text", json!("ho")), ("metadata", json!({"a": 2})), ("type", json!("system"))] {
        let mut other = message.clone();
        other[field] = value;
        app.agent().post("/messages", other).await.problem("message-id-conflict");
    }
    app.by(parlor_core::access::Role::Agent, "ben")
        .post("/messages", message)
        .await
        .problem("message-id-conflict");
}

async fn everybody_writes_as_what_they_are(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let said = async |api: crate::support::app::Api<'_>, kind: &str| {
        let message = json!({"conversationId": id(&maria), "type": kind, "text": "x"});
        let answer = api.post("/messages?messages=0", message).await;
        if answer.status.is_success() {
            answer.ok()["message"]["author"].take()
        } else {
            answer.problem("forbidden")["code"].take()
        }
    };
    assert_eq!(said(app.host(), "bot").await, json!({"kind": "bot"}));
    assert_eq!(said(app.host(), "user").await, json!({"kind": "user", "id": "maria", "name": "Maria"}));
    assert_eq!(said(app.host(), "system").await, "forbidden");
    assert_eq!(
        said(app.visitor("maria"), "user").await,
        json!({"kind": "user", "id": "maria", "name": "Maria"})
    );
    assert_eq!(said(app.visitor("maria"), "bot").await, "forbidden");
    assert_eq!(said(app.visitor("maria"), "system").await, "forbidden");
    assert_eq!(said(app.agent(), "bot").await, json!({"kind": "agent", "id": "ada", "name": "Ada"}));
    assert_eq!(said(app.agent(), "system").await, json!({"kind": "system", "id": "ada", "name": "Ada"}));
    assert_eq!(said(app.agent(), "user").await, "forbidden");
}

async fn the_holder_can_be_a_condition(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let say =
        |holder: &str| json!({"conversationId": id(&maria), "type": "bot", "text": "hi", "ifHolder": holder});
    app.agent().post("/messages", say("queue")).await.problem("held-by-another");
    app.agent().post("/messages", say("bot")).await.ok();
    let refused = app.agent().post("/messages", say("bot")).await.problem("held-by-another");
    assert_eq!(refused["holder"], json!({"id": "ada", "name": "Ada"}));
    app.agent().post("/messages", say("ada")).await.ok();
    let ben = app.by(parlor_core::access::Role::Agent, "ben");
    ben.post("/messages", say("ben")).await.problem("held-by-another");
    // Without a condition it is stored, and the holder stays.
    assert_eq!(ben.say(id(&maria), "bot", "me too").await["conversation"]["assignee"]["id"], "ada");
}

async fn an_answer_into_a_closed_conversation_reopens_it(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let path = format!("/conversations/{}", id(&maria));
    let say = |reopen: Value| {
        let mut message = json!({"conversationId": id(&maria), "type": "bot", "text": "hi"});
        if !reopen.is_null() {
            message["reopen"] = reopen;
        }
        message
    };
    app.agent().patch(&path, json!({"status": "closed"})).await.ok();
    app.agent().post("/messages", say(json!(false))).await.problem("conversation-closed");
    app.host().post("/messages", say(Value::Null)).await.problem("conversation-closed");
    let answer = app.agent().post("/messages", say(Value::Null)).await.ok();
    assert_eq!(answer["conversation"]["status"], "open");
    app.agent().patch(&path, json!({"isArchived": true})).await.ok();
    app.agent().post("/messages", say(Value::Null)).await.problem("conversation-archived");
    let answer = app.agent().post("/messages", say(json!(true))).await.ok();
    assert_eq!(
        (&answer["conversation"]["status"], &answer["conversation"]["isArchived"]),
        (&json!("open"), &json!(false))
    );
}

async fn a_user_is_never_refused(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let path = format!("/conversations/{}", id(&maria));
    let visitor = app.visitor("maria");
    visitor.patch("/conversations", json!({"conversationId": id(&maria), "status": "closed"})).await.ok();
    let same = visitor.say(id(&maria), "user", "one more thing").await;
    assert_eq!(
        (&same["conversation"]["id"], &same["conversation"]["status"]),
        (&maria["id"], &json!("open"))
    );
    app.agent().patch(&path, json!({"isArchived": true})).await.ok();
    let next = visitor.say(id(&maria), "user", "and another").await;
    assert_ne!(next["conversation"]["id"], maria["id"]);
    assert_eq!(next["conversation"]["previousId"], maria["id"]);
    assert_eq!(next["message"]["conversationId"], next["conversation"]["id"]);
    let then = visitor.say(id(&maria), "user", "still the old address").await;
    assert_eq!(then["conversation"]["id"], next["conversation"]["id"]);
}

async fn quick_replies_travel(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let options = json!([{"id": "y", "text": "Yes"}, {"id": "n", "text": "No"}]);
    let offer = |options: &Value| json!({"conversationId": id(&maria), "type": "bot", "text": "Well?", "options": options});
    let said = app.host().post("/messages", offer(&options)).await.ok();
    assert_eq!(said["message"]["options"], options);
    let many: Vec<Value> = (0..21).map(|n| json!({"id": n.to_string(), "text": "x"})).collect();
    assert_eq!(app.host().post("/messages", offer(&json!(many))).await.pointers(), ["/options"]);
    let twice = json!([{"id": "y", "text": "Yes"}, {"id": "y", "text": "No"}]);
    assert_eq!(app.host().post("/messages", offer(&twice)).await.pointers(), ["/options/1/id"]);
    let mut chosen = json!({"conversationId": id(&maria), "type": "user", "text": "Yes", "optionId": "y"});
    app.visitor("maria").post("/messages", chosen.clone()).await.ok();
    chosen["options"] = options;
    assert_eq!(app.visitor("maria").post("/messages", chosen).await.pointers(), ["/options"]);
}

async fn every_way_of_paging_finds_every_message(app: TestApp) {
    let maria = app.start("maria", "1").await;
    for n in 2..=7 {
        app.host().say(id(&maria), "user", &n.to_string()).await;
    }
    let agent = app.agent();
    let page = async |query: &str| {
        let page = agent.get(&format!("/conversations/{}/messages?{query}", id(&maria))).await.ok();
        let seqs: Vec<u64> =
            page["messages"].as_array().unwrap().iter().map(|m| m["seq"].as_u64().unwrap()).collect();
        assert!(page["cursor"].is_string());
        (seqs, page["hasMore"].as_bool().unwrap())
    };
    assert_eq!(page("").await, (vec![1, 2, 3, 4, 5, 6, 7], false));
    assert_eq!(page("limit=3").await, (vec![5, 6, 7], true));
    assert_eq!(page("limit=3&before=5").await, (vec![2, 3, 4], true));
    assert_eq!(page("limit=3&before=2").await, (vec![1], false));
    assert_eq!(page("limit=3&after=2").await, (vec![3, 4, 5], true));
    assert_eq!(page("limit=3&after=4").await, (vec![5, 6, 7], false));
    assert_eq!(page("after=7").await, (vec![], false));
    assert_eq!(page("limit=3&offset=3").await, (vec![2, 3, 4], true));
    assert_eq!(page("limit=3&offset=6").await, (vec![1], false));
    assert_eq!(page("offset=7").await, (vec![], false));
    let bad = async |query: &str| {
        agent.get(&format!("/conversations/{}/messages?{query}", id(&maria))).await.pointers()
    };
    assert_eq!(bad("limit=201").await, ["/query/limit"]);
    assert_eq!(bad("before=x&offset=-1").await, ["/query/before", "/query/offset"]);
    assert_eq!(bad("before=1&after=1").await, ["/query"]);
}

async fn the_funnel_is_walked(app: TestApp) {
    app.put_shop().await;
    let maria = app.visitor("maria");
    let started = maria.post("/conversations", json!({"funnelId": "shop", "text": "buy"})).await.ok();
    let id = started["conversation"]["id"].as_str().unwrap();
    maria.say(id, "user", "something else entirely").await;
    maria.say(id, "user", "back").await;
    let handed = maria.say(id, "user", "talk to a person").await;
    assert_eq!(handed["conversation"]["handler"], "queue");
    let thread = maria.get(&format!("/conversations/{id}/messages")).await.ok();
    assert_eq!(
        texts(&thread["messages"]),
        [
            "Hello!",
            "buy",
            "Sorry, I did not understand that. Please choose one of the options.",
            "something else entirely",
            "Sorry, I did not understand that. Please choose one of the options.",
            "back",
            "Sorry, I did not understand that. Please choose one of the options.",
            "talk to a person",
            "One moment.",
            "A person will answer here.",
        ]
    );
}
