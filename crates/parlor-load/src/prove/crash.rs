//! Crashes under load at random moments, and a restart: the process is killed, or its disk loses power. Nothing
//! acknowledged is lost, nothing is there twice, and readers end with exactly what is stored.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::check;
use super::power::Disk;
use crate::follow::{Manner, Topic};
use crate::judge::Verdict;
use crate::outcome::Outcome;
use crate::people::People;
use crate::random::Random;
use crate::report::Figure;
use crate::server::{Launch, Server};
use crate::shim;
use crate::stage::{Stage, verdict_figures};
use crate::world::{Patience, World};
use crate::writer::{Draft, Over, Said, Writer};

/// Crashes before everything is judged and begins anew.
const ROUND: u32 = 20;
/// Users who write.
const VISITORS: usize = 8;
/// Agents who answer, close, archive and reopen.
const AGENTS: usize = 4;
/// Agents with the inbox open.
const INBOXES: usize = 2;
/// A server is left alone for at most this long before it is killed.
const LIFE: Duration = Duration::from_millis(1_500);
/// It is then away for at most this long.
const DEATH: Duration = Duration::from_millis(300);
/// What the slow disk adds.
const SLOW_WRITE_US: &str = "200";
const SLOW_SYNC_US: &str = "5000";
/// One writer waits at most this long between two messages.
const PAUSE: Duration = Duration::from_millis(40);
/// Writers end, and readers catch up, within this time of the last restart.
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// An agent who reads along looks elsewhere and comes back within this time, over and over.
const SWITCH: Duration = Duration::from_millis(800);
/// Messages a writer may send again though it knows that they are stored.
const REMEMBERED: usize = 30;
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
    Ok(verdict_figures(&crash.named(times), &verdict))
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
    for number in crashes {
        sleep(random.within(LIFE)).await;
        if random.one_in(3) {
            // Readers fall away alone too, and come back to a server that knows more than they do.
            world.cut_everyone();
            sleep(random.within(LIFE)).await;
        }
        moment(&world, &mut random).await;
        server = restart(&launch, disk.as_ref(), server, &mut random).await?;
        eprintln!("{}: {} of {of}", stage.name, number + 1);
    }
    // Everybody has something to say to the last one too.
    sleep(LIFE / 2).await;
    world.end();
    timeout(GRACE, async { while writers.join_next().await.is_some() {} })
        .await
        .map_err(|_| Outcome::Breach("a writer got no answer from a server that runs".to_owned()))?;
    let verdict = world.judge(&people.api("service", "judge")).await?;
    drop(people);
    server.stop().await?;
    check(&launch)?;
    Ok(verdict)
}

/// The worst moments: any, right after somebody was told "stored", right after somebody was shown something.
async fn moment(world: &World, random: &mut Random) {
    let event = match random.below(3) {
        0 => return,
        1 => world.stored.notified(),
        _ => world.shown.notified(),
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

/// Users, agents and readers of everything.
pub(super) fn populate(people: &Rc<People>, writers: &mut JoinSet<()>) {
    for i in 0..INBOXES {
        let api = people.api("agent", &format!("reader-{i}"));
        people.follow(api, Topic::Inbox { of: None }, Manner::default());
    }
    for i in 0..VISITORS {
        let over = if i % 2 == 0 { Over::Http } else { Over::Socket };
        let user = format!("user-{i}");
        let api = people.api("visitor", &user);
        people.follow(api.clone(), Topic::Inbox { of: Some(user.clone()) }, Manner::default());
        let visitor = Visitor {
            people: people.clone(),
            starter: Writer::new(&people.world, people.api("service", "host"), Over::Http).hanging_up(6),
            writer: Writer::new(&people.world, api, over).hanging_up(6),
            user,
            rooms: Vec::new(),
            sent: Vec::new(),
        };
        writers.spawn_local(visitor.write());
    }
    for i in 0..AGENTS {
        let over = if i % 2 == 0 { Over::Http } else { Over::Socket };
        let api = people.api("agent", &format!("agent-{i}"));
        let writer = Writer::new(&people.world, api, over).hanging_up(6);
        writers.spawn_local(answer(people.clone(), writer));
    }
}

/// Somebody who writes, starts conversations, and says again what they said before.
struct Visitor {
    people: Rc<People>,
    /// The host's server, which starts conversations for them.
    starter: Writer,
    writer: Writer,
    user: String,
    rooms: Vec<Uuid>,
    /// What is stored, and whether the host sent it.
    sent: Vec<(Draft, bool)>,
}

impl Visitor {
    async fn write(mut self) {
        while !self.people.world.has_ended() {
            let pause = self.people.world.random.borrow_mut().within(PAUSE);
            sleep(pause).await;
            self.step().await;
        }
    }

    async fn step(&mut self) {
        let (starts, repeats, room) = {
            let mut random = self.people.world.random.borrow_mut();
            (random.one_in(12), random.one_in(8), random.pick(&self.rooms).copied())
        };
        let due = Instant::now();
        let repeated = self.people.world.random.borrow_mut().pick(&self.sent).cloned();
        let (draft, by_host) = match (room, repeated) {
            // A client that went down before it noted the answer asks again.
            (_, Some(repeated)) if repeats => repeated,
            (Some(room), _) if !starts => (self.writer.draft(room, "user", due), false),
            _ => (self.starter.start(&self.user, "chat", false, due), true),
        };
        let writer = if by_host { &mut self.starter } else { &mut self.writer };
        let Said::Stored(receipt) = writer.send(&draft, due).await else {
            let fault = format!("a message of {} was refused", self.user);
            return self.people.world.fault(fault);
        };
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push((draft, by_host));
        if self.people.enter(receipt.conversation) {
            self.rooms.push(receipt.conversation);
            self.read_along(receipt.conversation);
        }
    }

    /// They and an agent open a conversation that is new.
    fn read_along(&self, room: Uuid) {
        let user = self.people.api("visitor", &self.user);
        self.people.follow(user, Topic::Room(room), Manner::default());
        let agent = Manner { switches: Some(SWITCH), ..Manner::default() };
        self.people.follow(self.people.api("agent", "reader"), Topic::Room(room), agent);
    }
}

/// An agent who answers anywhere, reads, closes, archives and reopens.
async fn answer(people: Rc<People>, mut writer: Writer) {
    while !people.world.has_ended() {
        let (pause, dice) = {
            let mut random = people.world.random.borrow_mut();
            (random.within(PAUSE), random.below(16))
        };
        sleep(pause).await;
        let Some(room) = people.any_room() else { continue };
        match dice {
            0 => drop(writer.change(room, &json!({ "status": "closed" })).await),
            1 => drop(writer.change(room, &json!({ "isArchived": true })).await),
            2 => drop(writer.change(room, &json!({ "status": "open" })).await),
            3 | 4 => drop(writer.read(room, 1).await),
            _ => {
                let due = Instant::now();
                let draft = writer.draft(room, "bot", due);
                // Refused where the conversation is archived.
                writer.send(&draft, due).await;
            }
        }
    }
}
