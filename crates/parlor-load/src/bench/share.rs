//! Durable posts at saturation as a share of what SQLite alone does with the same rows.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use super::Lab;
use super::traffic::Traffic;
use crate::http::Connection;
use crate::pace;
use crate::raw::Raw;
use crate::report::{Figure, Goal, Sample, Unit};
use crate::server::Server;

/// Requests in flight, and messages of one batch of the loop: what the server takes into one batch at most.
const BATCH: usize = 256;
/// Conversations.
const ROOMS: usize = 1_000;

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let raw = Arc::new(Mutex::new(raw(lab).await?));
    let server = lab.fresh("share")?.start().await?;
    let traffic = RefCell::new(Traffic::prepare(&server, ROOMS).await?);
    let mut runs: Vec<[Sample<f64>; 2]> = Vec::new();
    for round in 0..lab.rounds {
        // In turns, so that what warms up or drifts favours neither.
        runs.push(if round % 2 == 0 {
            let posts = posts(lab, &server, &traffic).await?;
            [posts, alone(lab, &raw).await?]
        } else {
            let alone = alone(lab, &raw).await?;
            [posts(lab, &server, &traffic).await?, alone]
        });
    }
    traffic.into_inner().verify().await?;
    server.stop().await?;
    raw.lock().unwrap_or_else(PoisonError::into_inner).verify()?;
    let side = |place: usize| runs.iter().map(|run| run[place]).collect::<Vec<_>>();
    let share = |[posts, alone]: &[Sample<f64>; 2]| Sample {
        value: posts.value / alone.value,
        steal: posts.steal.max(alone.steal),
    };
    let shares: Vec<_> = runs.iter().map(share).collect();
    Ok(vec![
        Figure::of(format!("durable posts beside the loop, {BATCH} in flight"), Unit::PerSecond, &side(0)),
        Figure::of(format!("raw SQLite loop, batches of {BATCH}"), Unit::PerSecond, &side(1)),
        Figure::of("durable posts over the raw SQLite loop", Unit::Times, &shares)
            .with_goal(Goal::AtLeast(0.5)),
    ])
}

/// A server's database with the conversations in it, and nobody who serves it.
async fn raw(lab: &Lab) -> anyhow::Result<Raw> {
    let launch = lab.fresh("share-raw")?;
    let server = launch.start().await?;
    Traffic::prepare(&server, ROOMS).await?;
    server.stop().await?;
    Raw::open(&launch.data)
}

async fn posts(lab: &Lab, server: &Server, traffic: &RefCell<Traffic>) -> anyhow::Result<Sample<f64>> {
    let address = traffic.borrow().api.address;
    let run = async || {
        server.settle().await?;
        let mut connections = Connection::open_many(address, BATCH).await?;
        let time = Duration::from_secs(lab.seconds.into());
        let answered = pace::closed(&mut connections, Instant::now() + time, traffic).await?;
        Ok(answered as f64 / time.as_secs_f64())
    };
    let sample = lab.sample("share, durable posts", |rate| format!("{rate:.0}/s"), run).await?;
    // The search index of these posts is not the loop's to pay.
    server.settle().await?;
    Ok(sample)
}

async fn alone(lab: &Lab, raw: &Arc<Mutex<Raw>>) -> anyhow::Result<Sample<f64>> {
    let run = async || {
        let (raw, time) = (raw.clone(), Duration::from_secs(lab.seconds.into()));
        spawn_blocking(move || loop_for(&mut raw.lock().unwrap_or_else(PoisonError::into_inner), time))
            .await?
    };
    lab.sample("share, raw SQLite loop", |rate| format!("{rate:.0}/s"), run).await
}

/// Messages a second.
fn loop_for(raw: &mut Raw, time: Duration) -> anyhow::Result<f64> {
    let (begun, before) = (Instant::now(), raw.written());
    while begun.elapsed() < time {
        raw.batch(BATCH)?;
    }
    Ok((raw.written() - before) as f64 / begun.elapsed().as_secs_f64())
}
