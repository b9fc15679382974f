//! The load generator: starts Parlor, speaks its wire over HTTP and WebSocket, measures it, and checks that nothing it
//! was promised got lost or doubled on the way.
//!
//! It shares the machine with the server it measures, so it is lean before it is general: requests are built once and
//! patched, answers are scanned rather than parsed where their status says enough.
//!
//! - `server`: one Parlor process; `machine`: what `/proc` says about it and about the machine;
//!   `shim`: what takes a few lines of C.
//! - `http`, `socket`: the two connections; `message`: the posts; `id`: message ids.
//! - `crowd`, `frame`: thousands of readers on one thread; `bare`, `raw`: the least a fan-out and a commit can cost.
//! - `judge`: what writers were told and readers were shown, against what is stored.
//! - `writer`, `follow`: clients that keep to the contract, whatever happens to the server; `people`, `world`: what they
//!   share; `token`: who they are; `random`: their chances; `steady`: messages by the clock.
//! - `pace`: the closed and the open loop; `bench`: the figures; `load`: the workloads; `prove`: the proofs;
//!   `stage`: what these share; `settings`: how long what may stay as it is;
//!   `report`: how they are told; `outcome`: exit codes.

mod bare;
mod bench;
mod crowd;
mod follow;
mod frame;
mod http;
mod id;
mod judge;
mod load;
mod machine;
mod message;
mod outcome;
mod pace;
mod people;
mod prove;
mod random;
mod raw;
mod report;
mod server;
mod settings;
mod shim;
mod socket;
mod stage;
mod steady;
mod token;
mod world;
mod writer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Puts load on Parlor, measures it and checks that nothing was lost.
#[derive(Debug, Parser)]
#[command(name = "parlor-load", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Measure the figures of docs/benchmarks.md.
    Bench(bench::Options),
    /// Do to a server what people do all day, measure it, and judge what they saw.
    Load(load::Options),
    /// Prove that nothing is lost, doubled, skipped or reordered while something breaks.
    Prove(prove::Options),
    /// Write what comes in to many sockets: what deliveries are measured against.
    #[command(hide = true)]
    Bare {
        /// Sockets to wait for.
        count: usize,
    },
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    // One thread: the generator must leave the server its core, and nothing here is worth a lock.
    let run = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let run = run.map_err(anyhow::Error::from).and_then(|runtime| {
        let people = tokio::task::LocalSet::new();
        runtime.block_on(people.run_until(async {
            match task {
                Task::Bench(options) => bench::run(options).await,
                Task::Load(options) => load::run(options).await,
                Task::Prove(options) => prove::run(options).await,
                Task::Bare { count } => bare::run(count).await,
            }
        }))
    });
    if let Err(error) = &run {
        eprintln!("parlor-load: {error:#}");
    }
    outcome::exit_code(&run)
}
