//! `LiveChatConversation`.

use std::sync::Arc;

use parlor_core::access::View;
use parlor_core::conversation::{Side, Snapshot};
use parlor_core::lifecycle::Policies;
use parlor_core::message::Message;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MessageView;
use super::scalar::{Channel, CloseReason, ConversationStatus, Handler, Time, WaitingOn};
use super::user::LiveChatUser;

/// A conversation to be rendered: what the shape needs, shared rather than copied.
#[derive(Debug, Clone)]
pub struct ConversationView {
    /// The conversation and its user.
    pub snapshot: Snapshot,
    /// Messages that ride along, ascending; none for a summary.
    pub messages: Vec<Arc<Message>>,
    /// What `autoCloseAt` is computed with.
    pub policies: Arc<Policies>,
    /// For whom.
    pub view: View,
    /// Whether the user is connected now.
    pub is_online: bool,
}

impl ConversationView {
    /// One of its messages for the same view.
    #[must_use]
    pub fn message(&self, message: Arc<Message>) -> MessageView {
        MessageView { message, conversation: self.snapshot.conversation.clone(), view: self.view }
    }

    fn shape(&self) -> LiveChatConversation<'_> {
        let c = &*self.snapshot.conversation;
        let agents = self.view == View::Agents;
        let message = |m: &Arc<Message>| MessageView {
            message: m.clone(),
            conversation: self.snapshot.conversation.clone(),
            view: self.view,
        };
        LiveChatConversation {
            id: c.id.0,
            user_id: c.user_id.as_str(),
            user: LiveChatUser::of(&self.snapshot.user, self.view, self.is_online),
            funnel_id: c.funnel_id.as_str(),
            funnel_name: c.funnel_name.as_str(),
            status: c.status.into(),
            started_at: Time(c.started_at),
            last_message_at: Time(c.last_message_at),
            last_message: &c.last_message,
            message_count: c.message_count,
            messages: self.messages.iter().map(message).collect(),
            auto_close_at: self.snapshot.auto_close_at(&self.policies).map(Time),
            is_archived: c.is_archived(),
            created_at: Time(c.created_at),
            updated_at: Time(c.updated_at),
            handler: c.handler.into(),
            assignee: c
                .assignee
                .as_ref()
                .map(|a| Assignee { id: agents.then(|| a.id.as_str()), name: a.name.as_str() }),
            waiting_on: c.waiting_on().map(|side| match side {
                Side::User => WaitingOn::User,
                Side::Ours => WaitingOn::Team,
            }),
            unread_count: if agents { c.unread_by_agents() } else { c.unread_by_user() },
            user_last_read_seq: c.user_last_read_seq,
            agent_last_read_seq: c.agent_last_read_seq,
            closed_at: c.closed_at.map(Time),
            close_reason: c.close_reason.map(Into::into),
            archived_at: c.archived_at.map(Time),
            delete_at: c.delete_at.filter(|_| agents && !c.hold).map(Time),
            erase_marked_at: c.erase_mark.filter(|_| agents).map(|mark| Time(mark.at)),
            snoozed_until: c.snoozed_until.map(Time),
            hold: (agents && c.hold).then_some(true),
            previous_id: c.previous_id.map(|id| id.0),
            labels: agents.then(|| c.labels.iter().map(|l| l.as_str()).collect()),
            locale: c.locale.as_ref().map(|l| l.as_str()),
            external_id: c.external_id.as_ref().filter(|_| agents).map(|id| id.as_str()),
            channel: Channel::Web,
            inbox_id: c.inbox_id.as_str(),
            version: c.version,
            metadata: c.metadata.as_ref().filter(|m| agents && !m.is_empty()).map(|m| m.as_map()),
        }
    }
}

impl Serialize for ConversationView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shape().serialize(serializer)
    }
}

/// One user, one funnel, one handler at a time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveChatConversation)]
#[serde(rename_all = "camelCase")]
pub struct LiveChatConversation<'a> {
    /// Its id; a client may choose it.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: &'a str,
    /// The user as they are now.
    pub user: LiveChatUser<'a>,
    /// The funnel it runs through.
    pub funnel_id: &'a str,
    /// The funnel's name when it started.
    pub funnel_name: &'a str,
    /// Open or closed.
    pub status: ConversationStatus,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Time,
    /// When the last message was said that is not a system line.
    #[schema(value_type = String, format = DateTime)]
    pub last_message_at: Time,
    /// Its first 200 characters, or empty.
    pub last_message: &'a str,
    /// Messages in all, system lines too; the last `seq`.
    pub message_count: u32,
    /// Newest messages, ascending: 50 unless `?messages=` says otherwise; none in events.
    #[schema(value_type = Vec<super::message::LiveChatMessage>)]
    pub messages: Vec<MessageView>,
    /// When it closes by itself if nothing happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub auto_close_at: Option<Time>,
    /// Whether it is archived.
    #[schema(required = false)]
    pub is_archived: bool,
    /// When the row came to be.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Last committed change.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    /// Who answers now.
    pub handler: Handler,
    /// Who holds it, when `handler` is `agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee<'a>>,
    /// Who is expected to write next; absent when closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_on: Option<WaitingOn>,
    /// What the caller's side has not read.
    pub unread_count: u32,
    /// The user has read up to this `seq`.
    pub user_last_read_seq: u32,
    /// Agents have read up to this `seq`.
    pub agent_last_read_seq: u32,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub closed_at: Option<Time>,
    /// Why it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_reason: Option<CloseReason>,
    /// When it was archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub archived_at: Option<Time>,
    /// When it will be erased; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub delete_at: Option<Time>,
    /// Since when it is marked for erasure, which follows after 24 hours of the server running; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub erase_marked_at: Option<Time>,
    /// No timer runs until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub snoozed_until: Option<Time>,
    /// Exempt from every timer; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<bool>,
    /// The conversation this one follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<Uuid>,
    /// Sorted; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<&'a str>>,
    /// The user's language when it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'a str>,
    /// Its id where it was imported from; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<&'a str>,
    /// Where it runs.
    pub channel: Channel,
    /// Where its policies hang.
    pub inbox_id: &'a str,
    /// Rises with every committed change; of two copies the higher wins.
    pub version: u64,
    /// The host's own data; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub metadata: Option<&'a Map<String, Value>>,
}

/// Who holds a conversation; the name is a copy of the moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignee)]
pub struct Assignee<'a> {
    /// Absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// What they are called.
    pub name: &'a str,
}

/// The `message` and `conversation` of an event are the shapes themselves: this renders one, once for all who share the
/// view.
///
/// # Panics
/// Never: the shapes hold strings, numbers and maps with string keys.
#[must_use]
pub fn to_json<T: Serialize>(shape: &T) -> Vec<u8> {
    serde_json::to_vec(shape).expect("shapes are plain JSON")
}
