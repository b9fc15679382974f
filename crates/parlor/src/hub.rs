//! Local fan-out: topics, the bounded queues of those who follow them, who is connected, and the one timer they share.
//!
//! Publishing never waits: a frame is pushed into each follower's [`Mailbox`] or, when that is full, its queue is dropped
//! and the connection resumes from the store. A topic nobody follows costs a lookup.

pub mod mailbox;
pub mod presence;
pub mod pulse;
pub mod watch;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parlor_core::access::View;
use parlor_core::id::{ConversationId, UserId, WorkspaceKey};
use parlor_core::limits;

pub use mailbox::{Delivery, Mailbox, Passing, PassingKind};
use presence::Presence;
use pulse::Pulse;
pub use watch::Watch;

/// What one can follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Every conversation's summary.
    Inbox,
    /// One user's conversations' summaries.
    UserInbox(UserId),
    /// One conversation: its messages, changes, read marks, typing.
    Conversation(ConversationId),
}

/// A topic of a workspace as one view has it: what is serialised once for all who follow it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Channel {
    /// Whose.
    pub workspace: WorkspaceKey,
    /// What.
    pub topic: Topic,
    /// For whom.
    pub view: View,
}

struct Follower {
    mailbox: Arc<Mailbox>,
    subscription: u32,
}

#[derive(Default)]
struct Followed {
    /// The last revision published since somebody follows; 0 before the first.
    last_rev: u64,
    followers: Vec<Follower>,
}

/// Bounded by the sockets of the process times the subscriptions of each.
type Shard = HashMap<Channel, Followed>;

/// The fan-out of one process.
pub struct Hub {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
    presence: Presence,
    pulse: Pulse,
    /// Connections that follow, whatever their transport.
    connections: AtomicUsize,
    /// How many there were when they were told to end.
    closed_with: AtomicUsize,
    is_closing: AtomicBool,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            shards: (0..limits::HUB_SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            presence: Presence::default(),
            pulse: Pulse::default(),
            connections: AtomicUsize::new(0),
            closed_with: AtomicUsize::new(0),
            is_closing: AtomicBool::new(false),
        }
    }
}

impl Hub {
    /// Makes `mailbox` receive everything published on `channel` from now on, marked with `subscription`.
    pub fn follow(&self, channel: &Channel, mailbox: &Arc<Mailbox>, subscription: u32) {
        let follower = Follower { mailbox: mailbox.clone(), subscription };
        self.shard(channel).entry(channel.clone()).or_default().followers.push(follower);
    }

    /// Ends what [`follow`](Self::follow) began. What is already in the mailbox stays there.
    pub fn unfollow(&self, channel: &Channel, mailbox: &Arc<Mailbox>, subscription: u32) {
        let mut shard = self.shard(channel);
        let Some(followed) = shard.get_mut(channel) else { return };
        let is_it = |f: &Follower| f.subscription == subscription && Arc::ptr_eq(&f.mailbox, mailbox);
        if let Some(at) = followed.followers.iter().position(is_it) {
            followed.followers.swap_remove(at);
        }
        if followed.followers.is_empty() {
            shard.remove(channel);
        }
    }

    /// Whether anybody follows; ask before rendering. Who starts to follow after this finds the group in the store.
    #[must_use]
    pub fn has(&self, channel: &Channel) -> bool {
        self.shard(channel).contains_key(channel)
    }

    /// Delivers a group: its frames, in order, all of one revision. Revisions of a channel are published ascending.
    pub fn publish(&self, channel: &Channel, rev: u64, frames: &[Bytes]) {
        let mut shard = self.shard(channel);
        let Some(followed) = shard.get_mut(channel) else { return };
        followed.last_rev = rev;
        for follower in &followed.followers {
            follower.mailbox.deliver(follower.subscription, rev, frames, false);
        }
    }

    /// Delivers a channel's last group and ends it: nobody follows it any more.
    pub fn publish_last(&self, channel: &Channel, rev: u64, frames: &[Bytes]) {
        let Some(followed) = self.shard(channel).remove(channel) else { return };
        for follower in &followed.followers {
            follower.mailbox.deliver(follower.subscription, rev, frames, true);
        }
    }

    /// Delivers what may be lost: typing, presence. After `seconds` it is too late.
    pub fn publish_lossy(&self, channel: &Channel, frame: Bytes, kind: PassingKind, seconds: u64) {
        if let Some(followed) = self.shard(channel).get(channel) {
            let passing = Passing { frame, kind, until: self.pulse.now() + seconds };
            followed.followers.iter().for_each(|follower| follower.mailbox.deliver_lossy(&passing));
        }
    }

    /// The last revision published on a followed channel; everything up to it is already in the followers' mailboxes.
    #[must_use]
    pub fn last_rev(&self, channel: &Channel) -> u64 {
        self.shard(channel).get(channel).map_or(0, |followed| followed.last_rev)
    }

    /// Who is connected.
    #[must_use]
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The timer of all connections.
    #[must_use]
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Tells every connection to end, now and those to come.
    pub fn close(&self) {
        self.closed_with.fetch_max(self.connections.load(Ordering::Acquire), Ordering::AcqRel);
        self.is_closing.store(true, Ordering::Release);
        self.pulse.wake_all();
    }

    /// One more connection follows.
    pub fn enter(&self) {
        self.connections.fetch_add(1, Ordering::AcqRel);
    }

    /// One less.
    pub fn leave(&self) {
        self.connections.fetch_sub(1, Ordering::AcqRel);
    }

    /// How many connections were told to end.
    #[must_use]
    pub fn closed_with(&self) -> usize {
        self.closed_with.load(Ordering::Acquire)
    }

    /// Whether connections are to end.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    fn shard(&self, channel: &Channel) -> MutexGuard<'_, Shard> {
        // Only the low bits pick the shard; the map inside uses its own hash.
        let hash = usize::try_from(self.hasher.hash_one(channel) % limits::HUB_SHARDS as u64);
        let shard = &self.shards[hash.unwrap_or_default()];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(workspace: i64, view: View) -> Channel {
        Channel { workspace: WorkspaceKey(workspace), topic: Topic::Inbox, view }
    }

    fn revs(mailbox: &Mailbox) -> Vec<(u32, u64)> {
        let taken = mailbox.take(usize::MAX, 0);
        taken.durable.iter().map(|d| (d.subscription, d.rev)).collect()
    }

    #[test]
    fn followers_get_their_channel_only_and_until_they_leave() {
        let hub = Hub::default();
        let (agents, visitor) = (channel(1, View::Agents), channel(1, View::Visitor));
        let (ann, bob) = (Arc::new(Mailbox::default()), Arc::new(Mailbox::default()));
        hub.follow(&agents, &ann, 7);
        hub.follow(&visitor, &bob, 8);
        hub.publish(&agents, 1, &[Bytes::from_static(b"{}")]);
        hub.publish(&channel(2, View::Agents), 2, &[Bytes::from_static(b"{}")]);
        assert_eq!(revs(&ann), [(7, 1)]);
        assert_eq!(revs(&bob), []);
        hub.unfollow(&agents, &ann, 7);
        hub.publish(&agents, 3, &[Bytes::from_static(b"{}")]);
        assert_eq!(revs(&ann), []);
    }

    #[test]
    fn a_channel_ends_for_all_who_follow_it() {
        let hub = Hub::default();
        let inbox = channel(1, View::Agents);
        let both = [Arc::new(Mailbox::default()), Arc::new(Mailbox::default())];
        for (mailbox, subscription) in both.iter().zip(1..) {
            hub.follow(&inbox, mailbox, subscription);
        }
        hub.publish_last(&inbox, 4, &[Bytes::from_static(b"{}"), Bytes::from_static(b"{}")]);
        assert!(!hub.has(&inbox));
        hub.publish(&inbox, 5, &[Bytes::from_static(b"{}")]);
        for mailbox in both {
            let ends: Vec<bool> = mailbox.take(usize::MAX, 0).durable.iter().map(|d| d.ends_topic).collect();
            assert_eq!(ends, [false, true]);
        }
    }

    #[test]
    fn a_channel_is_known_only_while_followed() {
        let hub = Hub::default();
        let inbox = channel(1, View::Agents);
        let mailbox = Arc::new(Mailbox::default());
        assert!(!hub.has(&inbox));
        hub.follow(&inbox, &mailbox, 1);
        hub.follow(&inbox, &mailbox, 2);
        hub.publish(&inbox, 5, &[Bytes::from_static(b"{}")]);
        assert_eq!(hub.last_rev(&inbox), 5);
        hub.unfollow(&inbox, &mailbox, 1);
        assert!(hub.has(&inbox));
        hub.unfollow(&inbox, &mailbox, 2);
        assert!(!hub.has(&inbox));
        assert_eq!(hub.last_rev(&inbox), 0);
    }
}
