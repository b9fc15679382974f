//! Restoring under a running server: a backup comes in parts, and then the server makes room for it by starting anew. A
//! backup is of all workspaces, so only administrators of the one that every server has may send one.

use std::path::Path;

use bytes::Bytes;
use parlor_core::access::{Operation, may};
use parlor_core::error::Code;
use parlor_core::limits;
use tokio::sync::{Mutex, MutexGuard, Notify};
use uuid::Uuid;

use crate::service::auth::Caller;
use crate::service::restore::Restored;
use crate::service::setup::DEFAULT_WORKSPACE;
use crate::store::StoreError;
use crate::store::sqlite::incoming::Incoming;
use crate::store::sqlite::restore::RestoreError;
use crate::wire::Problem;
use crate::wire::restore::{RestorePhase, RestoreState};

/// Where a server takes backups; nowhere without a data directory.
#[derive(Default)]
pub struct Restores {
    place: Option<Place>,
    asked: Notify,
}

struct Place {
    incoming: Incoming,
    state: Mutex<RestoreState>,
}

/// The place, while nobody else sends anything there.
pub struct Inbox<'a> {
    restores: &'a Restores,
    incoming: &'a Incoming,
    state: MutexGuard<'a, RestoreState>,
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
        let place = Place { incoming: Incoming::of(dir), state: Mutex::new(state) };
        Self { place: Some(place), asked: Notify::new() }
    }

    /// How it stands.
    pub async fn state(&self, caller: &Caller) -> Result<RestoreState, Problem> {
        Ok(self.place(caller)?.state.lock().await.clone())
    }

    /// The place for a part, taken before the part is read.
    pub fn inbox(&self, caller: &Caller) -> Result<Inbox<'_>, Problem> {
        let place = self.place(caller)?;
        let state = place.state.try_lock().map_err(|_| Code::RateLimited)?;
        if state.phase == RestorePhase::Restoring {
            return Err(Code::Unavailable.into());
        }
        Ok(Inbox { restores: self, incoming: &place.incoming, state })
    }

    /// Ready when a backup is there and somebody asked for it; which restore that is.
    pub async fn asked(&self) -> Uuid {
        loop {
            self.asked.notified().await;
            if let Some(place) = &self.place
                && let RestoreState { phase: RestorePhase::Restoring, id: Some(id), .. } =
                    *place.state.lock().await
            {
                return id;
            }
        }
    }

    fn place(&self, caller: &Caller) -> Result<&Place, Problem> {
        if !may(caller.principal.role, Operation::Restore) || caller.workspace.name != DEFAULT_WORKSPACE {
            return Err(Code::Forbidden.into());
        }
        self.place.as_ref().ok_or_else(|| Code::NotFound.into())
    }
}

impl Inbox<'_> {
    /// Adds a part.
    pub async fn add(mut self, at: u64, part: Bytes) -> Result<RestoreState, Problem> {
        if at != 0 && at != self.state.bytes {
            return Err(Problem::field("/query/at", format!("must be 0 or {}", self.state.bytes)));
        }
        let bytes = at + part.len() as u64;
        if bytes > limits::RESTORE_BYTES {
            return Err(Code::TooLarge.into());
        }
        let incoming = self.incoming.clone();
        *self.state = nothing();
        let added = tokio::task::spawn_blocking(move || incoming.add(at, &part)).await;
        match added {
            Ok(Ok(())) => {}
            Ok(Err(StoreError::Full(log))) => return Err(Problem::new(Code::StorageFull).logged(log)),
            Ok(Err(error)) => return Err(Problem::new(Code::Unavailable).logged(error.to_string())),
            Err(_) => return Err(Problem::internal("writing a part of a backup panicked")),
        }
        self.state.bytes = bytes;
        Ok(self.state.clone())
    }

    /// Asks for what is there to be restored.
    pub fn begin(mut self, bytes: u64, id: Uuid) -> Result<RestoreState, Problem> {
        if bytes == 0 || bytes != self.state.bytes {
            return Err(Problem::field("/bytes", format!("must be what was sent, {}", self.state.bytes)));
        }
        *self.state = RestoreState { phase: RestorePhase::Restoring, id: Some(id), ..nothing() };
        self.state.bytes = bytes;
        self.restores.asked.notify_one();
        Ok(self.state.clone())
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
