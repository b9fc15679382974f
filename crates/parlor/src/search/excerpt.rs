//! What of a message a search found: the words themselves, and a piece of the text around the first.
//!
//! Which words match is FTS5's to say, with the index's own idea of a word: the texts of a page go through a table of the
//! connection's own, and nothing of them stays.

use std::fmt::Write as _;
use std::ops::Range;

use parlor_core::limits;
use rusqlite::{Connection, TransactionBehavior};

use super::index::WORDS;
use super::words::{spread, stands_alone};
use crate::store::StoreError;
use crate::store::sqlite::error::OrStore;

/// A piece of a text with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// At most [`EXCERPT_CHARS`](limits::EXCERPT_CHARS) characters; an ellipsis where the text goes on.
    pub text: String,
    /// Words found, from and to in UTF-16 units of `text`, ascending.
    pub ranges: Vec<[usize; 2]>,
}

/// Stand around a word that was found. No characters, so they begin and end no word; in a text they count as a space.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// For each text the places of its words that match, in bytes, ascending; none when not all of `expression` does.
pub(super) fn mark(
    connection: &mut Connection,
    expression: &str,
    texts: &[String],
) -> Result<Vec<Vec<Range<usize>>>, StoreError> {
    let table = format!("CREATE VIRTUAL TABLE IF NOT EXISTS temp.said USING fts5 (text, {WORDS})");
    connection.execute_batch(&table).or_store()?;
    // Never committed: what was said is gone with it.
    let work = connection.transaction_with_behavior(TransactionBehavior::Deferred).or_store()?;
    let mut insert = work.prepare_cached("INSERT INTO temp.said (rowid, text) VALUES (?1, ?2)").or_store()?;
    for (row, text) in (0_i64..).zip(texts) {
        insert.execute((row, spread(&text.replace([OPEN, CLOSE], " ")))).or_store()?;
    }
    drop(insert);
    let mut found = vec![Vec::new(); texts.len()];
    let mut select = work
        .prepare_cached("SELECT rowid, highlight(said, 0, ?2, ?3) FROM temp.said WHERE said MATCH ?1")
        .or_store()?;
    let mut rows = select.query((expression, OPEN.to_string(), CLOSE.to_string())).or_store()?;
    while let Some(row) = rows.next().or_store()? {
        let (at, marked): (i64, String) = (row.get(0).or_store()?, row.get(1).or_store()?);
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        if let Some((text, found)) = texts.get(at).zip(found.get_mut(at)) {
            *found = places(text, &marked);
        }
    }
    drop(rows);
    drop(select);
    work.rollback().or_store()?;
    Ok(found)
}

/// Where the marks of `marked` stand in `text`, of which it is the spread copy.
fn places(text: &str, marked: &str) -> Vec<Range<usize>> {
    let (mut places, mut open, mut end) = (Vec::new(), None, 0);
    let mut copy = marked.chars();
    let mut pass = |at: usize, end: usize| {
        for mark in copy.by_ref() {
            match mark {
                OPEN => open = Some(at),
                CLOSE => places.extend(open.take().map(|from| from..end)),
                _ => return,
            }
        }
    };
    for (at, c) in text.char_indices() {
        if stands_alone(c) {
            pass(at, end);
        }
        pass(at, end);
        end = at + c.len_utf8();
        if stands_alone(c) {
            pass(end, end);
        }
    }
    pass(end, end);
    places
}

/// The piece of `text` around the first of `places`; nothing when there is none.
pub(super) fn excerpt(text: &str, places: &[Range<usize>]) -> Option<Excerpt> {
    let first = places.first()?;
    let (start, end) = window(text, first.start);
    let mut out = Excerpt::default();
    if start > 0 {
        out.text.push('…');
    }
    let mut units = out.text.encode_utf16().count();
    let mut at = start;
    for place in places.iter().take_while(|place| place.start < end) {
        let until = place.end.min(end);
        let from = units + text[at..place.start].encode_utf16().count();
        units = from + text[place.start..until].encode_utf16().count();
        out.ranges.push([from, units]);
        at = until;
    }
    let more = if end < text.len() { "…" } else { "" };
    write!(out.text, "{}{more}", &text[start..end]).expect("a String takes everything");
    Some(out)
}

/// What is shown of a text whose first hit is at `hit`, in bytes, so that it fits with its ellipses.
fn window(text: &str, hit: usize) -> (usize, usize) {
    let most = limits::EXCERPT_CHARS;
    if text.char_indices().nth(most).is_none() {
        return (0, text.len());
    }
    let lead = text[..hit].char_indices().rev().nth(limits::EXCERPT_LEAD_CHARS - 1);
    let start = lead.map_or(0, |(at, _)| {
        // Not from the middle of a word, unless the next one is far.
        let mut near = text[at..hit].char_indices().take(limits::EXCERPT_LEAD_CHARS / 3);
        near.find(|(_, c)| c.is_whitespace()).map_or(at, |(space, c)| at + space + c.len_utf8())
    });
    let room = most - usize::from(start > 0);
    let rest = &text[start..];
    match rest.char_indices().nth(room) {
        None => (start, text.len()),
        Some(_) => {
            let cut = rest.char_indices().nth(room - 1).map_or(rest.len(), |(at, _)| at);
            (start, start + cut)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::words::expression;

    fn marked(query: &str, text: &str) -> Vec<Range<usize>> {
        let mut connection = Connection::open_in_memory().expect("memory");
        let expression = expression(query).expect("a query with words");
        let texts = ["before".to_owned(), text.to_owned()];
        let mut found = mark(&mut connection, &expression, &texts).expect("sound");
        found.pop().expect("one for each text")
    }

    fn words<'a>(query: &str, text: &'a str) -> Vec<&'a str> {
        marked(query, text).into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn words_are_marked_as_they_stand_in_the_text() {
        let rows: [(&str, &str, &[&str]); 11] = [
            ("creme", "Two Crème brûlée, please", &["Crème"]),
            ("BRU cre", "Two Crème brûlée, please", &["Crème", "brûlée"]),
            ("cafe", "Un cafe\u{301}! Café?", &["cafe\u{301}", "Café"]),
            ("par", "parcel, parade; apart", &["parcel", "parade"]),
            ("订单", "我的订单在哪里？订单！", &["订单", "订单"]),
            ("タワー", "東京タワーに行きたい", &["タワー"]),
            ("case", "😀case👩\u{200d}🚀 case", &["case", "case"]),
            ("me@example", "Write to me@example.org.", &["me@example"]),
            ("x", "\u{fdd0}x\u{fdd1}x\u{fdd0}", &["x", "x"]),
            ("a", "a a", &["a", "a"]),
            ("gone", "nothing", &[]),
        ];
        for (query, text, expected) in rows {
            assert_eq!(words(query, text), expected, "{query:?} in {text:?}");
        }
    }

    #[test]
    fn an_excerpt_is_cut_around_the_first_hit() {
        let long = format!("{} the parcel {}", "before ".repeat(100), "after ".repeat(100));
        let found = excerpt(&long, &marked("parc", &long)).expect("a hit");
        assert_eq!(found.text.chars().count(), limits::EXCERPT_CHARS);
        assert!(found.text.starts_with("…before ") && found.text.ends_with('…'), "{}", found.text);
        assert_eq!(slices(&found), ["parcel"]);
        let short = "😀 parcel";
        let found = excerpt(short, &marked("parc", short)).expect("a hit");
        assert_eq!((found.text.as_str(), found.ranges), (short, vec![[3, 9]]));
        let word = "x".repeat(1_000);
        let found = excerpt(&word, &marked("xx", &word)).expect("a hit");
        assert_eq!((found.text.chars().count(), found.ranges), (limits::EXCERPT_CHARS, vec![[0, 199]]));
        assert_eq!(excerpt("nothing", &[]), None);
    }

    fn slices(excerpt: &Excerpt) -> Vec<String> {
        let units: Vec<u16> = excerpt.text.encode_utf16().collect();
        let slice =
            |[from, to]: &[usize; 2]| String::from_utf16(&units[*from..*to]).expect("whole characters");
        excerpt.ranges.iter().map(slice).collect()
    }

    /// Pieces that meet in every way: accents both ways, scripts without spaces, pairs of surrogates, the marks themselves.
    const PIECES: &[&str] = &[
        "crème",
        "CREME",
        "cre\u{300}mes",
        "creme-brulee",
        "我",
        "订单",
        "ワー",
        "สวัสดี",
        "한국",
        "😀",
        "👩\u{200d}🚀",
        "\u{10ffff}",
        "\u{fdd0}",
        "\u{fdd1}",
        "\u{301}",
        " ",
        "\n",
        ", ",
        "x",
        "x1",
        "…",
        "\u{202e}",
        "ß",
        "İ",
    ];
    const QUERIES: &[&str] =
        &["cre", "creme", "x", "订单", "ワ", "我 x", "สวัส", "한", "cre 订", "brulee", "ss", "i"];

    proptest! {
        #[test]
        fn exactly_what_matches_is_marked(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
            query in prop::sample::select(QUERIES),
        ) {
            let text: String = pieces.concat();
            let places = marked(query, &text);
            let mut end = 0;
            for place in &places {
                prop_assert!(end <= place.start && place.start < place.end && place.end <= text.len());
                end = place.end;
                // By itself it matches as a whole, and one of the words is why.
                let word = &text[place.clone()];
                let whole = query.split(' ').any(|query| words(query, word) == [word]);
                prop_assert!(whole, "{:?} in {:?} for {:?}", word, text, query);
            }
            if !places.is_empty() {
                // Without what is marked nothing matches any more.
                let mut rest = text.clone();
                places.iter().rev().for_each(|place| rest.replace_range(place.clone(), " "));
                for query in query.split(' ') {
                    prop_assert_eq!(words(query, &rest), Vec::<&str>::new(), "{:?} in {:?}", query, rest);
                }
                let shown = excerpt(&text, &places).expect("something is marked");
                prop_assert!(shown.text.chars().count() <= limits::EXCERPT_CHARS);
                let (found, cut) = (slices(&shown), places.len());
                prop_assert!(!found.is_empty() && found.len() <= cut);
                for (found, place) in found.iter().zip(&places) {
                    prop_assert!(text[place.clone()].starts_with(found.as_str()));
                }
            }
        }
    }
}
