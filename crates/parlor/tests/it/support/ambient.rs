//! A clock that stands still until it is moved, and ids that count.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor::ambient::Ambient;
use parlor_core::time::Timestamp;
use uuid::Uuid;

/// 2026-01-01T00:00:00Z, where every test begins.
pub const BEGIN: Timestamp = Timestamp(1_767_225_600_000);

pub struct Manual {
    /// The wall clock, and what passed. Both at once: no time passes in the middle of passing.
    time: Mutex<(Timestamp, Duration)>,
    made: AtomicU64,
    filled: AtomicU64,
}

impl Manual {
    pub fn new() -> Self {
        Self { time: Mutex::new((BEGIN, Duration::ZERO)), made: AtomicU64::new(0), filled: AtomicU64::new(0) }
    }

    /// Time passes.
    pub fn advance_ms(&self, ms: i64) {
        let mut time = self.time();
        *time = (time.0.plus_ms(ms), time.1 + Duration::from_millis(ms.unsigned_abs()));
    }

    /// Somebody sets the wall clock.
    #[allow(dead_code, reason = "not everybody who uses this clock does")]
    pub fn jump_ms(&self, ms: i64) {
        let mut time = self.time();
        time.0 = time.0.plus_ms(ms);
    }

    fn time(&self) -> MutexGuard<'_, (Timestamp, Duration)> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ambient for Manual {
    fn now(&self) -> Timestamp {
        self.time().0
    }

    fn elapsed(&self) -> Duration {
        self.time().1
    }

    /// A v7-shaped id: the time, then a counter, so that ids ascend as they were made.
    fn new_id(&self) -> Uuid {
        let made = self.made.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&made.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.now().0.unsigned_abs(), &bytes).into_uuid()
    }

    /// Different bytes each time, the same in every run.
    fn fill(&self, bytes: &mut [u8]) {
        let made = self.filled.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (byte, i) in bytes.iter_mut().zip(0u8..) {
            *byte = made[usize::from(i) % 8] ^ i.wrapping_mul(31);
        }
    }
}
