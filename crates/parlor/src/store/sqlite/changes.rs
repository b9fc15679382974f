//! What changed after a revision, read off the rows themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use parlor_core::conversation::Snapshot;
use parlor_core::event::Tombstone;
use parlor_core::id::{ConversationId, UserId, WorkspaceKey};
use parlor_core::message::Message;
use parlor_core::note::Note;
use rusqlite::{Connection, Params};

use super::error::OrStore;
use super::messages::messages;
use super::rows::{self, select_message, select_snapshot};
use super::{load, notes, tombstones};
use crate::store::{ChangeGroup, Changes, Scope, StoreError};

/// At most `limit` changes behind `after`.
pub(super) fn list_changes(
    connection: &Connection,
    workspace: WorkspaceKey,
    scope: &Scope,
    after: u64,
    limit: usize,
) -> Result<Changes, StoreError> {
    let head = load::head(connection, workspace)?;
    let after = after.cast_signed();
    let groups = match scope {
        Scope::Conversation { id, notes } => {
            of_conversation(connection, workspace, (*id, *notes), after, limit)?
        }
        // Somebody may have seen what nobody remembers any more.
        _ if after < tombstones::purged_rev(connection, workspace)? => None,
        Scope::Workspace => of_workspace(connection, workspace, after, limit)?,
        Scope::User(user) => of_user(connection, workspace, user, after, limit)?,
    };
    let too_many = groups.is_none();
    Ok(Changes { groups: groups.unwrap_or_default(), too_many, head })
}

/// `None` when there are more than the caller wants.
type Groups = Option<Vec<ChangeGroup>>;

fn of_workspace(
    connection: &Connection,
    workspace: WorkspaceKey,
    after: i64,
    limit: usize,
) -> Result<Groups, StoreError> {
    const SQL: &str = select_snapshot!(
        "FROM conversation c INDEXED BY conversation_rev JOIN user u ON u.key = c.user \
         WHERE c.workspace = ?1 AND c.rev > ?2 ORDER BY c.rev LIMIT ?3"
    );
    let gone = tombstones::of_workspace(connection, workspace, after, one_more(limit))?;
    summaries(connection, SQL, (workspace.0, after, one_more(limit)), gone, limit)
}

fn of_user(
    connection: &Connection,
    workspace: WorkspaceKey,
    user: &UserId,
    after: i64,
    limit: usize,
) -> Result<Groups, StoreError> {
    const SQL: &str = select_snapshot!(
        "FROM user u CROSS JOIN conversation c INDEXED BY conversation_user ON c.user = u.key \
         WHERE u.workspace = ?1 AND u.public_id = ?2 AND c.rev > ?3 ORDER BY c.rev LIMIT ?4"
    );
    let gone = tombstones::of_user(connection, workspace, user, after, one_more(limit))?;
    summaries(connection, SQL, (workspace.0, user.as_str(), after, one_more(limit)), gone, limit)
}

fn summaries(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    gone: Vec<Tombstone>,
    limit: usize,
) -> Result<Groups, StoreError> {
    let mut statement = connection.prepare_cached(sql).or_store()?;
    let found: Vec<Snapshot> = statement
        .query_map(params, |row| rows::snapshot(row).map(|stored| stored.snapshot))
        .and_then(Iterator::collect)
        .or_store()?;
    if found.len() + gone.len() > limit {
        return Ok(None);
    }
    let group = |snapshot: Snapshot| ChangeGroup {
        rev: snapshot.conversation.rev,
        messages: Vec::new(),
        notes: Vec::new(),
        conversation: Some(snapshot),
        tombstone: None,
    };
    let mut groups: Vec<_> = found.into_iter().map(group).chain(gone.into_iter().map(last_group)).collect();
    groups.sort_by_key(|group| group.rev);
    Ok(Some(groups))
}

/// The group of a deletion.
fn last_group(tombstone: Tombstone) -> ChangeGroup {
    let (rev, tombstone) = (tombstone.rev, Some(tombstone));
    ChangeGroup { rev, messages: Vec::new(), notes: Vec::new(), conversation: None, tombstone }
}

fn of_conversation(
    connection: &Connection,
    workspace: WorkspaceKey,
    (id, with_notes): (ConversationId, bool),
    after: i64,
    limit: usize,
) -> Result<Groups, StoreError> {
    let Some(stored) = load::conversation(connection, workspace, id)? else {
        let gone = tombstones::of_conversation(connection, workspace, id)?;
        let gone = gone.filter(|tombstone| tombstone.rev.cast_signed() > after);
        return Ok(Some(gone.map(last_group).into_iter().collect()));
    };
    let rev = stored.snapshot.conversation.rev;
    if rev.cast_signed() <= after {
        return Ok(Some(Vec::new()));
    }
    let changed = changed_messages(connection, stored.key, after, limit)?;
    let noted = match with_notes {
        true => {
            notes::changed(connection, (stored.key, &stored.snapshot.conversation), after, one_more(limit))?
        }
        false => Vec::new(),
    };
    // The conversation itself is one more.
    if changed.len() + noted.len() >= limit {
        return Ok(None);
    }
    type Rows = (Vec<Arc<Message>>, Vec<Arc<Note>>);
    let mut by_rev: BTreeMap<u64, Rows> = BTreeMap::from([(rev, Rows::default())]);
    for message in changed {
        by_rev.entry(message.rev).or_default().0.push(message);
    }
    for note in noted {
        by_rev.entry(note.rev).or_default().1.push(note);
    }
    let snapshot = stored.snapshot;
    let group = |(at, (mut messages, notes)): (u64, Rows)| {
        messages.sort_by_key(|message| message.seq);
        let conversation = (at == rev).then(|| snapshot.clone());
        ChangeGroup { rev: at, messages, notes, conversation, tombstone: None }
    };
    Ok(Some(by_rev.into_iter().map(group).collect()))
}

/// At most `limit` messages. Appended ones are the end of the conversation, `rev` ascending with `seq`; those that
/// changed later have an index of their own.
fn changed_messages(
    connection: &Connection,
    conversation: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Arc<Message>>, StoreError> {
    const APPENDED: &str = select_message!(
        "FROM message m JOIN conversation c ON c.key = m.conversation \
         WHERE m.conversation = ?1 ORDER BY m.seq DESC"
    );
    const CHANGED: &str = select_message!(
        "FROM message m INDEXED BY message_changed JOIN conversation c ON c.key = m.conversation \
         WHERE m.conversation = ?1 AND m.version > 1 AND m.rev > ?2 LIMIT ?3"
    );
    let mut found = messages(connection, CHANGED, (conversation, after, one_more(limit)))?;
    let mut statement = connection.prepare_cached(APPENDED).or_store()?;
    let mut rows = statement.query([conversation]).or_store()?;
    while found.len() < limit
        && let Some(row) = rows.next().or_store()?
    {
        let (_, message) = rows::message(row).or_store()?;
        if message.version > 1 {
            continue;
        }
        if message.rev.cast_signed() <= after {
            break;
        }
        found.push(Arc::new(message));
    }
    Ok(found)
}

fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}
