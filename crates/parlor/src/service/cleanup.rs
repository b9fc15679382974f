//! What is left to do behind deletions.

use parlor_core::limits;

use crate::service::Service;

/// How an attempt went to take deleted bytes out of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrubbed {
    /// They are out.
    Clean,
    /// Somebody still reads an older state.
    InTheWay,
    /// The disk did not let it through.
    Failed,
}

impl Service {
    /// Takes the bytes of everything deleted out of the store's files. The search index does the same by itself.
    pub async fn scrub(&self) -> Scrubbed {
        match self.store.scrub().await {
            Ok(true) => Scrubbed::Clean,
            Ok(false) => Scrubbed::InTheWay,
            Err(error) => {
                tracing::warn!(%error, "deleted bytes are still in the store's files");
                Scrubbed::Failed
            }
        }
    }

    /// Removes tombstones that are older than they are kept, in bounded steps; none while the clock cannot be believed: with
    /// their ids free again, what was erased could come back.
    pub async fn purge_tombstones(&self) {
        // The search index learns from them what to forget.
        self.search.drained().await;
        if self.clock().is_paused {
            return;
        }
        let before = self.now().plus_ms(-limits::TOMBSTONE_MS);
        loop {
            match self.store.purge_tombstones(before, limits::PURGE_BATCH).await {
                Ok(gone) if gone >= limits::PURGE_BATCH => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "old tombstones are still there");
                    return;
                }
            }
        }
    }
}
