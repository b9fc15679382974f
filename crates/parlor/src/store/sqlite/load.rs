//! What a batch asks for. In process a statement costs a microsecond and no round trip, so each key runs one that is
//! prepared already.

use std::collections::HashMap;

use parlor_core::agent::AgentRef;
use parlor_core::conversation::Snapshot;
use parlor_core::id::{AgentId, ConversationId, ExternalId, MessageId, UserId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::message::Message;
use parlor_core::state::{Claim, DeskPart, Head, Keys, Loaded, Position, RedatePage, UserFunnel, UserPage};
use parlor_core::text::Name;
use parlor_core::user::User;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::sync::Arc;

use super::error::{OrStore, corrupt};
use super::funnels::Funnels;
use super::rows::{self, Stored, select_message, select_snapshot};
use super::{desk, notes, settings, tombstones};
use crate::store::StoreError;

/// What a batch has loaded, for its writes: integer keys, and conversations as they are stored.
#[derive(Default)]
pub(super) struct Known {
    pub(super) conversations: HashMap<ConversationId, Stored>,
    pub(super) users: HashMap<UserId, i64>,
}

/// Loads `keys`: an entry for every key, also where nothing is there.
pub(super) fn load(
    connection: &Connection,
    funnels: &Funnels,
    workspace: WorkspaceKey,
    keys: &Keys,
    known: &mut Known,
) -> Result<Loaded, StoreError> {
    let head = head(connection, workspace)?;
    let mut load = Load { connection, workspace, known, loaded: Loaded { head, ..Loaded::default() } };
    for id in &keys.conversations {
        load.conversation(*id)?;
    }
    for id in &keys.tombstones {
        let is_deleted = tombstones::is_deleted(connection, workspace, *id)?;
        load.loaded.tombstones.push((*id, is_deleted));
    }
    for id in &keys.messages {
        load.message(*id)?;
    }
    for id in &keys.notes {
        let note = notes::note(connection, workspace, *id)?.map(Arc::new);
        load.loaded.notes.push((*id, note));
    }
    for id in &keys.users {
        load.user(id)?;
    }
    for id in &keys.agents {
        load.agent(id)?;
    }
    for id in &keys.funnels {
        let funnel = funnels.current(connection, workspace, id)?;
        load.loaded.funnels.push((id.clone(), funnel));
    }
    for version in &keys.funnel_versions {
        let funnel = funnels.version(connection, workspace, version)?;
        load.loaded.funnel_versions.push((version.clone(), funnel));
    }
    for key in &keys.open {
        load.open(key)?;
    }
    for root in &keys.chains {
        load.chain(*root)?;
    }
    for place in &keys.positions {
        load.position(*place)?;
    }
    for id in &keys.external {
        load.external(id)?;
    }
    for page in &keys.of_user {
        load.of_user(page)?;
    }
    if keys.desk.contains(&DeskPart::CannedAnswers) {
        load.loaded.canned_answers = Some(desk::list_canned_answers(connection, workspace)?);
    }
    if keys.desk.contains(&DeskPart::Views) {
        load.loaded.views = Some(desk::list_views(connection, workspace)?);
    }
    if keys.redate {
        load.redate()?;
    }
    Ok(load.loaded)
}

/// Where a workspace stands.
pub(super) fn head(connection: &Connection, workspace: WorkspaceKey) -> Result<Head, StoreError> {
    const SQL: &str = "SELECT epoch, rev, settings_version, settings, redate_since, redate_before, redate_after, redate_done, \
                       redate_total FROM workspace WHERE key = ?1";
    let found = one(connection, SQL, [workspace.0], |row| {
        let (epoch, rev): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok((epoch.cast_unsigned(), rev.cast_unsigned(), settings::read(row, 2, workspace)?))
    })?;
    let (epoch, rev, settings) =
        found.ok_or_else(|| StoreError::Content("there is no such workspace".to_owned()))?;
    let (policies, redate) = settings.ok_or_else(settings::unreadable)?;
    Ok(Head { epoch, rev, policies, redate })
}

/// A conversation by id.
pub(super) fn conversation(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: ConversationId,
) -> Result<Option<Stored>, StoreError> {
    const SQL: &str = select_snapshot!(
        "FROM conversation c JOIN user u ON u.key = c.user WHERE c.workspace = ?1 AND c.public_id = ?2"
    );
    one(connection, SQL, (workspace.0, id.0.as_bytes()), rows::snapshot)
}

/// A user by id, and the store's key of it.
pub(super) fn user(
    connection: &Connection,
    workspace: WorkspaceKey,
    id: &UserId,
) -> Result<Option<(i64, User)>, StoreError> {
    const SQL: &str = "SELECT public_id, name, email, avatar, timezone, locale, metadata, last_seen_at, key \
                       FROM user WHERE workspace = ?1 AND public_id = ?2";
    one(connection, SQL, (workspace.0, id.as_str()), |row| Ok((row.get(8)?, rows::user(row)?)))
}

/// At most one row.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    connection.prepare_cached(sql).and_then(|mut s| s.query_row(params, read).optional()).or_store()
}

struct Load<'a> {
    connection: &'a Connection,
    workspace: WorkspaceKey,
    known: &'a mut Known,
    loaded: Loaded,
}

impl Load<'_> {
    fn conversation(&mut self, id: ConversationId) -> Result<(), StoreError> {
        match conversation(self.connection, self.workspace, id)? {
            Some(stored) => self.found(stored),
            None => self.loaded.conversations.push((id, None)),
        }
        Ok(())
    }

    fn found(&mut self, stored: Stored) {
        let Stored { user_key, snapshot: Snapshot { conversation, user }, .. } = &stored;
        let id = conversation.id;
        self.known.users.insert(user.id.clone(), *user_key);
        self.loaded.users.push((user.id.clone(), Some(user.clone())));
        self.loaded.conversations.push((id, Some(conversation.clone())));
        self.known.conversations.insert(id, stored);
    }

    fn message(&mut self, id: MessageId) -> Result<(), StoreError> {
        const SQL: &str = select_message!(
            "FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.workspace = ?1 AND m.public_id = ?2"
        );
        let key = (self.workspace.0, id.0.as_bytes());
        let stored: Option<(i64, Message)> = one(self.connection, SQL, key, rows::message)?;
        let claim = match stored {
            Some((_, message)) => Claim::Stored(Arc::new(message)),
            None if tombstones::is_erased(self.connection, self.workspace, id)? => Claim::Erased,
            None => Claim::Free,
        };
        self.loaded.messages.push((id, claim));
        Ok(())
    }

    fn user(&mut self, id: &UserId) -> Result<(), StoreError> {
        let user = user(self.connection, self.workspace, id)?.map(|(key, user)| {
            self.known.users.insert(id.clone(), key);
            Arc::new(user)
        });
        self.loaded.users.push((id.clone(), user));
        Ok(())
    }

    fn agent(&mut self, id: &AgentId) -> Result<(), StoreError> {
        const SQL: &str = "SELECT name FROM agent WHERE workspace = ?1 AND public_id = ?2";
        let name: Option<String> =
            one(self.connection, SQL, (self.workspace.0, id.as_str()), |row| row.get(0))?;
        let agent = name.map(|name| {
            let name = Name::parse(&name).map_err(|_| corrupt("an agent's name"))?;
            Ok(AgentRef { id: id.clone(), name })
        });
        self.loaded.agents.push((id.clone(), agent.transpose()?));
        Ok(())
    }

    fn open(&mut self, (user, funnel): &UserFunnel) -> Result<(), StoreError> {
        const SQL: &str = select_snapshot!(
            "FROM user u CROSS JOIN conversation c INDEXED BY conversation_open ON c.user = u.key \
             WHERE u.workspace = ?1 AND u.public_id = ?2 AND c.funnel_id = ?3 AND c.status = 'open' \
             ORDER BY c.started_at DESC, c.public_id DESC LIMIT ?4"
        );
        let most = i64::try_from(limits::OPEN_PER_FUNNEL).unwrap_or(i64::MAX);
        let ids = self.all(SQL, (self.workspace.0, user.as_str(), funnel.as_str(), most))?;
        self.loaded.open.push(((user.clone(), funnel.clone()), ids));
        Ok(())
    }

    fn chain(&mut self, root: ConversationId) -> Result<(), StoreError> {
        const SQL: &str = select_snapshot!(
            "FROM conversation c INDEXED BY conversation_root JOIN user u ON u.key = c.user \
             WHERE c.workspace = ?1 AND c.root_id = ?2 ORDER BY c.key DESC LIMIT ?3"
        );
        let most = i64::try_from(limits::CHAIN_NEWEST).unwrap_or(i64::MAX);
        let newest = self.all(SQL, (self.workspace.0, root.0.as_bytes(), most))?;
        self.loaded.chains.push((root, newest));
        Ok(())
    }

    fn position(&mut self, place: (ConversationId, u32)) -> Result<(), StoreError> {
        const SQL: &str = "SELECT m.users_before, m.ours_before FROM conversation c \
                           JOIN message m ON m.conversation = c.key \
                           WHERE c.workspace = ?1 AND c.public_id = ?2 AND m.seq = ?3";
        let position = one(self.connection, SQL, (self.workspace.0, place.0.0.as_bytes(), place.1), |row| {
            Ok(Position { users: row.get(0)?, ours: row.get(1)? })
        })?;
        self.loaded.positions.push((place, position));
        Ok(())
    }

    fn external(&mut self, id: &ExternalId) -> Result<(), StoreError> {
        const SQL: &str = select_snapshot!(
            "FROM conversation c INDEXED BY conversation_external JOIN user u ON u.key = c.user \
             WHERE c.workspace = ?1 AND c.external_id = ?2"
        );
        let found = self.all(SQL, (self.workspace.0, id.as_str()))?;
        self.loaded.external.push((id.clone(), found.first().copied()));
        Ok(())
    }

    fn of_user(&mut self, page: &UserPage) -> Result<(), StoreError> {
        const SQL: &str = select_snapshot!(
            "FROM user u CROSS JOIN conversation c INDEXED BY conversation_user ON c.user = u.key \
             WHERE u.workspace = ?1 AND u.public_id = ?2 AND c.key > ?3 ORDER BY c.key LIMIT ?4"
        );
        const PLACE: &str = "SELECT key FROM conversation WHERE workspace = ?1 AND public_id = ?2";
        let (user, after) = page;
        let behind = match after {
            Some(id) => {
                let place =
                    one(self.connection, PLACE, (self.workspace.0, id.0.as_bytes()), |row| row.get(0))?;
                // Deleted between two pages: those before it are renewed once more.
                place.unwrap_or(0)
            }
            None => 0,
        };
        let most = i64::try_from(limits::USER_CONVERSATIONS_BATCH).unwrap_or(i64::MAX);
        let ids = self.all(SQL, (self.workspace.0, user.as_str(), behind, most))?;
        self.loaded.of_user.push((page.clone(), ids));
        Ok(())
    }

    /// The next conversations a change of the settings is carried to.
    fn redate(&mut self) -> Result<(), StoreError> {
        const SQL: &str = select_snapshot!(
            "FROM conversation c JOIN user u ON u.key = c.user \
             WHERE c.workspace = ?1 AND c.public_id > ?2 ORDER BY c.public_id LIMIT ?3"
        );
        let Some(after) = self.loaded.head.redate.as_ref().map(|redate| redate.after) else {
            self.loaded.redate = Some(RedatePage::default());
            return Ok(());
        };
        let most = i64::try_from(limits::REDATE_BATCH).unwrap_or(i64::MAX);
        // Every id is behind the empty one.
        let behind = after.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec());
        let ids = self.all(SQL, (self.workspace.0, behind, most))?;
        let next = ids.last().copied().filter(|_| ids.len() >= limits::REDATE_BATCH);
        self.loaded.redate = Some(RedatePage { is_under_way: true, after, ids, next });
        Ok(())
    }

    /// Takes every conversation in that `sql` finds.
    fn all(&mut self, sql: &str, params: impl Params) -> Result<Vec<ConversationId>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).or_store()?;
        let found: Vec<Stored> =
            statement.query_map(params, rows::snapshot).and_then(Iterator::collect).or_store()?;
        drop(statement);
        let ids = found.iter().map(|stored| stored.snapshot.conversation.id).collect();
        found.into_iter().for_each(|stored| self.found(stored));
        Ok(ids)
    }
}
