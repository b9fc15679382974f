//! A server with live connections, on a real port, whose clock and timer stand still until they are moved.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use parlor::ambient::Ambient;
use parlor::app::connections::Connections;
use parlor::http::site;
use parlor::hub::Hub;
use parlor::search::Search;
use parlor::service::Service;
use parlor::service::auth::new_link;
use parlor::service::origin::Origin;
use parlor::service::tokens::{Claims, sign};
use parlor::store::memory::MemoryStore;
use parlor::store::sqlite::SqliteStore;
use parlor::store::{NewWorkspace, Secret, SecretKind, Store, Workspace};
use parlor::wire::input::MarkRead;
use parlor::wire::query::Inline;
use parlor::writer::Writer;
use parlor::writer::publish::Publisher;
use parlor::ws::Sockets;
use parlor_core::access::{Principal, Role};
use parlor_core::cursor::{Cursor, CursorKey};
use parlor_core::id::{AgentId, ConversationId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::text::Name;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::ambient::Manual;
use super::app::Answered;
use super::directory::DataDirectory;
use super::socket::{Client, PATIENCE};

/// Where its console is reached, as far as origins go.
pub const PUBLIC: &str = "http://console.test";

pub struct Live {
    pub ambient: Arc<Manual>,
    pub store: Arc<dyn Store>,
    pub hub: Arc<Hub>,
    pub service: Arc<Service>,
    pub sockets: Arc<Sockets>,
    pub address: SocketAddr,
    pub workspace: Workspace,
    server: tokio::task::JoinHandle<()>,
    http: reqwest::Client,
    /// Keeps the data directory until the test ends.
    directory: Option<DataDirectory>,
}

impl Live {
    pub async fn memory() -> Self {
        Self::over(Arc::new(MemoryStore::new()), Arc::new(Manual::new())).await
    }

    pub async fn sqlite() -> Self {
        Self::sqlite_in(DataDirectory::new(), Arc::new(Manual::new())).await
    }

    async fn sqlite_in(directory: DataDirectory, ambient: Arc<Manual>) -> Self {
        let store = SqliteStore::open(directory.path(), ambient.clone()).unwrap();
        let mut live = Self::over(Arc::new(store), ambient).await;
        live.directory = Some(directory);
        live
    }

    /// One whose system keeps about so many bytes of what a peer does not take.
    pub async fn narrow(bytes: u32) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // What it accepts inherits that.
        socket.set_send_buffer_size(bytes).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        Self::listening(listener, Arc::new(MemoryStore::new()), Arc::new(Manual::new())).await
    }

    /// A new process over a store that may hold something already.
    pub async fn over(store: Arc<dyn Store>, ambient: Arc<Manual>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listening(listener, store, ambient).await
    }

    async fn listening(listener: TcpListener, store: Arc<dyn Store>, ambient: Arc<Manual>) -> Self {
        let workspace = store.create_workspace(new_workspace("default", ambient.now())).await.unwrap();
        let hub = Arc::new(Hub::default());
        let (publish, committed) = mpsc::channel(limits::PUBLISH_QUEUE);
        let (writer, _) = Writer::start(store.clone(), ambient.clone(), publish, limits::BATCH_COMMANDS);
        let cursors = CursorKey::new(&store.identity().await.unwrap().cursor_key);
        Publisher { hub: hub.clone(), cursors, after: Box::new(|_| {}) }.start(committed);
        let search = Arc::new(Search::in_memory(store.clone()).await.unwrap());
        let public = vec![Origin::parse(PUBLIC).unwrap()];
        let service = Service::new(store.clone(), writer, hub.clone(), search, ambient.clone(), public).await;
        let service = Arc::new(service.unwrap());
        put_funnel(&service, workspace.key).await;
        let sockets = Arc::new(Sockets::new(service.clone(), hub.clone()));
        let app = site(parlor::app::routes(), parlor::app::openapi, service.clone())
            .layer(Extension(sockets.clone()));
        let address = listener.local_addr().unwrap();
        let connections = Connections::new(CancellationToken::new());
        let server = tokio::spawn(async move { connections.accept(&listener, &app).await });
        let http = reqwest::Client::new();
        Self { ambient, store, hub, service, sockets, address, workspace, server, http, directory: None }
    }

    /// The same data in a new process: of a store on disk, nothing of the old one's memory.
    pub async fn restart(mut self) -> Self {
        self.sockets.close().await;
        self.server.abort();
        match self.directory.take() {
            Some(directory) => Self::sqlite_in(directory, self.ambient.clone()).await,
            None => Self::over(self.store.clone(), self.ambient.clone()).await,
        }
    }

    /// Another process over the same store, which publishes nothing here.
    pub async fn beside(&self) -> Self {
        Self::over(self.store.clone(), self.ambient.clone()).await
    }

    /// A request on the way to its answer; the path is below the API's base.
    pub fn request(&self, token: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("http://{}/api/live-chat{path}", self.address)).bearer_auth(token)
    }

    pub async fn call(&self, token: &str, method: reqwest::Method, path: &str, body: Value) -> Answered {
        let request = self.http.request(method, format!("http://{}/api/live-chat{path}", self.address));
        let request = request.bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(&body) };
        Answered::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answered {
        Answered::of(self.request(token, path).send().await.unwrap()).await
    }

    pub fn token(&self, role: Role, sub: &str) -> String {
        self.token_for(role, sub, 3600)
    }

    pub fn token_for(&self, role: Role, sub: &str, ttl_s: i64) -> String {
        let secret = self.workspace.secrets.iter().find(|s| s.kind == SecretKind::Api).unwrap();
        sign(&secret.kid, &secret.bytes, &Claims::new(sub, role, self.ambient.now(), ttl_s))
    }

    pub fn principal(&self, role: Role, sub: &str) -> Principal {
        let sub = AgentId::parse(sub).unwrap();
        Principal { workspace: self.workspace.key, role, sub, name: None, email: None }
    }

    /// A client that has said who it is and was welcomed.
    pub async fn client(&self, role: Role, sub: &str) -> Client {
        self.client_with(&self.token(role, sub)).await
    }

    /// An agent's client whose kernel takes little before the server must wait.
    pub async fn slow_agent(&self) -> Client {
        let mut client = Client::connect_slow(self.address).await;
        client.send(&json!({"op": "auth", "token": self.token(Role::Agent, "ada")})).await;
        assert_eq!(client.next().await["event"], "ready");
        client
    }

    pub async fn agent(&self) -> Client {
        self.client(Role::Agent, "ada").await
    }

    pub async fn visitor(&self, sub: &str) -> Client {
        self.client(Role::Visitor, sub).await
    }

    /// The console's session cookie, as a one-click link gives it.
    pub async fn console_cookie(&self) -> String {
        let who = (AgentId::parse("ada").unwrap(), Name::parse("Ada").unwrap());
        let (code, link) = new_link(self.workspace.key, who, [7; 32], self.ambient.now());
        self.store.create_link(link).await.unwrap();
        let input = serde_json::from_value(json!({"code": code})).unwrap();
        format!("parlor_session={}", self.service.create_session(input).await.unwrap().token)
    }

    /// A second tenant of the same server; answers with a token of an agent there.
    pub async fn another_workspace(&self) -> String {
        let other = new_workspace("other", self.ambient.now());
        let secret = other.secrets[1].clone();
        self.store.create_workspace(other).await.unwrap();
        // Long enough for the list of workspaces to be read again.
        self.ambient.advance_ms(60_000);
        sign(&secret.kid, &secret.bytes, &Claims::new("eve", Role::Agent, self.ambient.now(), 3600))
    }

    /// A client with this token that was welcomed.
    pub async fn client_with(&self, token: &str) -> Client {
        let mut client = Client::connect(self.address).await;
        client.send(&json!({"op": "auth", "token": token})).await;
        assert_eq!(client.next().await["event"], "ready");
        client
    }

    /// Lets seconds pass, on the wall clock and on the timer.
    pub fn pass_s(&self, seconds: u64) {
        for _ in 0..seconds {
            self.ambient.advance_ms(1000);
            self.hub.pulse().tick();
            if self.hub.pulse().now().is_multiple_of(limits::PRESENCE_TICK_S) {
                self.service.tell_presence();
            }
        }
    }

    /// Lets days pass, on the wall clock.
    pub fn pass_days(&self, days: i64) {
        self.ambient.advance_ms(days * 24 * 3600 * 1000);
    }

    /// Waits until it is known whether a user is connected, and tells it.
    pub async fn told(&self, user: &str, is_online: bool) {
        let user = UserId::parse(user).unwrap();
        self.until(|| self.hub.presence().is_online(self.workspace.key, &user) == is_online).await;
        self.pass_s(limits::PRESENCE_TICK_S);
    }

    /// Lets everything else go on until `is_so`.
    pub async fn until(&self, is_so: impl Fn() -> bool) {
        let waiting = async {
            while !is_so() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it comes to be in time");
    }

    /// An agent's read mark.
    pub async fn read(&self, conversation: &str, seq: u32) {
        let id = ConversationId::parse(conversation).unwrap();
        let by = self.principal(Role::Agent, "ada");
        self.service.mark_read(&by, id, MarkRead { seq, back: false }, Inline(0)).await.unwrap();
    }

    /// The cursor of a workspace where nothing has happened yet.
    pub async fn beginning(&self) -> String {
        let head = self.store.get_head(self.workspace.key).await.unwrap();
        let at = Cursor { workspace: self.workspace.key, epoch: head.epoch, rev: 0 };
        self.service.seal_cursor(&at)
    }

    /// The cursor of the head.
    pub async fn head(&self) -> String {
        let head = self.store.get_head(self.workspace.key).await.unwrap();
        self.service.seal_cursor(&Cursor { workspace: self.workspace.key, epoch: head.epoch, rev: head.rev })
    }

    /// A user's first message; answers with the conversation's id.
    pub async fn start_conversation(&self, user: &str, text: &str) -> String {
        let by = self.principal(Role::Visitor, user);
        let input = json!({"funnelId": "demo", "text": text});
        let input = serde_json::from_value(input).unwrap();
        let started = self.service.start_conversation(&by, input, Inline(0)).await.unwrap();
        started.conversation.snapshot.conversation.id.to_string()
    }

    /// An admin deletes a conversation.
    pub async fn delete(&self, conversation: &str) {
        let id = ConversationId::parse(conversation).unwrap();
        self.service.delete_conversation(&self.principal(Role::Admin, "root"), id).await.unwrap();
    }

    /// A message; answers with it.
    pub async fn say(&self, role: Role, sub: &str, conversation: &str, text: &str) -> Value {
        let kind = if role == Role::Visitor { "user" } else { "bot" };
        self.post(role, sub, json!({"conversationId": conversation, "text": text, "type": kind})).await
    }

    /// `POST /messages`, without HTTP around it.
    pub async fn post(&self, role: Role, sub: &str, body: Value) -> Value {
        let input = serde_json::from_value(body).unwrap();
        let answer = self.service.send_message(&self.principal(role, sub), input, Inline(0)).await.unwrap();
        serde_json::to_value(&answer.message).unwrap()
    }
}

/// Runs a test against a server over every store. A test is an async function of the server.
macro_rules! over_every_live {
    ($($test:ident),* $(,)?) => {
        $(
            mod $test {
                #[tokio::test]
                async fn memory() {
                    super::$test($crate::support::live::Live::memory().await).await;
                }

                #[tokio::test]
                async fn sqlite() {
                    super::$test($crate::support::live::Live::sqlite().await).await;
                }
            }
        )*
    };
}
pub(crate) use over_every_live;

impl Drop for Live {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A funnel whose bot says nothing but its greeting.
async fn put_funnel(service: &Service, workspace: WorkspaceKey) {
    let sub = AgentId::parse("root").unwrap();
    let by = Principal { workspace, role: Role::Admin, sub, name: None, email: None };
    let greeting =
        json!({"id": "hello", "message": "Hello. What is it about?", "options": [], "handoff": true});
    let funnel = json!({"id": "demo", "name": "Demo", "startBlockId": "hello", "stages": [], "blocks": {"hello": greeting}});
    service.put_funnel(&by, "demo", serde_json::from_value(funnel).unwrap()).await.unwrap();
}

pub fn new_workspace(name: &str, created_at: parlor_core::time::Timestamp) -> NewWorkspace {
    let secret = |kind, n: u8| Secret { kid: format!("{name}-{n}"), kind, bytes: vec![n; 32], created_at };
    NewWorkspace {
        name: name.into(),
        public_key: format!("pk_{name}"),
        epoch: 1,
        secrets: vec![secret(SecretKind::Identity, 1), secret(SecretKind::Api, 2)],
        created_at,
    }
}
