//! A touched conversation. Naming a column in an UPDATE rewrites its indexes even when the value stays, so there are
//! three statements, and each change takes the smallest that holds it.

use std::sync::LazyLock;

use parlor_core::conversation::Conversation;
use parlor_core::id::ConversationId;
use parlor_core::state::ConversationWrite;
use parlor_core::text::Label;
use rusqlite::{CachedStatement, ToSql, params};

use super::Write;
use crate::store::StoreError;
use crate::store::sqlite::error::OrStore;
use crate::store::sqlite::rows::{labels_json, metadata_json, side_word};

/// What every change touches, read marks included.
const MARKS: &[&str] = &[
    "user_last_read_seq",
    "agent_last_read_seq",
    "our_messages_read",
    "user_messages_read",
    "updated_at",
    "version",
    "rev",
];

/// What a post moves besides.
const POST: &[&str] = &[
    "last_message_at",
    "last_message",
    "last_side",
    "clock_started_at",
    "message_count",
    "user_messages",
    "our_messages",
    "block_id",
];

/// Everything else.
const REST: &[&str] = &[
    "inbox_id",
    "funnel_id",
    "funnel_name",
    "funnel_version",
    "status",
    "handler",
    "assignee_id",
    "assignee_name",
    "created_at",
    "started_at",
    "closed_at",
    "close_reason",
    "archived_at",
    "delete_at",
    "snoozed_until",
    "hold",
    "previous_id",
    "root_id",
    "labels",
    "locale",
    "external_id",
    "metadata",
    "scope_rev",
    "due_at",
    "note_count",
    "warned_at",
    "erase_marked_at",
    "erase_marked_running_ms",
];

static UPDATE_MARKS: LazyLock<String> = LazyLock::new(|| update(&[MARKS]));
static UPDATE_POST: LazyLock<String> = LazyLock::new(|| update(&[MARKS, POST]));
static UPDATE_ALL: LazyLock<String> = LazyLock::new(|| update(&[MARKS, POST, REST]));
static INSERT: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<&str> = [&["workspace", "public_id", "user"], MARKS, POST, REST].concat();
    let places = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO conversation ({}) VALUES ({places})", columns.join(", "))
});

fn update(groups: &[&[&str]]) -> String {
    let set: Vec<String> = groups.concat().iter().map(|column| format!("{column} = ?")).collect();
    format!("UPDATE conversation SET {} WHERE key = ?", set.join(", "))
}

impl Write<'_> {
    pub(super) fn conversation(&mut self, write: &ConversationWrite) -> Result<(), StoreError> {
        let conversation = &*write.conversation;
        let key = match super::stored(self.known, conversation.id) {
            Some((key, stored)) => {
                self.update(key, stored, conversation)?;
                key
            }
            None => self.insert(write)?,
        };
        self.keys.insert(conversation.id, key);
        if write.reindex {
            self.run("INSERT INTO search_queue (conversation) VALUES (?1)", [key])?;
        }
        Ok(())
    }

    fn insert(&mut self, write: &ConversationWrite) -> Result<i64, StoreError> {
        let conversation = &*write.conversation;
        let user = match self.known.users.get(&conversation.user_id) {
            Some(key) => *key,
            None => self.user(&write.user)?,
        };
        let mut bind = Bind::new(self.connection.prepare_cached(&INSERT).or_store()?);
        bind.value(self.workspace.0)?;
        bind.value(conversation.id.0.as_bytes())?;
        bind.value(user)?;
        bind.marks(conversation)?;
        bind.post(conversation)?;
        bind.rest(conversation)?;
        bind.run()?;
        let key = self.connection.last_insert_rowid();
        self.labels(key, &[], &conversation.labels)?;
        Ok(key)
    }

    fn update(&self, key: i64, stored: &Conversation, new: &Conversation) -> Result<(), StoreError> {
        let reach = Reach::of(stored, new);
        let sql = match reach {
            Reach::Marks => &UPDATE_MARKS,
            Reach::Post => &UPDATE_POST,
            Reach::All => &UPDATE_ALL,
        };
        let mut bind = Bind::new(self.connection.prepare_cached(sql).or_store()?);
        bind.marks(new)?;
        if reach >= Reach::Post {
            bind.post(new)?;
        }
        if reach == Reach::All {
            bind.rest(new)?;
        }
        bind.value(key)?;
        bind.run()?;
        self.labels(key, &stored.labels, &new.labels)
    }

    pub(super) fn labels(&self, key: i64, stored: &[Label], new: &[Label]) -> Result<(), StoreError> {
        const GONE: &str =
            "DELETE FROM conversation_label WHERE workspace = ?1 AND label = ?2 AND conversation = ?3";
        const CAME: &str =
            "INSERT INTO conversation_label (workspace, label, conversation) VALUES (?1, ?2, ?3)";
        for label in stored.iter().filter(|label| !new.contains(label)) {
            self.run(GONE, params![self.workspace.0, label.as_str(), key])?;
        }
        for label in new.iter().filter(|label| !stored.contains(label)) {
            self.run(CAME, params![self.workspace.0, label.as_str(), key])?;
        }
        Ok(())
    }
}

/// Which of the three statements a change needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Marks,
    Post,
    All,
}

impl Reach {
    fn of(stored: &Conversation, new: &Conversation) -> Self {
        let marked = Conversation {
            user_last_read_seq: new.user_last_read_seq,
            agent_last_read_seq: new.agent_last_read_seq,
            our_messages_read: new.our_messages_read,
            user_messages_read: new.user_messages_read,
            updated_at: new.updated_at,
            version: new.version,
            rev: new.rev,
            ..stored.clone()
        };
        if marked == *new {
            return Reach::Marks;
        }
        let posted = Conversation {
            last_message_at: new.last_message_at,
            last_message: new.last_message.clone(),
            last_side: new.last_side,
            clock_started_at: new.clock_started_at,
            message_count: new.message_count,
            user_messages: new.user_messages,
            our_messages: new.our_messages,
            block_id: new.block_id.clone(),
            ..marked
        };
        if posted == *new { Reach::Post } else { Reach::All }
    }
}

/// Binds values in the order of the column lists.
struct Bind<'a> {
    statement: CachedStatement<'a>,
    next: usize,
}

impl<'a> Bind<'a> {
    fn new(statement: CachedStatement<'a>) -> Self {
        Self { statement, next: 1 }
    }

    fn value(&mut self, value: impl ToSql) -> Result<(), StoreError> {
        self.statement.raw_bind_parameter(self.next, value).or_store()?;
        self.next += 1;
        Ok(())
    }

    fn marks(&mut self, c: &Conversation) -> Result<(), StoreError> {
        self.value(c.user_last_read_seq)?;
        self.value(c.agent_last_read_seq)?;
        self.value(c.our_messages_read)?;
        self.value(c.user_messages_read)?;
        self.value(c.updated_at.0)?;
        self.value(c.version.cast_signed())?;
        self.value(c.rev.cast_signed())
    }

    fn post(&mut self, c: &Conversation) -> Result<(), StoreError> {
        self.value(c.last_message_at.0)?;
        self.value(&*c.last_message)?;
        self.value(c.last_side.map(side_word))?;
        self.value(c.clock_started_at.0)?;
        self.value(c.message_count)?;
        self.value(c.user_messages)?;
        self.value(c.our_messages)?;
        self.value(c.block_id.as_ref().map(|id| id.as_str()))
    }

    fn rest(&mut self, c: &Conversation) -> Result<(), StoreError> {
        let blob = |id: Option<ConversationId>| id.map(|id| *id.0.as_bytes());
        self.value(c.inbox_id.as_str())?;
        self.value(c.funnel_id.as_str())?;
        self.value(c.funnel_name.as_str())?;
        self.value(c.funnel_version)?;
        self.value(c.status.as_str())?;
        self.value(c.handler.as_str())?;
        self.value(c.assignee.as_ref().map(|a| a.id.as_str()))?;
        self.value(c.assignee.as_ref().map(|a| a.name.as_str()))?;
        self.value(c.created_at.0)?;
        self.value(c.started_at.0)?;
        self.value(c.closed_at.map(|at| at.0))?;
        self.value(c.close_reason.map(|reason| reason.as_str()))?;
        self.value(c.archived_at.map(|at| at.0))?;
        self.value(c.delete_at.map(|at| at.0))?;
        self.value(c.snoozed_until.map(|at| at.0))?;
        self.value(c.hold)?;
        self.value(blob(c.previous_id))?;
        self.value(blob(c.root_id))?;
        self.value(labels_json(&c.labels))?;
        self.value(c.locale.as_ref().map(|l| l.as_str()))?;
        self.value(c.external_id.as_ref().map(|id| id.as_str()))?;
        self.value(metadata_json(c.metadata.as_ref()))?;
        self.value(c.scope_rev.cast_signed())?;
        self.value(c.due_at.map(|at| at.0))?;
        self.value(c.note_count)?;
        self.value(c.warned_at.map(|at| at.0))?;
        self.value(c.erase_mark.map(|mark| mark.at.0))?;
        self.value(c.erase_mark.map(|mark| mark.running_ms))
    }

    fn run(mut self) -> Result<(), StoreError> {
        self.statement.raw_execute().or_store()?;
        Ok(())
    }
}
