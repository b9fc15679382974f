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
    let done = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Token(token) => wait(token.run()),
        Command::Link(link) => wait(link.run()),
        Command::Import(import) => wait(import.run()),
        Command::Export(export) => wait(export.run()),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => wait(restore.run()),
        Command::Check(check) => check.run(),
        Command::Clock(clock) => wait(clock.run()),
        Command::Workspace(workspace) => wait(workspace.run()),
        Command::Config(config) => config.run(),
        Command::Openapi => {
            print!("{}", crate::app::openapi());
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Runs a command that waits for things.
fn wait(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(command);
    // What still runs was broken off, and is made whole by the next start.
    runtime.shutdown_background();
    done
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("parlor: {error:#}");
    ExitCode::FAILURE
}
