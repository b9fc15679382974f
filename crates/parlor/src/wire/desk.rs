//! What agents keep at hand, and the lists they choose from.

use parlor_core::access::Principal;
use parlor_core::agent::AgentRef;
use parlor_core::desk::{CannedAnswer as CoreCannedAnswer, FiltersSource, SavedView as CoreSavedView};
use parlor_core::funnel::FunnelRef;
use serde::Serialize;
use utoipa::ToSchema;

/// Those who answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentList {
    /// By name, at most 1,000.
    pub agents: Vec<Agent>,
}

/// Somebody who has signed in or answered as an agent or administrator.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agent {
    /// What `assigneeId` and `assignee` name.
    pub id: String,
    /// What they are called.
    pub name: String,
}

impl From<AgentRef> for Agent {
    fn from(agent: AgentRef) -> Self {
        Self { id: agent.id.as_str().to_owned(), name: agent.name.as_str().to_owned() }
    }
}

/// Labels in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelList {
    /// Sorted, at most 1,000.
    pub labels: Vec<String>,
}

/// The workspace's funnels.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunnelList {
    /// By name, at most 1,000.
    pub funnels: Vec<FunnelItem>,
}

/// A funnel by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunnelItem {
    /// What `funnelId` names.
    pub id: String,
    /// What agents call it.
    pub name: String,
    /// Its current version.
    pub version: u32,
}

impl From<FunnelRef> for FunnelItem {
    fn from(funnel: FunnelRef) -> Self {
        let (id, name) = (funnel.id.as_str().to_owned(), funnel.name.as_str().to_owned());
        Self { id, name, version: funnel.version }
    }
}

/// Texts agents send often.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CannedAnswerList {
    /// By shortcut, at most 500.
    pub canned_answers: Vec<CannedAnswer>,
}

/// A text agents send often. Variables like `{{user.firstName}}` are filled in by who sends it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CannedAnswer {
    /// Chosen by the client.
    pub id: String,
    /// What one types to find it; no two have the same.
    pub shortcut: String,
    /// What it says.
    pub text: String,
    /// Rises with every change. A change that names it is refused if somebody else was faster.
    pub version: u64,
}

impl From<&CoreCannedAnswer> for CannedAnswer {
    fn from(answer: &CoreCannedAnswer) -> Self {
        let (shortcut, text) = (answer.shortcut.as_str().to_owned(), answer.text.as_str().to_owned());
        Self { id: answer.id.as_str().to_owned(), shortcut, text, version: answer.version }
    }
}

/// The caller's saved views and everybody's shared ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewList {
    /// By name.
    pub views: Vec<SavedView>,
}

/// Filters of the inbox under a name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavedView {
    /// Chosen by the client.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether every agent has it.
    pub is_shared: bool,
    /// Whether the caller made it.
    pub is_mine: bool,
    /// What it shows.
    #[schema(value_type = ViewFilters)]
    pub filters: FiltersSource,
}

impl SavedView {
    /// `view` as `by` sees it.
    #[must_use]
    pub fn of(view: &CoreSavedView, by: &Principal) -> Self {
        Self {
            id: view.id.as_str().to_owned(),
            name: view.name.as_str().to_owned(),
            is_shared: view.is_shared,
            is_mine: by.role.is_agent() && view.owner == by.sub,
            filters: view.filters.source().clone(),
        }
    }
}

/// Filters of the inbox; absent ones are its defaults. Core's `FiltersSource` is the shape on the wire, described here.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ViewFilters {
    /// `open`, `closed` or `all`.
    pub status: Option<StatusFilter>,
    /// `true`: only archived ones; `false`: only the others; `all`: both.
    pub archived: Option<ArchivedFilter>,
    /// Of one funnel.
    pub funnel_id: Option<String>,
    /// Who answers.
    pub handler: Option<super::scalar::Handler>,
    /// Held by this agent; `me` is whoever looks.
    pub assignee: Option<String>,
    /// With this label.
    pub label: Option<String>,
    /// `true`: only with something the agents have not read.
    pub unread: Option<bool>,
    /// The order.
    pub sort_by: Option<super::query::SortBy>,
    /// Words to find; 200 characters.
    pub search: Option<String>,
}

/// Which conversations with regard to their status.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "described to the API's document")]
pub enum StatusFilter {
    /// Those going on.
    Open,
    /// Those that are over.
    Closed,
    /// Both.
    All,
}

/// Which conversations with regard to the archive.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "described to the API's document")]
pub enum ArchivedFilter {
    /// Only archived ones, or only the others.
    Only(bool),
    /// Both.
    All(All),
}

/// Both.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ArchivedAll)]
#[allow(dead_code, reason = "described to the API's document")]
pub enum All {
    /// `all`.
    All,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn the_document_describes_cores_filters() {
        let all = json!({"status": "open", "archived": true, "funnelId": "x", "handler": "bot", "assignee": "me",
            "label": "x", "unread": true, "sortBy": "newest", "search": "x"});
        let written = serde_json::to_value(serde_json::from_value::<FiltersSource>(all).unwrap()).unwrap();
        let described = serde_json::to_value(ViewFilters::schema()).unwrap();
        let fields = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&described["properties"]), fields(&written));
    }
}
