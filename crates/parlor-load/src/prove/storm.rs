//! A storm: every socket is cut at once while messages keep coming, and all of them come back and resume.

mod stalled;

use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use parlor_core::limits;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::follow::{Manner, Topic};
use crate::outcome::Outcome;
use crate::pace::{self, Schedule};
use crate::people::People;
use crate::report::{Figure, Goal, Unit};
use crate::socket::From;
use crate::stage::{Stage, count, one, verdict_figures};
use crate::steady;
use crate::world::{Patience, World};

/// Messages a second, before, while and after everybody is cut.
const RATE: u32 = 200;
/// How long they come before and after.
const CALM: Duration = Duration::from_secs(3);
/// Everybody follows, and has caught up, within this time.
const GRACE: Duration = Duration::from_secs(120);
/// Agents with the inbox open, the others are users in their own conversation.
const INBOXES: usize = 5;
/// Times everybody is cut.
const STORMS: u64 = 4;
/// One who reads the busy conversation leaves it and comes back within this time, over and over.
const SWITCH: Duration = Duration::from_millis(80);
/// Agents who read the busy conversation and stay away until it has gone on without them; as many come back at once.
const LATECOMERS: usize = 10;
/// Messages missed by those who stay away: in every other storm as many as a subscribe brings, in the others too many.
const MISSED: [usize; 2] = [limits::RESUME_CHANGES * 3 / 5, limits::RESUME_CHANGES * 6 / 5];
/// One conversation in this many gets half of the messages, so that there is something to catch up with.
const HOT_SHARE: usize = 20;
/// Sockets of one source address; the system has some 28,000 ports for each.
const SOCKETS_OF_ADDRESS: usize = 20_000;
/// Sockets that are opened at once in the beginning.
const AT_ONCE: u64 = 200;
/// Everybody is cut as a lost network cuts: without a goodbye.
const FROM: From = From { host: None, receive_buffer: None, is_cut_hard: true };
/// As the project's own client waits.
const PATIENCE: Patience = Patience { first: Duration::from_millis(500), most: Duration::from_secs(8) };
/// Between two lines of progress.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// `is_timed`: judged by the clock too.
pub async fn run(stage: &mut Stage, sockets: usize, is_timed: bool) -> anyhow::Result<Vec<Figure>> {
    let launch = stage.fresh()?;
    let server = launch.start().await?;
    let people = stage.people(&server, PATIENCE)?;
    let world = people.world.clone();
    gather(&people, sockets).await?;
    eprintln!("storm: {sockets} sockets follow");
    // In one queue with all the readers, senders would be late by what ten thousand of them do first, and the server would
    // be blamed for it. What a thread waits for itself goes before its queue.
    let play = async { tokio::try_join!(storms(&people, sockets), traffic(people.clone())) };
    let silence = || Outcome::Breach("messages got no answer".to_owned());
    let (seen, ()) = timeout(CALM * 2 + GRACE * 2, play).await.map_err(|_| silence())??;
    let verdict = world.judge(&people.api("service", "judge")).await?;
    eprintln!("storm: {}", verdict.to_string().trim_end());
    drop(people);
    server.stop().await?;
    super::check(&launch)?;
    let what = format!("storm of {sockets} sockets at {RATE} messages a second");
    let mut figures = verdict_figures(&what, &verdict);
    figures.extend(measured(&what, &world, &seen, is_timed));
    Ok(figures)
}

/// What was seen besides breaches.
struct Seen {
    /// Microseconds from when a message was due to its answer, before the first storm.
    before: Histogram<u64>,
    /// The same from the first storm to the last.
    meanwhile: Histogram<u64>,
    /// Presence events told meanwhile, all readers together.
    presence: u64,
    /// How many one agent may be told in that time.
    most_presence: f64,
}

/// The storms, with some calm before and after.
async fn storms(people: &Rc<People>, sockets: usize) -> anyhow::Result<Seen> {
    let (world, busy) = (&people.world, people.rooms()[0]);
    sleep(CALM).await;
    let (before, told) = (world.answers.replace(pace::histogram()), world.tally.presence.get());
    let begun = Instant::now();
    for storm in 1..=STORMS {
        world.cut_everyone();
        // They come back while the busy conversation goes on.
        let missed = MISSED[usize::from(storm.is_multiple_of(2))];
        steady::burst(people, busy, missed).await;
        world.let_in();
        steady::burst(people, busy, missed).await;
        let all = sockets as u64 * storm;
        everybody("are back", all, || world.tally.returned.get()).await?;
    }
    let meanwhile = world.answers.replace(pace::histogram());
    let (presence, most_presence) = (world.tally.presence.get() - told, most_presence(begun.elapsed()));
    let ((), stalled) = tokio::join!(sleep(CALM), stalled::run(people, sockets));
    stalled?;
    world.end();
    Ok(Seen { before, meanwhile, presence, most_presence })
}

fn measured(what: &str, world: &World, seen: &Seen, is_timed: bool) -> [Figure; 6] {
    let goal = |figure: Figure, most| if is_timed { figure.with_goal(Goal::AtMost(most)) } else { figure };
    let p99 = |answers: &Histogram<u64>| answers.value_at_quantile(0.99) as f64 / 1e3;
    let back = world.resumed.borrow().max() as f64 / 1e6;
    let presence = seen.presence as f64 / INBOXES as f64;
    let resets = count(format!("{what}: readers who had to load anew"), world.tally.resets.get());
    let refilled =
        count(format!("{what}: messages a stalled reader got from the store"), world.tally.refilled.get());
    [
        goal(one(format!("{what}: all caught up"), Unit::Seconds, back), 15.0),
        goal(one(format!("{what}: sending meanwhile, p99"), Unit::Millis, p99(&seen.meanwhile)), 1_000.0),
        one(format!("{what}: sending before, p99"), Unit::Millis, p99(&seen.before)),
        one(format!("{what}: presence events an agent is told"), Unit::Count, presence)
            .with_goal(Goal::AtMost(seen.most_presence)),
        resets.with_goal(Goal::AtLeast(LATECOMERS as f64 * (STORMS / 2) as f64)),
        // Without any, nothing was ever dropped for it.
        refilled.with_goal(Goal::AtLeast(1.0)),
    ]
}

/// Presence events that one agent may be told in `time`, all storms together: what is merged, and the lists of who is there
/// and who just left that come with each subscribe.
fn most_presence(time: Duration) -> f64 {
    let ticks = time.as_secs_f64() / limits::PRESENCE_TICK_S as f64 + 1.0;
    // After a cut, and once more for who has to load anew.
    let subscribes = 2.0 * STORMS as f64 + time.as_secs_f64() / limits::PRESENCE_S as f64;
    ticks * limits::PRESENCE_CHANGES as f64 + subscribes * 2.0 * limits::PRESENCE_TOLD as f64
}

/// Users in conversations of their own, and agents with the inbox open, `sockets` in all.
async fn gather(people: &Rc<People>, sockets: usize) -> anyhow::Result<()> {
    let users: Vec<String> =
        (0..sockets.saturating_sub(INBOXES + 2 * LATECOMERS).max(1)).map(|i| format!("user-{i}")).collect();
    steady::start_rooms(people, &users).await;
    let world = &people.world;
    for (opened, (user, room)) in users.iter().zip(people.rooms()).enumerate() {
        // Only where it must be: the system looks long for a port of an address it is told to use.
        let host = match opened / SOCKETS_OF_ADDRESS {
            0 => None,
            others => u8::try_from(1 + others).ok(),
        };
        let manner = Manner { from: From { host, ..FROM }, ..Manner::default() };
        people.follow(people.api("visitor", user), Topic::Room(room), manner);
        while opened as u64 > world.tally.following.get() + AT_ONCE {
            sleep(Duration::from_millis(1)).await;
        }
    }
    for i in 0..2 * LATECOMERS {
        let is_late = i % 2 == 0;
        let manner =
            Manner { from: FROM, is_late, switches: (!is_late).then_some(SWITCH), ..Manner::default() };
        people.follow(people.api("agent", &format!("busy-{i}")), Topic::Room(people.rooms()[0]), manner);
    }
    for i in 0..INBOXES {
        let api = people.api("agent", &format!("reader-{i}"));
        people.follow(api, Topic::Inbox { of: None }, Manner { from: FROM, ..Manner::default() });
    }
    everybody("follow", sockets as u64, || world.tally.following.get()).await?;
    Ok(())
}

/// Waits until `count` readers are where they should be.
async fn everybody(what: &str, sockets: u64, count: impl Fn() -> u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut told = begun;
    while count() < sockets {
        sleep(Duration::from_millis(5)).await;
        if told.elapsed() > TELL_EVERY {
            told = Instant::now();
            eprintln!("storm: {} of {sockets} {what}", count());
        }
        if begun.elapsed() > GRACE {
            return Err(Outcome::Breach(format!("{} of {sockets} {what} after {GRACE:?}", count())).into());
        }
    }
    Ok(())
}

/// Messages by the clock for longer than all of it takes; what is left over is not sent.
async fn traffic(people: Rc<People>) -> anyhow::Result<()> {
    let all = people.rooms();
    let hot = all.iter().step_by(HOT_SHARE).cycle().take(all.len());
    let rooms: Rc<[Uuid]> = hot.chain(&all).copied().collect();
    let longest = CALM * 2 + GRACE;
    let count = RATE as usize * usize::try_from(longest.as_secs()).unwrap_or_default();
    steady::send(&people, Schedule::new(RATE, count), steady::Target::Any(rooms)).await;
    Ok(())
}
