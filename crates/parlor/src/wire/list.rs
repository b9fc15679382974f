//! The answers of operations.

use std::collections::BTreeMap;

use bytes::Bytes;
use parlor_core::id::ConversationId;
use serde::ser::{Error, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::conversation::LiveChatConversation;
use super::event::StreamEvent;
use super::message::LiveChatMessage;
use super::note::Note;
use super::problem::ProblemBody;
use super::user::LiveChatUser;
use super::{ConversationView, MessageView, NoteView, Problem};

/// A page of the inbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationList {
    /// In order.
    #[schema(value_type = Vec<LiveChatConversation>)]
    pub conversations: Vec<ConversationView>,
    /// How many match in all.
    pub total: u64,
    /// True when `total` stops at 10,000 and there may be more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub total_is_capped: bool,
    /// Whether there is a next page.
    pub has_more: bool,
    /// `pageToken` of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// With `search`: by conversation, its newest message that matches, for our side else its newest note; none for one found by
    /// its names alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<BTreeMap<Uuid, SearchMatch>>,
    /// Where this snapshot stands; streams take it as `since`.
    pub cursor: String,
}

/// What a search found in a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchMatch {
    /// The newest message that matches; absent where only a private note does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Uuid>,
    /// The newest private note that matches, where no message does. Never for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note_id: Option<Uuid>,
    /// The message's place; of a note that of the message it stands behind, 0 before the first.
    pub seq: u32,
    /// A piece of its text around the first word found, at most 200 characters; an ellipsis where the text goes on.
    pub text: String,
    /// The words found, each from and to in UTF-16 units of `text`.
    #[schema(value_type = Vec<(u32, u32)>)]
    pub ranges: Vec<[usize; 2]>,
}

/// A page of messages, ascending.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageList {
    /// Ascending by `seq`.
    #[schema(value_type = Vec<LiveChatMessage>)]
    pub messages: Vec<MessageView>,
    /// Private notes that stand in this page, in order: behind its messages, and before the first one when the page
    /// reaches the beginning. Deleted ones are left out. Absent for visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Note>, required = false)]
    pub notes: Option<Vec<NoteView>>,
    /// Whether there are more in the direction asked.
    pub has_more: bool,
    /// Where this snapshot stands; streams take it as `since`.
    pub cursor: String,
}

/// What changed on a topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeList {
    /// The events of one commit each, in order; the last event of a group carries its cursor.
    #[serde(serialize_with = "json_arrays")]
    #[schema(value_type = Vec<Vec<StreamEvent<'static>>>)]
    pub groups: Vec<Bytes>,
    /// Where the caller is after them: `since` of the next poll.
    pub cursor: String,
    /// Too far behind, or of another life of the server's store: what the caller has is to be loaded again.
    pub reset: bool,
}

/// Arrays that are JSON already.
fn json_arrays<S: Serializer>(arrays: &[Bytes], serializer: S) -> Result<S::Ok, S::Error> {
    let mut all = serializer.serialize_seq(Some(arrays.len()))?;
    for array in arrays {
        all.serialize_element(&serde_json::from_slice::<&RawValue>(array).map_err(S::Error::custom)?)?;
    }
    all.end()
}

/// A stored message, and its conversation after it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostMessageAnswer)]
pub struct SendMessageAnswer {
    /// The message as stored.
    #[schema(value_type = LiveChatMessage)]
    pub message: MessageView,
    /// The conversation that took it.
    #[schema(value_type = LiveChatConversation)]
    pub conversation: ConversationView,
    /// Whether it is new: 201, else 200.
    #[serde(skip)]
    #[schema(ignore)]
    pub created: bool,
}

/// A private note, and its conversation after it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteAnswer {
    /// The note as stored.
    #[schema(value_type = Note)]
    pub note: NoteView,
    /// Its conversation.
    #[schema(value_type = LiveChatConversation)]
    pub conversation: ConversationView,
    /// Whether it is new: 201, else 200.
    #[serde(skip)]
    #[schema(ignore)]
    pub created: bool,
}

/// A started conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartConversationAnswer {
    /// The conversation that took the first message.
    #[schema(value_type = LiveChatConversation)]
    pub conversation: ConversationView,
    /// The first message, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = LiveChatMessage, required = false)]
    pub message: Option<MessageView>,
    /// Whether the conversation is new: 201, else 200.
    #[serde(skip)]
    #[schema(ignore)]
    pub created: bool,
}

/// One conversation after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationAnswer {
    /// As it is now.
    #[schema(value_type = LiveChatConversation)]
    pub conversation: ConversationView,
}

/// Several conversations after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkAnswer {
    /// Those that changed or already were so.
    #[schema(value_type = Vec<LiveChatConversation>)]
    pub conversations: Vec<ConversationView>,
    /// Those that were refused.
    pub failed: Vec<BulkFailure>,
}

/// A conversation of a bulk change that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkFailure {
    /// Which.
    pub conversation_id: Uuid,
    /// Why.
    #[serde(serialize_with = "problem_body")]
    #[schema(value_type = ProblemBody)]
    pub problem: Problem,
}

impl BulkFailure {
    /// `problem` with `id`.
    #[must_use]
    pub fn new(id: ConversationId, problem: Problem) -> Self {
        Self { conversation_id: id.0, problem }
    }
}

fn problem_body<S: Serializer>(problem: &Problem, serializer: S) -> Result<S::Ok, S::Error> {
    problem.body(None).serialize(serializer)
}

/// One or several, as the request named them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum UpdateAnswer {
    /// `conversationId`.
    One(ConversationAnswer),
    /// `conversationIds`.
    Bulk(BulkAnswer),
}

/// A user as stored.
#[derive(Debug)]
pub struct UserAnswer {
    /// The user.
    pub user: std::sync::Arc<parlor_core::user::User>,
    /// For whom.
    pub view: parlor_core::access::View,
    /// Whether they are connected now.
    pub is_online: bool,
}

impl Serialize for UserAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LiveChatUser::of(&self.user, self.view, self.is_online).serialize(serializer)
    }
}
