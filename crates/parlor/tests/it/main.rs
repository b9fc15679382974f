//! Parlor seen from outside, in one test binary (one link instead of one for each file).

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod backup;
mod check;
mod clock;
mod drain;
mod erasure;
mod http;
mod laws;
mod lifecycle;
mod restore;
mod retention;
mod search;
mod sqlite;
mod store;
mod support;
mod through;
mod transfer;
mod ws;
