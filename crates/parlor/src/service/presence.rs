//! Who is connected and who types: told to those who listen now, never stored, never replayed.

use std::sync::Arc;

use bytes::Bytes;
use parlor_core::access::{Operation, Principal, View, may};
use parlor_core::error::Code;
use parlor_core::id::{ConversationId, UserId, WorkspaceKey};
use parlor_core::limits;

use crate::hub::{Channel, Topic};
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
        let Some(user) = &self.user else { return };
        if self.service.hub.presence().disconnect(self.workspace, user) {
            self.service.tell_presence(self.workspace, user, false);
        }
    }
}

impl Service {
    /// One more connection of the caller. Agents hear of a visitor's first and last.
    #[must_use]
    pub fn present(self: &Arc<Self>, by: &Principal) -> Present {
        let user = by.user_id();
        if let Some(user) = &user
            && self.hub.presence().connect(by.workspace, user)
        {
            self.tell_presence(by.workspace, user, true);
        }
        Present { service: self.clone(), workspace: by.workspace, user }
    }

    fn tell_presence(&self, workspace: WorkspaceKey, user: &UserId, is_online: bool) {
        let inbox = Channel { workspace, topic: Topic::Inbox, view: View::Agents };
        if self.hub.has(&inbox) {
            self.hub.publish_lossy(&inbox, &self.presence_event(user, is_online));
        }
    }

    fn presence_event(&self, user: &UserId, is_online: bool) -> Bytes {
        let last_seen = (!is_online).then(|| Time(self.ambient.now()));
        PassingEvent::Presence { user_id: user.as_str(), is_online, last_seen }.frame()
    }

    /// Who is online, as a follower of the agents' inbox is told when it begins and again every now and then.
    #[must_use]
    pub fn list_presence(&self, channel: &Channel) -> Vec<Bytes> {
        if channel.topic != Topic::Inbox {
            return Vec::new();
        }
        let online = self.hub.presence().online(channel.workspace, limits::PRESENCE_TOLD);
        pack(online.iter().map(|user| self.presence_event(user, true)))
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
            self.hub.publish_lossy(&channel, &event.frame());
        }
        Ok(())
    }
}
