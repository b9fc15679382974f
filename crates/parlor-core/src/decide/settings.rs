//! `put_settings`, and carrying a change of them to the conversations page by page.

use std::sync::Arc;

use super::draft::Draft;
use super::{Context, Outcome, Ruling, Stop, allow};
use crate::access::{Operation, Principal};
use crate::command::PutSettings;
use crate::conversation::{Conversation, Snapshot};
use crate::error::Refusal;
use crate::lifecycle::{self, Redate};
use crate::state::{Changes, Redated, SettingsWrite, State};

pub(super) fn put_settings(
    state: &State,
    by: &Principal,
    put: &PutSettings,
    context: &mut Context<'_>,
) -> Ruling {
    allow(by, Operation::PutSettings)?;
    let current = state.policies();
    if put.version.is_some_and(|version| version != current.version()) {
        return Err(Refusal::SettingsChanged.into());
    }
    if put.policies.say_the_same(current) {
        return Ok((Changes::default(), Outcome::Settings));
    }
    let policies = Arc::new(put.policies.clone().with_version(current.version() + 1));
    // Where a change is still on its way, some conversations have what was set before it and some what it set.
    // Which version that was says nothing any more.
    let before = state.redate().is_none().then(|| Arc::new((**current).clone().with_version(0)));
    let settings = Some(SettingsWrite { policies, before, since: context.now });
    Ok((Changes { settings, ..Changes::default() }, Outcome::Settings))
}

/// Carries the change under way to the next conversations: those whose visible dates are others get a new version, those
/// that fall due earlier a new due time.
pub(super) fn redate(state: &State, context: &mut Context<'_>) -> Ruling {
    let Some(redate) = state.redate() else {
        return Ok((Changes::default(), Outcome::Redated { more: false }));
    };
    let page = state.redate_page()?;
    // Read before this batch changed the settings.
    if !page.is_under_way || page.after != redate.after {
        return Ok((Changes::default(), Outcome::Redated { more: true }));
    }
    let mut changes = Changes::default();
    for id in &page.ids {
        if let Some(conversation) = state.conversation(*id)? {
            let snapshot = state.snapshot(conversation)?;
            one(state, &snapshot, redate, &mut changes, context)?;
        }
    }
    let done = redate.done + page.ids.len() as u64;
    changes.redated = Some(Redated { next: page.next, done });
    Ok((changes, Outcome::Redated { more: page.next.is_some() }))
}

fn one(
    state: &State,
    Snapshot { conversation, user }: &Snapshot,
    redate: &Redate,
    changes: &mut Changes,
    context: &mut Context<'_>,
) -> Result<(), Stop> {
    let (c, policies, now) = (&**conversation, state.policies(), context.now);
    let policy = policies.of(c);
    let mut draft = Draft::new(c.clone(), now, None);
    draft.conversation.delete_at = lifecycle::delete_at(c, policy);
    if draft.conversation.delete_at.is_none_or(|at| at > now) {
        draft.conversation.erase_mark = None;
    }
    if let Some(until) = lifecycle::spared_by_change(c, user, policies, redate, now) {
        draft.spare(policies, until);
    }
    let closed_before = redate.before.as_ref().map(|before| lifecycle::auto_close_at(c, user, before.of(c)));
    let is_shown_otherwise = closed_before != Some(lifecycle::auto_close_at(c, user, policy)) && c.is_open();
    if draft.conversation != *c || is_shown_otherwise {
        changes.conversations.extend(draft.changes(state).conversations);
        return Ok(());
    }
    let due = lifecycle::due_at(c, policy);
    if is_earlier(conversation, due) {
        changes.due_dates.push((c.id, due));
    }
    Ok(())
}

/// A later one, or none, is found out when the stored one has come.
fn is_earlier(conversation: &Conversation, due: Option<crate::time::Timestamp>) -> bool {
    due.is_some_and(|due| conversation.due_at.is_none_or(|stored| due < stored))
}
