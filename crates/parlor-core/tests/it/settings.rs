//! Settings, and what a change of them means for the conversations there are.

use parlor_core::access::Role;
use parlor_core::command::{Action, PutSettings, UpdateConversation};
use parlor_core::conversation::Status;
use parlor_core::decide::Outcome;
use parlor_core::desk::DeskList;
use parlor_core::error::Refusal;
use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::lifecycle::{Policies, Policy, Step};
use parlor_core::time::Timestamp;

use crate::make::*;
use crate::model::{Model, command};

fn at(ms: i64) -> Timestamp {
    BEGIN.plus_ms(ms)
}

fn closes(model: &Model, id: ConversationId) -> Option<Timestamp> {
    model.snapshot(id).auto_close_at(&model.head.policies)
}

fn bot_idle(ms: i64) -> Policy {
    Policy { bot_idle_ms: Some(ms), ..Policy::default() }
}

#[test]
fn only_an_admin_changes_them_and_only_those_they_read() {
    let mut model = Model::new();
    let put = |role, version| {
        let policies = Policies::of_inbox(77, bot_idle(HOUR));
        command(&principal(role, "x"), Action::PutSettings(Box::new(PutSettings { policies, version })))
    };
    for role in [Role::Visitor, Role::Agent, Role::Service] {
        assert_eq!(model.refusal(put(role, None)), Refusal::Forbidden);
    }
    assert_eq!(model.refusal(put(Role::Admin, Some(1))), Refusal::SettingsChanged);
    let (result, writes) = model.alone(put(Role::Admin, Some(0)));
    assert_eq!(result, Ok(Outcome::Settings));
    assert_eq!(model.head.policies.version(), 1, "whatever the command says");
    let told = writes.committed(WorkspaceKey(1), &model.head);
    assert!(told.is_news() && told.changed.contains(&DeskList::Settings));
    let (result, writes) = model.alone(put(Role::Admin, Some(1)));
    assert_eq!((result, writes.is_empty()), (Ok(Outcome::Settings), true), "the same is no change");
}

#[test]
fn commands_behind_a_change_in_its_batch_go_by_it() {
    let (mut model, id) = with_ann();
    let words = sending(&visitor("ann"), send(id, parlor_core::message::MessageKind::User, "hi"));
    let (results, _) = model.together(vec![setting(bot_idle(MINUTE)), words]);
    let Ok(Outcome::Conversation(answer)) = &results[1] else { panic!("{results:?}") };
    assert_eq!(answer.snapshot.auto_close_at(&answer.policies), Some(at(MINUTE)));
    assert_eq!(model.get(id).due_at, Some(at(MINUTE)));
}

#[test]
fn a_change_is_carried_to_every_conversation_in_pages() {
    let mut model = with_shop();
    model.redate_batch = 2;
    let users = ["ann", "bob", "anon_1", "cid", "dan"];
    let ids = users
        .map(|user| model.answer(starting(&visitor(user), start(user, Some("hi")))).snapshot.conversation.id);
    model.answer(updating(&agent("ada"), UpdateConversation { hold: Some(true), ..update(ids[1]) }));
    model.answer(updating(&agent("ada"), status(ids[2], Status::Closed)));
    model.alone(setting(bot_idle(2 * HOUR))).0.unwrap();
    assert_eq!(closes(&model, ids[0]), Some(at(2 * HOUR)), "at once, for whoever loads it");
    let versions = ids.map(|id| model.get(id).version);
    for (done, more) in [(2, true), (4, true), (5, false)] {
        let server = parlor_core::access::Principal::server(WorkspaceKey(1));
        let (result, writes) = model.alone(command(&server, Action::Redate));
        assert_eq!(result, Ok(Outcome::Redated { more }));
        assert_eq!(model.head.redate.as_ref().map(|r| r.done), more.then_some(done));
        assert_eq!(
            writes.committed(WorkspaceKey(1), &model.head).changed.contains(&DeskList::Settings),
            !more
        );
    }
    let raised = ids
        .map(|id| model.get(id).version)
        .iter()
        .zip(versions)
        .map(|(now, was)| now - was)
        .collect::<Vec<_>>();
    assert_eq!(raised, [1, 0, 0, 1, 1], "those whose date on somebody's screen is another");
    // A later date is found out when the earlier one has come.
    model.now = at(30 * MINUTE);
    assert_eq!(model.fire(ids[0]), None);
    assert_eq!(model.get(ids[0]).due_at, Some(at(2 * HOUR)));
}

#[test]
fn a_conversation_that_begins_while_a_change_is_carried_is_looked_at_like_the_others() {
    let (mut model, _) = with_ann();
    model.alone(setting(bot_idle(MINUTE))).0.unwrap();
    let bob = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    model.redate();
    assert_eq!((model.head.redate.clone(), model.get(bob).due_at), (None, Some(at(MINUTE))));
}

#[test]
fn what_a_change_alone_would_close_gets_its_grace() {
    let idle = [(10 * HOUR, 2 * HOUR, 30 * MINUTE), (10 * HOUR, 10 * MINUTE, 10 * MINUTE)];
    for (before, after, grace) in idle {
        for is_redated_first in [true, false] {
            let (mut model, id) = with_ann();
            model.alone(setting(bot_idle(before))).0.unwrap();
            model.redate();
            model.now = at(5 * HOUR);
            model.alone(setting(bot_idle(after))).0.unwrap();
            if is_redated_first {
                model.redate();
            } else {
                // Its old time was looked at before the change reached it.
                assert_eq!(model.fire(id), Some(Step::Spare { until: at(5 * HOUR + grace) }));
                model.redate();
            }
            assert_eq!(closes(&model, id), Some(at(5 * HOUR + grace)));
            assert_eq!(model.get(id).due_at, Some(at(5 * HOUR + grace)).min(model.get(id).due_at));
            model.now = at(5 * HOUR + grace);
            assert_eq!(model.fire(id), Some(Step::Close));
        }
    }
}

#[test]
fn what_was_over_before_the_change_is_closed() {
    let (mut model, id) = with_ann();
    model.now = at(HOUR);
    model.alone(setting(bot_idle(MINUTE))).0.unwrap();
    assert_eq!(model.fire(id), Some(Step::Close));
}

#[test]
fn a_second_change_begins_anew() {
    let mut model = with_shop();
    model.redate_batch = 1;
    let ids = ["ann", "bob"]
        .map(|user| model.answer(starting(&visitor(user), start(user, Some("hi")))).snapshot.conversation.id);
    model.alone(setting(bot_idle(HOUR))).0.unwrap();
    let server = parlor_core::access::Principal::server(WorkspaceKey(1));
    model.alone(command(&server, Action::Redate)).0.unwrap();
    model.alone(setting(Policy::default())).0.unwrap();
    let redate = model.head.redate.clone().unwrap();
    assert_eq!(
        (redate.done, &redate.before),
        (0, &None),
        "one conversation had the one, the other the other"
    );
    let versions = ids.map(|id| model.get(id).version);
    model.redate();
    assert_eq!(ids.map(|id| model.get(id).version), versions.map(|version| version + 1));
}

#[test]
fn the_date_of_an_erasure_moves_with_the_policy() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), archived(id, true)));
    let policy =
        |days: Option<i64>| Policy { delete_after_ms: days.map(|days| days * DAY), ..Policy::default() };
    for (days, date) in [(Some(10), Some(at(10 * DAY))), (None, None), (Some(400), Some(at(400 * DAY)))] {
        model.alone(setting(policy(days))).0.unwrap();
        model.redate();
        assert_eq!(model.get(id).delete_at, date);
    }
}
