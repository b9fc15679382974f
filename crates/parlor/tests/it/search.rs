//! The text index: what it finds, and that it has everything whatever happens to it.

use std::sync::Arc;

use parlor::search::{Excerpt, Found, Search};
use parlor::store::{ListQuery, Matched};
use parlor_core::access::Role;
use parlor_core::command::Action;
use parlor_core::id::{ConversationId, UserId};
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::text::{Email, Name};
use parlor_core::user::UserFields;

use crate::store::fixture::{Fixture, delete_note, new_workspace, note, principal, send, start};
use crate::store::over_every_store;

over_every_store!(
    every_word_must_begin_a_word_of_one_message,
    names_addresses_and_funnels_are_found,
    what_was_said_before_the_index_is_found,
    another_workspace_finds_nothing,
    hits_are_distinct_and_newest_first,
    a_hit_brings_its_newest_message,
    notes_are_found_by_our_side_alone,
    notes_from_before_the_index_are_found,
    notes_leave_the_index_with_their_conversation,
);

/// The conversations a search finds, through the same list that serves it.
async fn found(f: &Fixture, search: &Search, query: &str) -> Vec<ConversationId> {
    search.drained().await;
    let Found { hits, .. } = search.find(f.workspace, query, true).await.unwrap();
    let page = f.list(ListQuery { among: Some(Arc::new(hits)), ..ListQuery::default() }).await;
    page.rows.iter().map(|row| row.snapshot.conversation.id).collect()
}

/// The texts of the messages a search brings, by user; none for those found by name alone.
async fn hits(f: &Fixture, search: &Search, query: &str) -> Vec<(String, Option<String>)> {
    search.drained().await;
    let Found { hits, .. } = search.find(f.workspace, query, true).await.unwrap();
    let page = f.list(ListQuery { among: Some(Arc::new(hits)), ..ListQuery::default() }).await;
    let hit = |row: &parlor::store::Row| {
        let text = row.hit.as_ref().map(|hit| match hit {
            Matched::Message(message) => message.text.as_str().to_owned(),
            Matched::Note(note) => format!("note: {}", note.text()),
        });
        (row.snapshot.user.id.to_string(), text)
    };
    let mut hits: Vec<_> = page.rows.iter().map(hit).collect();
    hits.sort_unstable();
    hits
}

async fn a_hit_brings_its_newest_message(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let id = f.start("ann", "first parcel").await.snapshot.conversation.id;
    f.say(id, MessageKind::User, "second parcel").await;
    f.say(id, MessageKind::User, "nothing").await;
    f.start("parcel-bob", "hello").await;
    let both = f.start("parcel-carl", "a parcel").await.snapshot.conversation.id;
    let of = |user: &str, text: Option<&str>| (user.to_owned(), text.map(str::to_owned));
    assert_eq!(
        hits(&f, &search, "parc").await,
        [of("ann", Some("second parcel")), of("parcel-bob", None), of("parcel-carl", Some("a parcel"))]
    );
    f.delete(both).await.unwrap();
    // Before the index hears of it and after.
    let Found { hits: before, .. } = search.find(f.workspace, "parc", true).await.unwrap();
    let page = f.list(ListQuery { among: Some(Arc::new(before)), ..ListQuery::default() }).await;
    assert_eq!(page.rows.len(), 2);
    assert_eq!(hits(&f, &search, "parc").await.len(), 2);
}

async fn notes_are_found_by_our_side_alone(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let id = f.start("ann", "where is it").await.snapshot.conversation.id;
    let both = f.start("bob", "my parcel").await.snapshot.conversation.id;
    let ada = f.principal(Role::Agent, "ada");
    for (n, (id, text)) in
        [(id, "an old parcel"), (id, "a grudge, and a parcel"), (both, "his parcel")].into_iter().enumerate()
    {
        f.answer(&ada, note(id, Some(n as u128), text)).await;
    }
    let of = |user: &str, text: &str| (user.to_owned(), Some(text.to_owned()));
    assert_eq!(
        hits(&f, &search, "parcel").await,
        [of("ann", "note: a grudge, and a parcel"), of("bob", "my parcel")],
        "the newest of them, and a message before a note"
    );
    let blind = async |query: &str| search.find(f.workspace, query, false).await.unwrap();
    let Found { hits: seen, is_capped } = blind("parcel").await;
    assert_eq!((seen.len(), seen[0].note_key, is_capped), (1, None, false));
    assert_eq!(blind("grudge").await, Found::default());
    f.answer(&ada, delete_note(id, 1)).await;
    assert_eq!(hits(&f, &search, "grudge").await, []);
    assert_eq!(hits(&f, &search, "old").await, [of("ann", "note: an old parcel")]);
}

async fn notes_from_before_the_index_are_found(f: Fixture) {
    let id = f.start("ann", "where is it").await.snapshot.conversation.id;
    let ada = f.principal(Role::Agent, "ada");
    f.answer(&ada, note(id, Some(1), "a grudge")).await;
    f.answer(&ada, note(id, Some(2), "a favour")).await;
    f.answer(&ada, delete_note(id, 2)).await;
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    assert_eq!(found(&f, &search, "grudge").await, [id]);
    assert_eq!(found(&f, &search, "favour").await, []);
}

/// Their keys may be other notes' then.
async fn notes_leave_the_index_with_their_conversation(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let ada = f.principal(Role::Agent, "ada");
    let (one, two) = (f.start("ann", "hello").await, f.start("bob", "hello").await);
    let (one, two) = (one.snapshot.conversation.id, two.snapshot.conversation.id);
    f.answer(&ada, note(one, Some(1), "a grudge")).await;
    assert_eq!(found(&f, &search, "grudge").await, [one]);
    f.delete(one).await.unwrap();
    f.answer(&ada, note(two, Some(2), "a favour")).await;
    assert_eq!(found(&f, &search, "grudge").await, []);
    assert_eq!(found(&f, &search, "favour").await, [two]);
}

/// The file's readers only read; what they look at for a moment is their own.
#[tokio::test]
async fn excerpts_are_made_beside_an_index_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let f = Fixture::sqlite().await;
    let search = Search::open(directory.path(), f.store.clone()).await.unwrap();
    for _ in 0..3 {
        let texts = ["Crème brûlée", "nothing"].map(str::to_owned).to_vec();
        let found = search.excerpts("bru", texts).await.unwrap();
        let one = Excerpt { text: "Crème brûlée".to_owned(), ranges: vec![[6, 12]] };
        assert_eq!(found, [Some(one), None]);
        assert_eq!(search.excerpts("?!", vec!["x".to_owned()]).await.unwrap(), [None]);
    }
}

async fn every_word_must_begin_a_word_of_one_message(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let id = f.start("ann", "The Crème brûlée was late").await.snapshot.conversation.id;
    f.say(id, MessageKind::User, "Where is my parcel?").await;
    let other = f.start("bob", "hello").await.snapshot.conversation.id;

    for query in ["creme", "CRÈME BRULEE", "cre bru la", "late the", "parc", "where parcel", "  parcel  "] {
        assert_eq!(found(&f, &search, query).await, [id], "{query}");
    }
    for query in ["reme", "parcel late", "creme tarte", "parcels"] {
        assert_eq!(found(&f, &search, query).await, [], "{query}");
    }
    assert_eq!(found(&f, &search, "hel").await, [other]);
}

async fn names_addresses_and_funnels_are_found(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let id = f.start("ann", "hi").await.snapshot.conversation.id;
    let put = |name: &str, email: &str| Action::PutUser {
        user_id: UserId::parse("ann").unwrap(),
        fields: Box::new(UserFields {
            name: Name::parse(name).ok(),
            email: Email::parse(email).ok(),
            ..UserFields::default()
        }),
    };
    let host = f.principal(Role::Service, "host");
    f.run(&host, put("Zoë Saldaña", "zoe.s@example.com")).await.unwrap();
    for query in ["zoe", "saldana zoe", "zoe.s@example.com", "example", "shop", "zoe shop"] {
        assert_eq!(found(&f, &search, query).await, [id], "{query}");
    }
    assert_eq!(found(&f, &search, "zoe.s@example.org").await, []);
    assert_eq!(found(&f, &search, "zoe hi").await, [], "one word in the names, one in a message");

    f.run(&host, put("Yvonne", "y@example.com")).await.unwrap();
    assert_eq!(found(&f, &search, "saldana").await, [], "the old name is gone");
    assert_eq!(found(&f, &search, "yvonne").await, [id]);
}

async fn what_was_said_before_the_index_is_found(f: Fixture) {
    let mut ids = Vec::new();
    for i in 0..5 {
        ids.push(f.start(&format!("user-{i}"), &format!("order number{i}")).await.snapshot.conversation.id);
    }
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    assert_eq!(found(&f, &search, "order").await.len(), 5);
    assert_eq!(found(&f, &search, "number3").await, [ids[3]]);
}

async fn another_workspace_finds_nothing(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let other = f.store.create_workspace(new_workspace("other")).await.unwrap().key;
    f.start("ann", "a secret").await;
    let host = principal(other, Role::Service, "host");
    f.run(&host, start("bob", "shop", Some("a rumour"))).await.unwrap();
    search.drained().await;
    assert_eq!(search.find(other, "secret", true).await.unwrap(), Found::default());
    assert_eq!(search.find(other, "rumour", true).await.unwrap().hits.len(), 1);
    assert_eq!(search.find(f.workspace, "rumour", true).await.unwrap(), Found::default());
}

async fn hits_are_distinct_and_newest_first(f: Fixture) {
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let old = f.start("ann", "parcel").await.snapshot.conversation.id;
    let new = f.start("bob", "parcel").await.snapshot.conversation.id;
    f.ambient.advance_ms(1);
    f.say(old, MessageKind::User, "parcel, again").await;
    search.drained().await;
    let newest = search.find(f.workspace, "parcel", true).await.unwrap();
    let oldest_conversation = search.find(f.workspace, "again", true).await.unwrap().hits[0];
    assert_eq!(newest.hits.len(), 2);
    assert_eq!(
        newest.hits[0].conversation_key, oldest_conversation.conversation_key,
        "the conversation with the newest hit"
    );
    assert!(!newest.is_capped);
    assert_eq!(found(&f, &search, "parcel").await, [old, new]);
}

/// Two threads of chats in scripts without spaces, and one in Korean, whose words have endings.
#[tokio::test]
async fn words_are_found_in_scripts_without_spaces() {
    let f = Fixture::memory().await;
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let texts = [
        "我的订单在哪里？",
        "東京タワーに行きたい",
        "สวัสดีครับ ยินดีต้อนรับ",
        "주문을 확인하고 싶어요",
        "iPhone用のケース",
    ];
    let mut ids = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        ids.push(f.start(&format!("user-{i}"), text).await.snapshot.conversation.id);
    }
    for (query, at) in [
        ("订单", 0),
        ("哪里", 0),
        ("タワー", 1),
        ("京タ", 1),
        ("ยินดี", 2),
        ("주문", 3),
        ("ケース", 4),
        ("iphone", 4),
    ] {
        assert_eq!(found(&f, &search, query).await, [ids[at]], "{query}");
    }
    assert_eq!(found(&f, &search, "单订").await, [], "the characters stand in this order");
}

#[tokio::test]
async fn any_text_is_a_query() {
    let f = Fixture::memory().await;
    let search = Search::in_memory(f.store.clone()).await.unwrap();
    let id =
        f.start("ann", "say \"cheese\" AND (smile) NEAR me* 🙂 it's 50% off").await.snapshot.conversation.id;
    for query in [
        "\"cheese\"",
        "say \"cheese",
        "AND",
        "NEAR",
        "NEAR(",
        "(smile)",
        "smile)",
        "me*",
        "it's",
        "50%",
        "cheese:",
        "say 🙂",
        "cheese\0",
        "-off",
        "^say",
        "say + off",
    ] {
        assert_eq!(found(&f, &search, query).await, [id], "{query:?}");
    }
    let long = "a".repeat(100_000);
    for query in [
        "",
        " ",
        "🙂",
        "\"",
        "\"\"",
        "'",
        "*",
        "%",
        "\0",
        "()",
        "\u{301}",
        "{x}:",
        "OR",
        "text:cheese",
        &long,
    ] {
        assert_eq!(found(&f, &search, query).await, [], "{query:?}");
    }
    let words = "say ".repeat(limits::SEARCH_WORDS + 1) + "nothing";
    assert_eq!(found(&f, &search, &words).await, [id], "words beyond the bound are not looked at");
}

/// An index on disk, closed and opened at every step, reads each message once; one of another store is built again.
#[tokio::test]
async fn an_index_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let f = Fixture::sqlite().await;
    let mut ids = Vec::new();
    for i in 0..3 {
        ids.push(f.start(&format!("user-{i}"), &format!("again number{i}")).await.snapshot.conversation.id);
        let search = Search::open(directory.path(), f.store.clone()).await.unwrap();
        assert_eq!(found(&f, &search, "again").await.len(), ids.len());
        assert_eq!(found(&f, &search, &format!("number{i}")).await, [ids[i]]);
    }
    let other = Fixture::sqlite().await;
    let search = Search::open(directory.path(), other.store.clone()).await.unwrap();
    assert_eq!(found(&other, &search, "again").await, []);
    drop(search);
    std::fs::write(directory.path().join("search.db"), "not a database, and long enough to be looked at")
        .unwrap();
    let search = Search::open(directory.path(), f.store.clone()).await.unwrap();
    assert_eq!(found(&f, &search, "again").await.len(), ids.len());
}

/// As after a crash between reading and committing, but with everything.
#[tokio::test]
async fn what_is_read_twice_is_found_once() {
    let directory = tempfile::tempdir().unwrap();
    let f = Fixture::sqlite().await;
    let id = f.start("ann", "hello there").await.snapshot.conversation.id;
    let search = Search::open(directory.path(), f.store.clone()).await.unwrap();
    assert_eq!(found(&f, &search, "hello").await, [id]);
    drop(search);

    let file = rusqlite::Connection::open(directory.path().join("search.db")).unwrap();
    file.execute("UPDATE position SET message_key = 0, conversation_key = 0", []).unwrap();
    let search = Search::open(directory.path(), f.store.clone()).await.unwrap();
    assert_eq!(found(&f, &search, "hello").await, [id]);
    let rows = |table: &str| -> i64 {
        file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    let workspace = f.workspace.0;
    assert_eq!((rows(&format!("message_{workspace}_1")), rows(&format!("name_{workspace}"))), (1, 1));
    assert_eq!(file.query_row("SELECT message_key FROM position", [], |row| row.get(0)), Ok(1));
}

/// A message that arrives while a search is open is found as soon as the index was told.
#[tokio::test]
async fn a_wake_is_enough() {
    let f = Fixture::sqlite().await;
    let directory = tempfile::tempdir().unwrap();
    let search = Search::open(directory.path(), f.store.clone()).await.unwrap();
    let id = f.start("ann", "first").await.snapshot.conversation.id;
    for i in 0..20 {
        let host = f.principal(Role::Service, "host");
        f.run(&host, send(id, MessageKind::User, &format!("word{i}"), None)).await.unwrap();
        search.wake();
    }
    for i in 0..20 {
        assert_eq!(found(&f, &search, &format!("word{i}")).await, [id]);
    }
}
