//! A restored backup is the database of its moment, but for what was erased since.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parlor::ambient::{Ambient, Machine};
use parlor::service::restore::{Restored, restore};
use parlor::store::sqlite::backup::backup;
use parlor::store::sqlite::restore::RestoreError;
use parlor::store::sqlite::{DataDir, SqliteStore};
use parlor_core::time::Timestamp;
use reqwest::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::erasure::{gone_in_time, traces, word};
use crate::store::fixture::Fixture;
use crate::support::ambient::Manual;
use crate::support::app::TestApp;
use crate::support::directory::{DataDirectory, checked};
use crate::support::process::parlor;

fn id(conversation: &Value) -> &str {
    conversation["id"].as_str().unwrap()
}

/// A backup of a running server's directory.
fn backed_up(app: &TestApp, elsewhere: &Path, with_secrets: bool) -> PathBuf {
    let file = elsewhere.join(format!("backup-{with_secrets}"));
    backup(app.directory.as_ref().unwrap().path(), &file, with_secrets, &Machine, |_, _| {}).unwrap();
    file
}

/// Ends a server that has its data on the disk.
async fn stopped(app: TestApp) -> (DataDirectory, Arc<Manual>) {
    let (store, ambient, directory) = app.stop().await;
    // The index's reader and the server's last requests let go of it a moment later.
    while Arc::strong_count(&store) > 1 {
        tokio::task::yield_now().await;
    }
    (directory.unwrap(), ambient)
}

async fn restored(
    directory: &DataDirectory,
    ambient: &Arc<Manual>,
    file: &Path,
) -> Result<Restored, RestoreError> {
    let _lock = DataDir::lock(directory.path()).unwrap();
    restore(directory.path(), file, ambient.clone(), |_, _| {}).await
}

async fn noted(app: &TestApp, conversation: &Value, text: &str) -> String {
    let path = format!("/conversations/{}/notes?messages=0", id(conversation));
    app.agent().post(&path, json!({ "text": text })).await.ok()["note"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_since_the_backup_does_not_come_back() {
    let app = TestApp::on_disk().await;
    app.put_shop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let words: Vec<String> = (0..6).map(word).collect();
    let profile = json!({"name": words[0], "email": format!("{}@example.com", words[0])});
    app.host().put("/users/noor", profile).await.ok();
    let start = json!({"id": uuid::Uuid::from_u128(1), "messageId": uuid::Uuid::from_u128(2), "funnelId": "shop",
        "user": {"id": "maria"}, "text": words[1]});
    let deleted = app.host().post("/conversations", start.clone()).await.ok()["conversation"].take();
    let of_noor = app.start_new("noor", &words[2]).await;
    let kept = app.start("bob", "this stays").await;
    let (gone_note, _) = (noted(&app, &kept, &words[3]).await, noted(&app, &kept, "careful").await);
    let file = backed_up(&app, elsewhere.path(), false);
    let before = checked(app.directory.as_ref().unwrap().path()).breaches;
    assert_eq!(before, []);

    // After the backup: more is said, and erased.
    let late = json!({"id": uuid::Uuid::from_u128(3), "conversationId": deleted["id"], "type": "user", "text": words[4]});
    app.host().post("/messages", late.clone()).await.ok();
    let new = json!({"id": uuid::Uuid::from_u128(4), "messageId": uuid::Uuid::from_u128(5), "funnelId": "shop",
        "user": {"id": "zoe"}, "text": words[5]});
    app.host().post("/conversations", new.clone()).await.ok();
    app.agent().say(id(&kept), "bot", "lost with the restore").await;
    for n in [1, 4] {
        let path = format!("/conversations/{}", uuid::Uuid::from_u128(n));
        assert_eq!(app.admin().delete(&path).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(app.admin().delete("/users/noor").await.status, StatusCode::NO_CONTENT);
    app.agent().delete(&format!("/conversations/{}/notes/{gone_note}", id(&kept))).await.ok();
    let cursor = app.agent().get("/conversations?limit=1").await.ok()["cursor"].take();
    let token = app.token(parlor_core::access::Role::Admin, "root");
    let record = app.admin().get("/deletions").await.ok()["deletions"].take();
    let said: BTreeSet<String> = words.iter().cloned().collect();
    let (directory, ambient) = stopped(app).await;
    gone_in_time(directory.path(), &said).await;

    assert!(traces(elsewhere.path(), &said).len() >= 4, "the backup has them");
    let again = restored(&directory, &ambient, &file).await.unwrap();
    assert_eq!(again.erased_again, 5, "two conversations, one of a user, the user, and a note");
    assert_eq!(traces(directory.path(), &said), [] as [String; 0]);
    let report = checked(directory.path());
    assert_eq!(report.breaches, []);
    assert!(report.notes[0].starts_with("There is no search index"), "{:?}", report.notes);

    let app = TestApp::on_disk_in(directory, ambient).await;
    let admin = app.bearer(&token);
    for gone in [id(&deleted), id(&of_noor), &uuid::Uuid::from_u128(4).to_string()] {
        admin.get(&format!("/conversations/{gone}")).await.problem("not-found");
    }
    // An offline client's outbox brings nothing back either.
    for start in [start, new] {
        app.host().post("/conversations", start).await.problem("not-found");
    }
    app.host().post("/messages", late).await.problem("not-found");
    let thread = app.agent().get(&format!("/conversations/{}/messages", id(&kept))).await.ok();
    let texts = crate::support::app::texts(&thread["messages"]);
    assert!(texts.contains(&"this stays") && !texts.contains(&"lost with the restore"), "{texts:?}");
    assert_eq!(thread["notes"].as_array().unwrap().len(), 1, "{thread}");
    app.search.drained().await;
    assert_eq!(app.agent().listed("status=all&search=stays").await, ["bob"]);
    assert_eq!(app.agent().listed("status=all").await, ["bob"]);

    // The record is the same, and cursors of before are worth a reset.
    let mut told = admin.get("/deletions").await.ok()["deletions"].take();
    let mut record = record;
    for list in [&mut told, &mut record] {
        let list = list.as_array_mut().unwrap();
        list.iter_mut().for_each(|deletion| drop(deletion.as_object_mut().unwrap().remove("seq")));
        list.sort_by_key(|deletion| deletion["conversationId"].to_string());
    }
    assert_eq!(told, record);
    let path = format!("/changes?topic=inbox&wait=0&since={}", cursor.as_str().unwrap());
    assert_eq!(app.agent().get(&path).await.ok()["reset"], true);
    let now = app.agent().get(&format!("/conversations/{}", id(&kept))).await.ok();
    assert!(now["conversation"]["version"].as_i64() > kept["version"].as_i64().map(|v| v + 1_000), "{now}");
    stopped(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_before_the_backup_and_came_back_stays() {
    let app = TestApp::on_disk().await;
    let elsewhere = tempfile::tempdir().unwrap();
    app.start("maria", "before").await;
    assert_eq!(app.admin().delete("/users/maria").await.status, StatusCode::NO_CONTENT);
    let back = app.start("maria", "here again").await;
    let file = backed_up(&app, elsewhere.path(), false);
    let (directory, ambient) = stopped(app).await;
    assert_eq!(restored(&directory, &ambient, &file).await.unwrap(), Restored { erased_again: 0 });
    let app = TestApp::on_disk_in(directory, ambient).await;
    app.agent().get(&format!("/conversations/{}", id(&back))).await.ok();
    stopped(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lets_somebody_in_stays_the_directorys_own() {
    let app = TestApp::on_disk().await;
    let elsewhere = tempfile::tempdir().unwrap();
    app.start("maria", "hello").await;
    let console = app.console().await;
    let cookie = console.clone();
    drop(console);
    let file = backed_up(&app, elsewhere.path(), true);
    let rows = |path: &Path, sql: &str| -> i64 {
        Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rows(&file, "SELECT count(*) FROM session"), 1);
    drop(cookie);
    // Signed out, and rotated, since.
    let old = app.workspace.secrets.clone();
    for kind in [parlor::store::SecretKind::Api, parlor::store::SecretKind::Api] {
        let secret = parlor::service::setup::new_secret(&Machine, kind, parlor_core::time::Timestamp(0));
        app.store.add_secret(app.workspace.key, secret).await.unwrap();
    }
    let database = app.directory.as_ref().unwrap().path().join(SqliteStore::FILE);
    Connection::open(&database).unwrap().execute("DELETE FROM session", []).unwrap();
    let rotated = app.store.list_workspaces().await.unwrap().remove(0).secrets;
    assert_ne!(rotated, old);
    let (directory, ambient) = stopped(app).await;
    restored(&directory, &ambient, &file).await.unwrap();
    let store = SqliteStore::open(directory.path(), ambient.clone()).unwrap();
    let secrets = parlor::store::Store::list_workspaces(&store).await.unwrap().remove(0).secrets;
    assert_eq!(secrets, rotated);
    drop(store);
    assert_eq!(rows(&database, "SELECT count(*) FROM session"), 0);

    // Where there is nothing yet the backup's hold; and new ones are made where it has none.
    for (with_secrets, is_same) in [(true, true), (false, false)] {
        let fresh = DataDirectory::new();
        let file = if with_secrets { file.clone() } else { elsewhere.path().join("without") };
        if !with_secrets {
            backup(directory.path(), &file, false, &Machine, |_, _| {}).unwrap();
        }
        restored(&fresh, &ambient, &file).await.unwrap();
        let store = SqliteStore::open(fresh.path(), ambient.clone()).unwrap();
        let secrets = parlor::store::Store::list_workspaces(&store).await.unwrap().remove(0).secrets;
        assert_eq!(secrets.len(), 2);
        assert_eq!(secrets.iter().all(|secret| old.contains(secret)), is_same);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_fails_leaves_the_directory_as_it_was() {
    let app = TestApp::on_disk().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = app.start("maria", "hello").await;
    let file = backed_up(&app, elsewhere.path(), false);
    let later = app.start("bob", "after the backup").await;
    assert!(
        DataDir::lock(app.directory.as_ref().unwrap().path()).is_ok(),
        "nobody serves it in this process"
    );
    let (directory, ambient) = stopped(app).await;

    let bytes = fs::read(&file).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = elsewhere.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut damaged = bytes.clone();
    damaged[8_192..12_288].fill(0xAA);
    let other = elsewhere.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let newer = write("newer", &bytes);
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
    let none = [
        write("empty", b""),
        write("text", b"no database at all"),
        write("half", &bytes[..bytes.len() / 2]),
        write("damaged", &damaged),
        elsewhere.path().join("nowhere"),
        other,
        newer,
    ];
    for file in none {
        let refused = restored(&directory, &ambient, &file).await;
        assert!(matches!(refused, Err(RestoreError::NotABackup { .. })), "{}: {refused:?}", file.display());
    }

    // Somebody reads the database.
    let reader = Connection::open(directory.path().join(SqliteStore::FILE)).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM message").unwrap();
    let refused = restored(&directory, &ambient, &file).await;
    assert!(matches!(refused, Err(RestoreError::InUse(_))), "{refused:?}");
    drop(reader);

    // The last step before the rename fails.
    let index = directory.path().join("search.db");
    let _ = fs::remove_file(&index);
    fs::create_dir(&index).unwrap();
    let refused = restored(&directory, &ambient, &file).await;
    assert!(matches!(refused, Err(RestoreError::Store(_))), "{refused:?}");
    fs::remove_dir(&index).unwrap();
    assert!(!directory.path().join("restoring").exists());

    // A restore that was killed leaves its copy; the next start removes it.
    fs::create_dir(directory.path().join("restoring")).unwrap();
    fs::copy(&file, directory.path().join("restoring/parlor.db")).unwrap();
    let app = TestApp::on_disk_in(directory, ambient).await;
    for conversation in [&kept, &later] {
        app.agent().get(&format!("/conversations/{}", id(conversation))).await.ok();
    }
    let (directory, ambient) = stopped(app).await;
    assert!(!directory.path().join("restoring").exists());
    restored(&directory, &ambient, &file).await.unwrap();
    let app = TestApp::on_disk_in(directory, ambient).await;
    app.agent().get(&format!("/conversations/{}", id(&later))).await.problem("not-found");
    app.agent().get(&format!("/conversations/{}", id(&kept))).await.ok();
    stopped(app).await;
}

#[tokio::test]
async fn over_a_database_that_cannot_be_read_nothing_is_restored_unasked() {
    let app = TestApp::on_disk().await;
    app.start("maria", "hello").await;
    let elsewhere = tempfile::tempdir().unwrap();
    let file = backed_up(&app, elsewhere.path(), false);
    let (store, ambient, _directory) = app.stop().await;
    drop(store);
    let broken = tempfile::tempdir().unwrap();
    fs::write(broken.path().join(SqliteStore::FILE), "no database any more").unwrap();
    let refused = restore(broken.path(), &file, ambient.clone(), |_, _| {}).await;
    assert!(matches!(refused, Err(RestoreError::Unreadable { .. })), "{refused:?}");
    fs::remove_file(broken.path().join(SqliteStore::FILE)).unwrap();
    restore(broken.path(), &file, ambient, |_, _| {}).await.unwrap();
    assert_eq!(checked(broken.path()).breaches, []);
}

#[tokio::test]
async fn what_waits_to_be_erased_waits_anew_after_a_restore() {
    let elsewhere = tempfile::tempdir().unwrap();
    let (data, file) = (elsewhere.path().join("data"), elsewhere.path().join("backup"));
    let f = Fixture::sqlite_in(&data).await;
    f.start("maria", "hello").await;
    let store = f.store.clone();
    drop(f);
    while Arc::strong_count(&store) > 1 {
        tokio::task::yield_now().await;
    }
    drop(store);
    let run = |sql: &str| Connection::open(data.join(SqliteStore::FILE)).unwrap().execute_batch(sql).unwrap();
    run("INSERT INTO clock (key, running_ms, wall_ms) VALUES (1, 100, 1000); \
         UPDATE conversation SET erase_marked_at = 50, erase_marked_running_ms = 50");
    backup(&data, &file, false, &Machine, |_, _| {}).unwrap();
    run("UPDATE clock SET running_ms = 7000, wall_ms = 9000, paused_at = 8000, disagreement_ms = 5");
    restore(&data, &file, Arc::new(Manual::new()), |_, _| {}).await.unwrap();
    let database = Connection::open(data.join(SqliteStore::FILE)).unwrap();
    let read = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(read("SELECT running_ms FROM clock"), 7000);
    assert_eq!(read("SELECT wall_ms FROM clock"), 1000, "since then nobody was served these conversations");
    assert_eq!(read("SELECT paused_at FROM clock"), 8000);
    assert_eq!(read("SELECT erase_marked_running_ms FROM conversation"), 7000);
}

/// Tries to change the directory's database beside the restore whenever that asks for randomness, which is after it began to
/// read what stays of it.
struct Beside {
    directory: PathBuf,
    refused: AtomicUsize,
}

impl Ambient for Beside {
    fn now(&self) -> Timestamp {
        Machine.now()
    }

    fn elapsed(&self) -> Duration {
        Machine.elapsed()
    }

    fn new_id(&self) -> Uuid {
        Machine.new_id()
    }

    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = DataDir::to_change(&self.directory) {
            assert!(
                error.to_string().ends_with("being restored; run the same command again when that is done")
            );
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Machine.fill(bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_rotated_into_a_database_that_is_about_to_go() {
    let app = TestApp::on_disk().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let file = backed_up(&app, elsewhere.path(), false);
    let (directory, ambient) = stopped(app).await;
    let (path, data) = (directory.path(), directory.path().to_str().unwrap());
    let rotate = ["workspace", "--data", data, "rotate", "--kind", "api"];

    let changing = DataDir::to_change(path).unwrap();
    assert_eq!(parlor(&rotate, &[]).await.code, Some(0), "two may at once");
    let refused = restored(&directory, &ambient, &file).await;
    assert!(matches!(refused, Err(RestoreError::InUse(_))), "{refused:?}");
    drop(changing);

    let beside = Arc::new(Beside { directory: path.to_owned(), refused: AtomicUsize::new(0) });
    restore(path, &file, beside.clone(), |_, _| {}).await.unwrap();
    assert_ne!(beside.refused.load(Ordering::Relaxed), 0);

    let restoring = DataDir::against_changes(path).unwrap();
    for command in [
        &rotate[..],
        &["link", "--data", data, "--sub", "ada", "--name", "Ada"],
        &["clock", "go-on", "--data", data],
    ] {
        let said = parlor(command, &[]).await;
        assert_eq!(said.code, Some(1), "{command:?}: {}", said.err);
        assert!(
            said.err.ends_with("is being restored; run the same command again when that is done\n"),
            "{}",
            said.err
        );
    }
    drop(restoring);
    assert_eq!(parlor(&rotate, &[]).await.code, Some(0));
}
