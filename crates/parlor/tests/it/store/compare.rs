//! Random histories, run on every store: each answer and each read is the same as the memory store's.

use parlor::ambient::Ambient;
use parlor::store::{ExtentOf, ListQuery, MessageQuery, MessageStart, PageStart, Scope, Sort};
use parlor_core::access::Role;
use parlor_core::command::{Action, EraseUser, MarkRead, PutCannedAnswer, PutSettings, PutView, Relabel};
use parlor_core::conversation::{Handler, Status};
use parlor_core::desk::ViewFilters;
use parlor_core::id::{AgentId, CannedAnswerId, ConversationId, FunnelId, MessageId, UserId, ViewId};
use parlor_core::lifecycle::{Policies, Policy};
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::text::{Label, Name, Shortcut, Text, ViewName};
use parlor_core::user::UserFields;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::ambient::BEGIN;

use super::fixture::{
    Fixture, always_there, delete_note, funnel, labels_to, note, send, start, update, with_notes,
};

/// A step of a history. Conversations are named by the order they were first answered with.
#[derive(Debug, Clone)]
enum Step {
    Start { user: u8, text: Option<u8> },
    Say { conversation: usize, kind: MessageKind, text: u8, id: Option<u8> },
    Update { conversation: usize, what: u8 },
    Read { conversation: usize, seq: u32, back: bool, visitor: bool },
    Take { conversation: usize, agent: u8, from: Option<u8> },
    GiveBack { conversation: usize },
    Note { conversation: usize, text: u8, id: Option<u8> },
    DeleteNote { conversation: usize, id: u8 },
    Delete { conversation: usize },
    Erase { user: u8 },
    Purge { limit: usize },
    Rename { user: u8, name: u8 },
    Wait { hours: i64 },
    PutFunnel { name: u8 },
    Keep { agent: u8, id: u8, name: u8, what: u8 },
    Fire { conversation: usize },
    Set { what: u8 },
    Redate,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![3 => Just(MessageKind::User), 3 => Just(MessageKind::Bot), 1 => Just(MessageKind::System)];
    let conversation = 0..6usize;
    prop_oneof![
        3 => (0..4u8, proptest::option::of(0..4u8)).prop_map(|(user, text)| Step::Start { user, text }),
        8 => (conversation.clone(), kind, 0..4u8, proptest::option::of(0..6u8))
            .prop_map(|(conversation, kind, text, id)| Step::Say { conversation, kind, text, id }),
        5 => (conversation.clone(), 0..15u8).prop_map(|(conversation, what)| Step::Update { conversation, what }),
        3 => (conversation.clone(), 0..12u32, any::<bool>(), any::<bool>())
            .prop_map(|(conversation, seq, back, visitor)| Step::Read { conversation, seq, back, visitor }),
        2 => (conversation.clone(), 0..2u8, proptest::option::of(0..2u8))
            .prop_map(|(conversation, agent, from)| Step::Take { conversation, agent, from }),
        1 => conversation.clone().prop_map(|conversation| Step::GiveBack { conversation }),
        3 => (conversation.clone(), 0..2u8, proptest::option::of(0..4u8))
            .prop_map(|(conversation, text, id)| Step::Note { conversation, text, id }),
        2 => (conversation.clone(), 0..4u8).prop_map(|(conversation, id)| Step::DeleteNote { conversation, id }),
        2 => conversation.clone().prop_map(|conversation| Step::Delete { conversation }),
        4 => conversation.prop_map(|conversation| Step::Fire { conversation }),
        1 => (0..4u8).prop_map(|what| Step::Set { what }),
        1 => Just(Step::Redate),
        1 => (0..4u8).prop_map(|user| Step::Erase { user }),
        1 => (1..20usize).prop_map(|limit| Step::Purge { limit }),
        1 => (0..4u8, 0..3u8).prop_map(|(user, name)| Step::Rename { user, name }),
        2 => prop_oneof![Just(1), Just(24), Just(24 * 8), Just(24 * 60)].prop_map(|hours| Step::Wait { hours }),
        1 => (0..2u8).prop_map(|name| Step::PutFunnel { name }),
        3 => (0..2u8, 0..3u8, 0..3u8, 0..5u8)
            .prop_map(|(agent, id, name, what)| Step::Keep { agent, id, name, what }),
    ]
}

fn user(n: u8) -> String {
    format!("user-{n}")
}

fn agent(n: u8) -> String {
    format!("agent-{n}")
}

fn change(id: ConversationId, what: u8) -> Action {
    let mut u = update(id);
    match what {
        0 | 1 => u.status = Some(Status::Closed),
        2 | 3 => u.status = Some(Status::Open),
        4 => u.is_archived = Some(true),
        5 => u.is_archived = Some(false),
        6 => u.handler = Some(Handler::Queue),
        7 => u.assignee_id = AgentId::parse("agent-1"),
        8 => u.labels = labels_to(&["vip", "a"]),
        9 => u.hold = Some(true),
        13 => {
            let label = |name| vec![Label::parse(name).unwrap()];
            u.labels = Some(Relabel::By { add: label("b"), remove: label("vip") });
        }
        10 => (u.expect.status, u.hold) = (Some(Status::Open), Some(false)),
        11 => u.snoozed_until = Some(None),
        12 => u.snoozed_until = Some(Some(BEGIN.plus_ms(36 * 3_600_000))),
        _ => (u.status, u.is_archived) = (Some(Status::Open), Some(true)),
    }
    Action::UpdateConversation(Box::new(u))
}

/// Settings to choose from.
fn set(what: u8) -> Action {
    let policy = |idle_s: i64| Policy { bot_idle_ms: Some(idle_s * 1000), ..Policy::default() };
    let inbox = match what {
        0 => Policy::default(),
        1 => policy(60),
        2 => Policy { warn_before_ms: Some(600_000), team_idle_ms: Some(3_600_000), ..policy(86_400) },
        _ => Policy { archive_after_ms: Some(0), delete_after_ms: None, ..Policy::default() },
    };
    Action::PutSettings(Box::new(PutSettings { policies: Policies::of_inbox(0, inbox), version: None }))
}

/// Something an agent keeps at hand, or not any more.
fn keep(id: u8, name: u8, what: u8) -> Action {
    let (answer_id, view_id) = (CannedAnswerId::parse(&id.to_string()), ViewId::parse(&id.to_string()));
    let (answer_id, view_id) = (answer_id.unwrap(), view_id.unwrap());
    match what {
        0 => Action::PutCannedAnswer(Box::new(PutCannedAnswer {
            id: answer_id,
            shortcut: Shortcut::parse(&format!("s{name}")).unwrap(),
            text: Text::parse(&format!("text {name}")).unwrap(),
            version: (name == 0).then_some(0),
        })),
        1 => Action::DeleteCannedAnswer { id: answer_id, version: None },
        2 => Action::DeleteView(view_id),
        3 => Action::MeetAgent,
        _ => Action::PutView(Box::new(PutView {
            id: view_id,
            name: ViewName::parse(&format!("View {name}")).unwrap(),
            is_shared: (name > 0).then_some(name > 1),
            filters: ViewFilters::default(),
        })),
    }
}

/// Runs a step; what it answered, in words that can be compared.
async fn run(f: &Fixture, known: &mut Vec<ConversationId>, step: &Step) -> String {
    let at = |n: usize| known.get(n).copied().unwrap_or(ConversationId(Uuid::from_u128(404)));
    let (role, sub, action) = match step {
        Step::Wait { hours } => {
            f.ambient.advance_ms(hours * 3_600_000);
            return String::new();
        }
        Step::Purge { limit } => {
            let before = f.ambient.now().plus_ms(-limits::TOMBSTONE_MS);
            return format!("{:?}", f.store.purge_tombstones(before, *limit).await);
        }
        Step::Delete { conversation } => {
            (Role::Admin, "root".into(), Action::DeleteConversation { conversation_id: at(*conversation) })
        }
        Step::Erase { user: n } => {
            let user_id = UserId::parse(&user(*n)).unwrap();
            (Role::Admin, "root".into(), Action::EraseUser(EraseUser { user_id, erased_at: None }))
        }
        Step::Start { user: n, text } => {
            let text = text.map(|t| format!("text {t}"));
            (Role::Visitor, user(*n), start(&user(*n), "shop", text.as_deref()))
        }
        Step::Say { conversation, kind, text, id } => {
            let id = id.map(|n| MessageId(Uuid::from_u128(1000 + u128::from(n))));
            let (role, sub) = if *kind == MessageKind::User {
                (Role::Service, "host".into())
            } else {
                (Role::Agent, agent(0))
            };
            (role, sub, send(at(*conversation), *kind, &format!("text {text}"), id))
        }
        Step::Update { conversation, what } => (Role::Agent, agent(0), change(at(*conversation), *what)),
        Step::Read { conversation, seq, back, visitor } => {
            let mark = MarkRead { conversation_id: at(*conversation), seq: *seq, back: *back };
            let role = if *visitor { Role::Visitor } else { Role::Agent };
            (role, if *visitor { user(0) } else { agent(1) }, Action::MarkRead(mark))
        }
        Step::Take { conversation, agent: n, from } => {
            let from = from.and_then(|n| AgentId::parse(&agent(n)));
            (Role::Agent, agent(*n), Action::TakeConversation { conversation_id: at(*conversation), from })
        }
        Step::GiveBack { conversation } => {
            (Role::Agent, agent(0), Action::GiveBackConversation { conversation_id: at(*conversation) })
        }
        Step::Note { conversation, text, id } => {
            let id = id.map(|n| 2000 + u128::from(n));
            (Role::Agent, agent(0), note(at(*conversation), id, &format!("note {text}")))
        }
        Step::DeleteNote { conversation, id } => {
            (Role::Agent, agent(0), delete_note(at(*conversation), 2000 + u128::from(*id)))
        }
        Step::Rename { user: n, name } => {
            let fields =
                UserFields { name: Name::parse(&format!("Name {name}")).ok(), ..UserFields::default() };
            (
                Role::Service,
                "host".into(),
                Action::PutUser { user_id: UserId::parse(&user(*n)).unwrap(), fields: Box::new(fields) },
            )
        }
        Step::Keep { agent: n, id, name, what } => (Role::Agent, agent(*n), keep(*id, *name, *what)),
        Step::Fire { conversation } => {
            let action = Action::FireDue { conversation_id: at(*conversation), clock: always_there() };
            (Role::Service, "host".into(), action)
        }
        Step::Set { what } => (Role::Admin, "root".into(), set(*what)),
        Step::Redate => (Role::Service, "host".into(), Action::Redate),
        Step::PutFunnel { name } => {
            (Role::Admin, "root".into(), Action::PutFunnel(Box::new(funnel(&format!("Shop {name}")))))
        }
    };
    let answer = f.run(&f.principal(role, &sub), action).await;
    if let Ok(parlor_core::decide::Outcome::Conversation(answer)) = &answer {
        let id = answer.snapshot.conversation.id;
        if !known.contains(&id) {
            known.push(id);
        }
    }
    format!("{answer:?}")
}

/// Everything a reader can ask, in words that can be compared.
async fn reads(f: &Fixture, known: &[ConversationId]) -> Vec<String> {
    let mut said = Vec::new();
    let queries = [
        ListQuery::default(),
        ListQuery { status: Some(Status::Open), archived: Some(false), messages: 3, ..ListQuery::default() },
        ListQuery { archived: Some(true), sort: Sort::Oldest, ..ListQuery::default() },
        ListQuery { sort: Sort::MostMessages, status: Some(Status::Closed), ..ListQuery::default() },
        ListQuery {
            sort: Sort::LeastMessages,
            start: PageStart::Offset(1),
            limit: 2,
            ..ListQuery::default()
        },
        ListQuery { unread: true, ..ListQuery::default() },
        ListQuery {
            handler: Some(Handler::Agent),
            funnel_id: FunnelId::parse("shop"),
            ..ListQuery::default()
        },
        ListQuery { assignee_id: AgentId::parse("agent-1"), ..ListQuery::default() },
        ListQuery { user_id: UserId::parse("user-0"), ..ListQuery::default() },
        ListQuery { label: Label::parse("vip").ok(), ..ListQuery::default() },
    ];
    for query in queries {
        let page = f.list(query.clone()).await;
        said.push(format!("{query:?}: {page:?}"));
    }
    said.push(format!("{:?}", f.store.list_agents(f.workspace, 10).await.unwrap()));
    said.push(format!("{:?}", f.store.list_labels(f.workspace, 10).await.unwrap()));
    said.push(format!("{:?}", f.store.list_funnels(f.workspace, 10).await.unwrap()));
    said.push(format!("{:?}", f.store.list_canned_answers(f.workspace).await.unwrap()));
    said.push(format!("{:?}", f.store.list_views(f.workspace).await.unwrap()));
    said.push(format!("{:?}", f.store.get_head(f.workspace).await.unwrap()));
    said.push(format!("{:?}", f.store.list_due(f.ambient.now(), 3).await.unwrap()));
    said.push(format!("{:?}", f.store.list_redating(3).await.unwrap()));
    for before in [None, Some(3)] {
        said.push(format!("{:?}", f.store.list_deletions(f.workspace, before, 5).await.unwrap()));
    }
    for n in 0..4 {
        let id = UserId::parse(&user(n)).unwrap();
        said.push(format!("{:?}", f.store.get_user(f.workspace, id.clone()).await.unwrap()));
        said.push(format!("{:?}", f.store.measure(f.workspace, ExtentOf::User(id)).await.unwrap()));
    }
    let head = f.store.get_head(f.workspace).await.unwrap().rev;
    for after in [0, head / 2, head.saturating_sub(1)] {
        let changes = f.store.list_changes(f.workspace, Scope::Workspace, after, 500).await.unwrap();
        said.push(format!("after {after}: {changes:?}"));
        let user = Scope::User(UserId::parse("user-0").unwrap());
        let changes = f.store.list_changes(f.workspace, user, after, 500).await.unwrap();
        said.push(format!("of a user after {after}: {changes:?}"));
        for id in known {
            for scope in [with_notes(*id), Scope::Conversation { id: *id, notes: false }] {
                let changes = f.store.list_changes(f.workspace, scope.clone(), after, 500).await.unwrap();
                said.push(format!("{scope:?} after {after}: {changes:?}"));
            }
        }
    }
    for id in known {
        said.push(format!("{:?}", f.store.measure(f.workspace, ExtentOf::Conversation(*id)).await.unwrap()));
        for (start, limit) in [(MessageStart::After(0), limits::MESSAGES_MAX), (MessageStart::Newest(1), 2)] {
            let query = MessageQuery { start, limit, notes: true };
            said.push(format!("{:?}", f.store.list_messages(f.workspace, *id, query).await.unwrap()));
        }
        said.push(format!("{:?}", f.store.get_tombstone(f.workspace, *id).await.unwrap()));
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_does_what_memory_does(history in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (model, store) = (Fixture::memory().await, Fixture::sqlite().await);
            let (mut known, mut same) = (Vec::new(), Vec::new());
            for step in &history {
                let (expected, answered) = (run(&model, &mut known, step).await, run(&store, &mut same, step).await);
                prop_assert_eq!(expected, answered, "{:?}", step);
            }
            prop_assert_eq!(&known, &same);
            for (expected, read) in reads(&model, &known).await.into_iter().zip(reads(&store, &known).await) {
                prop_assert_eq!(expected, read);
            }
            Ok(())
        })?;
    }
}
