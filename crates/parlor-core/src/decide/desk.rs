//! Canned answers and saved views, and who is seen at the desk.

use std::sync::Arc;

use super::{Context, Outcome, Ruling, allow, learned};
use crate::access::{Operation, Principal, Role};
use crate::command::{PutCannedAnswer, PutView};
use crate::desk::{CannedAnswer, SavedView};
use crate::error::Refusal;
use crate::id::{CannedAnswerId, ViewId};
use crate::limits;
use crate::state::{Changes, DeskWrite, State};

pub(super) fn put_canned_answer(
    state: &State,
    by: &Principal,
    put: &PutCannedAnswer,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::EditDesk)?;
    let all = state.canned_answers()?;
    let stored = all.get(&put.id);
    let created = stored.is_none();
    // Before its version is looked at: whoever missed the answer to their own change asks again.
    if let Some(stored) = stored.filter(|stored| stored.shortcut == put.shortcut && stored.text == put.text) {
        return Ok((Changes::default(), Outcome::CannedAnswer { answer: stored.clone(), created }));
    }
    let current = stored.map_or(0, |stored| stored.version);
    if put.version.is_some_and(|version| version != current) {
        return Err(Refusal::CannedAnswerChanged.into());
    }
    // By the clock, because what was deleted, or stood in a database before a restore, leaves nothing to count on from.
    let version = (current + 1).max(u64::try_from(context.now.0).unwrap_or(0));
    let (id, shortcut, text) = (put.id.clone(), put.shortcut.clone(), put.text.clone());
    let answer = Arc::new(CannedAnswer { id, shortcut, text, version });
    if all.values().any(|other| other.id != answer.id && other.shortcut.is_typed_as(&answer.shortcut)) {
        return Err(Refusal::field("/shortcut", "is another canned answer's; choose one that is free").into());
    }
    if created && all.len() >= limits::CANNED_ANSWERS {
        let full = "there are 500 canned answers, as many as a workspace may have; delete one first";
        return Err(Refusal::field("", full).into());
    }
    let changes = Changes { desk: Some(DeskWrite::PutCannedAnswer(answer.clone())), ..Changes::default() };
    Ok((changes, Outcome::CannedAnswer { answer, created }))
}

pub(super) fn delete_canned_answer(
    state: &State,
    by: &Principal,
    id: &CannedAnswerId,
    version: Option<u64>,
) -> Ruling {
    allow(by, Operation::EditDesk)?;
    let stored = state.canned_answers()?.get(id).ok_or(Refusal::NotFound)?;
    if version.is_some_and(|version| version != stored.version) {
        return Err(Refusal::CannedAnswerChanged.into());
    }
    let desk = Some(DeskWrite::DeleteCannedAnswer(id.clone()));
    Ok((Changes { desk, ..Changes::default() }, Outcome::Deleted))
}

pub(super) fn put_view(state: &State, by: &Principal, put: &PutView) -> Ruling {
    allow(by, Operation::EditDesk)?;
    let all = state.views()?;
    let stored = all.get(&put.id);
    if let Some(stored) = stored {
        may_change(by, stored)?;
    }
    let created = stored.is_none();
    let view = Arc::new(SavedView {
        id: put.id.clone(),
        name: put.name.clone(),
        owner: stored.map_or_else(|| by.sub.clone(), |stored| stored.owner.clone()),
        is_shared: put.is_shared.unwrap_or(stored.is_some_and(|stored| stored.is_shared)),
        filters: put.filters.clone(),
    });
    if stored == Some(&view) {
        return Ok((Changes::default(), Outcome::View { view, created }));
    }
    let own = all.values().filter(|other| other.owner == by.sub).count();
    if created && (own >= limits::VIEWS_PER_AGENT || all.len() >= limits::VIEWS) {
        let full = "there are as many saved views as there may be, 100 of an agent and 2,000 in all; delete one first";
        return Err(Refusal::field("", full).into());
    }
    let changes = Changes { desk: Some(DeskWrite::PutView(view.clone())), ..Changes::default() };
    Ok((changes, Outcome::View { view, created }))
}

pub(super) fn delete_view(state: &State, by: &Principal, id: &ViewId) -> Ruling {
    allow(by, Operation::EditDesk)?;
    let stored = state.views()?.get(id).ok_or(Refusal::NotFound)?;
    may_change(by, stored)?;
    Ok((Changes { desk: Some(DeskWrite::DeleteView(id.clone())), ..Changes::default() }, Outcome::Deleted))
}

/// Who made it, or an admin. What somebody keeps to themselves does not exist for another agent.
fn may_change(by: &Principal, view: &SavedView) -> Result<(), Refusal> {
    match by.role {
        Role::Admin => Ok(()),
        _ if view.owner == by.sub => Ok(()),
        _ if view.is_shared => Err(Refusal::Forbidden),
        _ => Err(Refusal::NotFound),
    }
}

/// An agent was seen: their name is learned before they do anything.
pub(super) fn meet_agent(state: &State, by: &Principal) -> Ruling {
    let me = by.agent().ok_or(Refusal::Forbidden)?;
    let changes = Changes { agent: learned(state, &me)?, ..Changes::default() };
    Ok((changes, Outcome::Met))
}
