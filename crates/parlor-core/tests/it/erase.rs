//! `erase_user`, and deletions repeated after a restore.

use parlor_core::command::{Action, Command, EraseUser, ReplayDeletion, SendMessage, StartConversation};
use parlor_core::conversation::DeleteReason;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::event::Tombstone;
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::state::{Claim, ErasedUser};
use parlor_core::user::User;

use crate::check;
use crate::make::*;
use crate::model::{Model, command};

fn erasing(by: &parlor_core::access::Principal, id: &str) -> Command {
    command(by, Action::EraseUser(EraseUser { user_id: user_id(id), erased_at: None }))
}

/// How often the command was given until it was done.
fn erase(model: &mut Model, id: &str) -> usize {
    for times in 1..100 {
        match model.alone(erasing(&admin(), id)).0.unwrap() {
            Outcome::Erased { is_done: true } => return times,
            Outcome::Erased { is_done: false } => check::rows(model),
            other => panic!("not about an erasure: {other:?}"),
        }
    }
    panic!("it never ends");
}

#[test]
fn only_an_admin_erases_and_only_who_is_there() {
    let (mut model, _) = with_ann();
    for by in [visitor("ann"), agent("ada"), service()] {
        assert_eq!(model.refusal(erasing(&by, "ann")), Refusal::Forbidden);
    }
    assert_eq!(model.refusal(erasing(&admin(), "nobody")), Refusal::NotFound);
}

#[test]
fn everything_of_a_user_goes_in_bounded_steps_and_nothing_of_others() {
    let mut model = with_shop();
    let many = 2 * limits::ERASE_CONVERSATIONS + 1;
    for _ in 0..many {
        let another = StartConversation { new: true, ..start("ann", Some("hi")) };
        model.answer(starting(&service(), another));
    }
    let other = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    assert_eq!(erase(&mut model, "ann"), 3);
    assert_eq!((model.order.as_slice(), model.tombstones.len()), ([other].as_slice(), many));
    assert!(model.tombstones.values().all(|left| left.reason == DeleteReason::UserErased));
    assert_eq!(model.users[&user_id("ann")], User::new(user_id("ann")));
    check::rows(&model);

    let (again, writes) = model.alone(erasing(&admin(), "ann"));
    assert_eq!((again, writes.is_empty()), (Ok(Outcome::Erased { is_done: true }), true));
}

#[test]
fn what_is_kept_of_them_is_a_digest_and_who_comes_back_is_new() {
    let (mut model, _) = with_ann();
    let back = starting(&visitor("ann"), start("ann", Some("me again")));
    let (results, writes) = model.together(vec![erasing(&admin(), "ann"), back]);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let [erased] = &writes.erased_users[..] else { panic!("{:?}", writes.erased_users) };
    assert_eq!((erased.user_id.as_str(), erased.erased_at, erased.is_blank), ("ann", model.now, false));
    assert_ne!(ErasedUser::digest(&user_id("ann")), ErasedUser::digest(&user_id("anna")));
    assert_eq!((model.order.len(), model.tombstones.len()), (1, 1));
    check::rows(&model);
}

fn replaying(gone: &Tombstone, ids: &[u64]) -> Command {
    let message_ids = ids.iter().map(|n| message_id(*n)).collect();
    let tombstone = Tombstone { rev: 0, ..gone.clone() };
    let replay = ReplayDeletion { tombstone, actor: None, messages: 7, message_ids };
    command(&admin(), Action::ReplayDeletion(Box::new(replay)))
}

#[test]
fn a_deletion_of_after_the_backup_is_repeated_as_it_was() {
    let mut model = with_shop();
    let chosen = Some(conversation_id(1));
    let begin = StartConversation { id: chosen, message_id: Some(message_id(1)), ..start("ann", Some("hi")) };
    let id = model.answer(starting(&visitor("ann"), begin)).snapshot.conversation.id;
    let gone = Tombstone {
        conversation_id: id,
        user_id: user_id("ann"),
        reason: DeleteReason::Retention,
        deleted_at: model.now,
        rev: 0,
    };
    // Message 2 was said after the backup was made.
    let (done, writes) = model.alone(replaying(&gone, &[1, 2]));
    assert_eq!((done, writes.deletions[0].messages), (Ok(Outcome::Deleted), 7));
    assert_eq!(writes.deletions[0].unstored, [message_id(2)]);
    assert!([1, 2].iter().all(|n| model.claims[&message_id(*n)] == Claim::Erased));
    assert_eq!(Tombstone { rev: 0, ..model.tombstones[&id].clone() }, gone);
    check::rows(&model);
    let (again, writes) = model.alone(replaying(&gone, &[1, 2]));
    assert!(again == Ok(Outcome::Deleted) && writes.is_empty());
}

#[test]
fn a_conversation_that_began_after_the_backup_leaves_its_ids() {
    let mut model = with_shop();
    let gone = Tombstone {
        conversation_id: conversation_id(1),
        user_id: user_id("ann"),
        reason: DeleteReason::Admin,
        deleted_at: model.now,
        rev: 0,
    };
    model.alone(replaying(&gone, &[1])).0.unwrap();
    assert_eq!(model.users[&user_id("ann")], User::new(user_id("ann")));
    let id = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    let late = SendMessage { id: Some(message_id(1)), ..send(id, MessageKind::User, "late") };
    assert_eq!(model.refusal(sending(&visitor("bob"), late)), Refusal::NotFound);
    let late = StartConversation { id: Some(conversation_id(1)), ..start("ann", Some("late")) };
    assert_eq!(model.refusal(starting(&visitor("ann"), late)), Refusal::NotFound);
    check::rows(&model);
}
