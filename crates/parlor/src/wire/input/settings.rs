//! `put_settings`.

use std::collections::BTreeMap;

use parlor_core::command;
use parlor_core::lifecycle::{InboxesSource, Policies, PolicySource, SettingsSource};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::wire::Problem;
use crate::wire::parse::present;
use crate::wire::settings::{InboxPolicies, PartialPolicy};

/// The settings from now on, whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutSettings {
    /// Only while the settings are of this version; otherwise `settings-changed`.
    #[serde(default, deserialize_with = "present")]
    pub version: Option<u64>,
    /// Policies of the inboxes. A field that is absent becomes what a new workspace has.
    #[schema(value_type = InboxPolicies)]
    pub inboxes: InboxesSource,
    /// What single funnels have otherwise, by their id, at most 1,000; absent, none.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, PartialPolicy>, required = false)]
    pub funnels: BTreeMap<String, PolicySource>,
}

/// Settings to be looked at before they are put.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewSettings {
    /// Policies of the inboxes; absent, as they stand.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<InboxPolicies>)]
    pub inboxes: Option<InboxesSource>,
    /// What single funnels have otherwise; absent, as they stand.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BTreeMap<String, PartialPolicy>>)]
    pub funnels: Option<BTreeMap<String, PolicySource>>,
}

impl PreviewSettings {
    /// Checks every duration; what it does not say is as it stands.
    pub fn parse(self, current: &Policies) -> Result<Policies, Problem> {
        let current = current.source();
        let source = SettingsSource {
            inboxes: self.inboxes.unwrap_or(current.inboxes),
            funnels: self.funnels.unwrap_or(current.funnels),
        };
        Policies::parse(0, source).map_err(Problem::fields)
    }
}

impl PutSettings {
    /// Checks every duration.
    pub fn parse(self) -> Result<command::PutSettings, Problem> {
        let source = SettingsSource { inboxes: self.inboxes, funnels: self.funnels };
        let policies = Policies::parse(0, source).map_err(Problem::fields)?;
        Ok(command::PutSettings { policies, version: self.version })
    }
}
