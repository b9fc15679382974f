//! `erase_user`, and deletions of before a backup was restored: the same again, as they were.

use super::delete::erased;
use super::{Context, Outcome, Ruling, allow};
use crate::access::{Operation, Principal};
use crate::command::{EraseUser, ReplayDeletion};
use crate::conversation::DeleteReason;
use crate::error::Refusal;
use crate::limits;
use crate::state::{Changes, Claim, ErasedUser, Keys, ReplayedDeletion, State};
use crate::user::User;

/// Takes some of a user's conversations out, oldest first; with the last of them the profile goes. To be repeated until it
/// is done: one transaction for all of them would keep everybody waiting.
pub(super) fn erase_user(
    state: &State,
    by: &Principal,
    erase: &EraseUser,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::EraseUser)?;
    let user_id = &erase.user_id;
    let user = state.user(user_id)?.cloned().ok_or(Refusal::NotFound)?;
    let ids = state.of_user(user_id, None)?;
    let actor = by.agent().map(|agent| agent.id);
    let (mut changes, mut messages) = (Changes::default(), 0u32);
    let mut is_done = ids.len() < limits::USER_CONVERSATIONS_BATCH;
    for id in ids {
        // Another command of the batch may have deleted it.
        let Some(conversation) = state.conversation(*id)? else { continue };
        messages = messages.saturating_add(conversation.message_count);
        let is_enough = changes.tombstones.len() >= limits::ERASE_CONVERSATIONS
            || messages > limits::ERASE_MESSAGES && !changes.tombstones.is_empty();
        if is_enough {
            is_done = false;
            break;
        }
        let gone = erased(conversation, DeleteReason::UserErased, actor.clone(), context.now);
        changes.tombstones.extend(gone.tombstones);
        changes.activities.extend(gone.activities);
    }
    let is_known = *user != User::new(user_id.clone());
    if is_done && (is_known || !changes.tombstones.is_empty()) {
        let erased_at = erase.erased_at.unwrap_or(context.now);
        changes.erased_user = Some(ErasedUser { user_id: user_id.clone(), erased_at, is_blank: true });
    }
    Ok((changes, Outcome::Erased { is_done }))
}

pub(super) fn needs_replay(replay: &ReplayDeletion, keys: &mut Keys) {
    let gone = &replay.tombstone;
    keys.conversations.insert(gone.conversation_id);
    keys.tombstones.insert(gone.conversation_id);
    keys.users.insert(gone.user_id.clone());
    keys.messages.extend(&replay.message_ids);
}

/// Deletes what a backup brought back, and keeps the ids that were taken since the backup.
pub(super) fn replay_deletion(state: &State, by: &Principal, replay: &ReplayDeletion) -> Ruling {
    allow(by, Operation::DeleteConversation)?;
    let id = replay.tombstone.conversation_id;
    if state.is_deleted(id)? {
        return Ok((Changes::default(), Outcome::Deleted));
    }
    let mut changes = Changes::default();
    let mut tombstone = replay.tombstone.clone();
    match state.conversation(id)? {
        Some(conversation) => tombstone.user_id = conversation.user_id.clone(),
        None if state.user(&tombstone.user_id)?.is_none() => {
            // The tombstone needs whose it was, and nothing more of them.
            changes.user = Some(User::new(tombstone.user_id.clone()));
        }
        None => {}
    }
    let mut free_ids = Vec::with_capacity(replay.message_ids.len());
    for message in &replay.message_ids {
        if matches!(state.claim(*message)?, Claim::Free) {
            free_ids.push(*message);
        }
    }
    let (actor, messages) = (replay.actor.clone(), replay.messages);
    changes.replayed = Some(ReplayedDeletion { tombstone, actor, messages, free_ids });
    Ok((changes, Outcome::Deleted))
}
