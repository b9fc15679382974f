//! The write path: load, step, apply.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parlor_core::conversation::Conversation;
use parlor_core::id::{ConversationId, MessageId, WorkspaceKey};
use parlor_core::lifecycle::Redate;
use parlor_core::limits;
use parlor_core::state::{
    Claim, Deletion, Keys, Loaded, Position, RedatePage, Redated, SettingsWrite, WriteSet,
};
use parlor_core::time::Timestamp;

use super::{Inner, Space, deletions, desk, unknown};
use crate::store::{Batch, Step, StoreError};

pub(super) fn transact(
    inner: &mut Inner,
    workspace: WorkspaceKey,
    mut batch: Box<dyn Batch>,
) -> Result<(), StoreError> {
    let space = inner.workspaces.get_mut(&workspace).ok_or_else(|| unknown(workspace))?;
    // Nothing is written before `step` says so, so a panic leaves nothing behind.
    let decided = catch_unwind(AssertUnwindSafe(|| {
        let mut keys = batch.keys();
        loop {
            match batch.step(load(space, &keys)) {
                Step::Load(more) => keys = *more,
                Step::Write(writes) => return writes,
            }
        }
    }));
    let writes = decided.map_err(|_| StoreError::Content("the batch panicked".to_owned()))?;
    check(space, &writes)?;
    apply(inner, workspace, *writes);
    Ok(())
}

fn load(space: &Space, keys: &Keys) -> Loaded {
    let mut found = Loaded { head: space.head.clone(), ..Loaded::default() };
    let mut wanted: Vec<ConversationId> = keys.conversations.iter().copied().collect();
    for key in &keys.open {
        let of_both = |c: &&Arc<Conversation>| c.is_open() && c.user_id == key.0 && c.funnel_id == key.1;
        let mut ids: Vec<_> =
            space.conversations.values().filter(of_both).map(|c| (c.started_at, c.id)).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let ids: Vec<_> = ids.into_iter().take(limits::OPEN_PER_FUNNEL).map(|(_, id)| id).collect();
        wanted.extend(&ids);
        found.open.push((key.clone(), ids));
    }
    for root in &keys.chains {
        let chain = space.order.iter().rev().filter(|id| space.conversations[id].root_id == Some(*root));
        let ids: Vec<_> = chain.copied().take(limits::CHAIN_NEWEST).collect();
        wanted.extend(&ids);
        found.chains.push((*root, ids));
    }
    for external in &keys.external {
        let id =
            space.conversations.values().find(|c| c.external_id.as_ref() == Some(external)).map(|c| c.id);
        wanted.extend(id);
        found.external.push((external.clone(), id));
    }
    if keys.redate {
        let page = redate_page(space);
        wanted.extend(&page.ids);
        found.redate = Some(page);
    }
    for page in &keys.of_user {
        let behind =
            page.1.and_then(|after| space.order.iter().position(|id| *id == after)).map_or(0, |at| at + 1);
        let of_user = space.order[behind..].iter().filter(|id| space.conversations[id].user_id == page.0);
        let ids: Vec<_> = of_user.copied().take(limits::USER_CONVERSATIONS_BATCH).collect();
        wanted.extend(&ids);
        found.of_user.push((page.clone(), ids));
    }
    let mut users: Vec<_> = keys.users.iter().cloned().collect();
    for id in wanted {
        let conversation = space.conversations.get(&id).cloned();
        users.extend(conversation.iter().map(|c| c.user_id.clone()));
        found.conversations.push((id, conversation));
    }
    found.users = users.into_iter().map(|id| (id.clone(), space.users.get(&id).cloned())).collect();
    load_by_id(space, keys, &mut found);
    found
}

/// The next conversations a change of the settings is carried to.
fn redate_page(space: &Space) -> RedatePage {
    let Some(redate) = &space.head.redate else { return RedatePage::default() };
    let mut ids: Vec<_> = space.order.iter().copied().filter(|id| Some(*id) > redate.after).collect();
    ids.sort_unstable();
    ids.truncate(limits::REDATE_BATCH);
    let next = ids.last().copied().filter(|_| ids.len() >= limits::REDATE_BATCH);
    RedatePage { is_under_way: true, after: redate.after, ids, next }
}

fn load_by_id(space: &Space, keys: &Keys, found: &mut Loaded) {
    desk::load(space, keys, found);
    let is_deleted = |id: &ConversationId| (*id, space.tombstones.contains_key(id));
    found.tombstones = keys.tombstones.iter().map(is_deleted).collect();
    let claim = |id: &MessageId| match space.message_ids.get(id) {
        Some(at) => Claim::Stored(message(space, *at)),
        None if space.erased.contains_key(id) => Claim::Erased,
        None => Claim::Free,
    };
    found.messages = keys.messages.iter().map(|id| (*id, claim(id))).collect();
    found.notes = keys.notes.iter().map(|id| (*id, space.notes.get(id).cloned())).collect();
    found.agents = keys.agents.iter().map(|id| (id.clone(), space.agents.get(id).cloned())).collect();
    found.funnels = (keys.funnels.iter())
        .map(|id| (id.clone(), space.funnels.get(id).and_then(|versions| versions.last().cloned())))
        .collect();
    found.funnel_versions = (keys.funnel_versions.iter())
        .map(|key| {
            let versions = space.funnels.get(&key.0).map_or(&[][..], Vec::as_slice);
            (key.clone(), versions.iter().find(|f| f.version == key.1).cloned())
        })
        .collect();
    found.positions = (keys.positions.iter())
        .map(|(id, seq)| {
            let message = (*seq as usize).checked_sub(1).and_then(|at| space.thread(*id).get(at));
            ((*id, *seq), message.map(|m| Position { users: m.users_before, ours: m.ours_before }))
        })
        .collect();
}

fn message(space: &Space, (id, seq): (ConversationId, u32)) -> Arc<parlor_core::message::Message> {
    space.threads[&id][seq as usize - 1].clone()
}

/// What a database would refuse by its constraints.
fn check(space: &Space, writes: &WriteSet) -> Result<(), StoreError> {
    let mut seen = std::collections::HashSet::new();
    for message in &writes.messages {
        if space.message_ids.contains_key(&message.id) || !seen.insert(message.id) {
            return Err(StoreError::Content("a message id is taken".to_owned()));
        }
    }
    for write in &writes.conversations {
        if write.is_new == space.conversations.contains_key(&write.conversation.id) {
            return Err(StoreError::Content("a conversation is written as something it is not".to_owned()));
        }
    }
    Ok(())
}

fn delete(inner: &mut Inner, workspace: WorkspaceKey, deletion: Deletion) {
    deletions::record(inner, workspace, &deletion);
    let Some(space) = inner.workspaces.get_mut(&workspace) else { return };
    let id = deletion.tombstone.conversation_id;
    space.conversations.remove(&id);
    space.order.retain(|other| *other != id);
    let thread = space.threads.remove(&id).unwrap_or_default();
    for message in &thread {
        space.message_ids.remove(&message.id);
    }
    let notes: Vec<_> = space.notes.extract_if(|_, note| note.conversation_id == id).collect();
    let ids = thread.iter().map(|message| message.id).chain(deletion.unstored);
    space.erased.extend(ids.map(|message| (message, id)));
    space.tombstones.insert(id, deletion.tombstone);
    for (at, slot) in inner.messages.iter_mut().enumerate() {
        if slot.take_if(|(of, message)| *of == workspace && message.conversation_id == id).is_some() {
            inner.deleted_messages.push((workspace, i64::try_from(at).unwrap_or(i64::MAX) + 1));
        }
    }
    for (id, _) in notes.iter().filter(|(_, note)| note.deleted_at().is_none()) {
        inner.tell_of_note(workspace, *id, true);
    }
    let key = inner.conversation_keys.remove(&(workspace, id));
    inner.deleted_conversations.extend(key.map(|key| (workspace, key)));
}

pub(super) fn purge_tombstones(inner: &mut Inner, before: Timestamp, limit: usize) -> usize {
    let mut gone = 0;
    for space in inner.workspaces.values_mut() {
        let mut old: Vec<_> = space.tombstones.values().filter(|t| t.deleted_at < before).cloned().collect();
        old.sort_by_key(|tombstone| tombstone.deleted_at);
        for tombstone in old {
            let of_it = |_: &MessageId, id: &mut ConversationId| *id == tombstone.conversation_id;
            gone += space.erased.extract_if(of_it).take(limit - gone).count();
            if gone == limit {
                return gone;
            }
            space.tombstones.remove(&tombstone.conversation_id);
            space.purged_rev = space.purged_rev.max(tombstone.rev);
            deletions::remove_blank_user(space, &tombstone.user_id);
            gone += 1;
        }
    }
    gone
}

fn apply(inner: &mut Inner, workspace: WorkspaceKey, writes: WriteSet) {
    let Some(space) = inner.workspaces.get_mut(&workspace) else { return };
    space.head.rev = writes.rev;
    for deletion in writes.deletions {
        delete(inner, workspace, deletion);
    }
    let Some(space) = inner.workspaces.get_mut(&workspace) else { return };
    for write in writes.conversations {
        let id = write.conversation.id;
        if write.is_new {
            inner.last_conversation_key += 1;
            inner.conversation_keys.insert((workspace, id), inner.last_conversation_key);
            space.order.push(id);
        }
        if write.reindex {
            inner.renamed.push((workspace, id));
        }
        space.conversations.insert(id, write.conversation);
    }
    for message in writes.messages {
        space.message_ids.insert(message.id, (message.conversation_id, message.seq));
        space.threads.entry(message.conversation_id).or_default().push(message.clone());
        inner.messages.push(Some((workspace, message)));
    }
    let noted: Vec<_> = writes.notes.iter().map(|note| (note.id, note.deleted_at().is_some())).collect();
    space.notes.extend(writes.notes.into_iter().map(|note| (note.id, note)));
    space.users.extend(writes.users.into_iter().map(|user| (user.id.clone(), user)));
    space.agents.extend(writes.agents.into_iter().map(|agent| (agent.id.clone(), agent)));
    for funnel in writes.funnels {
        space.funnels.entry(funnel.id.clone()).or_default().push(funnel);
    }
    for (key, change) in writes.counters {
        *space.counters.entry(key).or_default() += change;
    }
    space.activities.extend(writes.activities);
    for erased in writes.erased_users.iter().filter(|erased| erased.is_blank) {
        deletions::remove_blank_user(space, &erased.user_id);
    }
    for write in writes.desk {
        desk::apply(space, write);
    }
    for (id, due_at) in writes.due_dates {
        if let Some(conversation) = space.conversations.get_mut(&id) {
            Arc::make_mut(conversation).due_at = due_at;
        }
    }
    if let Some(SettingsWrite { policies, before, since }) = writes.settings {
        let total = space.conversations.len() as u64;
        space.head.policies = policies;
        space.head.redate = Some(Arc::new(Redate { before, since, after: None, done: 0, total }));
    }
    if let Some(Redated { next, done }) = writes.redated {
        let redate = space.head.redate.take().zip(next);
        space.head.redate =
            redate.map(|(redate, after)| Arc::new(Redate { after: Some(after), done, ..(*redate).clone() }));
    }
    for (id, is_gone) in noted {
        inner.tell_of_note(workspace, id, is_gone);
    }
}
