//! Funnel versions. They never change, so a parsed one is good for as long as it is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use parlor_core::funnel::{Funnel, FunnelSource};
use parlor_core::id::{FunnelId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::state::FunnelVersion;
use rusqlite::{Connection, OptionalExtension};

use super::error::{OrStore, corrupt};
use crate::store::StoreError;

type Kept = HashMap<(WorkspaceKey, FunnelVersion), Arc<Funnel>>;

/// Parsed versions, at most [`limits::FUNNEL_CACHE`], shared by all threads.
#[derive(Default)]
pub(super) struct Funnels(Mutex<Kept>);

impl Funnels {
    /// A funnel's current version.
    pub(super) fn current(
        &self,
        connection: &Connection,
        workspace: WorkspaceKey,
        id: &FunnelId,
    ) -> Result<Option<Arc<Funnel>>, StoreError> {
        let version: Option<u32> = connection
            .prepare_cached("SELECT max(version) FROM funnel WHERE workspace = ?1 AND public_id = ?2")
            .and_then(|mut s| s.query_row((workspace.0, id.as_str()), |row| row.get(0)))
            .or_store()?;
        match version {
            Some(version) => self.version(connection, workspace, &(id.clone(), version)),
            None => Ok(None),
        }
    }

    /// A funnel's given version.
    pub(super) fn version(
        &self,
        connection: &Connection,
        workspace: WorkspaceKey,
        wanted: &FunnelVersion,
    ) -> Result<Option<Arc<Funnel>>, StoreError> {
        let key = (workspace, wanted.clone());
        if let Some(funnel) = self.kept(|kept| kept.get(&key).cloned()) {
            return Ok(Some(funnel));
        }
        let source: Option<String> = connection
            .prepare_cached(
                "SELECT source FROM funnel WHERE workspace = ?1 AND public_id = ?2 AND version = ?3",
            )
            .and_then(|mut s| {
                s.query_row((workspace.0, wanted.0.as_str(), wanted.1), |row| row.get(0)).optional()
            })
            .or_store()?;
        let Some(source) = source else { return Ok(None) };
        let funnel = Arc::new(parse(&source, wanted.1)?);
        self.kept(|kept| {
            // Emptied rather than aged: it fills again in as many reads as there are funnels in use.
            if kept.len() >= limits::FUNNEL_CACHE {
                kept.clear();
            }
            kept.insert(key, funnel.clone());
        });
        Ok(Some(funnel))
    }

    fn kept<T>(&self, with: impl FnOnce(&mut Kept) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn parse(source: &str, version: u32) -> Result<Funnel, StoreError> {
    let source: FunnelSource = serde_json::from_str(source).map_err(|_| corrupt("a funnel"))?;
    let funnel = Funnel::parse(source).map_err(|_| corrupt("a funnel"))?;
    Ok(Funnel { version, ..funnel })
}
