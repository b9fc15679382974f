//! Crashes under load at random moments, and a restart: the process is killed, or its disk loses power. Nothing
//! acknowledged is lost, nothing is there twice, and readers end with exactly what is stored.

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::busy::populate;
use super::power::Disk;
use super::{check, quiet};
use crate::judge::Verdict;
use crate::outcome::Outcome;
use crate::random::Random;
use crate::report::{Figure, Goal};
use crate::server::{Launch, Server};
use crate::shim;
use crate::stage::{Stage, count, verdict_figures};
use crate::world::{Patience, World};

/// Crashes before everything is judged and begins anew.
const ROUND: u32 = 20;
/// A server is left alone for at most this long before it is killed.
const LIFE: Duration = Duration::from_millis(1_500);
/// It is then away for at most this long.
const DEATH: Duration = Duration::from_millis(300);
/// What the slow disk adds.
const SLOW_WRITE_US: &str = "200";
const SLOW_SYNC_US: &str = "5000";
/// Writers end, and readers catch up, within this time of the last restart.
pub(super) const GRACE: Duration = Duration::from_secs(30);
pub(super) const PATIENCE: Patience =
    Patience { first: Duration::from_millis(50), most: Duration::from_secs(1) };

/// What crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// The process.
    Kill,
    /// The disk, and the process with it.
    Power,
}

impl Crash {
    fn named(self, times: u32) -> String {
        match self {
            Crash::Kill => format!("SIGKILL under load, {times} times"),
            Crash::Power => format!("power cut under load, {times} times"),
        }
    }
}

/// Crashes `times`, in rounds.
pub async fn run(stage: &mut Stage, crash: Crash, times: u32) -> anyhow::Result<Vec<Figure>> {
    let (mut done, mut verdict) = (0, Verdict::default());
    while done < times {
        let round = ROUND.min(times - done);
        let found = one_round(stage, crash, done..done + round, times).await?;
        done += round;
        eprintln!("{}: {done} of {times}: {}", stage.name, found.to_string().trim_end());
        verdict.absorb(found);
    }
    let what = crash.named(times);
    let mut figures = verdict_figures(&what, &verdict);
    figures
        .push(count(format!("{what}: conversations deleted"), verdict.deleted).with_goal(Goal::AtLeast(1.0)));
    figures.extend(fallen_due(&what, &verdict, times));
    Ok(figures)
}

/// What the server did by itself meanwhile. A run without any has not tried.
fn fallen_due(what: &str, verdict: &Verdict, times: u32) -> [Figure; 4] {
    let some = |figure: Figure| figure.with_goal(Goal::AtLeast(1.0));
    // In less than a round, chance decides what comes after a close.
    let in_time = |figure: Figure| if times >= ROUND { some(figure) } else { figure };
    [
        some(count(format!("{what}: conversations that closed by themselves"), verdict.closed_by_themselves)),
        in_time(count(format!("{what}: whose time passed during a restart, and went on"), verdict.spared)),
        in_time(count(format!("{what}: that were opened again"), verdict.reopened)),
        in_time(count(format!("{what}: that followed a closed one"), verdict.followers)),
    ]
}

/// With a disk so slow that most crashes find a transaction under way: not written, half written, or not synced.
fn slowly(launch: Launch, directory: &Path) -> anyhow::Result<Launch> {
    let shim = shim::SLOW_DISK.build(directory)?;
    let slow = launch.with("LD_PRELOAD", shim.to_string_lossy());
    Ok(slow.with("PARLOR_SLOW_WRITE_US", SLOW_WRITE_US).with("PARLOR_SLOW_SYNC_US", SLOW_SYNC_US))
}

/// Some crashes of one data directory, judged.
async fn one_round(stage: &mut Stage, crash: Crash, crashes: Range<u32>, of: u32) -> anyhow::Result<Verdict> {
    // Before the server, which is gone first whatever happens.
    let disk = (crash == Crash::Power).then(|| Disk::new(&stage.data.join("power"))).transpose()?;
    let launch = match &disk {
        Some(disk) => stage.fresh_on(disk.directory())?,
        None => stage.fresh()?,
    };
    // Every other round on the disk as it is.
    let is_slow = (crashes.start / ROUND).is_multiple_of(2);
    let launch = if is_slow { slowly(launch, &stage.data)? } else { launch };
    let mut server = launch.start().await?;
    let mut random = stage.random.clone();
    let people = stage.people(&server, PATIENCE)?;
    let world = people.world.clone();
    let mut writers = JoinSet::new();
    populate(&people, &mut writers);
    quiet::begin(&people, &mut writers).await?;
    let begun = Instant::now();
    // Few crashes are spread over the time that it takes until conversations close.
    let life = LIFE.max(quiet::LEAST * 6 / 5 / (crashes.end - crashes.start));
    for number in crashes.clone() {
        sleep(random.within(life)).await;
        if random.one_in(3) {
            // Readers fall away alone too, and come back to a server that knows more than they do.
            world.cut_everyone();
            sleep(random.within(life)).await;
        }
        if number + 1 == crashes.end {
            // The last comes when conversations close, however early all of them came.
            sleep(quiet::FIRST.saturating_sub(begun.elapsed())).await;
            let _ = timeout(LIFE, world.closing.notified()).await;
        } else {
            moment(&world, &mut random).await;
        }
        server = restart(&launch, disk.as_ref(), server, &mut random).await?;
        eprintln!("{}: {} of {of}", stage.name, number + 1);
    }
    // Everybody has something to say to the last one too.
    sleep((LIFE / 2).max(quiet::LEAST.saturating_sub(begun.elapsed()))).await;
    quiet::see_one_close(&people).await;
    world.end();
    timeout(GRACE, async { while writers.join_next().await.is_some() {} })
        .await
        .map_err(|_| Outcome::Breach("a writer got no answer from a server that runs".to_owned()))?;
    quiet::end(&people).await?;
    let verdict = world.judge(&people.api("service", "judge")).await?;
    drop(people);
    server.stop().await?;
    check(&launch)?;
    Ok(verdict)
}

/// The worst moments: any, right after somebody was told "stored", right after somebody was shown something, right before
/// something closes by itself.
async fn moment(world: &World, random: &mut Random) {
    let event = match random.below(4) {
        0 => return,
        1 => world.stored.notified(),
        2 => world.shown.notified(),
        _ => world.closing.notified(),
    };
    // Where nothing comes, any moment is as good.
    let _ = timeout(LIFE, event).await;
}

/// Crashes a server, and now and then the next one too before it has come up.
async fn restart(
    launch: &Launch,
    disk: Option<&Disk>,
    server: Server,
    random: &mut Random,
) -> anyhow::Result<Server> {
    crash(server, disk, random).await?;
    if random.one_in(4) {
        let early = launch.spawn()?;
        sleep(random.within(DEATH)).await;
        crash(early, disk, random).await?;
    }
    launch.start().await
}

async fn crash(server: Server, disk: Option<&Disk>, random: &mut Random) -> anyhow::Result<()> {
    if let Some(disk) = disk {
        // A machine without power says nothing. A process that outlives its disk can: a sync that is under way while ext4
        // is shut down may be told that all went well.
        server.freeze().await?;
        disk.cut()?;
    }
    server.kill()?;
    if let Some(disk) = disk {
        disk.restore().await?;
    }
    sleep(random.within(DEATH)).await;
    Ok(())
}
