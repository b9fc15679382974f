//! `import_conversation`: history as it was. It answers nobody, closes nothing and starts every clock now.

use std::collections::HashSet;

use super::draft::{Draft, Said};
use super::start::blank;
use super::update::in_order;
use super::{Context, Ruling, Stop, allow, unchanged};
use crate::access::{Operation, Principal};
use crate::command::{ImportConversation, ImportMessage, ImportNote};
use crate::conversation::{Conversation, Handler, Status};
use crate::error::Refusal;
use crate::event::ActivityKind;
use crate::id::{ConversationId, MessageId, NoteId};
use crate::lifecycle::{self, Policies};
use crate::message::{Identity, MessageKind};
use crate::note::{Note, NoteContent};
use crate::state::{Claim, Keys, State};
use crate::user::User;

pub(super) fn needs(import: &ImportConversation, keys: &mut Keys) {
    keys.conversations.extend(import.id);
    keys.tombstones.extend(import.id);
    keys.conversations.extend(import.previous_id);
    keys.external.extend(import.external_id.clone());
    keys.users.insert(import.user_id.clone());
    keys.messages.extend(import.messages.iter().filter_map(|m| m.id));
    keys.notes.extend(import.notes.iter().filter_map(|n| n.id));
}

pub(super) fn import_conversation(
    state: &State,
    by: &Principal,
    import: &ImportConversation,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::Import)?;
    if let Some(existing) = existing(state, import)? {
        return match state.conversation(existing)?.cloned() {
            Some(conversation) => unchanged(state, &conversation),
            None => Err(Refusal::NotFound.into()),
        };
    }
    if import.id.map(|id| state.is_deleted(id)).transpose()?.unwrap_or(false) {
        return Err(Refusal::NotFound.into());
    }
    ids_are_free(state, import)?;
    let id = import.id.unwrap_or_else(|| ConversationId((context.new_id)()));
    let mut history = history(id, import, state.policies(), context)?;
    if let Some(previous_id) = history.previous_id {
        let previous = state.conversation(previous_id)?;
        history.root_id = previous.and_then(|p| p.root_id).or(Some(previous_id));
    }
    let mut draft = Draft::new(history, context.now, None);
    for message in &import.messages {
        say(&mut draft, message, context);
    }
    for note in &import.notes {
        add(&mut draft, note, context);
    }
    draft.record(ActivityKind::Imported, None);
    settle_marks(&mut draft.conversation, import);
    let stored = state.user(&import.user_id)?;
    let user = stored.map_or_else(|| User::new(import.user_id.clone()), |u| (**u).clone());
    // What we already know about a user is newer than their history.
    let user = if stored.is_some() { user } else { user.with(&import.user) };
    let is_new = stored.is_none();
    draft.finish(state, None, is_new.then_some(user))
}

/// No message or note of the line is there already.
fn ids_are_free(state: &State, import: &ImportConversation) -> Result<(), Stop> {
    let mut seen = HashSet::new();
    for id in import.messages.iter().filter_map(|m| m.id) {
        match state.claim(id)? {
            // Of a deleted conversation: an older export does not bring it back.
            Claim::Erased => return Err(Refusal::NotFound.into()),
            Claim::Free if seen.insert(id.0) => {}
            _ => return Err(Refusal::MessageIdConflict.into()),
        }
    }
    seen.clear();
    for id in import.notes.iter().filter_map(|n| n.id) {
        if state.note(id)?.is_some() || !seen.insert(id.0) {
            return Err(Refusal::NoteIdConflict.into());
        }
    }
    Ok(())
}

/// The conversation that this line already became.
fn existing(state: &State, import: &ImportConversation) -> Result<Option<ConversationId>, Stop> {
    if let Some(id) = import.id
        && state.conversation(id)?.is_some()
    {
        return Ok(Some(id));
    }
    match &import.external_id {
        Some(external) => Ok(state.external(external)?),
        None => Ok(None),
    }
}

/// The row before its messages. What contradicts itself is settled: only a closed conversation has a close, and only an
/// agent's an assignee.
fn history(
    id: ConversationId,
    import: &ImportConversation,
    policies: &Policies,
    context: &Context<'_>,
) -> Result<Conversation, Refusal> {
    let is_closed = import.status == Status::Closed;
    let archived_at = import.archived_at.filter(|_| is_closed);
    let assignee = import.assignee.clone().filter(|_| import.handler == Handler::Agent);
    let nobody = import.handler == Handler::Agent && assignee.is_none();
    let history = Conversation {
        status: import.status,
        handler: if nobody { Handler::Queue } else { import.handler },
        assignee,
        started_at: import.started_at,
        last_message_at: import.started_at,
        closed_at: is_closed.then(|| import.closed_at.unwrap_or(context.now)),
        close_reason: import.close_reason.filter(|_| is_closed),
        archived_at,
        snoozed_until: import.snoozed_until.filter(|_| !is_closed),
        hold: import.hold,
        previous_id: import.previous_id.filter(|previous| *previous != id),
        labels: in_order(&import.labels)?,
        locale: import.locale.clone(),
        external_id: import.external_id.clone(),
        metadata: import.metadata.clone().filter(|m| !m.is_empty()),
        ..blank(id, import.user_id.clone(), import.funnel_id.clone(), import.funnel_name.clone(), context.now)
    };
    let delete_at = lifecycle::delete_at(&history, policies.of(&history));
    Ok(Conversation { delete_at, ..history })
}

fn say(draft: &mut Draft, message: &ImportMessage, context: &mut Context<'_>) {
    let id = message.id.unwrap_or_else(|| MessageId((context.new_id)()));
    draft.say(Said {
        id,
        kind: message.kind,
        author: message.author.clone(),
        text: message.text.clone(),
        metadata: message.metadata.clone(),
        options: message.options.clone(),
        system: message.system.clone(),
        identity: Identity::ours(id),
        at: message.at,
    });
}

fn add(draft: &mut Draft, note: &ImportNote, context: &mut Context<'_>) {
    let id = note.id.unwrap_or_else(|| NoteId((context.new_id)()));
    draft.add_note(Note {
        id,
        conversation_id: draft.conversation.id,
        after_seq: note.after_seq.min(draft.conversation.message_count),
        author: note.author.clone(),
        // Nobody sent it here: no retry is the same.
        content: NoteContent::Written { text: note.text.clone(), identity: Identity(*id.0.as_bytes()) },
        at: note.at,
        version: 1,
        rev: 0,
    });
}

/// The marks as they were, not as writing the messages again would have moved them.
fn settle_marks(conversation: &mut Conversation, import: &ImportConversation) {
    let up_to = |seq: u32, kind: MessageKind| {
        import
            .messages
            .iter()
            .take(seq as usize)
            .filter(|m| m.kind == kind)
            .count()
            .try_into()
            .unwrap_or(u32::MAX)
    };
    let end = conversation.message_count;
    conversation.user_last_read_seq = import.user_last_read_seq.min(end);
    conversation.agent_last_read_seq = import.agent_last_read_seq.min(end);
    conversation.our_messages_read = up_to(conversation.user_last_read_seq, MessageKind::Bot);
    conversation.user_messages_read = up_to(conversation.agent_last_read_seq, MessageKind::User);
}
