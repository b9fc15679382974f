//! One connection's queue: durable groups in order, bounded in bytes, and a lane for what may be lost.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use parlor_core::desk::DeskList;
use parlor_core::id::{AgentId, ConversationId};
use parlor_core::limits;

/// A frame of a group on its way to one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which of the connection's subscriptions it is for.
    pub subscription: u32,
    /// The group's revision.
    pub rev: u64,
    /// Whether the group is complete with this frame.
    pub ends_group: bool,
    /// Whether nothing comes after it on its subscription.
    pub ends_topic: bool,
    /// A JSON object, or an array of objects, shared with every other receiver.
    pub frame: Bytes,
}

/// What may be lost, on its way to one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    /// A JSON object, or an array of objects, shared with every other receiver.
    pub frame: Bytes,
    /// What it tells.
    pub kind: PassingKind,
    /// The tick from which it is too late to be told.
    pub until: u64,
}

/// What a passing frame tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassingKind {
    /// Somebody types, or stopped; newer news of the same somebody replace it.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Whether an agent types; users and agents have ids of their own.
        is_agent: bool,
        /// Who.
        author: AgentId,
    },
    /// A list of the agents' may have changed; told once, however often it did.
    Changed(DeskList),
    /// Who came and went. Where it is lost, the current state is to be told instead.
    Presence,
}

/// What was queued.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// In the order of publishing.
    pub durable: Vec<Delivery>,
    /// Typing and presence.
    pub lossy: Vec<Bytes>,
    /// News of presence were dropped.
    pub lost_presence: bool,
}

impl Taken {
    /// Whether there was nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.durable.is_empty() && self.lossy.is_empty()
    }
}

#[derive(Default)]
struct Queue {
    durable: VecDeque<Delivery>,
    durable_bytes: usize,
    lossy: VecDeque<Passing>,
    lossy_bytes: usize,
    lost_presence: bool,
    /// Durable frames were dropped; nothing is queued until the reader knows.
    overflowed: bool,
    /// The one task that reads.
    waker: Option<Waker>,
}

impl Queue {
    fn drop_lossy(&mut self) {
        self.lost_presence |= self.lossy.iter().any(|passing| passing.kind == PassingKind::Presence);
        self.lossy = VecDeque::new();
        self.lossy_bytes = 0;
    }

    fn drop_durable(&mut self) {
        self.durable = VecDeque::new();
        self.durable_bytes = 0;
    }
}

/// The queue between publishers and one connection's task.
#[derive(Default)]
pub struct Mailbox {
    queue: Mutex<Queue>,
}

/// What a frame counts in its queue: shared frames still cost their entry.
fn cost(frame: &Bytes) -> usize {
    frame.len() + size_of::<Delivery>()
}

impl Mailbox {
    /// Queues a group, the subscription's last or not. When it does not fit, the lossy lane goes first; then the whole durable queue, and the reader is told.
    pub(super) fn deliver(&self, subscription: u32, rev: u64, frames: &[Bytes], is_last: bool) {
        let mut queue = self.lock();
        if queue.overflowed {
            return;
        }
        let bytes = queue.durable_bytes + frames.iter().map(cost).sum::<usize>();
        if bytes + queue.lossy_bytes > limits::CONNECTION_QUEUE_BYTES {
            queue.drop_lossy();
        }
        if bytes > limits::CONNECTION_QUEUE_BYTES {
            queue.drop_durable();
            queue.overflowed = true;
        } else {
            queue.durable_bytes = bytes;
            let last = frames.len().saturating_sub(1);
            let delivery = |(at, frame): (usize, &Bytes)| Delivery {
                subscription,
                rev,
                ends_group: at == last,
                ends_topic: is_last && at == last,
                frame: frame.clone(),
            };
            queue.durable.extend(frames.iter().enumerate().map(delivery));
        }
        wake(queue);
    }

    /// Queues what may be lost; the oldest goes when the lane is full.
    pub(super) fn deliver_lossy(&self, passing: &Passing) {
        let mut queue = self.lock();
        if passing.kind != PassingKind::Presence
            && let Some(at) = queue.lossy.iter().position(|older| older.kind == passing.kind)
            && let Some(older) = queue.lossy.remove(at)
        {
            queue.lossy_bytes -= cost(&older.frame);
        }
        queue.lossy_bytes += cost(&passing.frame);
        queue.lossy.push_back(passing.clone());
        while queue.lossy_bytes > limits::LOSSY_QUEUE_BYTES {
            let Some(oldest) = queue.lossy.pop_front() else { break };
            queue.lossy_bytes -= cost(&oldest.frame);
            queue.lost_presence |= oldest.kind == PassingKind::Presence;
        }
        wake(queue);
    }

    /// Takes frames from the front until `bytes` are reached; with them the whole lossy lane, but for what comes too late at
    /// tick `now`. At least one durable frame comes when there is one.
    #[must_use]
    pub fn take(&self, bytes: usize, now: u64) -> Taken {
        let mut queue = self.lock();
        let mut taken = Taken::default();
        if queue.durable_bytes <= bytes {
            // The usual case moves the queue as it is.
            taken.durable = std::mem::take(&mut queue.durable).into();
            queue.durable_bytes = 0;
        }
        let mut sum = 0;
        while let Some(next) = queue.durable.front() {
            sum += next.frame.len();
            if sum > bytes && !taken.durable.is_empty() {
                break;
            }
            queue.durable_bytes -= cost(&next.frame);
            taken.durable.extend(queue.durable.pop_front());
        }
        if queue.durable.is_empty() {
            // Gives the memory of a busy moment back: most connections are idle most of the time.
            queue.drop_durable();
        }
        for passing in std::mem::take(&mut queue.lossy) {
            if now < passing.until {
                taken.lossy.push(passing.frame);
            } else {
                queue.lost_presence |= passing.kind == PassingKind::Presence;
            }
        }
        queue.lossy_bytes = 0;
        taken.lost_presence = std::mem::take(&mut queue.lost_presence);
        taken
    }

    /// Whether durable frames were dropped. Asking begins anew: what is published from now on is queued again, so
    /// everything before is to be read from the store *after* this call.
    #[must_use]
    pub fn take_overflow(&self) -> bool {
        std::mem::take(&mut self.lock().overflowed)
    }

    /// Ready when something is queued or was dropped. In any case the task is woken when the mailbox is next touched.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.lock();
        if !queue.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            queue.waker = Some(cx.waker().clone());
        }
        let is_ready = queue.overflowed || !queue.durable.is_empty() || !queue.lossy.is_empty();
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Wakes the task that polled last.
    pub fn wake(&self) {
        wake(self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes outside the lock: the task may run at once on another thread.
fn wake(queue: MutexGuard<'_, Queue>) {
    let waker = queue.waker.clone();
    drop(queue);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(bytes: usize) -> Bytes {
        Bytes::from(vec![b'x'; bytes])
    }

    #[test]
    fn overflow_drops_the_whole_queue_and_everything_until_the_reader_knows() {
        let mailbox = Mailbox::default();
        mailbox.deliver(1, 1, &[frame(limits::CONNECTION_QUEUE_BYTES / 2)], false);
        mailbox.deliver(1, 2, &[frame(limits::CONNECTION_QUEUE_BYTES / 2)], false);
        mailbox.deliver(1, 3, &[frame(1)], false);
        assert!(mailbox.take(usize::MAX, 0).durable.is_empty());
        assert!(mailbox.take_overflow());
        assert!(!mailbox.take_overflow());
        mailbox.deliver(1, 4, &[frame(1)], false);
        assert_eq!(mailbox.take(usize::MAX, 0).durable[0].rev, 4);
    }

    #[test]
    fn what_may_be_lost_goes_first_and_never_causes_a_resume() {
        let mailbox = Mailbox::default();
        for n in 0..10_000 {
            mailbox.deliver_lossy(&typing(&format!("u{n}"), 100));
        }
        assert!(mailbox.lock().lossy_bytes <= limits::LOSSY_QUEUE_BYTES);
        mailbox.deliver(1, 1, &[frame(limits::CONNECTION_QUEUE_BYTES - size_of::<Delivery>())], false);
        assert!(!mailbox.take_overflow());
        let taken = mailbox.take(usize::MAX, 0);
        assert_eq!((taken.durable.len(), taken.lossy.len()), (1, 0));
    }

    fn typing(who: &str, bytes: usize) -> Passing {
        let author = AgentId::parse(who).expect("short");
        let conversation = ConversationId(uuid::Uuid::nil());
        let kind = PassingKind::Typing { conversation, is_agent: false, author };
        Passing { frame: frame(bytes), kind, until: 5 }
    }

    fn presence(until: u64) -> Passing {
        Passing { frame: frame(1_000), kind: PassingKind::Presence, until }
    }

    #[test]
    fn news_of_the_same_typist_replace_older_ones_and_late_ones_are_not_told() {
        let mailbox = Mailbox::default();
        for (who, bytes) in [("u1", 1), ("u2", 2), ("u1", 3)] {
            mailbox.deliver_lossy(&typing(who, bytes));
        }
        assert_eq!(mailbox.lock().lossy_bytes, 5 + 2 * size_of::<Delivery>());
        assert_eq!(mailbox.take(usize::MAX, 4).lossy, [frame(2), frame(3)]);
        mailbox.deliver_lossy(&typing("u1", 1));
        assert_eq!(mailbox.take(usize::MAX, 5), Taken::default());
        assert_eq!(mailbox.lock().lossy_bytes, 0);
    }

    #[test]
    fn a_list_that_changed_often_is_told_once() {
        let mailbox = Mailbox::default();
        for list in [DeskList::Labels, DeskList::Views, DeskList::Labels] {
            mailbox.deliver_lossy(&Passing { frame: frame(1), kind: PassingKind::Changed(list), until: 5 });
        }
        let taken = mailbox.take(usize::MAX, 0);
        assert_eq!((taken.lossy.len(), taken.lost_presence), (2, false));
    }

    #[test]
    fn lost_presence_is_said() {
        let mailbox = Mailbox::default();
        let lost = |now| {
            let taken = mailbox.take(usize::MAX, now);
            (taken.lossy.len(), taken.lost_presence)
        };
        mailbox.deliver_lossy(&presence(5));
        mailbox.deliver_lossy(&presence(7));
        assert_eq!(lost(4), (2, false));
        mailbox.deliver_lossy(&presence(5));
        mailbox.deliver_lossy(&presence(7));
        assert_eq!(lost(5), (1, true));
        assert_eq!(lost(5), (0, false));
        (0..100).for_each(|_| mailbox.deliver_lossy(&presence(5)));
        assert!(lost(0).1, "pushed out by newer ones");
        mailbox.deliver_lossy(&presence(5));
        mailbox.deliver(1, 1, &[frame(limits::CONNECTION_QUEUE_BYTES)], false);
        assert_eq!(lost(0), (0, true));
    }

    #[test]
    fn a_group_of_several_frames_ends_with_its_last() {
        let mailbox = Mailbox::default();
        mailbox.deliver(1, 9, &[frame(1), frame(2), frame(3)], false);
        let ends: Vec<bool> = mailbox.take(usize::MAX, 0).durable.iter().map(|d| d.ends_group).collect();
        assert_eq!(ends, [false, false, true]);
    }

    proptest! {
        /// A model of the reader's side: whatever is published and taken, in pieces of any size, revisions come out ascending
        /// and none is missing between two overflows.
        #[test]
        fn nothing_is_skipped_silently(
            steps in prop::collection::vec((1_usize..120_000, prop::bool::weighted(0.3)), 1..60),
        ) {
            let mailbox = Mailbox::default();
            let (mut published, mut seen) = (0, 0);
            for (bytes, takes) in steps {
                published += 1;
                mailbox.deliver(1, published, &[frame(bytes)], false);
                prop_assert!(mailbox.lock().durable_bytes <= limits::CONNECTION_QUEUE_BYTES);
                if takes {
                    if mailbox.take_overflow() {
                        // The store has everything up to here.
                        seen = published;
                    }
                    for delivery in mailbox.take(bytes, 0).durable {
                        if delivery.rev > seen {
                            prop_assert_eq!(delivery.rev, seen + 1);
                            seen = delivery.rev;
                        }
                    }
                }
            }
            if mailbox.take_overflow() {
                seen = published;
            }
            seen = mailbox.take(usize::MAX, 0).durable.last().map_or(seen, |d| d.rev);
            prop_assert_eq!(seen, published);
        }
    }
}
