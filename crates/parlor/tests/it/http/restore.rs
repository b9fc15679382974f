//! A backup on its way into a server that runs. What comes of it is in `through.rs`.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use parlor::app::away::ask_for_patience;
use parlor::service::auth::Caller;
use parlor::service::restores::Restores;
use parlor::service::setup::{DEFAULT_WORKSPACE, ensure_workspace};
use parlor::store::memory::MemoryStore;
use parlor::wire::Problem;
use parlor::wire::restore::{BeginRestore, RestorePhase, RestoreState, sha256_text};
use parlor_core::access::Role;
use parlor_core::error::Code;
use parlor_core::limits;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::store::fixture::principal;
use crate::support::ambient::{BEGIN, Manual};
use crate::support::app::Answered;

/// Somebody of a workspace.
async fn caller(workspace: &str, role: Role) -> Caller {
    let workspace = ensure_workspace(&MemoryStore::new(), &Manual::new(), workspace).await.unwrap();
    let principal = principal(workspace.key, role, "root");
    Caller { principal, workspace: Arc::new(workspace), issued_at: BEGIN, expires_at: BEGIN, session: None }
}

fn begin(restores: &Restores, root: &Caller, bytes: u64, sent: &str) -> Result<RestoreState, Problem> {
    let what = BeginRestore { bytes, sha256: sha256_text(Sha256::new().chain_update(sent)) };
    restores.inbox(root).unwrap().begin(&what, Uuid::nil())
}

fn part(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

#[tokio::test]
async fn only_administrators_of_the_first_workspace_may_send_a_backup() {
    let directory = tempfile::tempdir().unwrap();
    let restores = Restores::into(directory.path(), None);
    for (workspace, role) in [
        (DEFAULT_WORKSPACE, Role::Agent),
        (DEFAULT_WORKSPACE, Role::Service),
        (DEFAULT_WORKSPACE, Role::Visitor),
        ("other", Role::Admin),
    ] {
        let caller = caller(workspace, role).await;
        let refused = restores.inbox(&caller).err().map(|problem| problem.code);
        assert_eq!(refused, Some(Code::Forbidden), "{workspace} {role:?}");
        assert_eq!(restores.state(&caller).map_err(|problem| problem.code), Err(Code::Forbidden));
    }
    let root = caller(DEFAULT_WORKSPACE, Role::Admin).await;
    assert!(restores.inbox(&root).is_ok());
    assert_eq!(Restores::default().inbox(&root).err().map(|problem| problem.code), Some(Code::NotFound));
}

#[tokio::test]
async fn a_backup_comes_from_its_front_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    let add = async |at, text| restores.inbox(&root).unwrap().add(at, part(text)).await.map_err(|p| p.code);
    let begin = |bytes| begin(&restores, &root, bytes, "abc").map_err(|problem| problem.code);
    assert_eq!(begin(0), Err(Code::Validation), "nothing is there");
    assert_eq!(add(0, "what was sent before").await.unwrap().bytes, 20);
    assert_eq!(add(0, "ab").await.unwrap().bytes, 2);
    assert_eq!(add(1, "c").await, Err(Code::Validation));
    assert_eq!(add(3, "c").await, Err(Code::Validation));
    assert_eq!(add(2, "c").await.unwrap().bytes, 3);
    assert_eq!(begin(2), Err(Code::Validation), "not all that is there");
    assert_eq!(begin(3).unwrap().id, Some(Uuid::nil()));
    assert_eq!(restores.asked().await, Uuid::nil());
    assert_eq!(std::fs::read(directory.path().join("incoming")).unwrap(), b"abc");
    let late = restores.inbox(&root).err().map(|problem| problem.code);
    assert_eq!(late, Some(Code::Unavailable), "what is to be restored is not written over");
}

#[tokio::test]
async fn one_part_is_read_at_a_time_and_all_of_them_have_a_bound() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    let reading = restores.inbox(&root).unwrap();
    assert_eq!(restores.inbox(&root).err().map(|problem| problem.code), Some(Code::RateLimited));
    let beyond = reading.add(limits::RESTORE_BYTES, part("x")).await.map_err(|problem| problem.code);
    assert_eq!(beyond, Err(Code::Validation), "it does not begin there");
}

#[tokio::test]
async fn how_it_stands_is_told_while_a_part_is_on_its_way() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    restores.inbox(&root).unwrap().add(0, part("ab")).await.unwrap();
    let reading = restores.inbox(&root).unwrap();
    assert_eq!(restores.state(&root).unwrap().bytes, 2);
    reading.add(2, part("c")).await.unwrap();
    assert_eq!(restores.state(&root).unwrap().bytes, 3);
    begin(&restores, &root, 3, "abc").unwrap();
    assert_eq!(restores.state(&root).unwrap().phase, RestorePhase::Restoring);
}

#[tokio::test]
async fn the_parts_of_two_are_no_backup() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    let add = async |at, text| restores.inbox(&root).unwrap().add(at, part(text)).await.unwrap();
    add(0, "mine, 1; ").await;
    add(0, "theirs 1;").await;
    assert_eq!(add(9, "mine, 2;").await.bytes, 17, "it goes on where the other one is");
    let refused = begin(&restores, &root, 17, "mine, 1; mine, 2;").unwrap_err();
    assert_eq!(refused.errors[0].pointer, "/sha256");
    add(0, "mine, 1; ").await;
    add(9, "mine, 2;").await;
    assert!(begin(&restores, &root, 17, "mine, 1; mine, 2;").is_ok());
}

#[tokio::test]
async fn who_leaves_while_their_part_is_written_leaves_it_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    {
        let adding = pin!(restores.inbox(&root).unwrap().add(0, part("abc")));
        let _ = adding.poll(&mut Context::from_waker(Waker::noop()));
    }
    while restores.inbox(&root).is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(restores.state(&root).unwrap().bytes, 3, "nobody else came in between");
    assert!(begin(&restores, &root, 3, "abc").is_ok());
}

#[tokio::test]
async fn of_a_part_that_cannot_be_written_nothing_stays() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    let add = async |at| restores.inbox(&root).unwrap().add(at, part("abc")).await;
    add(0).await.unwrap();
    let incoming = directory.path().join("incoming");
    std::fs::remove_file(&incoming).unwrap();
    std::os::unix::fs::symlink("/dev/full", &incoming).unwrap();
    assert!(add(3).await.is_err());
    assert!(incoming.symlink_metadata().is_err(), "nobody can send it on");
    assert_eq!(restores.state(&root).unwrap().bytes, 0);
    assert_eq!(add(0).await.unwrap().bytes, 3);
}

#[tokio::test(start_paused = true)]
async fn a_backup_that_nobody_sends_on_is_taken_away() {
    let directory = tempfile::tempdir().unwrap();
    let (restores, root) =
        (Restores::into(directory.path(), None), caller(DEFAULT_WORKSPACE, Role::Admin).await);
    let add = async |at| restores.inbox(&root).unwrap().add(at, part("abc")).await.unwrap();
    let pass = async |pauses: u64| {
        let time = Duration::from_secs(pauses * limits::RESTORE_ABANDONED_S + 1);
        assert!(tokio::time::timeout(time, restores.asked()).await.is_err());
    };
    add(0).await;
    pass(1).await;
    assert_eq!(add(3).await.bytes, 6, "it is only slow");
    pass(2).await;
    assert_eq!(restores.state(&root).unwrap().bytes, 0);
    assert!(!directory.path().join("incoming").exists());
    add(0).await;
    begin(&restores, &root, 3, "abc").unwrap();
    assert_eq!(restores.asked().await, Uuid::nil());
    assert!(directory.path().join("incoming").exists(), "what is to be restored stays");
}

#[tokio::test]
async fn while_a_backup_is_restored_the_server_asks_for_patience() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = async |path: &str| reqwest::get(format!("http://{address}{path}")).await.unwrap();
    let looks = async {
        let answer = asked("/api/live-chat/conversations").await;
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(answer.headers()["connection"], "close", "the next one is for the server itself");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let answer = Answered::of(answer).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (503, &"unavailable".into()));
        assert_eq!(asked("/readyz").await.status(), 503);
        assert_eq!(asked("/healthz").await.status(), 200);
    };
    tokio::select! {
        () = looks => {}
        () = ask_for_patience(&listener) => {}
    }
}
