//! A batch: one transaction, one fsync.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parlor_core::id::WorkspaceKey;
use parlor_core::state::WriteSet;
use rusqlite::{Transaction, TransactionBehavior};

use super::error::OrStore;
use super::funnels::Funnels;
use super::load::{Known, load};
use super::worker::Link;
use super::write::write;
use crate::store::{Batch, Step, StoreError};

/// Runs `batch`. After a failed commit nobody knows what the disk has, so the connection goes, and with it what it
/// remembers; the next batch reads from disk.
pub(super) fn transact(
    link: &mut Link,
    funnels: &Funnels,
    workspace: WorkspaceKey,
    mut batch: Box<dyn Batch>,
) -> Result<(), StoreError> {
    let connection = link.get()?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let mut known = Known::default();
    let writes = decide(&transaction, funnels, workspace, batch.as_mut(), &mut known)?;
    if writes.is_empty() {
        return Ok(());
    }
    write(&transaction, workspace, &writes, &mut known)?;
    let committed = transaction.commit().or_store();
    if committed.is_err() {
        link.distrust();
    }
    committed
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
    use crate::store::sqlite::{connection, load, migrations};

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

    #[test]
    fn a_failed_commit_leaves_nothing_and_the_next_batch_reads_from_disk() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(connection::FILE);
        let opened = Arc::new(AtomicUsize::new(0));
        let count = opened.clone();
        let mut link = Link::new(Arc::new(move || {
            let mut connection = connection::open_writer(&path)?;
            migrations::migrate(&mut connection)?;
            let fails = count.fetch_add(1, Ordering::Relaxed) == 0;
            if fails {
                let new = "INSERT INTO workspace (key, name, public_key, epoch, created_at) VALUES (1, 'a', 'b', 1, 0)";
                connection.execute(new, []).or_store()?;
                connection.commit_hook(Some(|| true)).or_store()?;
            }
            Ok(connection)
        }));
        let funnels = Funnels::default();
        let workspace = WorkspaceKey(1);
        assert!(transact(&mut link, &funnels, workspace, Box::new(Learns)).is_err());
        let rev = load::head(link.get().unwrap(), workspace).unwrap().rev;
        assert_eq!((rev, opened.load(Ordering::Relaxed)), (0, 2));
        transact(&mut link, &funnels, workspace, Box::new(Learns)).unwrap();
        let rev = load::head(link.get().unwrap(), workspace).unwrap().rev;
        assert_eq!((rev, opened.load(Ordering::Relaxed)), (1, 2));
    }
}
