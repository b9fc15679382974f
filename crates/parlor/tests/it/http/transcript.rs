//! A conversation as a file to keep.

use parlor::wire::query::transcript::{TranscriptFormat, TranscriptQuery};
use parlor_core::access::Role;
use parlor_core::error::Code;
use parlor_core::id::ConversationId;
use parlor_core::limits;
use serde_json::{Value, json};

use crate::support::app::{TestApp, over_every_app, texts};
use crate::support::live::{Live, over_every_live};

over_every_app!(
    a_transcript_has_everything_in_order_however_long,
    a_transcript_is_for_people_as_text,
    private_notes_come_along_where_agents_ask_for_them,
    a_visitor_gets_their_own_view,
    nobody_elses_is_there,
);

over_every_live!(a_transcript_is_of_one_moment, a_transcript_of_what_is_deleted_is_never_taken_for_whole);

async fn a_transcript_has_everything_in_order_however_long(app: TestApp) {
    let count = 2 * limits::MESSAGES_MAX + 1;
    let maria = app.start("maria", "message 1").await;
    let id = maria["id"].as_str().unwrap();
    for n in 2..=count {
        app.host().say(id, "user", &format!("message {n}")).await;
    }
    let answer = app.agent().get(&format!("/conversations/{id}/transcript?format=json")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let day = maria["startedAt"].as_str().unwrap().split('T').next().unwrap();
    let name = format!("attachment; filename=\"transcript-{day}-{id}.json\"");
    assert_eq!(answer.header("content-disposition"), name);
    let transcript = answer.ok();
    let expected: Vec<String> = (1..=count).map(|n| format!("message {n}")).collect();
    assert_eq!(texts(&transcript["messages"]), expected);
    let conversation = app.agent().get(&format!("/conversations/{id}?messages=0")).await.ok();
    assert_eq!(transcript["conversation"], conversation["conversation"]);
    let page = app.agent().get(&format!("/conversations/{id}/messages?after=0&limit=200")).await.ok();
    let first: Vec<Value> = transcript["messages"].as_array().unwrap()[..200].to_vec();
    assert_eq!(Value::from(first), page["messages"]);
    let text = app.agent().get(&format!("/conversations/{id}/transcript")).await.ok();
    let lines = text.as_str().unwrap().lines().filter(|line| line.starts_with('[')).count();
    assert_eq!(lines, count);
}

async fn a_transcript_is_for_people_as_text(app: TestApp) {
    app.put_shop().await;
    let start =
        json!({"funnelId": "shop", "user": {"id": "maria", "name": "<b>Maria</b>\nBot"}, "optionId": "talk"});
    let started = app.host().post("/conversations", start).await.ok();
    let id = started["conversation"]["id"].as_str().unwrap();
    let said = "Hi\r\n[2026-01-01 00:00:00 UTC] Bot: Pay here\u{1b}[2J <script>";
    app.agent().say(id, "bot", said).await;
    let answer = app.agent().get(&format!("/conversations/{id}/transcript?format=text")).await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-disposition").ends_with(&format!("-{id}.txt\"")));
    let text = answer.ok();
    let at = started["conversation"]["startedAt"].as_str().unwrap();
    let at = format!("{} UTC", at.split('.').next().unwrap().replace('T', " "));
    let expected = format!(
        "Conversation: {id}\nWith: <b>Maria</b>Bot\nFunnel: Shop\nStarted: {at}\nMessages: 6\n\n\
         [{at}] Bot: Hello!\n    - I want to buy\n    - Talk to a person\n\
         [{at}] <b>Maria</b>Bot (user): Talk to a person\n\
         [{at}] Bot: One moment.\n\
         [{at}] System: A person will answer here.\n\
         [{at}] System: Ada joined the conversation.\n\
         [{at}] Ada (agent): Hi\n    [2026-01-01 00:00:00 UTC] Bot: Pay here[2J <script>\n"
    );
    assert_eq!(text, expected);
    app.agent().get(&format!("/conversations/{id}/transcript?format=pdf")).await.pointers();
}

async fn a_visitor_gets_their_own_view(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let id = maria["id"].as_str().unwrap();
    app.agent().say(id, "bot", "hi").await;
    app.agent()
        .patch("/conversations", json!({"conversationId": id, "labels": ["secret"], "hold": true}))
        .await
        .ok();
    for format in ["json", "text"] {
        let path = format!("/conversations/{id}/transcript?format={format}");
        let own = app.visitor("maria").get(&path).await.ok();
        let told = own.to_string();
        for hidden in ["secret", "labels", "hold", "\"ada\""] {
            assert!(!told.contains(hidden), "{hidden}: {told}");
        }
        assert!(told.contains("Ada") && told.contains("hello"));
    }
}

async fn nobody_elses_is_there(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let id = maria["id"].as_str().unwrap();
    app.visitor("bob").get(&format!("/conversations/{id}/transcript")).await.problem("not-found");
    app.agent().get("/conversations/x/transcript").await.problem("not-found");
    app.admin().delete(&format!("/conversations/{id}")).await;
    app.agent().get(&format!("/conversations/{id}/transcript")).await.problem("not-found");
}

async fn private_notes_come_along_where_agents_ask_for_them(app: TestApp) {
    let maria = app.start("maria", "hello").await;
    let id = maria["id"].as_str().unwrap();
    let first = json!({"text": "Careful\nwith this one"});
    app.agent().post(&format!("/conversations/{id}/notes"), first).await.ok();
    app.ambient.advance_ms(1);
    app.host().say(id, "user", "still there?").await;
    app.agent().post(&format!("/conversations/{id}/notes"), json!({"text": "paid"})).await.ok();
    let at = |rest: &str| format!("/conversations/{id}/transcript?{rest}");
    let json = app.agent().get(&at("format=json&notes=true")).await.ok();
    let page = app.agent().get(&format!("/conversations/{id}/messages")).await.ok();
    assert_eq!(json["notes"], page["notes"]);
    assert_eq!(texts(&json["notes"]), ["Careful\nwith this one", "paid"]);
    assert_eq!(json["messages"], page["messages"]);
    let text = app.agent().get(&at("notes=true")).await.ok();
    let lines: Vec<&str> = text.as_str().unwrap().lines().skip_while(|line| !line.starts_with('[')).collect();
    let said: Vec<&str> =
        lines.iter().map(|line| line.split_once("] ").map_or(*line, |line| line.1)).collect();
    let (careful, paid) = ("Ada (private note): Careful", "Ada (private note): paid");
    let hello = format!("{} (user): hello", maria["user"]["name"].as_str().unwrap());
    let still = format!("{} (user): still there?", maria["user"]["name"].as_str().unwrap());
    assert_eq!(said, [&*hello, careful, "    with this one", &still, paid]);
    for rest in ["format=json", "format=text", "format=json&notes=false"] {
        assert!(!app.agent().get(&at(rest)).await.ok().to_string().contains("Careful"), "{rest}");
    }
    for rest in ["format=json&notes=true", "format=text&notes=true"] {
        let told = app.visitor("maria").get(&at(rest)).await.ok().to_string();
        assert!(!told.contains("Careful") && !told.contains("notes"), "{rest}: {told}");
    }
    assert_eq!(app.agent().get(&at("notes=maybe")).await.pointers(), ["/query/notes"]);
}

fn query(format: TranscriptFormat) -> TranscriptQuery {
    TranscriptQuery { format, ..TranscriptQuery::default() }
}

/// A conversation of more than a page.
async fn long(live: &Live) -> String {
    let id = live.start_conversation("u1", "hello").await;
    for n in 0..limits::MESSAGES_MAX {
        live.say(Role::Visitor, "u1", &id, &format!("message {n}")).await;
    }
    id
}

async fn a_transcript_is_of_one_moment(live: Live) {
    let id = long(&live).await;
    let by = live.principal(Role::Agent, "ada");
    let named = ConversationId::parse(&id).unwrap();
    let begun = live.service.get_transcript(&by, named, query(TranscriptFormat::Json)).await;
    let (mut transcript, mut document) = (begun.unwrap(), Vec::new());
    let mut said = 0;
    while let Some(piece) = transcript.next().await {
        document.extend_from_slice(&piece.unwrap());
        said += 1;
        live.say(Role::Visitor, "u1", &id, "meanwhile").await;
    }
    assert_eq!(said, 2);
    let document: Value = serde_json::from_slice(&document).unwrap();
    let messages = document["messages"].as_array().unwrap();
    assert_eq!(document["conversation"]["messageCount"], messages.len());
    assert!(!texts(&document["messages"]).contains(&"meanwhile"));
}

async fn a_transcript_of_what_is_deleted_is_never_taken_for_whole(live: Live) {
    let id = long(&live).await;
    let by = live.principal(Role::Agent, "ada");
    let named = ConversationId::parse(&id).unwrap();
    let mut transcript =
        live.service.get_transcript(&by, named, query(TranscriptFormat::Text)).await.unwrap();
    assert!(transcript.next().await.unwrap().is_ok());
    live.delete(&id).await;
    assert_eq!(transcript.next().await.unwrap().unwrap_err().code, Code::NotFound);
    assert!(transcript.next().await.is_none());
}
