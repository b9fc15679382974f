//! Bounded strings: each is parsed once at the edge and trusted behind it.

mod metadata;

use std::sync::Arc;

pub use metadata::Metadata;
pub(crate) use metadata::check_json;

use crate::limits;

/// A message's text: 1 to 10,000 characters, at most 32 KiB as JSON, not only white space, no NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Arc<str>);

impl Text {
    /// Checks the bounds; the error is a constant sentence for the caller.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains('\0') {
            return Err("must not contain NUL characters");
        }
        if text.trim().is_empty() {
            return Err("must not be empty or only white space");
        }
        // Bytes first: counting characters of a megabyte is work for nothing.
        if text.len() > limits::TEXT_JSON_BYTES || json_len(text) > limits::TEXT_JSON_BYTES {
            return Err("must be at most 32 KiB as JSON");
        }
        if text.len() > limits::TEXT_CHARS && text.chars().count() > limits::TEXT_CHARS {
            return Err("must be at most 10,000 characters");
        }
        Ok(Self(text.into()))
    }

    /// The text as it was said.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first 200 characters, for the inbox's row.
    #[must_use]
    pub fn preview(&self) -> Arc<str> {
        match self.0.char_indices().nth(limits::LAST_MESSAGE_CHARS) {
            Some((end, _)) => self.0[..end].into(),
            None => self.0.clone(),
        }
    }
}

/// Bytes of `text` inside JSON quotes.
fn json_len(text: &str) -> usize {
    text.bytes()
        .map(|b| match b {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
            0..=0x1f => 6,
            _ => 1,
        })
        .sum()
}

/// What could disguise a name: control characters and bidirectional overrides (Unicode UAX #9).
fn disguises(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !disguises(*c)).collect::<String>().trim().to_owned()
}

macro_rules! plain_text {
    ($(#[$doc:meta])* $name:ident, $chars:expr, $bad:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Strips disguises, then checks the bound; the error is a constant sentence for the caller.
            pub fn parse(text: &str) -> Result<Self, &'static str> {
                // NUL is refused rather than stripped: PostgreSQL would refuse it, SQLite would store it.
                if text.contains('\0') {
                    return Err("must not contain NUL characters");
                }
                if text.len() > 16 * $chars {
                    return Err($bad);
                }
                let text = plain(text);
                let fits = !text.is_empty() && text.chars().count() <= $chars;
                if fits { Ok(Self(text.into())) } else { Err($bad) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

plain_text!(
    /// A person's or funnel's name.
    Name, limits::NAME_CHARS, "must be 1 to 200 characters"
);
plain_text!(
    /// A label on a conversation.
    Label, limits::LABEL_CHARS, "must be 1 to 50 characters"
);
plain_text!(
    /// A saved view's name.
    ViewName, limits::VIEW_NAME_CHARS, "must be 1 to 100 characters"
);

/// What one types to find a canned answer: a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcut(Arc<str>);

impl Shortcut {
    /// Strips disguises, then checks that it is one word of at most 50 characters.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const BAD: &str = "must be 1 to 50 characters without white space";
        if text.contains('\0') {
            return Err("must not contain NUL characters");
        }
        if text.len() > 16 * limits::SHORTCUT_CHARS {
            return Err(BAD);
        }
        let text = plain(text);
        let fits = !text.is_empty() && text.chars().count() <= limits::SHORTCUT_CHARS;
        if fits && !text.contains(char::is_whitespace) { Ok(Self(text.into())) } else { Err(BAD) }
    }

    /// The word as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether who types one cannot mean only this: case does not tell them apart.
    #[must_use]
    pub fn is_typed_as(&self, other: &Shortcut) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

/// An e-mail address as somebody gave it; only its form is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(Arc<str>);

impl Email {
    /// One `@` with something on both sides, no spaces, at most 254 bytes.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let form = text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        let clean =
            text.len() <= limits::EMAIL_BYTES && !text.chars().any(|c| c.is_whitespace() || disguises(c));
        if form && clean {
            Ok(Self(text.into()))
        } else {
            Err("must be an e-mail address of at most 254 bytes")
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A short tag: a locale (RFC 5646) or a time zone name (IANA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(Arc<str>);

impl Tag {
    /// ASCII letters, digits, `-`, `_`, `/`, `+`, at most 64 bytes.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let clean = |b: u8| b.is_ascii_alphanumeric() || b"-_/+".contains(&b);
        let fits = !text.is_empty() && text.len() <= limits::LOCALE_BYTES && text.bytes().all(clean);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err("must be a tag of at most 64 letters, digits, '-', '_', '/' or '+'")
        }
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A link to a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(Arc<str>);

impl Url {
    /// `https:`, or `http:`, at most 2,048 bytes, no spaces: it ends up in an `img` of the console.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let scheme = text.starts_with("https://") || text.starts_with("http://");
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if scheme && clean && text.len() <= limits::URL_BYTES {
            Ok(Self(text.into()))
        } else {
            Err("must be an http or https address of at most 2,048 bytes")
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_in_characters_and_in_bytes_as_json() {
        let most = limits::TEXT_CHARS;
        let rows = [
            ("a".repeat(most), true),
            ("a".repeat(most + 1), false),
            ("ß".repeat(most), true),
            ("ß".repeat(most + 1), false),
            // Four bytes each, and six as JSON: the bytes are the tighter bound.
            ("😀".repeat(limits::TEXT_JSON_BYTES / 4), true),
            ("😀".repeat(limits::TEXT_JSON_BYTES / 4 + 1), false),
            ("\u{1}".repeat(limits::TEXT_JSON_BYTES / 6), true),
            ("\u{1}".repeat(limits::TEXT_JSON_BYTES / 6 + 1), false),
            ("\"".repeat(most), true),
            ("a".repeat(1_000_000), false),
        ];
        for (text, fits) in rows {
            let start: String = text.chars().take(3).collect();
            assert_eq!(Text::parse(&text).is_ok(), fits, "{start:?} … {} bytes", text.len());
        }
    }

    #[test]
    fn bytes_as_json_are_what_serde_writes() {
        let all: String = ('\u{1}'..='\u{ff}').chain("\u{2028}\u{202e}漢😀".chars()).collect();
        let written = serde_json::to_string(&all).expect("a string");
        assert_eq!(json_len(&all), written.len() - 2);
    }

    #[test]
    fn a_text_is_kept_as_it_was_said_or_refused() {
        for text in [" hi ", "a\u{202e}b", "\u{200b}", "line\nline", "\u{7}"] {
            assert_eq!(Text::parse(text).map(|t| t.as_str().to_owned()), Ok(text.to_owned()));
        }
        for text in ["", " ", "\n\t\r", "\u{a0}\u{3000}", "a\0b", "\0"] {
            assert!(Text::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_preview_is_two_hundred_characters_cut_between_them() {
        let preview = |text: &str| Text::parse(text).expect("a text within the bound").preview().to_string();
        assert_eq!(preview("short"), "short");
        assert_eq!(preview(&"😀".repeat(200)), "😀".repeat(200));
        assert_eq!(preview(&"😀".repeat(201)), "😀".repeat(200));
    }

    #[test]
    fn names_and_labels_lose_their_disguises() {
        let rows = [
            (" Ann ", Ok("Ann")),
            ("A\u{202e}nn\u{2066}\u{2069}\u{200f}\u{61c}", Ok("Ann")),
            ("A\u{1b}[31mnn\n", Ok("A[31mnn")),
            ("👩\u{200d}🚀", Ok("👩\u{200d}🚀")),
            ("\u{202e}", Err("must be 1 to 200 characters")),
            (" \n ", Err("must be 1 to 200 characters")),
            ("A\0nn", Err("must not contain NUL characters")),
        ];
        for (given, kept) in rows {
            assert_eq!(Name::parse(given).as_ref().map(Name::as_str).map_err(|e| *e), kept, "{given:?}");
        }
        assert!(Name::parse(&"ß".repeat(limits::NAME_CHARS)).is_ok());
        assert!(Name::parse(&"ß".repeat(limits::NAME_CHARS + 1)).is_err());
        assert!(Label::parse(&"ß".repeat(limits::LABEL_CHARS)).is_ok());
        assert!(Label::parse(&"ß".repeat(limits::LABEL_CHARS + 1)).is_err());
        assert_eq!(Label::parse(" vip\u{202e} "), Label::parse("vip"));
        assert!(Name::parse(&"\u{202e}".repeat(1_000_000)).is_err());
    }

    #[test]
    fn a_shortcut_is_one_word_whatever_its_case() {
        let shortcut = |text: &str| Shortcut::parse(text);
        assert_eq!(shortcut(" hi\u{202e} ").as_ref().map(Shortcut::as_str), Ok("hi"));
        assert!(shortcut(&"ß".repeat(limits::SHORTCUT_CHARS)).is_ok());
        for bad in
            ["", " ", "a b", "a\u{a0}b", "a\0", &"ß".repeat(limits::SHORTCUT_CHARS + 1), &"x".repeat(100_000)]
        {
            assert!(shortcut(bad).is_err(), "{bad:?}");
        }
        let (small, large) = (shortcut("grüße").expect("a word"), shortcut("GRÜßE").expect("a word"));
        assert!(small.is_typed_as(&large) && small != large);
        assert!(!small.is_typed_as(&shortcut("gruße").expect("a word")));
    }

    #[test]
    fn addresses_tags_and_links_have_their_form() {
        let email = |text: &str| Email::parse(text).is_ok();
        assert!(email("ann@example.org") && email(" ann@example.org ") && email("ü@ü"));
        let long = format!("{}@example.org", "a".repeat(limits::EMAIL_BYTES));
        for bad in ["", "ann", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\0", "a\u{202e}@b", &long] {
            assert!(!email(bad), "{bad:?}");
        }
        let tag = |text: &str| Tag::parse(text).is_ok();
        assert!(tag("de-CH") && tag("America/Argentina/Buenos_Aires") && tag("Etc/GMT+5"));
        assert!(!tag("") && !tag("de CH") && !tag("dé") && !tag(&"a".repeat(limits::LOCALE_BYTES + 1)));
        let url = |text: &str| Url::parse(text).is_ok();
        assert!(url("https://example.org/a.png") && url("http://example.org"));
        for bad in ["", "javascript:alert(1)", "data:text/html,x", "//example.org", "https://a b", "HTTPS:/x"]
        {
            assert!(!url(bad), "{bad:?}");
        }
        assert!(!url(&format!("https://{}", "a".repeat(limits::URL_BYTES))));
    }
}
