//! What is done about a conversation whose time has come.

use parlor_core::command::UpdateConversation;
use parlor_core::conversation::{CloseReason, Conversation, DeleteReason, EraseMark, Handler, Status};
use parlor_core::error::Refusal;
use parlor_core::id::ConversationId;
use parlor_core::lifecycle::{Clock, Policies, Policy, Step};
use parlor_core::limits;
use parlor_core::message::{MessageKind, SystemLine};
use parlor_core::text::{Email, Metadata};
use parlor_core::time::Timestamp;
use parlor_core::user::UserFields;

use crate::make::*;
use crate::model::Model;

fn at(ms: i64) -> Timestamp {
    BEGIN.plus_ms(ms)
}

/// With ann, under a policy.
fn under(policy: Policy) -> (Model, ConversationId) {
    let (mut model, id) = with_ann();
    model.head.policies = Policies::of_inbox(1, policy).into();
    let row = model.conversations.get_mut(&id).unwrap();
    row.due_at = Some(BEGIN);
    (model, id)
}

fn last_line(model: &Model, id: ConversationId) -> Option<SystemLine> {
    model.thread(id).last().and_then(|message| message.system.clone())
}

#[test]
fn it_closes_at_its_time_and_not_a_millisecond_before() {
    let (mut model, id) = with_ann();
    model.now = at(30 * MINUTE - 1);
    let (step, writes) = model.fire_by(id, always_there(model.now));
    assert_eq!((step, writes.is_empty()), (None, true), "the stored time is right");
    model.now = at(30 * MINUTE);
    assert_eq!(model.fire(id), Some(Step::Close));
    let c = model.get(id);
    assert_eq!((c.status, c.close_reason), (Status::Closed, Some(CloseReason::Inactivity)));
    assert_eq!(last_line(&model, id), Some(SystemLine::Closed(CloseReason::Inactivity)));
    assert_eq!(c.due_at, Some(at(30 * MINUTE + 14 * DAY)), "exactly, not the lower bound it was");
    let (step, writes) = model.fire_by(id, always_there(model.now));
    assert_eq!((step, writes.is_empty()), (None, true), "once");
}

#[test]
fn a_message_in_the_same_batch_wins_whichever_comes_first() {
    let words = |id| sending(&visitor("ann"), send(id, MessageKind::User, "wait!"));
    let fire = |id| firing(id, always_there(at(30 * MINUTE)));
    let (mut model, id) = with_ann();
    model.now = at(30 * MINUTE);
    let (results, writes) = model.together(vec![words(id), fire(id)]);
    assert!(results.iter().all(Result::is_ok) && writes.messages.iter().all(|m| m.system.is_none()));
    assert!(model.get(id).is_open());
    assert_eq!(model.get(id).due_at, Some(at(HOUR)));

    let (mut model, id) = with_ann();
    model.now = at(30 * MINUTE);
    model.together(vec![fire(id), words(id)]);
    assert!(model.get(id).is_open());
    let lines: Vec<_> = model.thread(id).iter().filter_map(|m| m.system.clone()).collect();
    assert_eq!(lines, [SystemLine::Closed(CloseReason::Inactivity), SystemLine::Reopened]);
}

#[test]
fn a_user_who_can_be_reached_goes_to_the_queue_and_stays_there() {
    let reachable = [
        UserFields { email: Email::parse("ann@example.com").ok(), ..UserFields::default() },
        UserFields {
            metadata: Metadata::parse(serde_json::from_str(r#"{"phone": "+49 30 1"}"#).unwrap()).ok(),
            ..UserFields::default()
        },
    ];
    for fields in reachable {
        let (mut model, id) = with_ann();
        let ann = model.users.values().next().unwrap().clone().with(&fields);
        model.users.insert(ann.id.clone(), ann);
        assert_eq!(model.snapshot(id).auto_close_at(&model.head.policies), None);
        model.now = at(30 * MINUTE);
        assert_eq!(model.fire(id), Some(Step::ToQueue));
        assert_eq!((model.get(id).handler, model.get(id).status), (Handler::Queue, Status::Open));
        assert_eq!(last_line(&model, id), Some(SystemLine::HandedToQueue));
        assert_eq!(model.get(id).due_at, None, "there is no timer in the queue");
        assert_eq!(model.fire(id), None);
    }
}

#[test]
fn a_warning_is_given_once_for_each_start_of_the_clock() {
    let warned = Policy { warn_before_ms: Some(5 * MINUTE), ..Policy::default() };
    let (mut model, id) = under(warned);
    assert_eq!(model.fire(id), None);
    assert_eq!(model.get(id).due_at, Some(at(25 * MINUTE)));
    model.now = at(25 * MINUTE);
    assert_eq!(model.fire(id), Some(Step::Warn { closes_at: at(30 * MINUTE) }));
    assert_eq!(last_line(&model, id), Some(SystemLine::ClosingSoon(at(30 * MINUTE))));
    assert_eq!(model.get(id).due_at, Some(at(30 * MINUTE)), "it is no activity");
    assert_eq!(model.fire(id), None);
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "I am here")));
    model.now = at(50 * MINUTE);
    assert_eq!(model.fire(id), Some(Step::Warn { closes_at: at(55 * MINUTE) }));
    model.now = at(55 * MINUTE);
    assert_eq!(model.fire(id), Some(Step::Close));
    // Nobody is warned of what has come already, and of a timer that is shorter half-way.
    let (mut model, id) = under(warned);
    model.now = at(30 * MINUTE);
    assert_eq!(model.fire(id), Some(Step::Close));
    let (mut model, id) = under(Policy { bot_idle_ms: Some(5 * MINUTE), ..warned });
    model.fire(id);
    assert_eq!(model.get(id).due_at, Some(at(5 * MINUTE / 2)));
}

#[test]
fn a_snooze_ends_at_its_end_however_late_somebody_looks() {
    let (mut model, id) = with_ann();
    let snooze = UpdateConversation { snoozed_until: Some(Some(at(DAY))), ..update(id) };
    model.answer(updating(&agent("ada"), snooze));
    model.now = at(30 * MINUTE);
    assert_eq!(model.fire(id), None);
    assert_eq!(model.get(id).due_at, Some(at(DAY)));
    model.now = at(DAY + 20 * MINUTE);
    assert_eq!(model.fire(id), Some(Step::Wake));
    let c = model.get(id);
    assert_eq!((c.snoozed_until, c.clock_started_at), (None, at(DAY)));
    assert_eq!(c.due_at, Some(at(DAY + 30 * MINUTE)));
    assert_eq!(model.thread(id).last().unwrap().system, None, "nobody is told of it in the thread");
}

#[test]
fn a_users_message_ends_a_snooze() {
    let (mut model, id) = with_ann();
    let snooze = UpdateConversation { snoozed_until: Some(Some(at(DAY))), ..update(id) };
    model.answer(updating(&agent("ada"), snooze));
    model.now = at(HOUR);
    model.answer(sending(&agent("ada"), send(id, MessageKind::Bot, "a moment")));
    assert_eq!(model.get(id).snoozed_until, Some(at(DAY)), "ours does not");
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "hello?")));
    assert_eq!(model.get(id).snoozed_until, None);
    assert_eq!(model.get(id).clock_started_at, at(HOUR));
}

#[test]
fn what_is_closed_cannot_be_snoozed() {
    let (mut model, id) = with_ann();
    let snooze = UpdateConversation { snoozed_until: Some(Some(at(DAY))), ..update(id) };
    let closing = UpdateConversation { status: Some(Status::Closed), ..snooze.clone() };
    let refused = Refusal::field("/snoozedUntil", "a closed conversation cannot be snoozed");
    assert_eq!(model.refusal(updating(&agent("ada"), closing)), refused);
    model.answer(updating(&agent("ada"), UpdateConversation { status: Some(Status::Closed), ..update(id) }));
    assert_eq!(model.refusal(updating(&agent("ada"), snooze.clone())), refused);
    let opening = UpdateConversation { status: Some(Status::Open), ..snooze };
    model.answer(updating(&agent("ada"), opening));
    assert_eq!((model.get(id).is_open(), model.get(id).snoozed_until), (true, Some(at(DAY))));
}

#[test]
fn a_time_that_passed_while_the_server_was_away_gets_its_grace() {
    let away =
        |from: i64, to: i64| Clock { last_alive_at: at(from), returned_at: at(to), ..always_there(at(to)) };
    // A short timer runs once more, a long one for half an hour.
    for (idle, grace) in [(10 * MINUTE, 10 * MINUTE), (2 * HOUR, 30 * MINUTE)] {
        let policy = Policy { bot_idle_ms: Some(idle), ..Policy::default() };
        let (mut model, id) = under(policy);
        model.now = at(10 * HOUR + SECOND);
        let clock = away(idle - 1, 10 * HOUR);
        let until = at(10 * HOUR + grace);
        assert_eq!(model.fire_by(id, clock).0, Some(Step::Spare { until }));
        assert_eq!(model.snapshot(id).auto_close_at(&model.head.policies), Some(until), "and says so");
        assert_eq!(model.get(id).due_at, Some(until));
        assert_eq!(model.fire_by(id, clock).0, None);
        model.now = until;
        assert_eq!(model.fire_by(id, clock).0, Some(Step::Close));
    }
    // What was due before it went, and what fell due after it came back, are nobody's loss.
    for clock in [away(30 * MINUTE, HOUR), away(0, 30 * MINUTE - 1)] {
        let (mut model, id) = with_ann();
        model.now = at(HOUR);
        assert_eq!(model.fire_by(id, clock).0, Some(Step::Close));
    }
    // Nor is what was put on the pile so late that the grace is over, too.
    let (mut model, id) = with_ann();
    model.now = at(2 * HOUR);
    assert_eq!(model.fire_by(id, away(0, HOUR)).0, Some(Step::Close));
}

#[test]
fn what_is_let_go_gets_its_grace_and_not_more() {
    let hold = |id, hold| updating(&agent("ada"), UpdateConversation { hold: Some(hold), ..update(id) });
    let (mut model, id) = with_ann();
    model.answer(hold(id, true));
    model.now = at(10 * MINUTE);
    model.answer(hold(id, false));
    assert_eq!(model.get(id).clock_started_at, BEGIN, "its time is still ahead");
    model.answer(hold(id, true));
    model.now = at(DAY);
    assert_eq!(model.fire(id), None);
    assert_eq!(model.get(id).due_at, None);
    model.answer(hold(id, false));
    assert_eq!(model.get(id).due_at, Some(at(DAY + 30 * MINUTE)));
}

/// Ann's conversation, closed and archived at the begin.
fn put_away() -> (Model, ConversationId) {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), archived(id, true)));
    (model, id)
}

const WAIT: i64 = limits::ERASE_WAIT_RUNNING_MS;

#[test]
fn what_is_closed_is_archived_then_marked_then_erased_after_a_day_of_running() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    model.now = at(14 * DAY);
    assert_eq!(model.fire(id), Some(Step::Archive));
    assert_eq!(model.get(id).delete_at, Some(at(104 * DAY)));
    model.now = at(104 * DAY);
    let running = |running_ms| Clock { running_ms, ..always_there(BEGIN) };
    assert_eq!(model.fire_by(id, running(1_000)).0, Some(Step::MarkErase));
    assert_eq!(model.get(id).erase_mark, Some(EraseMark { at: model.now, running_ms: 1_000 }));
    assert_eq!(model.get(id).due_at, Some(at(105 * DAY)));
    // The wall clock alone does not do it: the server was off most of the time.
    model.now = at(200 * DAY);
    assert_eq!(model.fire_by(id, running(WAIT + 999)).0, None);
    assert_eq!(model.get(id).due_at, Some(at(200 * DAY).plus_ms(1)));
    let (step, writes) = model.fire_by(id, running(WAIT + 1_000));
    assert_eq!(step, Some(Step::Erase));
    assert_eq!(writes.deletions[0].tombstone.reason, DeleteReason::Retention);
    assert!(model.order.is_empty());
    assert_eq!(model.fire_by(id, running(WAIT + 1_000)).0, None, "what is gone is not due");
}

#[test]
fn nothing_irreversible_happens_while_the_clock_is_paused() {
    let (mut model, id) = put_away();
    model.now = at(3_650 * DAY);
    let paused = |running_ms| Clock { is_paused: true, running_ms, ..always_there(BEGIN) };
    assert_eq!(model.fire_by(id, paused(0)).0, None);
    assert_eq!(model.get(id).due_at, Some(model.now.plus_ms(limits::PAUSED_LOOK_MS)));
    assert_eq!(model.fire_by(id, Clock { is_paused: false, ..paused(0) }).0, Some(Step::MarkErase));
    assert_eq!(model.fire_by(id, paused(10 * WAIT)).0, None);
    assert!(model.get(id).is_archived());
}

#[test]
fn a_mark_goes_with_its_reason() {
    let marked = || {
        let (mut model, id) = put_away();
        model.now = at(90 * DAY);
        assert_eq!(model.fire(id), Some(Step::MarkErase));
        (model, id)
    };
    let is_marked = |model: &Model, id| model.get(id).erase_mark.is_some();
    for change in [
        |id| archived(id, false),
        |id| status(id, Status::Open),
        |id| UpdateConversation { hold: Some(true), ..update(id) },
    ] {
        let (mut model, id) = marked();
        model.answer(updating(&agent("ada"), change(id)));
        assert!(!is_marked(&model, id));
    }
    // The wall clock had jumped, and went back.
    let (mut model, id) = marked();
    model.now = at(DAY);
    let long = Clock { running_ms: 1_000 * DAY, ..always_there(BEGIN) };
    assert_eq!(model.fire_by(id, long).0, Some(Step::Unmark));
    assert_eq!((is_marked(&model, id), model.get(id).due_at), (false, Some(at(90 * DAY))));
    // Erasure was switched off.
    let (mut model, id) = marked();
    model.alone(setting(Policy { delete_after_ms: None, ..Policy::default() })).0.unwrap();
    model.redate();
    assert_eq!((is_marked(&model, id), model.get(id).delete_at), (false, None));
    // Of a database that ran longer than this one.
    let (mut model, id) = marked();
    let young = Clock { running_ms: 5, ..always_there(BEGIN) };
    assert_eq!(model.fire_by(id, young).0, Some(Step::MarkErase));
    assert_eq!(model.get(id).erase_mark.map(|mark| mark.running_ms), Some(5));
}

#[test]
fn what_is_exempt_or_has_no_timer_is_never_due() {
    let off =
        Policy { bot_idle_ms: None, archive_after_ms: None, delete_after_ms: None, ..Policy::default() };
    let (mut model, id) = under(off);
    for change in [|c: &mut Conversation| c.hold = true, |c: &mut Conversation| c.hold = false] {
        change(model.conversations.get_mut(&id).unwrap());
        model.now = at(3_650 * DAY);
        assert_eq!(model.fire(id), None);
        assert_eq!(model.get(id).due_at, None);
    }
    model.answer(updating(&agent("ada"), archived(id, true)));
    assert_eq!((model.fire(id), model.get(id).due_at), (None, None));
}
