//! `start_conversation`.

use parlor_core::command::{Input, SendMessage, StartConversation};
use parlor_core::conversation::{Handler, Status};
use parlor_core::error::{Code, Refusal};
use parlor_core::message::MessageKind;
use parlor_core::text::{Metadata, Name, Url};
use parlor_core::user::UserFields;
use serde_json::json;

use crate::make::*;
use crate::model::Model;

fn clicked(user: &str, option: &str) -> StartConversation {
    StartConversation { input: Some(Input::Option(option_id(option))), ..start(user, None) }
}

fn called(name: &str) -> UserFields {
    UserFields { name: Name::parse(name).ok(), ..UserFields::default() }
}

#[test]
fn the_first_words_bring_greeting_and_conversation_at_once() {
    let mut model = with_shop();
    let (result, writes) = model.alone(starting(&visitor("ann"), start("ann", Some("hi"))));
    assert!(result.is_ok());
    assert_eq!((writes.conversations.len(), writes.users.len()), (1, 1));
    let c = &writes.conversations[0].conversation;
    assert_eq!((c.version, c.message_count, c.handler, c.status), (1, 3, Handler::Bot, Status::Open));
    let fallback = "Sorry, I did not understand that. Please choose one of the options.";
    assert_eq!(model.texts(c.id), ["Hello!", "hi", fallback]);
    let greeting = model.thread(c.id)[0].metadata.as_ref().unwrap().as_map();
    assert_eq!((&greeting["blockId"], &greeting["funnelStage"]), (&json!("hello"), &json!("first")));
    assert_eq!(model.thread(c.id)[2].options.len(), 4, "the fallback offers the ways on again");
}

#[test]
fn a_start_without_words_greets_and_waits() {
    let mut model = with_shop();
    let answer = model.answer(starting(&visitor("ann"), start("ann", None)));
    let c = answer.snapshot.conversation;
    assert!(answer.message.is_none() && answer.created);
    assert_eq!((c.message_count, c.unread_by_user(), c.user_last_read_seq), (1, 1, 0));
    let again = model.answer(starting(&visitor("ann"), start("ann", None)));
    assert_eq!((again.snapshot.conversation.id, again.created), (c.id, false));
}

#[test]
fn first_words_may_be_an_option_by_click_text_or_number() {
    for say in [clicked("ann", "buy"), start("ann", Some("I want to buy")), start("ann", Some("1"))] {
        let mut model = with_shop();
        let answer = model.answer(starting(&visitor("ann"), say));
        let id = answer.snapshot.conversation.id;
        assert_eq!(model.thread(id)[2].text.as_str(), "What do you need?");
        let said = answer.message.unwrap();
        let data = said.metadata.as_ref().unwrap().as_map();
        assert_eq!((&data["blockId"], &data["optionId"]), (&json!("hello"), &json!("buy")));
    }
}

#[test]
fn a_click_says_the_words_of_its_button() {
    let mut model = with_shop();
    let answer = model.answer(starting(&visitor("ann"), clicked("ann", "talk")));
    assert_eq!(answer.message.unwrap().text.as_str(), "Talk to a person");
    assert_eq!(answer.snapshot.conversation.handler, Handler::Queue);
    let unknown = model.refusal(starting(&visitor("bob"), clicked("bob", "nowhere")));
    assert_eq!(unknown.code(), Code::Validation);
    assert_eq!(model.conversations.len(), 1);
}

#[test]
fn a_click_on_the_greeting_counts_wherever_the_open_conversation_stands() {
    let mut model = with_shop();
    let first = model.answer(starting(&visitor("ann"), clicked("ann", "buy"))).snapshot.conversation.id;
    let again = model.answer(starting(&visitor("ann"), clicked("ann", "talk")));
    assert_eq!(again.snapshot.conversation.id, first);
    assert_eq!(again.message.unwrap().text.as_str(), "Talk to a person");
}

#[test]
fn a_start_with_the_same_ids_is_the_same_start() {
    let ids = [
        (Some(conversation_id(1)), None),
        (Some(conversation_id(1)), Some(message_id(1))),
        (None, Some(message_id(1))),
    ];
    for (id, message_id) in ids {
        for begin in [start("ann", Some("hi")), clicked("ann", "buy")] {
            let mut model = with_shop();
            let begin = StartConversation { id, message_id, ..begin };
            let first = model.answer(starting(&visitor("ann"), begin.clone()));
            let again = model.answer(starting(&visitor("ann"), begin));
            assert!(first.created && !again.created);
            assert_eq!(again.snapshot.conversation.id, first.snapshot.conversation.id);
            let places =
                |m: &parlor_core::decide::Answer| m.message.as_ref().map(|m| (m.id, m.seq, m.text.clone()));
            assert_eq!(places(&again), places(&first));
            assert!(id.is_none_or(|id| first.snapshot.conversation.id == id));
        }
    }
}

#[test]
fn a_start_with_the_same_ids_and_other_words_is_a_conflict() {
    let mut model = with_shop();
    let begin = |words| StartConversation { id: Some(conversation_id(1)), ..start("ann", Some(words)) };
    model.answer(starting(&visitor("ann"), begin("hi")));
    assert_eq!(model.refusal(starting(&visitor("ann"), begin("hello"))), Refusal::MessageIdConflict);
}

#[test]
fn a_start_that_went_to_the_open_one_is_repeated_there() {
    let (mut model, open) = with_ann();
    let begin = StartConversation { id: Some(conversation_id(1)), ..start("ann", Some("me again")) };
    let first = model.answer(starting(&visitor("ann"), begin.clone()));
    assert_eq!(
        (first.snapshot.conversation.id, first.created),
        (open, false),
        "200: no conversation was made"
    );
    assert!(!model.conversations.contains_key(&conversation_id(1)));
    // Also when the open one is over by then, and the id has become somebody else's.
    model.answer(updating(&agent("ada"), archived(open, true)));
    let others = StartConversation { id: Some(conversation_id(1)), ..start("bob", Some("mine")) };
    model.answer(starting(&visitor("bob"), others));
    let again = model.answer(starting(&visitor("ann"), begin));
    assert_eq!((again.snapshot.conversation.id, again.created), (open, false));
    assert_eq!(again.message.unwrap().seq, first.message.unwrap().seq);
}

#[test]
fn the_same_first_message_by_start_and_by_send_is_one() {
    let mut model = with_shop();
    let (id, message_id) = (conversation_id(1), message_id(1));
    let begin = StartConversation { id: Some(id), message_id: Some(message_id), ..start("ann", Some("hi")) };
    model.answer(starting(&visitor("ann"), begin));
    let again = SendMessage { id: Some(message_id), ..send(id, MessageKind::User, "hi") };
    assert!(!model.answer(sending(&visitor("ann"), again)).created);
}

#[test]
fn a_conversation_id_of_another_user_is_not_found() {
    let mut model = with_shop();
    let of = |user: &str, words: Option<&str>| StartConversation {
        id: Some(conversation_id(1)),
        ..start(user, words)
    };
    model.answer(starting(&visitor("ann"), of("ann", Some("hi"))));
    for words in [None, Some("hi"), Some("other")] {
        assert_eq!(model.refusal(starting(&visitor("bob"), of("bob", words))), Refusal::NotFound);
        assert_eq!(model.refusal(starting(&service(), of("bob", words))), Refusal::ConversationIdConflict);
    }
    let elsewhere = StartConversation { funnel_id: funnel_id("theirs"), ..of("ann", Some("hi")) };
    assert_eq!(model.refusal(starting(&visitor("ann"), elsewhere)), Refusal::ConversationIdConflict);
}

#[test]
fn a_service_never_gets_one_users_answer_for_another() {
    let mut model = with_shop();
    let of = |user: &str| StartConversation { message_id: Some(message_id(1)), ..start(user, Some("hi")) };
    model.answer(starting(&service(), of("ann")));
    assert!(!model.answer(starting(&service(), of("ann"))).created);
    assert_eq!(model.refusal(starting(&service(), of("bob"))), Refusal::MessageIdConflict);
}

#[test]
fn only_a_service_opens_a_second_conversation() {
    let (mut model, first) = with_ann();
    let new = StartConversation { new: true, ..start("ann", Some("hi")) };
    assert_eq!(model.refusal(starting(&visitor("ann"), new.clone())), Refusal::Forbidden);
    let second = model.answer(starting(&service(), new));
    assert!(second.created && second.snapshot.conversation.id != first);
    assert_eq!(model.open_of("ann"), 2);
}

#[test]
fn a_visitor_says_only_what_is_theirs_to_say() {
    let mut model = with_shop();
    let with = |user| StartConversation { user, ..start("ann", Some("hi")) };
    let metadata = Metadata::parse(json!({"plan": "gold"}).as_object().unwrap().clone()).ok();
    let hosts = [
        UserFields { metadata, ..UserFields::default() },
        UserFields { avatar: Url::parse("https://example.org/a.png").ok(), ..UserFields::default() },
    ];
    for fields in hosts {
        assert_eq!(model.refusal(starting(&visitor("ann"), with(fields.clone()))), Refusal::Forbidden);
        model.answer(starting(&service(), with(fields)));
    }
    assert_eq!(model.refusal(starting(&visitor("ann"), start("bob", Some("hi")))), Refusal::Forbidden);
    assert_eq!(model.refusal(starting(&agent("ada"), start("ann", Some("hi")))), Refusal::Forbidden);
}

#[test]
fn a_funnel_nobody_stored_is_the_hosts_to_walk() {
    let mut model = Model::new();
    let begin = start("ann", Some("hi"));
    assert_eq!(model.refusal(starting(&visitor("ann"), begin.clone())).code(), Code::Validation);
    let c = model.answer(starting(&service(), begin)).snapshot.conversation;
    assert_eq!((c.funnel_version, c.funnel_name.as_str(), c.message_count), (0, "shop", 1));
}

#[test]
fn a_new_name_reaches_every_conversation_of_the_user() {
    let mut model = with_shop();
    let first = model.answer(starting(&visitor("ann"), start("ann", Some("hi")))).snapshot.conversation.id;
    model.answer(updating(&agent("ada"), archived(first, true)));
    let named = StartConversation { user: called("Ann Smith"), ..start("ann", Some("hi")) };
    let (result, writes) = model.alone(starting(&visitor("ann"), named.clone()));
    assert!(result.is_ok());
    assert_eq!(writes.conversations.len(), 2);
    assert!(writes.conversations.iter().all(|w| w.user.name.as_str() == "Ann Smith" && w.reindex));
    assert_eq!(model.get(first).version, 3);
    // Said again, it is no news; being seen a minute later is none either.
    model.now = model.now.plus_ms(MINUTE);
    let (_, writes) = model.alone(starting(&visitor("ann"), named));
    assert_eq!(writes.conversations.len(), 1);
    assert!(!writes.conversations[0].reindex);
}

#[test]
fn a_running_conversation_stays_on_its_version_of_the_funnel() {
    let (mut model, id) = with_ann();
    model.alone(putting_funnel(shop("Welcome!"))).0.unwrap();
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "1")));
    model.answer(sending(&visitor("ann"), send(id, MessageKind::User, "back")));
    assert_eq!(model.texts(id).last(), Some(&"Hello!"));
    let bobs = model.answer(starting(&visitor("bob"), start("bob", None))).snapshot.conversation;
    assert_eq!((bobs.funnel_version, model.texts(bobs.id)), (2, vec!["Welcome!"]));
}
