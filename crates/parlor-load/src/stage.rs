//! What proofs and workloads share: a server on an empty directory, the judge's world, and how the end is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};

use crate::judge::{Breach, Verdict};
use crate::machine::{self, Steal};
use crate::people::People;
use crate::random::Random;
use crate::report::{Figure, Goal, Report, Sample, Unit};
use crate::server::{Launch, Server};
use crate::token::Signer;
use crate::world::{Patience, World};

/// How a run is run, whatever it is.
#[derive(Debug, clap::Args)]
pub struct Common {
    /// The server's binary.
    #[arg(long, default_value = "target/release/parlor")]
    binary: PathBuf,
    /// Where the servers keep their data: a directory on a disk, emptied first.
    #[arg(long, default_value = "target/prove")]
    data: PathBuf,
    /// Takes the same chances again; without it, new ones.
    #[arg(long)]
    seed: Option<u64>,
    /// Write every note of the judge here, one a line; of several rounds, the last.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Write the figures here as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Put the figures into the table of this page.
    #[arg(long)]
    markdown: Option<PathBuf>,
}

/// Where a run takes place.
#[derive(Debug)]
pub struct Stage {
    /// As it is called.
    pub name: String,
    /// Its directory.
    pub data: PathBuf,
    /// Its chances.
    pub random: Random,
    binary: PathBuf,
    journal: Option<PathBuf>,
}

impl Common {
    /// Runs `play` and tells what it found. An error is a breach, a goal that was missed, or that it could not be run.
    pub async fn run(
        &self,
        name: &str,
        command: &str,
        play: impl AsyncFnOnce(&mut Stage) -> anyhow::Result<Vec<Figure>>,
    ) -> anyhow::Result<()> {
        machine::raise_file_limit()?;
        let mut stage = Stage::new(name, self)?;
        let before = Steal::now()?;
        // Left like an error: servers end, and what was mounted is unmounted.
        let figures = tokio::select! {
            figures = play(&mut stage) => figures?,
            () = interrupted()? => bail!("interrupted"),
        };
        // Counted and timed over all of it: what was stolen meanwhile stands beside every figure.
        let steal = before.percent_until(Steal::now()?);
        let mut report = Report::default();
        report.add(command, figures.into_iter().map(|figure| figure.beside(steal)).collect());
        print!("{report}");
        if let Some(path) = &self.json {
            report.write_json(path)?;
        }
        if let Some(path) = &self.markdown {
            report.write_markdown(path)?;
        }
        report.judge()
    }
}

impl Stage {
    fn new(name: &str, common: &Common) -> anyhow::Result<Self> {
        fs::create_dir_all(&common.data).with_context(|| format!("cannot make {}", common.data.display()))?;
        let binary = fs::canonicalize(&common.binary).with_context(|| {
            format!("{} is not there; build it with `make build`", common.binary.display())
        })?;
        let seed = common.seed.map_or_else(Random::seed, Ok)?;
        eprintln!("{name}: seed {seed}");
        let (data, journal) = (fs::canonicalize(&common.data)?, common.journal.clone());
        Ok(Stage { name: name.to_owned(), data, random: Random::new(seed), binary, journal })
    }

    /// A server with an empty data directory, on one port whenever it starts.
    pub fn fresh(&mut self) -> anyhow::Result<Launch> {
        let data = self.data.join(&self.name);
        if data.exists() {
            fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
        }
        Launch::new(&self.binary, data).pinned(&mut self.random)
    }

    /// The same on a disk of its own, whose loss its log survives.
    pub fn fresh_on(&mut self, disk: &Path) -> anyhow::Result<Launch> {
        let log = self.data.join(&self.name).with_extension("log");
        let launch = Launch::new(&self.binary, disk.join("parlor")).pinned(&mut self.random)?;
        Ok(launch.logging_to(log))
    }

    /// The people who will call `server`, in a world where nothing has happened.
    pub fn people(&mut self, server: &Server, patience: Patience) -> anyhow::Result<Rc<People>> {
        let world = World::new(Random::new(self.random.next()), patience)?;
        if let Some(path) = &self.journal {
            world.journal.borrow_mut().record_to(path)?;
        }
        Ok(People::new(world, Signer::of(server.launch())?, server.address()))
    }
}

/// The rows every judged run has: what was found, and how much that rests on.
pub fn verdict_figures(what: &str, verdict: &Verdict) -> Vec<Figure> {
    let breaches = Breach::ALL.into_iter().map(|breach| {
        let name = format!("{what}: {}", breach.name());
        count(name, verdict.count(breach)).with_goal(Goal::AtMost(0.0))
    });
    let mut figures: Vec<Figure> = breaches.collect();
    figures.push(count(format!("{what}: messages acknowledged"), verdict.acknowledged));
    figures.push(count(format!("{what}: messages shown to readers"), verdict.sightings));
    figures
}

/// A number of things.
pub fn count(name: String, value: u64) -> Figure {
    one(name, Unit::Count, value as f64)
}

/// A value of the whole run; what was stolen is added at its end.
pub fn one(name: String, unit: Unit, value: f64) -> Figure {
    Figure::of(name, unit, &[Sample { value, steal: 0.0 }])
}

/// Comes when somebody wants the run to end.
fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
