//! `parlor link`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use parlor_core::id::AgentId;
use parlor_core::text::Name;

use super::store::Place;
use crate::ambient::{Ambient, Machine};
use crate::config::{Config, Given};
use crate::service::auth::new_link;
use crate::store::{Store, Workspace};

/// Print a one-click link to the console. It works once, within 15 minutes.
#[derive(Debug, Args)]
pub struct Link {
    /// Who signs in with it.
    #[arg(long, default_value = "owner")]
    sub: String,
    /// What they are called.
    #[arg(long, default_value = "Owner")]
    name: String,
    /// The console's address, like https://chat.example.com; otherwise the first of the settings' `public_urls`.
    #[arg(long)]
    url: Option<String>,
    /// The settings file; parlor.toml when it is there.
    #[arg(long, env = "PARLOR_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

impl Link {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let url = match self.url {
            Some(url) => url,
            None => console_url(&Config::load(self.config.as_deref(), Given::default())?),
        };
        let agent_id =
            AgentId::parse(&self.sub).context("--sub must be 1 to 128 bytes without control characters")?;
        let name = Name::parse(&self.name).ok().context("--name must be 1 to 200 characters")?;
        let (store, _lock) = self.place.open_to_change()?;
        let workspace = self.place.workspace(&*store).await?;
        println!("{}", create_link(&*store, &workspace, &url, agent_id, name).await?);
        Ok(())
    }
}

/// Where people open the console.
pub(super) fn console_url(config: &Config) -> String {
    config.public_urls.first().cloned().unwrap_or_else(|| format!("http://{}", config.listen))
}

/// A new link. The code stands in the fragment, which browsers send to nobody.
pub(super) async fn create_link(
    store: &dyn Store,
    workspace: &Workspace,
    url: &str,
    agent_id: AgentId,
    name: Name,
) -> anyhow::Result<String> {
    let mut random = [0; 32];
    Machine.fill(&mut random);
    let (code, grant) = new_link(workspace.key, (agent_id, name), random, Machine.now());
    store.create_link(grant).await.context("the link cannot be stored")?;
    Ok(format!("{}/#link={code}", url.trim_end_matches('/')))
}
