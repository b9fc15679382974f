//! What holds after every batch, counted anew from the rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use parlor_core::conversation::{Conversation, Status};
use parlor_core::event::ActivityKind;
use parlor_core::invariant::{self, Notes, Thread};
use parlor_core::message::{Message, SystemLine};
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
    let mut notes = HashSet::new();
    for note in &writes.notes {
        assert_eq!(Some(&note.rev), revs.get(&note.conversation_id), "notes carry the group's rev");
        assert!(notes.insert(note.id), "a note is written once");
    }
    let head = parlor_core::state::Head { rev, ..Default::default() };
    let committed = writes.committed(parlor_core::id::WorkspaceKey(1), &head);
    assert_eq!(committed.groups.iter().map(|g| g.messages.len()).sum::<usize>(), writes.messages.len());
    assert_eq!(committed.groups.iter().map(|g| g.notes.len()).sum::<usize>(), writes.notes.len());
    for group in &committed.groups {
        assert!(group.notes.is_sorted_by_key(|n| n.place()), "and its notes");
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
        lines(c, thread);
        assert!(thread.iter().all(|m| ids.insert(m.id)), "a message id is unique");
        let user = model.users.get(&c.user_id).expect("a conversation's user has a row");
        assert!(model.shown[&c.id].looks_like(user), "who syncs has the user as they are");
    }
    for id in model.tombstones.keys() {
        assert!(!model.conversations.contains_key(id) && model.thread(*id).is_empty(), "deleted for good");
        assert_eq!(model.notes_of(*id).len(), 0, "its notes too");
    }
    let kept: BTreeMap<_, _> = model.counters.clone().into_iter().filter(|(_, n)| *n != 0).collect();
    assert_eq!(kept, counters, "kept totals are the counted ones");
    funnels(model);
}

/// What holds of every stored conversation.
fn conversation(model: &Model, c: &Conversation) {
    let breaches = &mut Vec::new();
    let sink = &mut |breach| breaches.push(breach);
    invariant::conversation(c, &model.head, sink);
    let mut thread = Thread::new(c);
    model.thread(c.id).iter().for_each(|message| thread.message(message, sink));
    thread.end(sink);
    let mut notes = Notes::new(c);
    model.notes_of(c.id).into_iter().for_each(|note| notes.note(note, sink));
    notes.end(sink);
    if let Some(previous) = c.previous_id.and_then(|id| model.conversations.get(&id)) {
        invariant::chain(c, previous, sink);
        assert_eq!(c.root_id, previous.root_id.or(Some(previous.id)), "a chain has one root");
    }
    assert_eq!(*breaches, []);
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
