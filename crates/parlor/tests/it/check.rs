//! `parlor check` finds every kind of breach where it is planted, and nothing else.

use std::path::Path;

use parlor::search::Search;
use parlor_core::access::Role;
use parlor_core::command::{Action, MarkRead};
use parlor_core::conversation::Status;
use parlor_core::message::MessageKind;
use rusqlite::Connection;

use crate::store::fixture::{Fixture, delete_note, funnel, labels_to, note, start};
use crate::support::directory::checked;

const WEEKS_MS: i64 = 15 * 24 * 3600 * 1000;

/// A database with something of everything, and its index. Ann's conversation is 1, its chain 1 and 2, Bob's 3 is deleted,
/// Cleo's 4 is archived, labelled and noted.
async fn lived_in(directory: &Path) {
    let f = Fixture::sqlite_in(directory).await;
    let search = Search::open(directory, f.store.clone()).await.unwrap();
    let admin = f.principal(Role::Admin, "root");
    f.run(&admin, Action::PutFunnel(Box::new(funnel("Shop")))).await.unwrap();
    let ann = f.start("ann", "hello").await.snapshot.conversation.id;
    f.say(ann, MessageKind::Bot, "hi").await;
    f.update(ann, |u| u.status = Some(Status::Closed)).await;
    f.ambient.advance_ms(WEEKS_MS);
    f.say(ann, MessageKind::User, "again").await;
    let bob = f.start("bob", "good bye").await.snapshot.conversation.id;
    f.say(bob, MessageKind::Bot, "bye").await;
    search.drained().await;
    f.delete(bob).await.unwrap();
    let cleo = f.start("cleo", "one").await.snapshot.conversation.id;
    f.say(cleo, MessageKind::Bot, "two").await;
    f.say(cleo, MessageKind::User, "three").await;
    f.answer(&admin, note(cleo, Some(1), "careful")).await;
    f.answer(&admin, note(cleo, Some(2), "wrong")).await;
    f.answer(&admin, delete_note(cleo, 2)).await;
    f.answer(&admin, Action::MarkRead(MarkRead { conversation_id: cleo, seq: 2, back: false })).await;
    f.update(cleo, |u| u.labels = labels_to(&["late", "vip"])).await;
    f.update(cleo, |u| u.is_archived = Some(true)).await;
    f.answer(&f.principal(Role::Service, "host"), start("dan", "elsewhere", Some("open"))).await;
    search.drained().await;
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    // With the logs: whoever wrote may not have closed them yet.
    for file in ["parlor.db", "parlor.db-wal", "search.db", "search.db-wal"] {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.path().join(file)).unwrap();
        }
    }
    to
}

fn plant(file: &Path, sql: &str) {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// What is planted, and what is found: all of it, in order.
const PLANTED: &[(&str, &[&str])] = &[
    ("PRAGMA user_version = 1", &["schema"]),
    ("PRAGMA user_version = 1000", &["schema"]),
    (
        "PRAGMA writable_schema = ON; \
      DELETE FROM sqlite_schema WHERE name = 'conversation_user'",
        &["file"],
    ),
    (
        "PRAGMA ignore_check_constraints = ON; UPDATE conversation SET status = 'lost' WHERE key = 4",
        &["unreadable"],
    ),
    ("DELETE FROM user WHERE public_id = 'dan'", &["missing row"]),
    ("INSERT INTO conversation_label VALUES (1, 'vip', 1000)", &["missing row"]),
    ("DELETE FROM store", &["store"]),
    ("UPDATE conversation SET metadata = '[' WHERE key = 1", &["unreadable"]),
    ("UPDATE message SET options = '[' WHERE conversation = 1 AND seq = 2", &["unreadable"]),
    ("UPDATE note SET author_name = '' WHERE key = 1", &["unreadable"]),
    ("UPDATE tombstone SET reason = 'because'", &["unreadable"]),
    ("UPDATE funnel SET source = '{}'", &["unreadable"]),
    (
        "INSERT INTO workspace (name, public_key, epoch, created_at) VALUES ('x', 'x', 1, 1); \
      UPDATE user SET workspace = 2 WHERE public_id = 'cleo'",
        &["workspace"],
    ),
    (
        "INSERT INTO workspace (name, public_key, epoch, created_at) VALUES ('x', 'x', 1, 1); \
      UPDATE tombstone_message SET workspace = 2",
        &["workspace"],
    ),
    (
        "INSERT INTO workspace (name, public_key, epoch, created_at) VALUES ('x', 'x', 1, 1); \
      UPDATE note SET workspace = 2 WHERE key = 1",
        &["workspace", "search index"],
    ),
    (
        "UPDATE conversation SET rev = (SELECT rev FROM conversation WHERE key = 2), scope_rev = 1 WHERE key = 4",
        &["revision"],
    ),
    ("UPDATE workspace SET rev = 100; UPDATE conversation SET rev = 101 WHERE key = 4", &["revision"]),
    ("UPDATE conversation SET scope_rev = rev + 1 WHERE key = 4", &["revision"]),
    ("UPDATE tombstone SET rev = 1000", &["revision"]),
    ("UPDATE activity SET rev = 1000 WHERE key = 1", &["revision"]),
    ("UPDATE workspace SET purged_rev = 1000", &["revision"]),
    ("UPDATE message SET rev = 1000 WHERE conversation = 1 AND seq = 2", &["revision"]),
    ("UPDATE message SET rev = 1 WHERE conversation = 4 AND seq = 4", &["revision"]),
    ("UPDATE note SET rev = 1000 WHERE key = 1", &["revision"]),
    ("UPDATE note SET version = 0 WHERE key = 1", &["version"]),
    ("UPDATE note SET version = 1 WHERE key = 2", &["version"]),
    ("UPDATE note SET after_seq = 1000 WHERE key = 1", &["note"]),
    ("UPDATE note SET conversation = 1000 WHERE key = 1", &["missing row", "note count"]),
    ("UPDATE conversation SET note_count = 0 WHERE key = 4", &["note count"]),
    ("UPDATE store SET scrubbed_notes = deleted_notes + 1", &["scrubbed"]),
    ("UPDATE conversation SET version = 0 WHERE key = 4", &["version"]),
    ("UPDATE message SET version = 0 WHERE conversation = 1 AND seq = 2", &["version"]),
    ("UPDATE conversation SET assignee_id = NULL, assignee_name = NULL WHERE key = 1", &["handler", "total"]),
    ("UPDATE conversation SET assignee_id = 'x' WHERE key = 5", &["handler"]),
    ("UPDATE conversation SET closed_at = NULL WHERE key = 1", &["closed"]),
    ("UPDATE conversation SET close_reason = 'agent' WHERE key = 2", &["closed"]),
    ("UPDATE conversation SET archived_at = 1, delete_at = 1 WHERE key = 5", &["archived", "total"]),
    ("UPDATE conversation SET delete_at = NULL WHERE key = 4", &["archived"]),
    ("UPDATE conversation SET labels = '[\"vip\",\"late\"]' WHERE key = 4", &["labels"]),
    ("DELETE FROM conversation_label WHERE label = 'vip'", &["label"]),
    ("INSERT INTO conversation_label VALUES (1, 'new', 4)", &["label"]),
    (
        "UPDATE conversation SET user_last_read_seq = 1000, our_messages_read = our_messages WHERE key = 4",
        &["read mark"],
    ),
    ("UPDATE conversation SET due_at = due_at + 100000000000 WHERE key = 2", &["due time"]),
    ("UPDATE conversation SET due_at = NULL WHERE key = 4", &["due time"]),
    ("UPDATE conversation SET erase_marked_at = 1, erase_marked_running_ms = 1 WHERE key = 2", &["erasure"]),
    ("UPDATE conversation SET root_id = NULL WHERE key = 2", &["chain"]),
    ("UPDATE conversation SET root_id = zeroblob(16) WHERE key = 2", &["chain"]),
    (
        "UPDATE message SET seq = seq + 1 WHERE conversation = 4 AND seq = (SELECT message_count FROM conversation WHERE key = 4)",
        &["seq", "message count"],
    ),
    ("UPDATE conversation SET message_count = 1000 WHERE key = 4", &["message count"]),
    (
        "UPDATE message SET users_before = users_before + 1 WHERE conversation = 1 AND seq = 2",
        &["running count"],
    ),
    (
        "UPDATE message SET ours_before = ours_before + 1 WHERE conversation = 1 AND seq = 2",
        &["running count"],
    ),
    ("UPDATE conversation SET user_messages = user_messages + 1 WHERE key = 4", &["user messages"]),
    ("UPDATE conversation SET our_messages = our_messages + 1 WHERE key = 4", &["our messages"]),
    (
        "UPDATE conversation SET user_messages_read = user_messages_read + 1 WHERE key = 4",
        &["read by agents"],
    ),
    (
        "UPDATE conversation SET our_messages_read = our_messages_read + 1 WHERE key = 4",
        &["read by the user"],
    ),
    ("UPDATE conversation SET last_message = 'what' WHERE key = 4", &["last message"]),
    ("UPDATE conversation SET last_message_at = 1 WHERE key = 4", &["last message"]),
    ("UPDATE conversation SET funnel_version = 7 WHERE key = 1", &["funnel"]),
    (
        "UPDATE funnel SET version = 2; UPDATE conversation SET funnel_version = 2 WHERE funnel_version = 1",
        &["funnel"],
    ),
    ("UPDATE tombstone SET public_id = (SELECT public_id FROM conversation WHERE key = 1)", &["tombstone"]),
    ("UPDATE tombstone SET conversation = 1", &["tombstone"]),
    (
        "UPDATE tombstone_message SET public_id = (SELECT public_id FROM message WHERE key = 1) WHERE key = 1",
        &["tombstone"],
    ),
    ("UPDATE counter SET total = total + 1 WHERE dimension = 'all' AND status = 'open'", &["total"]),
    ("INSERT INTO counter VALUES (1, 0, 'open', 'assignee:nobody', 1)", &["total"]),
    ("DELETE FROM search_queue WHERE conversation = 4", &["search queue"]),
    ("UPDATE search_queue SET conversation = 1000 WHERE conversation = 3", &["search queue"]),
    ("UPDATE note_queue SET note = 1000 WHERE note = 1", &["search queue"]),
    ("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'message'", &["keys", "search index"]),
];

/// The same for the index.
const PLANTED_IN_THE_INDEX: &[&str] = &[
    "DELETE FROM message_1_1 WHERE rowid = 1",
    "DELETE FROM name_1 WHERE rowid = 1",
    "INSERT INTO message_1_1 (rowid, conversation, text) VALUES (1000, 1, 'ghost')",
    "INSERT INTO name_1 (rowid, names) VALUES (1000, 'ghost')",
    "DELETE FROM note_1 WHERE rowid = 1",
    "INSERT INTO note_1 (rowid, conversation, text) VALUES (1000, 1, 'ghost')",
    "DROP TABLE note_1",
    "DROP TABLE message_1_1; DROP TABLE name_1",
    "DROP TABLE message_1_1",
    "DELETE FROM part",
    "UPDATE part SET first = first + 1",
    "DELETE FROM message_1_1_data WHERE id > 100",
    "UPDATE position SET message_key = 1000",
    "DROP TABLE position",
];

/// What a server mends by itself when it is started, or goes on: the beginning of what is noted.
const NO_BREACH: &[(&str, &str)] = &[
    ("PRAGMA user_version = 1", "The search index is of another version"),
    ("UPDATE position SET source = zeroblob(32)", "The search index is of another version"),
    (
        "DELETE FROM message_1_1 WHERE rowid = (SELECT message_key FROM position); \
         UPDATE position SET message_key = message_key - 1",
        "The search index is behind, by about 1 changes",
    ),
    // What was deleted since may still be there.
    (
        "INSERT INTO message_1_1 (rowid, conversation, text) VALUES (1000, 1, 'ghost'); \
         UPDATE position SET deleted_message_key = deleted_message_key - 1",
        "The search index is behind, by about 1 changes",
    ),
    ("UPDATE position SET note_key = note_key - 1", "The search index is behind, by about 1 changes"),
];

#[tokio::test]
async fn every_breach_is_found_and_no_other() {
    let clean = tempfile::tempdir().unwrap();
    lived_in(clean.path()).await;
    let report = checked(clean.path());
    assert_eq!((report.breaches, report.notes), (vec![], vec![]));
    let mut wrong = String::new();
    for (sql, expected) in PLANTED {
        let directory = copied(clean.path());
        plant(&directory.path().join("parlor.db"), sql);
        let report = checked(directory.path());
        let mut found: Vec<_> = report.breaches.iter().map(|breach| breach.kind).collect();
        found.dedup();
        if found != *expected {
            wrong += &format!("{sql}\n    {report:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test]
async fn the_index_has_what_it_has_read_and_nothing_else() {
    let clean = tempfile::tempdir().unwrap();
    lived_in(clean.path()).await;
    for sql in PLANTED_IN_THE_INDEX {
        let directory = copied(clean.path());
        plant(&directory.path().join("search.db"), sql);
        let report = checked(directory.path());
        let is_found = report.breaches.iter().all(|breach| breach.kind == "search index");
        assert!(is_found && !report.breaches.is_empty(), "{sql}: {report:?}");
    }
    for (sql, note) in NO_BREACH {
        let directory = copied(clean.path());
        plant(&directory.path().join("search.db"), sql);
        let report = checked(directory.path());
        let is_noted = matches!(&*report.notes, [said] if said.starts_with(note));
        assert!(is_noted && report.breaches.is_empty(), "{sql}: {report:?}");
    }
    let directory = copied(clean.path());
    // The log, if there is one, would heal it.
    let _ = std::fs::remove_file(directory.path().join("search.db-wal"));
    std::fs::write(directory.path().join("search.db"), "no database at all").unwrap();
    assert_eq!(checked(directory.path()).breaches[0].kind, "search index");
    std::fs::remove_file(directory.path().join("search.db")).unwrap();
    let report = checked(directory.path());
    assert!(report.breaches.is_empty() && report.notes[0].starts_with("There is no search index"));
}
