//! `GET /conversations` of a small and a large workspace, in turns: what a list costs must not grow with the history.

use std::cell::RefCell;
use std::fs;
use std::time::Instant;

use anyhow::ensure;
use hdrhistogram::Histogram;

use super::Lab;
use super::import::{MESSAGES, Row, import};
use crate::http::{Answer, Api, Connection};
use crate::pace::{self, Load, Schedule};
use crate::report::{Figure, Goal, Sample, Unit};
use crate::server::Launch;

/// One conversation in this many is open, the others are history.
const OPEN_SHARE: usize = 4;
/// Connections the requests go out on.
const CALLERS: usize = 8;
/// What is asked, and as what it stands in the report.
const QUERIES: [(&str, &str); 2] =
    [("/conversations?messages=0", "messages=0"), ("/conversations", "default")];

/// The first page, over and over.
struct List {
    request: Vec<u8>,
}

impl Load for List {
    type Ticket = ();

    fn next(&mut self, _: Instant, request: &mut Vec<u8>) -> Self::Ticket {
        request.extend_from_slice(&self.request);
    }

    fn answered(&mut self, (): Self::Ticket, answer: Answer<'_>) -> anyhow::Result<()> {
        let body = answer.expect(200)?;
        // An empty list would be quick, and wrong.
        ensure!(body.len() > 5_000, "a first page of {} bytes", body.len());
        Ok(())
    }
}

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let mut sides = Vec::new();
    for size in lab.lists {
        let server = filled(lab, size)?.start().await?;
        // The search index of a new import.
        server.settle().await?;
        let api = server.api("agent")?;
        sides.push((size, server, api));
    }
    let mut samples: [[Vec<Sample<Histogram<u64>>>; 2]; 2] = Default::default();
    for round in 1..=lab.rounds {
        for (query, (path, name)) in QUERIES.iter().enumerate() {
            for (side, (size, _, api)) in sides.iter().enumerate() {
                let label = format!("lists, {size} conversations, {name}, round {round}");
                let tell = |h: &Histogram<u64>| format!("p50 {} µs", h.value_at_quantile(0.5));
                let sample = lab.sample(&label, tell, async || one(lab, api, path).await).await?;
                samples[query][side].push(sample);
            }
        }
    }
    for (_, server, _) in sides {
        server.stop().await?;
    }
    Ok(figures(lab, &samples))
}

async fn one(lab: &Lab, api: &Api, path: &str) -> anyhow::Result<Histogram<u64>> {
    let list = RefCell::new(List { request: api.request("GET", path, None) });
    let mut connections = Connection::open_many(api.address, CALLERS).await?;
    let schedule = Schedule::new(lab.rate, lab.rate as usize * lab.seconds as usize);
    pace::open(&mut connections, schedule, &list).await
}

fn figures(lab: &Lab, samples: &[[Vec<Sample<Histogram<u64>>>; 2]; 2]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for ((_, name), [small, large]) in QUERIES.iter().zip(samples) {
        for (word, quantile) in [("p50", 0.5), ("p99", 0.99)] {
            let millis = |h: &Histogram<u64>| h.value_at_quantile(quantile) as f64 / 1e3;
            let values = |side: &[Sample<Histogram<u64>>]| -> Vec<Sample<f64>> {
                side.iter().map(|sample| sample.map(millis)).collect()
            };
            let (small, large) = (values(small), values(large));
            let ratios: Vec<_> = small
                .iter()
                .zip(&large)
                .map(|(s, l)| Sample { value: l.value / s.value, steal: s.steal.max(l.steal) })
                .collect();
            for (size, values) in lab.lists.iter().zip([&small, &large]) {
                let name = format!("list, {name}, {size} conversations, {word}");
                figures.push(Figure::of(name, Unit::Millis, values));
            }
            let name = format!("list, {name}, large over small, {word}");
            figures.push(Figure::of(name, Unit::Times, &ratios).with_goal(Goal::AtMost(2.0)));
        }
    }
    figures
}

/// A data directory with `size` conversations, kept for the next time.
fn filled(lab: &Lab, size: usize) -> anyhow::Result<Launch> {
    let data = lab.data.join(format!("lists-{size}"));
    let mark = data.with_extension("filled");
    let launch = Launch::new(&lab.binary, data);
    if mark.exists() && launch.data.exists() && !lab.refill {
        return Ok(launch);
    }
    eprintln!("lists: importing {size} conversations of {MESSAGES} messages");
    let launch = lab.fresh(&format!("lists-{size}"))?;
    fs::create_dir_all(&launch.data)?;
    import(launch.command(), size, |i| Row {
        funnel: format!("funnel-{}", i % 20),
        status: if i.is_multiple_of(OPEN_SHARE) { "open" } else { "closed" },
        handler: None,
    })?;
    fs::write(&mark, "")?;
    Ok(launch)
}
