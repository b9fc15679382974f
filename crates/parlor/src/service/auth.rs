//! Who is calling: tokens, console sessions, anonymous visitors, origins (contract, section 2).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use parlor_core::access::{Principal, Role};
use parlor_core::error::Code;
use parlor_core::id::{AgentId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::text::{Email, Name};
use parlor_core::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::service::Service;
use crate::service::origin::Origin;
use crate::service::tokens::{Claims, Signer, Unverified, Verified, sign};
use crate::store::{Grant, Workspace};
use crate::wire::Problem;
use crate::wire::input::{CreateSession, CreateVisitor};
use crate::wire::me::{Me, Session, VisitorToken, WorkspaceRef};
use crate::wire::scalar::Time;

/// What the `kid` of tokens the server itself signs for anonymous visitors starts with; the workspace's public key follows.
const ANONYMOUS_KID: &str = "anonymous:";
/// Bytes of a session's token before encoding.
const SESSION_TOKEN_BYTES: usize = 32;
/// Random bytes of an anonymous visitor's id.
const VISITOR_ID_BYTES: usize = 16;

/// Somebody whose proof holds.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who, where, as what.
    pub principal: Principal,
    /// What the workspace is called.
    pub workspace: Arc<Workspace>,
    /// When the proof was made.
    pub issued_at: Timestamp,
    /// When the proof ends.
    pub expires_at: Timestamp,
    /// The console session that is the proof, hashed; none for a token.
    pub session: Option<[u8; 32]>,
}

/// A new console session.
pub struct NewSession {
    /// The cookie's value.
    pub token: String,
    /// Its life in seconds.
    pub max_age_s: i64,
}

impl Service {
    /// Who a bearer token makes the caller.
    pub async fn authenticate_token(&self, token: &str) -> Result<Caller, Problem> {
        let unverified = Unverified::parse(token).ok_or(Code::Unauthenticated)?;
        let now = self.now();
        let (workspace, verified) = match unverified.kid.strip_prefix(ANONYMOUS_KID) {
            Some(public_key) => {
                let found = self.workspaces.by_public_key(public_key).await;
                let workspace = found.map_err(|e| self.failed(&e))?.ok_or(Code::Unauthenticated)?;
                let secret = self.anonymous_secret(workspace.key);
                (workspace, unverified.verify(Signer::Anonymous, &secret, now))
            }
            None => {
                let found = self.workspaces.by_kid(&unverified.kid).await;
                let (workspace, secret) = found.map_err(|e| self.failed(&e))?.ok_or(Code::Unauthenticated)?;
                (workspace, unverified.verify(Signer::Workspace(secret.kind), &secret.bytes, now))
            }
        };
        let Verified { sub, role, issued_at, expires_at, name, email } =
            verified.ok_or(Code::Unauthenticated)?;
        // A name that does not fit is no reason to lock its bearer out.
        let name = name.and_then(|name| Name::parse(&name).ok());
        let email = email.and_then(|email| Email::parse(&email).ok());
        let principal = Principal { workspace: workspace.key, role, sub, name, email };
        Ok(Caller { principal, workspace, issued_at, expires_at, session: None })
    }

    /// Who a console session's cookie makes the caller.
    pub async fn authenticate_session(&self, token: &str) -> Result<Caller, Problem> {
        let session = hash(token);
        let found = self.store.get_session(session, self.now()).await;
        let grant = found.map_err(|error| self.failed(&error))?.ok_or(Code::Unauthenticated)?;
        let found = self.workspaces.by_key(grant.workspace).await;
        let workspace = found.map_err(|error| self.failed(&error))?.ok_or(Code::Unauthenticated)?;
        let principal = Principal {
            workspace: grant.workspace,
            role: grant.role,
            sub: grant.agent_id,
            name: Some(grant.name),
            email: grant.email,
        };
        let (issued_at, expires_at) = (grant.created_at, grant.expires_at);
        Ok(Caller { principal, workspace, issued_at, expires_at, session: Some(session) })
    }

    /// Seconds for which a caller's proof holds yet, rounded up; `None` once it ended or they signed out.
    pub async fn holds_s(&self, caller: &Caller) -> Option<u64> {
        let now = self.now();
        let left_ms = u64::try_from(caller.expires_at.since_ms(now)).ok().filter(|ms| *ms > 0)?;
        if let Some(session) = caller.session {
            // Only a store that answers can say that it is gone.
            if let Ok(None) = self.store.get_session(session, now).await {
                return None;
            }
        }
        Some(left_ms.div_ceil(1000))
    }

    /// Whether a page of `origin` may act with the console's cookie: only pages of the configured addresses.
    pub fn check_origin(&self, origin: Option<&str>) -> Result<(), Problem> {
        let allowed = origin.and_then(Origin::parse).is_some_and(|origin| self.public.contains(&origin));
        if allowed { Ok(()) } else { Err(Code::OriginNotAllowed.into()) }
    }

    /// Whether a page of `origin` may read answers at all: the configured addresses and every workspace's pages.
    pub async fn may_read_answers(&self, origin: &str) -> bool {
        let Some(origin) = Origin::parse(origin) else { return false };
        self.public.contains(&origin) || self.workspaces.allows(origin.as_str()).await.unwrap_or(false)
    }

    /// Whether the console is reached over TLS, so that its cookie may be confined to it.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public.iter().any(Origin::is_secure)
    }

    /// `GET /me`.
    #[must_use]
    pub fn get_me(&self, caller: &Caller) -> Me {
        let Principal { role, sub, name, email, .. } = &caller.principal;
        Me {
            workspace: WorkspaceRef {
                id: caller.workspace.key.0.to_string(),
                name: caller.workspace.name.clone(),
            },
            role: (*role).into(),
            sub: sub.as_str().to_owned(),
            name: name.as_ref().map(|name| name.as_str().to_owned()),
            email: email.as_ref().map(|email| email.as_str().to_owned()),
            expires_at: Some(Time(caller.expires_at)),
        }
    }

    /// A token for somebody nobody vouches for; `old` renews theirs, and keeps who they are.
    pub async fn create_visitor(
        &self,
        input: CreateVisitor,
        origin: Option<&str>,
        old: Option<&Caller>,
    ) -> Result<VisitorToken, Problem> {
        let found = self.workspaces.by_public_key(&input.public_key).await;
        let workspace = found.map_err(|error| self.failed(&error))?;
        let workspace =
            workspace.ok_or_else(|| Problem::field("/publicKey", "is no workspace's public key"))?;
        let origin = origin.and_then(Origin::parse).ok_or(Code::OriginNotAllowed)?;
        let allowed = workspace.origins.iter().any(|allowed| allowed == origin.as_str());
        if !allowed && !self.public.contains(&origin) {
            return Err(Code::OriginNotAllowed.into());
        }
        let user_id = match old {
            None => {
                let mut id = [0; VISITOR_ID_BYTES];
                self.ambient.fill(&mut id);
                format!("{}{}", UserId::ANONYMOUS_PREFIX, URL_SAFE_NO_PAD.encode(id))
            }
            Some(old) if old.workspace.key == workspace.key => {
                let anonymous = old.principal.user_id().filter(UserId::is_anonymous);
                anonymous.ok_or(Code::Forbidden)?.as_str().to_owned()
            }
            Some(_) => return Err(Code::Unauthenticated.into()),
        };
        let claims = Claims::new(&user_id, Role::Visitor, self.now(), limits::VISITOR_TOKEN_S);
        let kid = format!("{ANONYMOUS_KID}{}", workspace.public_key);
        let token = sign(&kid, &self.anonymous_secret(workspace.key), &claims);
        let expires_at = Time(Timestamp::default().plus_s(claims.exp.0));
        Ok(VisitorToken { token, user_id, expires_at })
    }

    /// Exchanges a one-click link's code for a session.
    pub async fn create_session(&self, input: CreateSession) -> Result<NewSession, Problem> {
        let now = self.now();
        let redeemed = self.store.redeem_link(hash(&input.code), now).await;
        let link = redeemed.map_err(|error| self.failed(&error))?.ok_or_else(|| {
            Problem::new(Code::Unauthenticated)
                .because("This link was used already or is too old. Ask for a new one: parlor link")
        })?;
        let mut random = [0; SESSION_TOKEN_BYTES];
        self.ambient.fill(&mut random);
        let token = URL_SAFE_NO_PAD.encode(random);
        let principal = Principal {
            workspace: link.workspace,
            role: link.role,
            sub: link.agent_id.clone(),
            name: Some(link.name.clone()),
            email: link.email.clone(),
        };
        let session =
            Grant { hash: hash(&token), created_at: now, expires_at: now.plus_s(limits::SESSION_S), ..link };
        self.store.create_session(session).await.map_err(|error| self.failed(&error))?;
        self.meet(&principal);
        Ok(NewSession { token, max_age_s: limits::SESSION_S })
    }

    /// `GET /sessions`: a page asks before anybody has signed in, so that nobody has is no failure.
    pub async fn get_session(&self, token: Option<&str>) -> Result<Session, Problem> {
        let Some(token) = token else { return Ok(Session { me: None }) };
        match self.authenticate_session(token).await {
            Ok(caller) => Ok(Session { me: Some(self.get_me(&caller)) }),
            Err(problem) if problem.code == Code::Unauthenticated => Ok(Session { me: None }),
            Err(problem) => Err(problem),
        }
    }

    /// Signs out.
    pub async fn delete_session(&self, token: &str) -> Result<(), Problem> {
        self.store.delete_session(hash(token)).await.map_err(|error| self.failed(&error))
    }

    /// Signs anonymous visitors' tokens of one workspace; never leaves the server, is in no workspace's list of secrets.
    fn anonymous_secret(&self, workspace: WorkspaceKey) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.sealing_key).expect("HMAC takes keys of any length");
        mac.update(b"anonymous visitors of workspace");
        mac.update(&workspace.0.to_be_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// A one-click link's code: the text for the link, and the grant to store.
#[must_use]
pub fn new_link(
    workspace: WorkspaceKey,
    (agent_id, name): (AgentId, Name),
    random: [u8; SESSION_TOKEN_BYTES],
    now: Timestamp,
) -> (String, Grant) {
    let code = URL_SAFE_NO_PAD.encode(random);
    let grant = Grant {
        hash: hash(&code),
        workspace,
        role: Role::Admin,
        agent_id,
        name,
        email: None,
        created_at: now,
        expires_at: now.plus_s(limits::LINK_S),
    };
    (code, grant)
}

/// Codes and session tokens are 32 random bytes: a plain hash is enough, there is nothing to guess.
fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
