//! What a command sees of the commands before it in its batch.

use parlor_core::conversation::Status;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::id::ConversationId;
use parlor_core::message::MessageKind;

use crate::check;
use crate::make::*;
use crate::model::{Loading, Model, Results, command};

fn landed(results: &Results) -> Vec<ConversationId> {
    let id = |result: &Result<Outcome, Refusal>| match result {
        Ok(Outcome::Conversation(answer)) => answer.snapshot.conversation.id,
        other => panic!("not about a conversation: {other:?}"),
    };
    results.iter().map(id).collect()
}

/// The same commands with both ways of loading, on models of their own.
fn both_ways(
    prepare: impl Fn() -> (Model, Vec<parlor_core::command::Command>),
    test: impl Fn(&Model, Results),
) {
    for loading in [Loading::Anew, Loading::Added] {
        let (mut model, commands) = prepare();
        let batch: Vec<_> = commands.into_iter().map(|c| model.number(c)).collect();
        let (results, _) = model.batch(&batch, loading);
        check::rows(&model);
        test(&model, results);
    }
}

#[test]
fn two_starts_of_one_user_give_one_conversation() {
    let prepare = || {
        let one = starting(&visitor("ann"), start("ann", Some("hi")));
        let two = starting(&visitor("ann"), start("ann", Some("hello?")));
        (with_shop(), vec![one, two])
    };
    both_ways(prepare, |model, results| {
        let ids = landed(&results);
        assert_eq!(ids[0], ids[1]);
        assert_eq!(model.open_of("ann"), 1);
    });
}

#[test]
fn a_message_id_is_claimed_within_the_batch() {
    let prepare = || {
        let (model, id) = with_ann();
        let say = |words| {
            let send = send(id, MessageKind::User, words);
            sending(&visitor("ann"), parlor_core::command::SendMessage { id: Some(message_id(1)), ..send })
        };
        (model, vec![say("once"), say("once"), say("other")])
    };
    both_ways(prepare, |model, results| {
        let [Ok(Outcome::Conversation(first)), Ok(Outcome::Conversation(again)), other] = &results[..] else {
            panic!("{results:?}")
        };
        assert_eq!(first.message, again.message);
        assert!(first.created && !again.created);
        assert_eq!(*other, Err(Refusal::MessageIdConflict));
        assert_eq!(model.texts(first.snapshot.conversation.id).iter().filter(|t| **t == "once").count(), 1);
    });
}

#[test]
fn a_start_after_a_close_of_the_batch_makes_a_new_conversation() {
    let prepare = || {
        let (model, id) = with_ann();
        (
            model,
            vec![
                updating(&agent("ada"), status(id, Status::Closed)),
                starting(&visitor("ann"), start("ann", Some("again"))),
            ],
        )
    };
    both_ways(prepare, |model, results| {
        let ids = landed(&results);
        assert_ne!(ids[0], ids[1]);
        assert_eq!(model.open_of("ann"), 1);
    });
}

#[test]
fn a_start_after_a_reopening_of_the_batch_goes_there() {
    let prepare = || {
        let (mut model, id) = with_ann();
        model.answer(updating(&agent("ada"), status(id, Status::Closed)));
        (
            model,
            vec![
                updating(&agent("ada"), status(id, Status::Open)),
                starting(&visitor("ann"), start("ann", Some("again"))),
            ],
        )
    };
    both_ways(prepare, |_, results| {
        let ids = landed(&results);
        assert_eq!(ids[0], ids[1]);
    });
}

#[test]
fn a_message_into_the_archive_goes_to_what_the_batch_opened() {
    let prepare = || {
        let (mut model, id) = with_ann();
        model.answer(updating(&agent("ada"), archived(id, true)));
        let open = import("old-1", "ann", &[(MessageKind::User, "long ago")]);
        (model, vec![importing(open), sending(&visitor("ann"), send(id, MessageKind::User, "hello?"))])
    };
    both_ways(prepare, |_, results| {
        let ids = landed(&results);
        assert_eq!(ids[0], ids[1]);
    });
}

#[test]
fn a_chain_goes_on_from_its_newest_conversation_also_within_a_batch() {
    let prepare = || {
        let (mut model, id) = with_ann();
        model.answer(updating(&agent("ada"), archived(id, true)));
        let say = |words| sending(&visitor("ann"), send(id, MessageKind::User, words));
        // The model's ids follow from the commands' numbers: the second one's follower is known beforehand.
        let mut probe = with_ann().0;
        probe.answer(updating(&agent("ada"), archived(id, true)));
        let follower = probe.answer(say("one")).snapshot.conversation.id;
        (model, vec![say("one"), updating(&agent("ada"), archived(follower, true)), say("two")])
    };
    both_ways(prepare, |model, results| {
        let ids = landed(&results);
        assert_eq!(ids[0], ids[1]);
        let (first, second) = (model.get(ids[0]), model.get(ids[2]));
        assert_eq!(second.previous_id, Some(first.id));
        assert_eq!(second.root_id, first.previous_id);
    });
}

#[test]
fn a_profile_reaches_the_conversation_the_batch_began() {
    let prepare = || {
        let begin = starting(&visitor("ann"), start("ann", Some("hi")));
        (with_shop(), vec![begin, putting(&service(), "ann", "Ann Smith")])
    };
    both_ways(prepare, |model, _| {
        assert_eq!(model.get(model.order[0]).version, 2);
        assert_eq!(model.shown[&model.order[0]].name.as_str(), "Ann Smith");
    });
}

#[test]
fn marks_count_messages_of_the_batch() {
    let prepare = || {
        let (model, id) = with_ann();
        let say = |words| sending(&visitor("ann"), send(id, MessageKind::User, words));
        let give = command(
            &agent("ada"),
            parlor_core::command::Action::GiveBackConversation { conversation_id: id },
        );
        (model, vec![give, say("one"), say("two"), reading(&agent("ada"), id, 4, false)])
    };
    both_ways(prepare, |model, results| {
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(model.get(model.order[0]).unread_by_agents(), 1);
    });
}

#[test]
fn a_refusal_in_the_middle_leaves_its_neighbours_alone() {
    let (mut model, id) = with_ann();
    let say = |words| sending(&visitor("ann"), send(id, MessageKind::User, words));
    let (results, writes) =
        model.together(vec![say("one"), updating(&visitor("bob"), status(id, Status::Closed)), say("two")]);
    assert_eq!(results[1], Err(Refusal::NotFound));
    assert_eq!(writes.conversations.len(), 1, "a conversation is written once a batch");
    assert_eq!(model.get(id).version, 3);
    assert!(model.texts(id).contains(&"one") && model.texts(id).contains(&"two"));
}

#[test]
fn a_batch_of_refusals_and_replays_writes_nothing() {
    let (mut model, id) = with_ann();
    let say =
        parlor_core::command::SendMessage { id: Some(message_id(1)), ..send(id, MessageKind::User, "once") };
    model.answer(sending(&visitor("ann"), say.clone()));
    let unknown = sending(&visitor("ann"), send(conversation_id(1), MessageKind::User, "hi"));
    let rev = model.head.rev;
    let (_, writes) = model.together(vec![sending(&visitor("ann"), say), unknown]);
    assert!(writes.is_empty() && writes.counters.is_empty());
    assert_eq!(writes.rev, rev);
}
