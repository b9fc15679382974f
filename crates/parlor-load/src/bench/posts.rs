//! Durable posts a second: the same binary with batching and without, in turns; and once more on a slow disk.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Lab;
use super::traffic::Traffic;
use crate::http::Connection;
use crate::pace;
use crate::report::{Figure, Goal, Sample, Unit};
use crate::server::Server;
use crate::shim;

/// Requests in flight.
const IN_FLIGHT: &[usize] = &[1, 16, 64, 256];
/// Where batching is judged.
const JUDGED: usize = 64;
/// Conversations they go to: many small rooms.
const ROOMS: usize = 1_000;
/// What the slow disk adds to each sync.
const SLOW_SYNC_US: u32 = 1_000;

struct Side {
    name: &'static str,
    server: Server,
    traffic: RefCell<Traffic>,
}

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let mut figures = disk(lab, "", IN_FLIGHT, 1.7, None).await?;
    let shim = shim::SLOW_DISK.build(&lab.data)?;
    figures.extend(disk(lab, ", 1 ms added to each sync", &[JUDGED], 8.0, Some(shim)).await?);
    Ok(figures)
}

/// Both servers on one kind of disk.
async fn disk(
    lab: &Lab,
    suffix: &str,
    in_flight: &[usize],
    goal: f64,
    shim: Option<PathBuf>,
) -> anyhow::Result<Vec<Figure>> {
    let with = side(lab, "on", "256", shim.as_ref()).await?;
    let without = side(lab, "off", "1", shim.as_ref()).await?;
    let mut runs: Vec<Vec<[Sample<f64>; 2]>> = in_flight.iter().map(|_| Vec::new()).collect();
    for round in 0..lab.rounds {
        for (runs, in_flight) in runs.iter_mut().zip(in_flight) {
            // In turns, so that what warms up or drifts favours neither.
            runs.push(if round % 2 == 0 {
                let first = with.posts(lab, *in_flight, suffix).await?;
                [first, without.posts(lab, *in_flight, suffix).await?]
            } else {
                let first = without.posts(lab, *in_flight, suffix).await?;
                [with.posts(lab, *in_flight, suffix).await?, first]
            });
        }
    }
    with.end().await?;
    without.end().await?;
    Ok(figures(&runs, in_flight, suffix, goal))
}

fn figures(runs: &[Vec<[Sample<f64>; 2]>], in_flight: &[usize], suffix: &str, goal: f64) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (runs, in_flight) in runs.iter().zip(in_flight) {
        let with: Vec<_> = runs.iter().map(|[with, _]| *with).collect();
        let without: Vec<_> = runs.iter().map(|[_, without]| *without).collect();
        let ratio = |[with, without]: &[Sample<f64>; 2]| Sample {
            value: with.value / without.value,
            steal: with.steal.max(without.steal),
        };
        let ratios: Vec<_> = runs.iter().map(ratio).collect();
        let name = |what: &str| format!("{what}, {in_flight} in flight{suffix}");
        figures.push(Figure::of(name("durable posts"), Unit::PerSecond, &with));
        figures.push(Figure::of(name("durable posts without batching"), Unit::PerSecond, &without));
        let ratio = Figure::of(name("gain of batching"), Unit::Times, &ratios);
        figures.push(if *in_flight == JUDGED { ratio.with_goal(Goal::AtLeast(goal)) } else { ratio });
    }
    figures
}

async fn side(lab: &Lab, name: &'static str, batch: &str, shim: Option<&PathBuf>) -> anyhow::Result<Side> {
    let mut launch = lab.fresh(&format!("posts-{name}"))?.with("PARLOR_BATCH_COMMANDS", batch);
    if let Some(shim) = shim {
        launch = launch.with("LD_PRELOAD", shim.to_string_lossy());
        launch = launch.with("PARLOR_SLOW_SYNC_US", SLOW_SYNC_US.to_string());
    }
    let server = launch.start().await?;
    let traffic = Traffic::prepare(&server, ROOMS).await?;
    Ok(Side { name, server, traffic: RefCell::new(traffic) })
}

impl Side {
    /// Posts a second with `in_flight` requests in flight.
    async fn posts(&self, lab: &Lab, in_flight: usize, suffix: &str) -> anyhow::Result<Sample<f64>> {
        let address = self.traffic.borrow().api.address;
        let label = format!("posts, batching {}, {in_flight} in flight{suffix}", self.name);
        lab.sample(
            &label,
            |rate| format!("{rate:.0}/s"),
            async || {
                // The other server's and the last run's search index must not be paid for here.
                self.server.settle().await?;
                let mut connections = Connection::open_many(address, in_flight).await?;
                let time = Duration::from_secs(lab.seconds.into());
                let answered = pace::closed(&mut connections, Instant::now() + time, &self.traffic).await?;
                Ok(answered as f64 / time.as_secs_f64())
            },
        )
        .await
    }

    async fn end(self) -> anyhow::Result<()> {
        self.traffic.into_inner().verify().await?;
        self.server.stop().await
    }
}
