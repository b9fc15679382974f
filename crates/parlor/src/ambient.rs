//! Time, ids and randomness: the one place that asks the machine for them.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parlor_core::time::Timestamp;
use uuid::Uuid;

/// What the machine gives and tests make up.
pub trait Ambient: Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment of this process, by a clock that nobody sets.
    fn elapsed(&self) -> Duration;
    /// A new time-ordered id (UUIDv7).
    fn new_id(&self) -> Uuid;
    /// Bytes nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// When it was first asked how much time has passed.
static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Ambient for Machine {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        BEGIN.elapsed()
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("without the system's randomness no secret can be made");
    }
}
