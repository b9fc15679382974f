//! How a command's changes come into a batch's view.

use std::sync::Arc;

use super::{
    Changes, Claim, Deleted, ErasedUser, RedatePage, Redated, ReplayedDeletion, Row, SettingsWrite, State,
};
use crate::agent::AgentRef;
use crate::conversation::Conversation;
use crate::event::{Activity, ActivityKind, Tombstone};
use crate::funnel::Funnel;
use crate::id::{AgentId, ConversationId};
use crate::lifecycle::Redate;
use crate::limits;
use crate::message::Message;
use crate::note::Note;
use crate::time::Timestamp;
use crate::user::User;

impl State {
    /// Applies what a command changed.
    pub fn apply(&mut self, mut changes: Changes) {
        if let Some(user) = changes.user {
            changes.reindex |= self.is_renamed(&user);
            self.put_user(user);
        }
        for conversation in changes.conversations {
            let id = conversation.id;
            self.put(conversation);
            if changes.reindex {
                self.mark_reindex(id);
            }
        }
        changes.messages.into_iter().for_each(|message| self.put_message(message));
        changes.notes.into_iter().for_each(|note| self.put_note(note));
        changes.agent.into_iter().for_each(|agent| self.put_agent(agent));
        changes.funnel.into_iter().for_each(|funnel| self.put_funnel(funnel));
        for tombstone in changes.tombstones {
            let id = tombstone.conversation_id;
            let says_who = |a: &&Activity| a.kind == ActivityKind::Deleted && a.conversation_id == id;
            let actor = changes.activities.iter().find(says_who).and_then(|a| a.actor.clone());
            self.delete(tombstone, actor);
        }
        self.activities.extend(changes.activities);
        changes.desk.into_iter().for_each(|write| self.desk.apply(write));
        changes.replayed.into_iter().for_each(|replayed| self.replay(replayed));
        changes.erased_user.into_iter().for_each(|erased| self.erase(erased));
        changes.due_dates.into_iter().for_each(|(id, due_at)| self.move_due(id, due_at));
        changes.settings.into_iter().for_each(|write| self.set(write));
        changes.redated.into_iter().for_each(|redated| self.carry_on(redated));
    }

    fn is_renamed(&self, user: &User) -> bool {
        let known = self.users.get(&user.id).and_then(Option::as_ref);
        known.is_none_or(|known| known.name != user.name || known.email != user.email)
    }

    fn put_user(&mut self, user: User) {
        let id = user.id.clone();
        self.users.insert(id.clone(), Some(Arc::new(user)));
        if !self.touched_users.contains(&id) {
            self.touched_users.push(id);
        }
    }

    fn put_message(&mut self, message: Message) {
        self.messages.insert(message.id, Claim::Stored(Arc::new(message.clone())));
        self.new_messages.push(message);
    }

    fn put_note(&mut self, note: Note) {
        let id = note.id;
        self.notes.insert(id, Some(Arc::new(note)));
        if !self.touched_notes.contains(&id) {
            self.touched_notes.push(id);
        }
    }

    fn put_agent(&mut self, agent: AgentRef) {
        self.agents.insert(agent.id.clone(), Some(agent.clone()));
        self.new_agents.retain(|known| known.id != agent.id);
        self.new_agents.push(agent);
    }

    fn put_funnel(&mut self, funnel: Funnel) {
        let funnel = Arc::new(funnel);
        self.funnels.insert(funnel.id.clone(), Some(funnel.clone()));
        self.funnel_versions.insert((funnel.id.clone(), funnel.version), Some(funnel.clone()));
        self.new_funnels.push(funnel);
    }

    fn erase(&mut self, erased: ErasedUser) {
        self.put_user(User::new(erased.user_id.clone()));
        self.erased_users.push(erased);
    }

    fn carry_on(&mut self, redated: Redated) {
        self.head.redate = match (self.head.redate.take(), redated.next) {
            (Some(redate), after @ Some(_)) => {
                Some(Arc::new(Redate { after, done: redated.done, ..(*redate).clone() }))
            }
            _ => None,
        };
        self.redated = Some(redated);
    }

    /// Only the due time of a conversation.
    fn move_due(&mut self, id: ConversationId, due_at: Option<Timestamp>) {
        let Some(Some(row)) = self.conversations.get_mut(&id) else { return };
        Arc::make_mut(&mut row.conversation).due_at = due_at;
        // A row that is written anyway has it.
        if !row.touched {
            self.due_dates.insert(id, due_at);
        }
    }

    /// From now on the batch goes by these settings.
    fn set(&mut self, write: SettingsWrite) {
        self.head.policies = write.policies.clone();
        let SettingsWrite { before, since, .. } = write.clone();
        // How many conversations there are, the store counts.
        self.head.redate = Some(Arc::new(Redate { before, since, after: None, done: 0, total: 0 }));
        // What was loaded is not of this change.
        self.redate_page = Some(RedatePage::default());
        self.redated = None;
        self.settings = Some(write);
    }

    fn replay(&mut self, replayed: ReplayedDeletion) {
        let ReplayedDeletion { tombstone, actor, messages, free_ids } = replayed;
        self.messages.extend(free_ids.iter().map(|id| (*id, Claim::Erased)));
        if self.conversations.get(&tombstone.conversation_id).is_some_and(Option::is_some) {
            self.delete(tombstone, actor);
            if let Some(deleted) = self.deleted.last_mut() {
                deleted.unstored.extend(free_ids);
                deleted.messages = messages;
            }
        } else {
            self.deleted.push(Deleted { tombstone, stored: None, unstored: free_ids, actor, messages });
        }
    }

    fn delete(&mut self, tombstone: Tombstone, actor: Option<AgentId>) {
        let id = tombstone.conversation_id;
        let Some(row) = self.conversations.insert(id, None).flatten() else { return };
        self.due_dates.remove(&id);
        let messages = row.conversation.message_count;
        let notes = &self.notes;
        self.touched_notes.retain(|note| {
            notes.get(note).is_some_and(|n| n.as_ref().is_some_and(|n| n.conversation_id != id))
        });
        let unstored = self.new_messages.extract_if(.., |message| message.conversation_id == id);
        let unstored = unstored.map(|message| message.id).collect();
        self.deleted.push(Deleted { tombstone, stored: row.stored, unstored, actor, messages });
    }

    fn mark_reindex(&mut self, id: ConversationId) {
        if let Some(Some(row)) = self.conversations.get_mut(&id) {
            row.reindex = true;
        }
    }

    fn put(&mut self, conversation: Conversation) {
        let id = conversation.id;
        self.due_dates.remove(&id);
        let conversation = Arc::new(conversation);
        if self.row(id).is_none()
            && let Some(chain) = conversation.root_id.and_then(|root| self.chains.get_mut(&root))
        {
            chain.insert(0, id);
        }
        if let Some(external) = &conversation.external_id {
            self.external.insert(external.clone(), Some(id));
        }
        if conversation.is_open()
            && let Some(open) =
                self.open.get_mut(&(conversation.user_id.clone(), conversation.funnel_id.clone()))
            && !open.contains(&id)
        {
            open.push(id);
        }
        match self.conversations.get_mut(&id) {
            Some(Some(row)) => {
                row.conversation = conversation;
                if !row.touched {
                    row.touched = true;
                    self.touched.push(id);
                }
            }
            _ => {
                let user_id = conversation.user_id.clone();
                self.conversations
                    .insert(id, Some(Row { conversation, stored: None, touched: true, reindex: true }));
                self.touched.push(id);
                let full = limits::USER_CONVERSATIONS_BATCH;
                let pages =
                    self.of_user.iter_mut().filter(|((user, _), ids)| *user == user_id && ids.len() < full);
                pages.for_each(|(_, ids)| ids.push(id));
            }
        }
    }
}
