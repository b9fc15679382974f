//! `put_user`, `put_funnel`.

use parlor_core::access::Principal;
use parlor_core::command::Action;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::limits;
use parlor_core::text::{Metadata, Url};
use parlor_core::user::UserFields;

use crate::check;
use crate::make::*;
use crate::model::{Model, command};

fn more(
    model: &mut Model,
    c: parlor_core::command::Command,
) -> (Option<parlor_core::id::ConversationId>, usize) {
    let (result, writes) = model.alone(c);
    let Ok(Outcome::User { more, .. }) = result else { panic!("{result:?}") };
    assert!(writes.conversations.iter().all(|w| w.reindex), "search finds all of them by the new name");
    (more, writes.conversations.len())
}

#[test]
fn a_new_name_reaches_many_conversations_in_bounded_steps() {
    let page = limits::USER_CONVERSATIONS_BATCH;
    let mut model = with_shop();
    for i in 0..page + 3 {
        model.answer(importing(import(&format!("old-{i}"), "ann", &[])));
    }
    model.answer(importing(import("other", "bob", &[])));
    let (next, changed) = more(&mut model, putting(&service(), "ann", "Ann Smith"));
    assert_eq!((next, changed), (Some(model.order[page - 1]), page));
    let tail = Action::RefreshUser { user_id: user_id("ann"), after: next.unwrap() };
    assert_eq!(more(&mut model, command(&service(), tail)), (None, 3));
    check::rows(&model);
    assert!(model.order[..page + 3].iter().all(|id| model.get(*id).version == 2));
    assert_eq!(model.get(model.order[page + 3]).version, 1, "bob's stays as it is");
}

#[test]
fn a_start_that_renames_says_where_the_rest_goes_on() {
    let page = limits::USER_CONVERSATIONS_BATCH;
    let mut model = with_shop();
    for i in 0..page + 1 {
        model.answer(importing(import(&format!("old-{i}"), "ann", &[])));
    }
    let fields = UserFields {
        email: parlor_core::text::Email::parse("ann@example.org").ok(),
        ..UserFields::default()
    };
    let begin = parlor_core::command::StartConversation { user: fields, ..start("ann", Some("hi")) };
    let answer = model.answer(starting(&visitor("ann"), begin));
    assert_eq!(answer.more, Some(model.order[page - 1]));
    let tail = Action::RefreshUser { user_id: user_id("ann"), after: answer.more.unwrap() };
    more(&mut model, command(&service(), tail));
    check::rows(&model);
}

#[test]
fn nothing_new_is_no_change() {
    let (mut model, _) = with_ann();
    model.alone(putting(&service(), "ann", "Ann")).0.unwrap();
    let (result, writes) = model.alone(putting(&service(), "ann", "Ann"));
    assert!(result.is_ok() && writes.is_empty());
    let (result, writes) =
        model.alone(command(&service(), Action::PutUser { user_id: user_id("ann"), fields: Box::default() }));
    assert!(result.is_ok() && writes.is_empty(), "absent fields stay");
}

#[test]
fn who_may_say_what_about_whom() {
    let (mut model, _) = with_ann();
    let metadata = Metadata::parse(serde_json::Map::new()).ok();
    let avatar = Url::parse("https://example.org/a.png").ok();
    let hosts =
        [UserFields { metadata, ..UserFields::default() }, UserFields { avatar, ..UserFields::default() }];
    for fields in hosts {
        let put = |by: Principal| {
            command(&by, Action::PutUser { user_id: user_id("ann"), fields: Box::new(fields.clone()) })
        };
        assert_eq!(model.refusal(put(visitor("ann"))), Refusal::Forbidden);
        model.alone(put(service())).0.unwrap();
    }
    assert_eq!(model.refusal(putting(&visitor("bob"), "ann", "Eve")), Refusal::Forbidden);
    assert_eq!(model.refusal(putting(&agent("ada"), "ann", "Eve")), Refusal::Forbidden);
    assert_eq!(
        model.refusal(putting(&visitor("new"), "new", "New")),
        Refusal::NotFound,
        "no row before a message"
    );
    model.alone(putting(&visitor("ann"), "ann", "Ann")).0.unwrap();
    model.alone(putting(&service(), "new", "New")).0.unwrap();
    assert_eq!(model.users.len(), 2);
}

#[test]
fn a_funnel_gets_a_version_when_it_changes() {
    let mut model = Model::new();
    let stored = |model: &mut Model, greeting| match model.alone(putting_funnel(shop(greeting))).0 {
        Ok(Outcome::Funnel { funnel, created }) => (funnel.version, created),
        other => panic!("{other:?}"),
    };
    assert_eq!(stored(&mut model, "Hello!"), (1, true));
    assert_eq!(stored(&mut model, "Hello!"), (1, false));
    assert_eq!(stored(&mut model, "Welcome!"), (2, true));
    assert_eq!(stored(&mut model, "Hello!"), (3, true));
    let (results, _) =
        model.together(vec![putting_funnel(shop("A")), putting_funnel(shop("A")), putting_funnel(shop("B"))]);
    let versions: Vec<_> =
        results.iter().map(|r| matches!(r, Ok(Outcome::Funnel { created: true, .. }))).collect();
    assert_eq!(versions, [true, false, true]);
    assert_eq!(
        model.funnels[&funnel_id("shop")].iter().map(|f| f.version).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    for by in [visitor("ann"), agent("ada")] {
        let action = putting_funnel(shop("C")).action;
        assert_eq!(model.refusal(command(&by, action)), Refusal::Forbidden);
    }
}
