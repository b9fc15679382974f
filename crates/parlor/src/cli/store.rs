//! How commands reach the database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use crate::ambient::Machine;
use crate::service::setup::{DEFAULT_WORKSPACE, ensure_workspace, find_workspace};
use crate::store::sqlite::{DataDir, SqliteStore};
use crate::store::{Store, StoreError, Workspace};

/// Which database, and which part of it.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The data directory.
    #[arg(long, env = "PARLOR_DATA", default_value = "./parlor-data")]
    pub(super) data: PathBuf,
    /// The workspace's name.
    #[arg(long, default_value = DEFAULT_WORKSPACE)]
    pub(super) workspace: String,
}

impl Place {
    /// The database to itself: refused beside a running server.
    pub(super) fn open_locked(&self) -> anyhow::Result<(Arc<dyn Store>, DataDir)> {
        let lock = DataDir::lock(&self.data)?;
        Ok((self.opened(SqliteStore::open(&self.data, Arc::new(Machine)))?, lock))
    }

    /// The database, beside a server that may be running.
    pub(super) fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        self.opened(SqliteStore::open_beside(&self.data, Arc::new(Machine)))
    }

    fn opened(&self, opened: Result<SqliteStore, StoreError>) -> anyhow::Result<Arc<dyn Store>> {
        Ok(Arc::new(
            opened.with_context(|| format!("the database in {} cannot be opened", self.data.display()))?,
        ))
    }

    /// The database, to change it beside a server that may be running; refused while another one takes its place.
    pub(super) fn open_to_change(&self) -> anyhow::Result<(Arc<dyn Store>, DataDir)> {
        let lock = DataDir::to_change(&self.data)?;
        Ok((self.open()?, lock))
    }

    /// The database, which must be there already.
    pub(super) fn open_existing(&self) -> anyhow::Result<Arc<dyn Store>> {
        require_database(&self.data)?;
        self.open()
    }

    /// The workspace; `default` comes to be when it is first asked for, others do not.
    pub(super) async fn workspace(&self, store: &dyn Store) -> anyhow::Result<Workspace> {
        if self.workspace == DEFAULT_WORKSPACE {
            return Ok(ensure_workspace(store, &Machine, DEFAULT_WORKSPACE).await?);
        }
        match find_workspace(store, &self.workspace).await? {
            Some(workspace) => Ok(workspace),
            None => {
                let known = store.list_workspaces().await?.into_iter().map(|w| w.name).collect::<Vec<_>>();
                bail!("there is no workspace {:?}; there is: {}", self.workspace, known.join(", "))
            }
        }
    }
}

/// Refuses a directory without a database.
pub(super) fn require_database(data: &Path) -> anyhow::Result<()> {
    if !data.join(SqliteStore::FILE).exists() {
        bail!("there is no database in {}; name its directory with --data", data.display());
    }
    Ok(())
}
