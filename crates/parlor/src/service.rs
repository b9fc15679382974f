//! Use cases: one method for each operation of the API. Check access, hand commands to the writer or read from the store,
//! render through `wire`. HTTP and sockets parse, call one of these, and pass its answer on.

pub mod auth;
pub mod cleanup;
mod clock;
mod conversations;
mod desk;
mod erasure;
pub mod export;
pub mod follow;
mod funnels;
mod import;
mod inbox;
pub mod lifecycle;
mod messages;
mod notes;
pub mod origin;
mod page_token;
mod people;
mod poll;
pub mod presence;
pub mod restore;
pub mod restores;
mod seats;
mod settings;
pub mod setup;
pub mod stream;
pub mod sync;
pub mod tokens;
pub mod transcript;
pub mod transfer;
mod workspaces;

use std::sync::Arc;

use parlor_core::access::Principal;
use parlor_core::command::{Action, Command};
use parlor_core::conversation::Snapshot;
use parlor_core::cursor::{Cursor, CursorKey};
use parlor_core::decide::{Answer, Outcome};
use parlor_core::error::{Code, Refusal};
use parlor_core::id::{UserId, WorkspaceKey};
use parlor_core::lifecycle::Policies;
use parlor_core::limits;
use parlor_core::message::Message;
use parlor_core::state::Head;
use parlor_core::time::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::ambient::Ambient;
use crate::hub::Hub;
use crate::search::Search;
use crate::service::origin::Origin;
use crate::service::seats::Seats;
use crate::service::workspaces::Workspaces;
use crate::store::{Condition, Store, StoreError};
use crate::wire::{ConversationView, Problem};
use crate::writer::{WriteError, Writer};

/// Everything an operation needs. One for the process, shared.
pub struct Service {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) writer: Writer,
    pub(crate) hub: Arc<Hub>,
    pub(crate) search: Arc<Search>,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) cursors: CursorKey,
    workspaces: Workspaces,
    /// Where the console is reached; pages of these origins may act with its cookie.
    public: Vec<Origin>,
    sealing_key: [u8; 32],
    /// For requests that wait: long polls and event streams.
    seats: Arc<Seats>,
    /// Agents whose names the store knows.
    met: Arc<desk::Met>,
    clock: clock::Clock,
    /// Room for imports: each has a large body in memory.
    imports: Arc<Semaphore>,
}

impl Service {
    /// Wires the parts together; reads the store's identity. `public` is where the console is reached.
    pub async fn new(
        store: Arc<dyn Store>,
        writer: Writer,
        hub: Arc<Hub>,
        search: Arc<Search>,
        ambient: Arc<dyn Ambient>,
        public: Vec<Origin>,
    ) -> Result<Self, StoreError> {
        let sealing_key = store.identity().await?.cursor_key;
        let cursors = CursorKey::new(&sealing_key);
        let workspaces = Workspaces::new(store.clone(), ambient.clone());
        let seats = Arc::default();
        let met = Arc::default();
        let imports = Arc::new(Semaphore::new(limits::IMPORT_REQUESTS));
        let clock = clock::Clock::start(store.load_clock().await?, ambient.as_ref());
        Ok(Self {
            store,
            writer,
            hub,
            search,
            ambient,
            cursors,
            workspaces,
            public,
            sealing_key,
            seats,
            met,
            clock,
            imports,
        })
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    /// A new name for something.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ambient.new_id()
    }

    /// A name for a request, for its caller and the log.
    #[must_use]
    pub fn new_request_id(&self) -> String {
        self.ambient.new_id().simple().to_string()
    }

    /// Milliseconds after which one client comes back once the server went away: spread so that a new server takes them all.
    #[must_use]
    pub fn reconnect_in_ms(&self) -> u64 {
        let mut random = [0; 8];
        self.ambient.fill(&mut random);
        let spread_ms = self.hub.closed_with() as u64 * 1000 / limits::RECONNECTS_PER_S;
        u64::from_be_bytes(random) % spread_ms.max(limits::RECONNECT_SPREAD_MS)
    }

    /// Whether anything can be stored.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.writer.is_alive()
    }

    /// Why not everything can be stored now, as a sentence for an operator. Asks no disk.
    #[must_use]
    pub fn not_ready(&self) -> Option<&'static str> {
        match self.store.condition() {
            _ if !self.is_alive() => Some("the writer has ended"),
            Condition::Sound => None,
            Condition::Full => Some("the disk is full; make room and posts are taken again"),
            Condition::Failing => Some("the database cannot be written; the log says why"),
        }
    }

    /// Runs a person's command.
    pub(crate) async fn run(&self, by: &Principal, action: Action) -> Result<Outcome, Problem> {
        match self.writer.run(Command { by: by.clone(), action }).await {
            Ok(outcome) => Ok(outcome),
            Err(WriteError::Refused(refusal)) => Err(self.refused(by, refusal).await),
            Err(error) => Err(unwritten(&error).into()),
        }
    }

    /// Runs a command about a conversation.
    pub(crate) async fn run_on_conversation(
        &self,
        by: &Principal,
        action: Action,
    ) -> Result<Answer, Problem> {
        match self.run(by, action).await? {
            Outcome::Conversation(answer) => Ok(answer),
            _ => Err(Problem::internal("an answer that is not about a conversation")),
        }
    }

    async fn refused(&self, by: &Principal, refusal: Refusal) -> Problem {
        let mut problem = Problem::new(refusal.code());
        match refusal {
            Refusal::Validation(errors) => problem.errors = errors,
            Refusal::HeldByAnother { holder, .. } => problem.extra.holder = holder,
            Refusal::ConversationChanged(current) => match self.store.get_head(by.workspace).await {
                Ok(head) => {
                    let view = self.conversation_view(by, *current, Vec::new(), head.policies);
                    problem.extra.conversation = Some(view);
                }
                Err(error) => return self.failed(&error),
            },
            Refusal::Internal(log) => problem.log = Some(log.to_owned()),
            _ => {}
        }
        problem
    }

    /// What callers hear of a store's failure.
    pub(crate) fn failed(&self, error: &StoreError) -> Problem {
        let code = match error {
            StoreError::Content(_) => Code::Internal,
            StoreError::Busy(_) | StoreError::Unavailable(_) => Code::Unavailable,
            StoreError::Full(_) => Code::StorageFull,
        };
        Problem::new(code).logged(error.to_string())
    }

    /// A conversation as `by` sees it.
    pub(crate) fn conversation_view(
        &self,
        by: &Principal,
        snapshot: Snapshot,
        messages: Vec<Arc<Message>>,
        policies: Arc<Policies>,
    ) -> ConversationView {
        let is_online = self.is_online(by.workspace, &snapshot.user.id);
        ConversationView { snapshot, messages, policies, view: by.view(), is_online }
    }

    /// Whether a user is connected.
    pub(crate) fn is_online(&self, workspace: WorkspaceKey, user: &UserId) -> bool {
        self.hub.presence().is_online(workspace, user)
    }

    /// The cursor of a snapshot.
    pub(crate) fn cursor(&self, workspace: WorkspaceKey, head: &Head) -> String {
        self.cursors.seal(&Cursor { workspace, epoch: head.epoch, rev: head.rev })
    }
}

/// What callers are told of a command that was not carried out; who is to hear more of a refusal is told so before.
fn unwritten(error: &WriteError) -> Code {
    match error {
        WriteError::Refused(refusal) => refusal.code(),
        WriteError::Unavailable => Code::Unavailable,
        WriteError::StorageFull => Code::StorageFull,
        WriteError::Internal => Code::Internal,
    }
}
