//! The workspaces and their secrets, kept in memory: every request names one.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use parlor_core::time::Timestamp;
use tokio::sync::Mutex;

use crate::ambient::Ambient;
use crate::store::{Secret, Store, StoreError, Workspace};

/// A workspace and one of its secrets.
pub(super) type Signed = (Arc<Workspace>, Secret);

#[derive(Default)]
struct Known {
    /// When it was read; `None` before the first time.
    read_at: Option<Timestamp>,
    by_key: HashMap<WorkspaceKey, Arc<Workspace>>,
    by_kid: HashMap<String, Signed>,
    by_public_key: HashMap<String, Arc<Workspace>>,
}

/// See the module. Bounded by `WORKSPACES`; read anew when it is old, or when somebody names what it does not know.
pub(super) struct Workspaces {
    store: Arc<dyn Store>,
    ambient: Arc<dyn Ambient>,
    known: RwLock<Arc<Known>>,
    /// One reads for all who wait.
    reading: Mutex<()>,
}

impl Workspaces {
    pub(super) fn new(store: Arc<dyn Store>, ambient: Arc<dyn Ambient>) -> Self {
        Self { store, ambient, known: RwLock::default(), reading: Mutex::default() }
    }

    pub(super) async fn by_kid(&self, kid: &str) -> Result<Option<Signed>, StoreError> {
        self.find(|known| known.by_kid.get(kid).cloned()).await
    }

    pub(super) async fn by_public_key(&self, key: &str) -> Result<Option<Arc<Workspace>>, StoreError> {
        self.find(|known| known.by_public_key.get(key).cloned()).await
    }

    pub(super) async fn by_key(&self, key: WorkspaceKey) -> Result<Option<Arc<Workspace>>, StoreError> {
        self.find(|known| known.by_key.get(&key).cloned()).await
    }

    /// Whether a page of this origin may ask any workspace for a visitor's token.
    pub(super) async fn allows(&self, origin: &str) -> Result<bool, StoreError> {
        let known = self.read(limits::WORKSPACES_STALE_MS).await?;
        Ok(known.by_key.values().any(|workspace| workspace.origins.iter().any(|allowed| allowed == origin)))
    }

    async fn find<T>(&self, get: impl Fn(&Known) -> Option<T>) -> Result<Option<T>, StoreError> {
        match get(&*self.read(limits::WORKSPACES_STALE_MS).await?) {
            Some(found) => Ok(Some(found)),
            // It may be new; but names that do not exist must not make us read for each of them.
            None => Ok(get(&*self.read(limits::WORKSPACES_MISS_MS).await?)),
        }
    }

    /// What is known, read at most `age_ms` ago. When the store cannot be read, what was known before stands.
    async fn read(&self, age_ms: i64) -> Result<Arc<Known>, StoreError> {
        let fresh =
            |known: &Known, now: Timestamp| known.read_at.is_some_and(|at| now.since_ms(at).abs() < age_ms);
        let now = self.ambient.now();
        let known = self.snapshot();
        if fresh(&known, now) {
            return Ok(known);
        }
        let _reading = self.reading.lock().await;
        let known = self.snapshot();
        if fresh(&known, now) {
            return Ok(known);
        }
        match self.store.list_workspaces().await {
            Ok(workspaces) => {
                let known = Arc::new(index(workspaces, now));
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = known.clone();
                Ok(known)
            }
            Err(error) if known.read_at.is_some() => {
                tracing::warn!(%error, "workspaces cannot be read; going on with those known");
                Ok(known)
            }
            Err(error) => Err(error),
        }
    }

    fn snapshot(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn index(workspaces: Vec<Workspace>, now: Timestamp) -> Known {
    let mut known = Known { read_at: Some(now), ..Known::default() };
    if workspaces.len() > limits::WORKSPACES {
        tracing::error!(
            count = workspaces.len(),
            "more workspaces than this server keeps; the rest cannot sign in"
        );
    }
    for workspace in workspaces.into_iter().take(limits::WORKSPACES).map(Arc::new) {
        for secret in &workspace.secrets {
            known.by_kid.insert(secret.kid.clone(), (workspace.clone(), secret.clone()));
        }
        known.by_public_key.insert(workspace.public_key.clone(), workspace.clone());
        known.by_key.insert(workspace.key, workspace);
    }
    known
}
