//! The record of deletions, erased users, and how much a deletion would take.

use parlor_core::event::DeletionRecord;
use parlor_core::id::{UserId, WorkspaceKey};
use parlor_core::state::Deletion;
use parlor_core::user::User;

use super::{Inner, Space};
use crate::store::{Extent, ExtentOf};

pub(super) fn record(inner: &mut Inner, workspace: WorkspaceKey, deletion: &Deletion) {
    let gone = &deletion.tombstone;
    let record = DeletionRecord {
        seq: inner.deletions.len() as u64 + 1,
        conversation_id: gone.conversation_id,
        reason: gone.reason,
        actor: deletion.actor.clone(),
        messages: deletion.messages,
        deleted_at: gone.deleted_at,
    };
    inner.deletions.push((workspace, record));
}

pub(super) fn list(
    inner: &Inner,
    workspace: WorkspaceKey,
    before: Option<u64>,
    limit: usize,
) -> Vec<DeletionRecord> {
    let newest_first = inner.deletions.iter().rev().filter(|(of, _)| *of == workspace);
    let behind = newest_first.filter(|(_, record)| before.is_none_or(|seq| record.seq < seq));
    behind.map(|(_, record)| record.clone()).take(limit).collect()
}

/// Removes a user of whom nothing is known and whom no row names.
pub(super) fn remove_blank_user(space: &mut Space, id: &UserId) {
    let is_blank = space.users.get(id).is_some_and(|user| user.looks_like(&User::new(id.clone())));
    let is_named = space.tombstones.values().any(|tombstone| tombstone.user_id == *id)
        || space.conversations.values().any(|conversation| conversation.user_id == *id);
    if is_blank && !is_named {
        space.users.remove(id);
    }
}

pub(super) fn measure(space: &Space, of: &ExtentOf) -> Option<Extent> {
    let all = space.conversations.values();
    let of_it: Vec<_> = match of {
        ExtentOf::Conversation(id) => vec![space.conversations.get(id)?],
        ExtentOf::User(id) => {
            space.users.get(id)?;
            all.filter(|conversation| conversation.user_id == *id).collect()
        }
    };
    let notes = |id| space.notes(id).iter().filter(|note| note.deleted_at().is_none()).count() as u64;
    Some(Extent {
        conversations: of_it.len() as u64,
        messages: of_it.iter().map(|conversation| u64::from(conversation.message_count)).sum(),
        notes: of_it.iter().map(|conversation| notes(conversation.id)).sum(),
    })
}
