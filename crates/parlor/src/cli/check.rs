//! `parlor check`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use parlor_core::invariant::Breach;
use parlor_core::limits;

use super::progress::Progress;
use super::store::require_database;
use crate::search;
use crate::store::StoreError;
use crate::store::sqlite::check::{Check as Database, Checked, Listener};

/// Verify everything that must be true of the stored data.
///
/// It changes nothing, and a server may go on running beside it. Each breach is a line with ids, never with words that
/// somebody said.
#[derive(Debug, Args)]
pub struct Check {
    /// The data directory.
    #[arg(long, env = "PARLOR_DATA", default_value = "./parlor-data")]
    data: PathBuf,
}

/// The kind of breaches that cost nothing but the time to build the index again.
const OF_THE_INDEX: &str = "search index";

impl Check {
    pub(super) fn run(self) -> anyhow::Result<()> {
        require_database(&self.data)?;
        let mut told = Told { progress: Progress::new(), counts: BTreeMap::new() };
        let checked = look(&self.data, &mut told)?;
        told.progress.clear();
        for (kind, count) in &told.counts {
            if let Some(more) = count.checked_sub(limits::CHECK_SHOWN).filter(|more| *more > 0) {
                println!("{kind}: {more} more");
            }
        }
        match checked {
            Some(Checked { conversations, messages }) => {
                println!("Checked {conversations} conversations with {messages} messages.");
            }
            None => println!("Nothing else was checked."),
        }
        told.verdict()
    }
}

fn look(data: &Path, told: &mut Told) -> anyhow::Result<Option<Checked>> {
    let failed = |next: &str| format!("the check of {} could not be finished; {next}", data.display());
    let damaged = || failed("if nothing else is wrong, keep a copy of the directory and go on from a backup");
    let mut database = Database::open(data).with_context(damaged)?;
    let checked = every(&mut database, data, told);
    if database.is_broken_off() {
        return checked.with_context(|| failed("run it again in a quieter hour, or with the server stopped"));
    }
    checked.with_context(damaged)
}

fn every(database: &mut Database, data: &Path, told: &mut Told) -> Result<Option<Checked>, StoreError> {
    let checked = database.database(told)?;
    if checked.is_some() {
        search::check(database, data, told)?;
    }
    Ok(checked)
}

/// What a check says.
struct Told {
    progress: Progress,
    counts: BTreeMap<&'static str, u64>,
}

impl Listener for Told {
    fn step(&mut self, name: &str, done: u64, of: u64) {
        self.progress.show(|| if of == 0 { name.to_owned() } else { format!("{name}: {done} of {of}") });
    }

    fn breach(&mut self, breach: Breach) {
        let count = self.counts.entry(breach.kind).or_default();
        *count += 1;
        if *count <= limits::CHECK_SHOWN {
            self.progress.clear();
            println!("{}: {}", breach.kind, breach.found);
        }
    }

    fn note(&mut self, text: String) {
        self.progress.clear();
        println!("{text}");
    }
}

impl Told {
    /// The end: all is well, or what to do next.
    fn verdict(&self) -> anyhow::Result<()> {
        let all: u64 = self.counts.values().sum();
        if all == 0 {
            println!("Everything is as it must be.");
            return Ok(());
        }
        let all = if all == 1 { "1 breach".to_owned() } else { format!("{all} breaches") };
        if self.counts.contains_key("schema") {
            bail!("the database is not this Parlor's; do what the line above says, then check again");
        }
        if self.counts.keys().all(|kind| *kind == OF_THE_INDEX) {
            bail!(
                "{all} found, all in the search index, from which nothing is lost; stop the server, delete search.db, \
                 search.db-wal and search.db-shm, and start it: it builds the index again"
            );
        }
        bail!(
            "{all} found; stop the server, keep a copy of the whole data directory, then report the lines above, \
             or go on from a backup of before"
        )
    }
}
