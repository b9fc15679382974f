//! Every conversation with its messages, judged by the core's own words.

use std::collections::HashMap;

use parlor_core::conversation::Conversation;
use parlor_core::id::WorkspaceKey;
use parlor_core::invariant::{self, Breach, Notes, Thread};
use parlor_core::limits;
use parlor_core::state::Head;
use rusqlite::Connection;

use super::{Check, Checked, Listener};
use crate::store::StoreError;
use crate::store::sqlite::error::OrStore;
use crate::store::sqlite::load;
use crate::store::sqlite::rows::{self, select_message, select_note, select_snapshot};

pub(super) fn check(check: &mut Check, listener: &mut dyn Listener) -> Result<Checked, StoreError> {
    let mut all = Checked::default();
    let mut next = Some(0);
    while let Some(after) = next {
        let portion = check.snapshot(|connection| {
            let last = last_message(connection)?;
            listener.step("conversations and messages", all.messages, last);
            let mut portion = Portion { connection, listener: &mut *listener, heads: HashMap::new() };
            portion.judge(after, &mut all)
        });
        next = portion?;
    }
    Ok(all)
}

/// The highest key of a message: about how many there are.
fn last_message(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(key), 0) FROM message";
    let last: i64 = connection.query_row(sql, [], |row| row.get(0)).or_store()?;
    Ok(last.cast_unsigned())
}

/// Conversations of one snapshot.
struct Portion<'a> {
    connection: &'a Connection,
    listener: &'a mut dyn Listener,
    heads: HashMap<i64, Head>,
}

impl Portion<'_> {
    /// Judges conversations behind a key until there were enough messages; the key to go on behind, if there is more.
    fn judge(&mut self, after: i64, all: &mut Checked) -> Result<Option<i64>, StoreError> {
        const SQL: &str = select_snapshot!(
            "FROM conversation c JOIN user u ON u.key = c.user WHERE c.key > ?1 ORDER BY c.key"
        );
        let connection = self.connection;
        let mut statement = connection.prepare_cached(SQL).or_store()?;
        let mut rows = statement.query([after]).or_store()?;
        let mut cost = 0;
        while let Some(row) = rows.next().or_store()? {
            all.conversations += 1;
            let key: i64 = row.get(0).or_store()?;
            let messages = if let Ok(stored) = rows::snapshot(row) {
                self.conversation(key, &stored.snapshot.conversation)?
            } else {
                let found = format!("the row of conversation {} cannot be read back", id_of(row.get(2)));
                self.listener.breach(Breach::new("unreadable", found));
                0
            };
            all.messages += messages;
            // An empty one takes about as long as a message.
            cost += messages + 1;
            if cost >= limits::CHECK_SNAPSHOT_MESSAGES {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Judges one conversation and says how many messages it has.
    fn conversation(&mut self, key: i64, c: &Conversation) -> Result<u64, StoreError> {
        const WORKSPACE: &str = "SELECT workspace FROM conversation WHERE key = ?1";
        const MESSAGES: &str = select_message!(
            "FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.conversation = ?1 ORDER BY m.seq"
        );
        let connection = self.connection;
        let workspace: i64 = connection
            .prepare_cached(WORKSPACE)
            .and_then(|mut s| s.query_row([key], |r| r.get(0)))
            .or_store()?;
        let head = self.head(workspace)?;
        let sink = &mut |breach| self.listener.breach(breach);
        invariant::conversation(c, &head, sink);
        if let Some(previous) = c.previous_id {
            // One that cannot be read back is reported for itself.
            if let Ok(Some(previous)) = load::conversation(connection, WorkspaceKey(workspace), previous) {
                invariant::chain(c, &previous.snapshot.conversation, sink);
            }
        }
        let mut thread = Thread::new(c);
        let mut count = 0;
        let mut statement = connection.prepare_cached(MESSAGES).or_store()?;
        let mut rows = statement.query([key]).or_store()?;
        while let Some(row) = rows.next().or_store()? {
            count += 1;
            let Ok((_, message)) = rows::message(row) else {
                let found = format!("the row of message {} cannot be read back", id_of(row.get(2)));
                sink(Breach::new("unreadable", found));
                // Nothing that counts it can be judged.
                return Ok(count);
            };
            thread.message(&message, sink);
        }
        thread.end(sink);
        self.notes(key, c)?;
        Ok(count)
    }

    /// Judges its private notes.
    fn notes(&mut self, key: i64, c: &Conversation) -> Result<(), StoreError> {
        const NOTES: &str = select_note!(
            "FROM note n JOIN conversation c ON c.key = n.conversation WHERE n.conversation = ?1 ORDER BY n.key"
        );
        let sink = &mut |breach| self.listener.breach(breach);
        let mut notes = Notes::new(c);
        let mut statement = self.connection.prepare_cached(NOTES).or_store()?;
        let mut rows = statement.query([key]).or_store()?;
        while let Some(row) = rows.next().or_store()? {
            let Ok(note) = rows::note(row) else {
                let found = format!("the row of note {} cannot be read back", id_of(row.get(1)));
                sink(Breach::new("unreadable", found));
                // Nothing that counts it can be judged.
                return Ok(());
            };
            notes.note(&note, sink);
        }
        notes.end(sink);
        Ok(())
    }

    fn head(&mut self, workspace: i64) -> Result<Head, StoreError> {
        if let Some(head) = self.heads.get(&workspace) {
            return Ok(head.clone());
        }
        let head = load::head(self.connection, WorkspaceKey(workspace))?;
        self.heads.insert(workspace, head.clone());
        Ok(head)
    }
}

fn id_of(bytes: rusqlite::Result<[u8; 16]>) -> String {
    bytes.map_or_else(|_| "with a broken id".to_owned(), |bytes| uuid::Uuid::from_bytes(bytes).to_string())
}
