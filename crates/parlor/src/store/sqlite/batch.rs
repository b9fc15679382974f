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
