//! What policies would have done.

use parlor_core::command::UpdateConversation;
use parlor_core::conversation::Status;
use parlor_core::id::ConversationId;
use parlor_core::lifecycle::{Counts, Policies, Policy, Preview};
use parlor_core::message::MessageKind;
use parlor_core::time::Timestamp;

use crate::make::*;
use crate::model::Model;

fn at(ms: i64) -> Timestamp {
    BEGIN.plus_ms(ms)
}

/// Everything that happened, under another policy, in the thirty days before now.
fn would(model: &Model, inbox: Policy) -> Counts {
    let policies = Policies::of_inbox(0, inbox);
    let now = model.now;
    let mut preview = Preview::new(&policies, now.plus_ms(-30 * DAY), now, now.plus_ms(30 * DAY));
    for id in &model.order {
        preview.look(model.get(*id), &model.snapshot(*id).user, model.thread(*id));
    }
    preview.counts()
}

fn say(model: &mut Model, id: ConversationId, ms: i64, kind: MessageKind) {
    model.now = at(ms);
    let by = if kind == MessageKind::User { service() } else { agent("ada") };
    model.answer(sending(&by, send(id, kind, "hm")));
}

fn team(ms: i64) -> Policy {
    Policy { bot_idle_ms: None, user_idle_ms: None, team_idle_ms: Some(ms), ..Policy::default() }
}

#[test]
fn pauses_longer_than_a_timer_would_have_been_closes() {
    let (mut model, id) = with_ann();
    let bot = |ms| Policy { bot_idle_ms: Some(ms), ..Policy::default() };
    for ms in [HOUR, 2 * HOUR, 10 * HOUR] {
        say(&mut model, id, ms, MessageKind::User);
    }
    model.now = at(10 * HOUR + MINUTE);
    let closes = |policy| would(&model, policy).closes;
    assert_eq!(closes(bot(30 * MINUTE)), 3);
    assert_eq!(closes(bot(HOUR)), 1, "a message in the last millisecond is in time");
    assert_eq!(closes(bot(HOUR - 1)), 3);
    assert_eq!(closes(bot(9 * HOUR)), 0);
    assert_eq!(closes(Policy { bot_idle_ms: None, ..Policy::default() }), 0);
    model.now = at(20 * HOUR);
    assert_eq!(
        would(&model, bot(HOUR)),
        Counts { conversations: 1, closes: 2, closes_waiting: 0, closes_now: 1, archives: 0, deletes: 0 },
        "the one that is open now counts as well; the bot had answered"
    );
    model.now = at(40 * DAY);
    assert_eq!(would(&model, bot(HOUR)).closes, 0, "that was longer than thirty days ago");
    assert_eq!(would(&model, bot(HOUR)).closes_now, 1);
}

#[test]
fn customers_who_wait_are_counted() {
    let (mut model, id) = with_ann();
    say(&mut model, id, MINUTE, MessageKind::Bot);
    say(&mut model, id, 2 * MINUTE, MessageKind::User);
    model.now = at(DAY);
    let counts = would(&model, team(HOUR));
    assert_eq!((counts.closes, counts.closes_waiting, counts.closes_now), (1, 1, 1));
    // The same where they had the last word of ours, under another timer.
    say(&mut model, id, DAY, MessageKind::Bot);
    model.now = at(3 * DAY);
    let counts = would(&model, Policy::default());
    assert_eq!((counts.closes, counts.closes_waiting, counts.closes_now), (1, 0, 1));
}

#[test]
fn what_was_closed_or_is_exempt_does_not_close() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    model.now = at(DAY);
    assert_eq!(would(&model, Policy::default()).closes, 0);
    model.answer(updating(&agent("ada"), status(id, Status::Open)));
    model.answer(updating(&agent("ada"), UpdateConversation { hold: Some(true), ..update(id) }));
    model.now = at(3 * DAY);
    let counts = would(&model, Policy::default());
    assert_eq!((counts.conversations, counts.closes, counts.closes_now), (1, 0, 0));
}

#[test]
fn a_user_who_can_be_reached_would_have_waited() {
    let (mut model, id) = with_ann();
    let email = parlor_core::text::Email::parse("ann@example.com").ok();
    model.users.values_mut().for_each(|user| user.email.clone_from(&email));
    model.now = at(DAY);
    assert_eq!(would(&model, Policy::default()).closes, 0);
    let counts = would(&model, Policy { team_idle_ms: Some(HOUR), ..Policy::default() });
    assert_eq!((counts.closes, counts.closes_now), (1, 0), "in the queue it goes on as any other");
    assert!(model.get(id).is_open());
}

#[test]
fn what_is_to_come_is_counted_too() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    let keep = |archive: Option<i64>, delete: Option<i64>| Policy {
        archive_after_ms: archive.map(|days| days * DAY),
        delete_after_ms: delete.map(|days| days * DAY),
        ..Policy::default()
    };
    let counts = |model: &Model, policy| {
        let counts = would(model, policy);
        (counts.archives, counts.deletes)
    };
    assert_eq!(counts(&model, keep(Some(14), Some(90))), (1, 0));
    assert_eq!(counts(&model, keep(Some(14), Some(16))), (1, 1));
    assert_eq!(counts(&model, keep(Some(31), Some(1))), (0, 0));
    assert_eq!(counts(&model, keep(None, Some(1))), (0, 0));
    model.answer(updating(&agent("ada"), archived(id, true)));
    assert_eq!(counts(&model, keep(None, Some(30))), (0, 1));
    assert_eq!(counts(&model, keep(None, Some(31))), (0, 0));
}
