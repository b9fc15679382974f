//! A disk that fails: syncs that end with EIO, writes that end with ENOSPC, a process killed between a write and its sync,
//! and afterwards only what was synced. Nothing acknowledged is lost, nobody was shown what is not stored, reads go on, and
//! the server takes writes again by itself.

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::busy::populate;
use super::check;
use super::crash::{GRACE, PATIENCE};
use super::faulty::{ALL, Fault, FaultyDisk};
use crate::http::{Api, Connection};
use crate::judge::Verdict;
use crate::outcome::Outcome;
use crate::people::People;
use crate::random::Random;
use crate::report::Figure;
use crate::server::{Launch, Server};
use crate::stage::{Stage, verdict_figures};
use crate::writer::{Over, Writer};

/// Faults before everything is judged and begins anew.
const ROUND: u32 = 20;
/// Writes and syncs go on for this long before a fault; a fault that lasts does so for this long.
const CALM: Duration = Duration::from_millis(200);
const LASTING: Duration = Duration::from_millis(300);
/// A fault that is planned comes within this time: people write all the while.
const COMES: Duration = Duration::from_secs(10);
/// The server takes writes again this long after the disk does.
const RECOVERS: Duration = Duration::from_secs(10);
/// A read is answered within this time, whatever the disk does to writes.
const READS: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Lets the disk fail `times`.
pub async fn run(stage: &mut Stage, times: u32) -> anyhow::Result<Vec<Figure>> {
    let (mut done, mut verdict) = (0, Verdict::default());
    while done < times {
        let round = ROUND.min(times - done);
        let found = one_round(stage, done, round, times).await?;
        done += round;
        eprintln!("disk: {done} of {times}: {}", found.to_string().trim_end());
        verdict.absorb(found);
    }
    Ok(verdict_figures(&format!("failing disk, {times} times"), &verdict))
}

/// Fault number `number`: each kind at the first call, at the second …
fn fault(number: u32) -> Fault {
    let nth = 1 + u64::from(number / 5);
    match number % 5 {
        0 => Fault::Sync { nth, many: ALL },
        1 => Fault::Kill { nth },
        2 => Fault::Write { nth, many: ALL, is_short: nth.is_multiple_of(2) },
        3 => Fault::Sync { nth, many: 1 },
        _ => Fault::Write { nth, many: 1, is_short: nth.is_multiple_of(2) },
    }
}

/// Some faults of one data directory, judged.
async fn one_round(stage: &mut Stage, first: u32, count: u32, of: u32) -> anyhow::Result<Verdict> {
    let launch = stage.fresh()?;
    // Its secrets are made, and read by other processes, before anything can fail.
    let server = launch.start().await?;
    let people = stage.people(&server, PATIENCE)?;
    server.stop().await?;
    let disk = FaultyDisk::under(&launch.data, &stage.data)?;
    let launch = disk.carry(launch);
    let mut trial = Trial { server: Some(launch.start().await?), launch, disk, random: stage.random.clone() };
    trial.kill_alone(&people).await?;
    let mut writers = JoinSet::new();
    populate(&people, &mut writers);
    for number in first..first + count {
        sleep(trial.random.within(CALM)).await;
        trial.suffer(fault(number), &people).await.with_context(|| format!("{:?}", fault(number)))?;
        eprintln!("disk: {} of {of}", number + 1);
    }
    people.world.end();
    timeout(GRACE, async { while writers.join_next().await.is_some() {} })
        .await
        .map_err(|_| Outcome::Breach("a writer got no answer from a server that runs".to_owned()))?;
    trial.restart(true).await?;
    let verdict = people.world.judge(&people.api("service", "judge")).await?;
    drop(people);
    trial.server.take().context("it runs")?.stop().await?;
    check(&trial.launch)?;
    Ok(verdict)
}

/// A server on its failing disk.
struct Trial {
    server: Option<Server>,
    launch: Launch,
    disk: FaultyDisk,
    random: Random,
}

impl Trial {
    /// Somebody is alone with a server that is killed between a write and its sync, and asks the next one for the same. What
    /// that one finds in memory is not on the disk: if it just says so, the power cut takes what it acknowledged.
    async fn kill_alone(&mut self, people: &People) -> anyhow::Result<()> {
        let mut writer = Writer::new(&people.world, people.api("service", "host"), Over::Http);
        let now = Instant::now();
        writer.send(&writer.start("alone", "chat", false, now), now).await;
        // The search index syncs too, behind the answer.
        self.server.as_ref().context("it runs")?.settle().await?;
        self.disk.plan(Fault::Kill { nth: 1 })?;
        let draft = writer.start("alone", "chat", true, now);
        let (_, restarted) = tokio::join!(writer.again(&draft), async {
            self.wait_for_fault().await?;
            self.restart(false).await
        });
        restarted?;
        self.restart(true).await
    }

    /// One fault and what comes after it.
    async fn suffer(&mut self, fault: Fault, people: &People) -> anyhow::Result<()> {
        self.disk.plan(fault)?;
        self.wait_for_fault().await?;
        match fault {
            // What was written and never synced is still in memory. It must not count as stored before it is.
            Fault::Kill { .. } => self.restart(false).await?,
            Fault::Sync { many: ALL, .. } | Fault::Write { many: ALL, .. } => {
                self.endure(people).await?;
                self.disk.heal()?;
            }
            _ => {}
        }
        self.recover(people).await?;
        let is_cut = !self.random.one_in(4);
        if self.random.one_in(2) || matches!(fault, Fault::Kill { .. }) {
            self.restart(is_cut).await?;
        }
        Ok(())
    }

    /// While every write fails: posts are refused with 503, reads are answered.
    async fn endure(&mut self, people: &People) -> anyhow::Result<()> {
        let until = Instant::now() + LASTING;
        let agent = people.api("agent", "patient");
        while Instant::now() < until {
            let status = ask(&agent, "GET", "/conversations?limit=1", None).await?;
            if status != 200 {
                return Err(
                    Outcome::Breach(format!("a read was answered {status} while writes failed")).into()
                );
            }
            let (room, message) = (self.id(), self.id());
            {
                // Should it be stored after all, that is no lie: 503 promises nothing.
                let mut journal = people.world.journal.borrow_mut();
                let writer = journal.writer();
                journal.intend_room(room);
                journal.intend(writer, message);
                journal.unknown(message);
            }
            let start = json!({
                "id": room, "messageId": message, "funnelId": "chat", "text": "never", "new": true,
                "user": { "id": "nobody", "name": "Nobody" },
            });
            let host = people.api("service", "host");
            let status = ask(&host, "POST", "/conversations", Some(&start.to_string())).await?;
            if status != 503 {
                return Err(
                    Outcome::Breach(format!("a post was answered {status} while no write succeeds")).into()
                );
            }
        }
        Ok(())
    }

    async fn wait_for_fault(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + COMES;
        while self.disk.faults()? == 0 {
            if Instant::now() >= deadline {
                let what = format!("people write, and no such call came within {COMES:?}");
                return Err(Outcome::Breach(what).into());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.random.next(), self.random.next())
    }

    /// Somebody is told "stored" again.
    async fn recover(&self, people: &People) -> anyhow::Result<()> {
        timeout(RECOVERS, people.world.stored.notified()).await.map_err(|_| {
            Outcome::Breach(format!("nothing was stored within {RECOVERS:?} of the end of a fault"))
        })?;
        Ok(())
    }

    /// Kills the server, cuts the power if so, and starts it again.
    async fn restart(&mut self, is_cut: bool) -> anyhow::Result<()> {
        self.server.take().context("it runs")?.kill()?;
        self.disk.heal()?;
        if is_cut {
            self.disk.lose_power()?;
        }
        self.server = Some(self.launch.start().await?);
        Ok(())
    }
}

/// One request on a connection of its own.
async fn ask(api: &Api, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<u16> {
    let asked = async {
        let mut connection = Connection::open(api.address).await?;
        anyhow::Ok(connection.call(&api.request(method, path, body)).await?.status)
    };
    timeout(READS, asked)
        .await
        .map_err(|_| Outcome::Breach(format!("{method} {path}: no answer in {READS:?}")))?
}
