//! `parlor restore`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Args;

use super::backup::line;
use super::progress::Progress;
use super::remote::Server;
use super::sending::restore_through;
use crate::ambient::Machine;
use crate::service::restore::restore;
use crate::store::sqlite::{DataDir, LockError};

/// Put a backup in the place of a data directory's database.
///
/// Stop the server first, or go through it with --url: then it is away for as long as restoring takes. What was erased in
/// the directory since the backup was made stays erased. Secrets and sessions stay the directory's own where it has any.
/// Clients load everything anew. Until the end nothing changes; what is there then is gone, so make a backup of it first
/// if you may want it back.
#[derive(Debug, Args)]
pub struct Restore {
    /// What `parlor backup` wrote.
    file: PathBuf,
    /// The data directory; made when it is not there.
    #[arg(long, env = "PARLOR_DATA", default_value = "./parlor-data")]
    data: PathBuf,
    #[command(flatten)]
    server: Server,
}

impl Restore {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        if self.server.is_named() { self.through().await } else { self.here().await }
    }

    async fn through(self) -> anyhow::Result<()> {
        let mut progress = Progress::new();
        let show = |done: u64, of: u64| progress.show(|| line("sent", done, of));
        let restored = restore_through(&self.server, &self.file, show).await;
        progress.clear();
        let erased_again = restored?;
        eprintln!("Restored {} into the server.", self.file.display());
        say_erased(erased_again);
        Ok(())
    }

    async fn here(self) -> anyhow::Result<()> {
        let _lock = DataDir::lock(&self.data).map_err(|error| match error {
            LockError::Held(data) => {
                anyhow!(
                    "{} is in use by another Parlor; stop it first, or restore through it with --url",
                    data.display()
                )
            }
            error => error.into(),
        })?;
        let mut progress = Progress::new();
        let show = move |done: u64, of: u64| progress.show(|| line("restored", done, of));
        let restored = restore(&self.data, &self.file, Arc::new(Machine), show).await;
        Progress::new().clear();
        let restored = restored.with_context(|| {
            format!("nothing was restored; what was in {} is still there", self.data.display())
        })?;
        eprintln!("Restored {} into {}.", self.file.display(), self.data.display());
        say_erased(restored.erased_again);
        eprintln!("The server builds the search index when it starts.");
        Ok(())
    }
}

fn say_erased(erased_again: u64) {
    if erased_again > 0 {
        eprintln!("Erased again what was erased there since: {erased_again} deletions.");
    }
}
