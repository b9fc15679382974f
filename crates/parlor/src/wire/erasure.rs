//! What was deleted, and what would be.

use parlor_core::event::DeletionRecord;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::scalar::{DeleteReason, Time};

/// What a deletion would take; nothing was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRun {
    /// Conversations.
    pub conversations: u64,
    /// Their messages, system lines too.
    pub messages: u64,
    /// Their private notes.
    pub notes: u64,
}

/// The record of what was deleted: neither what was said nor by whom.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletionList {
    /// Newest first.
    pub deletions: Vec<Deletion>,
    /// Whether there are older ones: `before` the last one's `seq`.
    pub has_more: bool,
}

/// A deleted conversation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// Its place in the record; rises with each deletion.
    pub seq: u64,
    /// The id it had.
    pub conversation_id: Uuid,
    /// Why it was deleted.
    pub reason: DeleteReason,
    /// The id of the administrator who asked for it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// How many messages went with it.
    pub messages: u32,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub deleted_at: Time,
}

impl From<DeletionRecord> for Deletion {
    fn from(record: DeletionRecord) -> Self {
        Self {
            seq: record.seq,
            conversation_id: record.conversation_id.0,
            reason: record.reason.into(),
            actor: record.actor.map(|actor| actor.as_str().to_owned()),
            messages: record.messages,
            deleted_at: Time(record.deleted_at),
        }
    }
}
