//! `add_note` and `delete_note`: beside the conversation, so nothing of it moves but its version.

use std::sync::Arc;

use super::draft::Draft;
use super::{Answer, Context, Outcome, Ruling, Stop, learned, unchanged, visible};
use crate::access::{Operation, Principal, Role, may};
use crate::command::AddNote;
use crate::conversation::Conversation;
use crate::error::Refusal;
use crate::event::ActivityKind;
use crate::id::{ConversationId, NoteId};
use crate::limits;
use crate::message::Identity;
use crate::note::{Note, NoteContent};
use crate::state::{Keys, State};

pub(super) fn needs(by: &Principal, id: ConversationId, note: Option<NoteId>, keys: &mut Keys) {
    keys.conversations.insert(id);
    keys.notes.extend(note);
    keys.agents.extend(by.agent().map(|me| me.id));
}

pub(super) fn add_note(state: &State, by: &Principal, add: &AddNote, context: &mut Context<'_>) -> Ruling {
    let conversation = noted(state, by, add.conversation_id)?;
    let identity = identity(by, add);
    if let Some(stored) = add.id.map(|id| state.note(id)).transpose()?.flatten() {
        return match &stored.content {
            // What was deleted comes back by no retry.
            NoteContent::Deleted { .. } => Err(Refusal::NotFound.into()),
            NoteContent::Written { identity: known, .. } if *known != identity => {
                Err(Refusal::NoteIdConflict.into())
            }
            NoteContent::Written { .. } => with_note(unchanged(state, &conversation)?, stored.clone()),
        };
    }
    if conversation.note_count as usize >= limits::NOTES {
        return Err(Refusal::field(
            "",
            "is one note too many: a conversation has at most 500, deleted ones among them",
        )
        .into());
    }
    let author = by.answerer();
    let mut draft = Draft::new((*conversation).clone(), context.now, Some(&author));
    let note = Note {
        id: add.id.unwrap_or_else(|| NoteId((context.new_id)())),
        conversation_id: conversation.id,
        after_seq: conversation.message_count,
        author,
        content: NoteContent::Written { text: add.text.clone(), identity },
        at: context.now,
        version: 1,
        rev: 0,
    };
    draft.record(ActivityKind::NoteAdded, None);
    draft.add_note(note.clone());
    let (mut changes, outcome) = draft.finish(state, None, None)?;
    // A service writes notes too, and is nobody whose name an assignment could need.
    changes.agent = by.agent().map(|me| learned(state, &me)).transpose()?.flatten();
    with_note((changes, outcome), Arc::new(note))
}

pub(super) fn delete_note(
    state: &State,
    by: &Principal,
    id: ConversationId,
    note: NoteId,
    context: &mut Context<'_>,
) -> Ruling {
    let conversation = noted(state, by, id)?;
    let stored = state.note(note)?.filter(|note| note.conversation_id == id).ok_or(Refusal::NotFound)?;
    if stored.author.id != by.sub && by.role != Role::Admin {
        return Err(Refusal::Forbidden.into());
    }
    if stored.deleted_at().is_some() {
        return with_note(unchanged(state, &conversation)?, stored.clone());
    }
    let mut draft = Draft::new((*conversation).clone(), context.now, by.agent().as_ref());
    let content = NoteContent::Deleted { at: context.now };
    let gone = Note { content, version: stored.version + 1, ..(**stored).clone() };
    draft.record(ActivityKind::NoteDeleted, None);
    draft.change_note(gone.clone());
    with_note(draft.finish(state, None, None)?, Arc::new(gone))
}

/// The conversation, for those to whom its notes exist. For a visitor there are none, not even forbidden ones.
fn noted(state: &State, by: &Principal, id: ConversationId) -> Result<Arc<Conversation>, Stop> {
    if !may(by.role, Operation::WriteNote) {
        return Err(Refusal::NotFound.into());
    }
    visible(state, by, id)
}

fn identity(by: &Principal, add: &AddNote) -> Identity {
    // An agent who became an admin between two tries is still the same author.
    let role = if by.role.is_agent() { Role::Agent } else { by.role };
    let conversation = add.conversation_id.0.as_bytes();
    Identity::of(&[
        b"note",
        role.as_str().as_bytes(),
        by.sub.as_str().as_bytes(),
        conversation,
        add.text.as_str().as_bytes(),
    ])
}

fn with_note((changes, outcome): (crate::state::Changes, Outcome), note: Arc<Note>) -> Ruling {
    let Outcome::Conversation(answer) = outcome else { return Ok((changes, outcome)) };
    Ok((changes, Outcome::Conversation(Answer { note: Some(note), ..answer })))
}
