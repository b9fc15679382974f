//! Rows as the core's types. What is stored was parsed before; it is parsed again because a type has no other door.

use std::sync::Arc;

use parlor_core::agent::AgentRef;
use parlor_core::conversation::{
    CloseReason, Conversation, DeleteReason, EraseMark, Handler, Side, Snapshot, Status,
};
use parlor_core::event::Tombstone;
use parlor_core::id::{
    AgentId, BlockId, ConversationId, ExternalId, FunnelId, InboxId, MessageId, NoteId, OptionId, UserId,
};
use parlor_core::message::{Author, Identity, Message, MessageKind, MessageOption, SystemLine};
use parlor_core::note::{Note, NoteContent};
use parlor_core::text::{Email, Label, Metadata, Name, Tag, Text, Url};
use parlor_core::time::Timestamp;
use parlor_core::user::User;
use rusqlite::Row;
use rusqlite::types::{FromSql, Type};
use uuid::Uuid;

/// A conversation with its user: what [`snapshot`] reads, from `conversation c` and `user u`.
macro_rules! select_snapshot {
    ($rest:expr) => {
        concat!(
            "SELECT c.key, c.user, c.public_id, c.inbox_id, c.funnel_id, c.funnel_name, c.funnel_version, c.block_id, \
             c.status, c.handler, c.assignee_id, c.assignee_name, c.created_at, c.started_at, c.updated_at, \
             c.last_message_at, c.last_message, c.last_side, c.clock_started_at, c.message_count, c.note_count, c.user_messages, \
             c.our_messages, c.user_last_read_seq, c.agent_last_read_seq, c.our_messages_read, c.user_messages_read, \
             c.closed_at, c.close_reason, c.archived_at, c.delete_at, c.snoozed_until, c.hold, c.previous_id, \
             c.root_id, c.labels, c.locale, c.external_id, c.metadata, c.version, c.rev, c.scope_rev, c.due_at, \
             c.warned_at, c.erase_marked_at, c.erase_marked_running_ms, \
             u.public_id, u.name, u.email, u.avatar, u.timezone, u.locale, u.metadata, u.last_seen_at ",
            $rest
        )
    };
}

/// A message: what [`message`] reads, from `message m` and its conversation `c`.
macro_rules! select_message {
    ($rest:expr) => {
        concat!(
            "SELECT m.conversation, c.public_id, m.public_id, m.seq, m.kind, m.author_kind, m.author_id, m.author_name, \
             m.text, m.at, m.metadata, m.options, m.system_code, m.system_param, m.version, m.identity, \
             m.users_before, m.ours_before, m.rev ",
            $rest
        )
    };
}

/// A private note: what [`note`] reads, from `note n` and its conversation `c`.
macro_rules! select_note {
    ($rest:expr) => {
        concat!(
            "SELECT c.public_id, n.public_id, n.after_seq, n.author_id, n.author_name, n.text, n.identity, n.deleted_at, \
             n.at, n.version, n.rev ",
            $rest
        )
    };
}

/// A tombstone: what [`tombstone`] reads, from `tombstone t` and `user u`.
macro_rules! select_tombstone {
    ($rest:expr) => {
        concat!(
            "SELECT t.public_id, u.public_id, t.reason, t.deleted_at, t.rev \
             FROM tombstone t JOIN user u ON u.key = t.user ",
            $rest
        )
    };
}

pub(super) use {select_message, select_note, select_snapshot, select_tombstone};

/// A conversation and the store's keys of it and its user.
pub(super) struct Stored {
    pub(super) key: i64,
    pub(super) user_key: i64,
    pub(super) snapshot: Snapshot,
}

/// Reads a row of `select_snapshot!`.
pub(super) fn snapshot(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let mut columns = Columns { row, next: 0 };
    let (key, user_key) = (columns.get()?, columns.get()?);
    let mut conversation = conversation(&mut columns)?;
    let user = user_columns(&mut columns)?;
    conversation.user_id = user.id.clone();
    let snapshot = Snapshot { conversation: Arc::new(conversation), user: Arc::new(user) };
    Ok(Stored { key, user_key, snapshot })
}

/// Reads a user's row: `public_id, name, email, avatar, timezone, locale, metadata, last_seen_at`.
pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    user_columns(&mut Columns { row, next: 0 })
}

/// Reads a row of `select_message!`: the conversation's key and the message.
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<(i64, Message)> {
    let c = &mut Columns { row, next: 0 };
    let key = c.get()?;
    let message = Message {
        conversation_id: ConversationId(c.uuid()?),
        id: MessageId(c.uuid()?),
        seq: c.get()?,
        kind: c.text(kind)?,
        author: author(c)?,
        text: c.text(|t| Text::parse(t).ok())?,
        at: c.time()?,
        metadata: c.optional(metadata)?,
        options: c.optional(options)?.unwrap_or_default(),
        system: system(c)?,
        version: c.get()?,
        identity: Identity(c.get()?),
        users_before: c.get()?,
        ours_before: c.get()?,
        rev: c.counter()?,
    };
    Ok((key, message))
}

/// Reads a row of `select_note!`.
pub(super) fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    let c = &mut Columns { row, next: 0 };
    Ok(Note {
        conversation_id: ConversationId(c.uuid()?),
        id: NoteId(c.uuid()?),
        after_seq: c.get()?,
        author: AgentRef { id: c.text(AgentId::parse)?, name: c.text(name)? },
        content: note_content(c)?,
        at: c.time()?,
        version: c.get()?,
        rev: c.counter()?,
    })
}

/// Reads a row of `select_tombstone!`.
pub(super) fn tombstone(row: &Row<'_>) -> rusqlite::Result<Tombstone> {
    let c = &mut Columns { row, next: 0 };
    Ok(Tombstone {
        conversation_id: ConversationId(c.uuid()?),
        user_id: c.text(UserId::parse)?,
        reason: c.text(DeleteReason::parse)?,
        deleted_at: c.time()?,
        rev: c.counter()?,
    })
}

/// Quick replies as stored.
pub(super) fn options_json(options: &[MessageOption]) -> Option<String> {
    let pairs: Vec<_> = options.iter().map(|o| (o.id.as_str(), o.text.as_str())).collect();
    (!pairs.is_empty()).then(|| serde_json::to_string(&pairs).expect("strings are JSON"))
}

/// Labels as stored.
pub(super) fn labels_json(labels: &[Label]) -> String {
    let labels: Vec<_> = labels.iter().map(Label::as_str).collect();
    serde_json::to_string(&labels).expect("strings are JSON")
}

/// Metadata as stored.
pub(super) fn metadata_json(metadata: Option<&Metadata>) -> Option<String> {
    metadata.map(|m| serde_json::to_string(m.as_map()).expect("a JSON object is JSON"))
}

/// A side as stored.
pub(super) fn side_word(side: Side) -> &'static str {
    match side {
        Side::User => "user",
        Side::Ours => "ours",
    }
}

/// Reads columns one after the other, as the select names them.
struct Columns<'a, 'r> {
    row: &'a Row<'r>,
    next: usize,
}

impl Columns<'_, '_> {
    fn get<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let at = self.next;
        self.next += 1;
        self.row.get(at)
    }

    fn optional<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<Option<T>> {
        let at = self.next;
        self.next += 1;
        let Some(text) = self.row.get_ref(at)?.as_str_or_null()? else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| {
            let error = "not what Parlor stores here".into();
            rusqlite::Error::FromSqlConversionFailure(at, Type::Text, error)
        })
    }

    fn text<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
        let at = self.next;
        let found = self.optional(parse)?;
        found.ok_or_else(|| rusqlite::Error::InvalidColumnType(at, String::new(), Type::Null))
    }

    fn uuid(&mut self) -> rusqlite::Result<Uuid> {
        self.get().map(Uuid::from_bytes)
    }

    fn time(&mut self) -> rusqlite::Result<Timestamp> {
        self.get().map(Timestamp)
    }

    fn optional_time(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>()?.map(Timestamp))
    }

    fn optional_conversation_id(&mut self) -> rusqlite::Result<Option<ConversationId>> {
        Ok(self.get::<Option<[u8; 16]>>()?.map(|bytes| ConversationId(Uuid::from_bytes(bytes))))
    }

    fn counter(&mut self) -> rusqlite::Result<u64> {
        self.get().map(i64::cast_unsigned)
    }
}

fn conversation(c: &mut Columns<'_, '_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        id: ConversationId(c.uuid()?),
        // The user's row has it.
        user_id: UserId::parse("-").expect("a constant within the bound"),
        inbox_id: c.text(InboxId::parse)?,
        funnel_id: c.text(FunnelId::parse)?,
        funnel_name: c.text(name)?,
        funnel_version: c.get()?,
        block_id: c.optional(BlockId::parse)?,
        status: c.text(Status::parse)?,
        handler: c.text(Handler::parse)?,
        assignee: agent(c)?,
        created_at: c.time()?,
        started_at: c.time()?,
        updated_at: c.time()?,
        last_message_at: c.time()?,
        last_message: c.get()?,
        last_side: c.optional(side)?,
        clock_started_at: c.time()?,
        message_count: c.get()?,
        note_count: c.get()?,
        user_messages: c.get()?,
        our_messages: c.get()?,
        user_last_read_seq: c.get()?,
        agent_last_read_seq: c.get()?,
        our_messages_read: c.get()?,
        user_messages_read: c.get()?,
        closed_at: c.optional_time()?,
        close_reason: c.optional(CloseReason::parse)?,
        archived_at: c.optional_time()?,
        delete_at: c.optional_time()?,
        snoozed_until: c.optional_time()?,
        hold: c.get()?,
        previous_id: c.optional_conversation_id()?,
        root_id: c.optional_conversation_id()?,
        labels: c.text(labels)?,
        locale: c.optional(tag)?,
        external_id: c.optional(ExternalId::parse)?,
        metadata: c.optional(metadata)?,
        version: c.counter()?,
        rev: c.counter()?,
        scope_rev: c.counter()?,
        due_at: c.optional_time()?,
        warned_at: c.optional_time()?,
        erase_mark: erase_mark(c)?,
    })
}

fn erase_mark(c: &mut Columns<'_, '_>) -> rusqlite::Result<Option<EraseMark>> {
    let (at, running_ms) = (c.optional_time()?, c.get::<Option<i64>>()?);
    Ok(at.zip(running_ms).map(|(at, running_ms)| EraseMark { at, running_ms }))
}

fn user_columns(c: &mut Columns<'_, '_>) -> rusqlite::Result<User> {
    Ok(User {
        id: c.text(UserId::parse)?,
        name: c.text(name)?,
        email: c.optional(|t| Email::parse(t).ok())?,
        avatar: c.optional(|t| Url::parse(t).ok())?,
        timezone: c.optional(tag)?,
        locale: c.optional(tag)?,
        metadata: c.optional(metadata)?,
        last_seen_at: c.optional_time()?,
    })
}

fn agent(c: &mut Columns<'_, '_>) -> rusqlite::Result<Option<AgentRef>> {
    let (id, name) = (c.optional(AgentId::parse)?, c.optional(name)?);
    Ok(id.zip(name).map(|(id, name)| AgentRef { id, name }))
}

fn author(c: &mut Columns<'_, '_>) -> rusqlite::Result<Author> {
    let at = c.next;
    let kind: String = c.get()?;
    let (id, name) = (c.optional(AgentId::parse)?, c.optional(name)?);
    let author = match (kind.as_str(), id, name) {
        ("user", None, Some(name)) => Some(Author::User { name }),
        ("bot", None, None) => Some(Author::Bot),
        ("agent", Some(id), Some(name)) => Some(Author::Agent(AgentRef { id, name })),
        ("system", id, name) => Some(Author::System(id.zip(name).map(|(id, name)| AgentRef { id, name }))),
        _ => None,
    };
    author.ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(at, Type::Text, "no author is stored like this".into())
    })
}

fn system(c: &mut Columns<'_, '_>) -> rusqlite::Result<Option<SystemLine>> {
    let (code, param): (Option<String>, Option<String>) = (c.get()?, c.get()?);
    // A code that a later version wrote leaves the text, which says the same.
    Ok(code.and_then(|code| SystemLine::parse(&code, param.as_deref())))
}

fn note_content(c: &mut Columns<'_, '_>) -> rusqlite::Result<NoteContent> {
    let at = c.next;
    let text = c.optional(|t| Text::parse(t).ok())?;
    let (identity, deleted_at) = (c.get::<Option<[u8; 16]>>()?, c.optional_time()?);
    match (text, identity, deleted_at) {
        (Some(text), Some(identity), None) => Ok(NoteContent::Written { text, identity: Identity(identity) }),
        (None, None, Some(at)) => Ok(NoteContent::Deleted { at }),
        _ => {
            let error = "no note is stored like this".into();
            Err(rusqlite::Error::FromSqlConversionFailure(at, Type::Text, error))
        }
    }
}

fn kind(text: &str) -> Option<MessageKind> {
    [MessageKind::User, MessageKind::Bot, MessageKind::System].into_iter().find(|kind| kind.as_str() == text)
}

fn side(text: &str) -> Option<Side> {
    [Side::User, Side::Ours].into_iter().find(|side| side_word(*side) == text)
}

fn name(text: &str) -> Option<Name> {
    Name::parse(text).ok()
}

fn tag(text: &str) -> Option<Tag> {
    Tag::parse(text).ok()
}

fn metadata(text: &str) -> Option<Metadata> {
    serde_json::from_str(text).ok().map(Metadata::stored)
}

fn options(text: &str) -> Option<Vec<MessageOption>> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).ok()?;
    let option =
        |(id, text): (String, String)| Some(MessageOption { id: OptionId::parse(&id)?, text: name(&text)? });
    pairs.into_iter().map(option).collect()
}

fn labels(text: &str) -> Option<Vec<Label>> {
    if text == "[]" {
        return Some(Vec::new());
    }
    let labels: Vec<String> = serde_json::from_str(text).ok()?;
    labels.iter().map(|label| Label::parse(label).ok()).collect()
}
