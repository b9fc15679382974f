//! The load generator: speaks Parlor's wire over HTTP and WebSocket and reports what it measured.

use clap::Parser;

/// Puts load on a running Parlor and measures it.
#[derive(Debug, Parser)]
#[command(name = "parlor-load", version)]
struct Arguments {}

fn main() {
    let Arguments {} = Arguments::parse();
}
