//! `mark_read`: marks only move forward, unless an agent marks as unread.

use super::draft::Draft;
use super::{Context, Ruling, Stop, allow, unchanged, visible};
use crate::access::{Operation, Principal, Role};
use crate::command::MarkRead;
use crate::conversation::Conversation;
use crate::error::Refusal;
use crate::state::{Position, State};

pub(super) fn mark_read(state: &State, by: &Principal, mark: &MarkRead, context: &mut Context<'_>) -> Ruling {
    allow(by, Operation::MarkRead)?;
    let visitor = by.role == Role::Visitor;
    if visitor && mark.back {
        return Err(Refusal::Forbidden.into());
    }
    let current = visible(state, by, mark.conversation_id)?;
    let seq = mark.seq.min(current.message_count);
    let stored = if visitor { current.user_last_read_seq } else { current.agent_last_read_seq };
    if seq == stored || (seq < stored && !mark.back) {
        return unchanged(state, &current);
    }
    let position = position(state, &current, seq)?;
    let mut draft = Draft::new((*current).clone(), context.now, by.agent().as_ref());
    if visitor {
        draft.conversation.user_last_read_seq = seq;
        draft.conversation.our_messages_read = position.ours;
    } else {
        draft.conversation.agent_last_read_seq = seq;
        draft.conversation.user_messages_read = position.users;
    }
    draft.finish(state, None, None)
}

fn position(state: &State, conversation: &Conversation, seq: u32) -> Result<Position, Stop> {
    if seq == 0 {
        return Ok(Position { users: 0, ours: 0 });
    }
    if seq == conversation.message_count {
        return Ok(Position { users: conversation.user_messages, ours: conversation.our_messages });
    }
    // `seq` has no holes; a missing row would be a broken invariant of the store.
    let found = state.position(conversation.id, seq)?;
    Ok(found.ok_or(Refusal::Internal("no message at a seq below the conversation's count"))?)
}
