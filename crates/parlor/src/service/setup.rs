//! Workspaces as they come to be: a name, a public key, one secret of each kind.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parlor_core::time::Timestamp;

use crate::ambient::Ambient;
use crate::store::{NewWorkspace, Secret, SecretKind, Store, StoreError, Workspace};

/// The workspace of a server that nobody has told otherwise.
pub const DEFAULT_WORKSPACE: &str = "default";
/// The workspace of `--demo`.
pub const DEMO_WORKSPACE: &str = "demo";

/// The workspace of that name; made with fresh secrets when there is none.
pub async fn ensure_workspace(
    store: &dyn Store,
    ambient: &dyn Ambient,
    name: &str,
) -> Result<Workspace, StoreError> {
    if let Some(found) = find_workspace(store, name).await? {
        return Ok(found);
    }
    let now = ambient.now();
    // The demo's page names its workspace without asking anybody.
    let public_key =
        if name == DEMO_WORKSPACE { "pk_demo".to_owned() } else { format!("pk_{}", random_text(ambient)) };
    let mut epoch = [0; 8];
    ambient.fill(&mut epoch);
    // Databases keep signed integers.
    let epoch = u64::from_le_bytes(epoch) >> 1;
    let secrets =
        vec![new_secret(ambient, SecretKind::Identity, now), new_secret(ambient, SecretKind::Api, now)];
    store
        .create_workspace(NewWorkspace { name: name.to_owned(), public_key, epoch, secrets, created_at: now })
        .await
}

/// The workspace of that name.
pub async fn find_workspace(store: &dyn Store, name: &str) -> Result<Option<Workspace>, StoreError> {
    Ok(store.list_workspaces().await?.into_iter().find(|workspace| workspace.name == name))
}

/// A fresh signing secret.
pub fn new_secret(ambient: &dyn Ambient, kind: SecretKind, now: Timestamp) -> Secret {
    let prefix = match kind {
        SecretKind::Identity => "identity",
        SecretKind::Api => "api",
    };
    let mut random = [0; 32];
    ambient.fill(&mut random);
    // The key is the text's own bytes: libraries that sign take a text, and nobody has to guess how to decode it.
    let bytes = URL_SAFE_NO_PAD.encode(random).into_bytes();
    Secret { kid: format!("{prefix}_{}", random_text(ambient)), kind, bytes, created_at: now }
}

fn random_text(ambient: &dyn Ambient) -> String {
    let mut bytes = [0; 12];
    ambient.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
