//! The server's address while its database is made another one. Silence would look like a server that is gone.

use std::future::{Future, pending};
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::connections::Connections;
use crate::http;

/// Asks whoever comes to `address` for patience, for as long as `work` takes.
pub async fn while_away<T>(address: SocketAddr, work: impl Future<Output = T>) -> T {
    let asking = async {
        match TcpListener::bind(address).await {
            Ok(listener) => ask_for_patience(&listener).await,
            Err(error) => tracing::warn!(%error, "nobody is told that the server will be back"),
        }
        pending().await
    };
    tokio::select! {
        done = work => done,
        done = asking => done,
    }
}

/// The same for as long as it is polled.
pub async fn ask_for_patience(listener: &TcpListener) {
    // Each request is the last of its connection: the next one is for the server itself.
    let stop = CancellationToken::new();
    stop.cancel();
    Connections::new(stop).accept(listener, &http::away::site()).await;
}
