//! From POST to the sockets of those who read along, by the clock, at a rate that is no strain.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::future::{try_join, try_join_all};
use hdrhistogram::Histogram;
use tokio::time::timeout_at;
use uuid::Uuid;

use super::Lab;
use super::traffic::Traffic;
use crate::http::Connection;
use crate::message;
use crate::pace::{self, Schedule};
use crate::report::{Figure, Sample, Unit};
use crate::server::Server;
use crate::socket::{Event, Socket, events};

/// Conversations with readers.
const ROOMS: usize = 50;
/// Readers of each.
const READERS: usize = 2;
/// Agents with the inbox open.
const INBOXES: usize = 20;
/// Connections the posts go out on; far more than are ever busy at this rate.
const SENDERS: usize = 16;
/// What has not arrived this long after the last post is lost.
const GRACE: Duration = Duration::from_secs(2);

type Part = fn(&Run) -> &Histogram<u64>;

/// Latencies of one run.
struct Run {
    answer: Histogram<u64>,
    room: Histogram<u64>,
    inbox: Histogram<u64>,
}

pub async fn run(lab: &Lab) -> anyhow::Result<Vec<Figure>> {
    let server = lab.fresh("fanout")?.start().await?;
    let traffic = RefCell::new(Traffic::prepare(&server, ROOMS).await?);
    let mut samples = Vec::new();
    for round in 1..=lab.rounds {
        let label = format!("fanout, round {round}");
        let tell = |run: &Run| format!("POST to room p50 {} µs", run.room.value_at_quantile(0.5));
        samples.push(lab.sample(&label, tell, async || one(lab, &server, &traffic).await).await?);
    }
    traffic.into_inner().verify().await?;
    server.stop().await?;
    Ok(figures(lab, &samples))
}

fn figures(lab: &Lab, samples: &[Sample<Run>]) -> Vec<Figure> {
    let rate = lab.rate;
    let parts: [(String, Part); 3] = [
        (format!("POST to answer at {rate}/s"), |run| &run.answer),
        (format!("POST to socket at {rate}/s, {ROOMS} rooms of {READERS} readers"), |run| &run.room),
        (format!("POST to socket at {rate}/s, {INBOXES} inboxes"), |run| &run.inbox),
    ];
    let mut figures = Vec::new();
    for (name, part) in parts {
        for (word, quantile) in [("p50", 0.5), ("p99", 0.99)] {
            let millis = |run: &Run| part(run).value_at_quantile(quantile) as f64 / 1e3;
            let values: Vec<_> = samples.iter().map(|sample| sample.map(millis)).collect();
            figures.push(Figure::of(format!("{name}, {word}"), Unit::Millis, &values));
        }
    }
    figures
}

async fn one(lab: &Lab, server: &Server, traffic: &RefCell<Traffic>) -> anyhow::Result<Run> {
    server.settle().await?;
    let (api, rooms, first) = {
        let traffic = traffic.borrow();
        (traffic.api.clone(), traffic.rooms.clone(), traffic.due.len())
    };
    let mut readers = Vec::new();
    for room in rooms.iter().flat_map(|room| [*room; READERS]) {
        readers.push(Reader::open(&api, Some(room)).await?);
    }
    for _ in 0..INBOXES {
        readers.push(Reader::open(&api, None).await?);
    }
    let mut senders = Connection::open_many(api.address, SENDERS).await?;
    let count = lab.rate as usize * lab.seconds as usize;
    let schedule = Schedule::new(lab.rate, count);
    let end = schedule.end() + GRACE;
    let reading = try_join_all(readers.iter_mut().map(|reader| reader.read(traffic, first, end)));
    let (answer, _) = try_join(pace::open(&mut senders, schedule, traffic), reading).await?;
    let posted = Posted::of(&traffic.borrow(), first);
    let mut run = Run { answer, room: pace::histogram(), inbox: pace::histogram() };
    for reader in readers {
        reader.judge(&posted)?;
        let sum = if reader.room.is_some() { &mut run.room } else { &mut run.inbox };
        sum.add(&reader.latencies)?;
    }
    Ok(run)
}

/// The numbers that were posted in a run, by room, ascending.
struct Posted(HashMap<Uuid, Vec<u64>>);

impl Posted {
    fn of(traffic: &Traffic, first: usize) -> Self {
        let mut posted: HashMap<Uuid, Vec<u64>> = HashMap::new();
        for number in first..traffic.due.len() {
            posted.entry(traffic.room(number)).or_default().push(number as u64);
        }
        Posted(posted)
    }
}

/// Somebody who reads along, and what they saw.
struct Reader {
    socket: Socket,
    /// The conversation that is open; the inbox if none is.
    room: Option<Uuid>,
    latencies: Histogram<u64>,
    /// The texts' numbers; a room's in the order they came.
    seen: Vec<u64>,
    /// An inbox's summaries.
    versions: HashSet<(Uuid, u64)>,
    last: HashMap<Uuid, u64>,
}

impl Reader {
    async fn open(api: &crate::http::Api, room: Option<Uuid>) -> anyhow::Result<Self> {
        let mut socket = Socket::open(api).await?;
        match room {
            Some(room) => socket.subscribe(&format!("conversation:{room}")).await?,
            None => socket.subscribe("inbox").await?,
        }
        Ok(Reader {
            socket,
            room,
            latencies: pace::histogram(),
            seen: Vec::new(),
            versions: HashSet::new(),
            last: HashMap::new(),
        })
    }

    /// Reads until `end`; posts from number `first` on belong to this run.
    async fn read(&mut self, traffic: &RefCell<Traffic>, first: usize, end: Instant) -> anyhow::Result<()> {
        while let Ok(frame) = timeout_at(end.into(), self.socket.next()).await {
            for event in events(&frame?)? {
                let Some(number) = self.take(&event)? else { continue };
                let index = usize::try_from(number)?;
                ensure!(index >= first, "post {number} of an earlier run arrived again");
                let due = *traffic.borrow().due.get(index).context("a ghost: never posted")?;
                pace::record(&mut self.latencies, due);
            }
        }
        Ok(())
    }

    /// The number of the post that `event` is the first to tell this reader of.
    fn take(&mut self, event: &Event<'_>) -> anyhow::Result<Option<u64>> {
        if let (Some(_), Some(message)) = (self.room, &event.message)
            && message.kind != "system"
        {
            let number = message::number_of(&message.text)?;
            self.seen.push(number);
            return Ok(Some(number));
        }
        if let (None, Some(summary)) = (self.room, &event.conversation) {
            let fresh = self.versions.insert((summary.id, summary.version));
            ensure!(fresh, "doubled: version {} of conversation {}", summary.version, summary.id);
            let number = message::number_of(&summary.last_message)?;
            let before = self.last.insert(summary.id, number);
            return Ok((before != Some(number)).then_some(number));
        }
        Ok(None)
    }

    /// A room's reader saw every message once; an inbox ends with every conversation's last.
    fn judge(&self, posted: &Posted) -> anyhow::Result<()> {
        let Some(room) = self.room else {
            for (room, numbers) in &posted.0 {
                ensure!(self.last.get(room) == numbers.last(), "stale: an inbox misses the last of {room}");
            }
            return Ok(());
        };
        let mut seen = self.seen.clone();
        seen.sort_unstable();
        let expected = posted.0.get(&room).map_or(&[][..], Vec::as_slice);
        ensure!(seen == expected, "lost or doubled: a reader of {room} saw {seen:?} of {expected:?}");
        Ok(())
    }
}
