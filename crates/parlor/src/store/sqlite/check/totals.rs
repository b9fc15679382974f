//! The kept totals of the inbox, against the conversations they count.

use std::collections::BTreeMap;

use parlor_core::id::WorkspaceKey;
use parlor_core::invariant::Breach;
use parlor_core::state::{CounterKey, counter_keys};
use rusqlite::Connection;

use super::{Check, Listener, each};
use crate::store::StoreError;
use crate::store::sqlite::control::list_workspaces;
use crate::store::sqlite::error::OrStore;
use crate::store::sqlite::rows::{self, select_snapshot};
use crate::store::sqlite::write::dimension_word;

/// A total's place in its table: archived, status and dimension.
type Place = (bool, String, String);

pub(super) fn check(check: &mut Check, listener: &mut dyn Listener) -> Result<(), StoreError> {
    let workspaces = check.snapshot(list_workspaces)?;
    let of = workspaces.len() as u64;
    for (workspace, done) in workspaces.iter().zip(0..) {
        listener.step("totals", done, of);
        check.snapshot(|connection| one_workspace(connection, workspace.key, listener))?;
    }
    Ok(())
}

fn one_workspace(
    connection: &Connection,
    workspace: WorkspaceKey,
    listener: &mut dyn Listener,
) -> Result<(), StoreError> {
    let mut differences: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
    let Some(counts) = counted(connection, workspace)? else { return Ok(()) };
    for (key, counted) in counts {
        let dimension = dimension_word(&key.dimension);
        differences.entry((key.archived, key.status.as_str().to_owned(), dimension)).or_default().1 = counted;
    }
    let sql =
        format!("SELECT archived, status, dimension, total FROM counter WHERE workspace = {}", workspace.0);
    each(connection, &sql, |row| {
        differences.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default().0 = row.get(3)?;
        Ok(())
    })?;
    for ((archived, status, dimension), (kept, counted)) in differences {
        if kept != counted {
            let archived = if archived { "archived" } else { "not archived" };
            let place = format!("{status}, {archived}, {dimension} of workspace {}", workspace.0);
            listener.breach(Breach::new("total", format!("{place}: kept as {kept}, counted {counted}")));
        }
    }
    Ok(())
}

/// Conversations that are alike in all that totals are kept by are counted by SQLite, and one of them stands for all. `None`
/// when it cannot be read back, or has no user: that was reported, and the totals would only repeat it.
fn counted(
    connection: &Connection,
    workspace: WorkspaceKey,
) -> Result<Option<BTreeMap<CounterKey, i64>>, StoreError> {
    const ALIKE: &str = "SELECT min(key), count(*) FROM conversation WHERE workspace = ?1 \
                         GROUP BY archived, status, funnel_id, handler, assignee_id";
    const ONE: &str = select_snapshot!("FROM conversation c JOIN user u ON u.key = c.user WHERE c.key = ?1");
    let mut counts = BTreeMap::new();
    let mut alike = connection.prepare_cached(ALIKE).or_store()?;
    let mut groups = alike.query([workspace.0]).or_store()?;
    while let Some(group) = groups.next().or_store()? {
        let (key, count): (i64, i64) = group.try_into().or_store()?;
        let one = connection.prepare_cached(ONE).and_then(|mut s| s.query_row([key], rows::snapshot));
        let Ok(one) = one else { return Ok(None) };
        for key in counter_keys(&one.snapshot.conversation) {
            *counts.entry(key).or_default() += count;
        }
    }
    Ok(Some(counts))
}
