//! What a socket and the connection beneath it let one another know.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// See the module. One for each connection, in the extensions of its requests.
#[derive(Default)]
pub struct Transport {
    is_socket: AtomicBool,
    written: AtomicU64,
}

impl Transport {
    /// The connection is a socket from now on, which ends itself when its peer stalls, and says so.
    pub fn become_socket(&self) {
        self.is_socket.store(true, Ordering::Relaxed);
    }

    /// Whether it is a socket.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.is_socket.load(Ordering::Relaxed)
    }

    /// The system has taken so many bytes more.
    pub fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes the system has taken so far. It takes more from a full connection only when the peer has.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}
