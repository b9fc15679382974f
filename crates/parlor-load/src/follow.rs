//! A reader that keeps to the contract's rules of following (section 5): snapshot, subscribe from its cursor, apply whole
//! groups, move the cursor, and after any break come again from the last cursor with full jitter.

use std::collections::HashMap;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::http::{Api, Connection};
use crate::judge::{Follows, ReaderId, RoomId, Summary, store};
use crate::message::number_of;
use crate::pace;
use crate::socket::{Event, From, Socket, events};
use crate::world::{World, count};

/// Connecting, loading and subscribing take no longer.
const STEP: Duration = Duration::from_secs(20);
/// Two heartbeats and a little: without a frame for so long a connection is dead.
const SILENCE: Duration = Duration::from_secs(60);
/// Who leaves a topic and comes back loads a new snapshot once in so many times.
const ANEW: u64 = 16;
/// Messages of one page of a snapshot.
const PAGE: usize = 200;

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

/// One event's worth.
#[derive(Debug)]
enum Piece {
    Message { room: RoomId, id: Uuid, seq: u32, version: u64 },
    Summary { room: RoomId, summary: Summary },
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

/// What a reader has to do next on its topic.
enum Next {
    Listen,
    /// It may have missed something: subscribe again from its cursor.
    Resume,
    /// Its cursor is no good: load everything.
    Reload,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    messages: Vec<PageMessage>,
    has_more: bool,
    cursor: String,
}

#[derive(Debug, Deserialize)]
struct PageMessage {
    id: Uuid,
    seq: u32,
}

#[derive(Debug, Deserialize)]
struct OneConversation {
    conversation: store::Listed,
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

    /// Follows until it is dropped, whatever happens to the server.
    pub async fn run(mut self) -> Infallible {
        let mut attempt = 0;
        loop {
            let before = self.cursor.clone();
            let Err(left) = self.connect().await;
            if std::mem::take(&mut self.is_following) {
                let following = &self.world.tally.following;
                following.set(following.get() - 1);
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

    /// Takes the events of one frame.
    fn take(&mut self, frame: &str) -> Result<Next, Left> {
        let found = events(frame).inspect_err(|error| self.world.fault(format!("{error:#}")))?;
        let mut next = Next::Listen;
        for event in found {
            match &*event.event {
                "message" | "conversation" => self.piece(&event),
                "ok" => self.answered(&event),
                "reset" => next = Next::Reload,
                "heartbeat" if self.is_behind(&event) => next = Next::Resume,
                "presence" => count(&self.world.tally.presence),
                "goaway" => {
                    let wait = Duration::from_millis(event.reconnect_in_ms.unwrap_or_default());
                    return Err(Left::Away(wait));
                }
                "error" => self.refused(&event)?,
                _ => {}
            }
            if matches!(next, Next::Reload) {
                // What follows is news of a state that is gone.
                break;
            }
        }
        Ok(next)
    }

    fn piece(&mut self, event: &Event<'_>) {
        let mut journal = self.world.journal.borrow_mut();
        let mut number = None;
        if let Some(message) = &event.message {
            let room = journal.room(message.conversation_id);
            let (id, seq, version) = (message.id, message.seq, message.version);
            self.open_group.push(Piece::Message { room, id, seq, version });
            number = number_of(&message.text).ok().filter(|_| message.kind != "system");
        }
        if let Some(conversation) = &event.conversation {
            let (room, summary) = (journal.room(conversation.id), conversation.summary());
            self.open_group.push(Piece::Summary { room, summary });
            if matches!(self.topic, Topic::Inbox { .. }) {
                let last = number_of(&conversation.last_message).ok();
                number = last.filter(|last| self.last.insert(room, *last) != Some(*last));
            }
        }
        drop(journal);
        if let Some(due) = number.and_then(|number| self.world.due(number))
            && !self.manner.stalls
        {
            pace::record(&mut self.world.arrivals.borrow_mut(), due);
        }
        if let Some(cursor) = &event.cursor {
            self.apply();
            self.cursor = Some(cursor.to_string());
        }
    }

    /// A group is whole.
    fn apply(&mut self) {
        self.world.shown.notify_waiters();
        let mut journal = self.world.journal.borrow_mut();
        let has_summary = self.open_group.iter().any(|piece| matches!(piece, Piece::Summary { .. }));
        if self.manner.stalls && !has_summary {
            count(&self.world.tally.refilled);
        }
        for piece in self.open_group.drain(..) {
            match piece {
                Piece::Message { room, id, seq, version } => {
                    journal.show(self.reader, room, id, seq, version)
                }
                Piece::Summary { room, summary } => {
                    if journal.show_summary(self.reader, room, summary) {
                        count(&self.world.tally.skipped);
                    }
                }
            }
        }
    }

    fn answered(&mut self, event: &Event<'_>) {
        let Some(cursor) = &event.cursor else { return };
        if !self.open_group.is_empty() {
            self.world.fault(format!("a group of {} had no end before ok", self.topic.name()));
            self.open_group.clear();
        }
        self.cursor = Some(cursor.to_string());
    }

    /// Whether a heartbeat tells of a head that the reader has not seen.
    fn is_behind(&self, event: &Event<'_>) -> bool {
        let head = event.heads.as_ref().and_then(|heads| heads.get(self.topic.name().as_str()));
        // Without a head for its topic the server said it while the reader was not subscribed.
        head.is_some_and(|head| Some(&**head) != self.cursor.as_deref())
    }

    fn refused(&self, event: &Event<'_>) -> Result<(), Left> {
        let Some(problem) = &event.problem else { bail_cut("an error without a problem")? };
        // A server that is starting, stopping or out of breath; everything else is against the rules here.
        if problem.status != 503 {
            self.world.fault(format!("{} was refused: {}", self.topic.name(), problem.code));
        }
        bail_cut(&problem.code)?
    }

    /// Loads the snapshot: everything, and the cursor to subscribe from.
    async fn load(&mut self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.api.address).await?;
        let cursor = match self.topic.clone() {
            Topic::Room(id) => self.load_room(&mut connection, id).await?,
            Topic::Inbox { .. } => {
                let (listed, cursor) = store::list(&self.api, &mut connection).await?;
                let mut journal = self.world.journal.borrow_mut();
                for conversation in listed {
                    let room = journal.room(conversation.id);
                    journal.load_summary(self.reader, room, conversation.summary());
                }
                cursor
            }
        };
        self.cursor = Some(cursor);
        Ok(())
    }

    /// The newest page first: what comes after its cursor is above it, and the older pages do not grow. Back to what is
    /// there already.
    async fn load_room(&mut self, connection: &mut Connection, id: Uuid) -> anyhow::Result<String> {
        let room = self.world.journal.borrow_mut().room(id);
        let (mut cursor, mut before) = (None, None);
        loop {
            let from = before.map(|seq: u32| format!("&before={seq}")).unwrap_or_default();
            let path = format!("/conversations/{id}/messages?limit={PAGE}{from}");
            let answer = connection.call(&self.api.request("GET", &path, None)).await?.expect(200)?;
            let page: Page = serde_json::from_slice(answer).context("not a page of ours")?;
            let mut journal = self.world.journal.borrow_mut();
            page.messages.iter().for_each(|message| journal.load(self.reader, room, message.id, message.seq));
            before = page.messages.first().map(|message| message.seq);
            cursor.get_or_insert(page.cursor);
            let is_joined = before.is_some_and(|seq| journal.has_all_below(self.reader, room, seq));
            if !page.has_more || is_joined {
                break;
            }
            if before.is_none() {
                bail!("an empty page of {id} with more before it");
            }
        }
        let path = format!("/conversations/{id}?messages=0");
        let answer = connection.call(&self.api.request("GET", &path, None)).await?.expect(200)?;
        let found: OneConversation = serde_json::from_slice(answer).context("not a conversation of ours")?;
        self.world.journal.borrow_mut().load_summary(self.reader, room, found.conversation.summary());
        cursor.context("no page")
    }
}

fn bail_cut<T>(why: &str) -> anyhow::Result<T> {
    bail!("{why}")
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
