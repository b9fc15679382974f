//! A front end from before Parlor, kept working unmodified: four endpoints, the [seed] parameters, a `Content-Type` header
//! and what a browser adds by itself on the console's origin.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::app::{Api, TestApp, over_every_app, texts};

over_every_app!(it_lists_reads_answers_closes_and_reopens, it_finds_sorts_and_pages);

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;

/// Its whole state: the list it shows, and the threads it fetched on select.
struct SeedClient<'a> {
    api: Api<'a>,
    conversations: Vec<Value>,
    threads: BTreeMap<String, Vec<Value>>,
    has_more: bool,
    total: u64,
}

impl<'a> SeedClient<'a> {
    async fn open(app: &'a TestApp) -> Self {
        let api = app.console().await;
        let mut client =
            Self { api, conversations: Vec::new(), threads: BTreeMap::new(), has_more: false, total: 0 };
        client.refresh("status=open&sortBy=newest&search=&limit=20&offset=0").await;
        client
    }

    /// Every 30 s, and on every change of filter or search: the whole list is replaced.
    async fn refresh(&mut self, query: &str) {
        let answer = self.api.get(&format!("/conversations?{query}")).await.ok();
        self.conversations = answer["conversations"].as_array().unwrap().clone();
        self.has_more = answer["hasMore"].as_bool().unwrap();
        self.total = answer["total"].as_u64().unwrap();
    }

    /// Messages are fetched when a conversation is selected, only then.
    async fn select(&mut self, id: &str) {
        let answer = self.api.get(&format!("/conversations/{id}/messages")).await.ok();
        self.threads.insert(id.to_owned(), answer["messages"].as_array().unwrap().clone());
    }

    async fn answer(&mut self, id: &str, text: &str) {
        let message = json!({"conversationId": id, "text": text, "type": "bot"});
        let answer = self.api.post("/messages", message).await.ok();
        self.threads.entry(id.to_owned()).or_default().push(answer["message"].clone());
    }

    /// Sends `isArchived` back as it got it, and merges what comes.
    async fn set_status(&mut self, id: &str, status: &str) {
        let archived = self.shown(id)["isArchived"].clone();
        let patch = json!({"conversationId": id, "status": status, "isArchived": archived});
        let answer = self.api.patch("/conversations", patch).await.ok();
        let shown = self.conversations.iter_mut().find(|c| c["id"] == id).unwrap();
        for (field, value) in answer["conversation"].as_object().unwrap() {
            shown[field] = value.clone();
        }
    }

    fn shown(&self, id: &str) -> &Value {
        self.conversations.iter().find(|c| c["id"] == id).unwrap()
    }

    fn thread(&self, id: &str) -> Vec<&str> {
        self.threads[id].iter().map(|message| message["text"].as_str().unwrap()).collect()
    }
}

async fn it_lists_reads_answers_closes_and_reopens(app: TestApp) {
    let maria = app.start("maria", "Where is my order?").await;
    let id = maria["id"].as_str().unwrap();
    let mut client = SeedClient::open(&app).await;
    assert_eq!(client.shown(id)["lastMessage"], "Where is my order?");
    assert_eq!(client.shown(id)["isArchived"], false);

    client.select(id).await;
    client.answer(id, "On its way.").await;
    assert_eq!(client.thread(id)[0], "Where is my order?");
    let said = client.threads[id].last().unwrap().clone();
    assert_eq!((&said["type"], &said["text"]), (&json!("bot"), &json!("On its way.")));

    client.set_status(id, "closed").await;
    assert_eq!(client.shown(id)["status"], "closed");
    client.select(id).await;
    let thread_then = client.threads[id].clone();

    // A week later the page is opened anew.
    app.ambient.advance_ms(WEEK_MS);
    let mut client = SeedClient::open(&app).await;
    assert!(client.conversations.is_empty());
    client.refresh("status=closed&sortBy=newest&limit=20").await;
    client.select(id).await;
    assert_eq!(client.threads[id], thread_then);
    client.set_status(id, "open").await;
    assert_eq!(client.shown(id)["status"], "open");
    assert_eq!(client.shown(id)["isArchived"], false);
    assert_eq!(
        texts(&client.shown(id)["messages"])[..2],
        ["Where is my order?", "Ada joined the conversation."]
    );

    // After a refresh the state and the thread stay.
    client.refresh("status=open&sortBy=newest&limit=20").await;
    assert_eq!(client.shown(id)["status"], "open");
    client.select(id).await;
    assert_eq!(client.threads[id][..thread_then.len()], thread_then[..]);
    let app = app.restart().await;
    let mut client = SeedClient::open(&app).await;
    assert_eq!(client.shown(id)["status"], "open");
    client.select(id).await;
    assert_eq!(client.threads[id][..thread_then.len()], thread_then[..]);
}

async fn it_finds_sorts_and_pages(app: TestApp) {
    for (n, user) in ["ana", "bob", "cleo"].into_iter().enumerate() {
        app.ambient.advance_ms(1000);
        let id = app.start(user, &format!("hello from {user}")).await["id"].as_str().unwrap().to_owned();
        for _ in 0..n {
            app.host().say(&id, "user", "more").await;
        }
    }
    app.search.drained().await;
    let mut client = SeedClient::open(&app).await;
    let users = |client: &SeedClient<'_>| -> Vec<String> {
        client.conversations.iter().map(|c| c["user"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(users(&client), ["Cleo", "Bob", "Ana"]);
    client.refresh("status=all&sortBy=oldest").await;
    assert_eq!(users(&client), ["Ana", "Bob", "Cleo"]);
    client.refresh("status=open&sortBy=most_messages").await;
    assert_eq!(users(&client), ["Cleo", "Bob", "Ana"]);
    client.refresh("status=open&sortBy=least_messages&limit=2&page=2").await;
    assert_eq!(users(&client), ["Cleo"]);
    client.refresh("status=open&sortBy=newest&limit=2&offset=1").await;
    assert_eq!((users(&client), client.has_more, client.total), (vec!["Bob".into(), "Ana".into()], false, 3));
    client.refresh("status=open&search=from%20bo").await;
    assert_eq!(users(&client), ["Bob"]);
}
