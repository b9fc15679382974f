//! `parlor serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use parlor_core::id::AgentId;
use parlor_core::limits;
use parlor_core::text::Name;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::link::{console_url, create_link};
use crate::ambient::Machine;
use crate::app::away::while_away;
use crate::app::{self, App, Ended};
use crate::config::{Config, Given};
use crate::search::Search;
use crate::service::restore::{Restored, restore};
use crate::service::restores::{self, Restores};
use crate::service::setup::{DEFAULT_WORKSPACE, DEMO_WORKSPACE, ensure_workspace};
use crate::store::sqlite::incoming::Incoming;
use crate::store::sqlite::restore::RestoreError;
use crate::store::sqlite::{DataDir, SqliteStore};
use crate::store::{Store, StoreError, Workspace};
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
    pub(super) fn run(self) -> anyhow::Result<()> {
        keep_heap();
        // Read once: what comes back after a restore is the same server, over the directory that is locked.
        let config = Config::load(self.config.as_deref(), self.given)?;
        telemetry::start(&config.log);
        // Hears signals, and answers while there is no server. There is little to do.
        let outside = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let served = serve_on(config, &outside);
        // What still runs there was broken off, and is made whole by the next start.
        outside.shutdown_background();
        served
    }
}

/// Serves until the process is asked to end, through every restore.
fn serve_on(mut config: Config, outside: &Runtime) -> anyhow::Result<()> {
    let data = config.data.clone();
    let lock = DataDir::lock(&data)?;
    let incoming = Incoming::of(&data);
    // What a server before this one was sent and did not come to.
    incoming.clear()?;
    let stop = outside.block_on(async { stopping() })?;
    let mut last = None;
    loop {
        let serving = Serving { config: config.clone(), last: last.take() };
        let (ended, listen) = serving.run(stop.clone())?;
        let Ended::ToRestore(id) = ended else { return Ok(()) };
        let restored = outside.block_on(async {
            tokio::select! {
                how = while_away(listen, restore_incoming(&data, &incoming)) => Some(how),
                () = stop.cancelled() => None,
            }
        });
        let Some(how) = restored else {
            // It is broken off with the process; until then the directory is nobody else's.
            std::mem::forget(lock);
            return Ok(());
        };
        (config, last) = (config.at(listen), Some(restores::Ended { id, how }));
    }
}

/// A server from its start until it is asked to end, or to come back with another database.
struct Serving {
    config: Config,
    last: Option<restores::Ended>,
}

impl Serving {
    /// How it ended, and where it listened. It has a runtime of its own: with that goes all that holds the database, also
    /// what did not let go of it in time. On this thread, the process's first: the heap of any other grows page by page.
    fn run(self, stop: CancellationToken) -> anyhow::Result<(Ended, SocketAddr)> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let ended = runtime.block_on(self.serve(stop));
        runtime.shutdown_timeout(Duration::from_secs(limits::FINISH_S));
        ended
    }

    async fn serve(self, stop: CancellationToken) -> anyhow::Result<(Ended, SocketAddr)> {
        let Self { config, last } = self;
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
        let config = config.at(listen);
        let name = if config.demo { DEMO_WORKSPACE } else { DEFAULT_WORKSPACE };
        // Also after a restore: the backup may be of a server without it.
        let workspace = ensure_workspace(&*store, &Machine, name).await?;
        if last.is_none() {
            welcome(&*store, &workspace, &config).await?;
        }
        let restores = Restores::into(&config.data, last);
        let app = App { config, store, search, ambient: Arc::new(Machine), restores };
        let ended = app::run(app, listener, stop.cancelled_owned()).await?;
        Ok((ended, listen))
    }
}

/// Restores what was sent, which is gone afterwards.
async fn restore_incoming(data: &Path, incoming: &Incoming) -> Result<Restored, RestoreError> {
    tracing::info!("restoring a backup that was sent; every request is answered 503 until it is done");
    let (data, file) = (data.to_owned(), incoming.file());
    // In a thread of its own, because it blocks for long.
    let runtime = Handle::current();
    let restoring = tokio::task::spawn_blocking(move || {
        runtime.block_on(restore(&data, &file, Arc::new(Machine), |_, _| {}))
    });
    let panicked = |_| StoreError::Unavailable("restoring panicked".to_owned()).into();
    let restored = restoring.await.map_err(panicked).flatten();
    match &restored {
        Ok(Restored { erased_again }) => tracing::info!(erased_again, "restored"),
        Err(error) => tracing::error!(%error, "nothing was restored; the database is the one that was there"),
    }
    if let Err(error) = incoming.clear() {
        tracing::warn!(%error, "the backup that was sent is still in the data directory; the next start removes it");
    }
    restored
}

/// Lets glibc keep freed memory for the next batch. By default it gives 128 KiB back and faults them in again all the
/// time, a sixth of the CPU time of a post. Its thresholds follow the largest block ever freed (mallopt(3),
/// M_MMAP_THRESHOLD), so one that is never touched says it without `unsafe`; other allocators do not mind.
fn keep_heap() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(limits::KEPT_HEAP_BYTES)));
}

/// Says where the server is, and how to get in.
async fn welcome(store: &dyn Store, workspace: &Workspace, config: &Config) -> anyhow::Result<()> {
    let url = console_url(config);
    println!("Parlor listens on http://{}", config.listen);
    if config.demo {
        println!("A visitor's page:   {url}/demo");
    }
    // A link is a key: it is shown to somebody who looks, not written into a log.
    if config.demo || std::io::stdout().is_terminal() {
        let sub = AgentId::parse("ada").context("a constant within the bound")?;
        let name = Name::parse("Ada").ok().context("a constant within the bound")?;
        let link = create_link(store, workspace, &url, sub, name).await?;
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

/// Cancelled when the process is asked to end.
fn stopping() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("shutting down");
        stopped.cancel();
    });
    Ok(stop)
}
