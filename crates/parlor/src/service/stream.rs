//! `GET /events`: the socket's groups for who has no socket, as a stream that is read one item at a time. Nothing is taken
//! from the queue before its reader can take it, so a reader that stalls costs no more than a socket's.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::vec::IntoIter;

use bytes::Bytes;
use parlor_core::error::Code;
use parlor_core::limits;

use crate::hub::Watch;
use crate::service::Service;
use crate::service::auth::Caller;
use crate::service::follow::{Follower, Next};
use crate::service::presence::Present;
use crate::service::seats::Seat;
use crate::wire::Problem;
use crate::wire::event::ControlEvent;
use crate::wire::frames::Joiner;
use crate::wire::query::follow::Follow;

/// What a stream says at once.
pub struct StreamItem {
    /// Where the reader is after it: what it comes back with.
    pub id: Option<String>,
    /// A JSON array of events.
    pub data: Bytes,
    /// Milliseconds after which the reader comes back once the stream ends.
    pub retry_ms: Option<u64>,
}

/// A stream of one topic's groups.
pub struct EventStream {
    service: Arc<Service>,
    caller: Caller,
    follower: Follower,
    watch: Watch,
    joiner: Joiner,
    /// Frames of presence that are due.
    passing: IntoIter<Bytes>,
    /// A heartbeat is due, which says what was published when it became due.
    published: Option<Vec<u64>>,
    /// Ticks of the pulse.
    next_beat: u64,
    next_presence: u64,
    ends_at: u64,
    is_over: bool,
    _seat: Seat,
    _present: Present,
}

impl Service {
    /// Follows a topic until the caller's proof ends, the server closes or the stream is dropped. What was missed comes
    /// first, then a heartbeat, which says where the reader is.
    pub async fn stream_events(
        self: &Arc<Self>,
        caller: Caller,
        follow: Follow,
    ) -> Result<EventStream, Problem> {
        // A token in its leeway: the stream would end before it began, and its reader come back at once.
        let left_s = self.holds_s(&caller).await.ok_or(Code::Unauthenticated)?;
        let seat = self.seats.take(&caller.principal)?;
        let follower = self.follow(&caller.principal, &follow).await?;
        let watch = follower.watch();
        let now = watch.now();
        Ok(EventStream {
            service: self.clone(),
            follower,
            watch,
            joiner: Joiner::default(),
            passing: IntoIter::default(),
            published: None,
            next_beat: now,
            next_presence: now,
            ends_at: now + left_s,
            is_over: false,
            _seat: seat,
            _present: self.present(&caller.principal),
            caller,
        })
    }
}

impl EventStream {
    /// What is said next; `None` when it is over.
    pub async fn next(&mut self) -> Option<StreamItem> {
        while self.keep_time().await {
            match self.follower.take_next() {
                Next::Frame { frame, ends_group } => {
                    if let Some(data) = self.joiner.add(frame, ends_group) {
                        let cursor = self.service.seal_cursor(&self.follower.topics()[0].at);
                        return Some(StreamItem { id: Some(cursor), data, retry_ms: None });
                    }
                }
                Next::Passing(frame) => return Some(array(frame)),
                Next::Reset(place) => {
                    let topic = &self.follower.topics()[place].name;
                    // Without an id: it moves nobody. Who hears it loads anew and follows from there.
                    return Some(array(ControlEvent::Reset { topic }.frame()));
                }
                Next::Behind => {
                    self.joiner.clear();
                    if let Err(problem) = self.follower.read().await {
                        // The store does not answer now. Let the reader come again from its last id.
                        tracing::error!(code = problem.code.as_str(), log = problem.log, "a stream ended");
                        return None;
                    }
                }
                Next::Nothing => {
                    if let Some(published) = self.published.take() {
                        return Some(self.beat(&published));
                    }
                    if let Some(frame) = self.passing.next() {
                        return Some(array(frame));
                    }
                    self.wait().await;
                }
            }
        }
        (!std::mem::replace(&mut self.is_over, true) && self.watch.is_closing()).then(|| self.goaway())
    }

    /// Does what is due; false when the stream is over.
    async fn keep_time(&mut self) -> bool {
        if self.is_over || self.watch.is_closing() || self.follower.topics()[0].is_over {
            return false;
        }
        let now = self.watch.now();
        if now >= self.ends_at {
            let Some(left_s) = self.service.holds_s(&self.caller).await else { return false };
            self.ends_at = now + left_s;
        }
        if now >= self.next_beat && self.published.is_none() {
            self.published = Some(self.follower.published());
        }
        if now >= self.next_presence || self.follower.take_lost_presence() {
            self.next_presence = now + limits::PRESENCE_S;
            self.passing = self.service.list_presence(&self.follower.topics()[0].channel).into_iter();
        }
        true
    }

    fn beat(&mut self, published: &[u64]) -> StreamItem {
        self.next_beat = self.watch.now() + limits::HEARTBEAT_S;
        // Looks at the proof again: the wall clock may have been set, the caller signed out.
        self.ends_at = self.watch.now();
        let heads: BTreeMap<_, _> = self.follower.heads(published).collect();
        let id = heads.values().next().cloned();
        let beat = ControlEvent::Heartbeat { heads }.frame();
        StreamItem { id, ..array(beat) }
    }

    fn goaway(&self) -> StreamItem {
        let reconnect_in_ms = self.service.reconnect_in_ms();
        let goaway = ControlEvent::Goaway { reconnect_in_ms }.frame();
        StreamItem { retry_ms: Some(reconnect_in_ms), ..array(goaway) }
    }

    async fn wait(&mut self) {
        let deadline = self.next_beat.min(self.next_presence).min(self.ends_at);
        poll_fn(|cx| self.watch.poll(cx, deadline)).await;
    }
}

/// One or more events as an item that moves nobody.
fn array(frame: Bytes) -> StreamItem {
    let data = Joiner::default().add(frame, true).unwrap_or_default();
    StreamItem { id: None, data, retry_ms: None }
}
