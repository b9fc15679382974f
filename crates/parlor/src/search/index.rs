//! The index's file. Every workspace has its own tables, so that no search looks at another's words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use rusqlite::{Connection, OpenFlags, Row, Transaction, TransactionBehavior, params};

use super::forget::{self, forget};
use super::parts::{self, Part, Parts};
use super::words::spread;
use crate::store::sqlite::connection::create_file;
use crate::store::sqlite::error::{OrStore, of_io};
use crate::store::{Feed, FeedDeletion, FeedNote, FeedPosition, StoreError};

/// The index's file in the data directory.
pub(super) const FILE: &str = "search.db";

/// Rises with the layout and with what counts as a word; an index of another version is built again.
pub(super) const VERSION: i64 = 6;

/// What is a word, to FTS5.
pub(super) const WORDS: &str = "tokenize = 'unicode61 remove_diacritics 2'";

/// Deletes the index at `path` unless it is of this version and of the store with this `source`.
pub(super) fn discard_unless_of(path: &Path, source: &[u8; 32]) -> Result<(), StoreError> {
    let ours = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|connection| {
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let of: Vec<u8> = connection.query_row("SELECT source FROM position", [], |row| row.get(0))?;
        Ok(version == VERSION && of == source)
    });
    // Whatever the error is: what cannot be opened is not worth more than the time to build it again.
    if ours.unwrap_or(false) {
        return Ok(());
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(of_io("removing an old search index", &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Opens the index for writing, or makes it.
pub(super) fn open(path: &Path, source: &[u8; 32]) -> Result<Connection, StoreError> {
    create_file(path)?;
    let connection = Connection::open(path).or_store()?;
    connection.pragma_update(None, "journal_mode", "wal").or_store()?;
    // A power cut may take the last transactions: the position goes with them and they are read again.
    connection.pragma_update(None, "synchronous", "normal").or_store()?;
    // Writing a table anew uses pages again soon after they are free; the fewer copies, the fewer of them twice.
    connection.pragma_update(None, "wal_autocheckpoint", limits::SEARCH_CHECKPOINT_PAGES).or_store()?;
    prepare(connection, source)
}

/// An index in memory.
pub(super) fn open_in_memory(source: &[u8; 32]) -> Result<Connection, StoreError> {
    prepare(Connection::open_in_memory().or_store()?, source)
}

/// Opens the index beside its writer, for searches.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).or_store()?;
    connection.busy_timeout(Duration::from_millis(limits::DATABASE_WAIT_MS)).or_store()?;
    connection.pragma_update(None, "mmap_size", limits::READ_MAP_BYTES).or_store()?;
    connection.set_prepared_statement_cache_capacity(limits::CACHED_STATEMENTS);
    keep_in_memory(&connection)?;
    Ok(connection)
}

/// What is looked at for a moment never touches a disk.
fn keep_in_memory(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "temp_store", "memory").or_store()
}

fn prepare(mut connection: Connection, source: &[u8; 32]) -> Result<Connection, StoreError> {
    keep_in_memory(&connection)?;
    connection.busy_timeout(Duration::from_millis(limits::DATABASE_WAIT_MS)).or_store()?;
    connection.set_prepared_statement_cache_capacity(limits::CACHED_STATEMENTS);
    // Erased words leave the file with their row, not with some later write.
    connection.pragma_update(None, "secure_delete", true).or_store()?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS position ( \
                 key                      INTEGER PRIMARY KEY CHECK (key = 1), \
                 message_key              INTEGER NOT NULL, \
                 conversation_key         INTEGER NOT NULL, \
                 deleted_message_key      INTEGER NOT NULL, \
                 deleted_conversation_key INTEGER NOT NULL, \
                 note_key                 INTEGER NOT NULL, \
                 is_dirty                 INTEGER NOT NULL, \
                 source                   BLOB NOT NULL \
             ) STRICT",
        )
        .or_store()?;
    transaction
        .execute("INSERT INTO position VALUES (1, 0, 0, 0, 0, 0, 0, ?1) ON CONFLICT DO NOTHING", [source])
        .or_store()?;
    parts::prepare(&transaction)?;
    forget::prepare(&transaction)?;
    transaction.pragma_update(None, "user_version", VERSION).or_store()?;
    transaction.commit().or_store()?;
    Ok(connection)
}

/// How far the index has read.
pub(super) fn position(connection: &Connection) -> Result<FeedPosition, StoreError> {
    const SQL: &str = "SELECT message_key, conversation_key, deleted_message_key, deleted_conversation_key, \
                       note_key FROM position";
    let read = |row: &Row<'_>| {
        Ok(FeedPosition {
            message_key: row.get(0)?,
            conversation_key: row.get(1)?,
            deleted_message_key: row.get(2)?,
            deleted_conversation_key: row.get(3)?,
            note_key: row.get(4)?,
        })
    };
    connection.query_row(SQL, [], read).or_store()
}

/// Takes `feed` in, which was read behind `position`, maybe not all of its deletions, and says how far that is. Taking it in
/// again changes nothing. A table takes `most` messages.
pub(super) fn apply(
    connection: &mut Connection,
    position: FeedPosition,
    feed: &Feed,
    most: usize,
) -> Result<FeedPosition, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let of_messages = feed.messages.iter().map(|message| message.workspace);
    let of_conversations = feed.conversations.iter().map(|conversation| conversation.workspace);
    for workspace in of_messages.chain(of_conversations).collect::<BTreeSet<_>>() {
        add(&transaction, workspace, feed, most)?;
    }
    // After what was added: it may have been read before it was deleted.
    let deleted_message_key = forget_messages(&transaction, &feed.deleted_messages, position)?;
    let deleted_conversation_key = forget_names(&transaction, &feed.deleted_conversations, position)?;
    let next = FeedPosition {
        message_key: feed.messages.last().map_or(position.message_key, |last| last.key),
        conversation_key: feed.conversations.last().map_or(position.conversation_key, |last| last.key),
        deleted_message_key,
        deleted_conversation_key,
        note_key: take_notes(&transaction, &feed.notes, position)?,
    };
    const SQL: &str = "UPDATE position SET message_key = ?1, conversation_key = ?2, \
                       deleted_message_key = ?3, deleted_conversation_key = ?4, note_key = ?5, \
                       is_dirty = is_dirty OR ?6";
    let place = params![
        next.message_key,
        next.conversation_key,
        next.deleted_message_key,
        next.deleted_conversation_key,
        next.note_key,
        feed.has_deletions(),
    ];
    transaction.execute(SQL, place).or_store()?;
    transaction.commit().or_store()?;
    Ok(next)
}

/// Whether forgotten words may still stand between the rows.
pub(super) fn is_dirty(connection: &Connection) -> Result<bool, StoreError> {
    connection.query_row("SELECT is_dirty FROM position", [], |row| row.get(0)).or_store()
}

/// They do not.
pub(super) fn set_clean(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE position SET is_dirty = 0 WHERE is_dirty", []).or_store()?;
    Ok(())
}

fn forget_messages(
    transaction: &Transaction<'_>,
    deleted: &[FeedDeletion],
    before: FeedPosition,
) -> Result<i64, StoreError> {
    let mut parts = BTreeMap::new();
    for workspace in workspaces(deleted) {
        parts.insert(workspace, Parts::of(transaction, workspace)?);
    }
    let table = |deletion: &FeedDeletion| parts[&deletion.workspace].with(deletion.row).map(Part::table);
    let last = forget(transaction, deleted, table, before.deleted_message_key)?;
    for (workspace, parts) in &parts {
        let rows = deleted.iter().filter(|deletion| deletion.workspace == *workspace);
        parts.drop_empty(transaction, rows.map(|deletion| deletion.row))?;
    }
    Ok(last)
}

fn forget_names(
    transaction: &Transaction<'_>,
    deleted: &[FeedDeletion],
    before: FeedPosition,
) -> Result<i64, StoreError> {
    let mut known = BTreeSet::new();
    for workspace in workspaces(deleted) {
        if has(transaction, workspace)? {
            known.insert(workspace);
        }
    }
    let table =
        |deletion: &FeedDeletion| known.contains(&deletion.workspace).then(|| names(deletion.workspace));
    forget(transaction, deleted, table, before.deleted_conversation_key)
}

/// Forgets the notes that went, then takes in what there is, and says how far in their queue that is.
fn take_notes(
    transaction: &Transaction<'_>,
    notes: &[FeedNote],
    before: FeedPosition,
) -> Result<i64, StoreError> {
    let mut known = BTreeMap::new();
    for workspace in notes.iter().map(|note| note.workspace).collect::<BTreeSet<_>>() {
        known.insert(workspace, has_notes(transaction, workspace)?);
    }
    let gone: Vec<FeedDeletion> = notes
        .iter()
        .filter(|note| note.is_gone)
        .map(|note| FeedDeletion { key: note.key, workspace: note.workspace, row: note.row })
        .collect();
    let table = |deletion: &FeedDeletion| known[&deletion.workspace].then(|| self::notes(deletion.workspace));
    let forgotten = forget(transaction, &gone, table, before.note_key)?;
    // What comes behind those that wait for the next turn waits too: a key of theirs may be another's by now.
    let waits = gone.last().is_some_and(|last| last.key > forgotten);
    let last = notes.last().filter(|_| !waits).map_or(forgotten, |last| last.key);
    for note in notes.iter().take_while(|note| note.key <= last) {
        let Some((conversation, text)) = &note.says else { continue };
        let table = self::notes(note.workspace);
        if known.insert(note.workspace, true) == Some(false) {
            create_messages(transaction, &table)?;
        }
        let sql = format!("INSERT OR REPLACE INTO {table} (rowid, conversation, text) VALUES (?1, ?2, ?3)");
        let row = params![note.row, conversation, spread(text)];
        transaction.prepare_cached(&sql).and_then(|mut insert| insert.execute(row)).or_store()?;
    }
    Ok(last)
}

fn workspaces(deletions: &[FeedDeletion]) -> BTreeSet<WorkspaceKey> {
    deletions.iter().map(|deletion| deletion.workspace).collect()
}

/// The part of `feed` that is of one workspace.
fn add(
    transaction: &Transaction<'_>,
    workspace: WorkspaceKey,
    feed: &Feed,
    most: usize,
) -> Result<(), StoreError> {
    if !has(transaction, workspace)? {
        create(transaction, &names(workspace), "names")?;
    }
    let messages = feed.messages.iter().filter(|message| message.workspace == workspace);
    Parts::of(transaction, workspace)?.add(transaction, workspace, messages, most)?;
    let sql = format!("INSERT OR REPLACE INTO {} (rowid, names) VALUES (?1, ?2)", names(workspace));
    let mut insert = transaction.prepare_cached(&sql).or_store()?;
    for conversation in feed.conversations.iter().filter(|conversation| conversation.workspace == workspace) {
        let names = conversation.names.join("\n");
        insert.execute(params![conversation.conversation_key, spread(&names)]).or_store()?;
    }
    Ok(())
}

/// Whether anything of a workspace was ever read.
pub(super) fn has(connection: &Connection, workspace: WorkspaceKey) -> Result<bool, StoreError> {
    has_table(connection, &names(workspace))
}

/// Whether a note of a workspace was ever read.
pub(super) fn has_notes(connection: &Connection, workspace: WorkspaceKey) -> Result<bool, StoreError> {
    has_table(connection, &notes(workspace))
}

fn has_table(connection: &Connection, table: &str) -> Result<bool, StoreError> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")
        .and_then(|mut statement| statement.exists([table]))
        .or_store()
}

fn create(transaction: &Transaction<'_>, table: &str, columns: &str) -> Result<(), StoreError> {
    // FTS5 marks deleted words by default and takes them out of the file with some later merge.
    let sql = format!(
        "CREATE VIRTUAL TABLE {table} USING fts5 ({columns}, {WORDS}, prefix = '1 2 3'); \
         INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1);"
    );
    transaction.execute_batch(&sql).or_store()
}

/// Makes a table of messages, or of notes, by the store's keys.
pub(super) fn create_messages(transaction: &Transaction<'_>, table: &str) -> Result<(), StoreError> {
    create(transaction, table, "conversation UNINDEXED, text")
}

/// The table of a workspace's conversations' names, by the store's keys.
pub(super) fn names(workspace: WorkspaceKey) -> String {
    format!("name_{}", workspace.0)
}

/// The table of a workspace's private notes, by the store's keys: apart, so that a search without them reads none.
pub(super) fn notes(workspace: WorkspaceKey) -> String {
    format!("note_{}", workspace.0)
}
