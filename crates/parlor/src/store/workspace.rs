//! Workspaces and who may call: secrets, links, sessions.

use parlor_core::access::Role;
use parlor_core::id::{AgentId, WorkspaceKey};
use parlor_core::text::{Email, Name};
use parlor_core::time::Timestamp;

/// A tenant.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The store's key.
    pub key: WorkspaceKey,
    /// What people call it, unique.
    pub name: String,
    /// What a page names to get visitor tokens; not a secret.
    pub public_key: String,
    /// Origins of pages that may ask for visitor tokens.
    pub origins: Vec<String>,
    /// Live secrets, newest first.
    pub secrets: Vec<Secret>,
}

/// What a new workspace is made of; keys and epoch come from outside, randomness is injected.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    /// See [`Workspace::name`].
    pub name: String,
    /// See [`Workspace::public_key`].
    pub public_key: String,
    /// See [`Head::epoch`](parlor_core::state::Head::epoch).
    pub epoch: u64,
    /// One of each kind at least.
    pub secrets: Vec<Secret>,
    /// When.
    pub created_at: Timestamp,
}

/// A signing secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Picks the secret, and thereby the workspace.
    pub kid: String,
    /// What it may sign.
    pub kind: SecretKind,
    /// The key: 32 random bytes, written as base64url text.
    pub bytes: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("kid", &self.kid).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The two kinds of secrets (contract, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// Signs visitors only.
    Identity,
    /// Signs any role.
    Api,
}

/// A link's code or a session's token, as stored: hashed, with whom it makes somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// SHA-256 of the code or token.
    pub hash: [u8; 32],
    /// Where.
    pub workspace: WorkspaceKey,
    /// As what: agent or admin.
    pub role: Role,
    /// As whom.
    pub agent_id: AgentId,
    /// Called.
    pub name: Name,
    /// Reached at.
    pub email: Option<Email>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}
