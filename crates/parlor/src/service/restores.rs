//! Restoring under a running server: a backup comes in parts, and then the server makes room for it by starting anew. A
//! backup is of all workspaces, so only administrators of the one that every server has may send one.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parlor_core::access::{Operation, may};
use parlor_core::error::Code;
use parlor_core::limits;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, watch};
use uuid::Uuid;

use crate::service::auth::Caller;
use crate::service::restore::Restored;
use crate::service::setup::DEFAULT_WORKSPACE;
use crate::store::StoreError;
use crate::store::sqlite::incoming::Incoming;
use crate::store::sqlite::restore::RestoreError;
use crate::wire::Problem;
use crate::wire::restore::{BeginRestore, RestorePhase, RestoreState, sha256_text};

/// Where a server takes backups; nowhere without a data directory.
#[derive(Default)]
pub struct Restores {
    place: Option<Place>,
    asked: Notify,
}

struct Place {
    incoming: Incoming,
    receipt: Arc<Mutex<Receipt>>,
    /// As it was when the receipt was last given back: a part may be on its way for long.
    told: watch::Receiver<RestoreState>,
}

/// What has come so far.
struct Receipt {
    state: RestoreState,
    /// Of the bytes that are there: the parts of two who send at once fit together too.
    digest: Sha256,
    /// How many parts ever came.
    parts: u64,
    told: watch::Sender<RestoreState>,
}

/// The receipt while nobody else has it.
struct Held(OwnedMutexGuard<Receipt>);

/// The place, while nobody else sends anything there.
pub struct Inbox<'a> {
    restores: &'a Restores,
    incoming: Incoming,
    receipt: Held,
}

/// How a restore ended, for the server after it.
#[derive(Debug)]
pub struct Ended {
    /// Which one.
    pub id: Uuid,
    /// How.
    pub how: Result<Restored, RestoreError>,
}

impl Restores {
    /// Takes backups into `dir`, which the caller has locked. `last` is the restore that this server came of.
    #[must_use]
    pub fn into(dir: &Path, last: Option<Ended>) -> Self {
        let state = last.map_or_else(nothing, |ended| told(&ended));
        let (told, telling) = watch::channel(state.clone());
        let receipt = Receipt { state, digest: Sha256::new(), parts: 0, told };
        let receipt = Arc::new(Mutex::new(receipt));
        let place = Place { incoming: Incoming::of(dir), receipt, told: telling };
        Self { place: Some(place), asked: Notify::new() }
    }

    /// How it stands; of a part that is on its way, nothing yet.
    pub fn state(&self, caller: &Caller) -> Result<RestoreState, Problem> {
        Ok(self.place(caller)?.told.borrow().clone())
    }

    /// The place for a part, taken before the part is read.
    pub fn inbox(&self, caller: &Caller) -> Result<Inbox<'_>, Problem> {
        let place = self.place(caller)?;
        let receipt = Held(place.receipt.clone().try_lock_owned().map_err(|_| Code::RateLimited)?);
        if receipt.state.phase == RestorePhase::Restoring {
            return Err(Code::Unavailable.into());
        }
        Ok(Inbox { restores: self, incoming: place.incoming.clone(), receipt })
    }

    /// Ready when a backup is there and somebody asked for it; which restore that is. Until then it takes away what nobody
    /// sends on: a backup holds what was erased since.
    pub async fn asked(&self) -> Uuid {
        let pause = Duration::from_secs(limits::RESTORE_ABANDONED_S);
        let mut seen = 0;
        loop {
            let is_idle = tokio::time::timeout(pause, self.asked.notified()).await.is_err();
            let Some(place) = &self.place else { continue };
            let mut receipt = Held(place.receipt.clone().lock_owned().await);
            if let RestoreState { phase: RestorePhase::Restoring, id: Some(id), .. } = receipt.state {
                return id;
            }
            if is_idle && receipt.state.bytes > 0 && receipt.parts == seen {
                receipt.state = nothing();
                let incoming = place.incoming.clone();
                let _ = tokio::task::spawn_blocking(move || give_up(&incoming)).await;
            }
            seen = receipt.parts;
        }
    }

    fn place(&self, caller: &Caller) -> Result<&Place, Problem> {
        if !may(caller.principal.role, Operation::Restore) || caller.workspace.name != DEFAULT_WORKSPACE {
            return Err(Code::Forbidden.into());
        }
        self.place.as_ref().ok_or_else(|| Code::NotFound.into())
    }
}

impl Deref for Held {
    type Target = Receipt;

    fn deref(&self) -> &Receipt {
        &self.0
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Receipt {
        &mut self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.told.send_replace(self.state.clone());
    }
}

impl Inbox<'_> {
    /// Adds a part.
    pub async fn add(self, at: u64, part: Bytes) -> Result<RestoreState, Problem> {
        let Self { incoming, mut receipt, .. } = self;
        let there = receipt.state.bytes;
        if at != 0 && at != there {
            return Err(Problem::field("/query/at", format!("must be 0 or {there}")));
        }
        let bytes = at + part.len() as u64;
        if bytes > limits::RESTORE_BYTES {
            return Err(Code::TooLarge.into());
        }
        // The place goes along: whoever sends may leave before it is written, and nobody else writes until then.
        let add = move || {
            receipt.state = nothing();
            receipt.parts += 1;
            // Nobody can send it on, and it takes the room that the conversations need.
            incoming.add(at, &part).inspect_err(|_| give_up(&incoming))?;
            if at == 0 {
                receipt.digest = Sha256::new();
            }
            receipt.digest.update(&part);
            receipt.state.bytes = bytes;
            Ok(receipt.state.clone())
        };
        match tokio::task::spawn_blocking(add).await {
            Ok(Ok(state)) => Ok(state),
            Ok(Err(StoreError::Full(log))) => Err(Problem::new(Code::StorageFull).logged(log)),
            Ok(Err(error)) => Err(Problem::new(Code::Unavailable).logged(error.to_string())),
            Err(_) => Err(Problem::internal("writing a part of a backup panicked")),
        }
    }

    /// Asks for what is there to be restored, if it is what the caller sent.
    pub fn begin(mut self, what: &BeginRestore, id: Uuid) -> Result<RestoreState, Problem> {
        let Receipt { state, digest, .. } = &mut *self.receipt;
        if what.bytes == 0 || what.bytes != state.bytes {
            return Err(Problem::field("/bytes", format!("must be what was sent, {}", state.bytes)));
        }
        if what.sha256 != sha256_text(digest.clone()) {
            return Err(Problem::field("/sha256", "is of something else than what is there; send it again"));
        }
        *state =
            RestoreState { phase: RestorePhase::Restoring, id: Some(id), bytes: what.bytes, ..nothing() };
        self.restores.asked.notify_one();
        Ok(state.clone())
    }
}

/// Takes a backup away that will not be restored.
fn give_up(incoming: &Incoming) {
    if let Err(error) = incoming.clear() {
        tracing::warn!(%error, "part of a backup that was sent is still in the data directory; the next start removes it");
    }
}

fn nothing() -> RestoreState {
    RestoreState { phase: RestorePhase::Receiving, bytes: 0, id: None, erased_again: None, detail: None }
}

fn told(ended: &Ended) -> RestoreState {
    let state = RestoreState { id: Some(ended.id), ..nothing() };
    match &ended.how {
        Ok(restored) => {
            RestoreState { phase: RestorePhase::Restored, erased_again: Some(restored.erased_again), ..state }
        }
        Err(error) => {
            RestoreState { phase: RestorePhase::Failed, detail: Some(why(error).to_owned()), ..state }
        }
    }
}

/// Without a word of where things are on the server's machine; its log has that.
fn why(error: &RestoreError) -> &'static str {
    match error {
        RestoreError::NotABackup { .. } => "it is no sound backup of Parlor's, or one of a newer version",
        RestoreError::Unreadable { .. } => {
            "the server's database cannot be read, so nobody knows what was erased in it"
        }
        RestoreError::InUse(_) => "another program has the server's database open; end it and try again",
        RestoreError::Store(StoreError::Full(_)) => "the server's disk has no room for it",
        RestoreError::Store(_) => "the server's log says why",
    }
}
