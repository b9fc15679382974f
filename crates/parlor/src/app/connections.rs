//! TCP connections: accepted within a bound, served by hyper within its bounds, ended when told.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parlor_core::limits;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::patience::Patience;

/// The connections of one server.
pub(super) struct Connections {
    stop: CancellationToken,
    tasks: TaskTracker,
    room: Arc<Semaphore>,
}

impl Connections {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { stop, tasks: TaskTracker::new(), room: Arc::new(Semaphore::new(limits::CONNECTIONS)) }
    }

    /// Accepts for as long as it is polled. With no room left, the next ones wait in the system's queue.
    pub(super) async fn accept(&self, listener: TcpListener, site: Router) {
        loop {
            let Ok(room) = self.room.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let serving = serve(stream, peer, site.clone(), self.stop.clone(), room);
                    self.tasks.spawn(serving);
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the connections that end give some back.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(limits::ACCEPT_PAUSE_MS)).await;
                }
            }
        }
    }

    /// Waits until every request under way is answered.
    pub(super) async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    site: Router,
    stop: CancellationToken,
    _room: OwnedSemaphorePermit,
) {
    // Answers and frames are written whole: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let is_socket = Arc::new(AtomicBool::new(false));
    let stream = Patience::new(stream, is_socket.clone());
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let (site, is_socket) = (site.clone(), is_socket.clone());
        async move {
            let response = site.oneshot(request).await.unwrap_or_else(|never| match never {});
            is_socket.store(response.status() == StatusCode::SWITCHING_PROTOCOLS, Ordering::Relaxed);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits::HEADER_TIMEOUT_S))
        .max_header_size(limits::HEADER_BYTES)
        .max_buf_size(limits::HTTP_BUFFER_BYTES);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
