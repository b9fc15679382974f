//! How rows leave the index.
//!
//! A few are taken out one by one: FTS5 looks each of their words up and writes its page anew, which costs milliseconds a
//! message, more the larger the table. Of many, the words are only marked as deleted, and then the table's index is written
//! anew without them, in steps: that costs as much as what stays. What is left to do stands in the file.

use std::collections::BTreeMap;

use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::index;
use crate::store::sqlite::error::OrStore;
use crate::store::{FeedDeletion, StoreError};

/// Words are marked; the table is to be written anew.
const MARKED: u8 = 0;
/// That has begun.
const REWRITING: u8 = 1;
/// No words are left, but maybe their beginnings between the pages.
const SEAMS: u8 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The index never had anything of the workspace.
    None,
    OneByOne,
    Mark,
}

/// Makes the list of tables that are not clean.
pub(super) fn prepare(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    const SQL: &str =
        "CREATE TABLE IF NOT EXISTS unclean (name TEXT PRIMARY KEY, stage INTEGER NOT NULL) STRICT";
    transaction.execute_batch(SQL).or_store()
}

/// Removes what was deleted from the tables it was in, and says how far in the queue of deletions that is: a transaction
/// takes only so many one by one. What the index never had is no error.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    deleted: &[FeedDeletion],
    table: fn(WorkspaceKey) -> String,
    before: i64,
) -> Result<i64, StoreError> {
    let mut counts = BTreeMap::<WorkspaceKey, usize>::new();
    deleted.iter().for_each(|deletion| *counts.entry(deletion.workspace).or_default() += 1);
    let mut ways = BTreeMap::new();
    for (workspace, count) in counts {
        let way = choose(transaction, workspace, &table(workspace), count)?;
        begin(transaction, &table(workspace), way)?;
        ways.insert(workspace, way);
    }
    let (mut last, mut one_by_one) = (before, 0);
    for deletion in deleted {
        let way = ways[&deletion.workspace];
        one_by_one += usize::from(way == Way::OneByOne);
        if one_by_one > limits::FORGET_BATCH {
            break;
        }
        if way != Way::None {
            let sql = format!("DELETE FROM {} WHERE rowid = ?1", table(deletion.workspace));
            transaction
                .prepare_cached(&sql)
                .and_then(|mut delete| delete.execute([deletion.row]))
                .or_store()?;
        }
        last = deletion.key;
    }
    for (workspace, _) in ways.iter().filter(|(_, way)| **way == Way::Mark) {
        // Also writes down what was marked, while it is only marked.
        set_secure(transaction, &table(*workspace), true)?;
    }
    Ok(last)
}

fn choose(
    transaction: &Transaction<'_>,
    workspace: WorkspaceKey,
    table: &str,
    count: usize,
) -> Result<Way, StoreError> {
    if !index::has(transaction, workspace)? {
        return Ok(Way::None);
    }
    // It is written anew in any case.
    if stage(transaction, table)? == Some(MARKED) || count > limits::FORGET_ONE_BY_ONE {
        return Ok(Way::Mark);
    }
    let most = count * limits::FORGET_SHARE;
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table}_docsize LIMIT {most})");
    let rows: u32 = transaction.query_row(&sql, [], |row| row.get(0)).or_store()?;
    Ok(if (rows as usize) < most { Way::Mark } else { Way::OneByOne })
}

fn begin(transaction: &Transaction<'_>, table: &str, way: Way) -> Result<(), StoreError> {
    const MARK: &str = "INSERT INTO unclean VALUES (?1, ?2) ON CONFLICT DO UPDATE SET stage = ?2";
    const ONE_BY_ONE: &str = "INSERT INTO unclean VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    match way {
        Way::None => return Ok(()),
        Way::OneByOne => transaction.execute(ONE_BY_ONE, params![table, SEAMS]).or_store()?,
        Way::Mark => {
            set_secure(transaction, table, false)?;
            transaction.execute(MARK, params![table, MARKED]).or_store()?
        }
    };
    Ok(())
}

/// Whether words leave a table's index with their row, or are only marked.
fn set_secure(transaction: &Transaction<'_>, table: &str, is_secure: bool) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', ?1)");
    transaction.execute(&sql, [is_secure]).or_store()?;
    Ok(())
}

/// Makes a step of writing a table anew whose deleted words are only marked; false when there is none.
pub(super) fn rewrite(connection: &mut Connection) -> Result<bool, StoreError> {
    const NEXT: &str = "SELECT name, stage FROM unclean WHERE stage < ?1 LIMIT 1";
    const SQL: &str = "UPDATE unclean SET stage = ?2 WHERE name = ?1";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).or_store()?;
    let next: Option<(String, u8)> =
        transaction.query_row(NEXT, [SEAMS], |row| row.try_into()).optional().or_store()?;
    let Some((table, stage)) = next else { return Ok(false) };
    if stage == MARKED {
        // FTS5 looks first at what came in meanwhile, and by default takes two or three parts of that for nothing to do: what
        // it is in the middle of would be left as it is.
        let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('usermerge', 2)");
        transaction.execute(&sql, []).or_store()?;
    }
    // A number below zero begins: it takes in all that there is.
    let pages = if stage == MARKED { -limits::REWRITE_PAGES } else { limits::REWRITE_PAGES };
    let before = transaction.total_changes();
    let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)");
    transaction.execute(&sql, [pages]).or_store()?;
    // FTS5's own sign that nothing was left to do.
    let is_done = transaction.total_changes() - before < 2;
    transaction.execute(SQL, params![table, if is_done { SEAMS } else { REWRITING }]).or_store()?;
    transaction.commit().or_store()?;
    Ok(true)
}

/// A table whose seams are to be looked at, if there is any.
pub(super) fn next_seams(connection: &Connection) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT name FROM unclean WHERE stage = ?1 LIMIT 1";
    connection.query_row(SQL, [SEAMS], |row| row.get(0)).optional().or_store()
}

/// A table's index is free of everything forgotten.
pub(super) fn is_clean(connection: &Connection, table: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM unclean WHERE name = ?1", [table]).or_store()?;
    Ok(())
}

fn stage(connection: &Connection, table: &str) -> Result<Option<u8>, StoreError> {
    const SQL: &str = "SELECT stage FROM unclean WHERE name = ?1";
    connection.query_row(SQL, [table], |row| row.get(0)).optional().or_store()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::search::seams;
    use crate::store::sqlite::{connection, gaps};
    use crate::store::{Feed, FeedMessage, FeedPosition};

    const WORKSPACE: WorkspaceKey = WorkspaceKey(1);
    /// Letters every word of a test begins with, and no other bytes do by chance.
    const MARK: &[u8] = b"xqz";

    struct Fixture {
        directory: tempfile::TempDir,
        connection: Connection,
        at: FeedPosition,
    }

    impl Fixture {
        /// An index of so many messages.
        fn with(messages: i64, text: impl Fn(i64) -> String) -> Self {
            let directory = tempfile::tempdir().expect("a directory for the test");
            let connection = index::open(&directory.path().join(index::FILE), &[0; 32]).expect("an index");
            connection.execute_batch("PRAGMA synchronous = OFF").expect("a setting");
            let mut fixture = Self { directory, connection, at: FeedPosition::default() };
            let message =
                |key| FeedMessage { key, workspace: WORKSPACE, conversation_key: 1, text: text(key) };
            let keys: Vec<i64> = (1..=messages).collect();
            for keys in keys.chunks(limits::SEARCH_BATCH) {
                let messages = keys.iter().copied().map(message).collect();
                fixture.apply(&Feed { messages, ..Feed::default() });
            }
            fixture
        }

        fn apply(&mut self, feed: &Feed) {
            self.at = index::apply(&mut self.connection, self.at, feed).expect("room");
        }

        /// Forgets these messages in feeds of a usual size, and says how many transactions that took.
        fn forget(&mut self, rows: &[i64]) -> usize {
            let deletion = |(row, key)| FeedDeletion { key, workspace: WORKSPACE, row };
            let queue: Vec<FeedDeletion> = rows.iter().copied().zip(1..).map(deletion).collect();
            let end = queue.last().map_or(0, |last| last.key);
            let mut transactions = 0;
            while self.at.deleted_message_key < end {
                let behind = queue.iter().filter(|deletion| deletion.key > self.at.deleted_message_key);
                let deleted_messages = behind.copied().take(limits::SEARCH_BATCH).collect();
                self.apply(&Feed { deleted_messages, ..Feed::default() });
                transactions += 1;
            }
            transactions
        }

        /// Cleans up as the indexer does, and says how many steps of writing a table anew that took.
        fn clean(&mut self) -> usize {
            let mut steps = 0;
            while rewrite(&mut self.connection).expect("room") {
                steps += 1;
            }
            while let Some(table) = next_seams(&self.connection).expect("readable") {
                let mut next = Some(seams::Place::default());
                while let Some(after) = next {
                    next = seams::mend(&mut self.connection, &table, &after).expect("room");
                }
                is_clean(&self.connection, &table).expect("room");
            }
            let mut next = Some(1);
            while let Some(from) = next {
                next = gaps::step(&mut self.connection, from).expect("room");
            }
            assert!(connection::empty_log(&self.connection).expect("room"));
            self.connection
                .execute_batch(&format!(
                    "INSERT INTO {0} ({0}, rank) VALUES ('integrity-check', 0)",
                    index::messages(WORKSPACE)
                ))
                .expect("a sound index");
            steps
        }

        fn traces(&self, said: &BTreeSet<String>) -> Vec<String> {
            traces(&self.directory.path().join(index::FILE), said)
        }

        /// Rows of the messages whose words the index keeps pages apart by.
        fn at_the_seams(&self, messages: i64) -> Vec<i64> {
            let sql = format!("SELECT term FROM {}_idx", index::messages(WORKSPACE));
            let mut statement = self.connection.prepare(&sql).expect("FTS5's table");
            let terms: Vec<Vec<u8>> =
                statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("readable");
            // The first byte says which of the indexes it is: of whole words, or of beginnings.
            let whole = |term: &&Vec<u8>| term.first() == Some(&b'0') && term.len() > 1 + MARK.len();
            let keys = terms
                .iter()
                .filter(whole)
                .filter_map(|term| (1..=messages).find(|key| word(*key).as_bytes().starts_with(&term[1..])));
            keys.collect()
        }

        fn finds(&self, word: &str) -> u32 {
            let table = index::messages(WORKSPACE);
            let sql = format!("SELECT count(*) FROM {table} WHERE {table} MATCH ?1");
            self.connection.query_row(&sql, [word], |row| row.get(0)).expect("a search")
        }
    }

    /// The n-th word nobody else says. Two neighbours differ in their fourth letter, so that less does not tell them apart.
    fn word(n: i64) -> String {
        let letter = |place: i64| char::from(b'a' + u8::try_from(n / place % 26).unwrap());
        String::from_utf8_lossy(MARK).into_owned()
            + &String::from_iter([17_576, 676, 26, 1].map(letter))
            + "rest"
    }

    /// Words that make an index large.
    fn tail(n: i64) -> String {
        (1..=12).map(|factor| format!(" {}", n * 7_919 * factor)).collect()
    }

    /// Where words, or the beginnings of words of which none is left, stand in a file's bytes.
    fn traces(path: &Path, said: &BTreeSet<String>) -> Vec<String> {
        let bytes = std::fs::read(path).expect("the index's file");
        let marks = bytes.windows(MARK.len() + 4).filter(|window| window.starts_with(MARK));
        let beginnings = marks.map(|window| String::from_utf8_lossy(window).into_owned());
        let begins = |beginning: &String| {
            said.range(beginning.clone()..).next().is_some_and(|word| word.starts_with(beginning))
        };
        beginnings.filter(begins).collect()
    }

    fn words(rows: &[i64]) -> BTreeSet<String> {
        rows.iter().map(|row| word(*row)).collect()
    }

    #[test]
    fn few_of_a_large_table_leave_no_beginnings_between_its_pages() {
        let count = 6_000;
        let mut fixture = Fixture::with(count, |key| format!("{} and so on", word(key)));
        let mut rows = fixture.at_the_seams(count);
        rows.truncate(usize::try_from(count).unwrap() / limits::FORGET_SHARE - 1);
        assert!(rows.len() > 5, "{rows:?}");
        let said = words(&rows);
        assert_eq!(fixture.forget(&rows), 1);
        assert_eq!(fixture.clean(), 0, "nothing is written anew");
        assert_eq!(fixture.traces(&said), [] as [String; 0]);
        assert_eq!((fixture.finds(&word(rows[0])), fixture.finds("and")), (0, 6_000 - rows.len() as u32));
        assert!((1..=count).filter(|key| !rows.contains(key)).all(|key| fixture.finds(&word(key)) == 1));
    }

    #[test]
    fn many_are_gone_in_steps_and_the_others_stay() {
        let count = 12_000;
        let mut fixture = Fixture::with(count, |key| format!("{} and so on{}", word(key), tail(key)));
        let rows: Vec<i64> = (1..=count).filter(|key| key % 3 == 0).collect();
        let said = words(&rows);
        assert_eq!(fixture.forget(&rows), rows.len() / limits::SEARCH_BATCH);
        assert_eq!(fixture.finds("and"), 8_000, "nobody finds them from then on");
        // More comes in while the table is written anew, and some of it goes again.
        assert!(rewrite(&mut fixture.connection).unwrap());
        let message =
            FeedMessage { key: count + 1, workspace: WORKSPACE, conversation_key: 1, text: word(count + 1) };
        fixture.apply(&Feed { messages: vec![message], ..Feed::default() });
        assert!(fixture.clean() > 1);
        assert_eq!(fixture.traces(&said), [] as [String; 0]);
        assert_eq!((fixture.finds("and"), fixture.finds(&word(count + 1))), (8_000, 1));
        assert!(!fixture.traces(&words(&[4])).is_empty(), "what stays can be seen");
    }

    #[test]
    fn what_comes_in_meanwhile_does_not_end_it_early() {
        let count = 6_000;
        // Numbers come before words, and these take longer than one step.
        let long = |key: i64| {
            tail(key).split(' ').map(|number| format!(" {}", number.repeat(12))).collect::<String>()
        };
        let mut fixture = Fixture::with(count, |key| format!("{} and so on{}", word(key), long(key)));
        let rows_of = |rest: i64| (1..=count).filter(move |key| key % 100 == rest).collect::<Vec<_>>();
        fixture.forget(&rows_of(1));
        fixture.clean();
        fixture.at.deleted_message_key = 0;
        let rows = rows_of(0);
        assert_eq!(fixture.forget(&rows), 1);
        assert!(rewrite(&mut fixture.connection).unwrap());
        // More parts than it is being written anew from.
        for key in count + 1..=count + 3 {
            let message = FeedMessage { key, workspace: WORKSPACE, conversation_key: 1, text: word(key) };
            fixture.apply(&Feed { messages: vec![message], ..Feed::default() });
        }
        fixture.clean();
        assert_eq!(fixture.traces(&words(&rows)), [] as [String; 0]);
        assert_eq!((fixture.finds("and"), fixture.finds(&word(count + 3))), (5_880, 1));
    }

    #[test]
    fn a_transaction_takes_only_so_many_out_one_by_one() {
        let rows: Vec<i64> = (1..=i64::try_from(limits::FORGET_BATCH).unwrap() + 2).map(|n| n * 7).collect();
        let mut fixture =
            Fixture::with(i64::try_from(rows.len() * limits::FORGET_SHARE).unwrap(), |_| "a".to_owned());
        assert_eq!(fixture.forget(&rows), 2);
        assert_eq!(fixture.clean(), 0);
        assert_eq!(fixture.finds("a") as usize, rows.len() * (limits::FORGET_SHARE - 1));
    }
}
