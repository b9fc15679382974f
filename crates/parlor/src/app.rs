//! The server as a whole: wires the parts, accepts connections, and ends in good order. Tests start it the same way.

pub mod away;
pub mod connections;
mod patience;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use parlor_core::cursor::CursorKey;
use parlor_core::event::Committed;
use parlor_core::limits;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::ambient::Ambient;
use crate::config::Config;
use crate::demo::{self, DemoError};
use crate::http::{self, Routes};
use crate::hub::Hub;
use crate::jobs::{cleanup, clock, lifecycle};
use crate::search::Search;
use crate::service::Service;
use crate::service::origin::Origin;
use crate::service::restores::Restores;
use crate::service::setup::{DEMO_WORKSPACE, ensure_workspace};
use crate::store::{Store, StoreError};
use crate::wire::event::{ControlEvent, PassingEvent, StreamEvent};
use crate::writer::Writer;
use crate::writer::publish::Publisher;
use crate::ws::frame::{ClientFrame, ServerFrame};
use crate::ws::{Sockets, start_pulse, upgrade};
use connections::Connections;

/// What a server is made of.
pub struct App {
    /// Its settings.
    pub config: Config,
    /// Its database.
    pub store: Arc<dyn Store>,
    /// The text index of that database.
    pub search: Arc<Search>,
    /// Time, ids, randomness.
    pub ambient: Arc<dyn Ambient>,
    /// Where it takes backups to restore.
    pub restores: Restores,
}

/// Why a server ended that somebody asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// To be gone.
    Stopped,
    /// To come back with the backup that was sent.
    ToRestore(Uuid),
}

/// Why a server ended that nobody asked to.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database failed at the start.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The demo's content could not be stored.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Nothing can be stored any more; what was answered is on disk.
    #[error("the writer has ended; start the server again")]
    WriterEnded,
}

/// The frames of the socket, in the same document as what HTTP says.
#[derive(OpenApi)]
#[openapi(components(schemas(
    ClientFrame,
    ServerFrame<'static>,
    StreamEvent<'static>,
    PassingEvent<'static>,
    ControlEvent<'static>
)))]
struct Frames;

/// Every operation, the socket's upgrade included.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = http::api().routes(routes!(upgrade::open_socket));
    routes.get_openapi_mut().merge(Frames::openapi());
    routes
}

/// The API's document, as it is served and as it stands in `openapi.json`.
#[must_use]
pub fn openapi() -> String {
    http::openapi::to_json(routes().get_openapi())
}

/// Serves on `listener` until `shutdown` is ready; then finishes what is under way, for at most `DRAIN_S`.
pub async fn run(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<Ended, AppError> {
    let App { config, store, search, ambient, restores } = app;
    let restores = Arc::new(restores);
    let hub = Arc::new(Hub::default());
    let (published, committed) = mpsc::channel(limits::PUBLISH_QUEUE);
    let (writer, mut writing) =
        Writer::start(store.clone(), ambient.clone(), published, config.batch_commands);
    let cursors = CursorKey::new(&store.identity().await?.cursor_key);
    let index = search.clone();
    let deleted = Arc::new(Notify::new());
    let deletes = deleted.clone();
    let after = move |batch: &Committed| {
        index.wake();
        if batch.deletes() {
            deletes.notify_one();
        }
    };
    let publisher = Publisher { hub: hub.clone(), cursors, after: Box::new(after) };
    let mut publishing = publisher.start(committed);
    if config.demo {
        let workspace = ensure_workspace(&*store, &*ambient, DEMO_WORKSPACE).await?;
        demo::seed(&writer, &*ambient, workspace.key).await?;
    }
    let public = config.public_urls.iter().filter_map(|url| Origin::parse(url)).collect();
    let tending = tend(store.clone());
    let service = Arc::new(Service::new(store, writer, hub.clone(), search, ambient, public).await?);
    let sockets = Arc::new(Sockets::new(service.clone(), hub.clone()));
    let pulse = start_pulse(hub);
    let cleaning = cleanup::run(service.clone(), deleted);
    let firing = lifecycle::run(service.clone());
    let clocking = clock::run(service.clone());
    let site = http::site(routes(), openapi, service.clone()).layer(Extension(sockets.clone()));
    let site = site.layer(Extension(restores.clone()));

    let stop = CancellationToken::new();
    let keeping = tokio::spawn(service.clone().keep_presence(stop.clone()));
    let connections = Connections::new(stop.clone());
    let ended = tokio::select! {
        () = shutdown => Ok(Ended::Stopped),
        id = restores.asked() => Ok(Ended::ToRestore(id)),
        _ = &mut writing => Err(AppError::WriterEnded),
        // Without it nobody would hear of anything any more, and every heartbeat would say that all is well.
        _ = &mut publishing => Err(AppError::WriterEnded),
        () = connections.accept(&listener, &site) => Ok(Ended::Stopped),
        never = cleaning => match never {},
        never = firing => match never {},
        never = clocking => match never {},
    };
    stop.cancel();
    let drained = async {
        tokio::join!(sockets.close(), connections.drain(listener, site));
    };
    if tokio::time::timeout(Duration::from_secs(limits::DRAIN_S), drained).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    pulse.abort();
    tending.abort();
    drop(sockets);
    if ended.is_ok() {
        finish(service, keeping, writing, publishing).await;
    }
    ended
}

/// Waits until everything accepted is stored and published. Connections that did not end hold the writer: not for ever.
async fn finish(
    service: Arc<Service>,
    keeping: JoinHandle<()>,
    writing: JoinHandle<()>,
    publishing: JoinHandle<()>,
) {
    let all = async {
        let _ = keeping.await;
        service.end_presence().await;
        service.end_clock().await;
        drop(service);
        let _ = writing.await;
        let _ = publishing.await;
    };
    let _ = tokio::time::timeout(Duration::from_secs(limits::FINISH_S), all).await;
}

/// Lets the store look after itself.
fn tend(store: Arc<dyn Store>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(limits::TEND_MS)).await;
            store.tend().await;
        }
    })
}
