//! From bytes to a shape, and from a shape's strings to core's types, with a JSON pointer for whatever does not hold.

use parlor_core::error::{Code, FieldError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::Problem;

/// Reads a body. Not JSON: `malformed-json`; JSON of another shape: `validation`. Neither echoes the input.
pub fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // serde_json checks UTF-8 only in the strings it keeps.
    let text = std::str::from_utf8(body).map_err(|_| Code::MalformedJson)?;
    // Knowing where one is costs; only a body that does not hold is read again that way.
    serde_json::from_str(text).map_err(|_| why_not::<T>(text))
}

fn why_not<T: DeserializeOwned>(text: &str) -> Problem {
    match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(text)) {
        Err(error) => shape_problem(text, &error),
        // The shape holds, but something stands behind it.
        Ok(_) => Code::MalformedJson.into(),
    }
}

fn shape_problem(text: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let message = error.inner().to_string();
    // The error's own category says little: the shape may break first where the rest is no JSON either, and an object
    // where a word belongs counts as bad syntax. A key of ours twice: which one is meant is nobody's guess.
    let malformed = message.starts_with("duplicate field") || serde_json::from_str::<Value>(text).is_err();
    if malformed {
        return Code::MalformedJson.into();
    }
    let (field, detail) = explain(&message);
    // The unknown key itself is input; its object is not.
    let unknown = message.starts_with("unknown field");
    let mut pointer = pointer(error.path(), usize::from(unknown));
    if let Some(field) = field {
        pointer.push('/');
        pointer.push_str(field);
    }
    Problem::field(pointer, detail)
}

/// A JSON pointer, but for the last `cut` segments.
fn pointer(path: &Path, cut: usize) -> String {
    let segments = path.iter().collect::<Vec<_>>();
    let kept = segments.len().saturating_sub(cut);
    let text = |segment: &&Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    segments[..kept].iter().map(text).collect()
}

/// serde's sentence without what it quotes of the input: the missing field's name, and what would be right.
fn explain(message: &str) -> (Option<&str>, String) {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return (Some(field), "is missing".to_owned());
    }
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
    let detail = match (message.starts_with("unknown field"), expected) {
        (true, Some(known)) => format!("has a field that is not known here; known: {known}"),
        (true, None) => "has a field that is not known here".to_owned(),
        (false, Some("u8" | "u16" | "u32" | "u64" | "usize")) => {
            "must be a whole number, 0 or more".to_owned()
        }
        (false, Some(expected)) => format!("must be {expected}"),
        (false, None) if message.starts_with("expected ") => "must be another kind of value".to_owned(),
        // Constant sentences of ours.
        (false, None) => message.to_owned(),
    };
    (None, detail)
}

/// For optional fields: absent is `None`, `null` is an error (contract, section 3: absent, never null).
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// For optional fields where `null` clears: absent is `None`, `null` is `Some(None)`.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// Collects every field that does not hold, so that a caller hears of all of them at once.
#[derive(Debug, Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    /// The value, or a noted error.
    pub fn take<T>(&mut self, pointer: &str, value: Result<T, &'static str>) -> Option<T> {
        value.map_err(|detail| self.error(pointer, detail)).ok()
    }

    /// The value if there is one and it holds.
    pub fn optional<T>(&mut self, pointer: &str, value: Option<Result<T, &'static str>>) -> Option<T> {
        value.and_then(|value| self.take(pointer, value))
    }

    /// The value, or every error of it noted.
    pub fn all<T>(&mut self, value: Result<T, Vec<FieldError>>) -> Option<T> {
        value.map_err(|errors| self.errors.extend(errors)).ok()
    }

    /// Notes an error.
    pub fn error(&mut self, pointer: &str, detail: &'static str) {
        self.errors.push(FieldError::new(pointer, detail));
    }

    /// What was built, if every field held.
    pub fn finish<T>(self, built: Option<T>) -> Result<T, Problem> {
        match built {
            Some(built) if self.errors.is_empty() => Ok(built),
            _ => Err(Problem::fields(self.errors)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::input::PostMessage;

    fn refusal(body: &[u8]) -> (Code, String, String) {
        let problem = from_json::<PostMessage>(body).expect_err("this body must be refused");
        let first = problem.errors.first().cloned().unwrap_or_else(|| FieldError::new("", ""));
        (problem.code, first.pointer, first.detail)
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let id = "0192b7f0-0000-7000-8000-000000000001";
        let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let bodies: Vec<Vec<u8>> = vec![
            b"".to_vec(),
            b"{".to_vec(),
            b"{} x".to_vec(),
            b"\xff".to_vec(),
            format!(r#"{{"conversationId":"{id}","text":"\ud800","type":"bot"}}"#).into_bytes(),
            format!(r#"{{"conversationId":"{id}","text":"a","text":"b","type":"bot"}}"#).into_bytes(),
            format!(r#"{{"conversationId":"{id}","text":NaN,"type":"bot"}}"#).into_bytes(),
            br#"{"unknown":1, oops"#.to_vec(),
        ];
        for body in bodies {
            assert_eq!(refusal(&body).0, Code::MalformedJson, "{}", String::from_utf8_lossy(&body));
        }
        assert!(matches!(refusal(nested.as_bytes()).0, Code::MalformedJson | Code::Validation));
    }

    #[test]
    fn what_has_another_shape_says_where_and_echoes_nothing() {
        let cases = [
            (r#"[]"#, "", "must be"),
            (r#"{"conversationId":1,"text":"a","type":"bot"}"#, "/conversationId", "must be a string"),
            (r#"{"conversationId":"x","type":"bot"}"#, "/text", "is missing"),
            (r#"{"conversationId":"x","text":null,"type":"bot"}"#, "/text", "must be a string"),
            (r#"{"conversationId":"x","text":"a","type":"evil"}"#, "/type", "must be one of"),
            (r#"{"conversationId":"x","text":"a","type":"bot","evil":1}"#, "", "has a field"),
            (
                r#"{"conversationId":"x","text":"a","type":"bot","reopen":null}"#,
                "/reopen",
                "must be a boolean",
            ),
            (
                r#"{"conversationId":"x","text":"a","type":"bot","options":[{"id":"1","text":{}}]}"#,
                "/options/0/text",
                "must be a string",
            ),
        ];
        for (body, pointer, detail) in cases {
            let (code, at, said) = refusal(body.as_bytes());
            assert_eq!((code, at.as_str()), (Code::Validation, pointer), "{body}");
            assert!(said.starts_with(detail), "{body}: {said}");
            assert!(!said.contains("evil"), "{body}: {said}");
        }
    }
}
