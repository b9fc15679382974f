//! Data of a caller's own, which nobody here reads but for its bounds.

use serde_json::{Map, Value};

use crate::limits;

/// A caller's own data on a message, conversation or user: a JSON object of at most 4 KiB.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata(Map<String, Value>);

impl Metadata {
    /// Checks size, depth and NUL; the error is a constant sentence for the caller.
    pub fn parse(map: Map<String, Value>) -> Result<Self, &'static str> {
        let value = Value::Object(map);
        check_json(&value, limits::METADATA_BYTES)?;
        let Value::Object(map) = value else { return Err("must be a JSON object") };
        Ok(Self(map))
    }

    /// An object as a store gives it back. It was checked before it was stored; the funnel's position, set after that,
    /// may have taken it over the bound.
    #[must_use]
    pub fn stored(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// The object.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Sets a key of ours, a bounded id of the funnel's, unless the object would pass its bound: a caller who filled it to
    /// the brim keeps their data, and what is stored can always be parsed again.
    pub fn set(&mut self, key: &str, value: &str) {
        let before = self.0.insert(key.to_owned(), Value::String(value.to_owned()));
        let fits = serde_json::to_string(&self.0).is_ok_and(|json| json.len() <= limits::METADATA_BYTES);
        if !fits {
            match before {
                Some(value) => self.0.insert(key.to_owned(), value),
                None => self.0.remove(key),
            };
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Checks depth, size (at most 4 KiB, what `bytes` is wherever this is asked) and NUL of a caller's own JSON.
pub(crate) fn check_json(value: &Value, bytes: usize) -> Result<(), &'static str> {
    if !shallow(value, limits::METADATA_DEPTH + 1) {
        return Err("must nest at most 16 levels");
    }
    let json = value.to_string();
    if json.len() > bytes {
        return Err("must be at most 4 KiB as JSON");
    }
    if json.contains("\\u0000") && has_nul(value) {
        return Err("must not contain NUL characters");
    }
    Ok(())
}

fn shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|v| shallow(v, levels - 1)),
        Value::Object(map) => levels > 0 && map.values().all(|v| shallow(v, levels - 1)),
        _ => true,
    }
}

/// Only called on values already known to be shallow.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(s) => s.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(value: Value) -> Result<Metadata, &'static str> {
        Metadata::parse(value.as_object().cloned().expect("an object"))
    }

    #[test]
    fn metadata_is_bounded_in_bytes_depth_and_signs() {
        // `{"a":""}` are 8 bytes.
        let fits = "x".repeat(limits::METADATA_BYTES - 8);
        assert!(metadata(json!({"a": fits})).is_ok());
        assert!(metadata(json!({"a": format!("{fits}x")})).is_err());
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(metadata(json!({"a": nested(limits::METADATA_DEPTH)})).is_ok());
        assert!(metadata(json!({"a": nested(limits::METADATA_DEPTH + 1)})).is_err());
        for value in [json!({"a": "\0"}), json!({"\0": 1}), json!({"a": [{"b": "x\0"}]})] {
            assert_eq!(metadata(value), Err("must not contain NUL characters"));
        }
        assert!(metadata(json!({"a": "\\u0000"})).is_ok(), "the six characters, not the sign");
    }

    #[test]
    fn our_keys_never_make_metadata_too_large() {
        let mut full =
            metadata(json!({"a": "x".repeat(limits::METADATA_BYTES - 8)})).expect("within the bound");
        let before = full.clone();
        full.set("blockId", "hello");
        assert_eq!(full, before);
        let mut some = metadata(json!({"blockId": "mine"})).expect("within the bound");
        some.set("blockId", "hello");
        assert_eq!(some.as_map()["blockId"], "hello");
        some.set("blockId", &"x".repeat(limits::METADATA_BYTES));
        assert_eq!(some.as_map()["blockId"], "hello", "what was there stays");
        assert!(Metadata::parse(full.as_map().clone()).is_ok());
    }
}
