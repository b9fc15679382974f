//! `delete_conversation`, and what its tombstone says afterwards.

use parlor_core::command::{ImportConversation, SendMessage, StartConversation};
use parlor_core::conversation::Status;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::id::WorkspaceKey;
use parlor_core::message::MessageKind;
use parlor_core::state::Claim;

use crate::check;
use crate::make::*;

#[test]
fn only_an_admin_deletes_and_only_what_is_there() {
    let (mut model, id) = with_ann();
    for by in [visitor("ann"), agent("ada"), service()] {
        assert_eq!(model.refusal(deleting(&by, id)), Refusal::Forbidden);
    }
    assert_eq!(model.refusal(deleting(&admin(), conversation_id(7))), Refusal::NotFound);
    assert_eq!(model.alone(deleting(&admin(), id)).0, Ok(Outcome::Deleted));
    assert_eq!(model.refusal(deleting(&admin(), id)), Refusal::NotFound);
    check::rows(&model);
}

#[test]
fn everything_goes_but_the_tombstone() {
    let (mut model, id) = with_ann();
    let (bob, said) = (visitor("bob"), model.thread(id).len());
    let other = model.answer(starting(&bob, start("bob", Some("hi")))).snapshot.conversation.id;
    let (ids, rev): (Vec<_>, _) = (model.thread(id).iter().map(|m| m.id).collect(), model.head.rev);
    let (_, writes) = model.alone(deleting(&admin(), id));
    assert_eq!((said, model.head.rev), (ids.len(), rev + 1));
    assert!(ids.iter().all(|id| model.claims[id] == Claim::Erased));
    assert_eq!(model.order, [other]);
    assert_eq!(model.counters.values().copied().max(), Some(1), "one is left to count");
    let told = writes.committed(WorkspaceKey(1), &model.head);
    assert!(told.groups.is_empty());
    assert_eq!(told.tombstones, [model.tombstones[&id].clone()]);
    assert_eq!((told.tombstones[0].user_id.as_str(), told.tombstones[0].rev), ("ann", rev + 1));
}

#[test]
fn what_is_deleted_takes_nothing_and_comes_back_by_no_door() {
    let mut model = with_shop();
    let (ann, chosen) = (visitor("ann"), Some(conversation_id(1)));
    let begin = StartConversation { id: chosen, message_id: Some(message_id(1)), ..start("ann", Some("hi")) };
    let id = model.answer(starting(&ann, begin.clone())).snapshot.conversation.id;
    let said = SendMessage { id: Some(message_id(2)), ..send(id, MessageKind::User, "more") };
    model.answer(sending(&ann, said.clone()));
    model.alone(deleting(&admin(), id)).0.unwrap();

    let renamed = StartConversation { message_id: Some(message_id(3)), ..begin.clone() };
    let elsewhere = StartConversation { id: None, ..begin.clone() };
    for start in [begin, renamed, elsewhere, StartConversation { id: chosen, ..start("ann", None) }] {
        assert_eq!(model.refusal(starting(&ann, start)), Refusal::NotFound);
    }
    for send in [
        said.clone(),
        SendMessage { id: None, ..said.clone() },
        SendMessage { id: Some(message_id(9)), ..said },
    ] {
        assert_eq!(model.refusal(sending(&ann, send)), Refusal::NotFound);
    }
    let lines = [(MessageKind::User, "hi")];
    let mut with_message = import("old-1", "ann", &lines);
    with_message.messages[0].id = Some(message_id(2));
    for line in [ImportConversation { id: chosen, ..import("old-2", "ann", &lines) }, with_message] {
        assert_eq!(model.refusal(importing(line)), Refusal::NotFound);
    }
    for command in [reading(&agent("ada"), id, 1, false), taking(&agent("ada"), id, None)] {
        assert_eq!(model.refusal(command), Refusal::NotFound);
    }
    assert_eq!(model.conversations.len(), 0);
}

#[test]
fn a_batch_is_decided_in_its_order() {
    let (mut model, id) = with_ann();
    let ann = visitor("ann");
    let say = |n| SendMessage { id: Some(message_id(n)), ..send(id, MessageKind::User, "words") };
    let commands = vec![
        sending(&ann, say(1)),
        deleting(&admin(), id),
        sending(&ann, say(1)),
        sending(&ann, say(2)),
        deleting(&admin(), id),
    ];
    let (results, writes) = model.together(commands);
    assert!(results[0].is_ok() && results[1] == Ok(Outcome::Deleted));
    assert!(results[2..].iter().all(|result| *result == Err(Refusal::NotFound)));
    assert!(writes.conversations.is_empty() && writes.messages.is_empty(), "nobody hears what is gone");
    assert_eq!(model.refusal(sending(&ann, say(1))), Refusal::NotFound);
    check::rows(&model);
}

#[test]
fn what_begins_and_ends_in_one_batch_leaves_its_tombstone() {
    let mut model = with_shop();
    let ann = visitor("ann");
    let begin = StartConversation { id: Some(conversation_id(1)), ..start("ann", Some("hi")) };
    let (results, writes) = model.together(vec![
        starting(&ann, begin.clone()),
        deleting(&admin(), conversation_id(1)),
        starting(&ann, start("ann", Some("again"))),
    ]);
    let Ok(Outcome::Conversation(second)) = &results[2] else { panic!("{:?}", results[2]) };
    assert_ne!(second.snapshot.conversation.id, conversation_id(1), "what is open now is another one");
    assert!(!writes.deletions[0].is_stored && writes.deletions[0].unstored.len() >= 2);
    assert_eq!(model.refusal(starting(&ann, begin)), Refusal::NotFound);
    check::rows(&model);
}

#[test]
fn the_newest_that_is_left_of_a_chain_takes_a_message() {
    let (mut model, first) = with_ann();
    let ann = visitor("ann");
    let mut chain = vec![first];
    for _ in 0..2 {
        model.answer(updating(&agent("ada"), status(*chain.last().unwrap(), Status::Closed)));
        model.now = model.now.plus_ms(8 * DAY);
        let next = model.answer(sending(&ann, send(first, MessageKind::User, "hello?")));
        chain.push(next.snapshot.conversation.id);
    }
    let in_one_batch =
        vec![deleting(&admin(), chain[2]), sending(&ann, send(first, MessageKind::User, "and now?"))];
    let (results, _) = model.together(in_one_batch);
    let Ok(Outcome::Conversation(answer)) = &results[1] else { panic!("{:?}", results[1]) };
    assert_eq!(answer.snapshot.conversation.previous_id, Some(chain[1]));
    check::rows(&model);
}
