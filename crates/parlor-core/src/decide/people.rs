//! `put_user` and `put_funnel`.

use std::sync::Arc;

use super::draft::Draft;
use super::{Context, Outcome, Ruling, Stop, allow};
use crate::access::{Operation, Principal};
use crate::error::Refusal;
use crate::funnel::Funnel;
use crate::id::{ConversationId, UserId};
use crate::limits;
use crate::state::{Changes, State};
use crate::user::{User, UserFields};

pub(super) fn put_user(
    state: &State,
    by: &Principal,
    user_id: &UserId,
    fields: &UserFields,
    context: &mut Context<'_>,
) -> Ruling {
    let own = by.user_id().as_ref() == Some(user_id);
    if own && fields.is_the_hosts() {
        return Err(Refusal::Forbidden.into());
    }
    if !own {
        allow(by, Operation::PutUser)?;
    }
    let stored = state.user(user_id)?.cloned();
    // A row exists only from the first message (contract, section 2): a visitor cannot make one by naming themselves.
    if own && stored.is_none() {
        return Err(Refusal::NotFound.into());
    }
    let user = stored.as_deref().cloned().unwrap_or_else(|| User::new(user_id.clone())).with(fields);
    if stored.as_deref() == Some(&user) {
        return Ok((Changes::default(), Outcome::User { user: Arc::new(user), more: None }));
    }
    let (mut changes, more) = refresh(state, user_id, None, context)?;
    changes.user = Some(user.clone());
    Ok((changes, Outcome::User { user: Arc::new(user), more }))
}

pub(super) fn refresh_user(
    state: &State,
    user_id: &UserId,
    after: ConversationId,
    context: &mut Context<'_>,
) -> Ruling {
    let user = state.user(user_id)?.cloned().ok_or(Refusal::NotFound)?;
    let (mut changes, more) = refresh(state, user_id, Some(after), context)?;
    // Which field was new is forgotten by now.
    changes.reindex = true;
    Ok((changes, Outcome::User { user, more }))
}

/// `user` is live in every conversation: each of them changes with it, so that nobody who syncs misses it.
fn refresh(
    state: &State,
    user_id: &UserId,
    after: Option<ConversationId>,
    context: &mut Context<'_>,
) -> Result<(Changes, Option<ConversationId>), Stop> {
    let ids = state.of_user(user_id, after)?;
    let mut changes = Changes::default();
    for id in ids {
        if let Some(conversation) = state.conversation(*id)? {
            let draft = Draft::new((**conversation).clone(), context.now, None);
            changes.conversations.extend(draft.changes(state).conversations);
        }
    }
    let more = ids.last().copied().filter(|_| ids.len() >= limits::USER_CONVERSATIONS_BATCH);
    Ok((changes, more))
}

/// The user's other conversations, when a start changed the profile; see [`refresh`].
pub(super) fn refresh_others(
    state: &State,
    user_id: &UserId,
    changes: &mut Changes,
    context: &mut Context<'_>,
) -> Result<Option<ConversationId>, Stop> {
    let (others, more) = refresh(state, user_id, None, context)?;
    let touched: Vec<_> = changes.conversations.iter().map(|c| c.id).collect();
    changes.conversations.extend(others.conversations.into_iter().filter(|c| !touched.contains(&c.id)));
    Ok(more)
}

pub(super) fn put_funnel(state: &State, by: &Principal, funnel: &Funnel) -> Ruling {
    allow(by, Operation::PutFunnel)?;
    let current = state.funnel(&funnel.id)?;
    if let Some(current) = current.filter(|c| c.source == funnel.source) {
        return Ok((Changes::default(), Outcome::Funnel { funnel: current.clone(), created: false }));
    }
    let version = current.map_or(0, |c| c.version) + 1;
    let funnel = Funnel { version, ..funnel.clone() };
    let outcome = Outcome::Funnel { funnel: Arc::new(funnel.clone()), created: true };
    Ok((Changes { funnel: Some(funnel), ..Changes::default() }, outcome))
}
