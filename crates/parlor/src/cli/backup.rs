//! `parlor backup`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::progress::Progress;
use super::store::require_database;
use crate::ambient::Machine;
use crate::store::sqlite::backup::{BackupError, backup};

/// Write the whole database to a file, as it is at one moment.
///
/// A server may go on running beside it. The file appears when it is complete; one that is there is never written over. Only
/// its owner can read it: everything that was said is in it. Secrets, sign-in links and sessions are not, unless you ask.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file.
    file: PathBuf,
    /// Secrets, sign-in links and sessions too: whoever has the file can then do everything in the workspaces.
    #[arg(long)]
    with_secrets: bool,
    /// The data directory.
    #[arg(long, env = "PARLOR_DATA", default_value = "./parlor-data")]
    data: PathBuf,
}

impl Backup {
    pub(super) fn run(self) -> anyhow::Result<()> {
        require_database(&self.data)?;
        let mut progress = Progress::new();
        let show = move |done: u64, of: u64| progress.show(|| line("written", done, of));
        let written = backup(&self.data, &self.file, self.with_secrets, &Machine, show);
        Progress::new().clear();
        let bytes = match written {
            Err(error @ BackupError::Exists(_)) => return Err(error.into()),
            other => other.with_context(|| {
                format!("{} was not written; run the same command again", self.file.display())
            })?,
        };
        eprintln!("Wrote {} to {}.", mib(bytes), self.file.display());
        Ok(())
    }
}

/// How far a copy is.
pub(super) fn line(done_word: &str, done: u64, of: u64) -> String {
    format!("{} of about {} {done_word}", mib(done), mib(of.max(done)))
}

pub(super) fn mib(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes < 10 * MIB {
        format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB)
    } else {
        format!("{} MiB", bytes / MIB)
    }
}
