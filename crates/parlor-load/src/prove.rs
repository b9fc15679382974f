//! The proofs: what is promised, under what usually breaks promises, judged to the last message.

mod crash;
mod power;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokio::signal::unix::{SignalKind, signal};

use self::crash::Crash;
use crate::judge::{Breach, Verdict};
use crate::machine;
use crate::outcome::Outcome;
use crate::random::Random;
use crate::report::{Figure, Goal, Report, Sample, Unit};
use crate::server::Launch;

/// What to prove and how long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What is done to the server.
    proof: Proof,
    /// The server's binary.
    #[arg(long, default_value = "target/release/parlor")]
    binary: PathBuf,
    /// Where the servers keep their data: a directory on a disk, emptied first.
    #[arg(long, default_value = "target/prove")]
    data: PathBuf,
    /// The short form, for every test run.
    #[arg(long)]
    quick: bool,
    /// Cycles, in place of the long or short form's.
    #[arg(long)]
    cycles: Option<u32>,
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

/// What breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proof {
    /// The process: SIGKILL under load and a restart, again and again.
    Kill,
    /// The disk: its power is cut under load, again and again. Needs root.
    Power,
}

/// What the proofs share.
#[derive(Debug)]
struct Stage {
    name: String,
    binary: PathBuf,
    data: PathBuf,
    quick: bool,
    cycles: Option<u32>,
    random: Random,
    journal: Option<PathBuf>,
}

/// Runs a proof. An error is a breach, or that the proof could not be led.
pub async fn run(options: Options) -> anyhow::Result<()> {
    machine::raise_file_limit()?;
    let mut stage = Stage::new(&options)?;
    let proof = async {
        match options.proof {
            Proof::Kill => crash::run(&mut stage, Crash::Kill, 200, 5).await,
            Proof::Power => crash::run(&mut stage, Crash::Power, 100, 3).await,
        }
    };
    // Left like an error: servers end, and what was mounted is unmounted.
    let figures = tokio::select! {
        figures = proof => figures?,
        () = interrupted()? => bail!("interrupted"),
    };
    let mut report = Report::default();
    report.add(&format!("make prove-{}", stage.name), figures);
    print!("{report}");
    if let Some(path) = &options.json {
        report.write_json(path)?;
    }
    if let Some(path) = &options.markdown {
        report.write_markdown(path)?;
    }
    report.judge()
}

impl Stage {
    fn new(options: &Options) -> anyhow::Result<Self> {
        let name = options.proof.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        fs::create_dir_all(&options.data)
            .with_context(|| format!("cannot make {}", options.data.display()))?;
        let binary = fs::canonicalize(&options.binary).with_context(|| {
            format!("{} is not there; build it with `make build`", options.binary.display())
        })?;
        let seed = options.seed.map_or_else(Random::seed, Ok)?;
        eprintln!("{name}: seed {seed}");
        let data = fs::canonicalize(&options.data)?;
        let (quick, cycles, journal) = (options.quick, options.cycles, options.journal.clone());
        Ok(Stage { name, binary, data, quick, cycles, random: Random::new(seed), journal })
    }

    /// How often, in the long form or the short one.
    fn cycles(&self, long: u32, short: u32) -> u32 {
        self.cycles.unwrap_or(if self.quick { short } else { long })
    }

    /// A server with an empty data directory, on one port whenever it starts.
    fn fresh(&mut self) -> anyhow::Result<Launch> {
        let data = self.data.join(&self.name);
        if data.exists() {
            fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
        }
        Launch::new(&self.binary, data).pinned(&mut self.random)
    }

    /// The same on a disk of its own, whose loss its log survives.
    fn fresh_on(&mut self, disk: &Path) -> anyhow::Result<Launch> {
        let log = self.data.join(&self.name).with_extension("log");
        let launch = Launch::new(&self.binary, disk.join("parlor")).pinned(&mut self.random)?;
        Ok(launch.logging_to(log))
    }

    /// The rows every proof has: what was found, and how much that rests on.
    fn figures(&self, what: &str, verdict: &Verdict) -> Vec<Figure> {
        let figure = |name: String, value: u64| {
            Figure::of(name, Unit::Count, &[Sample { value: value as f64, steal: 0.0 }])
        };
        let mut figures: Vec<Figure> = Breach::ALL
            .into_iter()
            .map(|breach| {
                let name = format!("{what}: {}", breach.name());
                figure(name, verdict.count(breach)).with_goal(Goal::AtMost(0.0))
            })
            .collect();
        figures.push(figure(format!("{what}: messages acknowledged"), verdict.acknowledged));
        figures.push(figure(format!("{what}: messages shown to readers"), verdict.sightings));
        figures
    }
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

/// Lets the server's own check look at what a stopped server left.
fn check(launch: &Launch) -> anyhow::Result<()> {
    let help =
        launch.command().args(["check", "--help"]).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !help.success() {
        return Ok(());
    }
    let output = launch.command().arg("check").output().context("cannot run parlor check")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        return Err(Outcome::Breach(format!("parlor check found: {}", String::from_utf8_lossy(&said))).into());
    }
    Ok(())
}
