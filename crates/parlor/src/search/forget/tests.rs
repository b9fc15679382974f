use std::collections::BTreeSet;
use std::path::Path;

use parlor_core::id::WorkspaceKey;

use super::*;
use crate::search::parts::{Part, Parts};
use crate::search::{index, seams};
use crate::store::sqlite::{connection, gaps};
use crate::store::{Feed, FeedMessage, FeedPosition};

const WORKSPACE: WorkspaceKey = WorkspaceKey(1);
/// Letters every word of a test begins with, and no other bytes do by chance.
const MARK: &[u8] = b"xqz";

struct Fixture {
    directory: tempfile::TempDir,
    connection: Connection,
    at: FeedPosition,
    /// Messages in a table.
    most: usize,
}

impl Fixture {
    /// An index of so many messages, in one table.
    fn with(messages: i64, text: impl Fn(i64) -> String) -> Self {
        Self::in_tables(limits::SEARCH_PART, messages, text)
    }

    /// The same in tables of `most`.
    fn in_tables(most: usize, messages: i64, text: impl Fn(i64) -> String) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let connection = index::open(&directory.path().join(index::FILE), &[0; 32]).expect("an index");
        connection.execute_batch("PRAGMA synchronous = OFF").expect("a setting");
        let mut fixture = Self { directory, connection, at: FeedPosition::default(), most };
        let message = |key| FeedMessage { key, workspace: WORKSPACE, conversation_key: 1, text: text(key) };
        let keys: Vec<i64> = (1..=messages).collect();
        for keys in keys.chunks(limits::SEARCH_BATCH) {
            let messages = keys.iter().copied().map(message).collect();
            fixture.apply(&Feed { messages, ..Feed::default() });
        }
        fixture
    }

    fn apply(&mut self, feed: &Feed) {
        self.at = index::apply(&mut self.connection, self.at, feed, self.most).expect("room");
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

    /// Cleans up, says how many steps of writing a table anew that took, and looks whether the index is sound.
    fn clean(&mut self) -> usize {
        let steps = self.clean_up();
        for table in self.tables() {
            let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 0)");
            self.connection.execute_batch(&sql).expect("a sound index");
        }
        steps
    }

    /// Cleans up as the indexer does.
    fn clean_up(&mut self) -> usize {
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
        steps
    }

    /// Messages that are in some table.
    fn rows(&self) -> usize {
        let count = |table: &String| {
            let sql = format!("SELECT count(*) FROM {table}_docsize");
            self.connection.query_row(&sql, [], |row| row.get::<_, u32>(0)).expect("FTS5's table") as usize
        };
        self.tables().iter().map(count).sum()
    }

    fn tables(&self) -> Vec<String> {
        Parts::of(&self.connection, WORKSPACE).expect("readable").iter().map(Part::table).collect()
    }

    fn traces(&self, said: &BTreeSet<String>) -> Vec<String> {
        traces(&self.directory.path().join(index::FILE), said)
    }

    /// Rows of the messages whose words the index keeps pages apart by.
    fn at_the_seams(&self, messages: i64) -> Vec<i64> {
        let sql = format!("SELECT term FROM {}_idx", self.tables()[0]);
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
        let of_table = |table: String| -> u32 {
            let sql = format!("SELECT count(*) FROM {table} WHERE {table} MATCH ?1");
            self.connection.query_row(&sql, [word], |row| row.get(0)).expect("a search")
        };
        self.tables().into_iter().map(of_table).sum()
    }
}

/// The n-th word nobody else says. Two neighbours differ in their fourth letter, so that less does not tell them apart.
fn word(n: i64) -> String {
    let letter = |place: i64| char::from(b'a' + u8::try_from(n / place % 26).unwrap());
    String::from_utf8_lossy(MARK).into_owned() + &String::from_iter([17_576, 676, 26, 1].map(letter)) + "rest"
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
    let long =
        |key: i64| tail(key).split(' ').map(|number| format!(" {}", number.repeat(12))).collect::<String>();
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
    let count = i64::try_from(rows.len() * limits::FORGET_SHARE).unwrap();
    let mut fixture = Fixture::in_tables(usize::MAX, count, |_| "a".to_owned());
    assert_eq!(fixture.forget(&rows), 2);
    assert_eq!(fixture.clean(), 0);
    assert_eq!(fixture.finds("a") as usize, rows.len() * (limits::FORGET_SHARE - 1));
}

#[test]
fn what_is_deleted_leaves_every_table_it_is_in_and_only_those_are_written_anew() {
    let count = 6_000;
    let mut fixture = Fixture::in_tables(1_000, count, |key| format!("{} and so on{}", word(key), tail(key)));
    assert_eq!(fixture.tables().len(), 6);
    // Two of the first table, one in ten of the third, and all of the fourth, in no order.
    let mut rows: Vec<i64> = vec![999, 1];
    rows.extend((2_001..=3_000).rev().filter(|key| key % 10 == 0).chain(3_001..=4_000));
    let said = words(&rows);
    fixture.forget(&rows);
    let unclean = |fixture: &Fixture, stage: u8| -> u32 {
        let sql = "SELECT count(*) FROM unclean WHERE stage = ?1";
        fixture.connection.query_row(sql, [stage], |row| row.get(0)).unwrap()
    };
    assert_eq!((unclean(&fixture, MARKED), unclean(&fixture, SEAMS)), (1, 1));
    assert_eq!(fixture.tables().len(), 5, "nothing is left of one");
    fixture.clean();
    assert_eq!(fixture.traces(&said), [] as [String; 0]);
    assert_eq!((fixture.finds("and"), fixture.finds(&word(2_001))), (6_000 - rows.len() as u32, 1));
    // What was the dropped table's and is deleted again is no error.
    fixture.at.deleted_message_key = 0;
    fixture.forget(&[3_500]);
    fixture.clean();
    assert_eq!(fixture.finds("and"), 6_000 - rows.len() as u32);
}

#[test]
fn the_newest_table_stays_when_nothing_is_left() {
    let mut fixture = Fixture::in_tables(10, 15, |_| "a".to_owned());
    fixture.forget(&(1..=15).collect::<Vec<_>>());
    fixture.clean();
    assert_eq!((fixture.tables().len(), fixture.finds("a")), (1, 0));
    let message = FeedMessage { key: 16, workspace: WORKSPACE, conversation_key: 1, text: "a".to_owned() };
    fixture.apply(&Feed { messages: vec![message], ..Feed::default() });
    assert_eq!((fixture.tables().len(), fixture.finds("a")), (1, 1));
}

/// Numbers that seem to have no order, and are the same each time.
fn stir(n: i64) -> i64 {
    // The lower half of a product of two primes; its lowest bits repeat too soon.
    n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407).rotate_left(29)
        & 0x7fff_ffff
}

/// Twelve words as people choose them: a few all the time, most of 30,000 hardly ever, and now and then a number.
fn chat(key: i64) -> String {
    const SYLLABLES: [&str; 32] = [
        "a", "re", "the", "so", "in", "ti", "ka", "lo", "me", "or", "su", "pa", "de", "un", "vi", "gro",
        "sta", "chi", "be", "ho", "wa", "ny", "fe", "tra", "is", "mo", "cle", "ju", "pro", "da", "ex", "qui",
    ];
    let chosen = |place: i64| {
        let random = stir(stir(key * 16 + place));
        // As often as one over its rank.
        let mut rank =
            30_000_f64.powf(f64::from(u32::try_from(random % 65_536).unwrap()) / 65_536.0) as usize;
        let mut word = String::new();
        while rank > 0 {
            word += SYLLABLES[rank % SYLLABLES.len()];
            rank /= SYLLABLES.len();
        }
        word
    };
    let words: Vec<String> = (0..12).map(chosen).collect();
    let number = if stir(key) % 3 == 0 { (stir(key + 7) % 1_000_000).to_string() } else { String::new() };
    format!("{} {number}", words.join(" "))
}

/// Milliseconds until nothing of these messages is in the file.
fn time_to_forget(fixture: &mut Fixture, rows: &[i64]) -> u128 {
    fixture.at.deleted_message_key = 0;
    let begin = std::time::Instant::now();
    fixture.forget(rows);
    fixture.clean_up();
    begin.elapsed().as_millis()
}

/// The figures of docs/benchmarks.md, in a release build with `INDEXED=500000`: on one index, since a few thousand of half a
/// million are no matter. Else a short run of the same.
#[test]
fn what_is_erased_at_once_is_gone_whatever_its_size() {
    let messages: i64 = std::env::var("INDEXED").map_or(3_000, |number| number.parse().expect("a number"));
    let mut fixture = Fixture::with(messages, chat);
    fixture.connection.execute_batch("PRAGMA synchronous = NORMAL").unwrap();
    fixture.clean_up();
    let (mut begin, mut gone) = (0, BTreeSet::new());
    for count in [1, 100, 300, 500, 1_000, 5_000].into_iter().filter(|count| count * 10 <= messages) {
        let scattered: BTreeSet<i64> = (0..count).map(|n| 1 + stir(stir(begin + n)) % messages).collect();
        begin += count;
        let neighbours: Vec<i64> = (0..count).map(|n| 1 + (begin * 17 + n) % messages).collect();
        gone.extend(scattered.iter().chain(&neighbours).copied());
        let scattered = time_to_forget(&mut fixture, &scattered.into_iter().collect::<Vec<_>>());
        let neighbours = time_to_forget(&mut fixture, &neighbours);
        println!("{count} messages: {scattered} ms scattered, {neighbours} ms one after another");
        assert_eq!(fixture.rows(), messages as usize - gone.len());
    }
    println!(
        "{} MB",
        std::fs::metadata(fixture.directory.path().join(index::FILE)).unwrap().len() / 1_000_000
    );
}
