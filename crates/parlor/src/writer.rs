//! The heart: drain, load, decide, write, commit, answer, publish. One batch, one transaction, one fsync.

mod lanes;
pub mod publish;

use std::sync::{Arc, Mutex, PoisonError};

use parlor_core::command::Command;
use parlor_core::decide::{self, Context, Decision, Outcome};
use parlor_core::error::Refusal;
use parlor_core::event::Committed;
use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use parlor_core::planted::{self, Bug};
use parlor_core::state::{Keys, Loaded, State};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::lanes::{Job, Lanes};
use crate::ambient::Ambient;
use crate::store::{Batch, Step, Store, StoreError};

/// Why a command has no outcome. The caller's message follows from the variant; what the log needs is logged here.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteError {
    /// A rule said no.
    Refused(Refusal),
    /// Nothing that anybody will be shown unless it is on disk; a retry with the same ids is safe.
    Unavailable,
    /// The disk is full; nothing was stored.
    StorageFull,
    /// Our mistake; the log has it.
    Internal,
}

type Answer = Result<Outcome, WriteError>;

/// A handle to the writer; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    people: mpsc::Sender<Job>,
    background: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the loop. It ends when every handle is dropped and everything accepted is answered, or with the process
    /// when its task dies. `batch_commands` is at most [`limits::BATCH_COMMANDS`]; 1 switches batching off.
    pub fn start(
        store: Arc<dyn Store>,
        ambient: Arc<dyn Ambient>,
        published: mpsc::Sender<Committed>,
        batch_commands: usize,
    ) -> (Self, JoinHandle<()>) {
        let (people, from_people) = mpsc::channel(limits::PEOPLE_LANE);
        let (background, from_background) = mpsc::channel(limits::BACKGROUND_LANE);
        let batch_commands = batch_commands.clamp(1, limits::BATCH_COMMANDS);
        let lanes = Lanes::new(from_people, from_background);
        let work = Loop { store, ambient, published, batch_commands };
        (Self { people, background }, tokio::spawn(work.run(lanes)))
    }

    /// Runs a person's command. A full lane is [`WriteError::Unavailable`] at once: waiting would only hide the overload.
    pub async fn run(&self, command: Command) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.people.try_send(Job { command, reply }).map_err(|_| WriteError::Unavailable)?;
        answer.await.map_err(|_| WriteError::Unavailable)?
    }

    /// Runs a command nobody waits for; waits for room in its lane.
    pub async fn run_background(&self, command: Command) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.background.send(Job { command, reply }).await.map_err(|_| WriteError::Unavailable)?;
        answer.await.map_err(|_| WriteError::Unavailable)?
    }

    /// Whether the loop still takes commands.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.people.is_closed()
    }
}

struct Loop {
    store: Arc<dyn Store>,
    ambient: Arc<dyn Ambient>,
    published: mpsc::Sender<Committed>,
    batch_commands: usize,
}

impl Loop {
    async fn run(self, mut lanes: Lanes) {
        while let Some(jobs) = lanes.next_batch(self.batch_commands).await {
            let (commands, replies): (Vec<_>, Vec<_>) =
                jobs.into_iter().map(|job| (job.command, job.reply)).unzip();
            let answers = self.settle(commands).await;
            for (reply, answer) in replies.into_iter().zip(answers) {
                // A caller who went away still has its message stored; the answer is only news to nobody.
                let _ = reply.send(answer);
            }
        }
    }

    /// Runs a batch; when its content breaks it, every command alone once, so that one cannot harm the others.
    async fn settle(&self, commands: Vec<Command>) -> Vec<Answer> {
        let count = commands.len();
        let commands: Arc<[Command]> = commands.into();
        match self.transact(commands.clone()).await {
            Ok(answers) => answers,
            Err(StoreError::Content(error)) if count > 1 => {
                tracing::error!(%error, count, "a batch was rolled back; running its commands one by one");
                let mut answers = Vec::with_capacity(count);
                for command in commands.iter() {
                    answers.push(self.alone(command).await);
                }
                answers
            }
            // What only deletes goes on in the space that is kept back for it, which the others must not use up.
            Err(error @ StoreError::Full(_)) if commands.iter().any(Command::frees_space) => {
                let mut answers = Vec::with_capacity(count);
                for command in commands.iter() {
                    answers.push(match command.frees_space() {
                        true => self.alone(command).await,
                        false => Err(failure(&error)),
                    });
                }
                answers
            }
            Err(error) => vec![Err(failure(&error)); count],
        }
    }

    async fn alone(&self, command: &Command) -> Answer {
        match self.transact(Arc::from([command.clone()])).await {
            Ok(mut one) => one.pop().unwrap_or(Err(WriteError::Internal)),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn transact(&self, commands: Arc<[Command]>) -> Result<Vec<Answer>, StoreError> {
        let Some(workspace) = commands.first().map(|c| c.by.workspace) else { return Ok(Vec::new()) };
        let done = Arc::new(Mutex::new(Done::default()));
        let batch = Deciding {
            workspace,
            commands,
            ambient: self.ambient.clone(),
            loaded: Loaded::default(),
            rounds: 0,
            done: done.clone(),
            published: self.published.clone(),
        };
        if planted::is(Bug::AckBeforeCommit) {
            let store = self.store.clone();
            tokio::spawn(async move { store.transact(workspace, Box::new(batch)).await });
            while done.lock().is_ok_and(|done| done.answers.is_empty()) {
                tokio::task::yield_now().await;
            }
        } else {
            self.store.transact(workspace, Box::new(batch)).await?;
        }
        let Done { answers, committed } =
            std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(committed) = committed {
            // A closed channel is a publisher that is shutting down; clients resume from their cursors.
            let _ = self.published.send(committed).await;
        }
        Ok(answers)
    }
}

fn failure(error: &StoreError) -> WriteError {
    tracing::error!(%error, "a command was not stored");
    match error {
        StoreError::Content(_) => WriteError::Internal,
        StoreError::Busy(_) | StoreError::Unavailable(_) => WriteError::Unavailable,
        StoreError::Full(_) => WriteError::StorageFull,
    }
}

/// What a batch leaves behind for its loop. Filled before the commit, read only after it.
#[derive(Default)]
struct Done {
    answers: Vec<Answer>,
    committed: Option<Committed>,
}

/// A batch in the store's hands.
struct Deciding {
    workspace: WorkspaceKey,
    commands: Arc<[Command]>,
    ambient: Arc<dyn Ambient>,
    /// Everything loaded so far: a round that misses rows is decided anew from here, in order, as if it had them.
    loaded: Loaded,
    rounds: usize,
    done: Arc<Mutex<Done>>,
    /// Where nothing goes before the commit, but for a planted bug.
    published: mpsc::Sender<Committed>,
}

impl Batch for Deciding {
    fn frees_space(&self) -> bool {
        self.commands.iter().all(Command::frees_space)
    }

    fn keys(&mut self) -> Keys {
        let mut keys = Keys::default();
        self.commands.iter().for_each(|command| decide::needs(command, &mut keys));
        keys
    }

    fn step(&mut self, loaded: Loaded) -> Step {
        self.loaded.extend(loaded);
        self.rounds += 1;
        let mut state = State::new(self.loaded.clone());
        let mut missing = Keys::default();
        let answers: Vec<Answer> = self.decide(&mut state, &mut missing);
        if !missing.is_empty() && self.rounds < limits::LOAD_ROUNDS {
            return Step::Load(Box::new(missing));
        }
        let head = state.head().clone();
        let writes = state.finish();
        let committed = Some(writes.committed(self.workspace, &head)).filter(Committed::is_news);
        if planted::is(Bug::PublishBeforeCommit) {
            committed.iter().for_each(|early| drop(self.published.try_send(early.clone())));
        }
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = Done { answers, committed };
        Step::Write(Box::new(writes))
    }
}

impl Deciding {
    /// Decides every command in order. What is missing is collected for the whole batch, so that it is loaded at once.
    fn decide(&self, state: &mut State, missing: &mut Keys) -> Vec<Answer> {
        let mut new_id = || self.ambient.new_id();
        let mut context = Context { now: self.ambient.now(), new_id: &mut new_id };
        let decide = |command: &Command| match decide::decide(state, command, &mut context) {
            Decision::Done(answer) => answer.map_err(WriteError::Refused),
            Decision::Missing(keys) => {
                missing.extend(*keys);
                // Stands only when the rounds are used up: a rule that asks for ever, never the caller's fault.
                Err(WriteError::Internal)
            }
        };
        self.commands.iter().map(decide).collect()
    }
}
