//! `Note`.

use std::sync::Arc;

use parlor_core::note::Note as CoreNote;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::scalar::Time;

/// A private note to be rendered. There is one view of it: to visitors none is ever shown.
#[derive(Debug, Clone)]
pub struct NoteView(pub Arc<CoreNote>);

impl Serialize for NoteView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Note::of(&self.0).serialize(serializer)
    }
}

/// A private note beside a conversation; visitors never get one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Note)]
#[serde(rename_all = "camelCase")]
pub struct Note<'a> {
    /// Unique in its workspace; a client may choose it.
    pub id: Uuid,
    /// Beside which conversation.
    pub conversation_id: Uuid,
    /// It stands behind the message with this `seq`; 0 before the first. The order is `afterSeq`, then `at`, then `id`.
    pub after_seq: u32,
    /// Who wrote it.
    pub author: NoteAuthor<'a>,
    /// What it says; empty once it is deleted.
    pub text: &'a str,
    /// When the server stored it.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Rises when this note changes; of two copies the higher wins.
    pub version: u32,
    /// When it was deleted: show it no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub deleted_at: Option<Time>,
}

/// Who wrote a note: one of our side. A copy of the moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoteAuthor)]
pub struct NoteAuthor<'a> {
    /// As in a message's author.
    pub kind: NoteAuthorKind,
    /// Their id.
    pub id: &'a str,
    /// What they were called.
    pub name: &'a str,
}

/// What a note's author is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteAuthorKind {
    /// One of our side.
    Agent,
}

impl<'a> Note<'a> {
    /// `note` as agents see it.
    #[must_use]
    pub fn of(note: &'a CoreNote) -> Self {
        Self {
            id: note.id.0,
            conversation_id: note.conversation_id.0,
            after_seq: note.after_seq,
            author: NoteAuthor {
                kind: NoteAuthorKind::Agent,
                id: note.author.id.as_str(),
                name: note.author.name.as_str(),
            },
            text: note.text(),
            at: Time(note.at),
            version: note.version,
            deleted_at: note.deleted_at().map(Time),
        }
    }
}
