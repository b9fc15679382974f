//! The running clock as it outlives the process.

use parlor_core::clock::{Pause, StoredClock};
use parlor_core::time::Timestamp;
use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::error::OrStore;
use super::load::one;
use super::settings;
use crate::store::StoreError;

pub(super) fn load(connection: &Connection) -> Result<Option<StoredClock>, StoreError> {
    const SQL: &str =
        "SELECT running_ms, wall_ms, paused_at, disagreement_ms, ifnull(served_until, wall_ms) FROM clock";
    one(connection, SQL, [], |row: &Row<'_>| {
        let paused: (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
        Ok(StoredClock {
            running_ms: row.get(0)?,
            wall: Timestamp(row.get(1)?),
            served_until: Timestamp(row.get(4)?),
            pause: paused
                .0
                .map(|at| Pause { at: Timestamp(at), disagreement_ms: paused.1.unwrap_or_default() }),
        })
    })
}

pub(super) fn save(
    connection: &mut Connection,
    clock: StoredClock,
    keeps_pause: bool,
) -> Result<Option<Pause>, StoreError> {
    const TIMES: &str = "INSERT INTO clock (key, running_ms, wall_ms, served_until) VALUES (1, ?1, ?2, ?3) \
        ON CONFLICT (key) DO UPDATE SET running_ms = excluded.running_ms, wall_ms = excluded.wall_ms, \
        served_until = excluded.served_until";
    const PAUSE: &str = "UPDATE clock SET paused_at = ?1, disagreement_ms = ?2";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    transaction.execute(TIMES, [clock.running_ms, clock.wall.0, clock.served_until.0]).or_store()?;
    if !keeps_pause {
        let (at, by) = (clock.pause.map(|p| p.at.0), clock.pause.map(|p| p.disagreement_ms));
        transaction.execute(PAUSE, params![at, by]).or_store()?;
    }
    let saved = load(&transaction)?;
    transaction.commit().or_store()?;
    Ok(saved.and_then(|saved| saved.pause))
}

pub(super) fn go_on(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    if let Some(pause) = load(&transaction)?.and_then(|clock| clock.pause) {
        settings::carry_anew(&transaction, pause.at)?;
        transaction.execute("UPDATE clock SET paused_at = NULL, disagreement_ms = NULL", []).or_store()?;
    }
    transaction.commit().or_store()
}
