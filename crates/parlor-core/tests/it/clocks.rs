//! What is due when (contract, section 7).

use parlor_core::command::{Action, UpdateConversation};
use parlor_core::conversation::{Conversation, Handler, Side, Status};
use parlor_core::id::ConversationId;
use parlor_core::lifecycle::{self, Policy, due_at, reopens};
use parlor_core::message::MessageKind;
use parlor_core::time::Timestamp;
use parlor_core::user::User;

use crate::make::*;
use crate::model::{Model, command};

fn at(ms: i64) -> Timestamp {
    BEGIN.plus_ms(ms)
}

fn auto_close_at(c: &Conversation, policy: &Policy) -> Option<Timestamp> {
    lifecycle::auto_close_at(c, &User::new(c.user_id.clone()), policy)
}

/// An open conversation whose clock started at the begin.
fn some() -> Conversation {
    let (model, id) = with_ann();
    model.get(id).clone()
}

fn closes(model: &Model, id: ConversationId) -> Option<Timestamp> {
    model.snapshot(id).auto_close_at(&model.head.policies)
}

#[test]
fn exactly_one_timer_runs() {
    let policy = Policy { team_idle_ms: Some(HOUR), ..Policy::default() };
    let rows = [
        (Handler::Bot, Some(Side::User), Some(30 * MINUTE)),
        (Handler::Bot, Some(Side::Ours), Some(30 * MINUTE)),
        (Handler::Bot, None, Some(30 * MINUTE)),
        (Handler::Queue, Some(Side::User), Some(HOUR)),
        (Handler::Queue, Some(Side::Ours), Some(HOUR)),
        (Handler::Agent, Some(Side::Ours), Some(24 * HOUR)),
        (Handler::Agent, Some(Side::User), Some(HOUR)),
        (Handler::Agent, None, Some(HOUR)),
    ];
    for (handler, last_side, idle) in rows {
        let c = Conversation { handler, last_side, ..some() };
        assert_eq!(auto_close_at(&c, &policy), idle.map(at), "{handler:?} {last_side:?}");
        assert_eq!(due_at(&c, &policy), idle.map(at));
        let closed = Conversation { status: Status::Closed, ..c.clone() };
        assert_eq!(auto_close_at(&closed, &policy), None);
        assert_eq!(auto_close_at(&Conversation { hold: true, ..c.clone() }, &policy), None);
        assert_eq!(due_at(&Conversation { hold: true, ..c }, &policy), None);
    }
    let off = Policy { bot_idle_ms: None, user_idle_ms: None, ..Policy::default() };
    for handler in Handler::ALL {
        assert_eq!(due_at(&Conversation { handler: *handler, ..some() }, &off), None, "each may be off");
    }
}

#[test]
fn a_snoozed_conversation_shows_no_timer_and_is_due_at_its_end() {
    let policy = Policy::default();
    let c = Conversation { snoozed_until: Some(at(DAY)), ..some() };
    assert_eq!(auto_close_at(&c, &policy), None);
    assert_eq!(due_at(&c, &policy), Some(at(DAY)), "then it wakes");
    // Something changed after the snooze was over: it says no more than when the clock started.
    let over = Conversation { updated_at: at(DAY + MINUTE), ..c };
    assert_eq!(auto_close_at(&over, &policy), Some(at(DAY + 30 * MINUTE)));
    let spoken = Conversation { clock_started_at: at(DAY + MINUTE), ..over };
    assert_eq!(auto_close_at(&spoken, &policy), Some(at(DAY + 31 * MINUTE)));
}

#[test]
fn the_clock_starts_at_activity_handler_change_reopening_and_the_end_of_a_snooze() {
    let idle = 30 * MINUTE;
    let (mut model, id) = with_ann();
    assert_eq!(closes(&model, id), Some(at(idle)));
    let step = |model: &mut Model| model.now = model.now.plus_ms(10 * MINUTE);

    step(&mut model);
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "hm")));
    assert_eq!(closes(&model, id), Some(at(10 * MINUTE + idle)), "a user's message");

    step(&mut model);
    model.answer(sending(&agent("ada"), send(id, MessageKind::System, "a line")));
    model.answer(reading(&agent("ada"), id, 2, false));
    model.answer(updating(&agent("ada"), UpdateConversation { labels: to(&["vip"]), ..update(id) }));
    assert_eq!(closes(&model, id), Some(at(10 * MINUTE + idle)), "lines, marks and labels are no activity");

    model.answer(taking(&agent("ada"), id, None));
    model.answer(command(&agent("ada"), Action::GiveBackConversation { conversation_id: id }));
    assert_eq!(closes(&model, id), Some(at(20 * MINUTE + idle)), "a change of handler");

    let snooze = |until| UpdateConversation { snoozed_until: Some(until), ..update(id) };
    model.answer(updating(&agent("ada"), snooze(Some(at(DAY)))));
    assert_eq!(closes(&model, id), None, "snoozed");
    step(&mut model);
    model.answer(updating(&agent("ada"), snooze(None)));
    assert_eq!(closes(&model, id), Some(at(30 * MINUTE + idle)), "a snooze ended early ends now");

    model.answer(updating(&agent("ada"), snooze(Some(at(35 * MINUTE)))));
    step(&mut model);
    model.answer(updating(&agent("ada"), snooze(None)));
    assert_eq!(closes(&model, id), Some(at(35 * MINUTE + idle)), "a snooze that was over ended when it said");

    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    assert_eq!(closes(&model, id), None);
    step(&mut model);
    model.answer(updating(&agent("ada"), status(id, Status::Open)));
    assert_eq!(closes(&model, id), Some(at(50 * MINUTE + idle)), "a reopening");
}

#[test]
fn archive_and_erasure_count_from_the_close_and_the_archiving() {
    let (mut model, id) = with_ann();
    let policy = Policy::default();
    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    assert_eq!(due_at(model.get(id), &policy), Some(at(14 * DAY)));
    model.now = at(DAY);
    let assign = UpdateConversation { handler: Some(Handler::Agent), ..update(id) };
    model.answer(updating(&agent("ada"), assign));
    assert_eq!(
        due_at(model.get(id), &policy),
        Some(at(14 * DAY)),
        "reassigning what is closed moves nothing"
    );
    model.answer(updating(&agent("ada"), archived(id, true)));
    assert_eq!(due_at(model.get(id), &policy), Some(at(91 * DAY)));
    assert_eq!(model.get(id).delete_at, Some(at(91 * DAY)));
    model.now = at(2 * DAY);
    model.answer(updating(&agent("ada"), archived(id, false)));
    assert_eq!(due_at(model.get(id), &policy), Some(at(16 * DAY)), "not archived again at once");
    assert_eq!(model.get(id).delete_at, None);
    let never = Policy { archive_after_ms: None, delete_after_ms: None, ..policy };
    assert_eq!(due_at(model.get(id), &never), None);
}

#[test]
fn the_reopen_window_includes_its_last_millisecond() {
    let policy = Policy::default();
    let c = Conversation { status: Status::Closed, closed_at: Some(BEGIN), ..some() };
    for (now, reopened) in [(-DAY, true), (0, true), (7 * DAY, true), (7 * DAY + 1, false)] {
        assert_eq!(reopens(&c, &policy, at(now)), reopened, "{now} ms after the close");
    }
    let put_away = Conversation { archived_at: Some(BEGIN), ..c.clone() };
    assert!(!reopens(&put_away, &policy, BEGIN));
    // Closed long before it was imported: the window is as wide for its user as for everybody.
    let old = Conversation { closed_at: Some(at(-300 * DAY)), created_at: BEGIN, ..c };
    assert!(reopens(&old, &policy, at(7 * DAY)));
    assert!(!reopens(&old, &policy, at(7 * DAY + 1)));
}

#[test]
fn a_post_does_not_move_a_due_time_that_is_earlier_already() {
    let (mut model, id) = with_ann();
    let stored = model.get(id).due_at;
    assert_eq!(stored, Some(at(30 * MINUTE)));
    model.now = at(10 * MINUTE);
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "hm")));
    assert_eq!(model.get(id).due_at, stored, "a lower bound: the job recomputes");
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "bye")));
    model.answer(updating(&agent("ada"), UpdateConversation { hold: Some(true), ..update(id) }));
    assert_eq!(model.get(id).due_at, stored);
}

#[test]
fn no_arithmetic_overflows_at_the_ends_of_time() {
    let policy = Policy { bot_idle_ms: Some(i64::MAX), reopen_window_ms: i64::MAX, ..Policy::default() };
    let late = Conversation {
        clock_started_at: Timestamp(i64::MAX),
        snoozed_until: Some(Timestamp(i64::MIN)),
        ..some()
    };
    assert_eq!(auto_close_at(&late, &policy), Some(Timestamp(i64::MAX)));
    let early = Conversation { status: Status::Closed, closed_at: Some(Timestamp(i64::MIN)), ..some() };
    assert!(reopens(&early, &policy, Timestamp(i64::MAX)));
}
