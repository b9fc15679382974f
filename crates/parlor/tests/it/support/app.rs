//! A whole server on a port of this machine, whose clock stands still until it is moved, and callers of its API.

use std::net::SocketAddr;
use std::sync::Arc;

use parlor::ambient::Ambient;
use parlor::app::{self, App, AppError, Ended};
use parlor::config::Config;
use parlor::search::Search;
use parlor::service::auth::new_link;
use parlor::service::restores::Restores;
use parlor::service::setup::{DEFAULT_WORKSPACE, ensure_workspace};
use parlor::service::tokens::{Claims, sign};
use parlor::store::memory::MemoryStore;
use parlor::store::sqlite::SqliteStore;
use parlor::store::{SecretKind, Store, Workspace};
use parlor_core::access::Role;
use parlor_core::id::AgentId;
use parlor_core::text::Name;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ambient::Manual;
use super::directory::DataDirectory;

pub const BASE: &str = "/api/live-chat";

pub struct TestApp {
    pub url: String,
    pub ambient: Arc<Manual>,
    pub store: Arc<dyn Store>,
    pub search: Arc<Search>,
    pub workspace: Workspace,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<Ended, AppError>>,
    /// Keeps the data directory until the test ends, and checks it.
    pub directory: Option<DataDirectory>,
}

impl TestApp {
    pub async fn memory() -> Self {
        let ambient = Arc::new(Manual::new());
        Self::over(Arc::new(MemoryStore::new()), ambient, None).await
    }

    pub async fn sqlite() -> Self {
        let directory = DataDirectory::new();
        let ambient = Arc::new(Manual::new());
        let store = SqliteStore::open(directory.path(), ambient.clone()).unwrap();
        Self::over(Arc::new(store), ambient, Some(directory)).await
    }

    /// Everything on disk, the text index too, as `parlor serve` has it.
    pub async fn on_disk() -> Self {
        Self::on_disk_in(DataDirectory::new(), Arc::new(Manual::new())).await
    }

    /// The same over what is in a directory.
    pub async fn on_disk_in(directory: DataDirectory, ambient: Arc<Manual>) -> Self {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(directory.path(), ambient.clone()).unwrap());
        let search = Search::open(directory.path(), store.clone()).await.unwrap();
        Self::with(store, search, ambient, Some(directory)).await
    }

    pub async fn over(store: Arc<dyn Store>, ambient: Arc<Manual>, directory: Option<DataDirectory>) -> Self {
        let search = Search::in_memory(store.clone()).await.unwrap();
        Self::with(store, search, ambient, directory).await
    }

    async fn with(
        store: Arc<dyn Store>,
        search: Search,
        ambient: Arc<Manual>,
        directory: Option<DataDirectory>,
    ) -> Self {
        let workspace = ensure_workspace(&*store, &*ambient, DEFAULT_WORKSPACE).await.unwrap();
        let search = Arc::new(search);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let config = Config { public_urls: vec![url.clone()], ..Config::default() };
        let (stop, stopped) = oneshot::channel();
        let restores = Restores::default();
        let parts =
            App { config, store: store.clone(), search: search.clone(), ambient: ambient.clone(), restores };
        let running = tokio::spawn(app::run(parts, listener, async {
            let _ = stopped.await;
        }));
        let http = reqwest::Client::new();
        Self { url, ambient, store, search, workspace, http, stop, running, directory }
    }

    pub fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().unwrap()
    }

    /// Ends the server in good order; the store stays.
    pub async fn stop(self) -> (Arc<dyn Store>, Arc<Manual>, Option<DataDirectory>) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
        (self.store, self.ambient, self.directory)
    }

    /// The same data in a new server.
    pub async fn restart(self) -> Self {
        self.restart_after(0).await
    }

    /// The same, once so much time has passed in which there was none.
    pub async fn restart_after(self, ms: i64) -> Self {
        let (store, ambient, directory) = self.stop().await;
        ambient.advance_ms(ms);
        match directory {
            // A new process: nothing of the old one's memory, everything from the disk.
            Some(directory) => {
                drop(store);
                let store = SqliteStore::open(directory.path(), ambient.clone()).unwrap();
                Self::over(Arc::new(store), ambient, Some(directory)).await
            }
            None => Self::over(store, ambient, None).await,
        }
    }

    pub fn claims(&self, role: Role, sub: &str) -> Claims {
        let claims = Claims::new(sub, role, self.ambient.now(), 3600);
        Claims { name: Some(capitalised(sub)), ..claims }
    }

    pub fn token(&self, role: Role, sub: &str) -> String {
        self.signed(&self.workspace, SecretKind::Api, &self.claims(role, sub))
    }

    /// A token of any workspace, signed with its newest secret of a kind.
    pub fn signed(&self, workspace: &Workspace, kind: SecretKind, claims: &Claims) -> String {
        let secret = workspace.secrets.iter().find(|secret| secret.kind == kind).unwrap();
        sign(&secret.kid, &secret.bytes, claims)
    }

    pub fn anonymous(&self) -> Api<'_> {
        Api { app: self, headers: HeaderMap::new() }
    }

    pub fn bearer(&self, token: &str) -> Api<'_> {
        self.anonymous().with("authorization", &format!("Bearer {token}"))
    }

    pub fn by(&self, role: Role, sub: &str) -> Api<'_> {
        self.bearer(&self.token(role, sub))
    }

    pub fn agent(&self) -> Api<'_> {
        self.by(Role::Agent, "ada")
    }

    pub fn admin(&self) -> Api<'_> {
        self.by(Role::Admin, "root")
    }

    pub fn host(&self) -> Api<'_> {
        self.by(Role::Service, "host")
    }

    pub fn visitor(&self, sub: &str) -> Api<'_> {
        self.by(Role::Visitor, sub)
    }

    /// A one-click link's code for Ada.
    pub async fn link_code(&self) -> String {
        let mut random = [0; 32];
        self.ambient.fill(&mut random);
        let who = (AgentId::parse("ada").unwrap(), Name::parse("Ada").unwrap());
        let (code, link) = new_link(self.workspace.key, who, random, self.ambient.now());
        self.store.create_link(link).await.unwrap();
        code
    }

    /// The console in a browser: a cookie, and the origin of its page.
    pub async fn console(&self) -> Api<'_> {
        let code = self.link_code().await;
        let signed_in = self.anonymous().post("/sessions", json!({ "code": code })).await;
        assert_eq!(signed_in.status, StatusCode::NO_CONTENT);
        let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        self.anonymous().with("cookie", &cookie).with("origin", &self.url)
    }

    /// A conversation of `user` in a funnel nobody stored: no greeting, no bot.
    pub async fn start(&self, user: &str, text: &str) -> Value {
        let start =
            json!({"funnelId": "plain", "user": {"id": user, "name": capitalised(user)}, "text": text});
        self.host().post("/conversations", start).await.ok()["conversation"].take()
    }

    /// Another one, whatever is open.
    pub async fn start_new(&self, user: &str, text: &str) -> Value {
        let start = json!({"funnelId": "plain", "user": {"id": user}, "text": text, "new": true});
        self.host().post("/conversations", start).await.ok()["conversation"].take()
    }

    /// Ends what a user has open in the shop's funnel, if anything.
    pub async fn close_shop(&self, user: &str) {
        let open = self.agent().get(&format!("/conversations?funnelId=shop&userId={user}")).await.ok();
        for conversation in open["conversations"].as_array().unwrap() {
            let patch = json!({"conversationId": conversation["id"], "status": "closed"});
            self.agent().patch("/conversations", patch).await.ok();
        }
    }

    pub async fn put_shop(&self) {
        self.admin().put("/funnels/shop", shop()).await.ok();
    }
}

/// Two blocks, a hand-off and a goodbye.
pub fn shop() -> Value {
    json!({
        "id": "shop", "name": "Shop", "startBlockId": "hello",
        "stages": [{"id": "s", "name": "Stage", "explanation": "", "blockIds": ["hello"]}],
        "blocks": {
            "hello": {"id": "hello", "message": "Hello!", "options": [
                {"id": "buy", "text": "I want to buy", "nextBlockId": "buy"},
                {"id": "talk", "text": "Talk to a person", "nextBlockId": "talk"}]},
            "buy": {"id": "buy", "message": "What?", "options": [{"id": "back", "text": "Back", "nextBlockId": "hello"}]},
            "talk": {"id": "talk", "message": "One moment.", "options": [], "handoff": true}
        }
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A caller.
#[derive(Clone)]
pub struct Api<'a> {
    app: &'a TestApp,
    headers: HeaderMap,
}

impl Api<'_> {
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answered {
        self.call(Method::DELETE, path, None).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answered {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answered {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// One call; a path without a leading `/api` is below the API's base.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        match body {
            Some(body) => self.raw(method, path, "application/json", body.to_string().into_bytes()).await,
            None => self.send(self.request(method, path)).await,
        }
    }

    /// The head of a stream that was opened, or the problem that came instead.
    pub async fn open(&self, path: &str) -> Answered {
        let response = self.request(Method::GET, path).send().await.unwrap();
        if !response.status().is_success() {
            return Answered::of(response).await;
        }
        Answered { status: response.status(), headers: response.headers().clone(), body: Value::Null }
    }

    pub async fn raw(&self, method: Method, path: &str, media_type: &str, body: Vec<u8>) -> Answered {
        self.send(self.request(method, path).header("content-type", media_type).body(body)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let below = if path.starts_with("/api") { "" } else { BASE };
        let url = format!("{}{below}{path}", self.app.url);
        self.app.http.request(method, url).headers(self.headers.clone())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answered {
        Answered::of(request.send().await.unwrap()).await
    }

    pub async fn say(&self, conversation: &str, kind: &str, text: &str) -> Value {
        let message = json!({"conversationId": conversation, "type": kind, "text": text});
        self.post("/messages?messages=0", message).await.ok()
    }

    /// What `GET /conversations` lists, by the user's id.
    pub async fn listed(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/conversations?messages=0&{query}")).await.ok();
        let all = list["conversations"].as_array().unwrap();
        all.iter().map(|c| c["userId"].as_str().unwrap().to_owned()).collect()
    }
}

pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answered {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(text.into()) };
        Self { status, headers, body }
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The body of a problem with this code.
    #[track_caller]
    pub fn problem(self, code: &str) -> Value {
        assert_eq!(self.body["code"], code, "{}: {}", self.status, self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], self.status.as_u16());
        assert_eq!(self.body["type"], format!("/problems/{code}"));
        assert_eq!(self.body["requestId"], self.header("x-request-id"));
        self.body
    }

    /// The pointers of a validation problem.
    #[track_caller]
    pub fn pointers(self) -> Vec<String> {
        let problem = self.problem("validation");
        problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["pointer"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Runs a test against a server over every store. A test is an async function of the server.
macro_rules! over_every_app {
    ($($test:ident),* $(,)?) => {
        $(
            mod $test {
                #[tokio::test]
                async fn memory() {
                    super::$test($crate::support::app::TestApp::memory().await).await;
                }

                #[tokio::test]
                async fn sqlite() {
                    super::$test($crate::support::app::TestApp::sqlite().await).await;
                }
            }
        )*
    };
}
pub(crate) use over_every_app;

/// What somebody sees of a conversation: its texts, in order.
pub fn texts(messages: &Value) -> Vec<&str> {
    messages.as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect()
}
