//! `update_conversation`, `take_conversation`, `give_back_conversation`.

use std::sync::Arc;

use super::draft::Draft;
use super::send::held;
use super::{Context, Ruling, allow, learned, over, unchanged, visible};
use crate::access::{Operation, Principal};
use crate::agent::AgentRef;
use crate::command::{Expect, Relabel, UpdateConversation};
use crate::conversation::{CloseReason, Conversation, Handler, Status};
use crate::error::Refusal;
use crate::id::{AgentId, ConversationId};
use crate::limits;
use crate::state::State;
use crate::text::{Label, Name};

pub(super) fn update_conversation(
    state: &State,
    by: &Principal,
    update: &UpdateConversation,
    context: &mut Context<'_>,
) -> Ruling {
    allow(
        by,
        if only_closes(update) { Operation::CloseConversation } else { Operation::UpdateConversation },
    )?;
    let current = visible(state, by, update.conversation_id)?;
    if !holds(&current, &update.expect) {
        return Err(Refusal::ConversationChanged(Box::new(state.snapshot(&current)?)).into());
    }
    let (status, archived) = wanted(&current, update)?;
    if status == Status::Closed && update.snoozed_until.is_some_and(|until| until.is_some()) {
        return Err(Refusal::field("/snoozedUntil", "a closed conversation cannot be snoozed").into());
    }
    let mut draft = Draft::new((*current).clone(), context.now, by.agent().as_ref());
    if let Some(relabel) = &update.labels {
        draft.conversation.labels = relabelled(&current.labels, relabel)?;
    }
    if let Some(until) = update.snoozed_until {
        draft.snooze(until);
    }
    if let Some(hold) = update.hold {
        draft.hold(hold, state.policies());
    }
    if let Some(metadata) = &update.metadata {
        draft.conversation.metadata = metadata.clone().filter(|m| !m.is_empty());
    }
    if status == Status::Open && !current.is_open() {
        draft.reopen(context);
    }
    rehandle(state, by, update, &mut draft, context)?;
    if status == Status::Closed && current.is_open() {
        let reason = if by.role.is_agent() { CloseReason::Agent } else { CloseReason::User };
        draft.close(reason, context);
    }
    match (draft.conversation.is_archived(), archived) {
        (false, true) => draft.archive(state.policies()),
        (true, false) => draft.unarchive(),
        _ => {}
    }
    if draft.conversation == *current {
        return unchanged(state, &current);
    }
    let holds_now = |me: &AgentRef| draft.conversation.assignee.as_ref() == Some(me);
    let taken = by.agent().filter(|me| holds_now(me) && current.assignee.as_ref() != Some(me));
    let news = taken.map(|me| learned(state, &me)).transpose()?.flatten();
    let (mut changes, outcome) = draft.finish(state, None, None)?;
    changes.agent = news;
    Ok((changes, outcome))
}

fn relabelled(current: &[Label], relabel: &Relabel) -> Result<Vec<Label>, Refusal> {
    match relabel {
        Relabel::To(labels) => in_order(labels),
        Relabel::By { add, remove } => {
            let mut labels = [current, add].concat();
            labels.retain(|label| !remove.contains(label));
            let too_many = "makes more than 20 labels with those that are there";
            in_order(&labels).map_err(|_| Refusal::field("/addLabels", too_many))
        }
    }
}

/// Labels as they are stored: sorted, without doubles, within their bound.
pub(super) fn in_order(labels: &[Label]) -> Result<Vec<Label>, Refusal> {
    let mut labels = labels.to_vec();
    labels.sort();
    labels.dedup();
    if labels.len() > limits::LABELS {
        return Err(Refusal::field("/labels", "must be at most 20 labels"));
    }
    Ok(labels)
}

/// A visitor may end their own conversation, nothing else.
fn only_closes(update: &UpdateConversation) -> bool {
    let UpdateConversation {
        status,
        is_archived,
        handler,
        assignee_id,
        labels,
        snoozed_until,
        hold,
        metadata,
        ..
    } = update;
    let rest = is_archived.is_some() || handler.is_some() || assignee_id.is_some() || labels.is_some();
    *status == Some(Status::Closed)
        && !rest
        && snoozed_until.is_none()
        && hold.is_none()
        && metadata.is_none()
}

fn holds(current: &Conversation, expect: &Expect) -> bool {
    let assignee = current.assignee.as_ref().map(|a| &a.id);
    expect.status.is_none_or(|s| s == current.status)
        && expect.handler.is_none_or(|h| h == current.handler)
        && expect.assignee_id.as_ref().is_none_or(|a| Some(a) == assignee)
}

/// Status and archive as they shall be. A field equal to the stored value is no wish: [seed] front ends send
/// `isArchived` back as they got it, also when they reopen from the archive.
fn wanted(current: &Conversation, update: &UpdateConversation) -> Result<(Status, bool), Refusal> {
    let status = update.status.filter(|s| *s != current.status);
    let archived = update.is_archived.filter(|a| *a != current.is_archived());
    match (status, archived) {
        (Some(Status::Open), Some(true)) => {
            Err(Refusal::field("/isArchived", "an open conversation cannot be archived"))
        }
        (Some(Status::Open), _) => Ok((Status::Open, false)),
        (_, Some(true)) => Ok((Status::Closed, true)),
        (status, archived) => {
            Ok((status.unwrap_or(current.status), archived.unwrap_or(current.is_archived())))
        }
    }
}

fn rehandle(
    state: &State,
    by: &Principal,
    update: &UpdateConversation,
    draft: &mut Draft,
    context: &mut Context<'_>,
) -> Result<(), super::Stop> {
    let handler = match (update.handler, &update.assignee_id) {
        (Some(Handler::Bot | Handler::Queue), Some(_)) => {
            return Err(Refusal::field("/assigneeId", "goes with handler \"agent\" only").into());
        }
        (None, Some(_)) => Some(Handler::Agent),
        (handler, _) => handler,
    };
    match handler {
        Some(Handler::Bot) if draft.conversation.handler != Handler::Bot => draft.give_to_bot(context),
        Some(Handler::Queue) if draft.conversation.handler != Handler::Queue => draft.give_to_queue(context),
        Some(Handler::Agent) => {
            let agent = match &update.assignee_id {
                Some(id) => named(state, by, id)?,
                // `handler: "agent"` alone keeps a holder that is there.
                None if draft.conversation.handler == Handler::Agent => return Ok(()),
                None => by.agent().ok_or(Refusal::Forbidden)?,
            };
            if draft.conversation.assignee.as_ref().map(|a| &a.id) != Some(&agent.id) {
                draft.assign(agent, context);
            }
        }
        _ => {}
    }
    Ok(())
}

/// An agent by id; one we have never met is called by their id.
fn named(state: &State, by: &Principal, id: &AgentId) -> Result<AgentRef, super::Stop> {
    if let Some(me) = by.agent().filter(|me| me.id == *id) {
        return Ok(me);
    }
    if let Some(known) = state.agent(id)? {
        return Ok(known.clone());
    }
    let name = Name::parse(id.as_str()).map_err(|detail| Refusal::field("/assigneeId", detail))?;
    Ok(AgentRef { id: id.clone(), name })
}

pub(super) fn take_conversation(
    state: &State,
    by: &Principal,
    id: ConversationId,
    from: Option<&AgentId>,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::UpdateConversation)?;
    let current = visible(state, by, id)?;
    let me = by.agent().ok_or(Refusal::Forbidden)?;
    if !current.is_open() {
        return Err(over(&current).into());
    }
    let holder = current.assignee.as_ref().filter(|_| current.handler == Handler::Agent);
    match holder {
        Some(holder) if holder.id == me.id => return unchanged(state, &current),
        Some(holder) if Some(&holder.id) != from => return Err(held(&current).into()),
        _ => {}
    }
    let news = learned(state, &me)?;
    let mut draft = Draft::new((*current).clone(), context.now, Some(&me));
    draft.assign(me, context);
    let (mut changes, outcome) = draft.finish(state, None, None)?;
    changes.agent = news;
    Ok((changes, outcome))
}

pub(super) fn give_back_conversation(
    state: &State,
    by: &Principal,
    id: ConversationId,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::UpdateConversation)?;
    let current: Arc<Conversation> = visible(state, by, id)?;
    if current.handler == Handler::Bot {
        return unchanged(state, &current);
    }
    if !current.is_open() {
        return Err(over(&current).into());
    }
    let mut draft = Draft::new((*current).clone(), context.now, by.agent().as_ref());
    draft.give_to_bot(context);
    draft.finish(state, None, None)
}
