//! What only the embedded store has: a file, a lock, and other processes beside it.

use std::sync::Arc;

use parlor::store::sqlite::{DataDir, LockError, SqliteStore};
use parlor::store::{Batch, Grant, ListQuery, Step, Store, StoreError};
use parlor_core::access::Role;
use parlor_core::id::{AgentId, WorkspaceKey};
use parlor_core::state::{Keys, Loaded};
use parlor_core::text::Name;
use tempfile::TempDir;

use crate::store::fixture::{Fixture, new_workspace};
use crate::support::ambient::{BEGIN, Manual};

fn open(directory: &TempDir) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(directory.path(), Arc::new(Manual::new()))
}

#[tokio::test]
async fn what_is_stored_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let f = Fixture::sqlite_in(directory.path()).await;
    let said = f.start("ann", "hello").await;
    let (workspace, key) = (f.workspace, f.store.identity().await.unwrap().cursor_key);
    drop(f);

    let store = open(&directory).unwrap();
    assert_eq!(store.identity().await.unwrap().cursor_key, key);
    assert_eq!(store.list_workspaces().await.unwrap()[0].name, "default");
    let page =
        store.list_conversations(workspace, ListQuery { limit: 10, ..ListQuery::default() }).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].snapshot.user, said.snapshot.user);
    assert_eq!(page.rows[0].snapshot.conversation.version, said.snapshot.conversation.version);
    assert_eq!(page.head.rev, 1);
}

#[tokio::test]
async fn a_database_of_a_newer_parlor_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(&directory).unwrap());
    let file = rusqlite::Connection::open(directory.path().join("parlor.db")).unwrap();
    let version: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    file.pragma_update(None, "user_version", version + 1).unwrap();

    let Err(StoreError::Unavailable(text)) = open(&directory) else { panic!("opened") };
    assert!(text.contains("run the newer Parlor"), "{text}");
    let after: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(after, version + 1);
}

#[test]
fn a_data_directory_has_one_owner() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("data");
    let first = DataDir::lock(&inside).unwrap();
    let second = DataDir::lock(&inside);
    assert!(matches!(&second, Err(LockError::Held(dir)) if *dir == inside), "{second:?}");
    drop(first);
    DataDir::lock(&inside).unwrap();
}

#[cfg(unix)]
#[test]
fn a_data_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let inside = directory.path().join("data");
    drop(SqliteStore::open(&inside, Arc::new(Manual::new())).unwrap());
    assert_eq!(mode(&inside), 0o700);

    // Somebody else made it, open to all: what is put in is still nobody's business.
    let shared = directory.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o755)).unwrap();
    let _store = SqliteStore::open(&shared, Arc::new(Manual::new())).unwrap();
    for file in ["parlor.db", "parlor.db-wal"] {
        assert_eq!(mode(&shared.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_closed_store_leaves_nothing_in_its_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory).unwrap();
    store.list_workspaces().await.unwrap();
    drop(store);
    assert!(!directory.path().join("parlor.db-wal").exists());
}

/// `parlor link` writes while the server runs.
#[tokio::test]
async fn a_link_made_beside_the_server_is_used_once() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(&directory).unwrap();
    let workspace = server.create_workspace(new_workspace("default")).await.unwrap().key;
    let beside = open(&directory).unwrap();
    let link = Grant {
        hash: [3; 32],
        workspace,
        role: Role::Admin,
        agent_id: AgentId::parse("ada").unwrap(),
        name: Name::parse("Ada").unwrap(),
        email: None,
        created_at: BEGIN,
        expires_at: BEGIN.plus_s(60),
    };
    beside.create_link(link.clone()).await.unwrap();
    drop(beside);
    assert_eq!(server.redeem_link(link.hash, BEGIN).await.unwrap(), Some(link.clone()));
    assert_eq!(server.redeem_link(link.hash, BEGIN).await.unwrap(), None);
}

struct Panics;

impl Batch for Panics {
    fn keys(&mut self) -> Keys {
        Keys::default()
    }

    fn step(&mut self, _: Loaded) -> Step {
        panic!("a defect in a rule")
    }
}

#[tokio::test]
async fn a_panicking_batch_is_refused_and_the_next_one_runs() {
    let f = Fixture::sqlite().await;
    let panicked = f.store.transact(f.workspace, Box::new(Panics)).await;
    assert!(matches!(panicked, Err(StoreError::Content(_))), "{panicked:?}");
    f.start("ann", "hello").await;
    assert_eq!(f.store.get_head(f.workspace).await.unwrap().rev, 1);
}

#[tokio::test]
async fn an_unknown_workspace_has_nothing() {
    let f = Fixture::sqlite().await;
    let nowhere = WorkspaceKey(f.workspace.0 + 1);
    assert!(matches!(f.store.get_head(nowhere).await, Err(StoreError::Content(_))));
}

/// Nobody has to prove anything to send a code, so a wrong one must cost the writer nothing.
#[tokio::test]
async fn codes_that_do_not_exist_never_reach_the_writer() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory).unwrap();
    let other = rusqlite::Connection::open(directory.path().join("parlor.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(store.redeem_link([7; 32], BEGIN).await.unwrap(), None);
    store.delete_session([7; 32]).await.unwrap();
}
