//! Canned answers, saved views, and which lists change with what.

use parlor_core::access::Principal;
use parlor_core::command::{Action, Command, PutCannedAnswer, PutView, UpdateConversation};
use parlor_core::decide::Outcome;
use parlor_core::desk::{DeskList, ViewFilters};
use parlor_core::error::Refusal;
use parlor_core::id::{CannedAnswerId, ViewId};
use parlor_core::limits;
use parlor_core::state::WriteSet;
use parlor_core::text::{Shortcut, ViewName};

use crate::make::*;
use crate::model::{Model, command};

fn answer_id(id: &str) -> CannedAnswerId {
    CannedAnswerId::parse(id).unwrap()
}

fn putting_answer(by: &Principal, id: &str, shortcut: &str, words: &str) -> Command {
    let shortcut = Shortcut::parse(shortcut).unwrap();
    let put = PutCannedAnswer { id: answer_id(id), shortcut, text: text(words), version: None };
    command(by, Action::PutCannedAnswer(Box::new(put)))
}

/// The same, while `version` of it is stored.
fn putting_over(version: u64, words: &str) -> Command {
    let mut command = putting_answer(&agent("ada"), "1", "hi", words);
    if let Action::PutCannedAnswer(put) = &mut command.action {
        put.version = Some(version);
    }
    command
}

fn deleting_answer(by: &Principal, version: Option<u64>) -> Command {
    command(by, Action::DeleteCannedAnswer { id: answer_id("1"), version })
}

fn putting_view(by: &Principal, id: &str, name: &str, is_shared: Option<bool>) -> Command {
    let (id, name) = (ViewId::parse(id).unwrap(), ViewName::parse(name).unwrap());
    command(by, Action::PutView(Box::new(PutView { id, name, is_shared, filters: ViewFilters::default() })))
}

fn deleting_view(by: &Principal, id: &str) -> Command {
    command(by, Action::DeleteView(ViewId::parse(id).unwrap()))
}

/// Whether it was new, and what it wrote.
fn put(model: &mut Model, command: Command) -> (bool, WriteSet) {
    match model.alone(command) {
        (Ok(Outcome::CannedAnswer { created, .. } | Outcome::View { created, .. }), writes) => {
            (created, writes)
        }
        other => panic!("{other:?}"),
    }
}

fn changed(model: &Model, writes: &WriteSet) -> Vec<DeskList> {
    writes.committed(agent("ada").workspace, &model.head).changed.into_iter().collect()
}

#[test]
fn a_canned_answer_is_new_changed_or_the_same() {
    let mut model = Model::new();
    let (created, writes) = put(&mut model, putting_answer(&agent("ada"), "1", "hi", "Hello!"));
    assert!(created && changed(&model, &writes) == [DeskList::CannedAnswers] && writes.rev == 0);
    let (created, writes) = put(&mut model, putting_answer(&agent("bob"), "1", "hi", "Hello!"));
    assert!(!created && writes.is_empty(), "nothing to write or to tell");
    let (created, writes) = put(&mut model, putting_answer(&agent("bob"), "1", "Hi", "Hi!"));
    assert!(!created && !writes.is_empty(), "its own shortcut is not another's");
    assert_eq!(model.canned_answers[&answer_id("1")].text, text("Hi!"));
    let delete = deleting_answer(&agent("ada"), None);
    assert!(model.alone(delete.clone()).0.is_ok() && model.canned_answers.is_empty());
    assert_eq!(model.refusal(delete), Refusal::NotFound);
}

#[test]
fn nobody_saves_over_what_was_saved_meanwhile() {
    let mut model = Model::new();
    let version = |model: &Model| model.canned_answers[&answer_id("1")].version;
    assert_eq!(model.refusal(putting_over(1, "There is none")), Refusal::CannedAnswerChanged);
    assert!(put(&mut model, putting_over(0, "Hello!")).0);
    let first = version(&model);
    assert_eq!(model.refusal(putting_over(0, "As if new")), Refusal::CannedAnswerChanged);
    let (results, _) = model.together(vec![putting_over(first, "Ada's"), putting_over(first, "Bob's")]);
    assert!(results[0].is_ok());
    assert_eq!(results[1], Err(Refusal::CannedAnswerChanged));
    assert_eq!(model.canned_answers[&answer_id("1")].text, text("Ada's"));
    let (created, writes) = put(&mut model, putting_over(first, "Ada's"));
    assert!(!created && writes.is_empty(), "the answer was lost, so she asks again");
    assert!(version(&model) > first);
    put(&mut model, putting_answer(&agent("bob"), "1", "hi", "Whatever is there"));
    assert!(model.alone(putting_over(version(&model), "Ada's again")).0.is_ok());
}

#[test]
fn nobody_deletes_what_was_saved_meanwhile() {
    let mut model = Model::new();
    let (ada, bob) = (agent("ada"), agent("bob"));
    assert_eq!(model.refusal(deleting_answer(&bob, Some(1))), Refusal::NotFound);
    put(&mut model, putting_over(0, "Hello!"));
    let seen = model.canned_answers[&answer_id("1")].version;
    let (results, _) = model.together(vec![putting_over(seen, "Ada's"), deleting_answer(&bob, Some(seen))]);
    assert!(results[0].is_ok());
    assert_eq!(results[1], Err(Refusal::CannedAnswerChanged));
    assert_eq!(model.canned_answers[&answer_id("1")].text, text("Ada's"));
    assert_eq!(model.refusal(deleting_answer(&bob, Some(0))), Refusal::CannedAnswerChanged);
    let now = model.canned_answers[&answer_id("1")].version;
    assert!(model.alone(deleting_answer(&ada, Some(now))).0.is_ok() && model.canned_answers.is_empty());
}

#[test]
fn what_was_deleted_and_made_anew_is_another_version() {
    let mut model = Model::new();
    put(&mut model, putting_over(0, "Hello!"));
    let before = model.canned_answers[&answer_id("1")].version;
    let delete = deleting_answer(&agent("bob"), None);
    assert!(model.alone(delete).0.is_ok());
    assert_eq!(model.refusal(putting_over(before, "It is gone")), Refusal::CannedAnswerChanged);
    model.now = model.now.plus_ms(1);
    put(&mut model, putting_over(0, "Bob's"));
    assert_eq!(model.refusal(putting_over(before, "Not over Bob's")), Refusal::CannedAnswerChanged);
}

#[test]
fn a_shortcut_is_of_one_answer() {
    let mut model = Model::new();
    let ada = agent("ada");
    let (results, _) = model.together(vec![
        putting_answer(&ada, "1", "grüße", "Hello!"),
        putting_answer(&ada, "2", "GRÜßE", "Hello?"),
        putting_answer(&ada, "3", "other", "x"),
        deleting_answer(&ada, None),
        putting_answer(&ada, "2", "GRÜßE", "Hello?"),
    ]);
    let is_done: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(is_done, [true, false, true, true, true]);
    let Err(Refusal::Validation(errors)) = &results[1] else { panic!("{:?}", results[1]) };
    assert_eq!(errors[0].pointer, "/shortcut");
    assert_eq!(model.canned_answers.len(), 2);
}

#[test]
fn there_are_as_many_as_there_may_be() {
    let mut model = Model::new();
    let ada = agent("ada");
    for n in 0..limits::CANNED_ANSWERS {
        put(&mut model, putting_answer(&ada, &n.to_string(), &format!("s{n}"), "x"));
    }
    for n in 0..limits::VIEWS_PER_AGENT {
        put(&mut model, putting_view(&ada, &n.to_string(), "Mine", None));
    }
    for full in [putting_answer(&ada, "new", "new", "x"), putting_view(&ada, "new", "New", None)] {
        assert!(matches!(model.refusal(full), Refusal::Validation(_)));
    }
    assert!(!put(&mut model, putting_answer(&ada, "0", "s0", "y")).0, "what is there may change");
    assert!(!put(&mut model, putting_view(&ada, "0", "Changed", None)).0);
    assert!(put(&mut model, putting_view(&agent("bob"), "new", "His", None)).0, "everybody has their own");
}

#[test]
fn a_view_is_its_makers() {
    let mut model = Model::new();
    let (ada, bob) = (agent("ada"), agent("bob"));
    let (created, writes) = put(&mut model, putting_view(&ada, "mine", "Mine", None));
    assert!(created && changed(&model, &writes) == [DeskList::Views]);
    put(&mut model, putting_view(&ada, "ours", "Ours", Some(true)));
    for (id, refusal) in [("mine", Refusal::NotFound), ("ours", Refusal::Forbidden)] {
        assert_eq!(model.refusal(putting_view(&bob, id, "His", Some(true))), refusal);
        assert_eq!(model.refusal(deleting_view(&bob, id)), refusal);
    }
    assert!(!put(&mut model, putting_view(&admin(), "ours", "Everybody's", None)).0);
    let ours = &model.views[&ViewId::parse("ours").unwrap()];
    assert_eq!((ours.owner.as_str(), ours.is_shared), ("ada", true), "it stays hers, and shared");
    put(&mut model, putting_view(&ada, "ours", "Mine again", Some(false)));
    assert_eq!(model.refusal(deleting_view(&bob, "ours")), Refusal::NotFound);
    assert!(model.alone(deleting_view(&ada, "ours")).0.is_ok());
    assert!(model.alone(deleting_view(&admin(), "mine")).0.is_ok());
    assert!(model.views.is_empty());
}

#[test]
fn only_agents_keep_things_at_hand() {
    let mut model = Model::new();
    for by in [visitor("ann"), service()] {
        for command in [
            putting_answer(&by, "1", "hi", "x"),
            putting_view(&by, "1", "x", None),
            deleting_answer(&by, None),
            deleting_view(&by, "1"),
            command(&by, Action::MeetAgent),
        ] {
            assert_eq!(model.refusal(command), Refusal::Forbidden);
        }
    }
}

#[test]
fn lists_change_with_what_is_new_in_them() {
    let (mut model, id) = with_ann();
    let (_, writes) = model.alone(command(&agent("ada"), Action::MeetAgent));
    assert_eq!(changed(&model, &writes), [DeskList::Agents]);
    let (_, writes) = model.alone(command(&agent("ada"), Action::MeetAgent));
    assert!(writes.is_empty(), "she is known");
    let label =
        |names: &[&str]| updating(&agent("ada"), UpdateConversation { labels: to(names), ..update(id) });
    for (names, news) in [
        (&["vip"][..], &[DeskList::Labels][..]),
        (&["vip"], &[]),
        (&["a", "vip"], &[DeskList::Labels]),
        (&[], &[]),
    ] {
        let (result, writes) = model.alone(label(names));
        assert!(result.is_ok());
        assert_eq!(changed(&model, &writes), news, "{names:?}");
    }
    let (_, writes) = model.alone(putting_funnel(shop("Welcome!")));
    assert_eq!(changed(&model, &writes), [DeskList::Funnels]);
}
