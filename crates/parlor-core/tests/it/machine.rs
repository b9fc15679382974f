//! Everybody does anything, in any order, at any time, in batches cut anywhere.

mod wish;

use std::sync::Arc;

use parlor_core::access::Role;
use parlor_core::command::Action;
use parlor_core::conversation::{CloseReason, Conversation, Snapshot};
use parlor_core::decide::{Answer, Outcome};
use parlor_core::error::Refusal;
use parlor_core::event::{Activity, Tombstone};
use parlor_core::id::ConversationId;
use parlor_core::message::{Message, MessageKind};
use parlor_core::note::Note;
use parlor_core::state::{Claim, WriteSet};
use parlor_core::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use self::wish::{Wish, pauses, spelled, tamed, wishes};
use crate::check;
use crate::make::*;
use crate::model::{Loading, Model, Numbered};

/// Runs the wishes one by one and checks everything after each; returns what was commanded.
fn one_by_one(wishes: Vec<(Wish, i64)>) -> (Model, Vec<Numbered>, Vec<Result<Outcome, Refusal>>) {
    let mut model = with_shop();
    let (mut commands, mut said, mut results) = (Vec::new(), Vec::new(), Vec::new());
    for (wish, pause) in wishes {
        model.now = model.now.plus_ms(pause);
        let command = spelled(&model, wish, &said);
        said.push(command.clone());
        let numbered = model.number(command);
        let (before, rev) = (model.conversations.clone(), model.head.rev);
        let (mut answered, writes) = model.batch(std::slice::from_ref(&numbered), Loading::Anew);
        check::writes(&before, rev, &writes);
        for write in &writes.conversations {
            let old = before.get(&write.conversation.id).map_or(0, |c| c.version);
            assert_eq!(write.conversation.version, old + 1, "a change raises the version by one");
            assert_eq!(write.conversation.updated_at, numbered.now);
        }
        for id in model
            .tombstones
            .keys()
            .filter(|id| writes.deletions.iter().all(|d| d.tombstone.conversation_id != **id))
        {
            assert!(!names(&writes, *id), "what is deleted is never written again");
        }
        let result = answered.pop().unwrap();
        one_result(&numbered, &result, &writes);
        check::rows(&model);
        commands.push(numbered);
        results.push(result);
    }
    (model, commands, results)
}

fn names(writes: &WriteSet, id: ConversationId) -> bool {
    writes.conversations.iter().any(|write| write.conversation.id == id)
        || writes.messages.iter().any(|message| message.conversation_id == id)
        || writes.notes.iter().any(|note| note.conversation_id == id)
        || writes.activities.iter().any(|(_, activity)| activity.conversation_id == id)
}

/// What holds of one command and its answer.
fn one_result(numbered: &Numbered, result: &Result<Outcome, Refusal>, writes: &WriteSet) {
    let by = &numbered.command.by;
    if by.role == Role::Visitor {
        let own = |id: &str| id == by.sub.as_str();
        assert!(writes.conversations.iter().all(|w| own(w.conversation.user_id.as_str())));
        assert!(writes.users.iter().all(|user| own(user.id.as_str())));
        assert!(writes.notes.is_empty(), "a visitor writes no notes");
        assert!(
            !matches!(result, Ok(Outcome::Conversation(Answer { note: Some(_), .. }))),
            "and is told of none"
        );
    }
    let answer = match result {
        Ok(Outcome::Conversation(answer)) => answer,
        Ok(_) => return,
        Err(refusal) => {
            assert!(!matches!(refusal, Refusal::Internal(_)), "{refusal:?}");
            assert!(writes.is_empty() && writes.messages.is_empty() && writes.activities.is_empty());
            return;
        }
    };
    if let (Some(note), Some(written)) = (&answer.note, writes.notes.first()) {
        assert_eq!(writes.messages.len(), 0, "a note says nothing to anybody");
        assert_eq!(note_without_rev(note), note_without_rev(written));
    }
    let Some(message) = &answer.message else { return };
    let c = &answer.snapshot.conversation;
    assert_eq!(message.conversation_id, c.id, "the answer says which conversation took it");
    if message.kind == MessageKind::User && !writes.messages.is_empty() {
        let ended = c.close_reason == Some(CloseReason::FunnelEnd) && c.closed_at == Some(numbered.now);
        assert!(
            c.is_open() || ended,
            "a user's message leaves an open conversation, or its funnel ended with it"
        );
        assert!(!c.is_archived() && c.last_side.is_some());
    }
}

/// Revisions depend on where batches are cut; nothing else does.
fn without_rev(c: &Conversation) -> Conversation {
    Conversation { rev: 0, scope_rev: 0, ..c.clone() }
}

fn message_without_rev(m: &Message) -> Message {
    Message { rev: 0, ..m.clone() }
}

fn note_without_rev(n: &Note) -> Note {
    Note { rev: 0, ..n.clone() }
}

fn result_without_rev(result: &Result<Outcome, Refusal>) -> Result<Outcome, Refusal> {
    let snapshot = |s: &Snapshot| Snapshot {
        conversation: Arc::new(without_rev(&s.conversation)),
        user: s.user.clone(),
    };
    match result {
        Ok(Outcome::Conversation(answer)) => Ok(Outcome::Conversation(Answer {
            snapshot: snapshot(&answer.snapshot),
            message: answer.message.as_ref().map(|m| Arc::new(message_without_rev(m))),
            note: answer.note.as_ref().map(|n| Arc::new(note_without_rev(n))),
            ..answer.clone()
        })),
        Err(Refusal::ConversationChanged(s)) => Err(Refusal::ConversationChanged(Box::new(snapshot(s)))),
        other => other.clone(),
    }
}

fn assert_same(one: &Model, other: &Model) {
    assert_eq!(one.order, other.order);
    for id in &one.order {
        assert_eq!(without_rev(one.get(*id)), without_rev(other.get(*id)));
        let thread = |model: &Model| -> Vec<Message> {
            model.thread(*id).iter().map(|m| message_without_rev(m)).collect()
        };
        assert_eq!(thread(one), thread(other));
        let notes = |model: &Model| -> Vec<Note> {
            model.notes_of(*id).into_iter().map(|n| note_without_rev(n)).collect()
        };
        assert_eq!(notes(one), notes(other));
    }
    let claims = |model: &Model| -> Vec<_> {
        model.claims.iter().map(|(id, claim)| (*id, *claim == Claim::Erased)).collect()
    };
    assert_eq!(claims(one), claims(other));
    let gone = |model: &Model| -> Vec<_> {
        model.tombstones.values().map(|t| Tombstone { rev: 0, ..t.clone() }).collect()
    };
    assert_eq!(gone(one), gone(other));
    assert_eq!((&one.users, &one.agents, &one.funnels), (&other.users, &other.agents, &other.funnels));
    let counted =
        |model: &Model| model.counters.clone().into_iter().filter(|(_, n)| *n != 0).collect::<Vec<_>>();
    assert_eq!(counted(one), counted(other));
    // What begins and ends in one batch has no activities.
    let done = |model: &Model| -> Vec<_> {
        let is_there = |a: &&Activity| !model.tombstones.contains_key(&a.conversation_id);
        model.activities.iter().filter(is_there).cloned().collect()
    };
    assert_eq!(done(one), done(other));
}

/// Every accepted message of a known id, sent again: the identical stored message, and nothing written.
fn assert_replays(model: &mut Model, commands: &[Numbered], results: &[Result<Outcome, Refusal>]) {
    for (numbered, result) in commands.iter().zip(results) {
        let Ok(Outcome::Conversation(Answer { message: Some(message), .. })) = result else { continue };
        let has_id = match &numbered.command.action {
            Action::SendMessage(send) => send.id.is_some(),
            Action::StartConversation(start) => start.id.is_some() || start.message_id.is_some(),
            _ => false,
        };
        if !has_id {
            continue;
        }
        let is_gone = model.claims.get(&message.id) == Some(&Claim::Erased);
        let (again, writes) = model.alone(numbered.command.clone());
        if is_gone {
            assert!(
                again == Err(Refusal::NotFound) && writes.is_empty(),
                "an erased id is not found: {again:?}"
            );
            continue;
        }
        let Ok(Outcome::Conversation(again)) = again else { panic!("a repeated send is refused: {again:?}") };
        assert!(writes.is_empty() && !again.created);
        let stored = again.message.unwrap();
        assert_eq!(message_without_rev(&stored), message_without_rev(message));
        assert_eq!(model.claims.get(&stored.id), Some(&Claim::Stored(stored.clone())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_rule_holds_however_batches_are_cut(
        wishes in vec((wishes(), pauses()), 1..50),
        cuts in vec((1..12usize, any::<bool>()), 1..8),
    ) {
        let (mut model, commands, results) = one_by_one(wishes);
        let mut other = with_shop();
        let mut rest = &commands[..];
        let mut answered = Vec::new();
        for (size, anew) in cuts.into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (batch, tail) = rest.split_at(size.min(rest.len()));
            rest = tail;
            let (before, rev) = (other.conversations.clone(), other.head.rev);
            let (some, writes) = other.batch(batch, if anew { Loading::Anew } else { Loading::Added });
            check::writes(&before, rev, &writes);
            check::rows(&other);
            answered.extend(some);
        }
        // What it names; the funnel's version the conversation walks; whose conversations a new name reaches; those.
        prop_assert!(model.most_rounds <= 4, "a command alone is decided at most four times");
        assert_same(&model, &other);
        for (i, (one, other)) in results.iter().zip(&answered).enumerate() {
            prop_assert_eq!(result_without_rev(one), result_without_rev(other), "command {}: {:?}", i, &commands[i]);
        }
        assert_replays(&mut model, &commands, &results);
    }

    /// Only a service or an agent can make a second open conversation of a user in a funnel.
    #[test]
    fn a_user_has_one_open_conversation_per_funnel(wishes in vec((wishes(), pauses()), 1..60)) {
        let tame = wishes.into_iter().filter_map(|(wish, pause)| tamed(wish).map(|wish| (wish, pause)));
        let (model, ..) = one_by_one(tame.collect());
        let open = |c: &&Conversation| c.is_open();
        let mut seen = std::collections::HashSet::new();
        for c in model.conversations.values().filter(open) {
            prop_assert!(seen.insert((c.user_id.clone(), c.funnel_id.clone())), "two are open");
        }
    }
}

#[test]
fn times_do_not_decide_what_a_command_means() {
    // The machine's clocks step back; this is the smallest case of it.
    let (mut model, id) = with_ann();
    model.now = Timestamp(model.now.0 - DAY);
    let answer = model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "again")));
    assert_eq!(answer.snapshot.conversation.id, id);
    assert_eq!(answer.message.unwrap().seq, 4);
    check::rows(&model);
}
