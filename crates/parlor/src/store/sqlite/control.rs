//! Workspaces, secrets, links and sessions, and when users were last seen: each write a transaction of its own.

use std::collections::HashMap;
use std::rc::Rc;

use parlor_core::access::Role;
use parlor_core::id::{AgentId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::text::{Email, Name};
use parlor_core::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::error::{OrStore, corrupt};
use crate::ambient::Ambient;
use crate::store::{Grant, NewWorkspace, Secret, SecretKind, StoreError, StoreIdentity, Workspace};

/// Reads what the store was created with; a new store is given it.
pub(super) fn identity(connection: &Connection, ambient: &dyn Ambient) -> Result<StoreIdentity, StoreError> {
    const SQL: &str = "SELECT cursor_key FROM store";
    let stored: Option<[u8; 32]> = connection.query_row(SQL, [], |row| row.get(0)).optional().or_store()?;
    if let Some(cursor_key) = stored {
        return Ok(StoreIdentity { cursor_key });
    }
    let mut cursor_key = [0; 32];
    ambient.fill(&mut cursor_key);
    // Two processes may open a new store at once; the first one's key holds for both.
    connection
        .execute("INSERT INTO store (key, cursor_key) VALUES (1, ?1) ON CONFLICT DO NOTHING", [cursor_key])
        .or_store()?;
    let cursor_key = connection.query_row(SQL, [], |row| row.get(0)).or_store()?;
    Ok(StoreIdentity { cursor_key })
}

pub(super) fn list_workspaces(connection: &Connection) -> Result<Vec<Workspace>, StoreError> {
    const SQL: &str = "SELECT key, name, public_key, origins FROM workspace ORDER BY key";
    let mut secrets = secrets(connection)?;
    let mut statement = connection.prepare_cached(SQL).or_store()?;
    let rows: Vec<(i64, String, String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .and_then(Iterator::collect)
        .or_store()?;
    rows.into_iter()
        .map(|(key, name, public_key, origins)| {
            let origins = serde_json::from_str(&origins).map_err(|_| corrupt("a workspace's origins"))?;
            let secrets = secrets.remove(&key).unwrap_or_default();
            Ok(Workspace { key: WorkspaceKey(key), name, public_key, origins, secrets })
        })
        .collect()
}

/// Live secrets by workspace, newest first.
fn secrets(connection: &Connection) -> Result<HashMap<i64, Vec<Secret>>, StoreError> {
    const SQL: &str = "SELECT workspace, kid, kind, bytes, created_at FROM secret ORDER BY key DESC";
    let mut statement = connection.prepare_cached(SQL).or_store()?;
    let rows = statement
        .query_map([], |row| {
            let kind: String = row.get(2)?;
            let secret = Secret {
                kid: row.get(1)?,
                kind: if kind == kind_word(SecretKind::Api) { SecretKind::Api } else { SecretKind::Identity },
                bytes: row.get(3)?,
                created_at: Timestamp(row.get(4)?),
            };
            Ok((row.get::<_, i64>(0)?, secret))
        })
        .or_store()?;
    let mut by_workspace: HashMap<i64, Vec<Secret>> = HashMap::new();
    for row in rows {
        let (workspace, secret) = row.or_store()?;
        by_workspace.entry(workspace).or_default().push(secret);
    }
    Ok(by_workspace)
}

pub(super) fn create_workspace(
    connection: &mut Connection,
    new: &NewWorkspace,
) -> Result<Workspace, StoreError> {
    const SQL: &str = "INSERT INTO workspace (name, public_key, epoch, created_at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (name) DO NOTHING";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let values = params![new.name, new.public_key, new.epoch.cast_signed(), new.created_at.0];
    if transaction.execute(SQL, values).or_store()? > 0 {
        let workspace = WorkspaceKey(transaction.last_insert_rowid());
        for secret in &new.secrets {
            insert_secret(&transaction, workspace, secret)?;
        }
    }
    let found = list_workspaces(&transaction)?.into_iter().find(|workspace| workspace.name == new.name);
    transaction.commit().or_store()?;
    found.ok_or_else(|| corrupt("a workspace"))
}

pub(super) fn add_secret(
    connection: &mut Connection,
    workspace: WorkspaceKey,
    secret: &Secret,
) -> Result<(), StoreError> {
    const RETIRE: &str = "DELETE FROM secret WHERE key IN ( \
        SELECT key FROM secret WHERE workspace = ?1 AND kind = ?2 ORDER BY key DESC LIMIT -1 OFFSET ?3)";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    insert_secret(&transaction, workspace, secret)?;
    let live = i64::try_from(limits::LIVE_SECRETS).unwrap_or(i64::MAX);
    transaction.execute(RETIRE, params![workspace.0, kind_word(secret.kind), live]).or_store()?;
    transaction.commit().or_store()
}

fn insert_secret(
    connection: &Connection,
    workspace: WorkspaceKey,
    secret: &Secret,
) -> Result<(), StoreError> {
    const SQL: &str =
        "INSERT INTO secret (workspace, kid, kind, bytes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![workspace.0, secret.kid, kind_word(secret.kind), secret.bytes, secret.created_at.0];
    connection.execute(SQL, values).or_store()?;
    Ok(())
}

pub(super) fn set_origins(
    connection: &Connection,
    workspace: WorkspaceKey,
    origins: &[String],
) -> Result<(), StoreError> {
    let origins = serde_json::to_string(origins).expect("strings are JSON");
    let values = params![workspace.0, origins];
    connection.execute("UPDATE workspace SET origins = ?2 WHERE key = ?1", values).or_store()?;
    Ok(())
}

pub(super) fn create_link(connection: &Connection, link: &Grant) -> Result<(), StoreError> {
    insert_grant(connection, "link", link)
}

/// Whether there is such a link or session. Asked before either is written to: anybody can send codes by the thousand, and
/// those that do not exist must not queue up with the batches.
pub(super) fn has_grant(connection: &Connection, table: &str, hash: [u8; 32]) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM {table} WHERE hash = ?1");
    Ok(super::load::one(connection, &sql, [hash], |_| Ok(()))?.is_some())
}

pub(super) fn redeem_link(
    connection: &mut Connection,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<Grant>, StoreError> {
    const SQL: &str = "DELETE FROM link WHERE hash = ?1 \
        RETURNING hash, workspace, role, agent_id, name, email, created_at, expires_at";
    // Without one of its own, the statement's commit would happen, or fail, unheard when it is dropped.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let found = transaction.query_row(SQL, [hash], grant).optional().or_store()?;
    transaction.commit().or_store()?;
    Ok(found.filter(|link| now < link.expires_at))
}

pub(super) fn create_session(connection: &Connection, session: &Grant) -> Result<(), StoreError> {
    insert_grant(connection, "session", session)
}

pub(super) fn get_session(
    connection: &Connection,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<Grant>, StoreError> {
    const SQL: &str = "SELECT hash, workspace, role, agent_id, name, email, created_at, expires_at \
        FROM session WHERE hash = ?1 AND expires_at > ?2";
    super::load::one(connection, SQL, (hash, now.0), grant)
}

pub(super) fn delete_session(connection: &Connection, hash: [u8; 32]) -> Result<(), StoreError> {
    connection.execute("DELETE FROM session WHERE hash = ?1", [hash]).or_store()?;
    Ok(())
}

pub(super) fn set_last_seen(
    connection: &Connection,
    workspace: WorkspaceKey,
    users: Vec<UserId>,
    at: Timestamp,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE user SET last_seen_at = ?3 WHERE workspace = ?1 \
        AND public_id IN (SELECT seen.value FROM rarray(?2) AS seen) \
        AND (last_seen_at IS NULL OR last_seen_at < ?3)";
    let users = users.into_iter().map(|user| Value::Text(user.as_str().to_owned())).collect();
    let values = params![workspace.0, Rc::<Vec<Value>>::new(users), at.0];
    connection.prepare_cached(SQL).and_then(|mut statement| statement.execute(values)).or_store()?;
    Ok(())
}

fn insert_grant(connection: &Connection, table: &str, grant: &Grant) -> Result<(), StoreError> {
    // Whoever makes a new one sweeps up: the table cannot outgrow what is made in one life of a grant.
    let old = format!("DELETE FROM {table} WHERE expires_at <= ?1");
    connection.execute(&old, [grant.created_at.0]).or_store()?;
    let new = format!(
        "INSERT INTO {table} (hash, workspace, role, agent_id, name, email, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    let values = params![
        grant.hash,
        grant.workspace.0,
        grant.role.as_str(),
        grant.agent_id.as_str(),
        grant.name.as_str(),
        grant.email.as_ref().map(|e| e.as_str()),
        grant.created_at.0,
        grant.expires_at.0,
    ];
    connection.execute(&new, values).or_store()?;
    Ok(())
}

fn grant(row: &Row<'_>) -> rusqlite::Result<Grant> {
    fn parsed<T>(row: &Row<'_>, at: usize, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
        let text: String = row.get(at)?;
        parse(&text).ok_or(rusqlite::Error::InvalidColumnType(at, text, rusqlite::types::Type::Text))
    }
    let email: Option<String> = row.get(5)?;
    Ok(Grant {
        hash: row.get(0)?,
        workspace: WorkspaceKey(row.get(1)?),
        role: parsed(row, 2, Role::parse)?,
        agent_id: parsed(row, 3, AgentId::parse)?,
        name: parsed(row, 4, |name| Name::parse(name).ok())?,
        email: email.and_then(|email| Email::parse(&email).ok()),
        created_at: Timestamp(row.get(6)?),
        expires_at: Timestamp(row.get(7)?),
    })
}

fn kind_word(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Identity => "identity",
        SecretKind::Api => "api",
    }
}
