//! `parlor clock`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use parlor_core::clock::{Pause, StoredClock};

use super::store::require_database;
use crate::ambient::Machine;
use crate::store::Store;
use crate::store::sqlite::{DataDir, SqliteStore};

/// Look at the time the server ever ran, and say that the wall clock is right.
///
/// Deleting by policy waits for 24 hours in which the server runs, and pauses when the wall clock jumps. Works with the
/// server running or not.
#[derive(Debug, Subcommand)]
pub enum Clock {
    /// Print how long the server ran, and whether the clocks agree.
    Status(Place),
    /// Say that the wall clock is right: what was paused goes on, within ten seconds where a server runs.
    GoOn(Place),
}

#[derive(Debug, Args)]
pub struct Place {
    /// The data directory.
    #[arg(long, env = "PARLOR_DATA", default_value = "./parlor-data")]
    data: PathBuf,
}

impl Clock {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (Self::Status(Place { data }) | Self::GoOn(Place { data })) = &self;
        require_database(data)?;
        let _lock = DataDir::to_change(data)?;
        let store = SqliteStore::open_beside(data, Arc::new(Machine))?;
        if matches!(self, Self::GoOn(_)) {
            store.clock_goes_on().await?;
        }
        match store.load_clock().await? {
            Some(clock) => print!("{}", said(&clock)),
            None => println!("No server has run on this directory yet."),
        }
        Ok(())
    }
}

fn said(clock: &StoredClock) -> String {
    let mut said = format!("The server ran for {} in all.\n", duration(clock.running_ms));
    match clock.pause {
        None => said += "Its time and the wall clock agree.\n",
        Some(Pause { at, disagreement_ms }) => {
            let way = if disagreement_ms < 0 { "back" } else { "ahead" };
            said += &format!(
                "Paused since {at}: the wall clock went {way} by {} against it, so nothing is erased by itself.\n\
                 Look at the machine's clock; when it is right: parlor clock go-on\n",
                duration(disagreement_ms.saturating_abs())
            );
        }
    }
    said
}

/// In the two largest units there are.
fn duration(ms: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = ms / 1000;
    let mut parts = Vec::new();
    for (seconds, unit) in UNITS {
        if rest >= seconds || (unit == "s" && parts.is_empty()) {
            parts.push(format!("{} {unit}", rest / seconds));
            rest %= seconds;
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use parlor_core::time::Timestamp;

    use super::*;

    #[test]
    fn it_says_what_is_wrong_and_what_to_do() {
        let clock = StoredClock {
            running_ms: 90_061_000,
            wall: Timestamp(0),
            served_until: Timestamp(0),
            pause: None,
        };
        assert_eq!(said(&clock), "The server ran for 1 d 1 h in all.\nIts time and the wall clock agree.\n");
        let pause = Some(Pause { at: Timestamp(1_767_225_600_000), disagreement_ms: -3_600_000 });
        let paused = said(&StoredClock { running_ms: 0, pause, ..clock });
        assert!(paused.starts_with("The server ran for 0 s in all.\nPaused since 2026-01-01T00:00:00.000Z"));
        assert!(paused.contains("went back by 1 h") && paused.ends_with("parlor clock go-on\n"), "{paused}");
    }
}
