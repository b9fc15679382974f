//! The workloads: what people do to Parlor all day, by the clock, with latencies from when each message was due, and the
//! judge at the end.

mod gather;
mod stalls;

use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use hdrhistogram::Histogram;
use parlor_core::limits;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{sleep, sleep_until};

use crate::judge::Verdict;
use crate::pace::Schedule;
use crate::people::People;
use crate::report::{Figure, Unit};
use crate::server::Server;
use crate::stage::{Common, Stage, count, one, verdict_figures};
use crate::steady::{self, Target};
use crate::world::{Patience, World};
use crate::writer::{Over, Writer};

/// Between two lines of progress.
const TELL_EVERY: Duration = Duration::from_secs(2);
const PATIENCE: Patience = Patience { first: Duration::from_millis(200), most: Duration::from_secs(4) };
/// The large room of B has this many times the readers of each small one.
const LARGE_OVER_SMALL: usize = 20;
/// Shares of the time at which stalled readers stop reading and read again; the last stall outlasts the messages.
const STALLS: [(f64, bool); 3] = [(0.25, true), (0.5, false), (0.7, true)];
/// From one conversation that is deleted to the next.
const DELETE_EVERY: Duration = Duration::from_secs(2);
/// From one kill to the next.
const KILL_EVERY: Duration = Duration::from_secs(3);
/// From one cut of everybody to the next.
const CUT_EVERY: Duration = Duration::from_secs(4);

/// What people do and how much of it.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What people do.
    workload: Workload,
    /// How long messages keep coming; of F, in each turn; of D, how long nothing happens before each conversation gets one.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: Option<u32>,
    /// Messages a second.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Of F: runs with stalled readers and without.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    turns: u32,
    /// Conversations.
    #[arg(long)]
    rooms: Option<usize>,
    /// Readers: of each conversation in A, E and G, of the first in B (the others have a twentieth), of the inbox in C, D and F.
    #[arg(long)]
    readers: Option<usize>,
    #[command(flatten)]
    common: Common,
}

/// What people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// Many small conversations, in each its user and an agent; now and then one is deleted.
    #[value(name = "A")]
    SmallRooms,
    /// One large conversation and a hundred smaller ones.
    #[value(name = "B")]
    LargeRooms,
    /// Agents with the inbox open.
    #[value(name = "C")]
    Inboxes,
    /// Users in conversations of their own where nothing happens, until each gets one message.
    #[value(name = "D")]
    Idle,
    /// As A, and everyone is cut at once, every few seconds.
    #[value(name = "E")]
    Cuts,
    /// Agents with the inbox open, one in a hundred of whom stops reading for longer than the server queues for them.
    #[value(name = "F")]
    Stalls,
    /// As A, and the server is killed and started again, every few seconds.
    #[value(name = "G")]
    Kills,
}

/// How much of it.
#[derive(Debug, Clone, Copy)]
struct Plan {
    workload: Workload,
    seconds: u32,
    rate: u32,
    rooms: usize,
    readers: usize,
    /// How many readers stall.
    stalled: usize,
}

/// What one run found.
struct Found {
    world: Rc<World>,
    verdict: Verdict,
}

/// Runs a workload. An error is a breach, a goal that was missed, or that it could not be run.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let Options { workload, seconds, rate, turns, rooms, readers, common } = options;
    let (usual_rooms, usual_readers, usual_seconds) = match workload {
        Workload::SmallRooms | Workload::Cuts | Workload::Kills => (200, 2, 20),
        Workload::LargeRooms => (101, 1_000, 20),
        Workload::Inboxes => (500, 20, 20),
        // Longer than from one heartbeat to the next.
        Workload::Idle => (19_000, 20, limits::HEARTBEAT_S as u32 + 5),
        Workload::Stalls => (200, 100, 20),
    };
    let (rooms, readers) = (rooms.unwrap_or(usual_rooms).max(1), readers.unwrap_or(usual_readers));
    let seconds = seconds.unwrap_or(usual_seconds);
    let plan = Plan { workload, seconds, rate: rate.max(1), rooms, readers, stalled: 0 };
    let name = workload.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    let command = format!("make load ARGS={name}");
    common.run(&name, &command, async |stage| play(stage, plan, turns).await).await
}

async fn play(stage: &mut Stage, plan: Plan, turns: u32) -> anyhow::Result<Vec<Figure>> {
    let name = stage.name.clone();
    if plan.workload == Workload::Stalls {
        return stalls::run(stage, plan, turns).await;
    }
    let Found { world, verdict } = one_run(stage, plan).await?;
    let mut figures = verdict_figures(&name, &verdict);
    figures.extend(latencies(&format!("{name}: due to answer"), &world.answers.borrow()));
    figures.extend(latencies(&format!("{name}: due to reader"), &world.arrivals.borrow()));
    if plan.workload == Workload::Cuts {
        figures.extend(latencies(&format!("{name}: cut to caught up"), &world.resumed.borrow()));
    }
    if plan.workload == Workload::SmallRooms {
        figures.push(count(format!("{name}: conversations deleted"), verdict.deleted));
    }
    figures.push(count(format!("{name}: sent again"), world.tally.retries.get()));
    figures.push(count(format!("{name}: readers' connections that ended"), world.tally.cuts.get()));
    figures.push(count(format!("{name}: readers who had to load anew"), world.tally.resets.get()));
    Ok(figures)
}

fn latencies(what: &str, micros: &Histogram<u64>) -> [Figure; 4] {
    let at = |name: &str, micros: u64| one(format!("{what}, {name}"), Unit::Millis, micros as f64 / 1e3);
    [
        at("p50", micros.value_at_quantile(0.5)),
        at("p99", micros.value_at_quantile(0.99)),
        at("p99.9", micros.value_at_quantile(0.999)),
        at("longest", micros.max()),
    ]
}

async fn one_run(stage: &mut Stage, plan: Plan) -> anyhow::Result<Found> {
    let launch = stage.fresh()?;
    let server = launch.start().await?;
    let people = stage.people(&server, PATIENCE)?;
    let world = people.world.clone();
    let users: Vec<String> = (0..plan.rooms).map(|i| format!("user-{i}")).collect();
    steady::start_rooms(&people, &users).await;
    gather::gather(&people, &users, plan).await?;
    let (count, target) = match plan.workload {
        Workload::Idle => {
            sleep(Duration::from_secs(plan.seconds.into())).await;
            (plan.rooms, Target::each(people.rooms()))
        }
        _ => (plan.rate as usize * plan.seconds as usize, Target::Any(people.rooms().into())),
    };
    let schedule = Schedule::new(plan.rate, count);
    let telling = spawn_local(tell(stage.name.clone(), world.clone(), Instant::now()));
    let sending = spawn_local({
        let people = people.clone();
        async move { steady::send(&people, schedule, target).await }
    });
    let server = disturb(server, &people, plan.workload, schedule.end(), &sending).await?;
    sending.await?;
    world.stall(false);
    telling.abort();
    let verdict = world.judge(&people.api("service", "judge")).await?;
    eprintln!("{}: {}", stage.name, verdict.to_string().trim_end());
    drop(people);
    server.stop().await?;
    Ok(Found { world, verdict })
}

/// What happens besides the messages, until the last is due.
async fn disturb(
    mut server: Server,
    people: &People,
    workload: Workload,
    end: Instant,
    sending: &JoinHandle<()>,
) -> anyhow::Result<Server> {
    let every = match workload {
        Workload::LargeRooms | Workload::Inboxes | Workload::Idle => return Ok(server),
        Workload::Stalls => {
            stall(people, end).await;
            return Ok(server);
        }
        Workload::SmallRooms => DELETE_EVERY,
        Workload::Cuts => CUT_EVERY,
        Workload::Kills => KILL_EVERY,
    };
    let mut admin = Writer::new(&people.world, people.api("admin", "owner"), Over::Http);
    let mut next = Instant::now() + every;
    while next < end && !sending.is_finished() {
        sleep_until(next.into()).await;
        next += every;
        match workload {
            Workload::SmallRooms => delete(people, &mut admin).await,
            Workload::Cuts => people.world.cut_everyone(),
            _ => {
                let launch = server.launch().clone();
                server.kill()?;
                server = launch.start().await?;
            }
        }
    }
    Ok(server)
}

/// Deletes a conversation, whoever is in it.
async fn delete(people: &People, admin: &mut Writer) {
    let Some(room) = people.any_room() else { return };
    people.leave(room);
    admin.delete(room).await;
}

/// Stalls those who stall, and leaves them so until all is sent.
async fn stall(people: &People, end: Instant) {
    let begun = Instant::now();
    let whole = end.saturating_duration_since(begun);
    for (share, is_stalled) in STALLS {
        sleep_until((begun + whole.mul_f64(share)).into()).await;
        people.world.stall(is_stalled);
    }
}

/// Says every now and then how it goes.
async fn tell(name: String, world: Rc<World>, begun: Instant) {
    loop {
        sleep(TELL_EVERY).await;
        let (answers, arrivals) = (world.answers.borrow(), world.arrivals.borrow());
        eprintln!(
            "{name}: {:.0} s: {} answered, p99 {:.1} ms; {} shown, p99 {:.1} ms; {} readers follow",
            begun.elapsed().as_secs_f64(),
            answers.len(),
            answers.value_at_quantile(0.99) as f64 / 1e3,
            arrivals.len(),
            arrivals.value_at_quantile(0.99) as f64 / 1e3,
            world.tally.following.get(),
        );
    }
}
