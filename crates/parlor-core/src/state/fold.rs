//! How a batch's view becomes what the store writes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{ConversationWrite, CounterKey, Deleted, Deletion, Row, State, WriteSet, counter_keys};
use crate::conversation::Conversation;
use crate::id::ConversationId;
use crate::message::Message;
use crate::note::Note;
use crate::user::User;

/// The revision each conversation of the batch got.
type Revs = HashMap<ConversationId, u64>;

impl State {
    /// Folds everything into what the store writes: one new revision for each touched conversation.
    #[must_use]
    pub fn finish(mut self) -> WriteSet {
        let mut writes = WriteSet { rev: self.head.rev, ..WriteSet::default() };
        let mut revs = HashMap::new();
        self.fold_touched(&mut writes, &mut revs);
        self.fold_deleted(&mut writes, &mut revs);
        self.fold_said(&mut writes, &revs);
        self.fold_people(&mut writes);
        writes.counters.retain(|_, change| *change != 0);
        writes.funnels = self.new_funnels;
        writes.desk = self.desk.writes;
        writes.due_dates = self.due_dates.into_iter().collect();
        writes.settings = self.settings;
        writes.redated = self.redated;
        writes
    }

    fn fold_touched(&mut self, writes: &mut WriteSet, revs: &mut Revs) {
        for id in std::mem::take(&mut self.touched) {
            let Some(Some(row)) = self.conversations.remove(&id) else { continue };
            writes.rev += 1;
            revs.insert(id, writes.rev);
            let Row { mut conversation, stored, reindex, .. } = row;
            let (was, is_new) = (stored.as_deref(), stored.is_none());
            let is = Arc::make_mut(&mut conversation);
            is.rev = writes.rev;
            if is_new {
                is.scope_rev = writes.rev;
            }
            if !was.is_some_and(|was| counter_keys(was).eq(counter_keys(is))) {
                count(&mut writes.counters, was, -1);
                count(&mut writes.counters, Some(is), 1);
            }
            writes.adds_label |= adds_label(was, is);
            let user = self.users.get(&is.user_id).and_then(Clone::clone);
            let user = user.unwrap_or_else(|| Arc::new(User::new(is.user_id.clone())));
            writes.conversations.push(ConversationWrite { conversation, user, is_new, reindex });
        }
    }

    fn fold_deleted(&mut self, writes: &mut WriteSet, revs: &mut Revs) {
        // A conversation that came and went in this batch has no row that its activities could name.
        let is_gone =
            |id| self.deleted.iter().any(|d| d.stored.is_none() && d.tombstone.conversation_id == id);
        self.activities.retain(|activity| !is_gone(activity.conversation_id));
        for Deleted { mut tombstone, stored, unstored, actor, messages } in std::mem::take(&mut self.deleted)
        {
            writes.rev += 1;
            tombstone.rev = writes.rev;
            revs.insert(tombstone.conversation_id, writes.rev);
            count(&mut writes.counters, stored.as_deref(), -1);
            let is_stored = stored.is_some();
            writes.deletions.push(Deletion { tombstone, is_stored, unstored, actor, messages });
        }
    }

    fn fold_said(&mut self, writes: &mut WriteSet, revs: &Revs) {
        let rev = writes.rev;
        let rev_of = |id: ConversationId| revs.get(&id).copied().unwrap_or(rev);
        let said = std::mem::take(&mut self.new_messages).into_iter();
        writes.messages = said.map(|m| Arc::new(Message { rev: rev_of(m.conversation_id), ..m })).collect();
        writes.notes = (self.touched_notes.iter())
            .filter_map(|id| self.notes.get(id).and_then(Clone::clone))
            .map(|note| Arc::new(Note { rev: rev_of(note.conversation_id), ..(*note).clone() }))
            .collect();
        let happened = std::mem::take(&mut self.activities).into_iter();
        writes.activities = happened.map(|a| (rev_of(a.conversation_id), a)).collect();
    }

    fn fold_people(&mut self, writes: &mut WriteSet) {
        let known = |id| self.users.get(id).and_then(Option::as_ref);
        writes.users = self.touched_users.iter().filter_map(|id| known(id).cloned()).collect();
        writes.erased_users = std::mem::take(&mut self.erased_users);
        for erased in &mut writes.erased_users {
            erased.is_blank =
                known(&erased.user_id).is_some_and(|user| **user == User::new(erased.user_id.clone()));
        }
        writes.agents = std::mem::take(&mut self.new_agents);
    }
}

fn adds_label(was: Option<&Conversation>, is: &Conversation) -> bool {
    is.labels.iter().any(|label| was.is_none_or(|was| !was.labels.contains(label)))
}

fn count(counters: &mut BTreeMap<CounterKey, i64>, conversation: Option<&Conversation>, by: i64) {
    for key in conversation.into_iter().flat_map(counter_keys) {
        *counters.entry(key).or_default() += by;
    }
}
