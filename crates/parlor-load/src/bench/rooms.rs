//! Workload B: one room with a thousand readers and a hundred with fifty, at rising rates.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::Lab;
use super::traffic::Traffic;
use crate::crowd::{Crowd, Wanted};
use crate::http::{Api, Connection};
use crate::pace::{self, Schedule};
use crate::report::{Figure, Goal, Unit};
use crate::server::Server;

/// Connections the posts go out on.
const SENDERS: usize = 64;
/// Milliseconds within which 99 of 100 deliveries are made, or the rate is too high.
const P99_MS: f64 = 50.0;
/// From a rate that holds to the next.
const UP: f64 = 1.1;
/// From a rate that does not hold to the next.
const DOWN: f64 = 0.8;
/// What has not arrived this long after the last post is lost.
const GRACE: Duration = Duration::from_secs(20);

/// How many read what.
struct Size {
    large_readers: usize,
    small_rooms: usize,
    small_readers: usize,
    /// Deliveries a second.
    goal: f64,
    /// Rates tried above or below it.
    steps: usize,
}

const FULL: Size =
    Size { large_readers: 1_000, small_rooms: 100, small_readers: 50, goal: 100_000.0, steps: 10 };
const QUICK: Size = Size { large_readers: 100, small_rooms: 10, small_readers: 5, goal: 1_000.0, steps: 1 };

/// A rate and what came of it.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Deliveries a second.
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
}

impl Step {
    fn holds(&self) -> bool {
        self.p99_ms < P99_MS
    }
}

/// One run.
struct Run {
    at_goal: Step,
    most: Step,
}

/// Rooms, their readers, and who posts.
struct Hall {
    server: Server,
    traffic: RefCell<Traffic>,
    api: Api,
    crowd: Arc<Mutex<Crowd>>,
    /// Readers of each room, in the traffic's order, and the number of its next message.
    rooms: Vec<(usize, u32)>,
}

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let size = if lab.quick { QUICK } else { FULL };
    let mut hall = Hall::open(lab, &size).await?;
    let mut samples = Vec::new();
    for round in 1..=lab.rounds {
        let label = format!("rooms, round {round}");
        let tell = |run: &Run| format!("at most {:.0} deliveries/s", run.most.rate);
        samples.push(lab.sample(&label, tell, async || hall.climb(lab, &size).await).await?);
    }
    let seen = hall.crowd.lock().unwrap_or_else(PoisonError::into_inner).seen();
    hall.traffic.into_inner().verify_with(&seen).await?;
    hall.server.stop().await?;
    let figure = |name: String, unit, part: fn(&Run) -> f64| {
        let values: Vec<_> = samples.iter().map(|sample| sample.map(part)).collect();
        Figure::of(name, unit, &values)
    };
    let Size { large_readers, small_rooms, small_readers, goal, .. } = size;
    let rooms = format!("a room of {large_readers} readers and {small_rooms} of {small_readers}");
    Ok(vec![
        figure(format!("deliveries within {P99_MS:.0} ms, {rooms}"), Unit::PerSecond, |run| run.most.rate)
            .with_goal(Goal::AtLeast(goal)),
        figure(format!("POST to socket at {goal} deliveries/s, {rooms}, p50"), Unit::Millis, |run| {
            run.at_goal.p50_ms
        }),
        figure(format!("POST to socket at {goal} deliveries/s, {rooms}, p99"), Unit::Millis, |run| {
            run.at_goal.p99_ms
        })
        .with_goal(Goal::AtMost(P99_MS)),
    ])
}

impl Hall {
    async fn open(lab: &Lab, size: &Size) -> anyhow::Result<Self> {
        let server = lab.fresh("rooms")?.start().await?;
        let traffic = Traffic::prepare(&server, 1 + size.small_rooms).await?;
        let api = traffic.api.clone();
        let mut connection = Connection::open(api.address).await?;
        let mut rooms = Vec::new();
        for (place, room) in traffic.rooms.iter().enumerate() {
            let readers = if place == 0 { size.large_readers } else { size.small_readers };
            rooms.push((readers, next_message(&api, &mut connection, *room).await?));
        }
        let followed: Vec<_> = traffic.rooms.iter().copied().zip(rooms.iter().copied()).collect();
        let reader = api.clone();
        let crowd = spawn_blocking(move || {
            let mut crowd = Crowd::new()?;
            for (room, (readers, next)) in followed {
                crowd.follow(&reader, room, readers, next)?;
            }
            anyhow::Ok(crowd)
        });
        let crowd = Arc::new(Mutex::new(crowd.await??));
        Ok(Hall { server, traffic: RefCell::new(traffic), api, crowd, rooms })
    }

    /// Tries the goal's rate, then higher ones while they hold or lower ones until one does.
    async fn climb(&mut self, lab: &Lab, size: &Size) -> anyhow::Result<Run> {
        let at_goal = self.step(lab, size.goal).await?;
        let (mut rate, mut most) = (size.goal, at_goal);
        for _ in 0..size.steps {
            rate *= if at_goal.holds() { UP } else { DOWN };
            let step = self.step(lab, rate).await?;
            match (at_goal.holds(), step.holds()) {
                (true, true) => most = step,
                (true, false) => return Ok(Run { at_goal, most }),
                (false, true) => return Ok(Run { at_goal, most: step }),
                (false, false) => {}
            }
        }
        // None of those tried holds: the figure says so.
        most.rate = if at_goal.holds() { most.rate } else { 0.0 };
        Ok(Run { at_goal, most })
    }

    /// Posts round and round over the rooms at about `rate` deliveries a second.
    async fn step(&mut self, lab: &Lab, rate: f64) -> anyhow::Result<Step> {
        self.server.settle().await?;
        let readers: usize = self.rooms.iter().map(|(readers, _)| readers).sum();
        let posts_per_second = (rate * self.rooms.len() as f64 / readers as f64).ceil();
        let rounds = posts_per_second * f64::from(lab.seconds) / self.rooms.len() as f64;
        // Whole rounds: every room gets as many.
        let count = rounds.ceil() as usize * self.rooms.len();
        let first = self.traffic.borrow().due.len();
        let mut messages = 0;
        for number in first..first + count {
            let place = number % self.rooms.len();
            let (readers, next) = &mut self.rooms[place];
            messages += *readers as u64;
            *next += 1;
        }
        // New ones each time: the server ends connections that say nothing for a while.
        let mut senders = Connection::open_many(self.api.address, SENDERS).await?;
        let schedule = Schedule::new(posts_per_second as u32, count);
        let deadline = schedule.end() + GRACE;
        let wanted = Wanted { messages, schedule, first: first as u64, deadline };
        let crowd = self.crowd.clone();
        let reading =
            spawn_blocking(move || crowd.lock().unwrap_or_else(PoisonError::into_inner).read(&wanted));
        let posting = pace::open(&mut senders, schedule, &self.traffic);
        let (latencies, _) = tokio::try_join!(async { reading.await? }, posting)?;
        self.judge()?;
        let millis = |quantile| latencies.value_at_quantile(quantile) as f64 / 1e3;
        let rate = posts_per_second * readers as f64 / self.rooms.len() as f64;
        let step = Step { rate, p50_ms: millis(0.5), p99_ms: millis(0.99) };
        eprintln!("  {:.0} deliveries/s: p50 {:.1} ms, p99 {:.1} ms", step.rate, step.p50_ms, step.p99_ms);
        Ok(step)
    }

    /// Every reader has read all of its room.
    fn judge(&self) -> anyhow::Result<()> {
        let next = self.rooms.iter().flat_map(|(readers, next)| std::iter::repeat_n(*next, *readers));
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner).judge(next)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    message_count: u32,
}

#[derive(Deserialize)]
struct Got {
    conversation: Counted,
}

/// The number that the next message of `room` will have.
pub async fn next_message(api: &Api, connection: &mut Connection, room: Uuid) -> anyhow::Result<u32> {
    let request = api.request("GET", &format!("/conversations/{room}?messages=0"), None);
    let answer = connection.call(&request).await?.expect(200)?;
    let got: Got = serde_json::from_slice(answer).context("not a conversation")?;
    Ok(got.conversation.message_count + 1)
}
