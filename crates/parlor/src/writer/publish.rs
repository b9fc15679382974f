//! What was committed goes out: each group is rendered once per view, in commit order, and only when somebody follows.

use std::sync::Arc;

use parlor_core::access::View;
use parlor_core::conversation::Snapshot;
use parlor_core::cursor::{Cursor, CursorKey};
use parlor_core::event::{Committed, Group};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::hub::{Channel, Hub, Topic};
use crate::wire::ConversationView;
use crate::wire::event::{RenderedGroup, conversation_topic};

/// Between the writer and everybody who listens.
pub struct Publisher {
    /// Who listens.
    pub hub: Arc<Hub>,
    /// Seals the groups' cursors.
    pub cursors: CursorKey,
    /// Called after every batch: the search index has something to read.
    pub after: Box<dyn Fn() + Send + Sync>,
}

impl Publisher {
    /// Publishes batches in the order they come until the writer is gone and everything is out.
    pub fn start(self, mut committed: mpsc::Receiver<Committed>) -> JoinHandle<()> {
        tokio::spawn(async move {
            while let Some(batch) = committed.recv().await {
                self.publish(&batch);
                (self.after)();
            }
        })
    }

    fn publish(&self, batch: &Committed) {
        for group in &batch.groups {
            self.publish_group(batch, group, View::Agents);
            self.publish_group(batch, group, View::Visitor);
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
            policy: batch.policy.clone(),
            view,
            is_online: self.hub.presence().is_online(batch.workspace, user),
        };
        let messages = if has_conversation { group.messages.as_slice() } else { &[] };
        let rendered = RenderedGroup::new(&shape, messages, true);
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
