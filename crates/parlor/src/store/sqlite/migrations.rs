//! The schema's steps. `user_version` counts those a database has taken.

use parlor_core::invariant::Breach;
use rusqlite::{Connection, TransactionBehavior};

use super::error::OrStore;
use crate::store::StoreError;

const STEPS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_init.sql"),
    include_str!("../../../migrations/sqlite/0002_tombstones.sql"),
    include_str!("../../../migrations/sqlite/0003_scrubbed.sql"),
    include_str!("../../../migrations/sqlite/0004_notes.sql"),
    include_str!("../../../migrations/sqlite/0005_desk.sql"),
    include_str!("../../../migrations/sqlite/0006_lifecycle.sql"),
    include_str!("../../../migrations/sqlite/0007_erasure.sql"),
    include_str!("../../../migrations/sqlite/0008_served.sql"),
    include_str!("../../../migrations/sqlite/0009_answer_versions.sql"),
    include_str!("../../../migrations/sqlite/0010_note_queue.sql"),
];

/// Takes the steps that are missing, each in a transaction of its own. Refuses a database that a newer Parlor wrote.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    run(connection, STEPS)
}

fn run(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    while version(connection)? != steps.len() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
        // Read again: another process may have taken the step while this one waited for the lock.
        let taken = version(&transaction)?;
        let step = match steps.get(taken) {
            Some(step) => step,
            None if taken == steps.len() => break,
            None => return Err(newer(taken, steps.len())),
        };
        transaction.execute_batch(step).or_store()?;
        transaction.pragma_update(None, "user_version", signed(taken + 1)).or_store()?;
        transaction.commit().or_store()?;
    }
    Ok(())
}

/// How many steps there are.
pub(super) fn count() -> i64 {
    signed(STEPS.len())
}

/// What `parlor check` says of a database that has not taken exactly these steps.
pub(super) fn breach(connection: &Connection) -> Result<Option<Breach>, StoreError> {
    let (theirs, ours) = (version(connection)?, STEPS.len());
    Ok((theirs != ours).then(|| {
        let next =
            if theirs < ours { "start this server once, which brings it up" } else { "run the newer Parlor" };
        Breach::new("schema", format!("the database is at version {theirs}, this Parlor at {ours}; {next}"))
    }))
}

fn version(connection: &Connection) -> Result<usize, StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).or_store()?;
    // A negative version is nobody's; it counts as newer than everything.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

fn signed(version: usize) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

fn newer(theirs: usize, ours: usize) -> StoreError {
    StoreError::Unavailable(format!(
        "the database is at schema version {theirs}, this Parlor knows versions up to {ours}; run the newer Parlor"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(connection: &Connection) -> Vec<String> {
        let mut names = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        names.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn only_missing_steps_are_taken() {
        let connection = &mut Connection::open_in_memory().unwrap();
        run(connection, &["CREATE TABLE a (x)"]).unwrap();
        run(connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).unwrap();
        assert_eq!(tables(connection), ["a", "b"]);
        assert_eq!(version(connection).unwrap(), 2);
    }

    #[test]
    fn a_failing_step_leaves_nothing_and_keeps_what_was_before() {
        let connection = &mut Connection::open_in_memory().unwrap();
        let steps = &["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        assert!(run(connection, steps).is_err());
        assert_eq!(tables(connection), ["a"]);
        assert_eq!(version(connection).unwrap(), 1);
    }

    #[test]
    fn a_database_from_before_notes_has_none() {
        let connection = &mut Connection::open_in_memory().unwrap();
        run(connection, &STEPS[..3]).unwrap();
        let lived_in = "INSERT INTO store (key, cursor_key) VALUES (1, zeroblob(32)); \
            INSERT INTO workspace (key, name, public_key, epoch, created_at) VALUES (1, 'a', 'b', 1, 0); \
            INSERT INTO user (key, workspace, public_id, name) VALUES (1, 1, 'u', 'U'); \
            INSERT INTO conversation (workspace, public_id, user, inbox_id, funnel_id, funnel_name, funnel_version, status, \
            handler, created_at, started_at, updated_at, last_message_at, last_message, clock_started_at, message_count, \
            user_messages, our_messages, user_last_read_seq, agent_last_read_seq, our_messages_read, user_messages_read, \
            hold, version, rev, scope_rev) \
            VALUES (1, zeroblob(16), 1, 'default', 'f', 'F', 0, 'open', 'bot', 0, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1)";
        connection.execute_batch(lived_in).unwrap();
        migrate(connection).unwrap();
        let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(read("SELECT note_count FROM conversation"), 0);
        assert_eq!(read("SELECT deleted_notes - scrubbed_notes FROM store"), 0);
    }

    #[test]
    fn what_was_deleted_before_there_was_a_record_is_in_it() {
        let connection = &mut Connection::open_in_memory().unwrap();
        run(connection, &STEPS[..5]).unwrap();
        let lived_in = "INSERT INTO workspace (key, name, public_key, epoch, created_at) VALUES (1, 'a', 'b', 1, 0); \
            INSERT INTO user (key, workspace, public_id, name) VALUES (1, 1, 'u', 'U'); \
            INSERT INTO tombstone (key, workspace, public_id, user, reason, rev, deleted_at) \
            VALUES (7, 1, zeroblob(16), 1, 'admin', 3, 5), (8, 1, x'01', 1, 'admin', 2, 4); \
            INSERT INTO tombstone_message (workspace, public_id, tombstone) VALUES (1, x'02', 7), (1, x'03', 7)";
        connection.execute_batch(lived_in).unwrap();
        migrate(connection).unwrap();
        let mut all = connection.prepare("SELECT messages, deleted_at FROM deletion ORDER BY key").unwrap();
        let all: Vec<(i64, i64)> =
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        assert_eq!(all, [(0, 4), (2, 5)]);
    }

    #[test]
    fn canned_answers_from_before_versions_have_one() {
        let connection = &mut Connection::open_in_memory().unwrap();
        run(connection, &STEPS[..8]).unwrap();
        let lived_in = "INSERT INTO workspace (key, name, public_key, epoch, created_at) VALUES (1, 'a', 'b', 1, 0); \
            INSERT INTO canned_answer (workspace, public_id, shortcut, text) VALUES (1, 'a', 'hi', 'Hello!')";
        connection.execute_batch(lived_in).unwrap();
        migrate(connection).unwrap();
        let version: i64 =
            connection.query_row("SELECT version FROM canned_answer", [], |row| row.get(0)).unwrap();
        assert!(version > 0, "0 would say that there is none");
    }

    #[test]
    fn the_index_is_told_of_the_notes_there_are() {
        let connection = &mut Connection::open_in_memory().unwrap();
        run(connection, &STEPS[..9]).unwrap();
        let lived_in = "PRAGMA foreign_keys = OFF; \
            INSERT INTO note (key, workspace, conversation, public_id, after_seq, author_id, author_name, text, identity, \
            at, version, deleted_at, rev) VALUES (4, 1, 1, x'04', 1, 'a', 'A', 'said', x'00', 1, 1, NULL, 1), \
            (5, 1, 1, x'05', 1, 'a', 'A', NULL, NULL, 1, 2, 9, 2)";
        connection.execute_batch(lived_in).unwrap();
        migrate(connection).unwrap();
        let mut told = connection.prepare("SELECT note, is_gone FROM note_queue ORDER BY key").unwrap();
        let told: Vec<(i64, bool)> =
            told.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        assert_eq!(told, [(4, false)]);
    }

    #[test]
    fn a_newer_database_is_refused() {
        let connection = &mut Connection::open_in_memory().unwrap();
        run(connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).unwrap();
        assert!(matches!(run(connection, &["CREATE TABLE a (x)"]), Err(StoreError::Unavailable(_))));
        connection.pragma_update(None, "user_version", -1).unwrap();
        assert!(matches!(run(connection, &["CREATE TABLE a (x)"]), Err(StoreError::Unavailable(_))));
    }
}
