//! The command line.

use std::process::ExitCode;

use clap::Parser;

/// Live chat for chat funnels.
#[derive(Debug, Parser)]
#[command(name = "parlor", version)]
struct Arguments {}

/// Parses the command line and runs what it asks for.
pub fn main() -> ExitCode {
    let Arguments {} = Arguments::parse();
    ExitCode::SUCCESS
}
