//! `import_conversation`.

use parlor_core::command::ImportConversation;
use parlor_core::conversation::{CloseReason, Conversation, Handler, Status};
use parlor_core::error::{Code, Refusal};
use parlor_core::lifecycle::due_at;
use parlor_core::limits;
use parlor_core::message::MessageKind::{self, Bot, System, User};
use parlor_core::text::{Label, Name};
use parlor_core::user::UserFields;

use crate::check;
use crate::make::*;
use crate::model::{Model, command};

const SAID: [(MessageKind, &str); 4] = [(User, "one"), (Bot, "two"), (System, "a line"), (User, "three")];

fn imported(model: &mut Model, line: ImportConversation) -> Conversation {
    let answer = model.answer(importing(line));
    check::rows(model);
    model.get(answer.snapshot.conversation.id).clone()
}

fn closed(line: ImportConversation) -> ImportConversation {
    let at = BEGIN.plus_ms(-300 * DAY);
    ImportConversation {
        status: Status::Closed,
        closed_at: Some(at),
        close_reason: Some(CloseReason::Agent),
        ..line
    }
}

#[test]
fn history_keeps_its_times_and_every_clock_starts_now() {
    let mut model = with_shop();
    let c = imported(&mut model, ImportConversation { handler: Handler::Bot, ..import("a", "ann", &SAID) });
    assert_eq!(c.started_at, BEGIN.plus_ms(-400 * DAY));
    assert_eq!(c.last_message_at, BEGIN.plus_ms(-400 * DAY + 3 * MINUTE));
    assert_eq!((c.clock_started_at, c.created_at, c.version), (BEGIN, BEGIN, 1));
    assert_eq!(model.snapshot(c.id).auto_close_at(&model.head.policies), Some(BEGIN.plus_ms(30 * MINUTE)));
    assert_eq!(model.texts(c.id), ["one", "two", "a line", "three"], "nobody answers history");
    assert_eq!((c.funnel_name.as_str(), c.funnel_version), ("Old shop", 0));
}

#[test]
fn what_was_closed_long_ago_is_archived_and_erased_no_earlier_than_anything_else() {
    let mut model = with_shop();
    let c = imported(&mut model, closed(import("a", "ann", &SAID)));
    assert_eq!(c.closed_at, Some(BEGIN.plus_ms(-300 * DAY)));
    assert_eq!(due_at(&c, model.head.policies.of(&c)), Some(BEGIN.plus_ms(14 * DAY)));
    let put_away =
        ImportConversation { archived_at: Some(BEGIN.plus_ms(-200 * DAY)), ..import("b", "ann", &SAID) };
    let c = imported(&mut model, closed(put_away));
    let erased = Some(BEGIN.plus_ms(90 * DAY));
    assert_eq!((c.archived_at, c.delete_at), (Some(BEGIN.plus_ms(-200 * DAY)), erased));
    assert_eq!(due_at(&c, model.head.policies.of(&c)), erased);
}

#[test]
fn marks_are_as_they_were() {
    for (user, agents, unread) in [(0, 0, (2, 1)), (1, 1, (1, 1)), (2, 3, (1, 0)), (99, 99, (0, 0))] {
        let mut model = with_shop();
        let line = ImportConversation {
            user_last_read_seq: user,
            agent_last_read_seq: agents,
            ..import("a", "ann", &SAID)
        };
        let c = imported(&mut model, line);
        assert_eq!((c.unread_by_agents(), c.unread_by_user()), unread, "marks {user} and {agents}");
    }
}

#[test]
fn the_same_line_again_is_no_change() {
    let mut model = with_shop();
    let by_external = import("a", "ann", &SAID);
    let by_id = ImportConversation { id: Some(conversation_id(1)), external_id: None, ..by_external.clone() };
    for line in [by_external, by_id] {
        let first = imported(&mut model, line.clone());
        let (result, writes) = model.alone(importing(line));
        assert!(result.is_ok() && writes.is_empty() && writes.messages.is_empty());
        assert_eq!(*model.get(first.id), first);
    }
    let line = import("b", "ann", &SAID);
    let (results, _) = model.together(vec![importing(line.clone()), importing(line)]);
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(model.conversations.len(), 3);
}

#[test]
fn what_contradicts_itself_is_settled() {
    let mut model = with_shop();
    let ada = agent("ada").agent();
    let line = import("a", "ann", &SAID);
    let open = ImportConversation { status: Status::Open, archived_at: Some(BEGIN), ..closed(line.clone()) };
    let c = imported(&mut model, ImportConversation { status: Status::Open, ..open });
    assert_eq!((c.closed_at, c.close_reason, c.archived_at), (None, None, None));
    let closed = ImportConversation { status: Status::Closed, closed_at: None, ..import("b", "ann", &SAID) };
    assert_eq!(imported(&mut model, closed).closed_at, Some(BEGIN));
    let nobody = ImportConversation { handler: Handler::Agent, ..import("c", "ann", &SAID) };
    assert_eq!(imported(&mut model, nobody).handler, Handler::Queue);
    let somebody = ImportConversation { assignee: ada.clone(), ..import("d", "ann", &SAID) };
    assert_eq!(imported(&mut model, somebody).assignee, None);
    let held =
        ImportConversation { handler: Handler::Agent, assignee: ada.clone(), ..import("e", "ann", &SAID) };
    assert_eq!(imported(&mut model, held).assignee, ada);
    let own = ImportConversation {
        id: Some(conversation_id(1)),
        previous_id: Some(conversation_id(1)),
        ..import("f", "ann", &SAID)
    };
    assert_eq!(imported(&mut model, own).previous_id, None);
}

#[test]
fn labels_are_put_in_order_and_bounded() {
    let mut model = with_shop();
    let c = imported(
        &mut model,
        ImportConversation { labels: labels(&["b", "a", "b"]), ..import("a", "ann", &SAID) },
    );
    assert_eq!(c.labels, labels(&["a", "b"]));
    let many: Vec<Label> = (0..=limits::LABELS).map(|i| Label::parse(&i.to_string()).unwrap()).collect();
    let refusal = model.refusal(importing(ImportConversation { labels: many, ..import("b", "ann", &SAID) }));
    assert_eq!(refusal.code(), Code::Validation);
}

#[test]
fn a_message_id_is_taken_once_in_a_line_and_in_the_workspace() {
    let mut model = with_shop();
    let with = |external: &str, at: &[usize]| {
        let mut line = import(external, "ann", &SAID);
        at.iter().for_each(|i| line.messages[*i].id = Some(message_id(1)));
        importing(line)
    };
    assert_eq!(model.refusal(with("a", &[0, 3])), Refusal::MessageIdConflict);
    model.answer(with("b", &[0]));
    assert_eq!(model.refusal(with("c", &[1])), Refusal::MessageIdConflict);
}

#[test]
fn a_successor_is_found_through_an_imported_chain() {
    let mut model = with_shop();
    let line = |external: &str| ImportConversation {
        archived_at: Some(BEGIN),
        ..closed(import(external, "ann", &SAID))
    };
    let first = imported(&mut model, line("a")).id;
    let second = imported(&mut model, ImportConversation { previous_id: Some(first), ..line("b") }).id;
    let third = imported(
        &mut model,
        ImportConversation { previous_id: Some(second), ..closed(import("c", "ann", &SAID)) },
    );
    assert_eq!(third.root_id, Some(first));
    let answer = model.answer(sending(&visitor("ann"), send(first, User, "hello?")));
    assert_eq!(answer.snapshot.conversation.id, third.id, "closed just now: it reopens");
}

#[test]
fn what_follows_a_conversation_of_people_waits_for_people() {
    for (handler, then) in [(Handler::Queue, Handler::Queue), (Handler::Bot, Handler::Bot)] {
        let mut model = Model::new();
        let line =
            ImportConversation { handler, archived_at: Some(BEGIN), ..closed(import("a", "ann", &SAID)) };
        let id = imported(&mut model, line).id;
        let c = model.answer(sending(&visitor("ann"), send(id, User, "hello?"))).snapshot.conversation;
        assert_eq!((c.previous_id, c.handler, c.funnel_name.as_str()), (Some(id), then, "Old shop"));
    }
}

#[test]
fn no_chain_leads_to_another_user() {
    let mut model = with_shop();
    let anns = ImportConversation { archived_at: Some(BEGIN), ..closed(import("a", "ann", &SAID)) };
    let anns = imported(&mut model, anns).id;
    imported(&mut model, ImportConversation { previous_id: Some(anns), ..import("b", "bob", &SAID) });
    let answer = model.answer(sending(&visitor("ann"), send(anns, User, "hello?")));
    assert_eq!(answer.snapshot.conversation.user_id, user_id("ann"));
    assert_eq!(answer.snapshot.conversation.previous_id, Some(anns));
}

#[test]
fn what_we_know_of_a_user_is_newer_than_their_history() {
    let mut model = with_shop();
    let with = |external: &str, name: &str| {
        let user = UserFields { name: Name::parse(name).ok(), ..UserFields::default() };
        ImportConversation { user, ..import(external, "ann", &SAID) }
    };
    imported(&mut model, with("a", "Ann"));
    imported(&mut model, with("b", "Ann of old"));
    assert_eq!(model.users[&user_id("ann")].name.as_str(), "Ann");
}

#[test]
fn only_an_admin_imports() {
    let mut model = with_shop();
    let action = importing(import("a", "ann", &SAID)).action;
    for by in [visitor("ann"), agent("ada"), service()] {
        assert_eq!(model.refusal(command(&by, action.clone())), Refusal::Forbidden);
    }
}
