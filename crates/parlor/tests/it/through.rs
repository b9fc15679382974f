//! `parlor import --url` and `parlor restore --url`: the commands themselves, against a server that runs.

use std::path::Path;
use std::sync::Arc;

use parlor::ambient::Machine;
use parlor::service::setup::{DEFAULT_WORKSPACE, ensure_workspace, find_workspace};
use parlor::store::sqlite::{DataDir, SqliteStore};
use parlor_core::access::Role;
use parlor_core::limits;
use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::app::{Answered, TestApp};
use crate::support::process::{Said, Server, parlor};
use crate::support::socket::Client;

async fn import(file: &Path, url: &str, token: &str) -> (Option<i32>, String) {
    let file = file.to_str().unwrap();
    let said = parlor(&["import", file, "--url", url], &[("PARLOR_TOKEN", token)]).await;
    (said.code, said.err)
}

/// A conversation of about as many bytes as its text has.
fn line(id: usize, bytes: usize) -> String {
    let message = json!({"type": "user", "text": "x".repeat(limits::TEXT_CHARS.min(bytes))});
    let messages = vec![message; bytes.div_ceil(limits::TEXT_CHARS)];
    json!({"id": format!("old-{id}"), "funnel": "Support", "messages": messages}).to_string()
}

#[tokio::test]
async fn a_file_goes_through_a_running_server_and_again_does_no_harm() {
    let app = TestApp::memory().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("conversations.jsonl");
    let large = limits::IMPORT_REQUEST_BYTES;
    let mut lines: Vec<String> = (0..4).map(|id| line(id, large / 3)).collect();
    lines.extend(["{".to_owned(), line(4, large * 2), "x".repeat(limits::IMPORT_BODY_BYTES), line(5, 10)]);
    lines.extend(["".to_owned(), "[]".to_owned(), line(6, 10)]);
    std::fs::write(&file, lines.join("\n")).unwrap();
    let token = app.token(Role::Admin, "root");

    let (code, said) = import(&file, &app.url, &token).await;
    assert!(said.contains("Imported 7 conversations with "), "{said}");
    assert!(said.contains("; 0 were there already."), "{said}");
    let named: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("line ")?.split(':').next()).collect();
    assert_eq!(named, ["5", "7", "10"], "{said}");
    assert!(said.contains("line 7: longer than 8 MiB"), "{said}");
    assert!(said.ends_with("3 lines could not be imported; correct them and run the same command again\n"));
    assert_eq!(code, Some(1));
    assert_eq!(app.agent().get("/conversations?limit=1").await.ok()["total"], 7);

    lines.retain(|line| line.contains("Support"));
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (code, said) = import(&file, &app.url, &token).await;
    assert_eq!(said, "Imported 0 conversations with 0 messages; 7 were there already.\n");
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    let app = TestApp::memory().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("conversations.jsonl");
    // Larger than what a server reads of a request it refuses.
    std::fs::write(&file, line(1, limits::IMPORT_REQUEST_BYTES)).unwrap();
    let (code, said) = import(&file, &app.url, &app.token(Role::Agent, "ada")).await;
    assert!(
        said.starts_with("parlor: the import stopped; run the same command again to continue it"),
        "{said}"
    );
    assert!(said.contains(" answered: "), "{said}");
    assert_eq!(code, Some(1));
    let url = app.url.clone();
    app.stop().await;
    let (code, said) = import(&file, &url, "none").await;
    assert!(said.contains("cannot be reached"), "{said}");
    assert_eq!(code, Some(1));
    let (code, said) = import(&file, "https://chat.example.com", "none").await;
    assert!(said.contains("TLS is the proxy's"), "{said}");
    assert_eq!(code, Some(2));
    let _held = DataDir::lock(directory.path()).unwrap();
    let (data, file) = (directory.path().to_str().unwrap(), file.to_str().unwrap());
    for (command, way) in [("import", "import through it"), ("restore", "restore through it")] {
        let said = parlor(&[command, "--data", data, file], &[]).await;
        let expected = format!("stop it first, or {way} with --url\n");
        assert!(said.err.ends_with(&expected), "{}", said.err);
        assert_eq!(said.code, Some(1));
    }
    let token = [("PARLOR_TOKEN", "none")];
    let both = ["import", file, "--url", "http://127.0.0.1:1", "--workspace", "other"];
    assert_eq!(parlor(&both, &token).await.code, Some(2), "the token says which workspace");
}

/// A server's settings, beside its data directory.
const SETTINGS: &str = "parlor.toml";

/// A server over a directory of its own, whose administrator calls.
struct Served {
    _directory: TempDir,
    data: String,
    server: Server,
    token: String,
}

impl Served {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data").to_str().unwrap().to_owned();
        let settings = directory.path().join(SETTINGS);
        std::fs::write(&settings, "").unwrap();
        let server = Server::start(Path::new(&data), &[("PARLOR_CONFIG", settings.to_str().unwrap())]);
        let token = token(&data, "admin").await;
        Self { _directory: directory, data, server, token }
    }

    /// A file beside the data directory.
    fn beside(&self, name: &str) -> String {
        Path::new(&self.data).with_file_name(name).to_str().unwrap().to_owned()
    }

    async fn call(&self, method: Method, path: &str, lines: &str) -> Value {
        let url = format!("{}/api/live-chat{path}", self.server.url);
        let call = reqwest::Client::new().request(method, url).bearer_auth(&self.token);
        let call = call.header("content-type", "application/x-ndjson").body(lines.to_owned());
        Answered::of(call.send().await.unwrap()).await.ok()
    }

    /// The foreign ids of what is there, and a cursor.
    async fn listed(&self) -> (Vec<String>, String) {
        let list = self.call(Method::GET, "/conversations?messages=0", "").await;
        let mut ids: Vec<String> = list["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["externalId"].as_str().unwrap().to_owned())
            .collect();
        ids.sort_unstable();
        (ids, list["cursor"].as_str().unwrap().to_owned())
    }

    async fn restore(&self, file: &str, token: &str) -> Said {
        let arguments = ["restore", file, "--url", &self.server.url];
        parlor(&arguments, &[("PARLOR_TOKEN", token)]).await
    }

    fn files(&self) -> Vec<String> {
        let all = std::fs::read_dir(&self.data).unwrap();
        all.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }
}

async fn token(data: &str, role: &str) -> String {
    let said = parlor(&["token", "--role", role, "--sub", "root", "--data", data], &[]).await;
    said.out.trim().to_owned()
}

#[tokio::test]
async fn a_backup_is_restored_through_a_running_server() {
    let mut served = Served::start().await;
    served.call(Method::POST, "/import", &format!("{}\n{}", line(1, 10), line(2, 10))).await;
    let backup = served.beside("backup.db");
    assert_eq!(parlor(&["backup", &backup, "--data", &served.data], &[]).await.code, Some(0));
    served.call(Method::POST, "/import", &line(3, 10)).await;
    let list = served.call(Method::GET, "/conversations", "").await;
    let second =
        list["conversations"].as_array().unwrap().iter().find(|c| c["externalId"] == "old-2").unwrap();
    served.call(Method::DELETE, &format!("/conversations/{}", second["id"].as_str().unwrap()), "").await;
    let (ids, cursor) = served.listed().await;
    assert_eq!(ids, ["old-1", "old-3"]);
    let address = served.server.url.trim_start_matches("http://").parse().unwrap();
    let bearer = format!("Bearer {}", served.token);
    let mut connected = Client::connect_with(address, &[("authorization", &bearer)]).await.unwrap();

    let token = served.token.clone();
    let (said, code) = tokio::join!(served.restore(&backup, &token), connected.close_code());
    assert_eq!((said.code, code), (Some(0), 1012), "{}", said.err);
    assert!(said.err.ends_with("Erased again what was erased there since: 1 deletions.\n"), "{}", said.err);
    assert_eq!(served.listed().await.0, ["old-1"], "what was erased since stays erased");
    let changes = served.call(Method::GET, &format!("/changes?topic=inbox&wait=0&since={cursor}"), "").await;
    assert_eq!(changes["reset"], true);
    served.call(Method::POST, "/import", &line(4, 10)).await;
    assert!(
        !served.files().iter().any(|file| file == "incoming" || file == "restoring"),
        "{:?}",
        served.files()
    );
    assert_eq!(served.server.terminate().await, Some(0));
    assert_eq!(parlor(&["check", "--data", &served.data], &[]).await.code, Some(0));
}

#[tokio::test]
async fn what_cannot_be_restored_leaves_the_server_as_it_was() {
    let served = Served::start().await;
    served.call(Method::POST, "/import", &line(1, 10)).await;
    let (ids, cursor) = served.listed().await;
    let wrong = served.beside("wrong.db");
    // Larger than what one request brings.
    std::fs::write(&wrong, vec![b'x'; limits::RESTORE_PART_BYTES + 1]).unwrap();
    let said = served.restore(&wrong, &token(&served.data, "agent").await).await;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains(" answered: "), "{}", said.err);
    assert!(!served.files().contains(&"incoming".to_owned()), "nothing is taken from who may not");
    let said = served.restore(&wrong, &served.token).await;
    assert_eq!(said.code, Some(1));
    let expected = "nothing was restored, and the server goes on as before: it is no sound backup";
    assert!(said.err.contains(expected), "{}", said.err);
    assert_eq!(served.listed().await, (ids, cursor), "not even its cursors are others");
    assert!(!served.files().contains(&"incoming".to_owned()));
}

#[tokio::test]
async fn a_backup_with_a_log_leaves_nothing_behind() {
    let served = Served::start().await;
    let backup = served.beside("backup.db");
    assert_eq!(parlor(&["backup", &backup, "--data", &served.data], &[]).await.code, Some(0));
    Connection::open(&backup).unwrap().pragma_update(None, "journal_mode", "wal").unwrap();
    assert_eq!(served.restore(&backup, &served.token).await.code, Some(0));
    assert!(!served.files().iter().any(|file| file.starts_with("incoming")), "{:?}", served.files());
}

#[tokio::test]
async fn a_backup_of_a_server_without_the_first_workspace_does_not_lock_everybody_out() {
    let served = Served::start().await;
    let (elsewhere, backup) = (served.beside("elsewhere"), served.beside("backup.db"));
    {
        let store = SqliteStore::open(Path::new(&elsewhere), Arc::new(Machine)).unwrap();
        ensure_workspace(&store, &Machine, "other").await.unwrap();
    }
    assert_eq!(parlor(&["backup", &backup, "--data", &elsewhere], &[]).await.code, Some(0));
    let said = served.restore(&backup, &served.token).await;
    assert!(said.err.contains("does not say how that ended"), "who asked is not there: {}", said.err);
    let store = SqliteStore::open_beside(Path::new(&served.data), Arc::new(Machine)).unwrap();
    for name in ["other", DEFAULT_WORKSPACE] {
        assert!(find_workspace(&store, name).await.unwrap().is_some(), "{name}");
    }
}

#[tokio::test]
async fn the_server_comes_back_with_the_settings_it_had() {
    let mut served = Served::start().await;
    let backup = served.beside("backup.db");
    assert_eq!(parlor(&["backup", &backup, "--data", &served.data], &[]).await.code, Some(0));
    // Somebody is in the middle of writing it anew.
    std::fs::write(served.beside(SETTINGS), "listen = ").unwrap();
    let url = served.server.url.clone();
    let (arguments, token) = (["restore", &backup, "--url", &url], [("PARLOR_TOKEN", served.token.as_str())]);
    let restoring = parlor(&arguments, &token);
    let said = tokio::select! {
        said = restoring => said,
        code = served.server.ended() => panic!("it has not come back: {code:?}"),
    };
    assert_eq!(said.code, Some(0), "{}", said.err);
}
