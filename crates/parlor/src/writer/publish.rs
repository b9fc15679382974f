//! What was committed goes out: each group is rendered once per view, in commit order, and only when somebody follows.

use std::borrow::Cow;
use std::sync::Arc;

use parlor_core::access::View;
use parlor_core::conversation::Snapshot;
use parlor_core::cursor::{Cursor, CursorKey};
use parlor_core::event::{Committed, Group, Tombstone};
use parlor_core::limits;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::hub::{Channel, Hub, PassingKind, Topic};
use crate::wire::ConversationView;
use crate::wire::event::{INBOX, PassingEvent, RenderedGroup, conversation_topic, deleted_frame};

/// What its followers call a topic.
#[must_use]
pub fn topic_name(topic: &Topic) -> Cow<'static, str> {
    match topic {
        Topic::Inbox | Topic::UserInbox(_) => INBOX.into(),
        Topic::Conversation(id) => conversation_topic(*id).into(),
    }
}

/// Between the writer and everybody who listens.
pub struct Publisher {
    /// Who listens.
    pub hub: Arc<Hub>,
    /// Seals the groups' cursors.
    pub cursors: CursorKey,
    /// Called after every batch: the search index has something to read, or deleted bytes are to be cleaned away.
    pub after: Box<dyn Fn(&Committed) + Send + Sync>,
}

impl Publisher {
    /// Publishes batches in the order they come until the writer is gone and everything is out.
    pub fn start(self, mut committed: mpsc::Receiver<Committed>) -> JoinHandle<()> {
        tokio::spawn(async move {
            while let Some(batch) = committed.recv().await {
                self.publish(&batch);
                (self.after)(&batch);
            }
        })
    }

    fn publish(&self, batch: &Committed) {
        for group in &batch.groups {
            self.publish_group(batch, group, View::Agents);
            self.publish_group(batch, group, View::Visitor);
        }
        for tombstone in &batch.tombstones {
            self.publish_deletion(batch, tombstone);
        }
        self.publish_changed(batch);
    }

    /// Behind the groups: who loads a list again finds what they named.
    fn publish_changed(&self, batch: &Committed) {
        let inbox = Channel { workspace: batch.workspace, topic: Topic::Inbox, view: View::Agents };
        if batch.changed.is_empty() || !self.hub.has(&inbox) {
            return;
        }
        for list in &batch.changed {
            let frame = PassingEvent::Changed { topic: INBOX, what: (*list).into() }.frame();
            self.hub.publish_lossy(&inbox, frame, PassingKind::Changed(*list), limits::CHANGED_LATE_S);
        }
    }

    fn publish_deletion(&self, batch: &Committed, tombstone: &Tombstone) {
        let cursor = Cursor { workspace: batch.workspace, epoch: batch.epoch, rev: tombstone.rev };
        let cursor = self.cursors.seal(&cursor);
        let own = Topic::Conversation(tombstone.conversation_id);
        let topics = [
            (View::Agents, Topic::Inbox),
            (View::Agents, own.clone()),
            (View::Visitor, Topic::UserInbox(tombstone.user_id.clone())),
            (View::Visitor, own),
        ];
        for (view, topic) in topics {
            let channel = Channel { workspace: batch.workspace, topic, view };
            if self.hub.has(&channel) {
                let frame = deleted_frame(&topic_name(&channel.topic), tombstone, &cursor);
                match channel.topic {
                    Topic::Conversation(_) => self.hub.publish_last(&channel, tombstone.rev, &[frame]),
                    _ => self.hub.publish(&channel, tombstone.rev, &[frame]),
                }
            }
        }
    }

    fn publish_group(&self, batch: &Committed, group: &Group, view: View) {
        let channel = |topic| Channel { workspace: batch.workspace, topic, view };
        let conversation = channel(Topic::Conversation(group.conversation.id));
        let inbox = channel(match view {
            View::Agents => Topic::Inbox,
            View::Visitor => Topic::UserInbox(group.conversation.user_id.clone()),
        });
        let (has_conversation, has_inbox) = (self.hub.has(&conversation), self.hub.has(&inbox));
        if !has_conversation && !has_inbox {
            return;
        }
        let user = &group.conversation.user_id;
        let shape = ConversationView {
            snapshot: Snapshot { conversation: group.conversation.clone(), user: group.user.clone() },
            messages: Vec::new(),
            policies: batch.policies.clone(),
            view,
            is_online: self.hub.presence().is_online(batch.workspace, user),
        };
        let (messages, notes) =
            if has_conversation { (&*group.messages, &*group.notes) } else { (&[][..], &[][..]) };
        let rendered = RenderedGroup::new(&shape, messages, notes, true);
        let cursor = Cursor { workspace: batch.workspace, epoch: batch.epoch, rev: group.rev };
        let cursor = self.cursors.seal(&cursor);
        if has_conversation {
            let topic = conversation_topic(group.conversation.id);
            self.hub.publish(&conversation, group.rev, &rendered.on_conversation(&topic, &cursor));
        }
        if has_inbox {
            self.hub.publish(&inbox, group.rev, &rendered.on_inbox(&cursor));
        }
    }
}
