//! A clock that stands still until it is moved, and ids that count.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use std::time::Duration;

use parlor::ambient::Ambient;
use parlor_core::time::Timestamp;
use uuid::Uuid;

/// 2026-01-01T00:00:00Z, where every test begins.
pub const BEGIN: Timestamp = Timestamp(1_767_225_600_000);

pub struct Manual {
    now_ms: AtomicI64,
    elapsed_ms: AtomicU64,
    made: AtomicU64,
    filled: AtomicU64,
}

impl Manual {
    pub fn new() -> Self {
        Self {
            now_ms: AtomicI64::new(BEGIN.0),
            elapsed_ms: AtomicU64::new(0),
            made: AtomicU64::new(0),
            filled: AtomicU64::new(0),
        }
    }

    /// Time passes.
    pub fn advance_ms(&self, ms: i64) {
        self.elapsed_ms.fetch_add(ms.unsigned_abs(), Ordering::SeqCst);
        self.jump_ms(ms);
    }

    /// Somebody sets the wall clock.
    pub fn jump_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Ambient for Manual {
    fn now(&self) -> Timestamp {
        Timestamp(self.now_ms.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::SeqCst))
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
