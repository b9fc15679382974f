//! Threads that own connections. SQLite blocks; the runtime's threads must not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::StoreError;

type Job = Box<dyn FnOnce(&mut Link) + Send>;
type Open = Arc<dyn Fn() -> Result<Connection, StoreError> + Send + Sync>;

/// A connection that is opened when it is needed.
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
        Ok(self.put(connection))
    }

    /// Takes a connection that was opened elsewhere.
    pub(crate) fn put(&mut self, connection: Connection) -> &mut Connection {
        self.connection.insert(connection)
    }

    /// Drops the connection and with it everything it has in memory.
    pub(crate) fn close(&mut self) {
        self.connection = None;
    }
}

/// The connections of some threads. Each thread holds its own while it runs a job.
#[derive(Clone)]
pub(crate) struct Links(Arc<[Mutex<Link>]>);

impl Links {
    /// Runs `job` on each connection that is open, between that thread's jobs.
    pub(crate) fn each(&self, job: impl Fn(&Connection)) {
        for link in self.0.iter() {
            if let Some(connection) = &lock(link).connection {
                job(connection);
            }
        }
    }

    /// Runs `job` while all connections are closed: waits for the jobs that run, and later ones wait for it.
    pub(crate) fn closed<T>(&self, job: impl FnOnce() -> T) -> T {
        let mut held: Vec<MutexGuard<'_, Link>> = self.0.iter().map(lock).collect();
        held.iter_mut().for_each(|link| link.close());
        job()
    }
}

fn lock(link: &Mutex<Link>) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Some threads with a connection each, and the bounded queue they share.
pub(crate) struct Workers {
    /// `None` only while dropping.
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    links: Links,
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
        let new_link = |_| {
            let mut link = Link { open: open.clone(), connection: None };
            // Here rather than in the thread, so that the caller hears of it.
            link.get()?;
            Ok(Mutex::new(link))
        };
        let links = Links((0..count).map(new_link).collect::<Result<_, StoreError>>()?);
        let mut workers = Self { jobs: Some(jobs), threads: Vec::with_capacity(count), links };
        for place in 0..count {
            let (links, waiting) = (workers.links.clone(), waiting.clone());
            let thread = std::thread::Builder::new().name(name.to_owned());
            let thread = thread.spawn(move || work(&links.0[place], &waiting));
            workers.threads.push(thread.map_err(|error| super::error::of_io("starting a thread", &error))?);
        }
        Ok(workers)
    }

    /// Its threads' connections.
    pub(crate) fn links(&self) -> Links {
        self.links.clone()
    }

    /// Runs `job` on one of the threads. A connection that the disk failed is opened again for the next one.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Link) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run_as_it_is(move |link| {
            let result = job(link);
            if matches!(&result, Err(error) if error.is_of_disk()) {
                link.close();
            }
            result
        })
        .await
    }

    /// Runs `job` on one of the threads and leaves the connection as the job does. A full queue is `Unavailable`.
    pub(crate) async fn run_as_it_is<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Link) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |link| {
            // Whoever asked may have given up while the job waited.
            if reply.is_closed() {
                return;
            }
            // Nobody is left to hear an answer that cannot be sent.
            let _ = reply.send(job(link));
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
    /// Finishes what is queued and closes the connections.
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A thread cannot panic: `work` catches what its jobs do.
            let _ = thread.join();
        }
        self.links.closed(|| ());
    }
}

fn work(link: &Mutex<Link>, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting: whoever has it gets the next job, the others queue for the lock.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let mut link = lock(link);
        // A defect in one job must not end the thread; its reply is dropped, which is an answer.
        if catch_unwind(AssertUnwindSafe(|| job(&mut link))).is_err() {
            link.close();
        }
    }
}
