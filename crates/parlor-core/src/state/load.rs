//! How rows come into a batch's view.

use std::collections::HashMap;

use super::{Keys, Loaded, Missing, Row, State};
use crate::id::{ConversationId, FunnelId, UserId};
use crate::limits;

impl State {
    /// Takes in more rows. What the batch already knows or has changed stays.
    pub fn add(&mut self, mut loaded: Loaded) {
        self.desk.add(&mut loaded);
        self.redate_page = self.redate_page.take().or(loaded.redate.take());
        for (id, conversation) in loaded.conversations {
            self.conversations.entry(id).or_insert_with(|| {
                conversation.map(|c| Row {
                    conversation: c.clone(),
                    stored: Some(c),
                    touched: false,
                    reindex: false,
                })
            });
        }
        for (id, user) in loaded.users {
            self.users.entry(id).or_insert(user);
        }
        fn merge<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, rows: Vec<(K, V)>) {
            for (key, value) in rows {
                map.entry(key).or_insert(value);
            }
        }
        merge(&mut self.tombstones, loaded.tombstones);
        merge(&mut self.messages, loaded.messages);
        merge(&mut self.notes, loaded.notes);
        merge(&mut self.agents, loaded.agents);
        merge(&mut self.funnel_versions, loaded.funnel_versions);
        for (id, funnel) in loaded.funnels {
            // The current version is a version too: a new conversation asks for it by number.
            if let Some(funnel) = &funnel {
                self.funnel_versions.entry((id.clone(), funnel.version)).or_insert(Some(funnel.clone()));
            }
            self.funnels.entry(id).or_insert(funnel);
        }
        for (root, found) in loaded.chains {
            // Those this batch created are younger than every row of the store's answer.
            let new = self.touched.iter().rev().filter(|id| self.is_new_in(**id, root)).copied();
            let all = new.chain(found).collect();
            self.chains.entry(root).or_insert(all);
        }
        merge(&mut self.positions, loaded.positions);
        merge(&mut self.external, loaded.external);
        for (page, mut ids) in loaded.of_user {
            // Conversations this batch created are younger than every row of the store's answer.
            let new = self.touched.iter().filter(|id| self.is_new_of(**id, &page.0));
            ids.extend(new.take(limits::USER_CONVERSATIONS_BATCH.saturating_sub(ids.len())));
            self.of_user.entry(page).or_insert(ids);
        }
        for (key, found) in loaded.open {
            // Conversations this batch opened before the lookup are not in the store's answer.
            let mut all = self.open.remove(&key).unwrap_or_default();
            all.extend(found.into_iter().filter(|id| !all.contains(id)).collect::<Vec<_>>());
            all.extend(self.opened_in_batch(&key, &all));
            self.open.insert(key, all);
        }
    }

    fn opened_in_batch(&self, key: &(UserId, FunnelId), known: &[ConversationId]) -> Vec<ConversationId> {
        let belongs = |id: &ConversationId| {
            self.row(*id).is_some_and(|c| c.is_open() && c.user_id == key.0 && c.funnel_id == key.1)
                && !known.contains(id)
        };
        self.touched.iter().copied().filter(belongs).collect()
    }

    fn is_new_of(&self, id: ConversationId, user: &UserId) -> bool {
        let row = self.conversations.get(&id).and_then(Option::as_ref);
        row.is_some_and(|row| row.stored.is_none() && row.conversation.user_id == *user)
    }

    fn is_new_in(&self, id: ConversationId, root: ConversationId) -> bool {
        let row = self.conversations.get(&id).and_then(Option::as_ref);
        row.is_some_and(|row| row.stored.is_none() && row.conversation.root_id == Some(root))
    }

    /// Asks at once for everything in `keys` that is not loaded: each round of loading is one of the whole batch.
    pub fn require(&self, mut keys: Keys) -> Result<(), Missing> {
        keys.conversations.retain(|id| !self.conversations.contains_key(id));
        keys.tombstones.retain(|id| !self.tombstones.contains_key(id));
        keys.messages.retain(|id| !self.messages.contains_key(id));
        keys.notes.retain(|id| !self.notes.contains_key(id));
        keys.users.retain(|id| !self.users.contains_key(id));
        keys.agents.retain(|id| !self.agents.contains_key(id));
        keys.funnels.retain(|id| !self.funnels.contains_key(id));
        keys.funnel_versions.retain(|key| !self.funnel_versions.contains_key(key));
        keys.open.retain(|key| !self.open.contains_key(key));
        keys.chains.retain(|root| !self.chains.contains_key(root));
        keys.positions.retain(|key| !self.positions.contains_key(key));
        keys.external.retain(|id| !self.external.contains_key(id));
        keys.of_user.retain(|page| !self.of_user.contains_key(page));
        keys.desk.retain(|part| !self.desk.has(*part));
        keys.redate &= self.redate_page.is_none();
        if keys.is_empty() { Ok(()) } else { Err(Missing(Box::new(keys))) }
    }
}
