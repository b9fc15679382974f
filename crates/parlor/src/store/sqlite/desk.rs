//! What agents keep at hand, and the lists they choose from. Those that history could make long are read from an index,
//! from one entry to the next.

use std::sync::Arc;

use parlor_core::agent::AgentRef;
use parlor_core::desk::{CannedAnswer, SavedView, ViewFilters};
use parlor_core::funnel::FunnelRef;
use parlor_core::id::{AgentId, CannedAnswerId, FunnelId, ViewId, WorkspaceKey};
use parlor_core::text::{Label, Name, Shortcut, Text, ViewName};
use rusqlite::{Connection, Params, Row};

use super::error::{OrStore, corrupt};
use crate::store::StoreError;

const AGENTS: &str =
    "SELECT public_id, name FROM agent WHERE workspace = ?1 ORDER BY name, public_id LIMIT ?2";

const LABELS: &str = "WITH RECURSIVE used (label) AS ( \
    SELECT (SELECT min(l.label) FROM conversation_label l WHERE l.workspace = ?1) \
    UNION ALL \
    SELECT (SELECT min(l.label) FROM conversation_label l WHERE l.workspace = ?1 AND l.label > used.label) \
    FROM used WHERE used.label IS NOT NULL \
    LIMIT ?2 \
    ) SELECT label FROM used WHERE label IS NOT NULL";

const FUNNELS: &str = "WITH RECURSIVE known (id) AS ( \
    SELECT (SELECT min(f.public_id) FROM funnel f WHERE f.workspace = ?1) \
    UNION ALL \
    SELECT (SELECT min(f.public_id) FROM funnel f WHERE f.workspace = ?1 AND f.public_id > known.id) \
    FROM known WHERE known.id IS NOT NULL \
    LIMIT ?2 \
    ) SELECT f.public_id, f.name, f.version FROM known CROSS JOIN funnel f INDEXED BY funnel_name \
    WHERE f.workspace = ?1 AND f.public_id = known.id AND f.version = \
    (SELECT max(v.version) FROM funnel v WHERE v.workspace = ?1 AND v.public_id = known.id) \
    ORDER BY f.public_id";

/// Agents by name, at most `limit`.
pub(super) fn list_agents(
    connection: &Connection,
    workspace: WorkspaceKey,
    limit: usize,
) -> Result<Vec<AgentRef>, StoreError> {
    let agent = |(id, name): (String, String)| {
        Some(AgentRef { id: AgentId::parse(&id)?, name: Name::parse(&name).ok()? })
    };
    let rows = all(connection, AGENTS, (workspace.0, most(limit)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    parsed(rows, agent, "an agent")
}

/// Labels in use, sorted, at most `limit`. However many conversations have one, it costs a step of the index.
pub(super) fn list_labels(
    connection: &Connection,
    workspace: WorkspaceKey,
    limit: usize,
) -> Result<Vec<Label>, StoreError> {
    let rows = all(connection, LABELS, (workspace.0, most(limit)), |row| row.get(0))?;
    parsed(rows, |label: String| Label::parse(&label).ok(), "a label")
}

/// Funnels' current versions by id, at most `limit`. However many versions one has, it costs two steps of the index.
pub(super) fn list_funnels(
    connection: &Connection,
    workspace: WorkspaceKey,
    limit: usize,
) -> Result<Vec<FunnelRef>, StoreError> {
    let rows = all(connection, FUNNELS, (workspace.0, most(limit)), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let funnel = |(id, name, version): (String, String, u32)| {
        Some(FunnelRef { id: FunnelId::parse(&id)?, name: Name::parse(&name).ok()?, version })
    };
    parsed(rows, funnel, "a funnel")
}

/// Every canned answer, by id.
pub(super) fn list_canned_answers(
    connection: &Connection,
    workspace: WorkspaceKey,
) -> Result<Vec<Arc<CannedAnswer>>, StoreError> {
    const SQL: &str = "SELECT public_id, shortcut, text, version FROM canned_answer WHERE workspace = ?1 ORDER BY public_id";
    let rows =
        all(connection, SQL, [workspace.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let answer = |(id, shortcut, text, version): (String, String, String, i64)| {
        let (id, shortcut) = (CannedAnswerId::parse(&id)?, Shortcut::parse(&shortcut).ok()?);
        let (text, version) = (Text::parse(&text).ok()?, u64::try_from(version).ok()?);
        Some(Arc::new(CannedAnswer { id, shortcut, text, version }))
    };
    parsed(rows, answer, "a canned answer")
}

/// Every saved view, by id.
pub(super) fn list_views(
    connection: &Connection,
    workspace: WorkspaceKey,
) -> Result<Vec<Arc<SavedView>>, StoreError> {
    const SQL: &str = "SELECT public_id, name, owner, is_shared, filters FROM saved_view \
        WHERE workspace = ?1 ORDER BY public_id";
    let rows = all(connection, SQL, [workspace.0], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    })?;
    let view = |(id, name, owner, is_shared, filters): (String, String, String, bool, String)| {
        let filters = ViewFilters::parse(serde_json::from_str(&filters).ok()?, "").ok()?;
        let (id, name) = (ViewId::parse(&id)?, ViewName::parse(&name).ok()?);
        Some(Arc::new(SavedView { id, name, owner: AgentId::parse(&owner)?, is_shared, filters }))
    };
    parsed(rows, view, "a saved view")
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).or_store()?;
    statement.query_map(params, read).and_then(Iterator::collect).or_store()
}

fn parsed<Row, T>(
    rows: Vec<Row>,
    parse: impl Fn(Row) -> Option<T>,
    what: &str,
) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(|row| parse(row).ok_or_else(|| corrupt(what))).collect()
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::migrations;

    /// However much history there is: no table is looked through, and what is read stands in the index.
    #[test]
    fn lists_are_read_from_their_index_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&mut connection).unwrap();
        for sql in [AGENTS, LABELS, FUNNELS] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let steps: Vec<String> = all(&connection, &explain, (1, 1), |row| row.get(3)).unwrap();
            let is_good = |step: &String| match step.split_once(' ') {
                Some(("SCAN", what)) => ["used", "known", "CONSTANT ROW"].contains(&what),
                Some(("SEARCH", how)) => how.contains("COVERING INDEX") || how.contains("PRIMARY KEY"),
                _ => true,
            };
            assert!(steps.iter().all(is_good), "{steps:#?}");
        }
    }
}
