//! One timing wheel for every connection: heartbeats, time-outs and expiries are entries in it, not timers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_core::limits;

use super::Mailbox;

/// The wheel. A tick is a second; somebody outside calls [`tick`](Self::tick) once a second.
pub struct Pulse {
    now: AtomicU64,
    slots: Mutex<Vec<Vec<Arc<Mailbox>>>>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            now: AtomicU64::new(0),
            slots: Mutex::new((0..limits::PULSE_SLOTS).map(|_| Vec::new()).collect()),
        }
    }
}

impl Pulse {
    /// Ticks since the start; never goes back, whatever the wall clock does.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Acquire)
    }

    /// Wakes `mailbox` at tick `at`, or at the wheel's end when that is further away. Answers with the tick it will be.
    pub fn schedule(&self, mailbox: &Arc<Mailbox>, at: u64) -> u64 {
        let mut slots = self.lock();
        let now = self.now();
        let at = at.clamp(now + 1, now + limits::PULSE_SLOTS as u64 - 1);
        slots[slot(at)].push(mailbox.clone());
        at
    }

    /// A second has passed.
    pub fn tick(&self) {
        let due = {
            let mut slots = self.lock();
            let now = self.now() + 1;
            self.now.store(now, Ordering::Release);
            std::mem::take(&mut slots[slot(now)])
        };
        due.iter().for_each(|mailbox| mailbox.wake());
    }

    /// Wakes every connection that waits for anything.
    pub(super) fn wake_all(&self) {
        let slots = self.lock();
        slots.iter().flatten().for_each(|mailbox| mailbox.wake());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Arc<Mailbox>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slot(tick: u64) -> usize {
    usize::try_from(tick % limits::PULSE_SLOTS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::{Context, Wake};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn watched() -> (Arc<Mailbox>, Arc<Count>) {
        let (mailbox, count) = (Arc::new(Mailbox::default()), Arc::new(Count::default()));
        let _ = mailbox.poll_ready(&mut Context::from_waker(&count.clone().into()));
        (mailbox, count)
    }

    #[test]
    fn wakes_at_the_tick_it_was_asked_for_and_once() {
        let pulse = Pulse::default();
        let (mailbox, woken) = watched();
        assert_eq!(pulse.schedule(&mailbox, 3), 3);
        for (tick, times) in [(1, 0), (2, 0), (3, 1), (4, 1)] {
            pulse.tick();
            assert_eq!((pulse.now(), woken.0.load(Ordering::Relaxed)), (tick, times));
        }
    }

    #[test]
    fn what_is_overdue_comes_with_the_next_tick_and_what_is_far_away_at_the_end_of_the_wheel() {
        let pulse = Pulse::default();
        let (mailbox, woken) = watched();
        pulse.tick();
        assert_eq!(pulse.schedule(&mailbox, 0), 2);
        pulse.tick();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert_eq!(pulse.schedule(&mailbox, u64::MAX), 2 + limits::PULSE_SLOTS as u64 - 1);
    }
}
