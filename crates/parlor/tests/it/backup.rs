//! A backup is the database of one moment, without what lets somebody in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use parlor::ambient::Machine;
use parlor::store::sqlite::SqliteStore;
use parlor::store::sqlite::backup::{BackupError, backup};
use parlor::store::{ListQuery, Store};
use serde_json::json;

use crate::support::ambient::Manual;
use crate::support::app::TestApp;
use crate::support::directory::DataDirectory;

/// The backup as a data directory of its own, checked when it is dropped.
fn opened(file: &Path) -> (DataDirectory, SqliteStore) {
    let directory = DataDirectory::new();
    fs::copy(file, directory.path().join(SqliteStore::FILE)).unwrap();
    let store = SqliteStore::open(directory.path(), Arc::new(Manual::new())).unwrap();
    (directory, store)
}

fn has(file: &Path, bytes: &[u8]) -> bool {
    fs::read(file).unwrap().windows(bytes.len()).any(|window| window == bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_a_busy_server_is_of_one_moment() {
    let app = TestApp::on_disk().await;
    let data = app.directory.as_ref().unwrap().path().to_owned();
    for n in 0..50 {
        let conversation = app.start(&format!("user-{n}"), "hello").await;
        let note = json!({"text": "noted"});
        app.agent()
            .post(&format!("/conversations/{}/notes", conversation["id"].as_str().unwrap()), note)
            .await
            .ok();
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("parlor.backup");
    let to = file.clone();
    let copying = tokio::task::spawn_blocking(move || backup(&data, &to, false, &Machine, |_, _| {}));
    let mut posted = 50;
    while !copying.is_finished() {
        app.start(&format!("user-{posted}"), "meanwhile").await;
        posted += 1;
    }
    let bytes = copying.await.unwrap().unwrap();
    assert_eq!(bytes, fs::metadata(&file).unwrap().len());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing is left beside it");

    let (_directory, store) = opened(&file);
    let query = ListQuery { limit: 100, ..ListQuery::default() };
    let page = store.list_conversations(app.workspace.key, query).await.unwrap();
    assert!((50..=posted).contains(&page.total), "{} of {posted}", page.total);
    assert_eq!(page.head.rev, page.rows.iter().map(|row| row.snapshot.conversation.rev).max().unwrap());
}

#[tokio::test]
async fn secrets_and_sessions_are_in_it_only_when_they_are_asked_for() {
    let app = TestApp::on_disk().await;
    let data = app.directory.as_ref().unwrap().path();
    app.start("maria", "hello").await;
    app.console().await;
    app.link_code().await;
    let key = app.store.identity().await.unwrap().cursor_key;
    let elsewhere = tempfile::tempdir().unwrap();
    let (without, with) = (elsewhere.path().join("without"), elsewhere.path().join("with"));
    backup(data, &without, false, &Machine, |_, _| {}).unwrap();
    backup(data, &with, true, &Machine, |_, _| {}).unwrap();
    let secrets = app.workspace.secrets.iter().flat_map(|secret| [&secret.bytes[..], secret.kid.as_bytes()]);
    for secret in secrets.chain([&key[..]]) {
        assert!(!has(&without, secret) && has(&with, secret));
    }
    for file in [&without, &with] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        let database = rusqlite::Connection::open(file).unwrap();
        let left: i64 = database
            .query_row("SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM link)", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(left, if *file == without { 0 } else { 2 });
        opened(file);
    }
}

#[tokio::test]
async fn what_is_there_is_never_written_over() {
    let app = TestApp::on_disk().await;
    let data = app.directory.as_ref().unwrap().path();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("parlor.backup");
    fs::write(&file, "precious").unwrap();
    let refused = backup(data, &file, false, &Machine, |_, _| {});
    assert!(matches!(refused, Err(BackupError::Exists(_))), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);

    // What a killed backup left is made anew.
    let other = elsewhere.path().join("other");
    fs::write(elsewhere.path().join("other.part"), "half of one").unwrap();
    backup(data, &other, false, &Machine, |_, _| {}).unwrap();
    opened(&other);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 2);

    let nowhere = elsewhere.path().join("no/such/directory");
    assert!(matches!(backup(data, &nowhere, false, &Machine, |_, _| {}), Err(BackupError::Store(_))));
}
