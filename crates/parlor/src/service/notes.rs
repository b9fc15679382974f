//! `add_note`, `delete_note`.

use parlor_core::access::Principal;
use parlor_core::command::Action;
use parlor_core::id::{ConversationId, NoteId};

use crate::service::Service;
use crate::wire::input::AddNote;
use crate::wire::list::NoteAnswer;
use crate::wire::query::Inline;
use crate::wire::{NoteView, Problem};

impl Service {
    /// Stores a private note; the same one again is answered with the stored one.
    pub async fn add_note(
        &self,
        by: &Principal,
        id: ConversationId,
        input: AddNote,
        inline: Inline,
    ) -> Result<NoteAnswer, Problem> {
        let add = input.parse(id)?;
        self.change_note(by, Action::AddNote(Box::new(add)), inline).await
    }

    /// Takes back what a private note says.
    pub async fn delete_note(
        &self,
        by: &Principal,
        conversation_id: ConversationId,
        note_id: NoteId,
        inline: Inline,
    ) -> Result<NoteAnswer, Problem> {
        self.change_note(by, Action::DeleteNote { conversation_id, note_id }, inline).await
    }

    async fn change_note(
        &self,
        by: &Principal,
        action: Action,
        inline: Inline,
    ) -> Result<NoteAnswer, Problem> {
        let mut answer = self.run_on_conversation(by, action).await?;
        let note = answer.note.take().ok_or_else(|| Problem::internal("a note that is not answered"))?;
        let created = answer.created;
        let conversation = self.answered(by, answer, inline).await?;
        Ok(NoteAnswer { note: NoteView(note), conversation, created })
    }
}
