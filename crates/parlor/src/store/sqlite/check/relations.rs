//! What rows say of one another.

use parlor_core::id::WorkspaceKey;
use parlor_core::invariant::Breach;
use parlor_core::limits;
use rusqlite::Connection;

use super::{Check, Listener, each, name_of};
use crate::store::StoreError;
use crate::store::sqlite::control::list_workspaces;
use crate::store::sqlite::desk;
use crate::store::sqlite::funnels::Funnels;
use crate::store::sqlite::load;
use crate::store::sqlite::rows::{self, select_tombstone};

/// A kind of breach, what is wrong with the rows that are found, and how they are found: their id, or key, alone.
type Relation = (&'static str, &'static str, &'static str);

const RELATIONS: &[Relation] = &[
    (
        "store",
        "row is missing, which says what the database was created with:",
        "\
        SELECT 'store' WHERE NOT EXISTS (SELECT 1 FROM store)",
    ),
    (
        "workspace",
        "a user of another workspace has conversation",
        "\
        SELECT c.public_id FROM conversation c JOIN user u ON u.key = c.user WHERE u.workspace <> c.workspace",
    ),
    (
        "workspace",
        "a conversation of another workspace has message",
        "\
        SELECT m.public_id FROM conversation c JOIN message m ON m.conversation = c.key \
        WHERE m.workspace <> c.workspace",
    ),
    (
        "workspace",
        "a conversation of another workspace has note",
        "\
        SELECT n.public_id FROM conversation c JOIN note n ON n.conversation = c.key \
        WHERE n.workspace <> c.workspace",
    ),
    (
        "workspace",
        "of another workspace is the user or a message of tombstone",
        "\
        SELECT t.public_id FROM tombstone t JOIN user u ON u.key = t.user WHERE u.workspace <> t.workspace \
        UNION SELECT t.public_id FROM tombstone_message m JOIN tombstone t ON t.key = m.tombstone \
        WHERE m.workspace <> t.workspace",
    ),
    (
        "revision",
        "another conversation has the revision of conversation",
        "\
        SELECT c.public_id FROM conversation c WHERE EXISTS (SELECT 1 FROM conversation o \
        WHERE o.workspace = c.workspace AND o.rev = c.rev AND o.key < c.key)",
    ),
    (
        "revision",
        "a conversation, or no commit, has the revision of tombstone",
        "\
        SELECT t.public_id FROM tombstone t JOIN workspace w ON w.key = t.workspace \
        WHERE t.rev NOT BETWEEN 1 AND w.rev OR EXISTS (SELECT 1 FROM conversation c \
        WHERE c.workspace = t.workspace AND c.rev = t.rev)",
    ),
    (
        "revision",
        "no commit has the revision of activity",
        "\
        SELECT a.key FROM activity a JOIN workspace w ON w.key = a.workspace WHERE a.rev NOT BETWEEN 1 AND w.rev",
    ),
    (
        "revision",
        "tombstones are gone of revisions that never were, in workspace",
        "\
        SELECT key FROM workspace WHERE purged_rev NOT BETWEEN 0 AND rev",
    ),
    (
        "scrubbed",
        "more private notes are cleaned away than were ever deleted:",
        "\
        SELECT 'store' FROM store WHERE scrubbed_notes > deleted_notes",
    ),
    (
        "handler",
        "half an assignee has conversation",
        "\
        SELECT public_id FROM conversation WHERE (assignee_id IS NULL) <> (assignee_name IS NULL)",
    ),
    (
        "funnel",
        "its version of the funnel is missing of conversation",
        "\
        SELECT c.public_id FROM conversation c WHERE c.funnel_version > 0 AND NOT EXISTS (SELECT 1 FROM funnel f \
        WHERE f.workspace = c.workspace AND f.public_id = c.funnel_id AND f.version = c.funnel_version)",
    ),
    (
        "funnel",
        "versions are missing of funnel",
        "\
        SELECT public_id FROM funnel GROUP BY workspace, public_id HAVING min(version) <> 1 OR max(version) <> count(*)",
    ),
    (
        "label",
        "its labels are not those the filter knows, of conversation",
        "\
        SELECT c.public_id FROM conversation_label l JOIN conversation c ON c.key = l.conversation \
        WHERE l.workspace <> c.workspace OR NOT EXISTS (SELECT 1 FROM json_each(c.labels) j WHERE j.value = l.label) \
        UNION SELECT c.public_id FROM conversation c, json_each(c.labels) j WHERE c.labels <> '[]' \
        AND NOT EXISTS (SELECT 1 FROM conversation_label l \
        WHERE l.workspace = c.workspace AND l.label = j.value AND l.conversation = c.key)",
    ),
    (
        "tombstone",
        "it was deleted and is there: conversation",
        "\
        SELECT t.public_id FROM tombstone t JOIN conversation c ON c.workspace = t.workspace AND c.public_id = t.public_id \
        UNION SELECT t.public_id FROM tombstone t JOIN conversation c ON c.key = t.conversation",
    ),
    (
        "tombstone",
        "it was deleted and is there: message",
        "\
        SELECT t.public_id FROM tombstone_message t JOIN message m ON m.workspace = t.workspace AND m.public_id = t.public_id \
        UNION SELECT t.public_id FROM tombstone_message t JOIN message m ON m.key = t.message",
    ),
    (
        "search queue",
        "the search index is never told of conversation",
        "\
        SELECT public_id FROM conversation WHERE key IN \
        (SELECT key FROM conversation EXCEPT SELECT conversation FROM search_queue)",
    ),
    (
        "search queue",
        "the search index is never told of note",
        "\
        SELECT public_id FROM note WHERE deleted_at IS NULL AND key IN (SELECT key FROM note EXCEPT SELECT note FROM note_queue)",
    ),
    (
        "search queue",
        "a conversation that never was is in entry",
        "\
        SELECT key FROM search_queue \
        WHERE conversation > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'conversation')",
    ),
    (
        "keys",
        "keys that the search index knows would be used again in table",
        "\
        SELECT k.name FROM (SELECT 'message' AS name, max(coalesce((SELECT max(key) FROM message), 0), \
        coalesce((SELECT max(message) FROM tombstone_message), 0)) AS highest \
        UNION ALL SELECT 'conversation', max(coalesce((SELECT max(key) FROM conversation), 0), \
        coalesce((SELECT max(conversation) FROM tombstone), 0))) k \
        WHERE k.highest > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence s WHERE s.name = k.name)",
    ),
];

/// Rows of this table stay when their conversation is deleted; the index reads past them.
const MAY_DANGLE: &str = "search_queue";

pub(super) fn check(check: &mut Check, listener: &mut dyn Listener) -> Result<(), StoreError> {
    let tables = check.snapshot(tables)?;
    let of = (tables.len() + RELATIONS.len()) as u64;
    let mut steps = 0..;
    for table in &tables {
        listener.step("rows that name others", steps.next().unwrap_or(of), of);
        check.snapshot(|connection| foreign_rows(connection, table, listener))?;
    }
    for (kind, what, sql) in RELATIONS {
        listener.step("rows that name others", steps.next().unwrap_or(of), of);
        check.snapshot(|connection| {
            each(connection, sql, |row| {
                listener.breach(Breach::new(kind, format!("{what} {}", name_of(row)?)));
                Ok(())
            })
        })?;
    }
    check.snapshot(|connection| tombstones(connection, listener))?;
    check.snapshot(|connection| funnels(connection, listener))?;
    check.snapshot(|connection| desk(connection, listener))
}

fn tables(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut tables = Vec::new();
    each(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", |row| {
        tables.push(row.get(0)?);
        Ok(())
    })?;
    tables.retain(|table| table != MAY_DANGLE);
    Ok(tables)
}

/// The writer does not look, so this does.
fn foreign_rows(connection: &Connection, table: &str, listener: &mut dyn Listener) -> Result<(), StoreError> {
    each(connection, &format!("PRAGMA foreign_key_check ({table})"), |row| {
        let (key, parent): (Option<i64>, String) = (row.get(1)?, row.get(2)?);
        let key = key.map_or_else(|| "a row".to_owned(), |key| format!("row {key}"));
        let found = format!("{key} of {table} names a {parent} that is not there");
        listener.breach(Breach::new("missing row", found));
        Ok(())
    })
}

fn tombstones(connection: &Connection, listener: &mut dyn Listener) -> Result<(), StoreError> {
    const SQL: &str = select_tombstone!("ORDER BY t.key");
    each(connection, SQL, |row| {
        if rows::tombstone(row).is_err() {
            let found = format!("the row of tombstone {} cannot be read back", name_of(row)?);
            listener.breach(Breach::new("unreadable", found));
        }
        Ok(())
    })
}

/// What agents keep at hand can be read, or none of them could load their lists.
fn desk(connection: &Connection, listener: &mut dyn Listener) -> Result<(), StoreError> {
    for workspace in list_workspaces(connection)? {
        let lists = [
            ("settings", load::head(connection, workspace.key).is_ok()),
            ("agents", desk::list_agents(connection, workspace.key, limits::DESK_LISTED).is_ok()),
            ("canned answers", desk::list_canned_answers(connection, workspace.key).is_ok()),
            ("saved views", desk::list_views(connection, workspace.key).is_ok()),
        ];
        for (list, _) in lists.iter().filter(|(_, is_read)| !is_read) {
            let found = format!("the {list} of workspace {} cannot be read back", workspace.name);
            listener.breach(Breach::new("unreadable", found));
        }
    }
    Ok(())
}

/// Every stored version can be walked.
fn funnels(connection: &Connection, listener: &mut dyn Listener) -> Result<(), StoreError> {
    let kept = Funnels::default();
    for workspace in list_workspaces(connection)? {
        let WorkspaceKey(key) = workspace.key;
        let mut versions = Vec::new();
        let sql = format!("SELECT public_id, version FROM funnel WHERE workspace = {key}");
        each(connection, &sql, |row| {
            versions.push((row.get::<_, String>(0)?, row.get::<_, u32>(1)?));
            Ok(())
        })?;
        for (id, version) in versions {
            let is_read = parlor_core::id::FunnelId::parse(&id)
                .is_some_and(|id| kept.version(connection, workspace.key, &(id, version)).is_ok());
            if !is_read {
                let found = format!("version {version} of funnel {id} cannot be read back");
                listener.breach(Breach::new("unreadable", found));
            }
        }
    }
    Ok(())
}
