//! `parlor restore`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use super::backup::line;
use super::progress::Progress;
use crate::ambient::Machine;
use crate::service::restore::restore;
use crate::store::sqlite::DataDir;

/// Put a backup in the place of a data directory's database.
///
/// Stop the server first. What was erased in the directory since the backup was made stays erased. Secrets and sessions stay
/// the directory's own where it has any. Clients load everything anew. Until the end nothing changes; what is there then is
/// gone, so make a backup of it first if you may want it back.
#[derive(Debug, Args)]
pub struct Restore {
    /// What `parlor backup` wrote.
    file: PathBuf,
    /// The data directory; made when it is not there.
    #[arg(long, env = "PARLOR_DATA", default_value = "./parlor-data")]
    data: PathBuf,
}

impl Restore {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let _lock = DataDir::lock(&self.data)?;
        let mut progress = Progress::new();
        let show = move |done: u64, of: u64| progress.show(|| line("restored", done, of));
        let restored = restore(&self.data, &self.file, Arc::new(Machine), show).await;
        Progress::new().clear();
        let restored = restored.with_context(|| {
            format!("nothing was restored; what was in {} is still there", self.data.display())
        })?;
        eprintln!("Restored {} into {}.", self.file.display(), self.data.display());
        if restored.erased_again > 0 {
            eprintln!("Erased again what was erased there since: {} deletions.", restored.erased_again);
        }
        eprintln!("The server builds the search index when it starts.");
        Ok(())
    }
}
