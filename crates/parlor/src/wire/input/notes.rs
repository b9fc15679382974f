//! `add_note`.

use parlor_core::command::AddNote as AddNoteCommand;
use parlor_core::id::{ConversationId, NoteId};
use parlor_core::text::Text;
use serde::Deserialize;
use utoipa::ToSchema;

use super::UUID;
use crate::wire::Problem;
use crate::wire::parse::{Check, present};

/// A private note somebody writes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddNote {
    /// A UUID chosen by the client: sent again with the same text, the note is stored once.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = Uuid)]
    pub id: Option<String>,
    /// 1 to 10,000 characters, at most 32 KiB as JSON, not only white space.
    pub text: String,
}

impl AddNote {
    /// As a command about the conversation that the address names.
    pub fn parse(self, conversation_id: ConversationId) -> Result<AddNoteCommand, Problem> {
        let mut check = Check::default();
        let id = check.optional("/id", self.id.map(|id| NoteId::parse(&id).ok_or(UUID)));
        let text = check.take("/text", Text::parse(&self.text));
        check.finish(text.map(|text| AddNoteCommand { conversation_id, id, text }))
    }
}
