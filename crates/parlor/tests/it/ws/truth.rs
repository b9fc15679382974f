//! Whatever happens in whatever order: who follows by socket, long poll or event stream, cut and resumed at any place, ends
//! with what a fresh load shows.

use std::collections::BTreeMap;

use parlor_core::access::Role;
use parlor_core::limits;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::live::Live;
use crate::support::socket::{Client, Screen, lasting};
use crate::support::stream::EventSource;

const USERS: [&str; 3] = ["u0", "u1", "u2"];

#[derive(Debug, Clone)]
enum Step {
    /// A user or an agent writes.
    Say {
        conversation: usize,
        agent: bool,
    },
    Start {
        user: usize,
    },
    Read {
        conversation: usize,
        agent: bool,
        seq: u32,
    },
    Close {
        conversation: usize,
        open: bool,
    },
    Label {
        conversation: usize,
        label: u8,
    },
    Note {
        conversation: usize,
        id: usize,
        deleted: bool,
    },
    Delete {
        conversation: usize,
    },
    Cut {
        reader: usize,
    },
    Resume {
        reader: usize,
        by: By,
    },
    /// Everybody hears what there is.
    Hear,
}

#[derive(Debug, Clone, Copy)]
enum By {
    Socket,
    Poll,
    Stream,
}

fn step() -> impl Strategy<Value = Step> {
    let (conversation, reader) = (0..8_usize, 0..8_usize);
    let by = prop_oneof![Just(By::Socket), Just(By::Poll), Just(By::Stream)];
    prop_oneof![
        8 => (conversation.clone(), any::<bool>()).prop_map(|(conversation, agent)| Step::Say { conversation, agent }),
        2 => (0..USERS.len()).prop_map(|user| Step::Start { user }),
        3 => (conversation.clone(), any::<bool>(), 0..20_u32)
            .prop_map(|(conversation, agent, seq)| Step::Read { conversation, agent, seq }),
        2 => (conversation.clone(), any::<bool>()).prop_map(|(conversation, open)| Step::Close { conversation, open }),
        2 => (conversation.clone(), 0..3_u8).prop_map(|(conversation, label)| Step::Label { conversation, label }),
        4 => (conversation.clone(), 0..6_usize, any::<bool>())
            .prop_map(|(conversation, id, deleted)| Step::Note { conversation, id, deleted }),
        1 => conversation.prop_map(|conversation| Step::Delete { conversation }),
        4 => reader.clone().prop_map(|reader| Step::Cut { reader }),
        6 => (reader, by).prop_map(|(reader, by)| Step::Resume { reader, by }),
        2 => Just(Step::Hear),
    ]
}

enum Line {
    Socket(Box<Client>),
    Stream(EventSource),
}

struct Reader {
    role: Role,
    sub: &'static str,
    topic: String,
    screen: Screen,
    line: Option<Line>,
}

impl Reader {
    /// Goes on from the last cursor, by whatever means.
    async fn resume(&mut self, live: &Live, by: By) {
        self.screen.interrupt();
        let token = live.token(self.role, self.sub);
        let since = self.screen.cursor.clone().unwrap();
        match by {
            By::Socket => {
                let mut client = live.client(self.role, self.sub).await;
                let (events, at) = client.subscribe(&self.topic, Some(&since)).await;
                self.screen.apply(&self.topic, &events);
                self.screen.cursor = Some(at);
                self.line = Some(Line::Socket(Box::new(client)));
            }
            By::Stream => {
                let query = format!("{}&since={since}", self.topic);
                let mut stream = EventSource::open(live.address, &token, &query).await;
                self.screen.apply(&self.topic, &stream.missed().await);
                self.screen.cursor = stream.last_id.clone();
                self.line = Some(Line::Stream(stream));
            }
            By::Poll => {
                self.line = None;
                loop {
                    let since = self.screen.cursor.clone().unwrap();
                    let path = format!("/changes?topic={}&since={since}&wait=0", self.topic);
                    let answer = live.get(&token, &path).await.ok();
                    assert_eq!(answer["reset"], false);
                    let groups = answer["groups"].as_array().unwrap();
                    groups.iter().for_each(|group| self.screen.apply(&self.topic, group.as_array().unwrap()));
                    self.screen.cursor = Some(answer["cursor"].as_str().unwrap().to_owned());
                    if groups.is_empty() {
                        break;
                    }
                }
            }
        }
    }

    /// Hears everything up to the heartbeat, whose head is the last cursor seen.
    async fn hear(&mut self) {
        let is_beat = |event: &Value| event["event"] == "heartbeat";
        let events = match &mut self.line {
            Some(Line::Socket(client)) => client.until(is_beat).await,
            Some(Line::Stream(stream)) => stream.until(is_beat).await,
            None => return,
        };
        self.screen.apply(&self.topic, &events);
        let head = events.last().unwrap()["heads"][&self.topic].as_str();
        assert_eq!(head, self.screen.cursor.as_deref(), "{}", self.topic);
    }
}

struct World {
    live: Live,
    /// Ids and whose.
    conversations: Vec<(String, &'static str)>,
    readers: Vec<Reader>,
}

impl World {
    async fn new(live: Live) -> Self {
        let begin = live.beginning().await;
        let mut world = Self { live, conversations: Vec::new(), readers: Vec::new() };
        for user in [0, 1] {
            world.start(user).await;
        }
        let followed = world.conversations.clone();
        let mut follow = |role, sub, topic: String| {
            let screen = Screen::at(&begin);
            world.readers.push(Reader { role, sub, topic, screen, line: None });
        };
        follow(Role::Agent, "ada", "inbox".into());
        follow(Role::Agent, "bob", "inbox".into());
        for (id, user) in followed {
            follow(Role::Visitor, user, "inbox".into());
            follow(Role::Visitor, user, format!("conversation:{id}"));
            follow(Role::Agent, "ada", format!("conversation:{id}"));
        }
        world
    }

    async fn start(&mut self, user: usize) {
        let user = USERS[user];
        let id = self.live.start_conversation(user, "hello").await;
        if self.conversations.iter().all(|(known, _)| *known != id) {
            self.conversations.push((id, user));
        }
    }

    /// As an agent or the conversation's user.
    async fn call(&self, conversation: usize, agent: bool, method: Method, path: &str, body: Value) {
        let (_, user) = self.conversations[conversation];
        let (role, sub) = if agent { (Role::Admin, "root") } else { (Role::Visitor, user) };
        let answer = self.live.call(&self.live.token(role, sub), method, path, body).await;
        // What was deleted meanwhile is not there any more; nothing else goes wrong.
        assert!(answer.status.is_success() || answer.status == 404, "{}", answer.body);
    }

    async fn take(&mut self, step: &Step) {
        let at = |conversation: &usize| conversation % self.conversations.len();
        let id = |conversation: &usize| self.conversations[at(conversation)].0.clone();
        match step {
            Step::Say { conversation, agent } => {
                let kind = if *agent { "bot" } else { "user" };
                let body = json!({"conversationId": id(conversation), "type": kind, "text": format!("{step:?}"), "reopen": true});
                self.call(at(conversation), *agent, Method::POST, "/messages?messages=0", body).await;
            }
            Step::Start { user } => self.start(*user).await,
            Step::Read { conversation, agent, seq } => {
                let path = format!("/conversations/{}/read", id(conversation));
                self.call(at(conversation), *agent, Method::POST, &path, json!({"seq": seq})).await;
            }
            Step::Close { conversation, open } => {
                let status = if *open { "open" } else { "closed" };
                let body = json!({"conversationId": id(conversation), "status": status});
                self.call(at(conversation), true, Method::PATCH, "/conversations", body).await;
            }
            Step::Label { conversation, label } => {
                let body = json!({"conversationId": id(conversation), "labels": [format!("l{label}")]});
                self.call(at(conversation), true, Method::PATCH, "/conversations", body).await;
            }
            Step::Note { conversation, id: note, deleted } => {
                let path = format!("/conversations/{}/notes", id(conversation));
                // Ids are the workspace's: each conversation has its own.
                let note = format!("0199c000-0000-4000-{:04}-{note:012}", at(conversation));
                let (method, path, body) = match deleted {
                    true => (Method::DELETE, format!("{path}/{note}"), Value::Null),
                    false => (Method::POST, path, json!({"id": note, "text": "noted"})),
                };
                self.call(at(conversation), true, method, &path, body).await;
            }
            // Those that are followed alone stay.
            Step::Delete { conversation } if at(conversation) > 1 => {
                let path = format!("/conversations/{}", id(conversation));
                self.call(at(conversation), true, Method::DELETE, &path, Value::Null).await;
            }
            Step::Delete { .. } => {}
            Step::Cut { reader } => self.readers[reader % 8].line = None,
            Step::Resume { reader, by } => self.readers[reader % 8].resume(&self.live, *by).await,
            Step::Hear => {
                self.live.pass_s(limits::HEARTBEAT_S);
                for reader in &mut self.readers {
                    reader.hear().await;
                }
            }
        }
    }

    /// Every screen is what a fresh load shows to the same person.
    async fn check(&self) {
        for Reader { role, sub, topic, screen, .. } in &self.readers {
            let token = self.live.token(*role, sub);
            let path = "/conversations?status=all&archived=all&messages=0&limit=100";
            let list = self.live.get(&token, path).await.ok();
            let mut shown = BTreeMap::new();
            for conversation in list["conversations"].as_array().unwrap() {
                let id = conversation["id"].as_str().unwrap();
                if topic == "inbox" || topic.ends_with(id) {
                    shown.insert(id.to_owned(), settled(conversation));
                }
            }
            let seen: BTreeMap<_, _> =
                screen.conversations.iter().map(|(id, c)| (id.clone(), settled(c))).collect();
            assert_eq!(seen, shown, "{role:?} {sub} {topic}");
            if let Some(id) = topic.strip_prefix("conversation:") {
                let page = self
                    .live
                    .get(&token, &format!("/conversations/{id}/messages?limit=200&after=0"))
                    .await
                    .ok();
                assert_eq!(page["hasMore"], false);
                let told: Vec<_> = screen.notes.values().cloned().collect();
                let mut notes: Vec<_> = page["notes"].as_array().cloned().unwrap_or_default();
                assert_eq!(page.get("notes").is_some(), *role == Role::Agent);
                notes.sort_by_key(|note| note["id"].as_str().unwrap().to_owned());
                assert_eq!(told, notes, "{role:?} {sub} {topic}");
                let all: Vec<_> = page["messages"].as_array().unwrap().iter().map(lasting).collect();
                assert_eq!(
                    screen.messages.values().cloned().collect::<Vec<_>>(),
                    all,
                    "{role:?} {sub} {topic}"
                );
            }
        }
    }
}

/// A conversation without presence, which is no part of the promise.
fn settled(conversation: &Value) -> Value {
    let mut conversation = conversation.clone();
    let user = conversation["user"].as_object_mut().unwrap();
    user.remove("isOnline");
    user.remove("lastSeen");
    conversation
}

async fn live_through(live: Live, steps: &[Step]) {
    let mut world = World::new(live).await;
    for reader in 0..world.readers.len() {
        let by = [By::Socket, By::Poll, By::Stream][reader % 3];
        world.take(&Step::Resume { reader, by }).await;
    }
    for step in steps {
        world.take(step).await;
    }
    world.take(&Step::Hear).await;
    // Those who are cut come back at last; those who follow have everything already.
    for reader in 0..world.readers.len() {
        if world.readers[reader].line.is_none() {
            world.take(&Step::Resume { reader, by: By::Poll }).await;
        }
    }
    world.check().await;
}

fn run(cases: u32, start: impl AsyncFn() -> Live) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let steps = prop::collection::vec(step(), 1..80);
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async { live_through(start().await, &steps).await });
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn every_history_ends_with_the_state_of_a_fresh_load_in_memory() {
    run(24, Live::memory);
}

#[test]
fn every_history_ends_with_the_state_of_a_fresh_load_on_disk() {
    run(8, Live::sqlite);
}
