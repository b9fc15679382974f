//! Settings: read with every head, parsed once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::lifecycle::{Policies, Redate};
use parlor_core::limits;
use parlor_core::state::{Redated, SettingsWrite};
use parlor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::error::{OrStore, corrupt};
use crate::store::StoreError;

/// Policies and what they were read from.
struct Parsed {
    version: u64,
    text: String,
    policies: Arc<Policies>,
}

thread_local! {
    /// The last ones of each workspace, and those before a change. The text is compared, so nothing can be out of date.
    static PARSED: RefCell<HashMap<(WorkspaceKey, bool), Parsed>> = RefCell::default();
}

/// Policies, and the change of them under way.
pub(super) type Settings = (Arc<Policies>, Option<Arc<Redate>>);

/// Reads `settings_version, settings, redate_since, redate_before, redate_after, redate_done, redate_total`, the first of
/// them at `at`. `None` for what no Parlor wrote.
pub(super) fn read(row: &Row<'_>, at: usize, workspace: WorkspaceKey) -> rusqlite::Result<Option<Settings>> {
    let version = row.get::<_, i64>(at)?.cast_unsigned();
    let Some(policies) = policies(workspace, false, version, row.get_ref(at + 1)?.as_str()?) else {
        return Ok(None);
    };
    let Some(since) = row.get(at + 2)? else { return Ok(Some((policies, None))) };
    let before = match row.get_ref(at + 3)?.as_str_or_null()? {
        None => None,
        Some(text) => match self::policies(workspace, true, 0, text) {
            Some(before) => Some(before),
            None => return Ok(None),
        },
    };
    let counted = |at| row.get::<_, Option<i64>>(at).map(|count| count.unwrap_or(0).cast_unsigned());
    let after = row.get::<_, Option<[u8; 16]>>(at + 4)?.map(|id| ConversationId(Uuid::from_bytes(id)));
    let since = Timestamp(since);
    let redate = Redate { before, since, after, done: counted(at + 5)?, total: counted(at + 6)? };
    Ok(Some((policies, Some(Arc::new(redate)))))
}

/// `None` for what no Parlor wrote.
fn policies(workspace: WorkspaceKey, is_before: bool, version: u64, text: &str) -> Option<Arc<Policies>> {
    let key = (workspace, is_before);
    let known = PARSED.with_borrow(|parsed| {
        let known = parsed.get(&key).filter(|known| known.version == version && known.text == text);
        known.map(|known| known.policies.clone())
    });
    if known.is_some() {
        return known;
    }
    let policies = Arc::new(parse(version, text)?);
    PARSED.with_borrow_mut(|parsed| {
        // Emptied rather than aged: it fills again in as many reads as there are workspaces in use.
        if parsed.len() >= 2 * limits::WORKSPACES {
            parsed.clear();
        }
        parsed.insert(key, Parsed { version, text: text.to_owned(), policies: policies.clone() });
    });
    Some(policies)
}

fn parse(version: u64, text: &str) -> Option<Policies> {
    // A workspace nobody ever set anything for.
    if text == "{}" {
        return Some(Policies::default().with_version(version));
    }
    let source = serde_json::from_str(text).ok()?;
    Policies::parse(version, source).ok()
}

fn text(policies: &Policies) -> Result<String, StoreError> {
    serde_json::to_string(&policies.source()).map_err(|e| StoreError::Content(e.to_string()))
}

/// What cannot be read.
pub(super) fn unreadable() -> StoreError {
    corrupt("a workspace's settings")
}

/// Writes new settings, and that they are to be carried to every conversation there is.
pub(super) fn write(
    connection: &Connection,
    workspace: WorkspaceKey,
    write: &SettingsWrite,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE workspace SET settings = ?2, settings_version = ?3, redate_before = ?4, redate_since = ?5, \
        redate_after = NULL, redate_done = 0, redate_total = \
        (SELECT coalesce(sum(total), 0) FROM counter WHERE workspace = ?1 AND dimension = 'all') WHERE key = ?1";
    let before = write.before.as_deref().map(text).transpose()?;
    let version = write.policies.version().cast_signed();
    let values = params![workspace.0, text(&write.policies)?, version, before, write.since.0];
    connection.prepare_cached(SQL).and_then(|mut s| s.execute(values)).or_store()?;
    Ok(())
}

/// Has every workspace's settings carried to its conversations once more, as if somebody had set the same again.
pub(super) fn carry_anew(connection: &Connection, since: Timestamp) -> Result<(), StoreError> {
    const UNDER_WAY: &str =
        "UPDATE workspace SET redate_after = NULL, redate_done = 0 WHERE redate_since IS NOT NULL";
    const OTHERS: &str = "UPDATE workspace SET redate_before = settings, redate_since = ?1, redate_done = 0, redate_total = \
        (SELECT coalesce(sum(total), 0) FROM counter WHERE workspace = workspace.key AND dimension = 'all') \
        WHERE redate_since IS NULL";
    connection.execute(UNDER_WAY, []).or_store()?;
    connection.execute(OTHERS, [since.0]).or_store()?;
    Ok(())
}

/// Writes how far they were carried.
pub(super) fn progress(
    connection: &Connection,
    workspace: WorkspaceKey,
    redated: Redated,
) -> Result<(), StoreError> {
    const ON: &str = "UPDATE workspace SET redate_after = ?2, redate_done = ?3 WHERE key = ?1";
    const DONE: &str = "UPDATE workspace SET redate_before = NULL, redate_since = NULL, redate_after = NULL, \
                        redate_done = NULL, redate_total = NULL WHERE key = ?1";
    match redated.next {
        Some(after) => {
            let values = params![workspace.0, after.0.as_bytes(), redated.done.cast_signed()];
            connection.prepare_cached(ON).and_then(|mut s| s.execute(values)).or_store()?;
        }
        None => {
            connection.prepare_cached(DONE).and_then(|mut s| s.execute([workspace.0])).or_store()?;
        }
    }
    Ok(())
}
