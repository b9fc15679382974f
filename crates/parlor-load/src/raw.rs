//! The most SQLite could do here: the rows a post writes, in batches, and nothing else.

use std::path::Path;

use anyhow::{Context, ensure};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use crate::id::Ids;
use crate::message;

/// As the server opens its writing connection.
const PRAGMAS: &str = "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA foreign_keys = false; \
    PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536;";
/// Every column a post fills.
const INSERT: &str = "INSERT INTO message (workspace, conversation, seq, public_id, kind, author_kind, author_id, \
    author_name, text, at, metadata, options, system_code, system_param, version, identity, users_before, ours_before, \
    rev) VALUES (?1, ?2, ?3, ?4, 'bot', 'agent', 'load', 'Load', ?5, ?6, NULL, NULL, NULL, NULL, 1, ?7, 0, ?8, ?9)";
/// Every column a post changes, whether it keeps its value or not.
const UPDATE: &str = "UPDATE conversation SET user_last_read_seq = 0, agent_last_read_seq = ?2, our_messages_read = 0, \
    user_messages_read = 0, updated_at = ?3, version = ?2, rev = ?4, last_message_at = ?3, last_message = ?5, \
    last_side = 'ours', clock_started_at = ?3, message_count = ?2, user_messages = 0, our_messages = ?2, block_id = NULL \
    WHERE key = ?1";

struct Room {
    key: i64,
    workspace: i64,
    messages: i64,
}

/// A server's database without its server.
pub struct Raw {
    connection: Connection,
    rooms: Vec<Room>,
    ids: Ids,
    texts: Vec<String>,
    rev: i64,
    written: i64,
}

impl Raw {
    /// Opens what a server that was stopped has left in `data`.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(data.join("parlor.db"))?;
        connection.execute_batch(PRAGMAS)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let room = |row: &rusqlite::Row<'_>| {
            Ok(Room { key: row.get(0)?, workspace: row.get(1)?, messages: row.get(2)? })
        };
        let rooms: Vec<Room> = connection
            .prepare("SELECT key, workspace, message_count FROM conversation")?
            .query_map([], room)?
            .collect::<Result<_, _>>()?;
        ensure!(!rooms.is_empty(), "no conversations in {}", data.display());
        let rev = connection.query_row("SELECT max(rev) FROM workspace", [], |row| row.get(0))?;
        let texts = (0..32).map(message::text).collect();
        Ok(Raw { connection, rooms, ids: Ids::new()?, texts, rev, written: 0 })
    }

    /// Writes `count` messages, round and round over the rooms, in one transaction and one sync.
    pub fn batch(&mut self, count: usize) -> anyhow::Result<()> {
        let Raw { connection, rooms, ids, texts, rev, written } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for _ in 0..count {
            let number = usize::try_from(*written)?;
            let room_count = rooms.len();
            let room = &mut rooms[number % room_count];
            (*rev, *written, room.messages) = (*rev + 1, *written + 1, room.messages + 1);
            post(&transaction, room, ids.next(), &texts[number % texts.len()], *rev)?;
        }
        transaction
            .prepare_cached("UPDATE workspace SET rev = ?2 WHERE key = ?1")?
            .execute(params![rooms[0].workspace, *rev])?;
        Ok(transaction.commit()?)
    }

    /// Messages written so far.
    pub fn written(&self) -> i64 {
        self.written
    }

    /// Fails unless everything written is there.
    pub fn verify(&self) -> anyhow::Result<()> {
        let expected: i64 = self.rooms.iter().map(|room| room.messages).sum();
        let found: i64 = self.connection.query_row("SELECT count(*) FROM message", [], |row| row.get(0))?;
        ensure!(found == expected, "{found} messages where {expected} were written");
        Ok(())
    }
}

fn post(transaction: &Transaction<'_>, room: &Room, id: Uuid, text: &str, rev: i64) -> anyhow::Result<()> {
    let (low, high) = id.as_u64_pair();
    // As long as the hash that Parlor stores, and as little like its neighbours.
    let identity = [low, high, high ^ low, !high].map(u64::to_be_bytes).concat();
    let at = i64::try_from(id.get_timestamp().context("not a version 7 id")?.to_unix().0)? * 1_000;
    transaction.prepare_cached(INSERT)?.execute(params![
        room.workspace,
        room.key,
        room.messages,
        id.as_bytes(),
        text,
        at,
        identity,
        room.messages,
        rev,
    ])?;
    transaction.prepare_cached(UPDATE)?.execute(params![room.key, room.messages, at, rev, text])?;
    Ok(())
}
