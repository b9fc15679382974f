//! What the machine's people want: drawn without knowing the rows, then spelled out against them.

use parlor_core::access::Principal;
use parlor_core::command::{
    Action, Command, EraseUser, Expect, Holder, Input, SendMessage, StartConversation,
};
use parlor_core::conversation::{CloseReason, Handler, Status};
use parlor_core::id::{AgentId, ConversationId};
use parlor_core::lifecycle::Clock;
use parlor_core::message::MessageKind;
use parlor_core::text::Name;
use parlor_core::user::UserFields;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use crate::make::*;
use crate::model::{Model, command};

const WORDS: [&str; 8] =
    ["hi", "1", "I want to buy", "i wnat to buy", "talk to", "???", "That is all", "Nothing"];
const CLICKS: [&str; 5] = ["buy", "talk", "bye", "1", "end"];
const USERS: [&str; 3] = ["ann", "bob", "anon_1"];

/// A wish before it knows which conversations there are.
#[derive(Debug, Clone)]
pub enum Wish {
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
    Delete {
        by: usize,
        of: usize,
    },
    Erase {
        by: usize,
        user: usize,
    },
    Note {
        by: usize,
        of: usize,
        id: Option<u64>,
        words: usize,
    },
    DeleteNote {
        by: usize,
        of: usize,
        id: u64,
    },
    PutUser {
        by: usize,
        user: usize,
        name: u8,
    },
    PutFunnel {
        greeting: bool,
    },
    Fire {
        of: usize,
        was_away: bool,
    },
    Import {
        external: u64,
        user: usize,
        closed: bool,
        archived: bool,
        follows: Option<usize>,
        id: Option<u64>,
        named: Option<u64>,
        marks: (u32, u32),
    },
    Again {
        of: usize,
    },
}

#[derive(Debug, Clone)]
pub enum Say {
    Nothing,
    Words(usize),
    Click(usize),
}

#[derive(Debug, Clone)]
pub struct Rest {
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

pub fn wishes() -> impl Strategy<Value = Wish> {
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
        weighted(0.2, 0..5u8),
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
        weighted(0.3, 0..5u64),
        (0..4u32, 0..4u32),
    )
        .prop_map(|(external, user, closed, archived, follows, id, named, marks)| Wish::Import {
            external,
            user,
            closed,
            archived,
            follows,
            id,
            named,
            marks,
        });
    prop_oneof![
        6 => start,
        12 => send,
        5 => update,
        2 => (by.clone(), 0..9usize, 0..9u32, any::<bool>()).prop_map(|(by, of, seq, back)| Wish::Read { by, of, seq, back }),
        2 => (3..6usize, 0..9usize, weighted(0.5, any::<bool>())).prop_map(|(by, of, from)| Wish::Take { by, of, from }),
        1 => (3..6usize, 0..9usize).prop_map(|(by, of)| Wish::GiveBack { by, of }),
        2 => (4..6usize, 0..9usize).prop_map(|(by, of)| Wish::Delete { by, of }),
        1 => (4..6usize, 0..3usize).prop_map(|(by, user)| Wish::Erase { by, user }),
        4 => (by.clone(), 0..9usize, id(), 0..2usize).prop_map(|(by, of, id, words)| Wish::Note { by, of, id, words }),
        2 => (by.clone(), 0..9usize, 0..5u64).prop_map(|(by, of, id)| Wish::DeleteNote { by, of, id }),
        1 => (by, 0..3usize, 0..3u8).prop_map(|(by, user, name)| Wish::PutUser { by, user, name }),
        1 => any::<bool>().prop_map(|greeting| Wish::PutFunnel { greeting }),
        6 => (0..9usize, any::<bool>()).prop_map(|(of, was_away)| Wish::Fire { of, was_away }),
        1 => import,
        3 => (0..40usize).prop_map(|of| Wish::Again { of }),
    ]
}

/// Milliseconds to the next command; clocks may step back.
pub fn pauses() -> impl Strategy<Value = i64> {
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

pub fn spelled(model: &Model, wish: Wish, said: &[Command]) -> Command {
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
        Wish::Delete { by, of } => deleting(&people(by), nth(model, of)),
        Wish::Erase { by, user } => {
            let user_id = user_id(USERS[user]);
            command(&people(by), Action::EraseUser(EraseUser { user_id, erased_at: None }))
        }
        Wish::Note { by, of, id, words } => noting(&people(by), nth(model, of), id, WORDS[words]),
        // Where it is, so that it is found more often than not.
        Wish::DeleteNote { by, of, id } => {
            let at = model.notes.get(&note_id(id)).map_or(nth(model, of), |note| note.conversation_id);
            unnoting(&people(by), at, note_id(id))
        }
        Wish::PutUser { by, user, name } => putting(&people(by), USERS[user], &format!("Name {name}")),
        Wish::PutFunnel { greeting } => putting_funnel(shop(if greeting { "Hello!" } else { "Welcome!" })),
        Wish::Fire { of, was_away } => {
            let clock = Clock { returned_at: model.now, ..always_there(model.now) };
            let clock = if was_away { clock } else { always_there(model.now) };
            firing(nth(model, of), clock)
        }
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
    let all = [
        to(&[]),
        to(&["vip"]),
        to(&["vip", "late", "vip"]),
        relabel(&["vip", "paid"], &[]),
        relabel(&["late"], &["vip", "gone"]),
    ];
    let ends = |days: i64| model.now.plus_ms(days * DAY);
    updating(
        &people(by),
        parlor_core::command::UpdateConversation {
            status: status.map(|open| if open { Status::Open } else { Status::Closed }),
            is_archived: archived,
            handler: handler.map(|n| Handler::ALL[usize::from(n)]),
            assignee_id: assignee.map(|ada| AgentId::parse(if ada { "ada" } else { "cleo" }).unwrap()),
            labels: rest.labels.and_then(|n| all[usize::from(n)].clone()),
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
    let Wish::Import { external, user, closed, archived, follows, id, named, marks } = wish else {
        panic!("not an import")
    };
    let said = [(MessageKind::User, "long ago"), (MessageKind::System, "a line"), (MessageKind::Bot, "yes")];
    let mut line = import(&format!("old-{external}"), USERS[user], &said);
    line.status = if closed { Status::Closed } else { Status::Open };
    line.closed_at = closed.then(|| BEGIN.plus_ms(-300 * DAY));
    line.close_reason = closed.then_some(CloseReason::Agent);
    line.archived_at = archived.then_some(BEGIN.plus_ms(-200 * DAY));
    line.previous_id = follows.map(|n| nth(model, n));
    line.messages[0].id = id.map(message_id);
    line.notes.extend(id.map(|n| imported_note(n, marks.0)));
    line.id = named.map(conversation_id);
    (line.user_last_read_seq, line.agent_last_read_seq) = marks;
    importing(line)
}

/// The wish without what may open a second conversation on purpose.
pub fn tamed(wish: Wish) -> Option<Wish> {
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
