//! Everybody does anything, in any order, at any time, in batches cut anywhere.

use std::sync::Arc;

use parlor_core::access::{Principal, Role};
use parlor_core::command::{Action, Command, Expect, Holder, Input, SendMessage, StartConversation};
use parlor_core::conversation::{CloseReason, Conversation, Handler, Snapshot, Status};
use parlor_core::decide::{Answer, Outcome};
use parlor_core::error::Refusal;
use parlor_core::id::{AgentId, ConversationId};
use parlor_core::message::{Message, MessageKind};
use parlor_core::state::Claim;
use parlor_core::text::Name;
use parlor_core::time::Timestamp;
use parlor_core::user::UserFields;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use crate::check;
use crate::make::*;
use crate::model::{Loading, Model, Numbered, command};

const WORDS: [&str; 8] =
    ["hi", "1", "I want to buy", "i wnat to buy", "talk to", "???", "That is all", "Nothing"];
const CLICKS: [&str; 5] = ["buy", "talk", "bye", "1", "end"];
const USERS: [&str; 3] = ["ann", "bob", "anon_1"];

/// A wish before it knows which conversations there are.
#[derive(Debug, Clone)]
enum Wish {
    Start {
        by: usize,
        user: usize,
        funnel: bool,
        id: Option<u64>,
        message: Option<u64>,
        say: Say,
        new: bool,
        name: Option<u8>,
    },
    Send {
        by: usize,
        to: usize,
        kind: MessageKind,
        message: Option<u64>,
        words: usize,
        click: Option<usize>,
        reopen: Option<bool>,
        holder: Option<u8>,
    },
    Update {
        by: usize,
        of: usize,
        status: Option<bool>,
        archived: Option<bool>,
        handler: Option<u8>,
        assignee: Option<bool>,
        rest: Rest,
    },
    Read {
        by: usize,
        of: usize,
        seq: u32,
        back: bool,
    },
    Take {
        by: usize,
        of: usize,
        from: Option<bool>,
    },
    GiveBack {
        by: usize,
        of: usize,
    },
    PutUser {
        by: usize,
        user: usize,
        name: u8,
    },
    PutFunnel {
        greeting: bool,
    },
    Import {
        external: u64,
        user: usize,
        closed: bool,
        archived: bool,
        follows: Option<usize>,
        id: Option<u64>,
        marks: (u32, u32),
    },
    Again {
        of: usize,
    },
}

#[derive(Debug, Clone)]
enum Say {
    Nothing,
    Words(usize),
    Click(usize),
}

#[derive(Debug, Clone)]
struct Rest {
    labels: Option<u8>,
    snooze: Option<Option<i64>>,
    hold: Option<bool>,
    expect: Option<bool>,
}

/// Visitors, agents, an admin and a service.
fn people(by: usize) -> Principal {
    match by {
        0..3 => visitor(USERS[by]),
        3 => agent("ada"),
        4 => agent("bea"),
        5 => admin(),
        _ => service(),
    }
}

fn wishes() -> impl Strategy<Value = Wish> {
    let by = 0..7usize;
    let id = || weighted(0.5, 0..5u64);
    let say = prop_oneof![
        1 => Just(Say::Nothing),
        3 => (0..WORDS.len()).prop_map(Say::Words),
        2 => (0..CLICKS.len()).prop_map(Say::Click),
    ];
    let start = (
        select(vec![0, 1, 2, 6]),
        0..3usize,
        weighted(0.8, Just(())),
        id(),
        id(),
        say,
        any::<bool>(),
        weighted(0.2, 0..3u8),
    )
        .prop_map(|(by, user, funnel, id, message, say, new, name)| {
            let user = if by < 3 { by } else { user };
            Wish::Start { by, user, funnel: funnel.is_some(), id, message, say, new: new && by == 6, name }
        });
    let kind = select(vec![MessageKind::User, MessageKind::User, MessageKind::Bot, MessageKind::System]);
    let send = (
        by.clone(),
        0..9usize,
        kind,
        id(),
        0..WORDS.len(),
        weighted(0.3, 0..CLICKS.len()),
        weighted(0.3, any::<bool>()),
        weighted(0.1, 0..3u8),
    )
        .prop_map(|(by, to, kind, message, words, click, reopen, holder)| Wish::Send {
            by,
            to,
            kind,
            message,
            words,
            click,
            reopen,
            holder,
        });
    let rest = (
        weighted(0.2, 0..3u8),
        weighted(0.2, weighted(0.6, -1..3i64)),
        weighted(0.1, any::<bool>()),
        weighted(0.1, any::<bool>()),
    )
        .prop_map(|(labels, snooze, hold, expect)| Rest { labels, snooze, hold, expect });
    let update = (
        by.clone(),
        0..9usize,
        weighted(0.6, any::<bool>()),
        weighted(0.3, any::<bool>()),
        weighted(0.2, 0..3u8),
        weighted(0.2, any::<bool>()),
        rest,
    )
        .prop_map(|(by, of, status, archived, handler, assignee, rest)| Wish::Update {
            by,
            of,
            status,
            archived,
            handler,
            assignee,
            rest,
        });
    let import = (
        0..3u64,
        0..3usize,
        any::<bool>(),
        any::<bool>(),
        weighted(0.3, 0..9usize),
        id(),
        (0..4u32, 0..4u32),
    )
        .prop_map(|(external, user, closed, archived, follows, id, marks)| Wish::Import {
            external,
            user,
            closed,
            archived,
            follows,
            id,
            marks,
        });
    prop_oneof![
        6 => start,
        12 => send,
        5 => update,
        2 => (by.clone(), 0..9usize, 0..9u32, any::<bool>()).prop_map(|(by, of, seq, back)| Wish::Read { by, of, seq, back }),
        2 => (3..6usize, 0..9usize, weighted(0.5, any::<bool>())).prop_map(|(by, of, from)| Wish::Take { by, of, from }),
        1 => (3..6usize, 0..9usize).prop_map(|(by, of)| Wish::GiveBack { by, of }),
        1 => (by, 0..3usize, 0..3u8).prop_map(|(by, user, name)| Wish::PutUser { by, user, name }),
        1 => any::<bool>().prop_map(|greeting| Wish::PutFunnel { greeting }),
        1 => import,
        3 => (0..40usize).prop_map(|of| Wish::Again { of }),
    ]
}

/// Milliseconds to the next command; clocks may step back.
fn pauses() -> impl Strategy<Value = i64> {
    select(vec![0, 0, 0, SECOND, SECOND, MINUTE, HOUR, DAY, 7 * DAY, 8 * DAY, -5 * SECOND])
}

fn named(name: Option<u8>) -> UserFields {
    let name = name.and_then(|n| Name::parse(&format!("Name {n}")).ok());
    UserFields { name, ..UserFields::default() }
}

fn nth(model: &Model, n: usize) -> ConversationId {
    match model.order.len() {
        // Somebody may always ask for what is not there.
        0 => conversation_id(99),
        len => model.order.get(n).or_else(|| model.order.get(len - 1 - n % len)).copied().unwrap(),
    }
}

fn spelled(model: &Model, wish: Wish, said: &[Command]) -> Command {
    match wish {
        Wish::Start { by, user, funnel, id, message, say, new, name } => {
            let input = match say {
                Say::Nothing => None,
                Say::Words(n) => Some(Input::Text(text(WORDS[n]))),
                Say::Click(n) => Some(Input::Option(option_id(CLICKS[n]))),
            };
            starting(
                &people(by),
                StartConversation {
                    id: id.map(conversation_id),
                    message_id: message.map(message_id),
                    funnel_id: funnel_id(if funnel { "shop" } else { "theirs" }),
                    user: named(name),
                    input,
                    new,
                    ..start(USERS[user], None)
                },
            )
        }
        Wish::Send { by, to, kind, message, words, click, reopen, holder } => sending(
            &people(by),
            SendMessage {
                id: message.map(message_id),
                option_id: click.map(|n| option_id(CLICKS[n])),
                reopen,
                if_holder: holder.filter(|_| kind != MessageKind::User).map(|n| match n {
                    0 => Holder::Bot,
                    1 => Holder::Queue,
                    _ => Holder::Agent(agent("ada").sub),
                }),
                ..send(nth(model, to), kind, WORDS[words])
            },
        ),
        Wish::Update { .. } => spelled_update(model, wish),
        Wish::Read { by, of, seq, back } => reading(&people(by), nth(model, of), seq, back),
        Wish::Take { by, of, from } => {
            taking(&people(by), nth(model, of), from.map(|ada| if ada { "ada" } else { "bea" }))
        }
        Wish::GiveBack { by, of } => {
            command(&people(by), Action::GiveBackConversation { conversation_id: nth(model, of) })
        }
        Wish::PutUser { by, user, name } => putting(&people(by), USERS[user], &format!("Name {name}")),
        Wish::PutFunnel { greeting } => putting_funnel(shop(if greeting { "Hello!" } else { "Welcome!" })),
        Wish::Import { .. } => spelled_import(model, wish),
        Wish::Again { of } => {
            said.get(of).or(said.last()).cloned().unwrap_or_else(|| putting(&service(), "ann", "Ann"))
        }
    }
}

fn spelled_update(model: &Model, wish: Wish) -> Command {
    let Wish::Update { by, of, status, archived, handler, assignee, rest } = wish else {
        panic!("not an update")
    };
    let all = [vec![], labels(&["vip"]), labels(&["vip", "late", "vip"])];
    let ends = |days: i64| model.now.plus_ms(days * DAY);
    updating(
        &people(by),
        parlor_core::command::UpdateConversation {
            status: status.map(|open| if open { Status::Open } else { Status::Closed }),
            is_archived: archived,
            handler: handler.map(|n| Handler::ALL[usize::from(n)]),
            assignee_id: assignee.map(|ada| AgentId::parse(if ada { "ada" } else { "cleo" }).unwrap()),
            labels: rest.labels.map(|n| all[usize::from(n)].clone()),
            snoozed_until: rest.snooze.map(|until| until.map(ends)),
            hold: rest.hold,
            expect: Expect {
                status: rest.expect.map(|open| if open { Status::Open } else { Status::Closed }),
                ..Expect::default()
            },
            ..update(nth(model, of))
        },
    )
}

fn spelled_import(model: &Model, wish: Wish) -> Command {
    let Wish::Import { external, user, closed, archived, follows, id, marks } = wish else {
        panic!("not an import")
    };
    let said = [(MessageKind::User, "long ago"), (MessageKind::System, "a line"), (MessageKind::Bot, "yes")];
    let mut line = import(&format!("old-{external}"), USERS[user], &said);
    line.status = if closed { Status::Closed } else { Status::Open };
    line.closed = closed.then_some((BEGIN.plus_ms(-300 * DAY), CloseReason::Agent));
    line.archived_at = archived.then_some(BEGIN.plus_ms(-200 * DAY));
    line.previous_id = follows.map(|n| nth(model, n));
    line.messages[0].id = id.map(message_id);
    (line.user_last_read_seq, line.agent_last_read_seq) = marks;
    importing(line)
}

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
        let result = answered.pop().unwrap();
        one_result(&numbered, &result, &writes);
        check::rows(&model);
        commands.push(numbered);
        results.push(result);
    }
    (model, commands, results)
}

/// What holds of one command and its answer.
fn one_result(numbered: &Numbered, result: &Result<Outcome, Refusal>, writes: &parlor_core::state::WriteSet) {
    let by = &numbered.command.by;
    if by.role == Role::Visitor {
        let own = |id: &str| id == by.sub.as_str();
        assert!(writes.conversations.iter().all(|w| own(w.conversation.user_id.as_str())));
        assert!(writes.users.iter().all(|user| own(user.id.as_str())));
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

fn result_without_rev(result: &Result<Outcome, Refusal>) -> Result<Outcome, Refusal> {
    let snapshot = |s: &Snapshot| Snapshot {
        conversation: Arc::new(without_rev(&s.conversation)),
        user: s.user.clone(),
    };
    match result {
        Ok(Outcome::Conversation(answer)) => Ok(Outcome::Conversation(Answer {
            snapshot: snapshot(&answer.snapshot),
            message: answer.message.as_ref().map(|m| Arc::new(message_without_rev(m))),
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
    }
    assert_eq!(one.claims.keys().collect::<Vec<_>>(), other.claims.keys().collect::<Vec<_>>());
    assert_eq!((&one.users, &one.agents, &one.funnels), (&other.users, &other.agents, &other.funnels));
    let counted =
        |model: &Model| model.counters.clone().into_iter().filter(|(_, n)| *n != 0).collect::<Vec<_>>();
    assert_eq!(counted(one), counted(other));
    assert_eq!(one.activities, other.activities);
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
        let (again, writes) = model.alone(numbered.command.clone());
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

/// The wish without what may open a second conversation on purpose.
fn tamed(wish: Wish) -> Option<Wish> {
    match wish {
        Wish::Start { by, user, funnel, id, message, say, name, .. } => {
            Some(Wish::Start { by, user, funnel, id, message, say, name, new: false })
        }
        Wish::Send { by, to, kind, message, words, click, holder, .. } => {
            let reopen = (kind != MessageKind::User).then_some(false);
            Some(Wish::Send { by, to, kind, message, words, click, holder, reopen })
        }
        Wish::Update { status: Some(true), .. } | Wish::Import { .. } => None,
        other => Some(other),
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
