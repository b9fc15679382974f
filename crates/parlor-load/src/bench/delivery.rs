//! The server's CPU time of a delivery, against a process that only writes the same bytes to as many sockets.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::Lab;
use super::rooms::next_message;
use super::traffic::Traffic;
use crate::bare::Bare;
use crate::crowd::{Crowd, Wanted};
use crate::http::{Api, Connection};
use crate::pace::{self, Schedule};
use crate::report::{Figure, Goal, Sample, Unit};
use crate::server::Server;

/// Readers of the one room, as in workload B.
const READERS: usize = 1_000;
/// Posts a second: a rate both sides keep up with easily.
const RATE: u32 = 40;
/// Connections the posts go out on.
const SENDERS: usize = 8;
/// What has not arrived this long after the last post is lost.
const GRACE: Duration = Duration::from_secs(10);

type Shared = Arc<Mutex<Crowd>>;

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let mut parlor = Parlor::open(lab).await?;
    // A first post shows what a frame looks like.
    parlor.posts(1).await?;
    let mut bare = BareSide::open(parlor.frame()).await?;
    let mut runs: Vec<[Sample<f64>; 2]> = Vec::new();
    let tell = |micros: &f64| format!("{micros:.1} µs a delivery");
    for round in 0..lab.rounds {
        let count = RATE as usize * lab.seconds as usize;
        let mut ours = async || lab.sample("delivery, Parlor", tell, async || parlor.cpu(count).await).await;
        let mut theirs = async || lab.sample("delivery, bare", tell, async || bare.cpu(count).await).await;
        // In turns, so that what warms up or drifts favours neither.
        runs.push(if round % 2 == 0 {
            let ours = ours().await?;
            [ours, theirs().await?]
        } else {
            let theirs = theirs().await?;
            [ours().await?, theirs]
        });
    }
    parlor.end().await?;
    let side = |place: usize| runs.iter().map(|run| run[place]).collect::<Vec<_>>();
    let ratio = |[ours, theirs]: &[Sample<f64>; 2]| Sample {
        value: ours.value / theirs.value,
        steal: ours.steal.max(theirs.steal),
    };
    let ratios: Vec<_> = runs.iter().map(ratio).collect();
    Ok(vec![
        Figure::of(format!("server CPU of a delivery, a room of {READERS}"), Unit::Micros, &side(0)),
        Figure::of(format!("CPU of a bare write loop, {READERS} sockets"), Unit::Micros, &side(1)),
        Figure::of("server CPU of a delivery over the bare loop's", Unit::Times, &ratios)
            .with_goal(Goal::AtMost(2.0)),
    ])
}

struct Parlor {
    server: Server,
    traffic: RefCell<Traffic>,
    api: Api,
    crowd: Shared,
    /// The number of the room's next message.
    next: u32,
}

impl Parlor {
    async fn open(lab: &Lab) -> anyhow::Result<Self> {
        let server = lab.fresh("delivery")?.start().await?;
        let traffic = Traffic::prepare(&server, 1).await?;
        let (api, room) = (traffic.api.clone(), traffic.rooms[0]);
        let next = next_message(&api, &mut Connection::open(api.address).await?, room).await?;
        let reader = api.clone();
        let crowd = spawn_blocking(move || {
            let mut crowd = Crowd::new()?;
            crowd.follow(&reader, room, READERS, next)?;
            anyhow::Ok(crowd)
        });
        let crowd = Arc::new(Mutex::new(crowd.await??));
        Ok(Parlor { server, traffic: RefCell::new(traffic), api, crowd, next })
    }

    async fn posts(&mut self, count: usize) -> anyhow::Result<()> {
        let first = self.traffic.borrow().due.len();
        // New ones each time: the server ends connections that say nothing for a while.
        let mut senders = Connection::open_many(self.api.address, SENDERS).await?;
        let schedule = Schedule::new(RATE, count);
        let reading = read(&self.crowd, count, schedule, first);
        tokio::try_join!(reading, pace::open(&mut senders, schedule, &self.traffic))?;
        self.next += u32::try_from(count)?;
        let crowd = self.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        crowd.judge(std::iter::repeat_n(self.next, READERS))
    }

    /// The last frame that was delivered.
    fn frame(&self) -> Vec<u8> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner).sample().to_vec()
    }

    /// Microseconds of a delivery; the posts and all they cause are in it.
    async fn cpu(&mut self, count: usize) -> anyhow::Result<f64> {
        self.server.settle().await?;
        let before = self.server.cpu_time()?;
        self.posts(count).await?;
        self.server.settle().await?;
        Ok(micros(self.server.cpu_time()? - before, count))
    }

    async fn end(self) -> anyhow::Result<()> {
        let seen = self.crowd.lock().unwrap_or_else(PoisonError::into_inner).seen();
        self.traffic.into_inner().verify_with(&seen).await?;
        self.server.stop().await
    }
}

struct BareSide {
    bare: Bare,
    crowd: Shared,
    frame: Vec<u8>,
}

impl BareSide {
    async fn open(frame: Vec<u8>) -> anyhow::Result<Self> {
        let bare = Bare::start(READERS)?;
        let mut crowd = Crowd::new()?;
        crowd.listen(bare.address, READERS)?;
        Ok(BareSide { bare, crowd: Arc::new(Mutex::new(crowd)), frame })
    }

    async fn cpu(&mut self, count: usize) -> anyhow::Result<f64> {
        let before = self.bare.cpu_time()?;
        let schedule = Schedule::new(RATE, count);
        let writing = async {
            let mut due = pace::metronome(schedule);
            while due.recv().await.is_some() {
                self.bare.write(&self.frame)?;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(read(&self.crowd, count, schedule, 0), writing)?;
        Ok(micros(self.bare.cpu_time()? - before, count))
    }
}

async fn read(crowd: &Shared, count: usize, schedule: Schedule, first: usize) -> anyhow::Result<()> {
    let messages = (count * READERS) as u64;
    let wanted = Wanted { messages, schedule, first: first as u64, deadline: schedule.end() + GRACE };
    let crowd = crowd.clone();
    let reading = move || crowd.lock().unwrap_or_else(PoisonError::into_inner).read(&wanted);
    spawn_blocking(reading).await?.map(drop)
}

fn micros(cpu: Duration, posts: usize) -> f64 {
    cpu.as_secs_f64() * 1e6 / (posts * READERS) as f64
}
