//! Private notes: those of a page, those that changed, and writing one.

use std::sync::Arc;

use parlor_core::conversation::Conversation;
use parlor_core::id::{NoteId, WorkspaceKey};
use parlor_core::message::Message;
use parlor_core::note::{Note, NoteContent};
use rusqlite::{Connection, Params, params};

use super::error::OrStore;
use super::load::one;
use super::rows::{self, select_note};
use crate::store::{StoreError, notes_of_page};

/// The notes that stand in a page of messages.
pub(super) fn of_page(
    connection: &Connection,
    conversation: (i64, &Conversation),
    page: &[Arc<Message>],
) -> Result<Vec<Arc<Note>>, StoreError> {
    const SQL: &str = select_note!(
        "FROM note n INDEXED BY note_place JOIN conversation c ON c.key = n.conversation \
         WHERE n.conversation = ?1 AND n.after_seq BETWEEN ?2 AND ?3 AND n.deleted_at IS NULL \
         ORDER BY n.after_seq, n.at, n.public_id"
    );
    let (key, conversation) = conversation;
    match notes_of_page(conversation, page) {
        Some(places) => all(connection, SQL, (key, places.start(), places.end())),
        None => Ok(Vec::new()),
    }
}

/// At most `most` notes that changed behind a revision, deleted ones among them, in their order.
pub(super) fn changed(
    connection: &Connection,
    conversation: (i64, &Conversation),
    after: i64,
    most: i64,
) -> Result<Vec<Arc<Note>>, StoreError> {
    const SQL: &str = select_note!(
        "FROM note n INDEXED BY note_rev JOIN conversation c ON c.key = n.conversation \
         WHERE n.conversation = ?1 AND n.rev > ?2 LIMIT ?3"
    );
    let (key, conversation) = conversation;
    if conversation.note_count == 0 {
        return Ok(Vec::new());
    }
    let mut notes = all(connection, SQL, (key, after, most))?;
    notes.sort_by_key(|note| note.place());
    Ok(notes)
}

fn all(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Arc<Note>>, StoreError> {
    let mut statement = connection.prepare_cached(sql).or_store()?;
    statement.query_map(params, |row| rows::note(row).map(Arc::new)).and_then(Iterator::collect).or_store()
}

/// A note by id.
pub(super) fn note(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: NoteId,
) -> Result<Option<Note>, StoreError> {
    const SQL: &str = select_note!(
        "FROM note n JOIN conversation c ON c.key = n.conversation WHERE n.workspace = ?1 AND n.public_id = ?2"
    );
    one(connection, SQL, (workspace.0, id.0.as_bytes()), rows::note)
}

/// Writes a note that is new or changed.
pub(super) fn write(
    connection: &Connection,
    workspace: WorkspaceKey,
    conversation: i64,
    note: &Note,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO note (workspace, conversation, public_id, after_seq, author_id, author_name, \
        text, identity, at, version, deleted_at, rev) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
        ON CONFLICT (workspace, public_id) DO UPDATE SET text = excluded.text, identity = excluded.identity, \
        version = excluded.version, deleted_at = excluded.deleted_at, rev = excluded.rev";
    const TELL: &str = "INSERT INTO note_queue (workspace, note, is_gone) \
        SELECT workspace, key, deleted_at IS NOT NULL FROM note WHERE workspace = ?1 AND public_id = ?2";
    const DELETED: &str = "UPDATE store SET deleted_notes = deleted_notes + 1";
    let (text, identity) = match &note.content {
        NoteContent::Written { text, identity } => (Some(text.as_str()), Some(identity.0)),
        NoteContent::Deleted { .. } => (None, None),
    };
    let values = params![
        workspace.0,
        conversation,
        note.id.0.as_bytes(),
        note.after_seq,
        note.author.id.as_str(),
        note.author.name.as_str(),
        text,
        identity,
        note.at.0,
        note.version,
        note.deleted_at().map(|at| at.0),
        note.rev.cast_signed(),
    ];
    connection.prepare_cached(SQL).and_then(|mut s| s.execute(values)).or_store()?;
    let of = params![workspace.0, note.id.0.as_bytes()];
    connection.prepare_cached(TELL).and_then(|mut s| s.execute(of)).or_store()?;
    if note.deleted_at().is_some() {
        connection.prepare_cached(DELETED).and_then(|mut s| s.execute([])).or_store()?;
    }
    Ok(())
}
