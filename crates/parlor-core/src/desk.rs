//! What agents keep at hand: canned answers and saved views; and the lists they choose from.

use serde::{Deserialize, Deserializer, Serialize};

use crate::conversation::{Handler, Status};
use crate::error::FieldError;
use crate::id::{AgentId, CannedAnswerId, FunnelId, ViewId};
use crate::limits;
use crate::text::{Label, Shortcut, Text, ViewName};

/// A text agents send often. Its variables are filled in by who sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedAnswer {
    /// Chosen by the client.
    pub id: CannedAnswerId,
    /// What one types to find it; no two of a workspace have the same.
    pub shortcut: Shortcut,
    /// What it says.
    pub text: Text,
    /// Higher than that of what it took the place of, and at least the time in milliseconds: therefore also higher than that
    /// of what was deleted under this id before, once the clock is past it. It is not yet within the same millisecond, and
    /// after it was put back.
    pub version: u64,
}

impl CannedAnswer {
    /// A canned answer's text: a message's, but shorter, so that the whole list can be loaded at once.
    pub fn parse_text(text: &str) -> Result<Text, &'static str> {
        if text.len() > limits::CANNED_TEXT_CHARS && text.chars().count() > limits::CANNED_TEXT_CHARS {
            return Err("must be at most 4,000 characters");
        }
        Text::parse(text)
    }
}

/// Filters of the inbox under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Chosen by the client.
    pub id: ViewId,
    /// What agents call it.
    pub name: ViewName,
    /// Who made it.
    pub owner: AgentId,
    /// Whether every agent has it.
    pub is_shared: bool,
    /// What it shows.
    pub filters: ViewFilters,
}

/// Who may be meant by `assignee`: whoever looks.
pub const ASSIGNEE_ME: &str = "me";

/// The filters of a view as written, not yet checked. Absent ones are the inbox's defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FiltersSource {
    /// `open`, `closed` or `all`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub status: Option<String>,
    /// Only archived ones, only the others, or all.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub archived: Option<Archived>,
    /// Of one funnel.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub funnel_id: Option<String>,
    /// `bot`, `queue` or `agent`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub handler: Option<String>,
    /// Held by this agent; `me` is whoever looks.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub assignee: Option<String>,
    /// With this label.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub label: Option<String>,
    /// Only with something the agents have not read.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub unread: Option<bool>,
    /// `newest`, `oldest`, `most_messages` or `least_messages`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub sort_by: Option<String>,
    /// Words to find.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub search: Option<String>,
}

/// Which conversations with regard to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be true, false or all")]
pub enum Archived {
    /// Only archived ones, or only the others.
    Only(bool),
    /// Both.
    All(AllWord),
}

/// `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AllWord {
    /// `all`.
    All,
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Filters that hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ViewFilters(FiltersSource);

impl ViewFilters {
    /// Checks every field; errors point below `at`.
    pub fn parse(source: FiltersSource, at: &str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut check = |field: &str, holds: bool, detail: &str| {
            if !holds {
                errors.push(FieldError::new(format!("{at}/{field}"), detail));
            }
        };
        let holds = |value: &Option<String>, parse: &dyn Fn(&str) -> bool| value.as_deref().is_none_or(parse);
        let label = source.label.as_deref().map(Label::parse);
        let is_status = |word: &str| word == "all" || Status::parse(word).is_some();
        let is_order = |word: &str| ["newest", "oldest", "most_messages", "least_messages"].contains(&word);
        check("status", holds(&source.status, &is_status), "must be open, closed or all");
        check(
            "funnelId",
            holds(&source.funnel_id, &|id| FunnelId::parse(id).is_some()),
            "must be a funnel's id",
        );
        check(
            "handler",
            holds(&source.handler, &|h| Handler::parse(h).is_some()),
            "must be bot, queue or agent",
        );
        check(
            "assignee",
            holds(&source.assignee, &|id| AgentId::parse(id).is_some()),
            "must be an agent's id, or me",
        );
        if let Some(Err(detail)) = label {
            check("label", false, detail);
        }
        check(
            "sortBy",
            holds(&source.sort_by, &is_order),
            "must be newest, oldest, most_messages or least_messages",
        );
        check("search", holds(&source.search, &is_search), "must be 1 to 200 characters without NUL");
        if !errors.is_empty() {
            return Err(errors);
        }
        let label = label.and_then(Result::ok).map(|label| label.as_str().to_owned());
        Ok(Self(FiltersSource { label, ..source }))
    }

    /// As they are written.
    #[must_use]
    pub fn source(&self) -> &FiltersSource {
        &self.0
    }
}

fn is_search(words: &str) -> bool {
    !words.trim().is_empty() && words.chars().count() <= limits::SEARCH_CHARS && !words.contains('\0')
}

/// A list of the agents' that may have changed: who shows it loads it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeskList {
    /// Those who answer.
    Agents,
    /// Labels in use.
    Labels,
    /// Funnels.
    Funnels,
    /// Canned answers.
    CannedAnswers,
    /// Saved views.
    Views,
    /// The settings.
    Settings,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(filters: Value) -> Result<ViewFilters, Vec<String>> {
        let source = serde_json::from_value(filters).expect("of the right shape");
        let pointers = |errors: Vec<FieldError>| errors.into_iter().map(|e| e.pointer).collect();
        ViewFilters::parse(source, "/filters").map_err(pointers)
    }

    #[test]
    fn filters_that_hold_are_written_as_they_were_read() {
        let all = json!({"status": "all", "archived": "all", "funnelId": "shop", "handler": "queue", "assignee": "me",
            "label": "vip", "unread": true, "sortBy": "oldest", "search": "parcel"});
        for filters in [json!({}), all, json!({"archived": false})] {
            let parsed = parse(filters.clone()).expect("they hold");
            assert_eq!(serde_json::to_value(parsed.source()).expect("plain JSON"), filters);
        }
        assert_eq!(parse(json!({"label": " vip\u{202e} "})), parse(json!({"label": "vip"})));
    }

    #[test]
    fn every_field_that_does_not_hold_is_named() {
        let bad = json!({"status": "x", "funnelId": "", "handler": "me", "assignee": " a", "label": "", "sortBy": "x",
            "search": " "});
        let fields = ["status", "funnelId", "handler", "assignee", "label", "sortBy", "search"];
        assert_eq!(parse(bad), Err(fields.map(|field| format!("/filters/{field}")).to_vec()));
        let long = "x".repeat(limits::SEARCH_CHARS + 1);
        for search in ["a\0b", &long] {
            assert_eq!(parse(json!({"search": search})), Err(vec!["/filters/search".to_owned()]));
        }
    }

    #[test]
    fn what_has_another_shape_is_no_filter() {
        for filters in
            [json!({"userId": "u1"}), json!({"status": null}), json!({"archived": "yes"}), json!([1])]
        {
            assert!(serde_json::from_value::<FiltersSource>(filters.clone()).is_err(), "{filters}");
        }
    }

    #[test]
    fn a_canned_answer_is_shorter_than_a_message() {
        let most = "ß".repeat(limits::CANNED_TEXT_CHARS);
        assert!(CannedAnswer::parse_text(&most).is_ok());
        assert!(CannedAnswer::parse_text(&format!("{most}.")).is_err());
        assert!(CannedAnswer::parse_text(" ").is_err());
    }
}
