//! `fire_due`: does what a conversation's time has come for. It is decided from the rows of its own transaction, so a
//! message that came first has moved the clock, and wins.

use super::delete::erased;
use super::draft::Draft;
use super::{Context, Outcome, Ruling};
use crate::conversation::{CloseReason, Conversation, DeleteReason, EraseMark};
use crate::event::ActivityKind;
use crate::id::ConversationId;
use crate::lifecycle::{self, Clock, Due, Moment, Step};
use crate::message::SystemLine;
use crate::planted::{self, Bug};
use crate::state::{Changes, State};
use crate::time::Timestamp;
use crate::user::User;

pub(super) fn fire_due(
    state: &State,
    id: ConversationId,
    clock: &Clock,
    context: &mut Context<'_>,
) -> Ruling {
    // Deleted since it was read off the list.
    let Some(current) = state.conversation(id)?.cloned() else {
        return Ok((Changes::default(), Outcome::Fired(None)));
    };
    let user = state.user(&current.user_id)?.cloned();
    let user = user.unwrap_or_else(|| User::new(current.user_id.clone()).into());
    let moment = Moment { now: context.now, clock, redate: state.redate() };
    let step = match lifecycle::next(&current, &user, state.policies(), moment) {
        Due::Now(Step::Spare { .. }) if planted::is(Bug::DueTimeLostOnRestart) => {
            return Ok((moved(&current, None), Outcome::Fired(None)));
        }
        Due::Now(step) => step,
        Due::At(_) if planted::is(Bug::CloseIgnoresRacingMessage) && current.is_open() => Step::Close,
        Due::At(at) => return Ok((moved(&current, Some(at)), Outcome::Fired(None))),
        Due::Never => return Ok((moved(&current, None), Outcome::Fired(None))),
    };
    let fired = Outcome::Fired(Some(step));
    if step == Step::Erase {
        return Ok((erased(&current, DeleteReason::Retention, None, context.now), fired));
    }
    let mut draft = Draft::new((*current).clone(), context.now, None);
    take(step, &mut draft, state, clock, context);
    let due = due_after(&draft.conversation, &user, state, moment);
    Ok((draft.due_exactly(due).changes(state), fired))
}

/// Only the due time moves: it was a lower bound.
fn moved(current: &Conversation, due: Option<Timestamp>) -> Changes {
    let due_dates = if current.due_at == due { Vec::new() } else { vec![(current.id, due)] };
    Changes { due_dates, ..Changes::default() }
}

fn take(step: Step, draft: &mut Draft, state: &State, clock: &Clock, context: &mut Context<'_>) {
    match step {
        Step::Warn { closes_at } => {
            draft.conversation.warned_at = Some(context.now);
            draft.say_system(SystemLine::ClosingSoon(closes_at), context);
        }
        Step::Spare { until } => draft.spare(state.policies(), until),
        Step::Close => draft.close(CloseReason::Inactivity, context),
        Step::ToQueue => draft.give_to_queue(context),
        Step::Wake => draft.wake(),
        Step::Archive => {
            if planted::is(Bug::CloseSaidTwice) {
                draft.close(CloseReason::Inactivity, context);
            }
            draft.archive(state.policies());
        }
        Step::MarkErase => {
            draft.conversation.erase_mark = Some(EraseMark { at: context.now, running_ms: clock.running_ms });
            draft.record(ActivityKind::EraseMarked, None);
        }
        Step::Unmark => draft.conversation.erase_mark = None,
        Step::Erase => {}
    }
}

/// When the next step is due, as exactly as it is known now.
pub(super) fn due_after(
    conversation: &Conversation,
    user: &User,
    state: &State,
    moment: Moment<'_>,
) -> Option<Timestamp> {
    match lifecycle::next(conversation, user, state.policies(), moment) {
        Due::Never => None,
        Due::At(at) => Some(at),
        // Overdue: it keeps its place in the pile.
        Due::Now(_) => lifecycle::due_at(conversation, state.policies().of(conversation)),
    }
}
