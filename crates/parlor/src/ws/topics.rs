//! What one connection follows, and where it is on each topic.

use std::sync::Arc;

use parlor_core::cursor::Cursor;

use crate::hub::{Channel, Delivery, Hub, Mailbox};

/// A topic of one connection.
pub struct Subscription {
    /// As the client calls it.
    pub name: Box<str>,
    /// What it follows.
    pub channel: Channel,
    /// The last group put on the line. Nothing at or below it is put again: the gate of a replay, and where it resumes.
    pub at: Cursor,
    id: u32,
}

/// The topics of one connection; unfollowed when dropped.
pub struct Topics {
    hub: Arc<Hub>,
    mailbox: Arc<Mailbox>,
    all: Vec<Subscription>,
    last_id: u32,
}

impl Topics {
    /// None yet; what is followed arrives in `mailbox`.
    #[must_use]
    pub fn new(hub: Arc<Hub>, mailbox: Arc<Mailbox>) -> Self {
        Self { hub, mailbox, all: Vec::new(), last_id: 0 }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Where a topic stands in the list, by its name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|subscription| &*subscription.name == name)
    }

    /// A topic, by its place.
    pub fn get(&mut self, place: usize) -> Option<&mut Subscription> {
        self.all.get_mut(place)
    }

    /// Follows one more topic from now on; `at` is set by the replay. Answers with its place.
    pub fn follow(&mut self, name: &str, channel: Channel) -> usize {
        self.last_id = self.last_id.wrapping_add(1);
        self.hub.follow(&channel, &self.mailbox, self.last_id);
        let at = Cursor { workspace: channel.workspace, epoch: 0, rev: 0 };
        self.all.push(Subscription { name: name.into(), channel, at, id: self.last_id });
        self.all.len() - 1
    }

    /// Stops following a topic.
    pub fn unfollow(&mut self, place: usize) {
        let gone = self.all.swap_remove(place);
        self.hub.unfollow(&gone.channel, &self.mailbox, gone.id);
    }

    /// Whether a queued frame is to be put on the line: its topic is still followed and it is news there. Where it ends a
    /// group, the topic moves.
    pub fn pass(&mut self, delivery: &Delivery) -> bool {
        let Some(subscription) = self.all.iter_mut().find(|s| s.id == delivery.subscription) else {
            return false;
        };
        let is_news = delivery.rev > subscription.at.rev;
        if is_news && delivery.ends_group {
            subscription.at.rev = delivery.rev;
        }
        is_news
    }

    /// The last revision published on each topic, in the order of [`at`](Self::at). What is up to it is in the mailbox.
    #[must_use]
    pub fn published(&self) -> Vec<u64> {
        self.all.iter().map(|subscription| self.hub.last_rev(&subscription.channel)).collect()
    }

    /// Every topic and where the connection is on it.
    pub fn at(&self) -> impl Iterator<Item = (&str, Cursor)> {
        self.all.iter().map(|subscription| (&*subscription.name, subscription.at))
    }

    /// Stops following every topic.
    pub fn clear(&mut self) {
        for gone in self.all.drain(..) {
            self.hub.unfollow(&gone.channel, &self.mailbox, gone.id);
        }
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        self.clear();
    }
}
