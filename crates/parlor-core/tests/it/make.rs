//! People, commands and funnels of the tests.

use parlor_core::access::{Principal, Role};
use parlor_core::command::{
    Action, AddNote, Command, Expect, ImportConversation, ImportMessage, ImportNote, Input, MarkRead,
    PutSettings, Relabel, SendMessage, StartConversation, UpdateConversation,
};
use parlor_core::conversation::{Handler, Status};
use parlor_core::funnel::{Funnel, FunnelSource};
use parlor_core::id::{
    AgentId, ConversationId, ExternalId, FunnelId, MessageId, NoteId, OptionId, UserId, WorkspaceKey,
};
use parlor_core::lifecycle::{Clock, Policies, Policy};
use parlor_core::message::{Author, MessageKind};
use parlor_core::text::{Label, Name, Text};
use parlor_core::time::Timestamp;
use parlor_core::user::UserFields;
use uuid::Uuid;

use crate::model::{Model, command};

/// 2026-01-01T00:00:00Z, where every test begins.
pub const BEGIN: Timestamp = Timestamp(1_767_225_600_000);
pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub fn principal(role: Role, sub: &str) -> Principal {
    let name = Name::parse(&sub.to_uppercase()).ok();
    Principal { workspace: WorkspaceKey(1), role, sub: AgentId::parse(sub).unwrap(), name, email: None }
}

pub fn visitor(sub: &str) -> Principal {
    principal(Role::Visitor, sub)
}

pub fn agent(sub: &str) -> Principal {
    principal(Role::Agent, sub)
}

pub fn admin() -> Principal {
    principal(Role::Admin, "root")
}

pub fn service() -> Principal {
    principal(Role::Service, "host")
}

pub fn text(words: &str) -> Text {
    Text::parse(words).unwrap()
}

pub fn user_id(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

pub fn funnel_id(id: &str) -> FunnelId {
    FunnelId::parse(id).unwrap()
}

pub fn option_id(id: &str) -> OptionId {
    OptionId::parse(id).unwrap()
}

pub fn labels(names: &[&str]) -> Vec<Label> {
    names.iter().map(|name| Label::parse(name).unwrap()).collect()
}

/// A change to exactly these labels.
pub fn to(names: &[&str]) -> Option<Relabel> {
    Some(Relabel::To(labels(names)))
}

pub fn relabel(add: &[&str], remove: &[&str]) -> Option<Relabel> {
    Some(Relabel::By { add: labels(add), remove: labels(remove) })
}

/// The n-th id a client chooses; never one the model makes.
pub fn chosen(n: u64) -> Uuid {
    Uuid::from_u64_pair(u64::MAX, n)
}

pub fn conversation_id(n: u64) -> ConversationId {
    ConversationId(chosen(n))
}

pub fn message_id(n: u64) -> MessageId {
    MessageId(chosen(1_000 + n))
}

/// A visitor's start with words; change what differs.
pub fn start(user: &str, words: Option<&str>) -> StartConversation {
    StartConversation {
        id: None,
        message_id: None,
        funnel_id: funnel_id("shop"),
        user_id: user_id(user),
        user: UserFields::default(),
        input: words.map(|words| Input::Text(text(words))),
        new: false,
        metadata: None,
        locale: None,
    }
}

pub fn starting(by: &Principal, start: StartConversation) -> Command {
    command(by, Action::StartConversation(Box::new(start)))
}

pub fn send(to: ConversationId, kind: MessageKind, words: &str) -> SendMessage {
    SendMessage {
        conversation_id: to,
        id: None,
        kind,
        text: text(words),
        metadata: None,
        option_id: None,
        options: Vec::new(),
        reopen: None,
        if_holder: None,
    }
}

pub fn sending(by: &Principal, send: SendMessage) -> Command {
    command(by, Action::SendMessage(Box::new(send)))
}

pub fn note_id(n: u64) -> NoteId {
    NoteId(chosen(2_000 + n))
}

pub fn noting(by: &Principal, conversation_id: ConversationId, id: Option<u64>, words: &str) -> Command {
    let add = AddNote { conversation_id, id: id.map(note_id), text: text(words) };
    command(by, Action::AddNote(Box::new(add)))
}

pub fn unnoting(by: &Principal, conversation_id: ConversationId, note_id: NoteId) -> Command {
    command(by, Action::DeleteNote { conversation_id, note_id })
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

pub fn updating(by: &Principal, update: UpdateConversation) -> Command {
    command(by, Action::UpdateConversation(Box::new(update)))
}

pub fn status(id: ConversationId, status: Status) -> UpdateConversation {
    UpdateConversation { status: Some(status), ..update(id) }
}

pub fn archived(id: ConversationId, is_archived: bool) -> UpdateConversation {
    UpdateConversation { is_archived: Some(is_archived), ..update(id) }
}

pub fn reading(by: &Principal, conversation_id: ConversationId, seq: u32, back: bool) -> Command {
    command(by, Action::MarkRead(MarkRead { conversation_id, seq, back }))
}

pub fn taking(by: &Principal, conversation_id: ConversationId, from: Option<&str>) -> Command {
    let from = from.map(|id| AgentId::parse(id).unwrap());
    command(by, Action::TakeConversation { conversation_id, from })
}

pub fn deleting(by: &Principal, conversation_id: ConversationId) -> Command {
    command(by, Action::DeleteConversation { conversation_id })
}

pub fn putting(by: &Principal, id: &str, name: &str) -> Command {
    let fields = Box::new(UserFields { name: Name::parse(name).ok(), ..UserFields::default() });
    command(by, Action::PutUser { user_id: user_id(id), fields })
}

pub fn import(external: &str, user: &str, messages: &[(MessageKind, &str)]) -> ImportConversation {
    let message = |(i, (kind, words)): (i64, &(MessageKind, &str))| ImportMessage {
        id: None,
        kind: *kind,
        author: match kind {
            MessageKind::User => Author::User { name: Name::parse(user).unwrap() },
            MessageKind::Bot => Author::Bot,
            MessageKind::System => Author::System(None),
        },
        text: text(words),
        at: BEGIN.plus_ms(-400 * DAY + i * MINUTE),
        metadata: None,
        options: Vec::new(),
        system: None,
    };
    ImportConversation {
        id: None,
        external_id: ExternalId::parse(external),
        user_id: user_id(user),
        user: UserFields::default(),
        funnel_id: funnel_id("shop"),
        funnel_name: Name::parse("Old shop").unwrap(),
        status: Status::Open,
        handler: Handler::Queue,
        assignee: None,
        started_at: BEGIN.plus_ms(-400 * DAY),
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
        messages: (0..).zip(messages).map(message).collect(),
        notes: Vec::new(),
    }
}

pub fn imported_note(n: u64, after_seq: u32) -> ImportNote {
    let author = agent("ada").agent().unwrap();
    ImportNote { id: Some(note_id(n)), after_seq, author, text: text("noted"), at: BEGIN.plus_ms(-399 * DAY) }
}

pub fn importing(import: ImportConversation) -> Command {
    command(&admin(), Action::ImportConversation(Box::new(import)))
}

/// A greeting with three ways on: a block with a way back, a hand-off, an end.
pub fn shop(greeting: &str) -> FunnelSource {
    serde_json::from_value(serde_json::json!({
        "id": "shop", "name": "Shop", "startBlockId": "hello",
        "stages": [{"id": "first", "name": "First", "blockIds": ["hello"]}],
        "blocks": {
            "hello": {"id": "hello", "message": greeting, "options": [
                {"id": "buy", "text": "I want to buy", "nextBlockId": "buy"},
                {"id": "talk", "text": "Talk to a person", "nextBlockId": "talk"},
                {"id": "bye", "text": "That is all", "nextBlockId": "bye"},
                {"id": "end", "text": "Nothing", "nextBlockId": null}]},
            "buy": {"id": "buy", "message": "What do you need?", "options": [{"text": "Back", "nextBlockId": "hello"}]},
            "talk": {"id": "talk", "message": "One moment.", "handoff": true},
            "bye": {"id": "bye", "message": "Good bye.", "close": true}
        }
    }))
    .unwrap()
}

pub fn putting_funnel(source: FunnelSource) -> Command {
    command(&admin(), Action::PutFunnel(Box::new(Funnel::parse(source).unwrap())))
}

/// A model with the shop's funnel.
pub fn with_shop() -> Model {
    let mut model = Model::new();
    model.alone(putting_funnel(shop("Hello!"))).0.unwrap();
    model
}

/// A model in which ann has said "hi" in the shop, and the conversation.
pub fn with_ann() -> (Model, ConversationId) {
    let mut model = with_shop();
    let answer = model.answer(starting(&visitor("ann"), start("ann", Some("hi"))));
    (model, answer.snapshot.conversation.id)
}

/// The time of a server that runs since the beginning.
pub fn always_there(now: Timestamp) -> Clock {
    Clock {
        returned_at: BEGIN,
        last_alive_at: BEGIN,
        running_ms: now.since_ms(BEGIN).max(0),
        read_at: now,
        is_paused: false,
    }
}

pub fn firing(conversation_id: ConversationId, clock: Clock) -> Command {
    command(&Principal::server(WorkspaceKey(1)), Action::FireDue { conversation_id, clock })
}

/// Every conversation has this policy from now on.
pub fn setting(inbox: Policy) -> Command {
    let policies = Policies::of_inbox(0, inbox);
    command(&admin(), Action::PutSettings(Box::new(PutSettings { policies, version: None })))
}
