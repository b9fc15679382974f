//! The record of deletions, erased users, and how much a deletion would take.

use parlor_core::conversation::DeleteReason;
use parlor_core::event::DeletionRecord;
use parlor_core::id::{AgentId, ConversationId, WorkspaceKey};
use parlor_core::state::{Deletion, ErasedUser};
use parlor_core::time::Timestamp;
use parlor_core::user::User;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::error::{OrStore, corrupt};
use super::load::one;
use crate::store::{Extent, ExtentOf, StoreError};

/// Writes a deletion into the record.
pub(super) fn record(
    connection: &Connection,
    workspace: WorkspaceKey,
    deletion: &Deletion,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO deletion (workspace, public_id, reason, actor, messages, deleted_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let gone = &deletion.tombstone;
    let values = params![
        workspace.0,
        gone.conversation_id.0.as_bytes(),
        gone.reason.as_str(),
        deletion.actor.as_ref().map(|actor| actor.as_str()),
        deletion.messages,
        gone.deleted_at.0,
    ];
    connection.prepare_cached(SQL).and_then(|mut s| s.execute(values)).or_store()?;
    Ok(())
}

/// The newest deletions below a place in the record.
pub(super) fn list(
    connection: &Connection,
    workspace: WorkspaceKey,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<DeletionRecord>, StoreError> {
    const SQL: &str = "SELECT key, public_id, reason, actor, messages, deleted_at FROM deletion \
        WHERE workspace = ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
    let before = before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(SQL).or_store()?;
    let rows = statement.query_map((workspace.0, before, limit), |row| Ok(deletion(row))).or_store()?;
    rows.map(|row| row.or_store()?.ok_or_else(|| corrupt("a record of a deletion"))).collect()
}

/// A row of the record; `None` when no version of Parlor wrote it.
pub(super) fn deletion(row: &Row<'_>) -> Option<DeletionRecord> {
    let (reason, actor): (String, Option<String>) = (row.get(2).ok()?, row.get(3).ok()?);
    Some(DeletionRecord {
        seq: u64::try_from(row.get::<_, i64>(0).ok()?).ok()?,
        conversation_id: ConversationId(Uuid::from_bytes(row.get(1).ok()?)),
        reason: DeleteReason::parse(&reason)?,
        actor: match actor {
            Some(actor) => Some(AgentId::parse(&actor)?),
            None => None,
        },
        messages: row.get(4).ok()?,
        deleted_at: Timestamp(row.get(5).ok()?),
    })
}

/// Keeps a digest of an erased user; their row goes unless a tombstone names it.
pub(super) fn erase_user(
    connection: &Connection,
    workspace: WorkspaceKey,
    erased: &ErasedUser,
) -> Result<(), StoreError> {
    const DIGEST: &str =
        "INSERT INTO erased_user (workspace, digest, erased_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    const KEY: &str = "SELECT key FROM user WHERE workspace = ?1 AND public_id = ?2";
    let digest = ErasedUser::digest(&erased.user_id);
    connection.execute(DIGEST, params![workspace.0, digest, erased.erased_at.0]).or_store()?;
    let key: Option<i64> = one(connection, KEY, (workspace.0, erased.user_id.as_str()), |row| row.get(0))?;
    match key.filter(|_| erased.is_blank) {
        Some(key) => remove_blank_user(connection, key),
        None => Ok(()),
    }
}

/// Removes a user of whom nothing is known and whom no row names.
pub(super) fn remove_blank_user(connection: &Connection, key: i64) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM user AS u WHERE u.key = ?1 AND u.name = ?2 AND u.email IS NULL AND u.avatar IS NULL \
        AND u.timezone IS NULL AND u.locale IS NULL AND u.metadata IS NULL \
        AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.user = u.key) \
        AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.user = u.key)";
    connection.execute(SQL, params![key, User::unnamed().as_str()]).or_store()?;
    Ok(())
}

/// How much there is of a conversation or a user.
pub(super) fn measure(
    connection: &Connection,
    workspace: WorkspaceKey,
    of: &ExtentOf,
) -> Result<Option<Extent>, StoreError> {
    const CONVERSATION: &str = "SELECT 1, message_count, (SELECT count(*) FROM note n \
        WHERE n.conversation = c.key AND n.deleted_at IS NULL) \
        FROM conversation c WHERE c.workspace = ?1 AND c.public_id = ?2";
    const USER: &str = "SELECT (SELECT count(*) FROM conversation c WHERE c.user = u.key), \
        (SELECT ifnull(sum(c.message_count), 0) FROM conversation c WHERE c.user = u.key), \
        (SELECT count(*) FROM conversation c JOIN note n ON n.conversation = c.key \
        WHERE c.user = u.key AND c.note_count > 0 AND n.deleted_at IS NULL) \
        FROM user u WHERE u.workspace = ?1 AND u.public_id = ?2";
    let read = |row: &Row<'_>| {
        let count = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
        Ok(Extent { conversations: count(0)?, messages: count(1)?, notes: count(2)? })
    };
    match of {
        ExtentOf::Conversation(id) => one(connection, CONVERSATION, (workspace.0, id.0.as_bytes()), read),
        ExtentOf::User(id) => one(connection, USER, (workspace.0, id.as_str()), read),
    }
}
