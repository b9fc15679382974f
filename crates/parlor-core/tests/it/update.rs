//! `update_conversation`, `take_conversation`, `give_back_conversation`.

use parlor_core::access::{Principal, Role};
use parlor_core::command::{Action, Command, Expect, Relabel, UpdateConversation};
use parlor_core::conversation::{CloseReason, Handler, Status};
use parlor_core::error::{Code, Refusal};
use parlor_core::id::{AgentId, ConversationId};
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::text::{Label, Metadata};

use crate::make::*;
use crate::model::{Model, command};

fn agent_id(id: &str) -> Option<AgentId> {
    AgentId::parse(id)
}

fn giving_back(by: &Principal, conversation_id: ConversationId) -> Command {
    command(by, Action::GiveBackConversation { conversation_id })
}

/// Everything a [seed] front end can send, from every state, and where it leads. `None` is 422.
#[test]
fn the_seeds_forms_of_patch() {
    use Status::{Closed, Open};
    const OPEN: (Status, bool) = (Open, false);
    const CLOSED: (Status, bool) = (Closed, false);
    const ARCHIVED: (Status, bool) = (Closed, true);
    let rows = [
        (OPEN, None, None, Some(OPEN)),
        (OPEN, Some(Open), None, Some(OPEN)),
        (OPEN, Some(Closed), None, Some(CLOSED)),
        (OPEN, Some(Closed), Some(false), Some(CLOSED)),
        (OPEN, Some(Open), Some(false), Some(OPEN)),
        (OPEN, None, Some(true), Some(ARCHIVED)),
        (OPEN, Some(Open), Some(true), Some(ARCHIVED)),
        (OPEN, Some(Closed), Some(true), Some(ARCHIVED)),
        (CLOSED, Some(Open), None, Some(OPEN)),
        (CLOSED, Some(Open), Some(false), Some(OPEN)),
        (CLOSED, Some(Closed), None, Some(CLOSED)),
        (CLOSED, None, Some(true), Some(ARCHIVED)),
        (CLOSED, Some(Closed), Some(true), Some(ARCHIVED)),
        (CLOSED, Some(Open), Some(true), None),
        (ARCHIVED, Some(Open), None, Some(OPEN)),
        (ARCHIVED, Some(Open), Some(true), Some(OPEN)),
        (ARCHIVED, Some(Open), Some(false), Some(OPEN)),
        (ARCHIVED, None, Some(false), Some(CLOSED)),
        (ARCHIVED, Some(Closed), Some(false), Some(CLOSED)),
        (ARCHIVED, Some(Closed), Some(true), Some(ARCHIVED)),
        (ARCHIVED, None, Some(true), Some(ARCHIVED)),
    ];
    for (from, status, is_archived, to) in rows {
        let (mut model, id) = with_ann();
        let before = UpdateConversation { status: Some(from.0), is_archived: Some(from.1), ..update(id) };
        model.answer(updating(&agent("ada"), before));
        let version = model.get(id).version;
        let change = UpdateConversation { status, is_archived, ..update(id) };
        let what = format!("{status:?} {is_archived:?} on {from:?}");
        let (result, writes) = model.alone(updating(&agent("ada"), change));
        let Some(to) = to else {
            assert_eq!(result.unwrap_err().code(), Code::Validation, "{what}");
            continue;
        };
        let c = model.get(id);
        assert_eq!((c.status, c.is_archived()), to, "{what}");
        assert_eq!(c.version - version, u64::from(from != to), "{what}");
        assert_eq!(writes.is_empty(), from == to, "{what}");
    }
}

#[test]
fn a_field_equal_to_the_stored_value_is_no_change() {
    let (mut model, id) = with_ann();
    let metadata = Metadata::parse(serde_json::json!({"order": 7}).as_object().unwrap().clone()).unwrap();
    let all = UpdateConversation {
        assignee_id: agent_id("ada"),
        handler: Some(Handler::Agent),
        labels: to(&["vip", "late", "vip"]),
        snoozed_until: Some(Some(BEGIN.plus_ms(DAY))),
        hold: Some(true),
        metadata: Some(Some(metadata)),
        status: Some(Status::Open),
        is_archived: Some(false),
        ..update(id)
    };
    assert!(model.answer(updating(&agent("ada"), all.clone())).created);
    assert_eq!(model.get(id).labels, labels(&["late", "vip"]));
    model.now = model.now.plus_ms(HOUR);
    let same = UpdateConversation { labels: to(&["late", "vip"]), ..all };
    let (result, writes) = model.alone(updating(&agent("bea"), same));
    assert!(result.is_ok() && writes.is_empty() && writes.messages.is_empty());
    let empty =
        UpdateConversation { metadata: Some(Metadata::parse(serde_json::Map::new()).ok()), ..update(id) };
    model.answer(updating(&agent("ada"), empty.clone()));
    assert_eq!(model.get(id).metadata, None);
    assert!(!model.answer(updating(&agent("ada"), empty)).created);
}

#[test]
fn labels_keep_their_bound() {
    let (mut model, id) = with_ann();
    let many =
        |n: usize| -> Vec<Label> { (0..n).map(|i| Label::parse(&format!("label {i}")).unwrap()).collect() };
    let with = |labels| UpdateConversation { labels: Some(Relabel::To(labels)), ..update(id) };
    let mut doubled = many(limits::LABELS);
    doubled.extend(many(limits::LABELS));
    model.answer(updating(&agent("ada"), with(doubled)));
    assert_eq!(model.get(id).labels.len(), limits::LABELS);
    let refusal = model.refusal(updating(&agent("ada"), with(many(limits::LABELS + 1))));
    assert_eq!(refusal.code(), Code::Validation);
}

#[test]
fn one_label_is_put_on_or_taken_off_beside_what_is_there() {
    let (mut model, id) = with_ann();
    let with = |labels| UpdateConversation { labels, ..update(id) };
    let rows: [(Option<Relabel>, &[&str], bool); 7] = [
        (relabel(&["vip", "late"], &[]), &["late", "vip"], true),
        (relabel(&["vip"], &[]), &["late", "vip"], false),
        (relabel(&[], &["spam"]), &["late", "vip"], false),
        (relabel(&["paid"], &["late"]), &["paid", "vip"], true),
        (relabel(&["paid", "new", "new"], &["gone"]), &["new", "paid", "vip"], true),
        (relabel(&[], &[]), &["new", "paid", "vip"], false),
        (relabel(&[], &["new", "paid", "vip"]), &[], true),
    ];
    for (change, after, is_change) in rows {
        let what = format!("{change:?}");
        let (result, writes) = model.alone(updating(&agent("ada"), with(change)));
        assert!(result.is_ok(), "{what}");
        assert_eq!(writes.is_empty(), !is_change, "{what}");
        assert_eq!(model.get(id).labels, labels(after), "{what}");
    }
}

#[test]
fn added_labels_keep_the_bound_with_those_that_are_there() {
    let (mut model, id) = with_ann();
    let names: Vec<_> = (0..=limits::LABELS).map(|n| format!("label {n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let with = |labels| updating(&agent("ada"), UpdateConversation { labels, ..update(id) });
    model.answer(with(to(&names[1..])));
    let refusal = model.refusal(with(relabel(&names[..1], &[])));
    let Refusal::Validation(errors) = refusal else { panic!("{refusal:?}") };
    assert_eq!(errors[0].pointer, "/addLabels");
    assert!(!model.answer(with(relabel(&names[1..], &[]))).created, "all of them are there");
    assert!(model.answer(with(relabel(&names[..1], &names[1..2]))).created, "one goes, one comes");
    assert_eq!(model.get(id).labels.len(), limits::LABELS);
}

#[test]
fn a_condition_that_does_not_hold_answers_the_current_row() {
    let (mut model, id) = with_ann();
    let with = |expect| UpdateConversation { expect, hold: Some(true), ..update(id) };
    let misses = [
        Expect { status: Some(Status::Closed), ..Expect::default() },
        Expect { handler: Some(Handler::Queue), ..Expect::default() },
        Expect { assignee_id: agent_id("ada"), ..Expect::default() },
    ];
    for expect in misses {
        let refusal = model.refusal(updating(&agent("ada"), with(expect)));
        let Refusal::ConversationChanged(now) = refusal else { panic!("{refusal:?}") };
        assert_eq!(*now.conversation, *model.get(id));
    }
    let holds = Expect { status: Some(Status::Open), handler: Some(Handler::Bot), assignee_id: None };
    assert!(model.answer(updating(&agent("ada"), with(holds))).created);
}

#[test]
fn a_visitor_may_end_their_own_conversation_and_nothing_else() {
    let (mut model, id) = with_ann();
    let forbidden = [
        status(id, Status::Open),
        archived(id, true),
        UpdateConversation { hold: Some(true), ..status(id, Status::Closed) },
        UpdateConversation { labels: to(&[]), ..update(id) },
        UpdateConversation { labels: relabel(&[], &[]), ..status(id, Status::Closed) },
        update(id),
    ];
    for change in forbidden {
        assert_eq!(model.refusal(updating(&visitor("ann"), change)), Refusal::Forbidden);
    }
    assert_eq!(model.refusal(updating(&visitor("bob"), status(id, Status::Closed))), Refusal::NotFound);
    assert_eq!(model.refusal(updating(&service(), status(id, Status::Closed))), Refusal::Forbidden);
    let c = model.answer(updating(&visitor("ann"), status(id, Status::Closed))).snapshot.conversation;
    assert_eq!((c.status, c.close_reason), (Status::Closed, Some(CloseReason::User)));
    let again = model.answer(updating(&visitor("ann"), status(id, Status::Closed)));
    assert!(!again.created, "closing twice is no change");
    assert_eq!(model.texts(id).iter().filter(|t| t.contains("closed")).count(), 1);
}

#[test]
fn an_assignee_goes_with_the_handler_agent_only() {
    let (mut model, id) = with_ann();
    for handler in [Handler::Bot, Handler::Queue] {
        let change =
            UpdateConversation { handler: Some(handler), assignee_id: agent_id("ada"), ..update(id) };
        assert_eq!(model.refusal(updating(&agent("ada"), change)).code(), Code::Validation);
    }
    let assign = |who| UpdateConversation { assignee_id: agent_id(who), ..update(id) };
    model.answer(updating(&agent("ada"), assign("bea")));
    let c = model.get(id);
    assert_eq!(
        (c.handler, c.assignee.as_ref().unwrap().name.as_str()),
        (Handler::Agent, "bea"),
        "unknown: the id"
    );
    // Once bea has taken something, her name is known to whoever assigns to her.
    model.answer(taking(&agent("bea"), id, None));
    model.answer(updating(&agent("ada"), UpdateConversation { handler: Some(Handler::Queue), ..update(id) }));
    model.answer(taking(&agent("bea"), id, None));
    model.answer(updating(&agent("ada"), assign("ada")));
    model.answer(updating(&agent("ada"), assign("bea")));
    assert_eq!(model.get(id).assignee.as_ref().unwrap().name.as_str(), "BEA");
    assert_eq!(model.agents.len(), 2, "who takes a conversation, by whatever way, is known by name");
    model.answer(updating(&agent("ada"), UpdateConversation { handler: Some(Handler::Queue), ..update(id) }));
    assert_eq!(model.get(id).assignee, None);
}

#[test]
fn take_succeeds_when_free_or_held_by_exactly_from() {
    let (mut model, id) = with_ann();
    let version = |model: &Model| model.get(id).version;
    assert!(model.answer(taking(&agent("ada"), id, None)).created, "the bot holds nothing");
    let before = version(&model);
    assert!(!model.answer(taking(&agent("ada"), id, Some("bea"))).created, "it is hers already");
    let held = Refusal::HeldByAnother { handler: Handler::Agent, holder: agent("ada").agent() };
    assert_eq!(model.refusal(taking(&agent("bea"), id, None)), held);
    assert_eq!(model.refusal(taking(&agent("bea"), id, Some("cleo"))), held);
    assert_eq!(version(&model), before);
    assert!(model.answer(taking(&agent("bea"), id, Some("ada"))).created);
    assert_eq!(model.get(id).assignee.as_ref().map(|a| a.id.as_str()), Some("bea"));
    assert_eq!(model.refusal(taking(&visitor("ann"), id, None)), Refusal::Forbidden);
    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    assert_eq!(model.refusal(taking(&agent("ada"), id, Some("bea"))), Refusal::ConversationClosed);
    model.answer(updating(&agent("ada"), archived(id, true)));
    assert_eq!(model.refusal(taking(&agent("ada"), id, Some("bea"))), Refusal::ConversationArchived);
}

#[test]
fn giving_back_lets_the_bot_answer_again() {
    let (mut model, id) = with_ann();
    assert!(!model.answer(giving_back(&agent("ada"), id)).created, "the bot has it");
    model.answer(taking(&agent("ada"), id, None));
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "1")));
    assert_eq!(model.texts(id).last(), Some(&"1"), "the bot is silent while a person holds it");
    let c = model.answer(giving_back(&agent("ada"), id)).snapshot.conversation;
    assert_eq!((c.handler, &c.assignee), (Handler::Bot, &None));
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "1")));
    assert_eq!(model.texts(id).last(), Some(&"What do you need?"));
    model.answer(taking(&agent("ada"), id, None));
    model.answer(updating(&agent("ada"), status(id, Status::Closed)));
    assert_eq!(model.refusal(giving_back(&agent("ada"), id)), Refusal::ConversationClosed);
}

#[test]
fn agents_and_admins_alike() {
    let (mut model, id) = with_ann();
    let admin = principal(Role::Admin, "root");
    assert!(model.answer(taking(&admin, id, None)).created);
    let c = model.answer(updating(&admin, status(id, Status::Closed))).snapshot.conversation;
    assert_eq!(c.close_reason, Some(CloseReason::Agent));
    assert_eq!(
        model.refusal(updating(&agent("ada"), status(conversation_id(5), Status::Open))),
        Refusal::NotFound
    );
}
