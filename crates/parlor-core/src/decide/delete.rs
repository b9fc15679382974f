//! `delete_conversation`: everything goes but a content-free tombstone (contract, section 6).

use super::{Context, Outcome, Ruling, allow, visible};
use crate::access::{Operation, Principal};
use crate::conversation::DeleteReason;
use crate::event::{Activity, ActivityKind, Tombstone};
use crate::id::ConversationId;
use crate::state::{Changes, State};

pub(super) fn delete_conversation(
    state: &State,
    by: &Principal,
    id: ConversationId,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::DeleteConversation)?;
    let current = visible(state, by, id)?;
    let reason = DeleteReason::Admin;
    let tombstone = Tombstone {
        conversation_id: id,
        user_id: current.user_id.clone(),
        reason,
        deleted_at: context.now,
        rev: 0,
    };
    let activity = Activity {
        conversation_id: id,
        kind: ActivityKind::Deleted,
        actor: by.agent().map(|agent| agent.id),
        at: context.now,
        detail: Some(reason.as_str().to_owned()),
    };
    let changes = Changes { tombstone: Some(tombstone), activities: vec![activity], ..Changes::default() };
    Ok((changes, Outcome::Deleted))
}
