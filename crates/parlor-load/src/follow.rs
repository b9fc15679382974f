//! A reader that keeps to the contract's rules of following (section 5): snapshot, subscribe from its cursor, apply whole
//! groups, move the cursor, and after any break come again from the last cursor with full jitter.

mod frames;
mod snapshot;

use std::collections::HashMap;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use self::frames::{Gone, Next, Piece};
use crate::http::Api;
use crate::judge::{Follows, ReaderId, RoomId};
use crate::pace;
use crate::socket::{From, Socket, events};
use crate::world::{World, count};

/// Connecting, loading and subscribing take no longer.
const STEP: Duration = Duration::from_secs(20);
/// Two heartbeats and a little: without a frame for so long a connection is dead.
const SILENCE: Duration = Duration::from_secs(60);
/// Who leaves a topic and comes back loads a new snapshot once in so many times.
const ANEW: u64 = 16;

/// What to follow.
#[derive(Debug, Clone)]
pub enum Topic {
    /// One conversation.
    Room(Uuid),
    /// Every conversation the caller may see: all, or for a visitor their own.
    Inbox {
        /// The visitor's id.
        of: Option<String>,
    },
}

impl Topic {
    fn name(&self) -> String {
        match self {
            Topic::Room(id) => format!("conversation:{id}"),
            Topic::Inbox { .. } => "inbox".to_owned(),
        }
    }
}

/// How a reader differs from the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Where its connections come from.
    pub from: From,
    /// It stops reading when the script says so, until the script says otherwise.
    pub stalls: bool,
    /// It leaves its topic and comes back on the same connection, this often at most; now and then with a new snapshot.
    pub switches: Option<Duration>,
    /// After a cut by the script it stays away until the script lets it in.
    pub is_late: bool,
}

/// A reader.
#[derive(Debug)]
pub struct Follower {
    world: Rc<World>,
    api: Api,
    topic: Topic,
    manner: Manner,
    reader: ReaderId,
    cursor: Option<String>,
    /// Of a group whose last event has not come yet.
    open_group: Vec<Piece>,
    /// An inbox's last message of each conversation, by its number: summaries change for other reasons too.
    last: HashMap<RoomId, u64>,
    last_ref: u64,
    cuts: watch::Receiver<Option<Instant>>,
    is_following: bool,
    /// The script's last cut that this reader has come back from.
    resumed_from: Option<Instant>,
    stalls: watch::Receiver<bool>,
    next_switch: Option<Instant>,
}

/// Why a connection is left.
enum Left {
    /// It broke.
    Cut(anyhow::Error),
    /// The server asked to come again after this long.
    Away(Duration),
}

impl<E: Into<anyhow::Error>> std::convert::From<E> for Left {
    fn from(error: E) -> Self {
        Left::Cut(error.into())
    }
}

impl Follower {
    /// A reader of `topic` who calls as `api` says.
    pub fn new(world: &Rc<World>, api: Api, topic: Topic, manner: Manner) -> Self {
        let follows = match &topic {
            Topic::Room(id) => Follows::Room(world.journal.borrow_mut().room(*id)),
            Topic::Inbox { of: Some(user) } => Follows::InboxOf(user.clone()),
            Topic::Inbox { of: None } => Follows::Inbox,
        };
        let reader = world.journal.borrow_mut().reader(follows);
        Follower {
            world: world.clone(),
            api,
            topic,
            manner,
            reader,
            cursor: None,
            open_group: Vec::new(),
            last: HashMap::new(),
            last_ref: 0,
            cuts: world.cuts(),
            is_following: false,
            resumed_from: None,
            next_switch: None,
            stalls: world.stalls(),
        }
    }

    /// Follows until it is dropped, whatever happens to the server, or until what it follows is deleted.
    pub async fn run(mut self) {
        let mut attempt = 0;
        loop {
            let before = self.cursor.clone();
            let Err(left) = self.connect().await;
            if std::mem::take(&mut self.is_following) {
                let following = &self.world.tally.following;
                following.set(following.get() - 1);
            }
            if matches!(&left, Left::Cut(error) if error.is::<Gone>()) {
                return;
            }
            count(&self.world.tally.cuts);
            self.open_group.clear();
            if self.cursor != before {
                attempt = 0;
            }
            let wait = match left {
                Left::Away(wait) => wait,
                Left::Cut(error) => {
                    if self.manner.is_late {
                        self.world.let_in_again().await;
                    }
                    self.world.journal.borrow_mut().remark(self.reader, format_args!("is cut: {error:#}"));
                    self.world.wait(attempt)
                }
            };
            attempt += 1;
            sleep(wait).await;
        }
    }

    /// One connection, to its end.
    async fn connect(&mut self) -> Result<Infallible, Left> {
        self.cuts.mark_unchanged();
        if self.cursor.is_none() {
            timeout(STEP, self.load()).await.context("the snapshot did not come")??;
        }
        let opening = Socket::open_from(&self.api, self.manner.from);
        let mut socket = timeout(STEP, opening).await.context("the socket did not open")??;
        self.subscribe(&mut socket).await?;
        self.plan_switch();
        loop {
            let mut cuts = self.cuts.clone();
            let frame = tokio::select! {
                frame = timeout(SILENCE, socket.next()) => frame.context("nothing was heard for long")??,
                _ = cuts.changed() => return Err(anyhow::anyhow!("cut by the script").into()),
                () = stalled(&mut self.stalls, true), if self.manner.stalls => {
                    stalled(&mut self.stalls, false).await;
                    continue;
                }
                () = until(self.next_switch) => {
                    let anew = self.world.random.borrow_mut().one_in(ANEW);
                    self.leave(&mut socket).await?;
                    let elsewhere = self.world.random.borrow_mut().within(self.manner.switches.unwrap_or_default());
                    sleep(elsewhere).await;
                    self.start_over(&mut socket, anew).await?;
                    continue;
                }
            };
            match self.take(&frame)? {
                Next::Listen => {}
                Next::Resume => {
                    self.world.journal.borrow_mut().fall_behind(self.reader);
                    self.start_over(&mut socket, false).await?;
                }
                Next::Reload => {
                    count(&self.world.tally.resets);
                    self.start_over(&mut socket, true).await?;
                }
            }
        }
    }

    /// Subscribes from the cursor, again and again if it has to load anew, until it is caught up.
    async fn subscribe(&mut self, socket: &mut Socket) -> Result<(), Left> {
        loop {
            let since = self.cursor.clone().unwrap_or_default();
            let op = format!(r#""subscribe","topic":"{}","since":"{since}""#, self.topic.name());
            let next = self.perform(socket, &op).await?;
            if !matches!(next, Next::Reload) {
                break;
            }
            count(&self.world.tally.resets);
            self.reload(socket).await?;
        }
        if !std::mem::replace(&mut self.is_following, true) {
            count(&self.world.tally.following);
        }
        let cut = *self.cuts.borrow();
        if let Some(cut) = cut.filter(|cut| self.resumed_from.replace(*cut) != Some(*cut)) {
            count(&self.world.tally.returned);
            if !self.manner.is_late {
                pace::record(&mut self.world.resumed.borrow_mut(), cut);
            }
        }
        Ok(())
    }

    /// Leaves the topic first, so that nothing that is on its way can be taken for something newer.
    async fn start_over(&mut self, socket: &mut Socket, load: bool) -> Result<(), Left> {
        if load {
            self.reload(socket).await?;
        } else {
            self.leave(socket).await?;
        }
        self.subscribe(socket).await?;
        self.plan_switch();
        Ok(())
    }

    fn plan_switch(&mut self) {
        let within = |longest| self.world.random.borrow_mut().within(longest);
        self.next_switch = self.manner.switches.map(|longest| Instant::now() + within(longest));
    }

    async fn reload(&mut self, socket: &mut Socket) -> Result<(), Left> {
        self.leave(socket).await?;
        self.cursor = None;
        Ok(timeout(STEP, self.load()).await.context("the snapshot did not come")??)
    }

    /// Unsubscribes; what comes until that is answered is not looked at: the cursor stays where it is.
    async fn leave(&mut self, socket: &mut Socket) -> Result<(), Left> {
        self.open_group.clear();
        self.last_ref += 1;
        let (topic, reference) = (self.topic.name(), self.last_ref);
        let op = format!(r#"{{"op":"unsubscribe","ref":{reference},"topic":"{topic}"}}"#);
        socket.send(&op).await?;
        loop {
            let frame = timeout(STEP, socket.next()).await.context("no answer to unsubscribe")??;
            if events(&frame)?.iter().any(|event| event.reference == Some(reference)) {
                return Ok(());
            }
        }
    }

    /// Sends a subscribe and takes everything up to its answer.
    async fn perform(&mut self, socket: &mut Socket, op: &str) -> Result<Next, Left> {
        self.last_ref += 1;
        let reference = self.last_ref;
        socket.send(&format!(r#"{{"ref":{reference},"op":{op}}}"#)).await?;
        let (mut outcome, mut cuts) = (Next::Listen, self.cuts.clone());
        loop {
            let frame = tokio::select! {
                frame = timeout(STEP, socket.next()) => frame.context("no answer to subscribe")??,
                _ = cuts.changed() => return Err(anyhow::anyhow!("cut by the script").into()),
            };
            let is_answer = events(&frame)?.iter().any(|event| event.reference == Some(reference));
            let is_void = matches!(outcome, Next::Reload);
            match self.take(&frame)? {
                Next::Reload => outcome = Next::Reload,
                Next::Listen | Next::Resume => {}
            }
            if is_answer {
                return Ok(outcome);
            }
            if is_void {
                self.open_group.clear();
            }
        }
    }
}

/// Waits until readers are to stall, or to read again.
async fn stalled(stalls: &mut watch::Receiver<bool>, wanted: bool) {
    // Only fails when the world is gone, and everybody with it.
    let _ = stalls.wait_for(|stalled| *stalled == wanted).await;
}

/// Never, without a time.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}
