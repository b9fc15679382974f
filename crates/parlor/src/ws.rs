//! Live connections: `GET /api/live-chat/ws`, subprotocol `parlor.v1` (contract, section 5).

pub mod admission;
mod counted;
mod fragments;
pub mod frame;
mod handshake;
mod line;
mod ops;
mod session;
mod transport;
pub mod upgrade;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use parlor_core::error::Code;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::task::TaskTracker;

use crate::hub::Hub;
use crate::service::Service;
use crate::service::auth::Caller;
use crate::wire::Problem;
use admission::Admission;
use handshake::Handshake;
use session::Session;

pub use transport::Transport;

/// The subprotocol; a client that offers none gets none and is served the same.
pub const PROTOCOL: &str = "parlor.v1";

/// What the connections of a process share.
pub struct Sockets {
    service: Arc<Service>,
    hub: Arc<Hub>,
    admission: Arc<Admission>,
    /// Those who drain requests do not wait for connections that were upgraded.
    tasks: TaskTracker,
}

impl Sockets {
    /// No connections yet.
    #[must_use]
    pub fn new(service: Arc<Service>, hub: Arc<Hub>) -> Self {
        Self { service, hub, admission: Arc::default(), tasks: TaskTracker::new() }
    }

    /// Turns a request into a connection. `caller` is who the request itself proved; without one, the first frame must.
    pub fn accept(
        self: &Arc<Self>,
        handshake: Handshake,
        transport: Arc<Transport>,
        address: IpAddr,
        caller: Option<Caller>,
    ) -> Result<Response, Problem> {
        if self.hub.is_closing() {
            return Err(Code::Unavailable.into());
        }
        let seat = self.admission.admit(address, caller.is_some()).ok_or(Code::RateLimited)?;
        let (sockets, token) = (self.clone(), self.tasks.token());
        let (answer, socket) = handshake.accept();
        tokio::spawn(async move {
            if let Some(socket) = socket.await {
                // Boxed once: inlined, it would be in the task several times over.
                let mut session = Box::new(Session::new(socket, transport, sockets, seat));
                session.run(caller).await;
            }
            drop(token);
        });
        Ok(answer)
    }

    /// Tells every connection to go, each to come back at another moment, and waits until they have.
    pub async fn close(&self) {
        self.hub.close();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// What callers are not told.
    fn log(&self, problem: &Problem) {
        if let Some(log) = &problem.log {
            tracing::error!(code = problem.code.as_str(), log, "an op of a socket failed");
        }
    }
}

/// Moves the timer of all connections once a second, for as long as the process runs.
pub fn start_pulse(hub: Arc<Hub>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        // After a pause of the process the missed ticks must not come at once: every peer would look dead.
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            hub.pulse().tick();
        }
    })
}
