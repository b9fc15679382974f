//! Random schedules of a server's life: people do things, policies change, the server goes away and comes back, the wall clock
//! jumps; and whatever happened, what is due is done, once, and nothing irreversible too early.

use std::collections::{BTreeMap, HashMap};

use parlor_core::access::Principal;
use parlor_core::command::{Action, UpdateConversation};
use parlor_core::conversation::{Conversation, Handler, Status};
use parlor_core::decide::Outcome;
use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::lifecycle::{self, Clock, Due, Moment, Policy, Step};
use parlor_core::limits;
use parlor_core::message::{MessageKind, SystemLine};
use parlor_core::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::check;
use crate::make::*;
use crate::model::{Model, command};

const USERS: [&str; 3] = ["ann", "bob", "anon_1"];

#[derive(Debug, Clone)]
enum Event {
    Start {
        user: usize,
    },
    Say {
        of: usize,
        as_user: bool,
    },
    Update {
        of: usize,
        what: usize,
    },
    Take {
        of: usize,
    },
    Email {
        user: usize,
    },
    Set {
        what: usize,
    },
    Redate,
    /// Time passes, the server runs, and its job looks after every step.
    Run {
        ms: i64,
        steps: i64,
    },
    /// The server is off.
    Away {
        ms: i64,
    },
    /// The wall clock jumps under a running server.
    Jump {
        ms: i64,
    },
    Pause {
        is_paused: bool,
    },
}

fn events() -> impl Strategy<Value = Event> {
    let of = || 0..6usize;
    let long = || select(vec![1, SECOND, 10 * MINUTE, 30 * MINUTE, 5 * HOUR, DAY, 15 * DAY, 100 * DAY]);
    let jump = select(vec![-3_650 * DAY, -DAY, -HOUR, HOUR, DAY, 3_650 * DAY]);
    prop_oneof![
        4 => (0..3usize).prop_map(|user| Event::Start { user }),
        5 => (of(), any::<bool>()).prop_map(|(of, as_user)| Event::Say { of, as_user }),
        6 => (of(), 0..12usize).prop_map(|(of, what)| Event::Update { of, what }),
        1 => of().prop_map(|of| Event::Take { of }),
        1 => (0..3usize).prop_map(|user| Event::Email { user }),
        2 => (0..5usize).prop_map(|what| Event::Set { what }),
        2 => Just(Event::Redate),
        12 => (long(), 1..4i64).prop_map(|(ms, steps)| Event::Run { ms, steps }),
        3 => long().prop_map(|ms| Event::Away { ms }),
        2 => jump.prop_map(|ms| Event::Jump { ms }),
        1 => any::<bool>().prop_map(|is_paused| Event::Pause { is_paused }),
    ]
}

fn policy(what: usize) -> Policy {
    match what {
        0 => Policy::default(),
        1 => Policy { warn_before_ms: Some(5 * MINUTE), team_idle_ms: Some(HOUR), ..Policy::default() },
        2 => Policy { bot_idle_ms: Some(10 * SECOND), archive_after_ms: Some(0), ..Policy::default() },
        3 => Policy { bot_idle_ms: None, delete_after_ms: None, ..Policy::default() },
        _ => Policy { delete_after_ms: Some(DAY), reopen_window_ms: 0, ..Policy::default() },
    }
}

fn change(id: ConversationId, what: usize, now: Timestamp) -> UpdateConversation {
    match what {
        0 => status(id, Status::Closed),
        1 | 2 => status(id, Status::Open),
        3 | 4 => archived(id, true),
        5 => archived(id, false),
        6 => UpdateConversation { hold: Some(true), ..update(id) },
        7 => UpdateConversation { hold: Some(false), ..update(id) },
        8 => UpdateConversation { snoozed_until: Some(Some(now.plus_ms(DAY))), ..update(id) },
        9 => UpdateConversation { snoozed_until: Some(None), ..update(id) },
        10 => UpdateConversation { handler: Some(Handler::Queue), ..update(id) },
        _ => UpdateConversation { labels: to(&["vip"]), ..update(id) },
    }
}

/// A server with its job, over a model.
struct Server {
    model: Model,
    clock: Clock,
    /// Fire the youngest first, where the other fires the oldest first.
    is_backwards: bool,
    /// Running time at which each mark was set, as this test saw it.
    marked: HashMap<ConversationId, i64>,
    fired: u32,
}

impl Server {
    fn new(is_backwards: bool) -> Self {
        let mut model = with_shop();
        model.redate_batch = 2;
        let clock = always_there(model.now);
        Self { model, clock, is_backwards, marked: HashMap::new(), fired: 0 }
    }

    fn nth(&self, n: usize) -> Option<ConversationId> {
        let len = self.model.order.len();
        (len > 0).then(|| self.model.order[n % len])
    }

    fn happen(&mut self, event: &Event) {
        let now = self.model.now;
        match event {
            Event::Start { user } => {
                let by = visitor(USERS[*user]);
                self.people(starting(&by, start(USERS[*user], Some("hi"))));
            }
            Event::Say { of, as_user } => {
                let Some(id) = self.nth(*of) else { return };
                let by = if *as_user { service() } else { agent("ada") };
                let kind = if *as_user { MessageKind::User } else { MessageKind::Bot };
                self.people(sending(&by, send(id, kind, "hm")));
            }
            Event::Update { of, what } => {
                let Some(id) = self.nth(*of) else { return };
                self.people(updating(&agent("ada"), change(id, *what, now)));
            }
            Event::Take { of } => {
                let Some(id) = self.nth(*of) else { return };
                self.people(taking(&agent("ada"), id, None));
            }
            Event::Email { user } => {
                let user_id = user_id(USERS[*user]);
                let email = parlor_core::text::Email::parse("x@example.com").ok();
                let fields = Box::new(parlor_core::user::UserFields { email, ..Default::default() });
                self.people(command(&service(), Action::PutUser { user_id, fields }));
            }
            Event::Set { what } => self.people(setting(policy(*what))),
            Event::Redate => {
                let server = Principal::server(WorkspaceKey(1));
                self.people(command(&server, Action::Redate));
            }
            Event::Run { ms, steps } => {
                for _ in 0..*steps {
                    self.model.now = self.model.now.plus_ms(*ms);
                    self.clock.running_ms += ms;
                    self.look();
                }
            }
            Event::Away { ms } => {
                self.clock.last_alive_at = now;
                self.model.now = now.plus_ms(*ms);
                self.clock.returned_at = self.model.now;
                self.look();
            }
            Event::Jump { ms } => {
                self.model.now = now.plus_ms(*ms);
                if *ms > 0 {
                    (self.clock.last_alive_at, self.clock.returned_at) = (now, self.model.now);
                }
                self.look();
            }
            Event::Pause { is_paused } => self.clock.is_paused = *is_paused,
        }
        check::rows(&self.model);
    }

    /// What somebody wants; a user's accepted message is where agents see it.
    fn people(&mut self, command: parlor_core::command::Command) {
        let (result, _) = self.model.alone(command);
        if let Ok(Outcome::Conversation(answer)) = &result
            && let Some(message) = answer.message.as_ref().filter(|m| m.kind == MessageKind::User)
        {
            let landed = self.model.get(message.conversation_id);
            assert!(landed.is_open() && !landed.is_archived(), "a user's message is where agents see it");
        }
    }

    /// The job: until nothing is due any more.
    fn look(&mut self) {
        for _ in 0..20 {
            let mut due = self.due();
            if due.is_empty() {
                return self.nothing_is_lost();
            }
            if self.is_backwards {
                due.reverse();
            }
            for id in due {
                self.fire(id);
            }
        }
        panic!("something is due for ever: {:?}", self.due());
    }

    /// What the store would list.
    fn due(&self) -> Vec<ConversationId> {
        let falls = self.model.conversations.values().filter_map(|c| c.due_at.map(|at| (at, c.id)));
        let mut due: Vec<_> = falls.filter(|(at, _)| *at <= self.model.now).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }

    fn fire(&mut self, id: ConversationId) {
        let before = self.model.conversations.get(&id).cloned();
        let (step, writes) = self.model.fire_by(id, self.clock);
        let Some(step) = step else {
            assert!(writes.conversations.is_empty() && writes.messages.is_empty());
            return;
        };
        self.fired += 1;
        let before = before.expect("what is not there has no step");
        assert!(!before.hold, "what is held stays: {step:?}");
        match step {
            Step::MarkErase => drop(self.marked.insert(id, self.clock.running_ms)),
            Step::Erase => self.is_not_too_early(&before),
            Step::Close | Step::Warn { .. } => {
                let says =
                    |line: &SystemLine| matches!(line, SystemLine::Closed(_) | SystemLine::ClosingSoon(_));
                let [line] = &writes.messages[..] else { panic!("one line: {:?}", writes.messages) };
                assert!(line.system.as_ref().is_some_and(says));
                assert!(before.snoozed_until.is_none(), "what is snoozed does not close");
            }
            _ => {}
        }
        if let Some(Some(until)) = (step == Step::Wake).then_some(before.snoozed_until) {
            assert!(until <= self.model.now);
        }
    }

    fn is_not_too_early(&self, before: &Conversation) {
        assert!(!self.clock.is_paused && before.is_archived());
        let waited = self.clock.running_ms - self.marked[&before.id];
        assert!(waited >= limits::ERASE_WAIT_RUNNING_MS, "it waited {waited} ms of running time");
        let policy = self.model.head.policies.of(before);
        let at = lifecycle::delete_at(before, policy).expect("its policy erases it");
        assert!(at <= self.model.now, "its time has come by the wall clock, too");
    }

    /// Whatever is next for a conversation, it will be listed by then, and nothing is now.
    fn nothing_is_lost(&self) {
        let moment =
            Moment { now: self.model.now, clock: &self.clock, redate: self.model.head.redate.as_deref() };
        for c in self.model.conversations.values() {
            let snapshot = self.model.snapshot(c.id);
            let next = lifecycle::next(c, &snapshot.user, &self.model.head.policies, moment);
            // What a change of the settings makes due earlier is found when the change gets there.
            let is_redated = self.model.head.redate.is_none();
            match next {
                // What is irreversible is late rather than early: when the clock goes on, or was put back.
                _ if c.is_archived() && next != Due::Never => assert!(!is_redated || c.due_at.is_some()),
                Due::Never => {}
                Due::At(at) => assert!(!is_redated || c.due_at.is_some_and(|due| due <= at), "{c:?}: {at}"),
                Due::Now(step) => assert!(!is_redated, "{step:?} is forgotten: {c:?}"),
            }
        }
    }
}

/// Everything that does not depend on the order in which a pile was worked off.
fn end(server: &Server) -> BTreeMap<ConversationId, Conversation> {
    let same = |c: &Conversation| Conversation { rev: 0, scope_rev: 0, ..c.clone() };
    server.model.conversations.iter().map(|(id, c)| (*id, same(c))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_is_due_is_done_once_and_nothing_too_early(events in vec(events(), 1..60)) {
        let (mut server, mut backwards) = (Server::new(false), Server::new(true));
        for event in &events {
            server.happen(event);
            backwards.happen(event);
        }
        prop_assert_eq!(server.fired, backwards.fired);
        prop_assert_eq!(end(&server), end(&backwards), "the order of a pile decides nothing");
        // A year later, with every change carried on, nobody is forgotten: what has a timer is over.
        server.clock.is_paused = false;
        server.model.redate();
        server.happen(&Event::Run { ms: 400 * DAY, steps: 3 });
        for c in server.model.conversations.values() {
            let policy = server.model.head.policies.of(c);
            let has_timer = c.is_open() && lifecycle::timer(c, policy).is_some();
            let starts_ahead = c.clock_started_at > server.model.now || c.snoozed_until.is_some();
            prop_assert!(!has_timer || starts_ahead, "{:?}", c);
        }
    }
}
