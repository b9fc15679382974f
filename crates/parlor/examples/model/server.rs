//! One server: its data, and while it runs, a thread with all of it.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, anyhow};
use parlor::ambient::Ambient;
use parlor::app::{self, App};
use parlor::config::Config;
use parlor::search::Search;
use parlor::service::restores::Restores;
use parlor::service::setup::{DEFAULT_WORKSPACE, ensure_workspace};
use parlor::service::tokens::{Claims, sign};
use parlor::store::memory::MemoryStore;
use parlor::store::{SecretKind, Store, Workspace};
use parlor_core::access::Role;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc as orders, oneshot};
use tokio::task::yield_now;

use super::ambient::Manual;

/// Of the system's buffers, so that a reader who stalls is felt by the server and not by the kernel.
const SEND_BUFFER_BYTES: u32 = 64 * 1024;
const BACKLOG: u32 = 128;
/// Turns of the runtime after which nothing is left to do: more than any chain of tasks that wake one another is long.
const TURNS: usize = 24;
/// Turns after each second that passes.
const TURNS_OF_A_SECOND: usize = 4;

enum Order {
    Pass(u64),
    Quiet,
}

struct Running {
    address: SocketAddr,
    orders: orders::UnboundedSender<(Order, mpsc::SyncSender<()>)>,
    thread: JoinHandle<()>,
}

/// See the module.
pub struct Server {
    ambient: Arc<Manual>,
    store: Arc<MemoryStore>,
    workspace: Workspace,
    running: Option<Running>,
}

impl Server {
    /// New data, served.
    pub fn open() -> anyhow::Result<Self> {
        let ambient = Arc::new(Manual::new());
        let store = Arc::new(MemoryStore::new());
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let workspace = runtime.block_on(ensure_workspace(&*store, &*ambient, DEFAULT_WORKSPACE))?;
        let mut server = Self { ambient, store, workspace, running: None };
        server.start()?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.running.as_ref().context("it does not run")?.address)
    }

    /// Serves the data, on another port than before.
    pub fn start(&mut self) -> anyhow::Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        let store: Arc<dyn Store> = self.store.clone();
        let ambient = self.ambient.clone();
        let (orders, given) = orders::unbounded_channel();
        let (listens, listening) = mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || {
            // Paused: its timers, too, go by the time that is passed on.
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(serve(store, ambient, listens, given));
            // What still runs is dropped where it stands, and every connection with it.
            runtime.shutdown_background();
        });
        let address = listening.recv().context("the server did not start")?;
        self.running = Some(Running { address, orders, thread });
        Ok(())
    }

    /// Ends it without a word.
    pub fn stop(&mut self) {
        if let Some(Running { orders, thread, .. }) = self.running.take() {
            drop(orders);
            // A panic in there has already been told on stderr.
            let _ = thread.join();
        }
    }

    /// Ends it, and leaves its data as a restore would.
    pub fn restore(&mut self) {
        self.stop();
        self.store.renew_epochs();
    }

    /// A token signed now.
    pub fn token(&self, role: Role, sub: &str, ttl_s: i64) -> anyhow::Result<String> {
        let secret = self.workspace.secrets.iter().find(|secret| secret.kind == SecretKind::Api);
        let secret = secret.ok_or_else(|| anyhow!("a workspace has a secret of each kind"))?;
        let claims = Claims::new(sub, role, self.ambient.now(), ttl_s);
        Ok(sign(&secret.kid, &secret.bytes, &Claims { name: Some(sub.to_uppercase()), ..claims }))
    }

    /// Lets time pass, whether it runs or not.
    pub fn pass_ms(&mut self, ms: u64) {
        if self.running.is_some() {
            self.order(Order::Pass(ms));
        } else {
            advance(&self.ambient, ms);
        }
    }

    /// Returns when it has nothing left to do.
    pub fn quiet(&mut self) {
        self.order(Order::Quiet);
    }

    fn order(&mut self, order: Order) {
        let Some(running) = &self.running else { return };
        let (done, is_done) = mpsc::sync_channel(1);
        if running.orders.send((order, done)).is_ok() {
            // An error is a server that ended itself: whoever talks to it next will see.
            let _ = is_done.recv();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(
    store: Arc<dyn Store>,
    ambient: Arc<Manual>,
    listens: mpsc::SyncSender<SocketAddr>,
    mut given: orders::UnboundedReceiver<(Order, mpsc::SyncSender<()>)>,
) {
    // While something blocks, tokio does not move a paused clock by itself.
    let (thaw, frozen) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || frozen.recv());
    match begin(store, ambient.clone()).await {
        Ok((address, end)) => {
            let _ = listens.send(address);
            while let Some((order, done)) = given.recv().await {
                match order {
                    Order::Pass(ms) => pass(&ambient, ms).await,
                    Order::Quiet => turns(TURNS).await,
                }
                let _ = done.send(());
            }
            drop(end);
        }
        Err(error) => eprintln!("model: {error:#}"),
    }
    drop(thaw);
}

/// Starts everything; it runs until the sender is dropped, or the runtime.
async fn begin(
    store: Arc<dyn Store>,
    ambient: Arc<Manual>,
) -> anyhow::Result<(SocketAddr, oneshot::Sender<()>)> {
    let listener = listener()?;
    let address = listener.local_addr()?;
    let config = Config { public_urls: vec![format!("http://{address}")], ..Config::default() };
    let search = Arc::new(Search::in_memory(store.clone()).await?);
    let (end, ended) = oneshot::channel::<()>();
    let parts = App { config, store, search, ambient, restores: Restores::default() };
    tokio::spawn(async move {
        let shutdown = async {
            let _ = ended.await;
        };
        if let Err(error) = app::run(parts, listener, shutdown).await {
            eprintln!("model: {error:#}");
        }
    });
    Ok((address, end))
}

fn listener() -> anyhow::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok(socket.listen(BACKLOG)?)
}

/// Second by second, as a running server would see it: a pulse that missed ticks does not make up for them.
async fn pass(ambient: &Manual, ms: u64) {
    let mut left = ms;
    while left > 0 {
        let step = left.min(1000);
        left -= step;
        advance(ambient, step);
        tokio::time::advance(Duration::from_millis(step)).await;
        turns(TURNS_OF_A_SECOND).await;
    }
}

fn advance(ambient: &Manual, ms: u64) {
    ambient.advance_ms(i64::try_from(ms).unwrap_or(i64::MAX));
}

/// A yielding task runs again only when everything else that was ready has run and the sockets were looked at.
async fn turns(count: usize) {
    for _ in 0..count {
        yield_now().await;
    }
}
