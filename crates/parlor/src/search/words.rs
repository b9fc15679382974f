//! Words, as the index has them and as a search asks for them.
//!
//! SQLite's unicode61 makes a word of every run of letters and digits. Scripts that write without spaces would become
//! one word a sentence, found by its beginning only; here each of their characters is a word, and a search for several
//! is a search for them side by side.

use std::borrow::Cow;
use std::fmt::Write;

use parlor_core::limits;

/// `text` with spaces around every character that is a word by itself.
pub(super) fn spread(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(stands_alone) {
        return Cow::Borrowed(text);
    }
    let mut spread = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if stands_alone(c) {
            spread.extend([' ', c, ' ']);
        } else {
            spread.push(c);
        }
    }
    Cow::Owned(spread)
}

/// A search as an FTS5 expression: every word quoted, so that nothing in it is an operator, and open at its end. `None`
/// when there is nothing to look for.
pub(super) fn expression(query: &str) -> Option<String> {
    let end = query.char_indices().nth(limits::SEARCH_CHARS).map_or(query.len(), |(at, _)| at);
    let has_words = |word: &&str| word.contains(char::is_alphanumeric);
    let words = query[..end].split_whitespace().filter(has_words).take(limits::SEARCH_WORDS);
    let mut expression = String::new();
    for word in words {
        // A NUL would end the text for SQLite; no stored text has one.
        let word = spread(word).replace('"', "\"\"").replace('\0', " ");
        write!(expression, "\"{word}\"* ").expect("a String takes everything");
    }
    (!expression.is_empty()).then_some(expression)
}

/// Scripts without spaces between words: Thai, Lao, Burmese, Khmer, Chinese and Japanese.
pub(super) fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{312f}'
        | '\u{31a0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{323af}')
}
