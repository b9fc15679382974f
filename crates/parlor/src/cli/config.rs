//! `parlor config`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::{self, Given};

/// Check or show the settings.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Check the settings file and the environment; print the settings in force.
    Check {
        /// The file; parlor.toml when it is there.
        #[arg(long, env = "PARLOR_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Print a settings file with every default.
    Default,
    /// Print every setting as a table of Markdown.
    Doc,
}

impl Config {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Config::Check { config } => {
                print!("{}", config::Config::load(config.as_deref(), from_environment())?.to_toml());
            }
            Config::Default => print!("{}", config::Config::default().to_toml()),
            Config::Doc => print!("{}", config::documentation()),
        }
        Ok(())
    }
}

/// The variables alone, read by the same parser as `serve` reads them.
fn from_environment() -> Given {
    #[derive(clap::Parser)]
    struct Variables {
        #[command(flatten)]
        given: Given,
    }
    let Variables { given } = clap::Parser::parse_from(["parlor"]);
    given
}
