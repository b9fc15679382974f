//! Live connections over real sockets.

mod auth;
mod limits;
mod ops;
mod sync;
mod topics;
