//! `parlor restore`: a backup takes the place of a data directory's database, and what was erased there stays erased.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use parlor_core::access::{Principal, Role};
use parlor_core::command::{Action, Command, EraseUser};
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::id::{AgentId, WorkspaceKey};
use parlor_core::limits;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::ambient::Ambient;
use crate::service::setup::new_secret;
use crate::store::sqlite::restore::{Erased, Restore, RestoreError};
use crate::store::sqlite::{DataDir, LockError, SqliteStore};
use crate::store::{SecretKind, Store, StoreError};
use crate::writer::{WriteError, Writer};

/// What was restored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// Deletions and erasures that the backup did not know and that were repeated.
    pub erased_again: u64,
}

/// Restores `file` into `dir`, which the caller has locked. After an error the directory is as it was. `told` hears how
/// many bytes of the backup are copied, and of about how many.
pub async fn restore(
    dir: &Path,
    file: &Path,
    ambient: Arc<dyn Ambient>,
    told: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Restored, RestoreError> {
    if dir.join(SqliteStore::FILE).exists() {
        // Whatever a crash left is made whole first, and a schema of before is brought up.
        let opened = SqliteStore::open(dir, ambient.clone());
        opened.map_err(|source| RestoreError::Unreadable { dir: dir.to_owned(), source })?;
    }
    let restore = Restore::stage(dir, file, told)?;
    let of_the_old = |source| RestoreError::Unreadable { dir: dir.to_owned(), source };
    // From here on the old database is read for what stays of it: a secret that came later would be lost with it.
    let _alone = DataDir::against_changes(dir).map_err(|error| match error {
        LockError::Io { .. } => StoreError::Unavailable(error.to_string()).into(),
        _ => RestoreError::InUse(dir.join(SqliteStore::FILE)),
    })?;
    restore.settle(ambient.as_ref()).map_err(of_the_old)?;
    let erased = restore.erased().map_err(of_the_old)?;
    let store = SqliteStore::open(restore.staging(), ambient.clone())?;
    let restored = make_ready(Arc::new(store), ambient, erased).await?;
    restore.finish()?;
    Ok(restored)
}

/// Erases again what the backup brought back, in the store that will be the directory's. Its files are closed at the end.
async fn make_ready(
    store: Arc<dyn Store>,
    ambient: Arc<dyn Ambient>,
    erased: Erased,
) -> Result<Restored, RestoreError> {
    // Nobody listens: the published end is dropped.
    let (published, _) = mpsc::channel(limits::PUBLISH_QUEUE);
    let (writer, running) = Writer::start(store.clone(), ambient.clone(), published, limits::BATCH_COMMANDS);
    let again = erase_again(&writer, erased).await;
    drop(writer);
    // A writer that died has answered nobody, which `again` says.
    let _ = running.await;
    let erased_again = again?;
    for workspace in store.list_workspaces().await? {
        for kind in [SecretKind::Identity, SecretKind::Api] {
            if workspace.secrets.iter().all(|secret| secret.kind != kind) {
                let secret = new_secret(ambient.as_ref(), kind, ambient.now());
                store.add_secret(workspace.key, secret).await?;
            }
        }
    }
    while !store.scrub().await? {
        sleep(Duration::from_millis(limits::SCRUB_RETRY_MS)).await;
    }
    Ok(Restored { erased_again })
}

async fn erase_again(writer: &Writer, erased: Erased) -> Result<u64, RestoreError> {
    let Erased { deletions, notes, users } = erased;
    let deletions = deletions.into_iter().map(|(at, replay)| (at, Action::ReplayDeletion(Box::new(replay))));
    let notes = notes
        .into_iter()
        .map(|(at, conversation_id, note_id)| (at, Action::DeleteNote { conversation_id, note_id }));
    let users = users.into_iter().map(|(at, user_id, erased_at)| {
        (at, Action::EraseUser(EraseUser { user_id, erased_at: Some(erased_at) }))
    });
    let all = deletions.chain(notes).chain(users).map(|(at, action)| repeat(writer, at, action));
    let mut all = stream::iter(all).buffered(limits::IMPORT_IN_FLIGHT);
    let mut count = 0;
    while let Some(done) = all.next().await {
        count += u64::from(done?);
    }
    Ok(count)
}

/// Gives a command until it is done; false when there is nothing left to erase.
async fn repeat(writer: &Writer, workspace: WorkspaceKey, action: Action) -> Result<bool, RestoreError> {
    let sub = AgentId::parse("restore").expect("a constant within the bound");
    let by = Principal { workspace, role: Role::Admin, sub, name: None, email: None };
    loop {
        match writer.run_background(Command { by: by.clone(), action: action.clone() }).await {
            Ok(Outcome::Erased { is_done: false }) => {}
            Ok(_) => return Ok(true),
            // Its conversation, or its user, went with another one.
            Err(WriteError::Refused(Refusal::NotFound)) => return Ok(false),
            Err(error) => {
                let text = format!("what was erased since the backup could not be erased again: {error:?}");
                return Err(StoreError::Unavailable(text).into());
            }
        }
    }
}
