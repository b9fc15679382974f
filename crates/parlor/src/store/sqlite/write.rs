//! What a batch changes: each touched row once.

mod conversation;
mod deletion;
mod desk;

use std::collections::{BTreeMap, HashMap};

use parlor_core::agent::AgentRef;
use parlor_core::conversation::Conversation;
use parlor_core::event::Activity;
use parlor_core::funnel::Funnel;
use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::message::{Author, Message};
use parlor_core::state::{CounterKey, Dimension, DueDate, WriteSet};
use parlor_core::user::User;
use rusqlite::{Connection, params};

use super::deletions;
use super::error::OrStore;
use super::load::Known;
use super::rows::{metadata_json, options_json};
use super::{notes, settings};
use crate::store::StoreError;

/// Writes a batch inside the transaction that loaded it.
pub(super) fn write(
    connection: &Connection,
    workspace: WorkspaceKey,
    writes: &WriteSet,
    known: &mut Known,
) -> Result<(), StoreError> {
    let mut write = Write { connection, workspace, known, keys: HashMap::new() };
    write.rev(writes.rev)?;
    for user in &writes.users {
        write.user(user)?;
    }
    // Before what is new, which may have a foreign id of what goes.
    for deletion in &writes.deletions {
        write.deletion(deletion)?;
    }
    for touched in &writes.conversations {
        write.conversation(touched)?;
    }
    for message in &writes.messages {
        write.message(message)?;
    }
    for erased in &writes.erased_users {
        deletions::erase_user(connection, workspace, erased)?;
    }
    for note in &writes.notes {
        notes::write(connection, workspace, write.key(note.conversation_id)?, note)?;
    }
    for agent in &writes.agents {
        write.agent(agent)?;
    }
    for funnel in &writes.funnels {
        write.funnel(funnel)?;
    }
    for change in &writes.desk {
        write.desk(change)?;
    }
    for due_date in &writes.due_dates {
        write.due_date(*due_date)?;
    }
    if let Some(change) = &writes.settings {
        settings::write(connection, workspace, change)?;
    }
    if let Some(redated) = writes.redated {
        settings::progress(connection, workspace, redated)?;
    }
    for (rev, activity) in &writes.activities {
        write.activity(*rev, activity)?;
    }
    write.counters(&writes.counters)
}

struct Write<'a> {
    connection: &'a Connection,
    workspace: WorkspaceKey,
    known: &'a mut Known,
    /// Keys of the conversations written so far.
    keys: HashMap<ConversationId, i64>,
}

impl Write<'_> {
    fn rev(&self, rev: u64) -> Result<(), StoreError> {
        self.run("UPDATE workspace SET rev = ?2 WHERE key = ?1", params![self.workspace.0, rev.cast_signed()])
    }

    fn user(&mut self, user: &User) -> Result<i64, StoreError> {
        const SQL: &str = "INSERT INTO user \
            (workspace, public_id, name, email, avatar, timezone, locale, metadata, last_seen_at) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
            ON CONFLICT (workspace, public_id) DO UPDATE SET name = excluded.name, email = excluded.email, \
            avatar = excluded.avatar, timezone = excluded.timezone, locale = excluded.locale, \
            metadata = excluded.metadata, last_seen_at = excluded.last_seen_at \
            RETURNING key";
        let values = params![
            self.workspace.0,
            user.id.as_str(),
            user.name.as_str(),
            user.email.as_ref().map(|e| e.as_str()),
            user.avatar.as_ref().map(|a| a.as_str()),
            user.timezone.as_ref().map(|t| t.as_str()),
            user.locale.as_ref().map(|l| l.as_str()),
            metadata_json(user.metadata.as_ref()),
            user.last_seen_at.map(|at| at.0),
        ];
        let key = (self.connection.prepare_cached(SQL))
            .and_then(|mut s| s.query_row(values, |row| row.get(0)))
            .or_store()?;
        self.known.users.insert(user.id.clone(), key);
        Ok(key)
    }

    fn message(&self, message: &Message) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO message \
            (workspace, conversation, seq, public_id, kind, author_kind, author_id, author_name, text, at, metadata, \
            options, system_code, system_param, version, identity, users_before, ours_before, rev) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
        let (author_id, author_name) = match &message.author {
            Author::User { name } => (None, Some(name)),
            Author::Agent(agent) | Author::System(Some(agent)) => (Some(&agent.id), Some(&agent.name)),
            Author::Bot | Author::System(None) => (None, None),
        };
        let system = message.system.as_ref();
        self.run(
            SQL,
            params![
                self.workspace.0,
                self.key(message.conversation_id)?,
                message.seq,
                message.id.0.as_bytes(),
                message.kind.as_str(),
                message.author.kind(),
                author_id.map(|id| id.as_str()),
                author_name.map(|name| name.as_str()),
                message.text.as_str(),
                message.at.0,
                metadata_json(message.metadata.as_ref()),
                options_json(&message.options),
                system.map(|line| line.code()),
                system.and_then(|line| line.param()).map(|(_, value)| value),
                message.version,
                message.identity.0,
                message.users_before,
                message.ours_before,
                message.rev.cast_signed(),
            ],
        )
    }

    /// Only the due time: its index and nothing else is written.
    fn due_date(&self, (id, due_at): DueDate) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE conversation SET due_at = ?2 WHERE key = ?1";
        self.run(SQL, params![self.key(id)?, due_at.map(|at| at.0)])
    }

    fn agent(&self, agent: &AgentRef) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO agent (workspace, public_id, name) VALUES (?1, ?2, ?3) \
            ON CONFLICT (workspace, public_id) DO UPDATE SET name = excluded.name";
        self.run(SQL, params![self.workspace.0, agent.id.as_str(), agent.name.as_str()])
    }

    fn funnel(&self, funnel: &Funnel) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO funnel (workspace, public_id, version, source, name) VALUES (?1, ?2, ?3, ?4, ?5)";
        let source = serde_json::to_string(&funnel.source).map_err(|e| StoreError::Content(e.to_string()))?;
        self.run(
            SQL,
            params![self.workspace.0, funnel.id.as_str(), funnel.version, source, funnel.name.as_str()],
        )
    }

    fn activity(&self, rev: u64, activity: &Activity) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO activity (workspace, conversation, rev, kind, actor, at, detail) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.run(
            SQL,
            params![
                self.workspace.0,
                self.key(activity.conversation_id)?,
                rev.cast_signed(),
                activity.kind.as_str(),
                activity.actor.as_ref().map(|id| id.as_str()),
                activity.at.0,
                activity.detail,
            ],
        )
    }

    fn counters(&self, counters: &BTreeMap<CounterKey, i64>) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO counter (workspace, archived, status, dimension, total) \
            VALUES (?1, ?2, ?3, ?4, ?5) \
            ON CONFLICT (workspace, archived, status, dimension) DO UPDATE SET total = total + excluded.total";
        for (key, change) in counters {
            let dimension = dimension_word(&key.dimension);
            self.run(SQL, params![self.workspace.0, key.archived, key.status.as_str(), dimension, change])?;
        }
        Ok(())
    }

    /// The key of a conversation this batch loaded or wrote.
    fn key(&self, id: ConversationId) -> Result<i64, StoreError> {
        let written = self.keys.get(&id).copied();
        let key = written.or_else(|| self.known.conversations.get(&id).map(|stored| stored.key));
        key.ok_or_else(|| StoreError::Content("a write names a conversation that was not loaded".to_owned()))
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql).and_then(|mut s| s.execute(params)).or_store()?;
        Ok(())
    }
}

/// A kept total's filter as stored.
pub(super) fn dimension_word(dimension: &Dimension) -> String {
    match dimension {
        Dimension::All => "all".to_owned(),
        Dimension::Funnel(id) => format!("funnel:{id}"),
        Dimension::Handler(handler) => format!("handler:{}", handler.as_str()),
        Dimension::Assignee(id) => format!("assignee:{id}"),
    }
}

/// As stored, for a conversation that was loaded.
fn stored(known: &Known, id: ConversationId) -> Option<(i64, &Conversation)> {
    known.conversations.get(&id).map(|stored| (stored.key, &*stored.snapshot.conversation))
}
