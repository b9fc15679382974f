//! `parlor import --url`: the command itself, against a server that runs.

use std::path::Path;
use std::process::{Command, Output};

use parlor::store::sqlite::DataDir;
use parlor_core::access::Role;
use parlor_core::limits;
use serde_json::json;

use crate::support::app::TestApp;

async fn import(file: &Path, url: &str, token: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlor"));
    command.arg("import").arg(file).args(["--url", url]).env("PARLOR_TOKEN", token);
    let Output { status, stderr, .. } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
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
    std::fs::write(&file, line(1, 10)).unwrap();
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
    let command = Command::new(env!("CARGO_BIN_EXE_parlor"))
        .args(["import", "--data"])
        .args([directory.path(), &file])
        .output()
        .unwrap();
    let said = String::from_utf8(command.stderr).unwrap();
    assert!(said.ends_with("stop it first, or import through it with --url\n"), "{said}");
}
