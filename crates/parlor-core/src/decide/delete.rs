//! `delete_conversation`: everything goes but a content-free tombstone (contract, section 6).

use super::{Context, Outcome, Ruling, allow, visible};
use crate::access::{Operation, Principal};
use crate::conversation::{Conversation, DeleteReason};
use crate::event::{Activity, ActivityKind, Tombstone};
use crate::id::{AgentId, ConversationId};
use crate::state::{Changes, State};
use crate::time::Timestamp;

pub(super) fn delete_conversation(
    state: &State,
    by: &Principal,
    id: ConversationId,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::DeleteConversation)?;
    let current = visible(state, by, id)?;
    let actor = by.agent().map(|agent| agent.id);
    Ok((erased(&current, DeleteReason::Admin, actor, context.now), Outcome::Deleted))
}

/// `conversation` goes, whoever wants it.
pub(super) fn erased(
    conversation: &Conversation,
    reason: DeleteReason,
    actor: Option<AgentId>,
    now: Timestamp,
) -> Changes {
    let conversation_id = conversation.id;
    let user_id = conversation.user_id.clone();
    let tombstone = Tombstone { conversation_id, user_id, reason, deleted_at: now, rev: 0 };
    let (kind, detail) = (ActivityKind::Deleted, Some(reason.as_str().to_owned()));
    let activity = Activity { conversation_id, kind, actor, at: now, detail };
    Changes { tombstones: vec![tombstone], activities: vec![activity], ..Changes::default() }
}
