//! CPU time the server spends on a durable post, everything in: HTTP, token, rules, commit, publishing, search index.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use super::Lab;
use super::traffic::Traffic;
use crate::http::Connection;
use crate::pace;
use crate::report::{Figure, Goal, Unit};

const IN_FLIGHT: usize = 64;
const ROOMS: usize = 1_000;

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let server = lab.fresh("cpu")?.start().await?;
    let traffic = RefCell::new(Traffic::prepare(&server, ROOMS).await?);
    let address = traffic.borrow().api.address;
    let mut samples = Vec::new();
    for round in 1..=lab.rounds {
        let label = format!("cpu, round {round}");
        let run = async || {
            server.settle().await?;
            let mut connections = Connection::open_many(address, IN_FLIGHT).await?;
            let (before, posts_before) = (server.cpu_time()?, traffic.borrow().due.len());
            let until = Instant::now() + Duration::from_secs(lab.seconds.into());
            pace::closed(&mut connections, until, &traffic).await?;
            // What these posts still cause, the search index above all, is theirs.
            server.settle().await?;
            let posts = traffic.borrow().due.len() - posts_before;
            Ok((server.cpu_time()? - before).as_secs_f64() * 1e6 / posts as f64)
        };
        samples.push(lab.sample(&label, |micros| format!("{micros:.0} µs a post"), run).await?);
    }
    traffic.into_inner().verify().await?;
    server.stop().await?;
    let name = format!("server CPU of a durable post, {IN_FLIGHT} in flight");
    Ok(vec![Figure::of(name, Unit::Micros, &samples).with_goal(Goal::AtMost(60.0))])
}
