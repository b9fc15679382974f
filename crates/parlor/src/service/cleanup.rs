//! What is left to do behind deletions.

use parlor_core::limits;

use crate::service::Service;

impl Service {
    /// Takes the bytes of everything deleted out of the store's files; false when that is to be tried again. The search
    /// index does the same by itself.
    pub async fn scrub(&self) -> bool {
        let scrubbed = self.store.scrub().await;
        if let Err(error) = &scrubbed {
            tracing::warn!(%error, "deleted bytes are still in the store's files");
        }
        scrubbed.is_ok()
    }

    /// Removes tombstones that are older than they are kept, in bounded steps.
    pub async fn purge_tombstones(&self) {
        // The search index learns from them what to forget.
        self.search.drained().await;
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
