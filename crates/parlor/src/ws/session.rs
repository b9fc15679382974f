//! One connection, from its upgrade to its end, as one small task. What it is told comes from its follower.

use std::sync::Arc;

use parlor_core::error::Code;
use parlor_core::limits;
use tokio_tungstenite::tungstenite::Message;

use super::admission::Seat;
use super::frame::{ClientFrame, Ref, ServerFrame, is_bad_frame};
use super::handshake::Socket;
use super::line::{End, Heard, Line, RESTART};
use super::{Sockets, Transport};
use crate::hub::Topic;
use crate::service::auth::Caller;
use crate::service::follow::{Follower, Next};
use crate::service::presence::Present;
use crate::wire::Problem;
use crate::wire::event::ControlEvent;

/// One connection.
pub struct Session {
    pub(super) sockets: Arc<Sockets>,
    pub(super) line: Line,
    pub(super) follower: Follower,
    /// Who calls; nobody before the first `auth`. Boxed: most of a connection's life nobody looks at it.
    caller: Option<Box<Known>>,
    /// Given back with the connection.
    seat: Seat,
    /// Ticks of the pulse.
    heard_at: u64,
    next_beat: u64,
    next_presence: u64,
    /// When the session ends unless it is extended; before `auth`, when that must have come.
    ends_at: u64,
    bad_frames: Window,
    control_frames: Window,
}

/// A caller, who counts as connected.
struct Known {
    caller: Caller,
    _present: Present,
}

/// How often something happened in the running minute.
#[derive(Default)]
struct Window {
    since: u64,
    count: u32,
}

impl Window {
    const TICKS: u64 = 60;

    fn count(&mut self, now: u64) -> u32 {
        if now >= self.since + Self::TICKS {
            *self = Self { since: now, count: 0 };
        }
        self.count += 1;
        self.count
    }
}

impl Session {
    /// A session over a fresh socket. `caller` is known when the upgrade proved it.
    #[must_use]
    pub fn new(socket: Socket, transport: Arc<Transport>, sockets: Arc<Sockets>, seat: Seat) -> Self {
        let follower = Follower::new(sockets.service.clone());
        let now = sockets.hub.pulse().now();
        Self {
            line: Line::new(socket, transport, follower.watch()),
            follower,
            sockets,
            caller: None,
            seat,
            heard_at: now,
            next_beat: now + limits::HEARTBEAT_S,
            next_presence: now + limits::PRESENCE_S,
            ends_at: now + limits::AUTH_TIMEOUT_S,
            bad_frames: Window::default(),
            control_frames: Window::default(),
        }
    }

    /// Serves the connection to its end.
    pub async fn run(&mut self, caller: Option<Caller>) {
        let end = self.serve(caller).await;
        if end == RESTART {
            let reconnect_in_ms = self.sockets.service.reconnect_in_ms();
            let goaway = ControlEvent::Goaway { reconnect_in_ms }.frame();
            // Where even this stalls, the close frame says the same.
            let _ = self.line.put(goaway).await;
        }
        // Gone for everybody else at once; the peer may take a while to say goodbye.
        self.caller = None;
        self.follower.clear();
        self.line.finish(end).await;
    }

    async fn serve(&mut self, caller: Option<Caller>) -> End {
        let mut ended = match caller {
            Some(caller) => Box::pin(self.welcome(caller)).await,
            None => Ok(()),
        };
        while ended.is_ok() {
            ended = self.turn().await;
        }
        ended.err().unwrap_or(End::Left)
    }

    /// Writes what there is, does what is due, and hears one thing.
    async fn turn(&mut self) -> Result<(), End> {
        self.follower.drop_ended();
        let is_all = self.deliver().await?;
        self.keep_time().await?;
        let deadline = if is_all { self.deadline() } else { self.now() };
        match self.line.next(deadline).await? {
            Heard::Woken => Ok(()),
            Heard::Message(message) => {
                self.heard_at = self.now();
                // Boxed: an op is a use case and its answer, far larger than an idle connection.
                Box::pin(self.receive(message)).await
            }
        }
    }

    /// Puts what is to be told on the line and writes everything. False when there is more, but the peer is to be heard first.
    async fn deliver(&mut self) -> Result<bool, End> {
        let mut bytes = 0;
        while bytes < limits::CONNECTION_QUEUE_BYTES {
            match self.follower.take_next() {
                Next::Frame { frame, .. } | Next::Passing(frame) => {
                    bytes += frame.len();
                    self.line.put(frame).await?;
                }
                Next::Reset(place) => self.put_reset(place).await?,
                Next::Behind => {
                    // Boxed: rare, and as large as a whole replay.
                    if let Err(problem) = Box::pin(self.follower.read()).await {
                        // The store does not answer now. Let the client come again from its own cursors.
                        self.sockets.log(&problem);
                        return Err(End::Close(1012, "try again"));
                    }
                }
                Next::Nothing => return self.line.flush().await.map(|()| true),
            }
        }
        self.line.flush().await.map(|()| false)
    }

    /// Puts everything missed on the line. After [`Follower::catch_up`].
    pub(super) async fn deliver_missed(&mut self) -> Result<Result<(), Problem>, End> {
        loop {
            match self.follower.take_missed() {
                Next::Frame { frame, .. } | Next::Passing(frame) => self.line.put(frame).await?,
                Next::Reset(place) => self.put_reset(place).await?,
                Next::Behind => {
                    if let Err(problem) = self.follower.read().await {
                        return Ok(Err(problem));
                    }
                }
                Next::Nothing => return Ok(Ok(())),
            }
        }
    }

    async fn put_reset(&mut self, place: usize) -> Result<(), End> {
        let topic = &self.follower.topics()[place].name;
        self.line.put(ControlEvent::Reset { topic }.frame()).await
    }

    async fn keep_time(&mut self) -> Result<(), End> {
        if self.sockets.hub.is_closing() {
            return Err(RESTART);
        }
        let now = self.now();
        if now >= self.ends_at {
            self.check_end(now).await?;
        }
        if now >= self.silent_at() {
            // Whoever does not answer pings does not read a close frame either.
            return Err(End::Left);
        }
        if now >= self.next_beat {
            Box::pin(self.beat(now)).await?;
        }
        if now >= self.next_presence || self.follower.take_lost_presence() {
            self.next_presence = now + limits::PRESENCE_S;
            Box::pin(self.tell_presence()).await?;
        }
        Ok(())
    }

    async fn check_end(&mut self, now: u64) -> Result<(), End> {
        let Some(known) = &self.caller else { return Err(End::Close(4408, "no auth in time")) };
        let left_s = Box::pin(self.sockets.service.holds_s(&known.caller)).await;
        self.ends_at = now + left_s.ok_or(End::Close(4401, "expired"))?;
        Ok(())
    }

    /// A heartbeat with the head of every topic, and a ping: the peer's pong is its sign of life.
    async fn beat(&mut self, now: u64) -> Result<(), End> {
        if self.caller.is_some() {
            // Read before the mailbox is emptied: what a head counts is then on the line before it.
            let published = self.follower.published();
            if !self.deliver().await? {
                // Too busy to say where it stands; the next turn tries again.
                return Ok(());
            }
            let heads = self.follower.heads(&published).collect();
            let heartbeat = ControlEvent::Heartbeat { heads }.frame();
            self.line.put(heartbeat).await?;
            // Looks at the proof again: the wall clock may have been set, the caller signed out.
            self.ends_at = now;
        }
        self.next_beat = now + limits::HEARTBEAT_S;
        self.line.ping().await?;
        self.line.flush().await
    }

    async fn tell_presence(&mut self) -> Result<(), End> {
        let inbox = self.follower.topics().iter().find(|topic| topic.channel.topic == Topic::Inbox);
        if let Some(inbox) = inbox {
            for frame in self.sockets.service.list_presence(&inbox.channel) {
                self.line.put(frame).await?;
            }
        }
        self.line.flush().await
    }

    async fn receive(&mut self, message: Message) -> Result<(), End> {
        match message {
            Message::Text(text) => self.receive_text(text.as_bytes()).await,
            Message::Binary(_) => Err(End::Close(1003, "text frames only")),
            Message::Ping(_) | Message::Pong(_) => {
                let now = self.now();
                let is_flood = self.control_frames.count(now) > limits::CONTROL_FRAMES_PER_MINUTE;
                if is_flood { Err(End::Close(1008, "too many control frames")) } else { Ok(()) }
            }
            // Never a frame: those are put together.
            Message::Close(_) | Message::Frame(_) => Err(End::Left),
        }
    }

    async fn receive_text(&mut self, text: &[u8]) -> Result<(), End> {
        let (reference, frame) = ClientFrame::parse(text);
        let done = match (frame, &self.caller) {
            (Err(problem), _) => Err(problem),
            (Ok(ClientFrame::Auth(auth)), _) => self.auth(&auth.token, reference.as_ref()).await?,
            (Ok(_), None) => {
                self.refuse(reference.as_ref(), Code::Unauthenticated.into()).await?;
                return Err(End::Close(4401, "auth comes first"));
            }
            (Ok(op), Some(known)) => {
                let by = known.caller.principal.clone();
                self.perform(&by, op, reference.as_ref()).await?
            }
        };
        match done {
            Ok(()) => Ok(()),
            Err(problem) => self.refuse(reference.as_ref(), problem).await,
        }
    }

    /// Answers what was not done.
    async fn refuse(&mut self, reference: Option<&Ref>, problem: Problem) -> Result<(), End> {
        self.sockets.log(&problem);
        let error = ServerFrame::Error { reference, problem: problem.body(None) }.bytes();
        self.line.put(error).await?;
        let now = self.now();
        if is_bad_frame(&problem) && self.bad_frames.count(now) >= limits::BAD_FRAMES_PER_MINUTE {
            return Err(End::Close(1008, "too many bad frames"));
        }
        Ok(())
    }

    /// Says who calls, or extends the session of the same caller.
    async fn auth(&mut self, token: &str, reference: Option<&Ref>) -> Result<Result<(), Problem>, End> {
        let caller = match self.sockets.service.authenticate_token(token).await {
            Ok(caller) => caller,
            Err(problem) if self.caller.is_some() => return Ok(Err(problem)),
            Err(problem) => {
                let is_wrong = problem.code == Code::Unauthenticated;
                self.refuse(reference, problem).await?;
                let (code, reason) = if is_wrong { (4401, "not authenticated") } else { (1012, "try again") };
                return Err(End::Close(code, reason));
            }
        };
        if let Some(known) = &mut self.caller {
            let (old, new) = (&known.caller.principal, &caller.principal);
            if (old.workspace, old.role, &old.sub) != (new.workspace, new.role, &new.sub) {
                let problem = Problem::new(Code::Forbidden);
                return Ok(
                    Err(problem.because("A connection keeps its subject and role; open another one.")),
                );
            }
            known.caller = caller;
            self.ends_at = self.now();
        } else {
            self.welcome(caller).await?;
        }
        if let Some(reference) = reference {
            self.line.put(ServerFrame::ok(reference).bytes()).await?;
        }
        Ok(Ok(()))
    }

    async fn welcome(&mut self, caller: Caller) -> Result<(), End> {
        let me = self.sockets.service.get_me(&caller);
        self.seat.authenticated();
        let present = self.sockets.service.present(&caller.principal);
        self.caller = Some(Box::new(Known { caller, _present: present }));
        // Looked at once now, which finds the expiry.
        self.ends_at = self.now();
        self.line.put(ServerFrame::Ready { heartbeat_seconds: limits::HEARTBEAT_S, me: &me }.bytes()).await
    }

    fn deadline(&self) -> u64 {
        self.next_beat.min(self.next_presence).min(self.ends_at).min(self.silent_at())
    }

    /// When the peer has given no sign of life for too long. Its answers to pings wait while much is written to it; that it
    /// takes what is written is one too.
    fn silent_at(&self) -> u64 {
        self.heard_at.max(self.line.taken_at()) + limits::PEER_TIMEOUT_S
    }

    fn now(&self) -> u64 {
        self.sockets.hub.pulse().now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<A, B, F>(_: impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    /// Twenty thousand of them are there at once, most of them idle: what is large and rare belongs in a box.
    #[test]
    fn an_idle_connection_is_small() {
        let task = size(|session: &'static mut Session, caller| session.run(caller));
        let bytes = size_of::<Session>() + task;
        assert!(bytes <= 2 * 1024, "{bytes} bytes a connection");
    }
}
