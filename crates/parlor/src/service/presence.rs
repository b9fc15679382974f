//! Who is connected and who types: told to those who listen now, never replayed. Only when somebody was last seen is stored.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parlor_core::access::{Operation, Principal, View, may};
use parlor_core::error::Code;
use parlor_core::id::{ConversationId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::time::Timestamp;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::hub::{Channel, PassingKind, Topic};
use crate::service::Service;
use crate::wire::Problem;
use crate::wire::event::{PassingEvent, conversation_topic};
use crate::wire::frames::pack;
use crate::wire::message::Author;
use crate::wire::scalar::{AuthorKind, Time};

/// Somebody who counts as connected until this is dropped, however their connection ends.
pub struct Present {
    service: Arc<Service>,
    workspace: WorkspaceKey,
    /// Agents' connections count for nothing.
    user: Option<UserId>,
}

impl Drop for Present {
    fn drop(&mut self) {
        if let Some(user) = &self.user {
            self.service.hub.presence().disconnect(self.workspace, user);
        }
    }
}

impl Service {
    /// One more connection of the caller. Agents hear of a user's first and last.
    #[must_use]
    pub fn present(self: &Arc<Self>, by: &Principal) -> Present {
        let user = by.user_id();
        if let Some(user) = &user {
            self.hub.presence().connect(by.workspace, user);
        }
        self.meet(by);
        Present { service: self.clone(), workspace: by.workspace, user }
    }

    /// Tells and saves who came and went, every now and then, until `stop`.
    pub async fn keep_presence(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_secs(limits::PRESENCE_TICK_S));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.tell_presence();
            self.save_presence().await;
        }
    }

    /// Writes down that everybody left: the server ends.
    pub async fn end_presence(&self) {
        self.hub.presence().leave_all();
        self.save_presence().await;
    }

    /// Tells agents who came and went since the last time.
    pub fn tell_presence(&self) {
        let inbox = |workspace| Channel { workspace, topic: Topic::Inbox, view: View::Agents };
        let limit = |workspace| match self.hub.has(&inbox(workspace)) {
            true => limits::PRESENCE_CHANGES,
            false => usize::MAX,
        };
        let now = self.ambient.now();
        for (workspace, news) in self.hub.presence().take_news(limit, now) {
            let inbox = inbox(workspace);
            if !self.hub.has(&inbox) {
                continue;
            }
            let events =
                news.iter().map(|(user, is_online)| presence_event(user, (!is_online).then_some(now)));
            for frame in pack(events) {
                self.hub.publish_lossy(&inbox, frame, PassingKind::Presence, limits::PRESENCE_LATE_S);
            }
        }
    }

    /// Writes down when those who left were last seen; answers with the number of writes. One that fails is not repeated:
    /// when somebody was last seen is no promise.
    pub async fn save_presence(&self) -> usize {
        let (now, mut writes) = (self.ambient.now(), 0);
        for (workspace, left) in self.hub.presence().take_left() {
            for users in left.chunks(limits::LAST_SEEN_BATCH) {
                writes += 1;
                if let Err(error) = self.store.set_last_seen(workspace, users.to_vec(), now).await {
                    tracing::warn!(%error, users = users.len(), "when users were last seen was not stored");
                }
            }
        }
        writes
    }

    /// Who is online and who left lately, as a follower of the agents' inbox is told when it begins and again every now and
    /// then.
    #[must_use]
    pub fn list_presence(&self, channel: &Channel) -> Vec<Bytes> {
        if channel.topic != Topic::Inbox {
            return Vec::new();
        }
        let (online, gone) = self.hub.presence().list(channel.workspace, limits::PRESENCE_TOLD);
        let gone = gone.iter().map(|gone| presence_event(&gone.user, Some(gone.at)));
        pack(gone.chain(online.iter().map(|user| presence_event(user, None))))
    }

    /// Shows everybody in the conversation that the caller types, or stopped.
    pub async fn set_typing(
        &self,
        by: &Principal,
        id: ConversationId,
        is_typing: bool,
    ) -> Result<(), Problem> {
        if !may(by.role, Operation::SetTyping) {
            return Err(Code::Forbidden.into());
        }
        let found = self.store.get_conversation(by.workspace, id, 0).await;
        let row = found.map_err(|error| self.failed(&error))?;
        let row = row.filter(|row| by.sees(&row.snapshot.conversation)).ok_or(Code::NotFound)?;
        let agent = by.agent();
        let topic = conversation_topic(id);
        for view in [View::Agents, View::Visitor] {
            let channel = Channel { workspace: by.workspace, topic: Topic::Conversation(id), view };
            if !self.hub.has(&channel) {
                continue;
            }
            let author = match &agent {
                Some(agent) => Author {
                    kind: AuthorKind::Agent,
                    id: (view == View::Agents).then(|| agent.id.as_str()),
                    name: Some(agent.name.as_str()),
                },
                None => Author {
                    kind: AuthorKind::User,
                    id: Some(row.snapshot.user.id.as_str()),
                    name: Some(row.snapshot.user.name.as_str()),
                },
            };
            let event = PassingEvent::Typing { topic: &topic, conversation_id: id.0, author, is_typing };
            let (is_agent, author) = (agent.is_some(), by.sub.clone());
            let kind = PassingKind::Typing { conversation: id, is_agent, author };
            self.hub.publish_lossy(&channel, event.frame(), kind, limits::TYPING_S);
        }
        Ok(())
    }
}

/// A user is online, or left at a time.
fn presence_event(user: &UserId, left: Option<Timestamp>) -> Bytes {
    PassingEvent::Presence { user_id: user.as_str(), is_online: left.is_none(), last_seen: left.map(Time) }
        .frame()
}
