//! Threads that own connections. SQLite blocks; the runtime's threads must not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::StoreError;

type Job = Box<dyn FnOnce(&mut Link) + Send>;
type Open = Arc<dyn Fn() -> Result<Connection, StoreError> + Send + Sync>;

/// A connection that is opened again after it was dropped.
pub(crate) struct Link {
    open: Open,
    connection: Option<Connection>,
}

impl Link {
    /// The connection.
    pub(crate) fn get(&mut self) -> Result<&mut Connection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => (self.open)()?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Drops the connection and with it everything it has in memory.
    fn distrust(&mut self) {
        self.connection = None;
    }
}

/// Some threads with a connection each, and the bounded queue they share.
pub(crate) struct Workers {
    /// `None` only while dropping.
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Opens `count` connections and starts their threads.
    pub(crate) fn start(
        name: &str,
        count: usize,
        queue: usize,
        open: impl Fn() -> Result<Connection, StoreError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let open: Open = Arc::new(open);
        let (jobs, waiting) = sync_channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut workers = Self { jobs: Some(jobs), threads: Vec::with_capacity(count) };
        for _ in 0..count {
            let mut link = Link { open: open.clone(), connection: None };
            // Here rather than in the thread, so that the caller hears of it.
            link.get()?;
            let waiting = waiting.clone();
            let thread = std::thread::Builder::new().name(name.to_owned());
            let thread = thread.spawn(move || work(link, &waiting));
            workers.threads.push(thread.map_err(|error| super::error::of_io("starting a thread", &error))?);
        }
        Ok(workers)
    }

    /// Runs `job` on one of the threads. A full queue is `Unavailable`. A connection that could not do its job is opened
    /// again for the next one.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Link) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |link| {
            // Whoever asked may have given up while the job waited.
            if reply.is_closed() {
                return;
            }
            let result = job(link);
            // After a failed write or sync nobody knows what the disk has; whatever comes next reads from there.
            if matches!(result, Err(StoreError::Unavailable(_) | StoreError::Full(_))) {
                link.distrust();
            }
            // Nobody is left to hear an answer that cannot be sent.
            let _ = reply.send(result);
        });
        let jobs = self.jobs.as_ref().expect("the sender is there until the drop");
        jobs.try_send(job).map_err(|error| {
            StoreError::Unavailable(match error {
                TrySendError::Full(_) => "too much waits for the database".to_owned(),
                TrySendError::Disconnected(_) => "the database's thread has ended".to_owned(),
            })
        })?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a database job panicked".to_owned())))
    }
}

impl Drop for Workers {
    /// Finishes what is queued and closes the connections; the last to close copies the log into the database.
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A thread cannot panic: `work` catches what its jobs do.
            let _ = thread.join();
        }
    }
}

fn work(mut link: Link, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting: whoever has it gets the next job, the others queue for the lock.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A defect in one job must not end the thread; its reply is dropped, which is an answer.
        if catch_unwind(AssertUnwindSafe(|| job(&mut link))).is_err() {
            link.distrust();
        }
    }
}
