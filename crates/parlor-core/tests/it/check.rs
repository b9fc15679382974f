//! What holds after every batch, counted anew from the rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use parlor_core::conversation::{Conversation, Handler, Side, Status};
use parlor_core::event::ActivityKind;
use parlor_core::lifecycle;
use parlor_core::message::{Message, MessageKind, SystemLine};
use parlor_core::state::{CounterKey, WriteSet, counter_keys};

use crate::model::Model;

/// What a batch wrote, against the rows before it.
pub fn writes(before: &HashMap<parlor_core::id::ConversationId, Conversation>, rev: u64, writes: &WriteSet) {
    let mut next = rev;
    let mut revs = HashMap::new();
    for write in &writes.conversations {
        next += 1;
        let c = &write.conversation;
        assert_eq!(c.rev, next, "one new revision for each conversation, ascending, without holes");
        assert!(revs.insert(c.id, c.rev).is_none(), "a conversation is written once");
        match before.get(&c.id) {
            Some(old) => {
                assert!(c.version > old.version, "a written conversation has a higher version");
                assert_eq!(c.scope_rev, old.scope_rev, "nobody else may see it now");
                assert_eq!((&c.user_id, c.created_at), (&old.user_id, old.created_at), "these never change");
            }
            None => assert_eq!(c.scope_rev, c.rev),
        }
        assert_eq!(write.user.id, c.user_id);
    }
    for deletion in &writes.deletions {
        next += 1;
        let gone = &deletion.tombstone;
        assert_eq!(gone.rev, next, "a deletion has a revision of its own, behind those of the changes");
        assert!(revs.insert(gone.conversation_id, gone.rev).is_none(), "what is deleted is not written");
        let old = before.get(&gone.conversation_id);
        assert_eq!(old.is_some(), deletion.is_stored);
        assert!(old.is_none_or(|old| old.user_id == gone.user_id));
    }
    assert_eq!(writes.rev, next);
    for message in &writes.messages {
        assert_eq!(Some(&message.rev), revs.get(&message.conversation_id), "messages carry the group's rev");
    }
    let head = parlor_core::state::Head { rev, ..Default::default() };
    let committed = writes.committed(parlor_core::id::WorkspaceKey(1), &head);
    assert_eq!(committed.groups.iter().map(|g| g.messages.len()).sum::<usize>(), writes.messages.len());
    for group in &committed.groups {
        assert!(group.messages.is_sorted_by_key(|m| m.seq), "messages of a group come in order");
    }
}

/// Every row of the model.
pub fn rows(model: &Model) {
    let mut counters: BTreeMap<CounterKey, i64> = BTreeMap::new();
    let mut ids = HashSet::new();
    for c in model.conversations.values() {
        conversation(model, c);
        counter_keys(c).for_each(|key| *counters.entry(key).or_default() += 1);
        let thread = model.thread(c.id);
        self::thread(c, thread);
        lines(c, thread);
        assert!(thread.iter().all(|m| ids.insert(m.id)), "a message id is unique");
        let user = model.users.get(&c.user_id).expect("a conversation's user has a row");
        assert!(model.shown[&c.id].looks_like(user), "who syncs has the user as they are");
    }
    for id in model.tombstones.keys() {
        assert!(!model.conversations.contains_key(id) && model.thread(*id).is_empty(), "deleted for good");
    }
    let kept: BTreeMap<_, _> = model.counters.clone().into_iter().filter(|(_, n)| *n != 0).collect();
    assert_eq!(kept, counters, "kept totals are the counted ones");
    funnels(model);
}

fn conversation(model: &Model, c: &Conversation) {
    assert_eq!(c.assignee.is_some(), c.handler == Handler::Agent, "an agent's has an assignee, no other has");
    assert_eq!(c.closed_at.is_some(), c.status == Status::Closed);
    assert!(c.close_reason.is_none() || c.status == Status::Closed);
    assert!(!c.is_archived() || c.status == Status::Closed, "only what is closed is archived");
    assert_eq!(c.delete_at.is_some(), c.is_archived(), "the policy erases what is archived");
    assert!(c.labels.is_sorted() && c.labels.windows(2).all(|two| two[0] != two[1]));
    assert!(c.user_last_read_seq <= c.message_count && c.agent_last_read_seq <= c.message_count);
    if let Some(due) = lifecycle::due_at(c, model.head.policy.as_ref()) {
        assert!(c.due_at.is_some_and(|bound| bound <= due), "a due time has a lower bound in the row");
    }
    if let Some(previous) = c.previous_id {
        let root = model.conversations.get(&previous).and_then(|p| p.root_id).unwrap_or(previous);
        let is_known = !model.tombstones.contains_key(&previous);
        assert!(c.root_id.is_some() && (!is_known || c.root_id == Some(root)), "a chain has one root");
    }
}

fn thread(c: &Conversation, thread: &[std::sync::Arc<Message>]) {
    let count = |test: &dyn Fn(&Message) -> bool| thread.iter().filter(|m| test(m)).count();
    let (users, ours) = (MessageKind::User, MessageKind::Bot);
    assert_eq!(c.message_count as usize, thread.len());
    assert_eq!(c.user_messages as usize, count(&|m| m.kind == users));
    assert_eq!(c.our_messages as usize, count(&|m| m.kind == ours));
    let unread_by_agents = count(&|m| m.kind == users && m.seq > c.agent_last_read_seq);
    assert_eq!(c.unread_by_agents() as usize, unread_by_agents, "unread by agents is the recount");
    let unread_by_user = count(&|m| m.kind == ours && m.seq > c.user_last_read_seq);
    assert_eq!(c.unread_by_user() as usize, unread_by_user, "unread by the user is the recount");
    for (i, message) in thread.iter().enumerate() {
        assert_eq!(message.seq as usize, i + 1, "seq has no holes");
        let so_far = &thread[..=i];
        let before = |kind| so_far.iter().filter(|m| m.kind == kind).count();
        assert_eq!(
            (message.users_before as usize, message.ours_before as usize),
            (before(users), before(ours))
        );
    }
    match thread.iter().rev().find(|m| m.kind != MessageKind::System) {
        Some(last) => {
            let side = if last.kind == users { Side::User } else { Side::Ours };
            assert_eq!((c.last_side, &*c.last_message), (Some(side), &*last.text.preview()));
            assert_eq!(c.last_message_at, last.at);
        }
        None => assert_eq!((c.last_side, &*c.last_message, c.last_message_at), (None, "", c.started_at)),
    }
}

/// Closing and reopening lines take turns, and the last one says what the row says.
fn lines(c: &Conversation, thread: &[std::sync::Arc<Message>]) {
    let of = |m: &std::sync::Arc<Message>| match m.system {
        Some(SystemLine::Closed(_)) => Some(Status::Closed),
        Some(SystemLine::Reopened) => Some(Status::Open),
        _ => None,
    };
    let turns: Vec<Status> = thread.iter().filter_map(of).collect();
    assert!(turns.windows(2).all(|two| two[0] != two[1]), "no line is said twice: {turns:?}");
    assert!(turns.last().is_none_or(|last| *last == c.status), "the last line is the truth");
}

/// Entered is never less than answered, for each block of each conversation.
fn funnels(model: &Model) {
    let mut open: HashMap<_, i64> = HashMap::new();
    for activity in &model.activities {
        let detail = activity.detail.as_deref().unwrap_or_default();
        let block = detail.split('/').next().unwrap_or_default();
        let entry = open.entry((activity.conversation_id, block)).or_default();
        match activity.kind {
            ActivityKind::BlockEntered => *entry += 1,
            ActivityKind::BlockAnswered => *entry -= 1,
            _ => {}
        }
        assert!(*entry >= 0, "{block} was answered more often than entered");
    }
}
