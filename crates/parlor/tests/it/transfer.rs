//! Import and export: what comes in goes out the same, however often and however interrupted.

use std::io::Cursor;

use parlor::service::transfer::{Tally, export_conversations, import_conversations};
use parlor::store::ListQuery;
use parlor_core::access::Role;
use parlor_core::command::MarkRead;
use parlor_core::conversation::Status;
use parlor_core::message::MessageKind;
use serde_json::{Value, json};

use crate::store::fixture::{Fixture, delete_note, labels_to, note};
use crate::store::over_every_store;

over_every_store!(
    what_was_exported_imports_the_same,
    importing_again_changes_nothing,
    foreign_conversations_keep_counts_order_and_text,
    a_bad_line_is_named_and_harms_no_other,
    an_import_starts_every_clock_now,
);

async fn import(f: &Fixture, lines: &str) -> Tally {
    let by = f.principal(Role::Admin, "root");
    import_conversations(&f.writer, &*f.ambient, &by, Cursor::new(lines.to_owned()), |_| {}).await.unwrap()
}

async fn export(f: &Fixture) -> String {
    let mut out = Vec::new();
    export_conversations(&f.store, f.workspace, &mut out, |_| {}).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// What an import cannot bring back: times and counts of this life of the row.
fn lasting(line: &str) -> Value {
    let mut line: Value = serde_json::from_str(line).unwrap();
    let object = line.as_object_mut().unwrap();
    for field in ["createdAt", "updatedAt", "version", "autoCloseAt", "deleteAt"] {
        object.remove(field);
    }
    object["user"].as_object_mut().unwrap().remove("lastSeen");
    line
}

fn foreign(id: &str, funnel: &str, texts: &[(&str, &str)]) -> String {
    let messages: Vec<_> = texts.iter().map(|(kind, text)| json!({"type": kind, "text": text})).collect();
    format!("{}\n", json!({"id": id, "funnel": funnel, "messages": messages}))
}

async fn what_was_exported_imports_the_same(f: Fixture) {
    let maria = f.start("maria", "Hello \"you\" \u{1f44b}\nsecond line").await.snapshot.conversation.id;
    f.ambient.advance_ms(1500);
    f.say(maria, MessageKind::Bot, "Hi, what is it about?").await;
    f.ambient.advance_ms(1500);
    f.say(maria, MessageKind::User, "About a refund").await;
    let noor = f.start("noor", "hello").await.snapshot.conversation.id;
    f.update(noor, |u| u.labels = labels_to(&["vip"])).await;
    f.update(noor, |u| u.is_archived = Some(true)).await;
    let omar = f.start("omar", "later").await.snapshot.conversation.id;
    let tomorrow = parlor_core::time::Timestamp::parse("2026-01-02T00:00:00Z");
    f.update(omar, |u| (u.snoozed_until, u.hold) = (Some(tomorrow), Some(true))).await;
    let mark = MarkRead { conversation_id: maria, seq: 2, back: false };
    f.answer(&f.principal(Role::Visitor, "maria"), parlor_core::command::Action::MarkRead(mark)).await;
    let ada = f.principal(Role::Agent, "ada");
    f.answer(&ada, note(maria, Some(1), "She called before")).await;
    f.answer(&ada, note(maria, Some(2), "Wrong number")).await;
    f.answer(&ada, delete_note(maria, 2)).await;
    let before = export(&f).await;
    assert!(before.contains("She called before") && !before.contains("Wrong number"));
    assert!(before.contains(r#""snoozedUntil":"2026-01-02T00:00:00.000Z","hold":true"#));
    let other = Fixture::memory().await;
    let tally = import(&other, &before).await;
    assert_eq!((tally.conversations, tally.messages, tally.known, tally.refused_in_all), (3, 7, 0, 0));
    let after = export(&other).await;
    let (before, after): (Vec<_>, Vec<_>) =
        (before.lines().map(lasting).collect(), after.lines().map(lasting).collect());
    assert_eq!(before, after);
}

async fn importing_again_changes_nothing(f: Fixture) {
    let mut lines = String::new();
    for i in 0..30 {
        lines += &foreign(&format!("other-{i}"), "Hotels", &[("user", "hi"), ("bot", "hello")]);
    }
    lines +=
        &format!("{}\n", json!({"funnel": "No id", "messages": [{"type": "user", "text": "anonymous"}]}));
    // Killed somewhere in the middle: some lines are in, the last one is torn.
    let torn = &lines[..lines.len() / 2];
    let first = import(&f, torn).await;
    assert!(first.conversations > 5 && first.refused_in_all == 1, "{first:?}");
    let second = import(&f, &lines).await;
    assert_eq!(second.known, first.conversations);
    assert_eq!(second.conversations + second.known, 31);
    let exported = export(&f).await;
    let third = import(&f, &lines).await;
    assert_eq!((third.conversations, third.known), (0, 31));
    assert_eq!(export(&f).await, exported);
    assert_eq!(f.list(ListQuery { limit: 1, ..ListQuery::default() }).await.total, 31);
}

async fn foreign_conversations_keep_counts_order_and_text(f: Fixture) {
    let texts = [("user", "I want a table"), ("bot", "Which city?"), ("user", "San José"), ("bot", "Done.")];
    let lines = foreign("sgd-1", "Restaurants", &texts) + "\n" + &foreign("sgd-2", "Hotels", &texts[..1]);
    let tally = import(&f, &lines).await;
    assert_eq!((tally.conversations, tally.messages), (2, 5));
    let exported = export(&f).await;
    let line = exported
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap())
        .find(|l| l["externalId"] == "sgd-1");
    let line = line.unwrap();
    let told: Vec<_> = line["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["type"].as_str().unwrap(), m["text"].as_str().unwrap()))
        .collect();
    assert_eq!(told, texts);
    assert_eq!(
        (&line["funnelName"], &line["messageCount"], &line["lastMessage"]),
        (&json!("Restaurants"), &json!(4), &json!("Done."))
    );
    let times: Vec<_> = line["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["timestamp"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        times.is_sorted_by(|a, b| a < b) && times[3].as_str() < line["createdAt"].as_str().unwrap(),
        "{times:?}"
    );
}

async fn a_bad_line_is_named_and_harms_no_other(f: Fixture) {
    let good = foreign("good", "Hotels", &[("user", "hi")]);
    let bad = [
        "not json\n",
        "[1]\n",
        "{\"id\":\"x\",\"messages\":[{\"type\":\"user\",\"text\":\"  \"}]}\n",
        "{\"id\":\"y\"}\n",
    ];
    let tally = import(&f, &(bad.concat() + &good)).await;
    assert_eq!((tally.conversations, tally.refused_in_all), (1, 4));
    let noted = r#"{"messages":[],"notes":[{"text":""},{"text":"x","at":"yesterday"}]}"#;
    assert!(import(&f, noted).await.refused[0].1.starts_with("/notes/0/text must not be empty"));
    assert_eq!(tally.refused.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(tally.refused[2].1.contains("/messages/0/text"), "{:?}", tally.refused[2]);
}

async fn an_import_starts_every_clock_now(f: Fixture) {
    let mut old: Value = serde_json::from_str(&foreign("old", "Hotels", &[("user", "hi")])).unwrap();
    old["startedAt"] = json!("2020-05-01T12:00:00Z");
    old["handler"] = json!("bot");
    let mut closed = old.clone();
    (closed["id"], closed["status"]) = (json!("closed"), json!("closed"));
    (closed["closedAt"], closed["closeReason"]) = (json!("2020-05-01T13:00:00.000Z"), json!("inactivity"));
    import(&f, &format!("{old}\n{closed}\n")).await;
    let page = f.list(ListQuery::default()).await;
    let policies = &page.head.policies;
    let now = parlor::ambient::Ambient::now(&*f.ambient);
    for row in &page.rows {
        let c = &row.snapshot.conversation;
        assert_eq!(c.started_at.to_string(), "2020-05-01T12:00:00.000Z");
        assert!(parlor_core::lifecycle::due_at(c, policies.of(c)).is_none_or(|due| due > now), "{c:?}");
    }
    let closed = page.rows.iter().find(|r| r.snapshot.conversation.status == Status::Closed).unwrap();
    assert_eq!(closed.snapshot.conversation.closed_at.unwrap().to_string(), "2020-05-01T13:00:00.000Z");
}
