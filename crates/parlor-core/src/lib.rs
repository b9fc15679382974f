//! The rules of Parlor, pure: no files, no sockets, no clock, no randomness.
//!
//! A command and the rows it concerns go in; changes, an answer or a refusal come out ([`decide`]). Everything else
//! here is the vocabulary: parsed, bounded types that cannot hold what the product does not allow.

#![warn(missing_docs)]

pub mod access;
pub mod agent;
pub mod backoff;
pub mod clock;
pub mod command;
pub mod conversation;
pub mod cursor;
pub mod decide;
pub mod desk;
pub mod error;
pub mod event;
pub mod funnel;
pub mod id;
pub mod invariant;
pub mod lifecycle;
pub mod limits;
pub mod message;
pub mod note;
pub mod planted;
pub mod state;
pub mod text;
pub mod time;
pub mod user;
