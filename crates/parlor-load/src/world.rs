//! What the writers and readers of a run share.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use hdrhistogram::Histogram;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::http::Api;
use crate::id::Ids;
use crate::judge::{Breach, Journal, Verdict, store};
use crate::outcome::Outcome;
use crate::pace;
use crate::random::Random;

/// Between two looks at whether everybody has caught up.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// From the last message on, everything has reached its readers within this time. Less than a heartbeat: nobody may need
/// one to learn that something is missing.
const CATCH_UP: Duration = Duration::from_secs(15);
/// Faults told at the end; more are alike.
const FAULTS: usize = 10;

/// How long a client waits before it tries again: full jitter up to a bound that doubles.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The bound of the first wait.
    pub first: Duration,
    /// The bound of all waits.
    pub most: Duration,
}

/// What happened to connections.
#[derive(Debug, Default)]
pub struct Tally {
    /// Readers that follow their topic now.
    pub following: Cell<u64>,
    /// Times a reader was back after a cut by the script and had everything it missed.
    pub returned: Cell<u64>,
    /// Summaries that were passed over: a stalled reader fell behind and was shown the newest only.
    pub skipped: Cell<u64>,
    /// Groups that a stalled reader was shown from the store: their conversation comes once, in its newest state.
    pub refilled: Cell<u64>,
    /// Readers' connections that ended before the reader did.
    pub cuts: Cell<u64>,
    /// Times a reader was told to load anew.
    pub resets: Cell<u64>,
    /// Presence events, all readers together.
    pub presence: Cell<u64>,
    /// Summaries of conversations that closed because nothing happened, all readers together.
    pub closings: Cell<u64>,
    /// Attempts to send that were not the first.
    pub retries: Cell<u64>,
}

/// What the writers and readers of a run share.
#[derive(Debug)]
pub struct World {
    /// The judge's notes.
    pub journal: RefCell<Journal>,
    /// Microseconds from when a message was due to its answer.
    pub answers: RefCell<Histogram<u64>>,
    /// Microseconds from when a message was due to each reader that saw it, those in `apart` excepted.
    pub arrivals: RefCell<Histogram<u64>>,
    /// Microseconds from a cut to when a reader had everything it missed; without those who stayed away on purpose.
    pub resumed: RefCell<Histogram<u64>>,
    /// Wakes whoever waits for the next answer that says stored.
    pub stored: Notify,
    /// Wakes whoever waits for the next group that a reader is shown.
    pub shown: Notify,
    /// Wakes whoever waits for a conversation that is about to close by itself.
    pub closing: Notify,
    /// What happened to connections.
    pub tally: Tally,
    /// Every chance anybody takes.
    pub random: RefCell<Random>,
    /// How long clients wait.
    pub patience: Patience,
    ids: RefCell<Ids>,
    due: RefCell<Vec<Instant>>,
    faults: RefCell<Vec<String>>,
    cut: watch::Sender<Option<Instant>>,
    open_since: watch::Sender<Option<Instant>>,
    stalled: watch::Sender<bool>,
    has_ended: watch::Sender<bool>,
}

impl World {
    /// A world in which nothing has happened.
    pub fn new(random: Random, patience: Patience) -> anyhow::Result<Rc<Self>> {
        Ok(Rc::new(World {
            journal: RefCell::default(),
            answers: RefCell::new(pace::histogram()),
            arrivals: RefCell::new(pace::histogram()),
            resumed: RefCell::new(pace::histogram()),
            stored: Notify::new(),
            shown: Notify::new(),
            closing: Notify::new(),
            tally: Tally::default(),
            random: RefCell::new(random),
            patience,
            ids: RefCell::new(Ids::new()?),
            due: RefCell::default(),
            faults: RefCell::default(),
            cut: watch::Sender::new(None),
            open_since: watch::Sender::new(None),
            stalled: watch::Sender::new(false),
            has_ended: watch::Sender::new(false),
        }))
    }

    /// A new id.
    pub fn id(&self) -> Uuid {
        self.ids.borrow_mut().next()
    }

    /// The number for a message that is due at `due`.
    pub fn number(&self, due: Instant) -> u64 {
        let mut all = self.due.borrow_mut();
        all.push(due);
        all.len() as u64 - 1
    }

    /// When message `number` was due.
    pub fn due(&self, number: u64) -> Option<Instant> {
        self.due.borrow().get(usize::try_from(number).ok()?).copied()
    }

    /// Ends every reader's connection now.
    pub fn cut_everyone(&self) {
        self.cut.send_replace(Some(Instant::now()));
    }

    /// Lets those come back who stay away after a cut.
    pub fn let_in(&self) {
        self.open_since.send_replace(Some(Instant::now()));
    }

    /// Says whether stalled readers stop reading.
    pub fn stall(&self, is_stalled: bool) {
        self.stalled.send_replace(is_stalled);
    }

    /// Hears whether stalled readers are to read.
    pub fn stalls(&self) -> watch::Receiver<bool> {
        self.stalled.subscribe()
    }

    /// Waits until those who stay away after a cut are let in.
    pub async fn let_in_again(&self) {
        let cut = *self.cut.borrow();
        // Only fails when the world is gone, and nobody is let in any more.
        let _ = self.open_since.subscribe().wait_for(|open| *open >= cut).await;
    }

    /// Nobody has anything new to say from now on.
    pub fn end(&self) {
        self.has_ended.send_replace(true);
    }

    /// Whether writers are to stop.
    pub fn has_ended(&self) -> bool {
        *self.has_ended.borrow()
    }

    /// Waits this long, or until writers are to stop.
    pub async fn pause(&self, time: Duration) {
        // The world is there for as long as somebody waits in it.
        let _ = timeout(time, self.has_ended.subscribe().wait_for(|ended| *ended)).await;
    }

    /// Hears of every cut from now on.
    pub fn cuts(&self) -> watch::Receiver<Option<Instant>> {
        self.cut.subscribe()
    }

    /// Somebody was told something that is against the contract.
    pub fn fault(&self, what: String) {
        self.faults.borrow_mut().push(what);
    }

    /// How long to wait before try number `attempt`, counted from 0.
    pub fn wait(&self, attempt: u32) -> Duration {
        let bound = self.patience.first.saturating_mul(1 << attempt.min(16)).min(self.patience.most);
        self.random.borrow_mut().within(bound)
    }

    /// Reads everything back, gives the readers [`CATCH_UP`] to see it, and judges. `api` may see everything; nobody
    /// may write any more. An error means that nothing could be judged.
    pub async fn judge(&self, api: &Api) -> anyhow::Result<Verdict> {
        let stored = store::read(api).await.map_err(unreadable)?;
        let deadline = Instant::now() + CATCH_UP;
        while self.journal.borrow_mut().behind(&stored) > 0 && Instant::now() < deadline {
            sleep(LOOK_EVERY).await;
        }
        let mut verdict = self.journal.borrow_mut().judge(&stored)?;
        let removed = self.journal.borrow().removed();
        for id in store::find(api, &removed).await.context("looking for what was deleted")? {
            verdict.add(Breach::Ghost, || format!("{id} was deleted and can be read"));
        }
        let faults = self.faults.borrow();
        let told: Vec<&str> = faults.iter().take(FAULTS).map(String::as_str).collect();
        if !faults.is_empty() {
            let (count, told) = (faults.len(), told.join("\n"));
            return Err(
                Outcome::Breach(format!("{count} answers against the contract:\n{told}\n{verdict}")).into()
            );
        }
        Ok(verdict)
    }
}

/// A server that answers and cannot tell what it stored has lost it; one that is not there is the run's own trouble.
fn unreadable(error: anyhow::Error) -> anyhow::Error {
    if error.chain().any(|cause| cause.is::<io::Error>()) {
        return error.context("reading everything back");
    }
    Outcome::Breach(format!("what is stored cannot be read back: {error:#}")).into()
}

/// Adds one.
pub fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}
