//! A list's filters as SQL.

use std::rc::Rc;

use parlor_core::conversation::{Handler, Status};
use parlor_core::id::WorkspaceKey;
use parlor_core::state::Dimension;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::store::sqlite::error::OrStore;
use crate::store::{ListQuery, StoreError};

/// What the rows of a list have in common.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    pub(super) workspace: WorkspaceKey,
    pub(super) query: &'a ListQuery,
}

/// What to look conversations up by. The rest of the filters is checked row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// No filter: every conversation in the order of the list.
    Inbox,
    Funnel,
    /// Queue or agent; the bot has too many for an index.
    Handler,
    Assignee,
    Unread,
    User,
    Label,
    /// What a search found.
    Among,
}

impl By {
    /// Whether its index is in the order of `last_message_at` within status and archive.
    pub(super) fn is_in_time_order(self) -> bool {
        matches!(self, By::Inbox | By::Funnel | By::Handler | By::Assignee | By::Unread)
    }

    fn index(self) -> &'static str {
        match self {
            By::Inbox => "INDEXED BY conversation_inbox",
            By::Funnel => "INDEXED BY conversation_funnel",
            By::Handler => "INDEXED BY conversation_handler",
            By::Assignee => "INDEXED BY conversation_assignee",
            By::Unread => "INDEXED BY conversation_unread",
            By::User => "INDEXED BY conversation_user",
            // By key.
            By::Label | By::Among => "NOT INDEXED",
        }
    }
}

/// A statement in the making: its text, and the values of its places in order.
#[derive(Default)]
pub(super) struct Sql {
    pub(super) text: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Sql {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn bind(&mut self, value: impl ToSql + 'static) -> &mut Self {
        self.values.push(Box::new(value));
        self
    }

    /// Prepared and bound; read it with `raw_query`.
    pub(super) fn prepare(self, connection: &Connection) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = connection.prepare_cached(&self.text).or_store()?;
        for (place, value) in (1..).zip(&self.values) {
            statement.raw_bind_parameter(place, value).or_store()?;
        }
        Ok(statement)
    }

    /// The number in the first column of the first row, 0 where there is none.
    pub(super) fn number(self, connection: &Connection) -> Result<u64, StoreError> {
        let mut statement = self.prepare(connection)?;
        let mut rows = statement.raw_query();
        let row = rows.next().or_store()?;
        let number: Option<i64> = row.map(|row| row.get(0)).transpose().or_store()?.flatten();
        Ok(number.unwrap_or(0).cast_unsigned())
    }
}

impl Filter<'_> {
    /// `FROM … WHERE …` with every filter; status and archive as in `range` where it is given.
    pub(super) fn rows(&self, sql: &mut Sql, by: By, index: Option<&str>, range: Option<(bool, Status)>) {
        let query = self.query;
        sql.push(" FROM conversation c ").push(index.unwrap_or(by.index()));
        sql.push(" WHERE c.workspace = ?").bind(self.workspace.0);
        self.range(sql, range);
        if let Some(funnel) = &query.funnel_id {
            sql.push(" AND c.funnel_id = ?").bind(funnel.to_string());
        }
        if let Some(handler) = query.handler {
            sql.push(" AND c.handler = ?").bind(handler.as_str());
        }
        if let Some(assignee) = &query.assignee_id {
            sql.push(" AND c.assignee_id = ?").bind(assignee.to_string());
        }
        if query.unread {
            sql.push(" AND c.user_messages > c.user_messages_read");
        }
        if by == By::Handler {
            // Says again what a value alone cannot prove: that the partial index has every row.
            sql.push(" AND c.handler <> 'bot'");
        }
        self.looked_up(sql, by);
    }

    fn range(&self, sql: &mut Sql, range: Option<(bool, Status)>) {
        let archived = range.map(|(archived, _)| archived).or(self.query.archived);
        let status = range.map(|(_, status)| status).or(self.query.status);
        if let Some(archived) = archived {
            sql.push(" AND c.archived = ?").bind(archived);
        }
        if let Some(status) = status {
            sql.push(" AND c.status = ?").bind(status.as_str());
        }
    }

    /// The filters that stand in other tables.
    fn looked_up(&self, sql: &mut Sql, by: By) {
        let workspace = self.workspace.0;
        if let Some(user) = &self.query.user_id {
            sql.push(" AND c.user = (SELECT u.key FROM user u WHERE u.workspace = ? AND u.public_id = ?)");
            sql.bind(workspace).bind(user.to_string());
        }
        if let Some(label) = &self.query.label {
            let label = label.as_str().to_owned();
            sql.push(if by == By::Label {
                " AND c.key IN (SELECT l.conversation FROM conversation_label l WHERE l.workspace = ? AND l.label = ?)"
            } else {
                " AND EXISTS (SELECT 1 FROM conversation_label l \
                 WHERE l.workspace = ? AND l.label = ? AND l.conversation = c.key)"
            });
            sql.bind(workspace).bind(label);
        }
        if let Some(keys) = &self.query.among {
            sql.push(" AND c.key IN (SELECT hit.value FROM rarray(?) AS hit)");
            sql.bind(Rc::new(keys.iter().map(|hit| Value::from(hit.conversation_key)).collect::<Vec<_>>()));
        }
    }

    /// The filters that are set, with how many conversations each lets through at most `cap`.
    pub(super) fn set(&self, connection: &Connection, cap: u64) -> Result<Vec<(By, u64)>, StoreError> {
        let query = self.query;
        let mut set = Vec::new();
        if let Some(keys) = &query.among {
            set.push((By::Among, keys.len() as u64));
        }
        if query.user_id.is_some() {
            set.push((By::User, self.count(connection, By::User, Some(cap))?));
        }
        if query.label.is_some() {
            set.push((By::Label, self.labelled(connection, cap)?));
        }
        if query.unread {
            set.push((By::Unread, self.unread(connection, cap)?));
        }
        for (by, dimension) in self.dimensions() {
            set.push((by, self.kept_total(connection, &dimension)?));
        }
        Ok(set)
    }

    /// The filters that totals are kept for.
    pub(super) fn dimensions(&self) -> Vec<(By, Dimension)> {
        let query = self.query;
        let funnel = query.funnel_id.clone().map(|id| (By::Funnel, Dimension::Funnel(id)));
        let handler = query.handler.map(|handler| {
            let by = if handler == Handler::Bot { By::Inbox } else { By::Handler };
            (by, Dimension::Handler(handler))
        });
        let assignee = query.assignee_id.clone().map(|id| (By::Assignee, Dimension::Assignee(id)));
        [funnel, handler, assignee].into_iter().flatten().collect()
    }

    /// A total that is kept, for the query's status and archive.
    pub(super) fn kept_total(
        &self,
        connection: &Connection,
        dimension: &Dimension,
    ) -> Result<u64, StoreError> {
        let mut sql = Sql::new("SELECT sum(c.total) FROM counter c WHERE c.workspace = ?");
        sql.bind(self.workspace.0);
        sql.push(" AND c.dimension = ?").bind(crate::store::sqlite::write::dimension_word(dimension));
        // Written as lists so that the key is found rather than scanned for, whatever is given.
        sql.push(match self.query.archived {
            None => " AND c.archived IN (0, 1)",
            Some(false) => " AND c.archived IN (0)",
            Some(true) => " AND c.archived IN (1)",
        });
        sql.push(match self.query.status {
            None => " AND c.status IN ('open', 'closed')",
            Some(Status::Open) => " AND c.status IN ('open')",
            Some(Status::Closed) => " AND c.status IN ('closed')",
        });
        sql.number(connection)
    }

    /// How many conversations pass every filter; with a cap, at most one more than it.
    pub(super) fn count(&self, connection: &Connection, by: By, cap: Option<u64>) -> Result<u64, StoreError> {
        let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1");
        self.rows(&mut sql, by, None, None);
        capped(&mut sql, cap);
        sql.push(")");
        sql.number(connection)
    }

    fn labelled(&self, connection: &Connection, cap: u64) -> Result<u64, StoreError> {
        let Some(label) = &self.query.label else { return Ok(0) };
        let mut sql = Sql::new(
            "SELECT count(*) FROM (SELECT 1 FROM conversation_label l WHERE l.workspace = ? AND l.label = ?",
        );
        sql.bind(self.workspace.0).bind(label.as_str().to_owned());
        capped(&mut sql, Some(cap));
        sql.push(")");
        sql.number(connection)
    }

    fn unread(&self, connection: &Connection, cap: u64) -> Result<u64, StoreError> {
        let mut sql = Sql::new(
            "SELECT count(*) FROM (SELECT 1 FROM conversation c INDEXED BY conversation_unread \
             WHERE c.workspace = ? AND c.user_messages > c.user_messages_read",
        );
        sql.bind(self.workspace.0);
        self.range(&mut sql, None);
        capped(&mut sql, Some(cap));
        sql.push(")");
        sql.number(connection)
    }
}

fn capped(sql: &mut Sql, cap: Option<u64>) {
    if let Some(cap) = cap {
        sql.push(" LIMIT ?").bind(cap.saturating_add(1).cast_signed());
    }
}
