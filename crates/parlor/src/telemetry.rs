//! Logging. Lines name ids, counts and codes; never texts, tokens, link codes or request bodies.

use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs to stderr from now on: for people on a terminal, as JSON lines elsewhere. `filter` was checked with the settings.
pub fn start(filter: &str) {
    let filter = filter.parse::<Targets>().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    if std::io::stderr().is_terminal() {
        registry.with(lines.compact()).init();
    } else {
        registry.with(lines.json()).init();
    }
}
