//! `send_message`.

use parlor_core::access::Role;
use parlor_core::agent::AgentRef;
use parlor_core::command::{Holder, SendMessage};
use parlor_core::conversation::{CloseReason, Handler, Status};
use parlor_core::error::Refusal;
use parlor_core::id::ConversationId;
use parlor_core::message::{Author, MessageKind, MessageOption, SystemLine};
use parlor_core::state::Claim;
use parlor_core::text::{Metadata, Name};
use serde_json::json;

use crate::make::*;
use crate::model::Model;

fn metadata(value: serde_json::Value) -> Option<Metadata> {
    value.as_object().cloned().map(|map| Metadata::parse(map).unwrap())
}

fn lines(model: &Model, id: ConversationId) -> Vec<SystemLine> {
    model.thread(id).iter().filter_map(|m| m.system.clone()).collect()
}

#[test]
fn what_differs_makes_another_message_of_the_same_id() {
    let (mut model, id) = with_ann();
    let other = model.answer(starting(&visitor("bob"), start("bob", Some("hi")))).snapshot.conversation.id;
    let said = SendMessage {
        id: Some(message_id(1)),
        metadata: metadata(json!({"offerId": "a"})),
        options: vec![MessageOption { id: option_id("x"), text: Name::parse("X").unwrap() }],
        ..send(id, MessageKind::Bot, "Hello")
    };
    let first = model.answer(sending(&agent("ada"), said.clone())).message.unwrap();
    let others = [
        (agent("bea"), said.clone()),
        (service(), said.clone()),
        (agent("ada"), SendMessage { conversation_id: other, ..said.clone() }),
        (agent("ada"), SendMessage { kind: MessageKind::System, ..said.clone() }),
        (agent("ada"), SendMessage { text: text("Hello!"), ..said.clone() }),
        (agent("ada"), SendMessage { metadata: metadata(json!({"offerId": "b"})), ..said.clone() }),
        (agent("ada"), SendMessage { metadata: None, ..said.clone() }),
        (agent("ada"), SendMessage { options: Vec::new(), ..said.clone() }),
        (visitor("bob"), SendMessage { kind: MessageKind::User, ..said.clone() }),
    ];
    for (by, send) in others {
        assert_eq!(model.refusal(sending(&by, send)), Refusal::MessageIdConflict);
    }
    // What is about the try and not about the message may differ, and so may the rank of the same person.
    let tries = [
        (agent("ada"), SendMessage { reopen: Some(true), ..said.clone() }),
        (agent("ada"), SendMessage { if_holder: Some(Holder::Bot), ..said.clone() }),
        (principal(Role::Admin, "ada"), said),
    ];
    for (by, send) in tries {
        let again = model.answer(sending(&by, send));
        assert!(!again.created);
        assert_eq!(again.message.unwrap().seq, first.seq);
    }
}

#[test]
fn empty_metadata_is_none() {
    let (mut model, id) = with_ann();
    let said = SendMessage { id: Some(message_id(1)), ..send(id, MessageKind::User, "one") };
    model.answer(sending(&visitor("ann"), said.clone()));
    let again = model.answer(sending(&visitor("ann"), SendMessage { metadata: metadata(json!({})), ..said }));
    assert!(!again.created);
}

#[test]
fn a_message_that_landed_elsewhere_is_repeated_by_the_name_it_was_sent_under() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), archived(id, true)));
    let said = SendMessage { id: Some(message_id(1)), ..send(id, MessageKind::User, "hello?") };
    let first = model.answer(sending(&visitor("ann"), said.clone()));
    let landed = first.snapshot.conversation.id;
    assert_ne!(landed, id);
    let again = model.answer(sending(&visitor("ann"), said.clone()));
    assert_eq!(again.message.as_ref().map(|m| (m.id, m.seq)), first.message.as_ref().map(|m| (m.id, m.seq)));
    assert_eq!((again.snapshot.conversation.id, again.created), (landed, false));
    let renamed = SendMessage { conversation_id: landed, ..said };
    assert_eq!(model.refusal(sending(&visitor("ann"), renamed)), Refusal::MessageIdConflict);
}

#[test]
fn the_id_of_an_erased_message_is_not_found() {
    let (mut model, id) = with_ann();
    model.claims.insert(message_id(1), Claim::Erased);
    let said = SendMessage { id: Some(message_id(1)), ..send(id, MessageKind::User, "hi") };
    assert_eq!(model.refusal(sending(&visitor("ann"), said)), Refusal::NotFound);
}

#[test]
fn foreign_and_unknown_conversations_answer_the_same() {
    let (mut model, id) = with_ann();
    for to in [id, conversation_id(7)] {
        for id in [None, Some(message_id(1))] {
            let said = SendMessage { id, ..send(to, MessageKind::User, "hi") };
            assert_eq!(model.refusal(sending(&visitor("bob"), said)), Refusal::NotFound);
        }
    }
}

#[test]
fn roles_write_as_what_they_are() {
    let (mut model, id) = with_ann();
    let rows = [
        (visitor("ann"), MessageKind::User, true),
        (visitor("ann"), MessageKind::Bot, false),
        (visitor("ann"), MessageKind::System, false),
        (agent("ada"), MessageKind::User, false),
        (agent("ada"), MessageKind::Bot, true),
        (agent("ada"), MessageKind::System, true),
        (service(), MessageKind::User, true),
        (service(), MessageKind::Bot, true),
        (service(), MessageKind::System, false),
    ];
    for (by, kind, may) in rows {
        let (result, _) = model.alone(sending(&by, send(id, kind, "words")));
        assert_eq!(result.is_ok(), may, "{:?} as {kind:?}", by.role);
        assert!(may || result == Err(Refusal::Forbidden));
    }
}

#[test]
fn an_agents_answer_takes_what_nobody_holds() {
    for queued in [false, true] {
        let (mut model, id) = with_ann();
        if queued {
            let change =
                parlor_core::command::UpdateConversation { handler: Some(Handler::Queue), ..update(id) };
            model.answer(updating(&agent("bea"), change));
        }
        let answer = model.answer(sending(&agent("ada"), send(id, MessageKind::Bot, "Hello")));
        let c = &answer.snapshot.conversation;
        assert_eq!((c.handler, c.assignee.as_ref().map(|a| a.id.as_str())), (Handler::Agent, Some("ada")));
        assert_eq!(lines(&model, id).last(), Some(&SystemLine::AgentJoined(Name::parse("ADA").unwrap())));
        assert_eq!(c.unread_by_agents(), 0, "a person who answers has read");
        assert_eq!(model.agents.values().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["ADA"]);
    }
}

#[test]
fn an_agents_answer_into_anothers_conversation_leaves_the_holder() {
    let (mut model, id) = with_ann();
    model.answer(taking(&agent("ada"), id, None));
    let answer = model.answer(sending(&agent("bea"), send(id, MessageKind::Bot, "me too")));
    assert_eq!(answer.snapshot.conversation.assignee.as_ref().map(|a| a.id.as_str()), Some("ada"));
    assert!(
        matches!(&answer.message.unwrap().author, Author::Agent(AgentRef { id, .. }) if id.as_str() == "bea")
    );
}

#[test]
fn if_holder_stores_only_while_it_holds() {
    let (mut model, id) = with_ann();
    let with = |holder| SendMessage { if_holder: Some(holder), ..send(id, MessageKind::Bot, "words") };
    let ada = || Holder::Agent(agent("ada").sub);
    let held = |handler, holder: Option<&str>| Refusal::HeldByAnother {
        handler,
        holder: holder.map(|sub| agent(sub).agent().unwrap()),
    };
    assert_eq!(model.refusal(sending(&agent("bea"), with(ada()))), held(Handler::Bot, None));
    assert_eq!(model.refusal(sending(&agent("bea"), with(Holder::Queue))), held(Handler::Bot, None));
    model.answer(sending(&agent("ada"), with(Holder::Bot)));
    assert_eq!(model.refusal(sending(&agent("bea"), with(Holder::Bot))), held(Handler::Agent, Some("ada")));
    assert_eq!(
        model.refusal(sending(&service(), with(Holder::Agent(agent("bea").sub)))),
        held(Handler::Agent, Some("ada"))
    );
    model.answer(sending(&agent("bea"), with(ada())));
    let by_user = SendMessage { kind: MessageKind::User, ..with(ada()) };
    assert!(matches!(model.refusal(sending(&visitor("ann"), by_user)), Refusal::Validation(_)));
}

/// (who, kind, `reopen`, archived) to what becomes of a message into a closed conversation.
#[test]
fn writing_into_what_is_over() {
    #[derive(Debug, PartialEq)]
    enum Then {
        Reopens,
        Below,
        Closed,
        Archived,
    }
    use MessageKind::{Bot, System};
    use Then::*;
    let rows = [
        (agent("ada"), Bot, None, false, Reopens),
        (agent("ada"), Bot, Some(true), false, Reopens),
        (agent("ada"), Bot, Some(false), false, Closed),
        (agent("ada"), Bot, None, true, Archived),
        (agent("ada"), Bot, Some(false), true, Archived),
        (agent("ada"), Bot, Some(true), true, Reopens),
        (service(), Bot, None, false, Closed),
        (service(), Bot, Some(true), false, Reopens),
        (service(), Bot, None, true, Archived),
        (service(), Bot, Some(true), true, Reopens),
        (agent("ada"), System, None, false, Below),
        (agent("ada"), System, Some(true), false, Reopens),
        (agent("ada"), System, Some(false), false, Closed),
    ];
    for (by, kind, reopen, in_archive, then) in rows {
        let (mut model, id) = with_ann();
        let change = if in_archive { archived(id, true) } else { status(id, Status::Closed) };
        model.answer(updating(&agent("bea"), change));
        let said = SendMessage { reopen, ..send(id, kind, "words") };
        let what = format!("{:?} {kind:?} reopen {reopen:?} archived {in_archive}", by.role);
        let became = match model.alone(sending(&by, said)).0 {
            Err(Refusal::ConversationClosed) => Closed,
            Err(Refusal::ConversationArchived) => Archived,
            Err(other) => panic!("{what}: {other:?}"),
            Ok(_) if model.get(id).is_open() => Reopens,
            Ok(_) => Below,
        };
        assert_eq!(became, then, "{what}");
        let reopened = lines(&model, id).contains(&SystemLine::Reopened);
        assert_eq!(reopened, then == Reopens, "{what}");
    }
}

#[test]
fn a_users_message_reopens_within_the_window_and_begins_anew_after_it() {
    let window = 7 * DAY;
    for (pause, reopens) in [(0, true), (window, true), (window + 1, false)] {
        let (mut model, id) = with_ann();
        model.answer(updating(&agent("ada"), status(id, Status::Closed)));
        model.now = model.now.plus_ms(pause);
        let answer = model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "again")));
        let c = &answer.snapshot.conversation;
        assert_eq!(c.id == id, reopens, "{pause} ms after the close");
        if reopens {
            assert_eq!(
                model.texts(id)[3..5],
                ["The conversation was closed.", "The conversation was reopened."]
            );
            assert_eq!((c.closed_at, c.close_reason), (None, None));
        } else {
            assert_eq!((c.previous_id, c.root_id), (Some(id), Some(id)));
            assert_eq!(model.texts(c.id)[..2], ["Hello!", "again"], "the follower begins with the greeting");
            assert!(!model.get(id).is_open());
        }
    }
}

#[test]
fn reassigning_and_unarchiving_do_not_move_the_reopen_window() {
    let (mut model, id) = with_ann();
    model.answer(updating(&agent("ada"), archived(id, true)));
    model.now = model.now.plus_ms(8 * DAY);
    model.answer(updating(&agent("ada"), archived(id, false)));
    let assign = parlor_core::command::UpdateConversation { handler: Some(Handler::Agent), ..update(id) };
    model.answer(updating(&agent("ada"), assign));
    let answer = model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "again")));
    assert_eq!(answer.snapshot.conversation.previous_id, Some(id));
}

#[test]
fn the_newest_of_a_chain_takes_the_message_under_the_same_rules() {
    let (mut model, first) = with_ann();
    model.answer(updating(&agent("ada"), archived(first, true)));
    let say = |model: &mut Model, to| {
        let answer = model.answer(sending(&visitor("ann"), send(to, MessageKind::User, "hello?")));
        answer.snapshot.conversation.id
    };
    let second = say(&mut model, first);
    assert_eq!(say(&mut model, first), second, "the successor is open");
    model.answer(updating(&agent("ada"), status(second, Status::Closed)));
    assert_eq!(say(&mut model, first), second, "the successor reopens");
    model.answer(updating(&agent("ada"), archived(second, true)));
    let third = say(&mut model, first);
    let c = model.get(third);
    assert_eq!((c.previous_id, c.root_id), (Some(second), Some(first)));
    assert_eq!(say(&mut model, second), third);
}

#[test]
fn a_message_into_the_closed_goes_to_the_one_open_conversation() {
    let (mut model, first) = with_ann();
    model.answer(updating(&agent("ada"), status(first, Status::Closed)));
    let second = model.answer(starting(&visitor("ann"), start("ann", Some("hi")))).snapshot.conversation.id;
    assert_ne!(first, second);
    let answer = model.answer(sending(&visitor("ann"), send(first, MessageKind::User, "here?")));
    assert_eq!(answer.snapshot.conversation.id, second);
    assert_eq!(model.open_of("ann"), 1);
}

#[test]
fn a_bots_answer_does_not_read_for_us_and_a_users_words_read_for_them() {
    let (mut model, id) = with_ann();
    let answer = model.answer(sending(&service(), send(id, MessageKind::Bot, "from the host's bot")));
    let c = answer.snapshot.conversation;
    assert_eq!((c.unread_by_agents(), c.unread_by_user()), (1, 2));
    let c = model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "1"))).snapshot.conversation;
    assert_eq!((c.unread_by_agents(), c.unread_by_user()), (2, 1), "the bot answered behind it");
    assert_eq!(c.user_last_read_seq, 5);
}

#[test]
fn a_clicked_option_is_kept_whoever_walks_the_funnel() {
    let mut model = Model::new();
    let begin =
        parlor_core::command::StartConversation { funnel_id: funnel_id("theirs"), ..start("ann", None) };
    let id = model.answer(starting(&service(), begin)).snapshot.conversation.id;
    let click = SendMessage { option_id: Some(option_id("yes")), ..send(id, MessageKind::User, "Yes") };
    let message = model.answer(sending(&visitor("ann"), click)).message.unwrap();
    assert_eq!(message.metadata.as_ref().unwrap().as_map()["optionId"], "yes");
    assert_eq!(model.get(id).message_count, 1, "a funnel that is not ours is not walked");
}

#[test]
fn last_seen_is_written_once_a_minute() {
    let (mut model, id) = with_ann();
    for (pause, written) in [(SECOND, false), (MINUTE, true), (SECOND, false)] {
        model.now = model.now.plus_ms(pause);
        let (_, writes) = model.alone(sending(&visitor("ann"), send(id, MessageKind::User, "hm")));
        assert_eq!(writes.users.len(), usize::from(written));
    }
}

#[test]
fn system_lines_by_hand_are_no_activity() {
    let (mut model, id) = with_ann();
    let before = model.get(id).clone();
    model.now = model.now.plus_ms(MINUTE);
    let c = model
        .answer(sending(&agent("ada"), send(id, MessageKind::System, "A note to all")))
        .snapshot
        .conversation;
    assert_eq!(c.message_count, before.message_count + 1);
    assert_eq!((c.last_message_at, &c.last_message), (before.last_message_at, &before.last_message));
    assert_eq!((c.clock_started_at, c.handler), (before.clock_started_at, before.handler));
}

#[test]
fn a_funnel_that_closes_says_so_in_the_same_transaction() {
    let (mut model, id) = with_ann();
    let answer = model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "That is all")));
    let c = answer.snapshot.conversation;
    assert_eq!((c.status, c.close_reason), (Status::Closed, Some(CloseReason::FunnelEnd)));
    assert_eq!(model.texts(id)[3..], ["That is all", "Good bye.", "The conversation was closed."]);
    assert_eq!(answer.message.unwrap().text.as_str(), "That is all");
}
