//! The index's part of `parlor check`: whether what the index has read is in it, and nothing else.

use std::iter;
use std::ops::RangeInclusive;
use std::path::Path;

use parlor_core::id::WorkspaceKey;
use parlor_core::invariant::Breach;
use rusqlite::{Connection, OptionalExtension};

use super::index;
use super::parts::Parts;
use crate::store::sqlite::check::{Check, Listener, each, name_of};
use crate::store::sqlite::error::OrStore;
use crate::store::{FeedPosition, StoreError};

const KIND: &str = "search index";
const STEP: &str = "search index";

/// Checks the index in `dir` against the database being checked. An index that is behind, or is not there, is no breach:
/// it is told and will be read, or built, by the server.
pub fn check(check: &mut Check, dir: &Path, listener: &mut dyn Listener) -> Result<(), StoreError> {
    listener.step(STEP, 0, 0);
    let path = dir.join(index::FILE);
    if !path.exists() {
        listener.note("There is no search index; the server builds it when it starts.".to_owned());
        return Ok(());
    }
    let attached = check.attach(&path, "search");
    let judged = attached.and_then(|()| check.snapshot(|connection| judge(connection, listener)));
    match judged {
        // Broken beyond reading, whichever way; the database itself was read before.
        Err(StoreError::Unavailable(why)) if !check.is_broken_off() => {
            listener.breach(Breach::new(KIND, format!("it cannot be read: {why}")));
            Ok(())
        }
        other => other,
    }
}

fn judge(connection: &Connection, listener: &mut dyn Listener) -> Result<(), StoreError> {
    // First of all: what the index has read by now, the database has in any later moment.
    let Some(read) = position(connection)? else {
        listener.note("The search index is of another version; the server builds it anew.".to_owned());
        return Ok(());
    };
    let mut is_whole = true;
    each(connection, "PRAGMA search.quick_check", |row| {
        let found: String = row.get(0)?;
        if found != "ok" {
            is_whole = false;
            listener.breach(Breach::new(KIND, found));
        }
        Ok(())
    })?;
    if !is_whole {
        return Ok(());
    }
    let (written, used) = (written(connection)?, used(connection)?);
    if fields(read).into_iter().zip(fields(used)).any(|(read, used)| read > used) {
        let found = "it has read what the database never had; it belongs to a later state".to_owned();
        listener.breach(Breach::new(KIND, found));
        return Ok(());
    }
    let waiting = fields(read)
        .into_iter()
        .zip(fields(written))
        .map(|(read, written)| written.saturating_sub(read).max(0));
    let behind = waiting.fold(0_i64, i64::saturating_add);
    let is_caught_up = behind == 0;
    if !is_caught_up {
        listener.note(format!("The search index is behind, by about {behind} changes; the server reads on."));
    }
    for workspace in workspaces(connection)? {
        one_workspace(connection, workspace, read, is_caught_up, listener)?;
    }
    Ok(())
}

fn one_workspace(
    connection: &Connection,
    workspace: WorkspaceKey,
    read: FeedPosition,
    is_caught_up: bool,
    listener: &mut dyn Listener,
) -> Result<(), StoreError> {
    let mut find = |what: &str, sql: &str| {
        each(connection, sql, |row| {
            listener.breach(Breach::new(KIND, format!("{what} {}", name_of(row)?)));
            Ok(())
        })
    };
    let WorkspaceKey(key) = workspace;
    if !has_table(connection, &index::names(workspace))? {
        let sql = format!(
            "SELECT name FROM workspace w WHERE w.key = {key} AND EXISTS (SELECT 1 FROM message m \
             WHERE m.key <= {} AND m.workspace = w.key)",
            read.message_key
        );
        return find("it has nothing of workspace", &sql);
    }
    let parts = Parts::of_attached(connection, "search", workspace)?;
    for (range, table) in ranges(&parts, read.message_key) {
        // Rows of FTS5's own table of sizes: one for each indexed row, without its words.
        let is_there = match table {
            Some(table) => format!("EXISTS (SELECT 1 FROM {} d WHERE d.id = m.key)", sizes(&table)),
            None => "FALSE".to_owned(),
        };
        let missing = format!(
            "SELECT m.public_id FROM message m WHERE m.workspace = {key} \
             AND m.key BETWEEN {} AND {} AND NOT {is_there}",
            range.start(),
            range.end()
        );
        find("it misses message", &missing)?;
    }
    // What is deleted may be there until the index has read so.
    if !is_caught_up {
        return Ok(());
    }
    let names = sizes(&index::names(workspace));
    let missing = format!(
        "SELECT c.public_id FROM conversation c WHERE c.workspace = {key} \
         AND NOT EXISTS (SELECT 1 FROM {names} d WHERE d.id = c.key)"
    );
    find("it misses the names of conversation", &missing)?;
    let too_many = |sizes: &str, table: &str| {
        format!(
            "SELECT d.id FROM {sizes} d LEFT JOIN {table} r ON r.key = d.id AND r.workspace = {key} \
             WHERE r.key IS NULL"
        )
    };
    for part in parts.iter() {
        let messages = sizes(&part.table());
        find("it has a message that is not there, of key", &too_many(&messages, "message"))?;
    }
    find("it has names of no conversation, of key", &too_many(&names, "conversation"))?;
    let there = format!("SELECT n.public_id FROM note n WHERE n.workspace = {key} AND n.deleted_at IS NULL");
    if !has_table(connection, &index::notes(workspace))? {
        return find("it misses note", &there);
    }
    let notes = sizes(&index::notes(workspace));
    find("it misses note", &format!("{there} AND NOT EXISTS (SELECT 1 FROM {notes} d WHERE d.id = n.key)"))?;
    let written = "(SELECT key, workspace FROM note WHERE deleted_at IS NULL)";
    find("it has a note that is not there, of key", &too_many(&notes, written))
}

fn has_table(connection: &Connection, table: &str) -> Result<bool, StoreError> {
    const HAS: &str = "SELECT 1 FROM search.sqlite_schema WHERE type = 'table' AND name = ?1";
    connection.prepare(HAS).and_then(|mut s| s.exists([table])).or_store()
}

/// The keys up to `last`, and the table that has those of each range.
fn ranges(parts: &Parts, last: i64) -> Vec<(RangeInclusive<i64>, Option<String>)> {
    let tables = parts.iter().map(|part| (part.first, Some(part.table())));
    let begins: Vec<_> = iter::once((0, None)).chain(tables).collect();
    let ends = begins.iter().skip(1).map(|(first, _)| last.min(first - 1)).chain([last]);
    begins.iter().zip(ends).map(|((first, table), end)| (*first..=end, table.clone())).collect()
}

fn sizes(table: &str) -> String {
    format!("search.{table}_docsize")
}

/// How far the index has read; `None` when it is not of this version and this store.
fn position(connection: &Connection) -> Result<Option<FeedPosition>, StoreError> {
    let version: i64 = connection.query_row("PRAGMA search.user_version", [], |row| row.get(0)).or_store()?;
    if version != index::VERSION {
        return Ok(None);
    }
    let cursor_key: Option<[u8; 32]> =
        connection.query_row("SELECT cursor_key FROM store", [], |row| row.get(0)).optional().or_store()?;
    let of: Vec<u8> =
        connection.query_row("SELECT source FROM search.position", [], |row| row.get(0)).or_store()?;
    if cursor_key.is_none_or(|key| super::source_of(&key) != *of) {
        return Ok(None);
    }
    index::position(connection).map(Some)
}

/// What there is to read.
fn written(connection: &Connection) -> Result<FeedPosition, StoreError> {
    highest(
        connection,
        "SELECT (SELECT max(key) FROM message), (SELECT max(key) FROM search_queue), \
         (SELECT max(key) FROM tombstone_message WHERE message IS NOT NULL), \
         (SELECT max(key) FROM tombstone WHERE conversation IS NOT NULL), (SELECT max(key) FROM note_queue)",
    )
}

/// What there ever was.
fn used(connection: &Connection) -> Result<FeedPosition, StoreError> {
    let of = |table: &str| format!("(SELECT max(seq) FROM main.sqlite_sequence WHERE name = '{table}')");
    let [messages, queue, deleted_messages, deleted, notes] =
        ["message", "search_queue", "tombstone_message", "tombstone", "note_queue"].map(of);
    highest(connection, &format!("SELECT {messages}, {queue}, {deleted_messages}, {deleted}, {notes}"))
}

fn highest(connection: &Connection, sql: &str) -> Result<FeedPosition, StoreError> {
    let key = |key: Option<i64>| key.unwrap_or(0);
    let read = |row: &rusqlite::Row<'_>| {
        Ok(FeedPosition {
            message_key: key(row.get(0)?),
            conversation_key: key(row.get(1)?),
            deleted_message_key: key(row.get(2)?),
            deleted_conversation_key: key(row.get(3)?),
            note_key: key(row.get(4)?),
        })
    };
    connection.query_row(sql, [], read).or_store()
}

fn fields(position: FeedPosition) -> [i64; 5] {
    [
        position.message_key,
        position.conversation_key,
        position.deleted_message_key,
        position.deleted_conversation_key,
        position.note_key,
    ]
}

fn workspaces(connection: &Connection) -> Result<Vec<WorkspaceKey>, StoreError> {
    let mut keys = Vec::new();
    each(connection, "SELECT key FROM workspace ORDER BY key", |row| {
        keys.push(WorkspaceKey(row.get(0)?));
        Ok(())
    })?;
    Ok(keys)
}
