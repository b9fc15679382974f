//! Private notes: whose they are, what they move, and what is left of them.

use parlor_core::access::Principal;
use parlor_core::command::ImportConversation;
use parlor_core::conversation::{Conversation, Status};
use parlor_core::error::Refusal;
use parlor_core::event::ActivityKind;
use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::state::Claim;

use crate::check;
use crate::make::*;

/// Agents, an administrator and a service.
fn ours() -> [Principal; 3] {
    [agent("ada"), admin(), service()]
}

#[test]
fn for_visitors_there_are_no_notes() {
    let (mut model, id) = with_ann();
    model.answer(noting(&agent("ada"), id, Some(1), "careful"));
    for by in [visitor("ann"), visitor("bob")] {
        assert_eq!(model.refusal(noting(&by, id, Some(1), "careful")), Refusal::NotFound);
        assert_eq!(model.refusal(noting(&by, id, None, "mine")), Refusal::NotFound);
        assert_eq!(model.refusal(unnoting(&by, id, note_id(1))), Refusal::NotFound);
    }
}

#[test]
fn a_note_moves_nothing_but_the_version() {
    for by in ours() {
        let (mut model, id) = with_ann();
        let before = model.get(id).clone();
        model.now = model.now.plus_ms(HOUR);
        let (result, writes) = model.alone(noting(&by, id, Some(1), "careful"));
        let after = model.get(id).clone();
        let expected = Conversation {
            note_count: 1,
            version: before.version + 1,
            rev: before.rev + 1,
            updated_at: model.now,
            ..before
        };
        assert_eq!(after, expected, "by {:?}", by.role);
        assert!(result.is_ok() && writes.messages.is_empty());
        let note = &writes.notes[0];
        assert_eq!((note.text(), note.after_seq, &note.author.id), ("careful", after.message_count, &by.sub));
        let told = writes.committed(WorkspaceKey(1), &model.head);
        assert_eq!(told.groups[0].notes, writes.notes);
        let [activity] = &*writes.activities else { panic!("{:?}", writes.activities) };
        assert_eq!((activity.1.kind, &activity.1.detail), (ActivityKind::NoteAdded, &None));
    }
}

#[test]
fn a_note_may_stand_beside_what_is_over() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), archived(id, true)));
    model.answer(noting(&agent("ada"), id, None, "she called again"));
    assert_eq!((model.get(id).status, model.get(id).is_archived()), (Status::Closed, true));
    check::rows(&model);
}

#[test]
fn the_same_note_again_is_the_stored_one() {
    let (mut model, id) = with_ann();
    let other = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    let first = model.answer(noting(&agent("ada"), id, Some(1), "careful"));
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "more")));
    let (again, writes) = model.alone(noting(&agent("ada"), id, Some(1), "careful"));
    let Ok(parlor_core::decide::Outcome::Conversation(again)) = again else { panic!("{again:?}") };
    assert!(writes.is_empty() && !again.created);
    assert_eq!(again.note.unwrap().after_seq, first.note.unwrap().after_seq);
    for other in [
        noting(&agent("ada"), id, Some(1), "careless"),
        noting(&agent("bea"), id, Some(1), "careful"),
        noting(&service(), id, Some(1), "careful"),
        noting(&agent("ada"), other, Some(1), "careful"),
    ] {
        assert_eq!(model.refusal(other), Refusal::NoteIdConflict);
    }
}

#[test]
fn its_author_or_an_admin_deletes_a_note_and_nothing_of_it_stays() {
    for (author, by) in [(agent("ada"), agent("ada")), (agent("ada"), admin()), (service(), service())] {
        let (mut model, id) = with_ann();
        model.answer(noting(&author, id, Some(1), "careful"));
        for other in [agent("bea"), service()].iter().filter(|other| **other != author) {
            assert_eq!(model.refusal(unnoting(other, id, note_id(1))), Refusal::Forbidden);
        }
        let before = model.get(id).clone();
        let answer = model.answer(unnoting(&by, id, note_id(1)));
        let note = answer.note.unwrap();
        assert_eq!((note.text(), note.deleted_at(), note.version), ("", Some(model.now), 2));
        let after = model.get(id);
        assert_eq!((after.version, after.rev, after.note_count), (before.version + 1, before.rev + 1, 1));
        assert!(!format!("{:?}", model.notes).contains("careful"));
        assert!(!format!("{:?}", model.activities).contains("careful"));

        let (again, writes) = model.alone(unnoting(&by, id, note_id(1)));
        assert!(again.is_ok() && writes.is_empty(), "deleted is deleted");
        assert_eq!(model.refusal(noting(&author, id, Some(1), "careful")), Refusal::NotFound);
        check::rows(&model);
    }
}

#[test]
fn a_note_is_found_beside_its_own_conversation_only() {
    let (mut model, id) = with_ann();
    let other = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    model.answer(noting(&agent("ada"), id, Some(1), "careful"));
    assert_eq!(model.refusal(unnoting(&admin(), other, note_id(1))), Refusal::NotFound);
    assert_eq!(model.refusal(unnoting(&admin(), id, note_id(2))), Refusal::NotFound);
    assert_eq!(model.refusal(noting(&agent("ada"), conversation_id(9), None, "where")), Refusal::NotFound);
}

#[test]
fn written_and_deleted_in_one_batch_it_is_never_written_down() {
    let (mut model, id) = with_ann();
    let ada = agent("ada");
    let (results, writes) =
        model.together(vec![noting(&ada, id, Some(1), "careful"), unnoting(&ada, id, note_id(1))]);
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((writes.notes.len(), writes.notes[0].text(), writes.conversations.len()), (1, "", 1));
    check::rows(&model);
}

#[test]
fn notes_go_with_their_conversation_and_their_ids_are_free() {
    let (mut model, id) = with_ann();
    let other = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    let ada = agent("ada");
    model.answer(noting(&ada, id, Some(1), "careful"));
    let (results, writes) = model.together(vec![
        noting(&ada, id, Some(2), "very"),
        deleting(&admin(), id),
        noting(&ada, other, Some(1), "elsewhere"),
        noting(&ada, id, Some(1), "careful"),
    ]);
    assert!(results[..3].iter().all(Result::is_ok), "{results:?}");
    assert_eq!(results[3], Err(Refusal::NotFound), "a retry names what is gone");
    assert_eq!(writes.notes.iter().map(|note| note.conversation_id).collect::<Vec<_>>(), [other]);
    check::rows(&model);
}

#[test]
fn there_is_a_bound_and_deleted_ones_count() {
    let (mut model, id) = with_ann();
    let ada = agent("ada");
    for n in 0..limits::NOTES as u64 {
        model.answer(noting(&ada, id, Some(n), "one more"));
    }
    model.answer(unnoting(&ada, id, note_id(0)));
    assert!(matches!(model.refusal(noting(&ada, id, None, "too many")), Refusal::Validation(_)));
    assert!(!model.answer(noting(&ada, id, Some(1), "one more")).created, "a retry is answered all the same");
}

#[test]
fn history_brings_its_notes_once() {
    let mut model = with_shop();
    let said = [(MessageKind::User, "long ago"), (MessageKind::Bot, "yes")];
    let notes = vec![imported_note(1, 0), imported_note(2, 9)];
    let line = ImportConversation { notes, ..import("old-1", "ann", &said) };
    let id = model.answer(importing(line.clone())).snapshot.conversation.id;
    let places: Vec<_> =
        model.notes_of(id).iter().map(|note| (note.after_seq, note.author.id.as_str())).collect();
    assert_eq!(places, [(0, "ada"), (2, "ada")], "beyond the end is the end");
    assert!(!model.answer(importing(line.clone())).created);
    let elsewhere = ImportConversation { notes: line.notes, ..import("old-2", "ann", &said) };
    assert_eq!(model.refusal(importing(elsewhere)), Refusal::NoteIdConflict);
    let twice = ImportConversation {
        notes: vec![imported_note(3, 0), imported_note(3, 0)],
        ..import("old-3", "ann", &said)
    };
    assert_eq!(model.refusal(importing(twice)), Refusal::NoteIdConflict);
    assert!(model.claims.values().all(|claim| *claim != Claim::Erased));
    check::rows(&model);
}
