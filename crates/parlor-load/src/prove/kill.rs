//! SIGKILL under load at random moments, and a restart: nothing acknowledged is lost, nothing is there twice, and readers
//! end with exactly what is stored.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Stage, check};
use crate::follow::{Manner, Topic};
use crate::judge::Verdict;
use crate::outcome::Outcome;
use crate::people::People;
use crate::random::Random;
use crate::report::Figure;
use crate::server::{Launch, Server};
use crate::token::Signer;
use crate::world::{Patience, World};
use crate::writer::{Draft, Over, Said, Writer};

const KILLS: (u32, u32) = (200, 5);
/// Kills before everything is judged and begins anew.
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
/// One writer waits at most this long between two messages.
const PAUSE: Duration = Duration::from_millis(40);
/// Writers end, and readers catch up, within this time of the last restart.
const GRACE: Duration = Duration::from_secs(30);
/// Messages a writer may send again though it knows that they are stored.
const REMEMBERED: usize = 30;
const PATIENCE: Patience = Patience { first: Duration::from_millis(50), most: Duration::from_secs(1) };

pub async fn run(stage: &mut Stage) -> anyhow::Result<Vec<Figure>> {
    let kills = stage.cycles(KILLS.0, KILLS.1);
    let mut verdict = Verdict::default();
    let mut done = 0;
    while done < kills {
        let round = ROUND.min(kills - done);
        let found = one_round(stage, done, round, kills).await?;
        done += round;
        eprintln!("kill: {done} of {kills}: {}", found.to_string().trim_end());
        verdict.absorb(found);
    }
    Ok(stage.figures(&format!("SIGKILL under load, {kills} times"), &verdict))
}

/// Some kills of one data directory, judged.
async fn one_round(stage: &mut Stage, done: u32, kills: u32, of: u32) -> anyhow::Result<Verdict> {
    let launch = stage.fresh()?;
    let mut server = launch.start().await?;
    let mut random = stage.random.clone();
    let world = World::new(Random::new(stage.random.next()), PATIENCE)?;
    if let Some(path) = &stage.journal {
        world.journal.borrow_mut().record_to(path)?;
    }
    let people = People::new(world.clone(), Signer::of(&launch)?, server.address());
    let (is_over, mut writers) = (Rc::new(Cell::new(false)), JoinSet::new());
    populate(&people, &is_over, &mut writers);
    for kill in 1..=kills {
        sleep(random.within(LIFE)).await;
        if random.one_in(3) {
            // Readers fall away alone too, and come back to a server that knows more than they do.
            world.cut_everyone();
            sleep(random.within(LIFE)).await;
        }
        server = restart(&launch, server, &mut random).await?;
        eprintln!("kill: {} of {of}", done + kill);
    }
    // Everybody has something to say to the last one too.
    sleep(LIFE / 2).await;
    is_over.set(true);
    timeout(GRACE, async { while writers.join_next().await.is_some() {} })
        .await
        .map_err(|_| Outcome::Breach("a writer got no answer from a server that runs".to_owned()))?;
    let verdict = world.judge(&people.api("service", "judge"), GRACE).await?;
    drop(people);
    server.stop().await?;
    check(&launch)?;
    Ok(verdict)
}

/// Kills a server, and now and then the next one too before it has come up.
async fn restart(launch: &Launch, server: Server, random: &mut Random) -> anyhow::Result<Server> {
    server.kill()?;
    sleep(random.within(DEATH)).await;
    if random.one_in(4) {
        let early = launch.spawn()?;
        sleep(random.within(DEATH)).await;
        early.kill()?;
    }
    launch.start().await
}

fn populate(people: &Rc<People>, is_over: &Rc<Cell<bool>>, writers: &mut JoinSet<()>) {
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
        writers.spawn_local(visitor.write(is_over.clone()));
    }
    for i in 0..AGENTS {
        let over = if i % 2 == 0 { Over::Http } else { Over::Socket };
        let api = people.api("agent", &format!("agent-{i}"));
        let writer = Writer::new(&people.world, api, over).hanging_up(6);
        writers.spawn_local(answer(people.clone(), writer, is_over.clone()));
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
    async fn write(mut self, is_over: Rc<Cell<bool>>) {
        while !is_over.get() {
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
        for (role, sub) in [("visitor", self.user.as_str()), ("agent", "reader")] {
            self.people.follow(self.people.api(role, sub), Topic::Room(room), Manner::default());
        }
    }
}

/// An agent who answers anywhere, reads, closes, archives and reopens.
async fn answer(people: Rc<People>, mut writer: Writer, is_over: Rc<Cell<bool>>) {
    while !is_over.get() {
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
