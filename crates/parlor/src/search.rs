//! The text index: its own file, connections and threads, fed from the store behind the write path.
//!
//! It is derived and can be thrown away: its position stands in the same transaction as its rows, so a crash repeats and
//! never skips, and an index that does not belong to the store, or that cannot be read, is built again.

mod check;
mod cleaning;
mod excerpt;
mod forget;
mod index;
mod parts;
mod query;
mod seams;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub use self::check::check;
use self::cleaning::{Cleaned, Cleaning};
pub use self::excerpt::Excerpt;
use crate::store::sqlite::connection::empty_log;
use crate::store::sqlite::gaps;
use crate::store::sqlite::worker::{Link, Workers};
use crate::store::{Condition, Hit, Store, StoreError};

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The conversations: those found by name first, then by message, then by note, newest first; none twice.
    pub hits: Vec<Hit>,
    /// Whether there may be more than were looked at.
    pub is_capped: bool,
}

/// The index of one store.
pub struct Search {
    /// Where searches run; in memory the indexer's own thread, which alone has the index.
    readers: Arc<Workers>,
    /// How often somebody said that there is something to read.
    wakes: watch::Sender<u64>,
    /// The last of those after which everything was read.
    read_up_to: watch::Receiver<u64>,
    /// Somebody waits: read at once.
    hurry: Arc<Notify>,
    indexer: JoinHandle<()>,
}

impl Search {
    /// Opens the index in `dir`, or makes it, and starts to read what it has missed. Needs a tokio runtime.
    pub async fn open(dir: &Path, store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let source = source(store.as_ref()).await?;
        let path = dir.join(index::FILE);
        index::discard_unless_of(&path, &source)?;
        let read_path = path.clone();
        let open = move || index::open(&path, &source);
        let writer = Arc::new(Workers::start("search-writer", 1, limits::SEARCH_QUEUE, open)?);
        let open = move || index::open_reader(&read_path);
        let readers = Workers::start("search-reader", 1, limits::SEARCH_QUEUE, open)?;
        Ok(Self::start(writer, Arc::new(readers), store))
    }

    /// An index that forgets. Needs a tokio runtime.
    pub async fn in_memory(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let source = source(store.as_ref()).await?;
        let open = move || index::open_in_memory(&source);
        let writer = Arc::new(Workers::start("search", 1, limits::SEARCH_QUEUE, open)?);
        Ok(Self::start(writer.clone(), writer, store))
    }

    fn start(writer: Arc<Workers>, readers: Arc<Workers>, store: Arc<dyn Store>) -> Self {
        let (wakes, woken) = watch::channel(1);
        let (done, read_up_to) = watch::channel(0);
        let hurry = Arc::new(Notify::new());
        let cleaning = Cleaning::new();
        let indexer =
            Indexer { writer, store, woken, done, hurry: hurry.clone(), cleaning, complained_at: None };
        Self { readers, wakes, read_up_to, hurry, indexer: tokio::spawn(indexer.run()) }
    }

    /// Says that something was committed. Never waits.
    pub fn wake(&self) {
        self.wakes.send_modify(|wakes| *wakes += 1);
    }

    /// Waits until everything committed before the call can be found.
    pub async fn drained(&self) {
        self.wake();
        self.hurry.notify_one();
        let wanted = *self.wakes.borrow();
        // An error means that the indexer is gone with the process's end; nothing is left to wait for.
        let _ = self.read_up_to.clone().wait_for(|done| *done >= wanted).await;
    }

    /// The conversations with a message, or names, in which every word of `query` begins a word. Any text is a query;
    /// one without words finds nothing. `with_notes` also those with such a private note, which is for our side alone.
    pub async fn find(
        &self,
        workspace: WorkspaceKey,
        query: &str,
        with_notes: bool,
    ) -> Result<Found, StoreError> {
        let Some(expression) = words::expression(query) else { return Ok(Found::default()) };
        self.readers.run(move |link| query::find(link.get()?, workspace, &expression, with_notes)).await
    }

    /// What `query` finds in each of `texts`, which are few: a page of messages. Nothing in a text that it does not find.
    pub async fn excerpts(
        &self,
        query: &str,
        texts: Vec<String>,
    ) -> Result<Vec<Option<Excerpt>>, StoreError> {
        let Some(expression) = words::expression(query) else { return Ok(vec![None; texts.len()]) };
        let work = move |link: &mut Link| {
            let places = excerpt::mark(link.get()?, &expression, &texts)?;
            Ok(texts.iter().zip(&places).map(|(text, places)| excerpt::excerpt(text, places)).collect())
        };
        self.readers.run(work).await
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.indexer.abort();
    }
}

/// Tells stores apart without holding their key.
async fn source(store: &dyn Store) -> Result<[u8; 32], StoreError> {
    Ok(source_of(&store.identity().await?.cursor_key))
}

fn source_of(cursor_key: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(b"search index of").chain_update(cursor_key).finalize().into()
}

struct Indexer {
    writer: Arc<Workers>,
    store: Arc<dyn Store>,
    woken: watch::Receiver<u64>,
    done: watch::Sender<u64>,
    hurry: Arc<Notify>,
    cleaning: Cleaning,
    /// When the log heard last that the index stays behind.
    complained_at: Option<Instant>,
}

impl Indexer {
    async fn run(mut self) {
        loop {
            let wanted = *self.woken.borrow_and_update();
            match self.drain().await {
                Ok(()) => {
                    self.done.send_replace(wanted);
                    self.scrub().await;
                    if !self.has_news().await {
                        return;
                    }
                    if !self.cleaning.is_due() {
                        self.pause().await;
                    }
                }
                Err(error) => {
                    self.complain(&error);
                    tokio::time::sleep(Duration::from_millis(limits::SEARCH_RETRY_MS)).await;
                }
            }
        }
    }

    /// What is committed in the meantime shares a transaction: a small one costs twice as much a message.
    async fn pause(&self) {
        let pause = Duration::from_millis(limits::SEARCH_PAUSE_MS);
        let _ = tokio::time::timeout(pause, self.hurry.notified()).await;
    }

    fn complain(&mut self, error: &StoreError) {
        let pause = Duration::from_secs(limits::SEARCH_COMPLAINT_S);
        if self.complained_at.is_none_or(|at| at.elapsed() >= pause) {
            self.complained_at = Some(Instant::now());
            tracing::warn!(%error, "the search index is behind and tries again");
        }
    }

    /// Takes what was forgotten out of the file, unless somebody still reads an older state of it.
    async fn scrub(&mut self) {
        if !self.cleaning.is_due() {
            return;
        }
        let outcome = self.try_scrub().await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "deleted words are still in the search index");
        }
        self.cleaning.tried(&outcome);
    }

    /// In bounded steps.
    async fn try_scrub(&self) -> Result<Cleaned, StoreError> {
        if self.writer.run(|link| index::is_dirty(link.get()?)).await? {
            while self.writer.run(|link| forget::rewrite(link.get()?)).await? {
                // A large table takes a while, and what is said meanwhile is to be found.
                if self.woken.has_changed().unwrap_or(false) {
                    return Ok(Cleaned::NotYet);
                }
            }
            self.mend_seams().await?;
            let mut next = Some(1);
            while let Some(from) = next {
                next = self.writer.run(move |link| gaps::step(link.get()?, from)).await?;
            }
            self.writer.run(|link| index::set_clean(link.get()?)).await?;
        }
        let is_cut = self.writer.run(|link| empty_log(link.get()?)).await?;
        Ok(if is_cut { Cleaned::Wholly } else { Cleaned::InTheWay })
    }

    async fn mend_seams(&self) -> Result<(), StoreError> {
        while let Some(table) = self.writer.run(|link| forget::next_seams(link.get()?)).await? {
            let mut next = Some(seams::Place::default());
            while let Some(after) = next {
                let table = table.clone();
                next = self.writer.run(move |link| seams::mend(link.get()?, &table, &after)).await?;
            }
            self.writer.run(move |link| forget::is_clean(link.get()?, &table)).await?;
        }
        Ok(())
    }

    /// Waits until there is something to read, or to scrub again; false when the `Search` is gone.
    async fn has_news(&mut self) -> bool {
        let news = self.woken.changed();
        match self.cleaning.due_at() {
            None => news.await.is_ok(),
            Some(at) => !matches!(tokio::time::timeout_at(at, news).await, Ok(Err(_))),
        }
    }

    /// Reads until there is nothing new.
    async fn drain(&mut self) -> Result<(), StoreError> {
        let mut position = self.writer.run(|link| index::position(link.get()?)).await?;
        loop {
            let feed = self.store.search_feed(position, limits::SEARCH_BATCH).await?;
            if feed.is_empty() {
                return Ok(());
            }
            // What is kept back for a full disk is for deleting; the rest can be found when there is room again.
            if !feed.has_deletions() && self.store.condition() == Condition::Full {
                return Err(StoreError::Full("it waits for room".to_owned()));
            }
            if feed.has_deletions() {
                self.cleaning.forgot();
            }
            let apply =
                move |link: &mut Link| index::apply(link.get()?, position, &feed, limits::SEARCH_PART);
            position = self.writer.run(apply).await?;
        }
    }
}
