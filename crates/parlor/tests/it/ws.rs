//! Live connections over real sockets.

mod auth;
mod deletion;
mod handshake;
mod limits;
mod notes;
mod ops;
mod presence;
mod stalled;
mod sync;
mod topics;
mod truth;
