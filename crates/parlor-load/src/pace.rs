//! Two ways to put load on: as fast as answers come, or by the clock.

use std::cell::{Cell, RefCell};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use hdrhistogram::Histogram;
use tokio::sync::{Mutex, mpsc};

use crate::http::{Answer, Connection};

/// A source of requests and the judge of their answers.
pub trait Load {
    /// What it wants back with the answer.
    type Ticket;
    /// Writes the next request, which was due at `due`, into `request`.
    fn next(&mut self, due: Instant, request: &mut Vec<u8>) -> Self::Ticket;
    /// Takes the answer; an error ends the run.
    fn answered(&mut self, ticket: Self::Ticket, answer: Answer<'_>) -> anyhow::Result<()>;
}

/// Closed loop: one request in flight on every connection until `until`; how many were answered by then. For
/// throughput: it finds what the server can do, and hides how long anybody had to wait.
pub async fn closed<L: Load>(
    connections: &mut [Connection],
    until: Instant,
    load: &RefCell<L>,
) -> anyhow::Result<u64> {
    let worker = async |connection: &mut Connection| {
        let (mut request, mut answered) = (Vec::new(), 0);
        loop {
            let now = Instant::now();
            if now >= until {
                return anyhow::Ok(answered);
            }
            call(connection, now, &mut request, load).await?;
            answered += u64::from(Instant::now() < until);
        }
    };
    let answered: Vec<u64> = try_join_all(connections.iter_mut().map(worker)).await?;
    Ok(answered.iter().sum())
}

/// Closed loop of `count` requests, as fast as answers come.
pub async fn all<L: Load>(
    connections: &mut [Connection],
    count: usize,
    load: &RefCell<L>,
) -> anyhow::Result<()> {
    let left = Cell::new(count);
    let worker = async |connection: &mut Connection| {
        let mut request = Vec::new();
        while left.get() > 0 {
            left.set(left.get() - 1);
            call(connection, Instant::now(), &mut request, load).await?;
        }
        anyhow::Ok(())
    };
    try_join_all(connections.iter_mut().map(worker)).await?;
    Ok(())
}

/// When each request of an open loop is due.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    start: Instant,
    /// A second.
    rate: u32,
    /// In all.
    count: usize,
}

impl Schedule {
    /// `count` requests at `rate` a second, the first in a moment.
    pub fn new(rate: u32, count: usize) -> Self {
        Schedule { start: Instant::now() + Duration::from_millis(5), rate, count }
    }

    /// When request `beat` is due, counted from 0.
    pub fn due(&self, beat: usize) -> Instant {
        self.start + Duration::from_secs_f64(beat as f64 / f64::from(self.rate))
    }

    /// When one after the last would be.
    pub fn end(&self) -> Instant {
        self.due(self.count)
    }
}

/// Open loop: requests on `schedule` whatever the server does; microseconds from when each was due to its answer, so that
/// a stall counts for everybody who would have come during it.
pub async fn open<L: Load>(
    connections: &mut [Connection],
    schedule: Schedule,
    load: &RefCell<L>,
) -> anyhow::Result<Histogram<u64>> {
    let due = Mutex::new(metronome(schedule));
    let latencies = RefCell::new(histogram());
    let worker = async |connection: &mut Connection| {
        let mut request = Vec::new();
        loop {
            let Some(due) = due.lock().await.recv().await else { return anyhow::Ok(()) };
            call(connection, due, &mut request, load).await?;
            record(&mut latencies.borrow_mut(), due);
        }
    };
    try_join_all(connections.iter_mut().map(worker)).await?;
    Ok(latencies.into_inner())
}

async fn call<L: Load>(
    connection: &mut Connection,
    due: Instant,
    request: &mut Vec<u8>,
    load: &RefCell<L>,
) -> anyhow::Result<()> {
    request.clear();
    let ticket = load.borrow_mut().next(due, request);
    let answer = connection.call(request).await?;
    load.borrow_mut().answered(ticket, answer)
}

/// The times requests are due. A thread of its own sleeps between them: the runtime's timer is only good to 1 ms, as
/// long as what is measured.
pub fn metronome(schedule: Schedule) -> mpsc::Receiver<Instant> {
    // Holds the whole schedule: a slow server must not stop the clock.
    let (sender, receiver) = mpsc::channel(schedule.count.max(1));
    thread::spawn(move || {
        for beat in 0..schedule.count {
            let due = schedule.due(beat);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if sender.blocking_send(due).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Microseconds, three digits, at most a minute: what takes longer counts as that.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are more than a factor of two apart")
}

/// Records the time from `due` to now.
pub fn record(latencies: &mut Histogram<u64>, due: Instant) {
    latencies.saturating_record(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_schedule_does_not_wait_for_anybody() {
        let mut due = metronome(Schedule::new(1_000_000, 3));
        let mut times = Vec::new();
        while let Some(time) = due.recv().await {
            times.push(time);
        }
        let steps: Vec<u128> = times.windows(2).map(|w| (w[1] - w[0]).as_micros()).collect();
        assert_eq!(steps, [1, 1]);
    }

    #[test]
    fn a_wait_counts_from_when_it_was_due() {
        let mut latencies = histogram();
        let due = Instant::now().checked_sub(Duration::from_secs(2)).unwrap();
        record(&mut latencies, due);
        assert!(latencies.max() >= 2_000_000, "{}", latencies.max());
    }
}
