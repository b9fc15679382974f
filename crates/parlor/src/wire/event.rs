//! Events of the live stream, the same in sockets, long polls and event streams (contract, section 5).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parlor_core::access::View;
use parlor_core::event::Tombstone;
use parlor_core::id::ConversationId;
use parlor_core::message::Message;
use parlor_core::note::Note as CoreNote;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use super::conversation::{LiveChatConversation, to_json};
use super::frames::pack;
use super::message::{Author, LiveChatMessage};
use super::note::Note;
use super::scalar::{DeleteReason, Time};
use super::{ConversationView, MessageView, NoteView};

/// The name of the topic of every conversation's summary.
pub const INBOX: &str = "inbox";
/// What a conversation's topic starts with.
const CONVERSATION: &str = "conversation:";

/// The name of a conversation's topic.
#[must_use]
pub fn conversation_topic(id: ConversationId) -> String {
    format!("{CONVERSATION}{id}")
}

/// What a topic's name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicName {
    /// `inbox`.
    Inbox,
    /// `conversation:<id>`.
    Conversation(ConversationId),
}

impl TopicName {
    /// Reads a name; `None` when there is no such topic. Only the canonical form of an id is a name, so that a topic has one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == INBOX {
            return Some(Self::Inbox);
        }
        let id = ConversationId::parse(name.strip_prefix(CONVERSATION)?)?;
        (conversation_topic(id) == name).then_some(Self::Conversation(id))
    }
}

/// An event of a group. The last of a group carries the cursor; a client applies the group, then moves there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum StreamEvent<'a> {
    /// A new or changed message.
    Message {
        /// The topic subscribed to.
        topic: &'a str,
        /// The message.
        #[schema(value_type = LiveChatMessage)]
        message: &'a RawValue,
        /// Where the client is after this group.
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'a str>,
    },
    /// A new or changed private note; agents only. With `deletedAt` it is gone.
    Note {
        /// The topic subscribed to.
        topic: &'a str,
        /// The note.
        #[schema(value_type = Note)]
        note: &'a RawValue,
        /// Where the client is after this group.
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'a str>,
    },
    /// A conversation after the commit; its `messages` are empty: keep those you have.
    Conversation {
        /// The topic subscribed to.
        topic: &'a str,
        /// The conversation.
        #[schema(value_type = LiveChatConversation)]
        conversation: &'a RawValue,
        /// Where the client is after this group.
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'a str>,
    },
    /// A conversation is gone with everything in it: forget it, and what waits to be sent to it. Its own topic ends here.
    Deleted {
        /// The topic subscribed to.
        topic: &'a str,
        /// Which.
        conversation_id: uuid::Uuid,
        /// Why.
        reason: DeleteReason,
        /// Where the client is after this group.
        cursor: &'a str,
    },
}

/// An event that may be lost and is never replayed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PassingEvent<'a> {
    /// Somebody types, or stopped; without news for five seconds they stopped.
    Typing {
        /// The topic subscribed to.
        topic: &'a str,
        /// Where they type.
        conversation_id: uuid::Uuid,
        /// Who.
        author: Author<'a>,
        /// Whether they type now.
        is_typing: bool,
    },
    /// A user came or went.
    Presence {
        /// Who.
        user_id: &'a str,
        /// Whether they are connected now.
        is_online: bool,
        /// When they went.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, format = DateTime, required = false)]
        last_seen: Option<Time>,
    },
    /// A list of the agents' may have changed: load it again. Only in the agents' view.
    Changed {
        /// `inbox`.
        topic: &'a str,
        /// Which list.
        what: DeskList,
    },
}

/// A list of the agents'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DeskList {
    /// `GET /agents`.
    Agents,
    /// `GET /labels`.
    Labels,
    /// `GET /funnels`.
    Funnels,
    /// `GET /canned-answers`.
    CannedAnswers,
    /// `GET /views`.
    Views,
    /// `GET /settings`.
    Settings,
}

impl From<parlor_core::desk::DeskList> for DeskList {
    fn from(list: parlor_core::desk::DeskList) -> Self {
        use parlor_core::desk::DeskList as Core;
        match list {
            Core::Agents => Self::Agents,
            Core::Labels => Self::Labels,
            Core::Funnels => Self::Funnels,
            Core::CannedAnswers => Self::CannedAnswers,
            Core::Views => Self::Views,
            Core::Settings => Self::Settings,
        }
    }
}

/// How a stream itself stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ControlEvent<'a> {
    /// Too far behind on this topic: load a snapshot.
    Reset {
        /// The topic subscribed to.
        topic: &'a str,
    },
    /// Still here. A head that is not the last cursor seen on its topic means: behind, subscribe again.
    Heartbeat {
        /// The last cursor of each topic subscribed to.
        heads: BTreeMap<&'a str, String>,
    },
    /// The server goes away; come back after this long.
    Goaway {
        /// Milliseconds; differs from client to client.
        reconnect_in_ms: u64,
    },
}

impl ControlEvent<'_> {
    /// The event as a frame.
    #[must_use]
    pub fn frame(&self) -> Bytes {
        to_json(self).into()
    }
}

impl PassingEvent<'_> {
    /// The event as a frame.
    #[must_use]
    pub fn frame(&self) -> Bytes {
        to_json(self).into()
    }
}

/// The group of a deletion, the same in both views.
#[must_use]
pub fn deleted_frame(topic: &str, tombstone: &Tombstone, cursor: &str) -> Bytes {
    let (conversation_id, reason) = (tombstone.conversation_id.0, tombstone.reason.into());
    to_json(&StreamEvent::Deleted { topic, conversation_id, reason, cursor }).into()
}

/// A group in one view: rendered once, whatever the number of topics and subscribers it goes to.
#[derive(Debug)]
pub struct RenderedGroup {
    messages: Vec<Box<RawValue>>,
    notes: Vec<Box<RawValue>>,
    conversation: Option<Box<RawValue>>,
}

impl RenderedGroup {
    /// Renders `messages`, `notes` and, when `has_conversation`, the conversation itself; `view` says whose marks and which
    /// view, and has no messages of its own. A visitor's view has no notes.
    #[must_use]
    pub fn new(
        view: &ConversationView,
        messages: &[Arc<Message>],
        notes: &[Arc<CoreNote>],
        has_conversation: bool,
    ) -> Self {
        let message = |message: &Arc<Message>| raw(&view.message(message.clone()));
        let notes = if view.view == View::Agents { notes } else { &[] };
        Self {
            messages: messages.iter().map(message).collect(),
            notes: notes.iter().map(|note| raw(&NoteView(note.clone()))).collect(),
            conversation: has_conversation.then(|| raw(view)),
        }
    }

    /// Its frames on a conversation's topic: messages in `seq` order, then notes, then the conversation. Only the last event
    /// of all carries `cursor`.
    #[must_use]
    pub fn on_conversation(&self, topic: &str, cursor: &str) -> Vec<Bytes> {
        let last = (self.messages.len() + self.notes.len()).saturating_sub(1);
        let cursor_at = |at: usize| (self.conversation.is_none() && at == last).then_some(cursor);
        let messages = self.messages.iter().zip(0..).map(|(message, at)| StreamEvent::Message {
            topic,
            message,
            cursor: cursor_at(at),
        });
        let notes = self.notes.iter().zip(self.messages.len()..).map(|(note, at)| StreamEvent::Note {
            topic,
            note,
            cursor: cursor_at(at),
        });
        let events = messages.chain(notes).chain(self.conversation_event(topic, cursor));
        pack(events.map(|event| to_json(&event).into()))
    }

    /// Its frames on an inbox: the conversation.
    #[must_use]
    pub fn on_inbox(&self, cursor: &str) -> Vec<Bytes> {
        pack(self.conversation_event(INBOX, cursor).map(|event| to_json(&event).into()))
    }

    fn conversation_event<'a>(&'a self, topic: &'a str, cursor: &'a str) -> Option<StreamEvent<'a>> {
        let conversation = self.conversation.as_deref()?;
        Some(StreamEvent::Conversation { topic, conversation, cursor: Some(cursor) })
    }
}

fn raw<T: Serialize>(shape: &T) -> Box<RawValue> {
    to_raw_value(shape).expect("shapes are plain JSON")
}

#[allow(unused_imports, reason = "the schema attributes name them")]
use {LiveChatConversation as _, LiveChatMessage as _, MessageView as _, Note as _};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_one_name() {
        let id = "0192b7f0-0000-7000-8000-00000000000a";
        let name = format!("conversation:{id}");
        let parsed = TopicName::parse(&name);
        assert!(matches!(parsed, Some(TopicName::Conversation(id)) if conversation_topic(id) == name));
        assert_eq!(TopicName::parse("inbox"), Some(TopicName::Inbox));
        for wrong in ["", "Inbox", "inbox ", "conversation:", "conversation:x", &name.to_uppercase()] {
            assert_eq!(TopicName::parse(wrong), None, "{wrong}");
        }
        let upper = format!("conversation:{}", id.to_uppercase());
        assert_eq!(TopicName::parse(&upper), None);
    }
}
