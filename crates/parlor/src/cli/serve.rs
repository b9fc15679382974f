//! `parlor serve`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use parlor_core::id::AgentId;
use parlor_core::limits;
use parlor_core::text::Name;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::link::{console_url, create_link};
use crate::ambient::Machine;
use crate::app::{self, App};
use crate::config::{Config, Given};
use crate::search::Search;
use crate::service::setup::{DEFAULT_WORKSPACE, DEMO_WORKSPACE, ensure_workspace};
use crate::store::Store;
use crate::store::sqlite::{DataDir, SqliteStore};
use crate::telemetry;

/// Run the server.
///
/// It ends in good order on SIGTERM and Ctrl-C: what was accepted is answered, sockets are told to come back.
#[derive(Debug, Args)]
pub struct Serve {
    /// The settings file; parlor.toml when it is there.
    #[arg(long, env = "PARLOR_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        keep_heap();
        let config = Config::load(self.config.as_deref(), self.given.clone())?;
        telemetry::start(&config.log);
        let _lock = DataDir::lock(&config.data)?;
        let store = SqliteStore::open(&config.data, Arc::new(Machine));
        let store =
            store.with_context(|| format!("the database in {} cannot be opened", config.data.display()))?;
        let store: Arc<dyn Store> = Arc::new(store);
        let search = Search::open(&config.data, store.clone()).await;
        let search = Arc::new(search.context("the search index cannot be opened")?);
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!("{} cannot be listened on; choose another address with --listen", config.listen)
        })?;
        // With port 0 the system has chosen one, and the addresses of the console follow from it.
        let listen = listener.local_addr().context("the listener has no address")?;
        let given = Given { listen: Some(listen), ..self.given };
        let config = Config::load(self.config.as_deref(), given)?;
        let shutdown = shutdown()?;
        welcome(&*store, &config).await?;
        app::run(App { config, store, search, ambient: Arc::new(Machine) }, listener, shutdown).await?;
        Ok(())
    }
}

/// Lets glibc keep freed memory for the next batch. By default it gives 128 KiB back and faults them in again all the
/// time, a sixth of the CPU time of a post. Its thresholds follow the largest block ever freed (mallopt(3),
/// M_MMAP_THRESHOLD), so one that is never touched says it without `unsafe`; other allocators do not mind.
fn keep_heap() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(limits::KEPT_HEAP_BYTES)));
}

/// Says where the server is, and how to get in.
async fn welcome(store: &dyn Store, config: &Config) -> anyhow::Result<()> {
    let name = if config.demo { DEMO_WORKSPACE } else { DEFAULT_WORKSPACE };
    let workspace = ensure_workspace(store, &Machine, name).await?;
    let url = console_url(config);
    println!("Parlor listens on http://{}", config.listen);
    if config.demo {
        println!("A visitor's page:   {url}/demo");
    }
    // A link is a key: it is shown to somebody who looks, not written into a log.
    if config.demo || std::io::stdout().is_terminal() {
        let sub = AgentId::parse("ada").context("a constant within the bound")?;
        let name = Name::parse("Ada").ok().context("a constant within the bound")?;
        let link = create_link(store, &workspace, &url, sub, name).await?;
        println!("Console, one click: {link}");
        println!("The link works once, within 15 minutes; this prints another one: {}", link_command(config));
    } else {
        println!("This prints a one-click link to the console: {}", link_command(config));
    }
    Ok(())
}

/// The command for another link to this very server, as it can be pasted where this one was started.
fn link_command(config: &Config) -> String {
    let mut command = format!("{} link", std::env::args().next().unwrap_or_else(|| "parlor".to_owned()));
    if config.data != Config::default().data {
        command += &format!(" --data {}", config.data.display());
    }
    if config.demo {
        command += &format!(" --workspace {DEMO_WORKSPACE}");
    }
    if console_url(config) != console_url(&Config::default()) {
        command += &format!(" --url {}", console_url(config));
    }
    command
}

/// Ready when the process is asked to end.
fn shutdown() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("shutting down");
    })
}
