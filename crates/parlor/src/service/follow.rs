//! Following topics, the one mechanism behind sockets, long polls and event streams.
//!
//! A follower takes from its mailbox only when nothing is left to read from the store. That is the gate of a subscription:
//! while a replay is read and told, what is published waits in the mailbox, and what the replay already showed is dropped
//! after it. A mailbox that overflowed is the same again for every topic, from the last group told.

use std::sync::Arc;
use std::vec::IntoIter;

use bytes::Bytes;
use parlor_core::cursor::Cursor;
use parlor_core::limits;
use parlor_core::planted::{self, Bug};

use crate::hub::{Channel, Delivery, Mailbox, Watch};
use crate::service::Service;
use crate::service::sync::{Replay, ReplayedGroup};
use crate::wire::Problem;

/// What is to be told next. What was handed out counts as told: it is written before anything else, or the connection ends.
pub enum Next {
    /// A frame of a group.
    Frame {
        /// A JSON object, or an array of objects.
        frame: Bytes,
        /// Whether the group is complete with it; then its topic is where the group's cursor says.
        ends_group: bool,
    },
    /// Typing or presence.
    Passing(Bytes),
    /// Too far behind on the topic at this place: what the client has is to be loaded again.
    Reset(usize),
    /// [`Follower::read`] comes first.
    Behind,
    /// Nothing, until the mailbox is touched.
    Nothing,
}

/// A topic of one follower.
pub struct Followed {
    /// As the client calls it.
    pub name: Box<str>,
    /// What it follows.
    pub channel: Channel,
    /// The last group told. Nothing at or below it is told again: the gate of a replay, and where it resumes.
    pub at: Cursor,
    id: u32,
    /// Its last group was told: the conversation was deleted.
    pub is_over: bool,
    /// What changed after `at` is to be read from the store.
    is_behind: bool,
}

/// A replay being told, and the topic it is for.
struct Replaying {
    id: u32,
    replay: Replay,
    group: ReplayedGroup,
    /// Whether the topic is at the head afterwards: only where the client hears of that, or heartbeats would name a cursor
    /// it has never seen.
    adopts_head: bool,
}

/// What one connection, poll or stream follows, and where it is on each topic. Unfollows when dropped.
pub struct Follower {
    service: Arc<Service>,
    mailbox: Arc<Mailbox>,
    topics: Vec<Followed>,
    last_id: u32,
    replaying: Option<Box<Replaying>>,
    durable: IntoIter<Delivery>,
    passing: IntoIter<Bytes>,
    lost_presence: bool,
}

impl Follower {
    /// Follows nothing yet.
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        service.hub.enter();
        Self {
            service,
            mailbox: Arc::default(),
            topics: Vec::new(),
            last_id: 0,
            replaying: None,
            durable: IntoIter::default(),
            passing: IntoIter::default(),
            lost_presence: false,
        }
    }

    /// A wait for whatever comes next.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::new(self.service.hub.clone(), self.mailbox.clone())
    }

    /// How many topics there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.topics.iter().filter(|topic| !topic.is_over).count()
    }

    /// Where a topic stands in the list, by its name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.topics.iter().position(|topic| !topic.is_over && &*topic.name == name)
    }

    /// The topics, by their place.
    #[must_use]
    pub fn topics(&self) -> &[Followed] {
        &self.topics
    }

    /// Follows one more topic from now on; [`catch_up`](Self::catch_up) says from where. Answers with its place.
    pub fn follow(&mut self, name: &str, channel: Channel) -> usize {
        self.last_id = self.last_id.wrapping_add(1);
        self.service.hub.follow(&channel, &self.mailbox, self.last_id);
        let at = Cursor { workspace: channel.workspace, epoch: 0, rev: 0 };
        let (name, id) = (name.into(), self.last_id);
        // Most follow one or two topics for hours; room for four would be idle memory in each.
        self.topics.reserve_exact(1);
        self.topics.push(Followed { name, channel, at, id, is_over: false, is_behind: false });
        self.topics.len() - 1
    }

    /// Stops following a topic.
    pub fn unfollow(&mut self, place: usize) {
        let gone = self.topics.swap_remove(place);
        self.service.hub.unfollow(&gone.channel, &self.mailbox, gone.id);
    }

    /// Takes topics that are over out of the list. Places change.
    pub fn drop_ended(&mut self) {
        self.topics.retain(|topic| !topic.is_over);
    }

    /// Stops following every topic.
    pub fn clear(&mut self) {
        for gone in self.topics.drain(..) {
            self.service.hub.unfollow(&gone.channel, &self.mailbox, gone.id);
        }
    }

    /// Begins to tell what a topic missed since a place, before anything else; without one the topic is at the head.
    pub async fn catch_up(&mut self, place: usize, since: Option<Cursor>) -> Result<(), Problem> {
        self.replay(place, since, true).await
    }

    async fn replay(
        &mut self,
        place: usize,
        since: Option<Cursor>,
        adopts_head: bool,
    ) -> Result<(), Problem> {
        let Some(topic) = self.topics.get_mut(place) else { return Ok(()) };
        let replay = self.service.replay(&topic.channel, since).await?;
        if planted::is(Bug::FollowAfterReplay) {
            drop(self.mailbox.take(usize::MAX, 0));
        }
        topic.at = since.unwrap_or(replay.head);
        topic.is_behind = true;
        // A replay of another topic that was under way is read again, from the last group told.
        let group = ReplayedGroup::default();
        self.replaying = Some(Box::new(Replaying { id: topic.id, replay, group, adopts_head }));
        Ok(())
    }

    /// Reads what a topic that is behind missed.
    pub async fn read(&mut self) -> Result<(), Problem> {
        let Some(place) = self.topics.iter().position(|topic| topic.is_behind) else { return Ok(()) };
        let since = self.topics[place].at;
        self.replay(place, Some(since), false).await
    }

    /// What is to be told of what was read from the store.
    pub fn take_missed(&mut self) -> Next {
        if planted::is(Bug::GateReleasedEarly)
            && let Some(early) = self.take_early()
        {
            return early;
        }
        while let Some(replaying) = &mut self.replaying {
            let Replaying { id, replay, group, adopts_head } = &mut **replaying;
            let Some(place) = self.topics.iter().position(|topic| topic.id == *id) else {
                self.replaying = None;
                break;
            };
            let topic = &mut self.topics[place];
            if std::mem::take(&mut replay.is_reset) {
                topic.at = replay.head;
                return Next::Reset(place);
            }
            if let Some(frame) = group.frames.next() {
                let ends_group = group.frames.len() == 0;
                if ends_group {
                    topic.at.rev = group.rev;
                }
                if ends_group && group.ends_topic {
                    self.end(place);
                }
                return Next::Frame { frame, ends_group };
            }
            if let Some(next) = self.service.next_group(&topic.channel, replay) {
                *group = next;
                continue;
            }
            if !replay.has_more {
                if *adopts_head {
                    topic.at = replay.head;
                }
                topic.is_behind = false;
            }
            self.replaying = None;
        }
        let is_behind = self.topics.iter().any(|topic| topic.is_behind);
        if is_behind { Next::Behind } else { Next::Nothing }
    }

    /// What was published while a replay is under way, for the planted bug that does not keep it back.
    fn take_early(&mut self) -> Option<Next> {
        self.replaying.as_ref()?;
        let now = self.service.hub.pulse().now();
        let mut taken = self.mailbox.take(1, now).durable.into_iter();
        let early = taken.find(|delivery| self.passes(delivery))?;
        Some(Next::Frame { frame: early.frame, ends_group: early.ends_group })
    }

    /// The topic at this place is over.
    fn end(&mut self, place: usize) {
        let topic = &mut self.topics[place];
        (topic.is_over, topic.is_behind) = (true, false);
        self.service.hub.unfollow(&topic.channel, &self.mailbox, topic.id);
        self.replaying = None;
    }

    /// What is to be told next.
    pub fn take_next(&mut self) -> Next {
        loop {
            match self.take_missed() {
                Next::Nothing => {}
                missed => return missed,
            }
            while let Some(delivery) = self.durable.next() {
                if self.passes(&delivery) {
                    return Next::Frame { frame: delivery.frame, ends_group: delivery.ends_group };
                }
            }
            if let Some(frame) = self.passing.next() {
                return Next::Passing(frame);
            }
            if self.mailbox.take_overflow() && !planted::is(Bug::OverflowForgotten) {
                self.topics.iter_mut().for_each(|topic| topic.is_behind = !topic.is_over);
                continue;
            }
            let taken = self.mailbox.take(limits::FRAME_BYTES, self.service.hub.pulse().now());
            self.lost_presence |= taken.lost_presence;
            if taken.is_empty() {
                return Next::Nothing;
            }
            (self.durable, self.passing) = (taken.durable.into_iter(), taken.lossy.into_iter());
        }
    }

    /// Whether news of presence were dropped since this was last asked; then the current state is to be told.
    pub fn take_lost_presence(&mut self) -> bool {
        std::mem::take(&mut self.lost_presence)
    }

    /// Whether a queued frame is to be told: its topic is still followed and it is news there. Where it ends a group, the
    /// topic moves.
    fn passes(&mut self, delivery: &Delivery) -> bool {
        let mut live = self.topics.iter_mut().filter(|topic| !topic.is_over);
        let Some(topic) = live.find(|topic| topic.id == delivery.subscription) else {
            return false;
        };
        let is_news = delivery.rev > topic.at.rev;
        if is_news && delivery.ends_group {
            topic.at.rev = delivery.rev;
        }
        topic.is_over = delivery.ends_topic;
        is_news
    }

    /// The last revision published on each topic. What is up to it is in the mailbox, or told.
    #[must_use]
    pub fn published(&self) -> Vec<u64> {
        self.topics.iter().map(|topic| self.service.hub.last_rev(&topic.channel)).collect()
    }

    /// Where every topic stands once everything up to `published` is told: what a heartbeat says.
    pub fn heads(&self, published: &[u64]) -> impl Iterator<Item = (&str, String)> {
        let live = self.topics.iter().zip(published).filter(|(topic, _)| !topic.is_over);
        live.map(|(topic, published)| {
            let head = Cursor { rev: topic.at.rev.max(*published), ..topic.at };
            (&*topic.name, self.service.seal_cursor(&head))
        })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.clear();
        self.service.hub.leave();
    }
}
