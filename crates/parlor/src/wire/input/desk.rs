//! `put_canned_answer`, `put_view`.

use parlor_core::command::{PutCannedAnswer as PutCannedAnswerCommand, PutView as PutViewCommand};
use parlor_core::desk::{CannedAnswer, FiltersSource, ViewFilters};
use parlor_core::id::{CannedAnswerId, ViewId};
use parlor_core::text::{Shortcut, ViewName};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::wire::Problem;
use crate::wire::parse::{Check, present};

/// A text agents send often.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutCannedAnswer {
    /// What one types to find it: 1 to 50 characters without white space, no other's.
    pub shortcut: String,
    /// What it says: 1 to 4,000 characters. Stored as it is; variables like `{{user.firstName}}` are the client's.
    pub text: String,
    /// Only while the canned answer is of this version, 0: while there is none; otherwise `canned-answer-changed`. Absent, it
    /// takes the place of whatever is there.
    #[serde(default, deserialize_with = "present")]
    pub version: Option<u64>,
}

impl PutCannedAnswer {
    /// As a command.
    pub fn parse(self, id: CannedAnswerId) -> Result<PutCannedAnswerCommand, Problem> {
        let mut check = Check::default();
        let shortcut = check.take("/shortcut", Shortcut::parse(&self.shortcut));
        let text = check.take("/text", CannedAnswer::parse_text(&self.text));
        let version = self.version;
        let put =
            shortcut.zip(text).map(|(shortcut, text)| PutCannedAnswerCommand { id, shortcut, text, version });
        check.finish(put)
    }
}

/// Filters of the inbox under a name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutView {
    /// What it is called: 1 to 100 characters.
    pub name: String,
    /// Whether every agent has it. Absent, it stays as it is; a new one is the caller's own.
    #[serde(default, deserialize_with = "present")]
    pub is_shared: Option<bool>,
    /// What it shows.
    #[schema(value_type = crate::wire::desk::ViewFilters)]
    pub filters: FiltersSource,
}

impl PutView {
    /// As a command.
    pub fn parse(self, id: ViewId) -> Result<PutViewCommand, Problem> {
        let mut check = Check::default();
        let name = check.take("/name", ViewName::parse(&self.name));
        let filters = check.all(ViewFilters::parse(self.filters, "/filters"));
        let is_shared = self.is_shared;
        let put = name.zip(filters).map(|(name, filters)| PutViewCommand { id, name, is_shared, filters });
        check.finish(put)
    }
}
