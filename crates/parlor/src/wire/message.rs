//! `LiveChatMessage`.

use std::sync::Arc;

use parlor_core::access::View;
use parlor_core::agent::AgentRef;
use parlor_core::conversation::Conversation;
use parlor_core::message::{Author as CoreAuthor, Message, MessageKind, SystemLine as CoreSystemLine};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::scalar::{AuthorKind, MessageMetadata, MessageType, MetadataView, Time};

/// A message to be rendered: what the shape needs, shared rather than copied.
#[derive(Debug, Clone)]
pub struct MessageView {
    /// The message.
    pub message: Arc<Message>,
    /// Its conversation, for whose it is and what has been read.
    pub conversation: Arc<Conversation>,
    /// For whom.
    pub view: View,
}

impl Serialize for MessageView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LiveChatMessage::of(&self.message, &self.conversation, self.view).serialize(serializer)
    }
}

/// One thing that was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveChatMessage)]
#[serde(rename_all = "camelCase")]
pub struct LiveChatMessage<'a> {
    /// Unique in its workspace; a client may choose it.
    pub id: Uuid,
    /// Where it landed.
    pub conversation_id: Uuid,
    /// How it renders.
    #[serde(rename = "type")]
    pub kind: MessageType,
    /// What was said.
    pub text: &'a str,
    /// When the server stored it. Never used for order.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Time,
    /// Whether the other side has read it.
    pub is_read: bool,
    /// The caller's data and the funnel's position.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = MessageMetadata, required = false)]
    pub metadata: Option<MetadataView<'a>>,
    /// 1, 2, 3 … without holes in its conversation; the order.
    pub seq: u32,
    /// Who said it.
    pub author: Author<'a>,
    /// Quick replies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<MessageOption<'a>>,
    /// What a system line says; clients word it, `text` is the fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemLine<'a>>,
    /// Rises when this message changes.
    pub version: u32,
    /// Reserved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<&'a [Attachment]>,
    /// Reserved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub edited_at: Option<Time>,
    /// Reserved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub deleted_at: Option<Time>,
}

impl<'a> LiveChatMessage<'a> {
    /// `message` of `conversation` as `view` has it.
    #[must_use]
    pub fn of(message: &'a Message, conversation: &'a Conversation, view: View) -> Self {
        // The mark of the side that did not say it. Clients derive the same from the conversation's marks.
        let read_to = match message.kind {
            MessageKind::User => conversation.agent_last_read_seq,
            MessageKind::Bot | MessageKind::System => conversation.user_last_read_seq,
        };
        let option = |o: &'a parlor_core::message::MessageOption| MessageOption {
            id: o.id.as_str(),
            text: o.text.as_str(),
        };
        Self {
            id: message.id.0,
            conversation_id: message.conversation_id.0,
            kind: message.kind.into(),
            text: message.text.as_str(),
            timestamp: Time(message.at),
            is_read: message.seq <= read_to,
            metadata: message.metadata.as_ref().and_then(|m| MetadataView::of(m, view)),
            seq: message.seq,
            author: Author::of(&message.author, conversation, view),
            options: message.options.iter().map(option).collect(),
            system: message.system.as_ref().map(|line| SystemLine {
                code: line.code(),
                params: line.param().is_some().then_some(Params(line)),
            }),
            version: message.version,
            attachments: None,
            edited_at: None,
            deleted_at: None,
        }
    }
}

/// Who said it; a copy of the moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Author)]
pub struct Author<'a> {
    /// What they are.
    pub kind: AuthorKind,
    /// Their id; an agent's is absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// What they were called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
}

impl<'a> Author<'a> {
    fn of(author: &'a CoreAuthor, conversation: &'a Conversation, view: View) -> Self {
        let by_agent = |kind, agent: &'a AgentRef| Self {
            kind,
            id: (view == View::Agents).then(|| agent.id.as_str()),
            name: Some(agent.name.as_str()),
        };
        match author {
            CoreAuthor::User { name } => Self {
                kind: AuthorKind::User,
                id: Some(conversation.user_id.as_str()),
                name: Some(name.as_str()),
            },
            CoreAuthor::Bot => Self { kind: AuthorKind::Bot, id: None, name: None },
            CoreAuthor::Agent(agent) => by_agent(AuthorKind::Agent, agent),
            CoreAuthor::System(Some(agent)) => by_agent(AuthorKind::System, agent),
            CoreAuthor::System(None) => Self { kind: AuthorKind::System, id: None, name: None },
        }
    }
}

/// A quick reply.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageOption)]
pub struct MessageOption<'a> {
    /// What a client sends back as `optionId`.
    pub id: &'a str,
    /// What the button says.
    pub text: &'a str,
}

/// What a system line says, for clients to word in their language.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemLine)]
pub struct SystemLine<'a> {
    /// `conversation_closed`, `conversation_reopened`, `agent_joined`, `agent_left`, `handed_to_queue`; more may come.
    pub code: &'static str,
    /// What the words need.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = std::collections::BTreeMap<String, String>, required = false)]
    pub params: Option<Params<'a>>,
}

/// A system line's parameter, as an object.
#[derive(Debug)]
pub struct Params<'a>(&'a CoreSystemLine);

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let param = self.0.param();
        let mut map = serializer.serialize_map(Some(param.iter().len()))?;
        if let Some((key, value)) = param {
            map.serialize_entry(key, &*value)?;
        }
        map.end()
    }
}

/// Reserved: a file that came with a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
}
