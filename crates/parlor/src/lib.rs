//! Parlor: live chat for chat funnels, in one binary.
//!
//! The layers, each knowing only what stands to its left (a test greps this):
//!
//! `core ← wire, store, hub ← search ← writer ← service, demo ← http, ws, jobs ← app ← cli`

pub mod ambient;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod hub;
pub mod jobs;
pub mod search;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod wire;
pub mod writer;
pub mod ws;
