//! The benchmark: which figures, how often, on which machine.

mod cpu;
mod delivery;
mod due;
mod fanout;
mod import;
mod lists;
mod posts;
mod rooms;
mod share;
mod sockets;
mod start;
mod traffic;

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;

use crate::machine::{self, Steal};
use crate::report::{Figure, Report, Sample};
use crate::server::Launch;

/// Percent of stolen CPU time above which a run is repeated.
const STEAL_PERCENT: f64 = 2.0;
/// Runs of one sample at most; the one with the least steal counts.
const ATTEMPTS: usize = 3;

/// What to measure and how long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Which figures; all when none is named.
    scenarios: Vec<Scenario>,
    /// The server's binary.
    #[arg(long, default_value = "target/release/parlor")]
    binary: PathBuf,
    /// Where the servers keep their data: a directory on a disk, emptied before each figure, but for the filled
    /// databases of `lists`.
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
    /// A short run that shows that it works; its figures mean little.
    #[arg(long)]
    quick: bool,
    /// Runs of each figure.
    #[arg(long)]
    rounds: Option<usize>,
    /// Seconds of each run.
    #[arg(long)]
    seconds: Option<u32>,
    /// Idle sockets.
    #[arg(long)]
    sockets: Option<usize>,
    /// Conversations in the two databases whose lists are compared.
    #[arg(long, num_args = 2, value_names = ["SMALL", "LARGE"])]
    lists: Option<Vec<usize>>,
    /// Conversations that close at once, and of how many.
    #[arg(long, num_args = 2, value_names = ["DUE", "OF"])]
    due: Option<Vec<usize>>,
    /// Fill those databases again; without it they are kept from run to run.
    #[arg(long)]
    refill: bool,
    /// Requests a second while latencies are measured.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Write the figures here as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Put the figures into the table of this page.
    #[arg(long)]
    markdown: Option<PathBuf>,
}

/// A group of figures that are measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Durable posts a second, with batching and without.
    Posts,
    /// Durable posts over what SQLite alone does.
    Share,
    /// The server's CPU time of a post.
    Cpu,
    /// From POST to the sockets of those who read along.
    Fanout,
    /// Deliveries a second to large and small rooms.
    Rooms,
    /// The server's CPU time of a delivery over that of a bare write loop.
    Delivery,
    /// Resident memory of idle sockets.
    Sockets,
    /// Lists of small and large databases.
    Lists,
    /// Posts while many conversations of a large database close.
    Due,
    /// From start to the first answer; size and memory.
    Start,
}

/// What the scenarios share.
#[derive(Debug)]
struct Lab {
    binary: PathBuf,
    data: PathBuf,
    quick: bool,
    rounds: usize,
    seconds: u32,
    sockets: usize,
    lists: [usize; 2],
    refill: bool,
    due: [usize; 2],
    rate: u32,
}

/// Measures what the options name. Fails on the first error, refusal, lost or doubled message.
pub async fn run(options: Options) -> anyhow::Result<()> {
    machine::raise_file_limit()?;
    let lab = Lab::new(&options)?;
    let scenarios = match options.scenarios.as_slice() {
        [] => Scenario::value_variants(),
        named => named,
    };
    let mut report = Report::default();
    for scenario in scenarios {
        let name = scenario.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        let figures = lab.measure(*scenario).await.with_context(|| format!("bench {name}"))?;
        report.add(&format!("make bench ARGS={name}"), figures);
    }
    print!("{report}");
    if let Some(path) = &options.json {
        report.write_json(path)?;
    }
    if let Some(path) = &options.markdown {
        report.write_markdown(path)?;
    }
    Ok(())
}

impl Lab {
    fn new(options: &Options) -> anyhow::Result<Self> {
        fs::create_dir_all(&options.data)
            .with_context(|| format!("cannot make {}", options.data.display()))?;
        let binary = fs::canonicalize(&options.binary).with_context(|| {
            format!("{} is not there; build it with `make build`", options.binary.display())
        })?;
        let either = |long, short| if options.quick { short } else { long };
        let lists = options.lists.as_deref().and_then(|sizes| <[usize; 2]>::try_from(sizes).ok());
        let due = options.due.as_deref().and_then(|sizes| <[usize; 2]>::try_from(sizes).ok());
        Ok(Lab {
            binary,
            data: fs::canonicalize(&options.data)?,
            quick: options.quick,
            rounds: options.rounds.unwrap_or(either(5, 1)).max(1),
            seconds: options.seconds.unwrap_or(either(4, 1) as u32).max(1),
            sockets: options.sockets.unwrap_or(either(19_000, 200)).max(1),
            lists: lists.unwrap_or(if options.quick { [200, 2_000] } else { [10_000, 1_000_000] }),
            refill: options.refill,
            due: due.unwrap_or(if options.quick { [200, 2_000] } else { [100_000, 1_000_000] }),
            rate: options.rate.max(1),
        })
    }

    async fn measure(&self, scenario: Scenario) -> anyhow::Result<Vec<Figure>> {
        match scenario {
            Scenario::Posts => posts::run(self).await,
            Scenario::Share => share::run(self).await,
            Scenario::Cpu => cpu::run(self).await,
            Scenario::Fanout => fanout::run(self).await,
            Scenario::Rooms => rooms::run(self).await,
            Scenario::Delivery => delivery::run(self).await,
            Scenario::Sockets => sockets::run(self).await,
            Scenario::Lists => lists::run(self).await,
            Scenario::Due => due::run(self).await,
            Scenario::Start => start::run(self).await,
        }
    }

    /// A server with an empty data directory.
    fn fresh(&self, name: &str) -> anyhow::Result<Launch> {
        let data = self.data.join(name);
        if data.exists() {
            fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
        }
        Ok(Launch::new(&self.binary, data))
    }

    /// Runs `run` until the hypervisor let it alone, or `ATTEMPTS` times; the run with the least steal counts. `label`
    /// and what `tell` makes of the result go to stderr as progress.
    async fn sample<T>(
        &self,
        label: &str,
        tell: impl Fn(&T) -> String,
        mut run: impl AsyncFnMut() -> anyhow::Result<T>,
    ) -> anyhow::Result<Sample<T>> {
        let mut best: Option<Sample<T>> = None;
        for _ in 0..ATTEMPTS {
            let before = Steal::now()?;
            let value = run().await.with_context(|| label.to_owned())?;
            let steal = before.percent_until(Steal::now()?);
            eprintln!("{label}: {} (steal {steal:.1} %)", tell(&value));
            if best.as_ref().is_none_or(|best| steal < best.steal) {
                best = Some(Sample { value, steal });
            }
            if steal <= STEAL_PERCENT {
                break;
            }
        }
        best.context("no run")
    }
}
