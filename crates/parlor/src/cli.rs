//! The command line. Exit codes: 0 done, 1 failed, 2 wrong usage; errors name cause and next step on stderr.

mod backup;
mod check;
mod clock;
mod config;
mod link;
mod progress;
mod remote;
mod restore;
mod sending;
mod serve;
mod store;
mod through;
mod token;
mod transfer;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

/// Live chat for chat funnels.
#[derive(Debug, Parser)]
#[command(name = "parlor", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Token(token::Token),
    Link(link::Link),
    Import(transfer::Import),
    Export(transfer::Export),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Check(check::Check),
    #[command(subcommand)]
    Clock(clock::Clock),
    Workspace(workspace::Workspace),
    #[command(subcommand)]
    Config(config::Config),
    /// Print the API's document; openapi.json in the repository is its output.
    #[command(hide = true)]
    Openapi,
}

/// Parses the command line and runs what it asks for.
pub fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let mut builder = match command {
        // It has a runtime of its own; around that one it only waits.
        Command::Serve(_) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Token(token) => token.run().await,
            Command::Link(link) => link.run().await,
            Command::Import(import) => import.run().await,
            Command::Export(export) => export.run().await,
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run().await,
            Command::Check(check) => check.run(),
            Command::Clock(clock) => clock.run().await,
            Command::Workspace(workspace) => workspace.run().await,
            Command::Config(config) => config.run(),
            Command::Openapi => {
                print!("{}", crate::app::openapi());
                Ok(())
            }
        }
    });
    // What still runs was broken off, and is made whole by the next start.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("parlor: {error:#}");
    ExitCode::FAILURE
}
