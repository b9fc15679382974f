//! What agents keep at hand, and the lists they choose from.

use parlor::writer::WriteError;
use parlor_core::access::Role;
use parlor_core::command::{Action, PutCannedAnswer, PutView};
use parlor_core::desk::ViewFilters;
use parlor_core::error::Refusal;
use parlor_core::id::{AgentId, CannedAnswerId, ViewId};
use parlor_core::text::{Shortcut, Text, ViewName};

use super::fixture::{Fixture, funnel, labels_to, new_workspace, principal};
use super::over_every_store;

over_every_store!(
    agents_are_listed_by_name_once_they_were_met,
    labels_are_listed_while_a_conversation_has_them,
    funnels_are_listed_at_their_current_version,
    canned_answers_are_kept,
    a_canned_answers_version_is_kept,
    views_are_kept,
    nothing_at_hand_is_of_another_workspace,
);

const MANY: usize = 1_000;

fn answer(id: &str, shortcut: &str, text: &str) -> PutCannedAnswer {
    let (id, shortcut) = (CannedAnswerId::parse(id).unwrap(), Shortcut::parse(shortcut).unwrap());
    PutCannedAnswer { id, shortcut, text: Text::parse(text).unwrap(), version: None }
}

fn view(id: &str, name: &str, filters: serde_json::Value) -> PutView {
    let filters = ViewFilters::parse(serde_json::from_value(filters).unwrap(), "").unwrap();
    let (id, name) = (ViewId::parse(id).unwrap(), ViewName::parse(name).unwrap());
    PutView { id, name, is_shared: Some(true), filters }
}

async fn agents_are_listed_by_name_once_they_were_met(f: Fixture) {
    for sub in ["zoe", "ada", "bob", "ada"] {
        f.run(&f.principal(Role::Agent, sub), Action::MeetAgent).await.unwrap();
    }
    let names = async |limit| {
        let agents = f.store.list_agents(f.workspace, limit).await.unwrap();
        agents.iter().map(|agent| agent.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(MANY).await, ["ada", "bob", "zoe"]);
    assert_eq!(names(2).await, ["ada", "bob"]);
    let renamed = principal(f.workspace, Role::Agent, "ada");
    let renamed =
        parlor_core::access::Principal { name: parlor_core::text::Name::parse("Yves").ok(), ..renamed };
    f.run(&renamed, Action::MeetAgent).await.unwrap();
    assert_eq!(names(MANY).await, ["Yves", "bob", "zoe"]);
    let agents = f.store.list_agents(f.workspace, MANY).await.unwrap();
    assert_eq!(Some(&agents[0].id), AgentId::parse("ada").as_ref());
}

async fn labels_are_listed_while_a_conversation_has_them(f: Fixture) {
    let (one, two) = (f.start("ann", "hi").await, f.start("bob", "hi").await);
    let (one, two) = (one.snapshot.conversation.id, two.snapshot.conversation.id);
    let listed = async |limit| {
        let listed = f.store.list_labels(f.workspace, limit).await.unwrap();
        listed.iter().map(|label| label.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert!(listed(MANY).await.is_empty());
    f.update(one, |u| u.labels = labels_to(&["vip", "éa", "late"])).await;
    f.update(two, |u| u.labels = labels_to(&["vip", "b"])).await;
    assert_eq!(listed(MANY).await, ["b", "late", "vip", "éa"]);
    assert_eq!(listed(3).await, ["b", "late", "vip"]);
    assert_eq!(listed(1).await, ["b"]);
    f.update(one, |u| u.labels = labels_to(&[])).await;
    assert_eq!(listed(MANY).await, ["b", "vip"]);
    f.delete(two).await.unwrap();
    assert!(listed(MANY).await.is_empty());
}

async fn funnels_are_listed_at_their_current_version(f: Fixture) {
    let admin = f.principal(Role::Admin, "root");
    let put = async |id: &str, name: &str| {
        let mut source = funnel(name).source;
        source.id = id.to_owned();
        let funnel = parlor_core::funnel::Funnel::parse(source).unwrap();
        f.run(&admin, Action::PutFunnel(Box::new(funnel))).await.unwrap();
    };
    for (id, name) in [("b", "Second"), ("a", "First"), ("b", "Second, new"), ("c", "Third"), ("b", "Second")]
    {
        put(id, name).await;
    }
    let listed = async |limit| {
        let listed = f.store.list_funnels(f.workspace, limit).await.unwrap();
        listed.iter().map(|f| (f.id.to_string(), f.name.as_str().to_owned(), f.version)).collect::<Vec<_>>()
    };
    let row = |id: &str, name: &str, version| (id.to_owned(), name.to_owned(), version);
    let all = [row("a", "First", 1), row("b", "Second", 3), row("c", "Third", 1)];
    assert_eq!(listed(MANY).await, all);
    assert_eq!(listed(2).await, all[..2]);
}

async fn canned_answers_are_kept(f: Fixture) {
    let ada = f.principal(Role::Agent, "ada");
    let put = async |answer: &PutCannedAnswer| {
        f.run(&ada, Action::PutCannedAnswer(Box::new(answer.clone()))).await.unwrap();
    };
    let head = f.store.get_head(f.workspace).await.unwrap();
    let (hi, bye) = (answer("2", "hi", "Hello {{user.firstName}}!"), answer("1", "bye", "Bye 👋"));
    put(&hi).await;
    put(&bye).await;
    let listed = async || {
        let all = f.store.list_canned_answers(f.workspace).await.unwrap();
        let put = |(id, shortcut, text)| PutCannedAnswer { id, shortcut, text, version: None };
        let said = all.iter().map(|a| put((a.id.clone(), a.shortcut.clone(), a.text.clone())));
        said.collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [bye.clone(), hi]);
    let changed = answer("2", "hey", "Hey!");
    put(&changed).await;
    assert_eq!(listed().await, [bye.clone(), changed]);
    f.run(&ada, Action::DeleteCannedAnswer { id: bye.id, version: None }).await.unwrap();
    assert_eq!(listed().await.len(), 1);
    assert_eq!(f.store.get_head(f.workspace).await.unwrap(), head, "no conversation was touched");
}

async fn a_canned_answers_version_is_kept(f: Fixture) {
    let ada = f.principal(Role::Agent, "ada");
    let put = async |text: &str, version| {
        let put = PutCannedAnswer { version, ..answer("1", "hi", text) };
        f.run(&ada, Action::PutCannedAnswer(Box::new(put))).await
    };
    let version = async || f.store.list_canned_answers(f.workspace).await.unwrap()[0].version;
    put("Hello!", Some(0)).await.unwrap();
    let first = version().await;
    put("Hey!", Some(first)).await.unwrap();
    let second = version().await;
    assert!(second > first);
    let changed = Err(WriteError::Refused(Refusal::CannedAnswerChanged));
    assert_eq!(put("Hi!", Some(first)).await, changed);
    assert_eq!(version().await, second);
    put("Hi!", Some(second)).await.unwrap();
}

async fn views_are_kept(f: Fixture) {
    let ada = f.principal(Role::Agent, "ada");
    let filters = serde_json::json!({"status": "all", "archived": "all", "assignee": "me", "unread": true, "search": "x"});
    let views = [view("1", "Mine", filters), view("2", "All", serde_json::json!({}))];
    for view in &views {
        f.run(&ada, Action::PutView(Box::new(view.clone()))).await.unwrap();
    }
    let stored = f.store.list_views(f.workspace).await.unwrap();
    for (stored, put) in stored.iter().zip(&views) {
        assert_eq!((&stored.id, &stored.name, &stored.filters), (&put.id, &put.name, &put.filters));
        assert_eq!((stored.owner.as_str(), stored.is_shared), ("ada", true));
    }
    let renamed =
        PutView { name: ViewName::parse("Ours").unwrap(), is_shared: Some(false), ..views[1].clone() };
    f.run(&ada, Action::PutView(Box::new(renamed))).await.unwrap();
    f.run(&ada, Action::DeleteView(views[0].id.clone())).await.unwrap();
    let stored = f.store.list_views(f.workspace).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].name.as_str(), stored[0].is_shared), ("Ours", false));
}

async fn nothing_at_hand_is_of_another_workspace(f: Fixture) {
    let other = f.store.create_workspace(new_workspace("other")).await.unwrap().key;
    let ada = f.principal(Role::Agent, "ada");
    f.run(&ada, Action::PutCannedAnswer(Box::new(answer("1", "hi", "Hello!")))).await.unwrap();
    f.run(&ada, Action::PutView(Box::new(view("1", "Mine", serde_json::json!({}))))).await.unwrap();
    f.run(&ada, Action::MeetAgent).await.unwrap();
    assert!(f.store.list_canned_answers(other).await.unwrap().is_empty());
    assert!(f.store.list_views(other).await.unwrap().is_empty());
    assert!(f.store.list_agents(other, MANY).await.unwrap().is_empty());
    let eve = principal(other, Role::Agent, "eve");
    f.run(&eve, Action::PutCannedAnswer(Box::new(answer("1", "hi", "Mine!")))).await.unwrap();
    assert_eq!(f.store.list_canned_answers(f.workspace).await.unwrap()[0].text.as_str(), "Hello!");
}
