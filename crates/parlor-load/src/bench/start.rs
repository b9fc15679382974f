//! From start to the first answer, and what the server weighs when nobody is there.

use std::fs;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::Lab;
use crate::http::Connection;
use crate::machine;
use crate::report::{Figure, Sample, Unit};

/// After that long nothing of the start is left to do.
const IDLE: Duration = Duration::from_secs(2);

struct Run {
    fresh_ms: f64,
    again_ms: f64,
    list_ms: f64,
    idle_mib: f64,
}

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let mut samples: Vec<Sample<Run>> = Vec::new();
    for round in 1..=lab.rounds {
        let label = format!("start, round {round}");
        let tell = |run: &Run| format!("{:.1} ms to the first answer", run.again_ms);
        samples.push(lab.sample(&label, tell, async || one(lab).await).await?);
    }
    let figure = |name: &str, unit, part: fn(&Run) -> f64| {
        let values: Vec<_> = samples.iter().map(|sample| sample.map(part)).collect();
        Figure::of(name, unit, &values)
    };
    let binary_bytes = fs::metadata(&lab.binary)?.len();
    let size = Sample { value: binary_bytes as f64 / (1024.0 * 1024.0), steal: 0.0 };
    Ok(vec![
        figure("start to first answer, new data directory", Unit::Millis, |run| run.fresh_ms),
        figure("start to first answer", Unit::Millis, |run| run.again_ms),
        figure("start to first list", Unit::Millis, |run| run.list_ms),
        figure("idle memory", Unit::MiB, |run| run.idle_mib),
        Figure::of("binary size", Unit::MiB, &[size]),
    ])
}

async fn one(lab: &Lab) -> anyhow::Result<Run> {
    let launch = lab.fresh("start")?;
    let begun = Instant::now();
    let server = launch.start().await?;
    let fresh_ms = millis(begun);
    server.stop().await?;
    let token = launch.token("agent")?;
    let begun = Instant::now();
    let server = launch.start().await?;
    let again_ms = millis(begun);
    let api = server.called_with(token);
    let mut connection = Connection::open(api.address).await?;
    connection.call(&api.request("GET", "/conversations", None)).await?.expect(200)?;
    let list_ms = millis(begun);
    drop(connection);
    sleep(IDLE).await;
    server.settle().await?;
    let idle_mib = machine::resident_kib(server.pid())? as f64 / 1024.0;
    server.stop().await?;
    Ok(Run { fresh_ms, again_ms, list_ms, idle_mib })
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
