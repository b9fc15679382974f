//! What is deleted is in no file any more: the raw bytes of the data directory say so.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use parlor::store::Store;
use parlor::store::sqlite::SqliteStore;
use parlor_core::access::Role;
use reqwest::StatusCode;
use rusqlite::Connection;
use serde_json::json;

use crate::store::fixture::{Fixture, delete_note, note};
use crate::support::ambient::Manual;
use crate::support::app::TestApp;
use crate::support::socket::PATIENCE;

/// Letters every word of a test begins with, and no other bytes do by chance.
pub const MARK: &[u8] = b"xqz";

/// Where words, or the beginnings of words, stand in the bytes of a directory's files.
pub fn traces(directory: &Path, said: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        // A file that goes away meanwhile, a log that was cut, holds nothing any more.
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read.unwrap(),
        };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // The index keeps the words apart by as few letters as it needs.
        for beginning in bytes.windows(MARK.len() + 4).filter(|window| window.starts_with(MARK)) {
            let beginning = String::from_utf8_lossy(beginning).into_owned();
            let word = said.range(beginning.clone()..).next();
            if word.is_some_and(|word| word.starts_with(&beginning)) {
                found.push(format!("{beginning}… in {name}"));
            }
        }
    }
    found
}

/// Waits until there is no trace.
pub async fn gone_in_time(directory: &Path, said: &BTreeSet<String>) {
    let gone = async {
        while !traces(directory, said).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, gone).await;
    assert!(in_time.is_ok(), "still there: {:?}", traces(directory, said));
}

/// The n-th word nobody else says; no two begin alike.
pub fn word(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    let scattered = n * 7_919 % 456_976;
    let letters = [26 * 26 * 26, 26 * 26, 26, 1].map(|place| letter(scattered / place));
    String::from_utf8_lossy(MARK).into_owned() + &String::from_iter(letters) + "rest"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_note_is_in_no_file_of_the_data_directory() {
    let app = TestApp::on_disk().await;
    let directory = app.directory.as_ref().unwrap().path().to_owned();
    // Those of the first conversation go with it, of the second one by one.
    let mut said: [BTreeSet<String>; 4] = Default::default();
    let (mut ids, mut notes) = (Vec::new(), Vec::new());
    for user in 0..said.len() {
        let conversation = app.start(&format!("user-{user}"), "hello").await;
        ids.push(conversation["id"].as_str().unwrap().to_owned());
    }
    for n in 0..200 {
        let (at, words) = (n % ids.len(), word(n));
        // Of many lengths, so that rows move between pages and over them.
        let note = json!({"text": format!("{words} {}", "and so on ".repeat(n * n % 997))});
        let noted =
            app.agent().post(&format!("/conversations/{}/notes?messages=0", ids[at]), note).await.ok();
        said[at].insert(words);
        notes.extend((at == 1).then(|| noted["note"]["id"].as_str().unwrap().to_owned()));
    }
    let [first, second, third, _] = &said;
    // The index has them too, and has to let go of them as well.
    app.search.drained().await;
    let in_index = |said: &BTreeSet<String>| {
        traces(&directory, said).iter().filter(|at| at.contains("search.db")).count()
    };
    assert!(said.iter().all(|said| in_index(said) >= said.len()));
    assert!(said.iter().all(|said| traces(&directory, said).len() >= said.len()));
    assert_eq!(
        app.admin().delete(&format!("/conversations/{}", ids[0])).await.status,
        StatusCode::NO_CONTENT
    );
    gone_in_time(&directory, first).await;
    for id in &notes {
        app.agent().delete(&format!("/conversations/{}/notes/{id}", ids[1])).await.ok();
    }
    gone_in_time(&directory, second).await;
    assert!(traces(&directory, third).len() >= third.len());
    let app = app.restart().await;
    assert!(traces(&directory, &(first | second)).is_empty());
    let thread = app.agent().get(&format!("/conversations/{}/messages", ids[2])).await.ok();
    assert_eq!(thread["notes"].as_array().unwrap().len(), third.len());
}

#[tokio::test]
async fn what_a_process_left_of_a_deleted_note_the_next_one_cleans_away() {
    let directory = tempfile::tempdir().unwrap();
    let left = || {
        let database = Connection::open(directory.path().join("parlor.db")).unwrap();
        let sql = "SELECT deleted_notes - scrubbed_notes FROM store";
        database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let mut said = BTreeSet::new();
    // Nobody cleans up behind this one.
    let f = Fixture::sqlite_in(directory.path()).await;
    let (id, ada) =
        (f.start("maria", "hello").await.snapshot.conversation.id, f.principal(Role::Agent, "ada"));
    for n in 0..20 {
        let words = word(n);
        f.answer(
            &ada,
            note(id, Some(n as u128), &format!("{words} {}", "and so on ".repeat(n * n * n % 997))),
        )
        .await;
        said.insert(words);
    }
    for n in 0..20 {
        f.answer(&ada, delete_note(id, n)).await;
    }
    assert_eq!(left(), 20);
    let store = f.store.clone();
    drop(f);
    // The writer's task lets go of it last.
    while Arc::strong_count(&store) > 1 {
        tokio::task::yield_now().await;
    }
    drop(store);
    let store = SqliteStore::open(directory.path(), Arc::new(Manual::new())).unwrap();
    assert_eq!(left(), 20);
    store.scrub().await.unwrap();
    assert_eq!((left(), traces(directory.path(), &said)), (0, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_text_is_in_no_file_of_the_data_directory() {
    let app = TestApp::on_disk().await;
    let directory = app.directory.as_ref().unwrap().path().to_owned();
    let (mut said, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let mut ids = Vec::new();
    for user in 0..8 {
        let conversation = app.start(&format!("user-{user}"), "hello").await;
        ids.push(conversation["id"].as_str().unwrap().to_owned());
    }
    for n in 0..400 {
        let (at, words) = (n % ids.len(), word(n));
        // Of many lengths, so that rows move between pages.
        let text = format!("{words} {}", "and so on ".repeat(n * n % 97));
        let (by, kind) = if n % 3 == 0 { (app.agent(), "bot") } else { (app.host(), "user") };
        by.say(&ids[at], kind, &text).await;
        if at < 4 {
            said.insert(words)
        } else {
            kept.insert(words)
        };
    }
    app.search.drained().await;
    assert!(traces(&directory, &said).len() >= 2 * said.len(), "it stands in the store and in the index");

    // Somebody is in the middle of reading both files.
    let open = |file: &str| Connection::open(directory.join(file)).unwrap();
    let readers = [open("parlor.db"), open("search.db")];
    for reader in &readers {
        reader.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").unwrap();
    }
    for id in &ids[..4] {
        let answer = app.admin().delete(&format!("/conversations/{id}")).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        app.agent().get(&format!("/conversations/{id}")).await.problem("not-found");
    }
    app.search.drained().await;
    assert!(!traces(&directory, &said).is_empty(), "as long as somebody reads the old state");
    drop(readers);
    gone_in_time(&directory, &said).await;

    assert_eq!(
        app.agent().listed(&format!("search={}&status=all", said.first().unwrap())).await,
        [] as [String; 0]
    );
    assert_eq!(app.agent().listed(&format!("search={}&status=all", kept.first().unwrap())).await.len(), 1);
    assert!(traces(&directory, &kept).len() >= 2 * kept.len());
    let app = app.restart().await;
    assert_eq!(traces(&directory, &said), [] as [String; 0]);
    let message = json!({"conversationId": ids[0], "type": "user", "text": "back from an outbox"});
    app.host().post("/messages", message).await.problem("not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_user_is_in_no_file_of_the_data_directory() {
    let app = TestApp::on_disk().await;
    let directory = app.directory.as_ref().unwrap().path().to_owned();
    let (mut said, mut kept) = (BTreeSet::new(), BTreeSet::new());
    for n in 0..240 {
        let (user, words) = (n % 3, word(n));
        // Names and e-mail addresses change, so that their rows move and old ones are left behind.
        let profile = json!({
            "name": format!("{words} {}", "van ".repeat(n % 40)), "email": format!("{words}@example.com"),
            "metadata": {"about": format!("{words} {}", "x".repeat(n * n % 997))},
        });
        app.host().put(&format!("/users/user-{user}"), profile).await.ok();
        let text = format!("{words} {}", "and so on ".repeat(n * n % 97));
        let conversation = app.start(&format!("user-{user}"), &text).await;
        let path = format!("/conversations/{}/notes?messages=0", conversation["id"].as_str().unwrap());
        if n % 10 == 0 {
            app.agent().post(&path, json!({ "text": words })).await.ok();
        }
        if user == 0 {
            said.insert(words)
        } else {
            kept.insert(words)
        };
    }
    // Known, and never heard.
    let (silent, hidden) = (word(240), word(241));
    app.host().put("/users/silent", json!({"name": silent, "metadata": {"x": hidden}})).await.ok();
    said.extend([silent, hidden]);
    app.search.drained().await;
    assert!(traces(&directory, &said).len() >= said.len());
    for user in ["user-0", "silent"] {
        assert_eq!(app.admin().delete(&format!("/users/{user}")).await.status, StatusCode::NO_CONTENT);
    }
    gone_in_time(&directory, &said).await;
    assert!(traces(&directory, &kept).len() >= kept.len());
    let app = app.restart().await;
    assert_eq!(traces(&directory, &said), [] as [String; 0]);
    assert_eq!(app.agent().listed("status=all").await.len(), 2);
}
