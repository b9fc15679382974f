//! `parlor restore`: a backup becomes the database of a data directory.
//!
//! The backup is copied beside the database that is there, made ready, and put into its place by a rename: until then nothing
//! has changed. What lets somebody in stays the directory's own where it has it: a secret that was retired since the backup,
//! or a session that was ended, must not hold again.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parlor_core::command::ReplayDeletion;
use parlor_core::event::Tombstone;
use parlor_core::id::{ConversationId, MessageId, NoteId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::state::ErasedUser;
use parlor_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::backup::copy;
use super::connection::{FILE, create_dir, open_writer};
use super::deletions;
use super::durable::sync_directory;
use super::error::{OrStore, corrupt, of_io};
use super::load::one;
use super::migrations;
use crate::ambient::Ambient;
use crate::store::StoreError;

/// In the data directory while a backup is made ready.
const STAGING: &str = "restoring";

/// Why nothing was restored; the directory is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is no backup, or a damaged one.
    #[error("{} is not a sound backup: {why}", .file.display())]
    NotABackup {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// What was erased there would come back.
    #[error(
        "the database in {} cannot be read ({source}), so nobody knows what was erased in it; to restore nevertheless, move its \
         files away first",
        .dir.display()
    )]
    Unreadable {
        /// The data directory.
        dir: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// An export, a check or another reader has the old database open.
    #[error("another program has {} open; end it and run the same command again", .0.display())]
    InUse(PathBuf),
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes what a restore left that did not end: it holds everything its backup does.
pub(super) fn clear(dir: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(dir.join(STAGING)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(of_io("removing an unfinished restore", &error))
        }
        _ => Ok(()),
    }
}

/// A backup that is being made ready. Dropped before its end it is gone.
pub struct Restore {
    dir: PathBuf,
    staging: PathBuf,
}

/// What was erased in a directory since a backup was made.
#[derive(Debug, Default)]
pub struct Erased {
    /// Conversations.
    pub deletions: Vec<(WorkspaceKey, ReplayDeletion)>,
    /// Private notes.
    pub notes: Vec<(WorkspaceKey, ConversationId, NoteId)>,
    /// Users, by the digests of whom the directory has some that the backup has not.
    pub users: Vec<(WorkspaceKey, UserId, Timestamp)>,
}

impl Restore {
    /// Checks the backup and copies it into `dir`, which the caller has locked. `told` hears how many bytes are copied, and
    /// of about how many.
    pub fn stage(
        dir: &Path,
        file: &Path,
        told: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<Self, RestoreError> {
        judge(file)?;
        clear(dir)?;
        let staging = dir.join(STAGING);
        create_dir(&staging).map_err(|e| of_io("making a directory for the backup", &e))?;
        let restore = Self { dir: dir.to_owned(), staging };
        copy(file, &restore.staging.join(FILE), told)?;
        let mut connection = restore.open()?;
        migrations::migrate(&mut connection)?;
        Ok(restore)
    }

    /// Where it is made ready: a data directory of its own.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// Makes it this directory's: whatever was handed out before holds here no more, or again, as far as it did.
    pub fn settle(&self, ambient: &dyn Ambient) -> Result<(), StoreError> {
        let mut connection = self.open()?;
        let has_old = self.attach(&connection)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
        new_epochs(&transaction, ambient)?;
        if has_old {
            keep_secrets(&transaction)?;
            keep_cursor_key(&transaction, ambient)?;
            keep_clock(&transaction)?;
        }
        transaction.commit().or_store()
    }

    /// What was erased in the directory and is not in the backup as erased.
    pub fn erased(&self) -> Result<Erased, StoreError> {
        let connection = self.open()?;
        if !self.attach(&connection)? {
            return Ok(Erased::default());
        }
        Ok(Erased {
            deletions: deleted_since(&connection)?,
            notes: notes_deleted_since(&connection)?,
            users: users_erased_since(&connection)?,
        })
    }

    /// Puts it in the place of the database that is there. The search index, which belongs to that one, goes.
    pub fn finish(self) -> Result<(), RestoreError> {
        let (new, old) = (self.staging.join(FILE), self.dir.join(FILE));
        self.keep_records()?;
        if !leave_log(&new)? {
            return Err(RestoreError::InUse(new));
        }
        File::open(&new).and_then(|file| file.sync_all()).map_err(|e| of_io("syncing the backup", &e))?;
        // A log that is left would be taken for the new database's.
        if old.exists() && !leave_log(&old)? {
            return Err(RestoreError::InUse(old));
        }
        for suffix in ["", "-wal", "-shm"] {
            remove(&self.dir.join(format!("search.db{suffix}")))?;
        }
        fs::rename(&new, &old).map_err(|e| of_io("putting the backup in its place", &e))?;
        sync_directory(&old).map_err(|e| of_io("syncing the data directory", &e))?;
        Ok(())
    }

    /// Digests of users the backup never knew: an even older one may.
    fn keep_records(&self) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO erased_user (workspace, digest, erased_at) \
            SELECT w.key, o.digest, o.erased_at FROM old.erased_user o JOIN old.workspace ow ON ow.key = o.workspace \
            JOIN workspace w ON w.name = ow.name WHERE true ON CONFLICT DO NOTHING";
        let connection = self.open()?;
        if self.attach(&connection)? {
            connection.execute(SQL, []).or_store()?;
        }
        Ok(())
    }

    fn open(&self) -> Result<Connection, StoreError> {
        open_writer(&self.staging.join(FILE))
    }

    /// Names the directory's database `old`, if it has one.
    fn attach(&self, connection: &Connection) -> Result<bool, StoreError> {
        let old = self.dir.join(FILE);
        if old.exists() {
            connection.execute("ATTACH ?1 AS old", [old.to_string_lossy()]).or_store()?;
        }
        Ok(old.exists())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if let Err(error) = clear(&self.dir) {
            tracing::warn!(%error, "the copy of the backup is still in the data directory; the next start removes it");
        }
    }
}

/// Refuses what is no backup before anything is touched.
fn judge(file: &Path) -> Result<(), RestoreError> {
    let not = |why: String| RestoreError::NotABackup { file: file.to_owned(), why };
    let look = || -> rusqlite::Result<(i64, String)> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        connection.query_row("SELECT count(*) FROM store, workspace", [], |_| Ok(()))?;
        let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((version, found))
    };
    let (version, found) = look().map_err(|error| not(error.to_string()))?;
    if found != "ok" {
        return Err(not(found));
    }
    match migrations::count() {
        ours if version > ours => {
            Err(not(format!("it is at schema version {version}, this Parlor knows versions up to {ours}")))
        }
        _ if version < 1 => Err(not("it is no database of Parlor's".to_owned())),
        _ => Ok(()),
    }
}

/// Empties a database's log into it and does without one; false when somebody has it open.
fn leave_log(database: &Path) -> Result<bool, StoreError> {
    let connection = Connection::open(database).or_store()?;
    let mode: rusqlite::Result<String> =
        connection.query_row("PRAGMA journal_mode = delete", [], |row| row.get(0));
    match mode.or_store() {
        Ok(mode) => Ok(mode == "delete"),
        Err(StoreError::Busy(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn remove(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(of_io("removing the old search index", &error))
        }
        _ => Ok(()),
    }
}

/// No cursor of before can be resumed, and what clients have of before is older than everything here.
fn new_epochs(transaction: &Transaction<'_>, ambient: &dyn Ambient) -> Result<(), StoreError> {
    let mut workspaces = Vec::new();
    super::check::each(transaction, "SELECT key FROM workspace", |row| {
        workspaces.push(row.get::<_, i64>(0)?);
        Ok(())
    })?;
    for workspace in workspaces {
        let mut epoch = [0; 8];
        ambient.fill(&mut epoch);
        // Databases keep signed integers.
        let epoch = (u64::from_le_bytes(epoch) >> 1).cast_signed();
        transaction
            .execute("UPDATE workspace SET epoch = ?2 WHERE key = ?1", [workspace, epoch])
            .or_store()?;
    }
    transaction
        .execute("UPDATE conversation SET version = version + ?1", [limits::RESTORE_VERSIONS])
        .or_store()?;
    Ok(())
}

/// Workspaces are the same when they have the same name.
fn keep_secrets(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    const SQL: &str = "\
        DELETE FROM secret WHERE kid IN (SELECT kid FROM old.secret) OR workspace IN ( \
            SELECT w.key FROM workspace w JOIN old.workspace ow ON ow.name = w.name \
            WHERE EXISTS (SELECT 1 FROM old.secret s WHERE s.workspace = ow.key)); \
        INSERT INTO secret (workspace, kid, kind, bytes, created_at) \
            SELECT w.key, s.kid, s.kind, s.bytes, s.created_at FROM old.secret s \
            JOIN old.workspace ow ON ow.key = s.workspace JOIN workspace w ON w.name = ow.name ORDER BY s.key; \
        DELETE FROM link; \
        DELETE FROM session; \
        INSERT INTO link SELECT g.hash, w.key, g.role, g.agent_id, g.name, g.email, g.created_at, g.expires_at \
            FROM old.link g JOIN old.workspace ow ON ow.key = g.workspace JOIN workspace w ON w.name = ow.name; \
        INSERT INTO session SELECT g.hash, w.key, g.role, g.agent_id, g.name, g.email, g.created_at, g.expires_at \
            FROM old.session g JOIN old.workspace ow ON ow.key = g.workspace JOIN workspace w ON w.name = ow.name; \
        UPDATE sqlite_sequence SET seq = max(seq, \
            ifnull((SELECT o.seq FROM old.sqlite_sequence o WHERE o.name = 'workspace'), 0)) WHERE name = 'workspace';";
    transaction.execute_batch(SQL).or_store()
}

/// The key also signs anonymous visitors' tokens, which name their workspace by its number: where a number is another
/// workspace's here, none of them may hold.
fn keep_cursor_key(transaction: &Transaction<'_>, ambient: &dyn Ambient) -> Result<(), StoreError> {
    const OTHERS: &str =
        "SELECT 1 FROM workspace w JOIN old.workspace ow ON ow.key = w.key WHERE ow.name <> w.name";
    let mut key: [u8; 32] =
        transaction.query_row("SELECT cursor_key FROM old.store", [], |row| row.get(0)).or_store()?;
    if one(transaction, OTHERS, [], |_| Ok(()))?.is_some() {
        ambient.fill(&mut key);
    }
    transaction.execute("UPDATE store SET cursor_key = ?1", [key]).or_store()?;
    Ok(())
}

/// Running time is this server's, the wall clock the backup's: since then nobody was served these conversations. What waits to
/// be erased waits anew: whoever restores a backup may do so because too much was erased.
fn keep_clock(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    const SQL: &str = "\
        INSERT INTO clock (key, running_ms, wall_ms, paused_at, disagreement_ms) \
            SELECT key, running_ms, wall_ms, paused_at, disagreement_ms FROM old.clock WHERE true \
            ON CONFLICT (key) DO UPDATE SET running_ms = max(running_ms, excluded.running_ms), \
            paused_at = excluded.paused_at, disagreement_ms = excluded.disagreement_ms; \
        UPDATE conversation SET erase_marked_running_ms = (SELECT running_ms FROM clock) \
            WHERE erase_marked_running_ms IS NOT NULL AND EXISTS (SELECT 1 FROM clock);";
    transaction.execute_batch(SQL).or_store()
}

/// A deletion of the directory's, by what makes it one and the same in a backup.
type Name = (i64, [u8; 16], i64);

fn deleted_since(connection: &Connection) -> Result<Vec<(WorkspaceKey, ReplayDeletion)>, StoreError> {
    const KNOWN: &str = "SELECT workspace, public_id, deleted_at FROM deletion";
    const OLD: &str = "SELECT d.key, d.public_id, d.reason, d.actor, d.messages, d.deleted_at, w.key, t.key, \
        (SELECT u.public_id FROM old.user u WHERE u.key = t.user), \
        (SELECT u.public_id FROM conversation c JOIN user u ON u.key = c.user \
         WHERE c.workspace = w.key AND c.public_id = d.public_id) \
        FROM old.deletion d JOIN old.workspace ow ON ow.key = d.workspace JOIN workspace w ON w.name = ow.name \
        LEFT JOIN old.tombstone t ON t.workspace = d.workspace AND t.public_id = d.public_id ORDER BY d.key";
    let mut known: HashSet<Name> = HashSet::new();
    super::check::each(connection, KNOWN, |row| {
        known.insert(row.try_into()?);
        Ok(())
    })?;
    let mut since = Vec::new();
    let mut bare = Vec::new();
    let mut statement = connection.prepare(OLD).or_store()?;
    let mut rows = statement.query([]).or_store()?;
    while let Some(row) = rows.next().or_store()? {
        let workspace: i64 = row.get(6).or_store()?;
        if known.contains(&(workspace, row.get(1).or_store()?, row.get(5).or_store()?)) {
            continue;
        }
        let of_the_tombstone: Option<String> = row.get(8).or_store()?;
        let user = match of_the_tombstone {
            None => row.get::<_, Option<String>>(9).or_store()?,
            user => user,
        };
        match user {
            Some(user) => since.push((WorkspaceKey(workspace), replay(connection, row, &user)?)),
            // Its ids are free again, and the backup has no such conversation.
            None => bare.push((row.get::<_, i64>(0).or_store()?, workspace)),
        }
    }
    bare.iter().try_for_each(|record| carry(connection, *record))?;
    Ok(since)
}

fn carry(connection: &Connection, (key, workspace): (i64, i64)) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO deletion (workspace, public_id, reason, actor, messages, deleted_at) \
        SELECT ?2, public_id, reason, actor, messages, deleted_at FROM old.deletion WHERE key = ?1";
    connection.prepare_cached(SQL).and_then(|mut s| s.execute([key, workspace])).or_store()?;
    Ok(())
}

fn replay(connection: &Connection, row: &Row<'_>, user: &str) -> Result<ReplayDeletion, StoreError> {
    const IDS: &str = "SELECT public_id FROM old.tombstone_message WHERE tombstone = ?1";
    let record = deletions::deletion(row).ok_or_else(|| corrupt("a record of a deletion"))?;
    let tombstone: Option<i64> = row.get(7).or_store()?;
    let mut ids = connection.prepare_cached(IDS).or_store()?;
    let ids = ids.query_map([tombstone], |row| Ok(MessageId(Uuid::from_bytes(row.get(0)?)))).or_store()?;
    Ok(ReplayDeletion {
        tombstone: Tombstone {
            conversation_id: record.conversation_id,
            user_id: UserId::parse(user).ok_or_else(|| corrupt("a user's id"))?,
            reason: record.reason,
            deleted_at: record.deleted_at,
            rev: 0,
        },
        actor: record.actor,
        messages: record.messages,
        message_ids: ids.collect::<rusqlite::Result<_>>().or_store()?,
    })
}

fn notes_deleted_since(
    connection: &Connection,
) -> Result<Vec<(WorkspaceKey, ConversationId, NoteId)>, StoreError> {
    const SQL: &str = "SELECT w.key, c.public_id, n.public_id \
        FROM old.note n JOIN old.workspace ow ON ow.key = n.workspace JOIN workspace w ON w.name = ow.name \
        JOIN note m ON m.workspace = w.key AND m.public_id = n.public_id JOIN conversation c ON c.key = m.conversation \
        WHERE n.deleted_at IS NOT NULL AND m.deleted_at IS NULL";
    let mut notes = Vec::new();
    super::check::each(connection, SQL, |row| {
        let id = |at| row.get(at).map(Uuid::from_bytes);
        notes.push((WorkspaceKey(row.get(0)?), ConversationId(id(1)?), NoteId(id(2)?)));
        Ok(())
    })?;
    Ok(notes)
}

fn users_erased_since(connection: &Connection) -> Result<Vec<(WorkspaceKey, UserId, Timestamp)>, StoreError> {
    const SINCE: &str = "SELECT w.key, o.digest, max(o.erased_at) \
        FROM old.erased_user o JOIN old.workspace ow ON ow.key = o.workspace JOIN workspace w ON w.name = ow.name \
        WHERE NOT EXISTS (SELECT 1 FROM erased_user e \
        WHERE e.workspace = w.key AND e.digest = o.digest AND e.erased_at = o.erased_at) GROUP BY w.key, o.digest";
    let mut erased: HashMap<(i64, [u8; 16]), i64> = HashMap::new();
    super::check::each(connection, SINCE, |row| {
        erased.insert((row.get(0)?, row.get(1)?), row.get(2)?);
        Ok(())
    })?;
    let mut users = Vec::new();
    if erased.is_empty() {
        return Ok(users);
    }
    super::check::each(connection, "SELECT workspace, public_id FROM user ORDER BY key", |row| {
        let (workspace, id): (i64, String) = row.try_into()?;
        let Some(id) = UserId::parse(&id) else { return Ok(()) };
        if let Some(at) = erased.get(&(workspace, ErasedUser::digest(&id))) {
            users.push((WorkspaceKey(workspace), id, Timestamp(*at)));
        }
        Ok(())
    })?;
    Ok(users)
}
