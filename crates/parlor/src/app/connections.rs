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
use axum::http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parlor_core::limits;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::patience::Patience;
use crate::ws::Transport;

/// The connections of one server.
pub struct Connections {
    stop: CancellationToken,
    tasks: TaskTracker,
    room: Arc<Semaphore>,
}

impl Connections {
    /// None yet. From `stop` on, each request is the last of its connection.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, tasks: TaskTracker::new(), room: Arc::new(Semaphore::new(limits::CONNECTIONS)) }
    }

    /// Accepts for as long as it is polled. With no room left, the next ones wait in the system's queue.
    pub async fn accept(&self, listener: &TcpListener, site: &Router) {
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

    /// Waits until every request under way is answered. For a moment requests are still taken, each the last of its
    /// connection: whoever was about to send one is answered rather than cut off.
    pub(super) async fn drain(&self, listener: TcpListener, site: Router) {
        let _ = tokio::time::timeout(LINGER, self.accept(&listener, &site)).await;
        drop(listener);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

const LINGER: Duration = Duration::from_millis(limits::LINGER_MS);

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    site: Router,
    stop: CancellationToken,
    _room: OwnedSemaphorePermit,
) {
    // Answers and frames are written whole: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    // What a reader does not take stays with us, where it is bounded and dropped for what is newer: left to itself the
    // system keeps megabytes of it.
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(limits::UNSENT_BYTES);
    let (transport, is_used) = (Arc::<Transport>::default(), Arc::new(AtomicBool::new(false)));
    let (is_last, begun) = (stop.clone(), is_used.clone());
    let stream = Patience::new(stream, transport.clone());
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(transport.clone());
        begun.store(true, Ordering::Relaxed);
        let (site, transport, is_last) = (site.clone(), transport.clone(), is_last.clone());
        async move {
            let mut response = site.oneshot(request).await.unwrap_or_else(|never| match never {});
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                transport.become_socket();
            } else if is_last.is_cancelled() {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits::HEADER_TIMEOUT_S))
        .max_header_size(limits::HEADER_BYTES)
        .max_buf_size(limits::HTTP_BUFFER_BYTES);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer).with_upgrades());
    let lingered = async {
        stop.cancelled().await;
        tokio::time::sleep(LINGER).await;
    };
    let ended = tokio::select! {
        // First, so that a request that came in time is seen in time.
        biased;
        ended = connection.as_mut() => ended,
        () = lingered => {
            if !is_used.load(Ordering::Relaxed) {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
