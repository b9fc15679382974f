//! A store with a writer, a workspace and somebody of every role.

use std::path::Path;
use std::sync::Arc;

use parlor::store::memory::MemoryStore;
use parlor::store::sqlite::SqliteStore;
use parlor::store::{
    ListPage, ListQuery, MessagePage, MessageQuery, MessageStart, NewWorkspace, Scope, Store,
};
use parlor::writer::{WriteError, Writer};
use parlor_core::access::{Principal, Role};
use parlor_core::command::{
    Action, AddNote, Command, Expect, ImportConversation, Input, PutSettings, Relabel, SendMessage,
    StartConversation, UpdateConversation,
};
use parlor_core::conversation::{Handler, Status};
use parlor_core::decide::{Answer, Outcome};
use parlor_core::event::Committed;
use parlor_core::funnel::{Funnel, FunnelSource};
use parlor_core::id::{
    AgentId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, UserId, WorkspaceKey,
};
use parlor_core::lifecycle::{Clock, Policies, Step};
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::text::{Label, Name, Text};
use parlor_core::user::UserFields;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::support::ambient::{BEGIN, Manual};
use crate::support::directory::DataDirectory;

pub struct Fixture {
    pub store: Arc<dyn Store>,
    pub writer: Writer,
    pub ambient: Arc<Manual>,
    pub workspace: WorkspaceKey,
    pub published: mpsc::Receiver<Committed>,
    /// Keeps the data directory until the test ends, and checks it.
    _directory: Option<DataDirectory>,
}

impl Fixture {
    pub async fn memory() -> Self {
        Self::over(Arc::new(MemoryStore::new()), Arc::new(Manual::new())).await
    }

    pub async fn sqlite() -> Self {
        Self::sqlite_over(DataDirectory::new()).await
    }

    pub async fn sqlite_in(directory: &Path) -> Self {
        Self::sqlite_over(DataDirectory::at(directory)).await
    }

    async fn sqlite_over(directory: DataDirectory) -> Self {
        let ambient = Arc::new(Manual::new());
        let store = SqliteStore::open(directory.path(), ambient.clone()).unwrap();
        let fixture = Self::over(Arc::new(store), ambient).await;
        Self { _directory: Some(directory), ..fixture }
    }

    async fn over(store: Arc<dyn Store>, ambient: Arc<Manual>) -> Self {
        let workspace = store.create_workspace(new_workspace("default")).await.unwrap().key;
        let (sender, published) = mpsc::channel(limits::PUBLISH_QUEUE);
        let (writer, _) = Writer::start(store.clone(), ambient.clone(), sender, limits::BATCH_COMMANDS);
        Self { store, writer, ambient, workspace, published, _directory: None }
    }

    pub fn principal(&self, role: Role, sub: &str) -> Principal {
        principal(self.workspace, role, sub)
    }

    pub async fn run(&self, by: &Principal, action: Action) -> Result<Outcome, WriteError> {
        self.writer.run(Command { by: by.clone(), action }).await
    }

    pub async fn answer(&self, by: &Principal, action: Action) -> Answer {
        match self.run(by, action).await.unwrap() {
            Outcome::Conversation(answer) => answer,
            other => panic!("not about a conversation: {other:?}"),
        }
    }

    /// A conversation of `user` in the funnel `shop`, which nobody stored: no greeting, no bot.
    pub async fn start(&self, user: &str, text: &str) -> Answer {
        let by = self.principal(Role::Service, "host");
        self.answer(&by, start(user, "shop", Some(text))).await
    }

    pub async fn say(&self, id: ConversationId, kind: MessageKind, text: &str) -> Answer {
        let by = match kind {
            MessageKind::User => self.principal(Role::Service, "host"),
            _ => self.principal(Role::Agent, "ada"),
        };
        self.answer(&by, send(id, kind, text, None)).await
    }

    pub async fn update(&self, id: ConversationId, change: impl FnOnce(&mut UpdateConversation)) -> Answer {
        let by = self.principal(Role::Agent, "ada");
        let mut update = update(id);
        change(&mut update);
        self.answer(&by, Action::UpdateConversation(Box::new(update))).await
    }

    /// Does what is due for it, as a server does that was never away.
    pub async fn fire(&self, id: ConversationId) -> Option<Step> {
        let action = Action::FireDue { conversation_id: id, clock: always_there() };
        match self.run(&Principal::server(self.workspace), action).await.unwrap() {
            Outcome::Fired(step) => step,
            other => panic!("not about what is due: {other:?}"),
        }
    }

    /// An admin sets these policies.
    pub async fn set(&self, settings: serde_json::Value) {
        let policies = Policies::parse(0, serde_json::from_value(settings).unwrap()).unwrap();
        let put = Action::PutSettings(Box::new(PutSettings { policies, version: None }));
        assert_eq!(self.run(&self.principal(Role::Admin, "root"), put).await, Ok(Outcome::Settings));
    }

    /// Carries a change of the settings on by a page; whether there are more.
    pub async fn redate(&self) -> bool {
        match self.run(&Principal::server(self.workspace), Action::Redate).await.unwrap() {
            Outcome::Redated { more } => more,
            other => panic!("not about settings: {other:?}"),
        }
    }

    /// An admin deletes it.
    pub async fn delete(&self, id: ConversationId) -> Result<Outcome, WriteError> {
        self.run(&self.principal(Role::Admin, "root"), Action::DeleteConversation { conversation_id: id })
            .await
    }

    pub async fn list(&self, query: ListQuery) -> ListPage {
        let query = ListQuery { limit: if query.limit == 0 { 100 } else { query.limit }, ..query };
        self.store.list_conversations(self.workspace, query).await.unwrap()
    }

    pub async fn thread(&self, id: ConversationId) -> MessagePage {
        let query = MessageQuery { start: MessageStart::After(0), limit: limits::MESSAGES_MAX, notes: true };
        self.store.list_messages(self.workspace, id, query).await.unwrap().unwrap()
    }
}

/// The time of a server that runs since the beginning.
pub fn always_there() -> Clock {
    Clock { returned_at: BEGIN, last_alive_at: BEGIN, running_ms: 0, read_at: BEGIN, is_paused: false }
}

pub fn new_workspace(name: &str) -> NewWorkspace {
    NewWorkspace {
        name: name.into(),
        public_key: format!("pk_{name}"),
        epoch: 1,
        secrets: Vec::new(),
        created_at: BEGIN,
    }
}

pub fn principal(workspace: WorkspaceKey, role: Role, sub: &str) -> Principal {
    Principal { workspace, role, sub: AgentId::parse(sub).unwrap(), name: Name::parse(sub).ok(), email: None }
}

pub fn start(user: &str, funnel: &str, text: Option<&str>) -> Action {
    Action::StartConversation(Box::new(StartConversation {
        id: None,
        message_id: None,
        funnel_id: FunnelId::parse(funnel).unwrap(),
        user_id: UserId::parse(user).unwrap(),
        user: UserFields { name: Name::parse(user).ok(), ..UserFields::default() },
        input: text.map(|t| Input::Text(Text::parse(t).unwrap())),
        new: false,
        metadata: None,
        locale: None,
    }))
}

pub fn send(conversation_id: ConversationId, kind: MessageKind, text: &str, id: Option<MessageId>) -> Action {
    Action::SendMessage(Box::new(SendMessage {
        conversation_id,
        id,
        kind,
        text: Text::parse(text).unwrap(),
        metadata: None,
        option_id: None,
        options: Vec::new(),
        reopen: None,
        if_holder: None,
    }))
}

pub fn update(conversation_id: ConversationId) -> UpdateConversation {
    UpdateConversation {
        conversation_id,
        status: None,
        is_archived: None,
        handler: None,
        assignee_id: None,
        labels: None,
        snoozed_until: None,
        hold: None,
        metadata: None,
        expect: Expect::default(),
    }
}

/// A change to exactly these labels.
pub fn labels_to(names: &[&str]) -> Option<Relabel> {
    Some(Relabel::To(names.iter().map(|name| Label::parse(name).unwrap()).collect()))
}

/// An empty conversation that happened elsewhere.
pub fn import(user: &str, external_id: ExternalId) -> Action {
    Action::ImportConversation(Box::new(ImportConversation {
        id: None,
        external_id: Some(external_id),
        user_id: UserId::parse(user).unwrap(),
        user: UserFields::default(),
        funnel_id: FunnelId::parse("shop").unwrap(),
        funnel_name: Name::parse("Shop").unwrap(),
        status: Status::Open,
        handler: Handler::Queue,
        assignee: None,
        started_at: BEGIN,
        closed_at: None,
        close_reason: None,
        archived_at: None,
        labels: Vec::new(),
        locale: None,
        hold: false,
        snoozed_until: None,
        previous_id: None,
        metadata: None,
        user_last_read_seq: 0,
        agent_last_read_seq: 0,
        messages: Vec::new(),
        notes: Vec::new(),
    }))
}

pub fn note(conversation_id: ConversationId, id: Option<u128>, text: &str) -> Action {
    let id = id.map(|n| NoteId(Uuid::from_u128(n)));
    Action::AddNote(Box::new(AddNote { conversation_id, id, text: Text::parse(text).unwrap() }))
}

pub fn delete_note(conversation_id: ConversationId, id: u128) -> Action {
    Action::DeleteNote { conversation_id, note_id: NoteId(Uuid::from_u128(id)) }
}

/// A conversation and its notes.
pub fn with_notes(id: ConversationId) -> Scope {
    Scope::Conversation { id, notes: true }
}

/// Two blocks and a hand-off.
pub fn funnel(name: &str) -> Funnel {
    let source: FunnelSource = serde_json::from_value(serde_json::json!({
        "id": "shop", "name": name, "startBlockId": "hello",
        "stages": [{"id": "s", "name": "Stage", "explanation": "", "blockIds": ["hello"]}],
        "blocks": {
            "hello": {"id": "hello", "message": "Hello!", "options": [
                {"id": "buy", "text": "I want to buy", "nextBlockId": "buy"},
                {"id": "talk", "text": "Talk to a person", "nextBlockId": "talk"}]},
            "buy": {"id": "buy", "message": "What?", "options": [{"text": "Back", "nextBlockId": "hello"}]},
            "talk": {"id": "talk", "message": "One moment.", "options": [], "handoff": true}
        }
    }))
    .unwrap();
    Funnel::parse(source).unwrap()
}
