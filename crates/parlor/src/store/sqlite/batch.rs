//! A batch: one transaction, one fsync.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parlor_core::id::WorkspaceKey;
use parlor_core::planted::{self, Bug};
use parlor_core::state::WriteSet;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::OrStore;
use super::funnels::Funnels;
use super::load::{Known, load};
use super::write::write;
use crate::store::{Batch, Step, StoreError};

/// Runs `batch`.
pub(super) fn transact(
    connection: &mut Connection,
    funnels: &Funnels,
    workspace: WorkspaceKey,
    mut batch: Box<dyn Batch>,
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let mut known = Known::default();
    let writes = decide(&transaction, funnels, workspace, batch.as_mut(), &mut known)?;
    if writes.is_empty() {
        return Ok(());
    }
    write(&transaction, workspace, &writes, &mut known)?;
    let committed = transaction.commit().or_store().map_err(|error| match error {
        // Whatever it says: the content was accepted row by row, the disk was not.
        StoreError::Content(text) => StoreError::Unavailable(text),
        other => other,
    });
    if planted::is(Bug::AckAfterFailedCommit) { Ok(()) } else { committed }
}

fn decide(
    transaction: &Transaction<'_>,
    funnels: &Funnels,
    workspace: WorkspaceKey,
    batch: &mut dyn Batch,
    known: &mut Known,
) -> Result<WriteSet, StoreError> {
    let mut keys = guarded(|| batch.keys())?;
    loop {
        let loaded = load(transaction, funnels, workspace, &keys, known)?;
        match guarded(|| batch.step(loaded))? {
            Step::Load(more) => keys = *more,
            Step::Write(writes) => return Ok(*writes),
        }
    }
}

/// The rules' code: a panic in it is the batch's content, not the database's fault. The transaction rolls back when it
/// is dropped.
fn guarded<T>(rules: impl FnOnce() -> T) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(rules))
        .map_err(|_| StoreError::Content("a rule panicked over this batch".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use parlor_core::agent::AgentRef;
    use parlor_core::id::AgentId;
    use parlor_core::state::{Keys, Loaded};
    use parlor_core::text::Name;

    use super::*;
    use crate::store::sqlite::worker::Workers;
    use crate::store::sqlite::{connection, load, migrations};

    const WORKSPACE: WorkspaceKey = WorkspaceKey(1);

    struct Learns;

    impl Batch for Learns {
        fn keys(&mut self) -> Keys {
            Keys::default()
        }

        fn step(&mut self, loaded: Loaded) -> Step {
            let agent = AgentRef { id: AgentId::parse("ada").unwrap(), name: Name::parse("Ada").unwrap() };
            let rev = loaded.head.rev + 1;
            Step::Write(Box::new(WriteSet { rev, agents: vec![agent], ..WriteSet::default() }))
        }
    }

    /// A store's writer whose first connection cannot commit.
    fn writer(directory: &std::path::Path, opened: Arc<AtomicUsize>) -> Workers {
        let path = directory.join(connection::FILE);
        let open = move || {
            let mut connection = connection::open_writer(&path)?;
            migrations::migrate(&mut connection)?;
            if opened.fetch_add(1, Ordering::Relaxed) == 0 {
                let workspace = "INSERT INTO workspace (key, name, public_key, epoch, created_at) VALUES (1, 'a', 'b', 1, 0)";
                connection.execute(workspace, []).or_store()?;
                connection.commit_hook(Some(|| true)).or_store()?;
            }
            Ok(connection)
        };
        Workers::start("test", 1, 1, open).unwrap()
    }

    #[tokio::test]
    async fn a_failed_commit_leaves_nothing_and_the_next_batch_reads_from_disk() {
        let directory = tempfile::tempdir().unwrap();
        let opened = Arc::new(AtomicUsize::new(0));
        let writer = writer(directory.path(), opened.clone());
        let learn = async || {
            writer.run(|link| transact(link.get()?, &Funnels::default(), WORKSPACE, Box::new(Learns))).await
        };
        let rev = async || writer.run(|link| Ok(load::head(link.get()?, WORKSPACE)?.rev)).await.unwrap();

        let failed = learn().await;
        assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
        assert_eq!((rev().await, opened.load(Ordering::Relaxed)), (0, 2));
        learn().await.unwrap();
        assert_eq!((rev().await, opened.load(Ordering::Relaxed)), (1, 2));
    }
}
