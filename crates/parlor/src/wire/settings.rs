//! Settings: how long what may stay as it is.

use std::collections::BTreeMap;

use parlor_core::lifecycle::{Counts, InboxesSource, Policies, PolicySource, Redate};
use parlor_core::state::Head;
use parlor_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::clock::ClockState;
use super::scalar::Time;

/// The workspace's settings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Rises with each change.
    pub version: u64,
    /// Policies of the inboxes; `default` is the one there is.
    #[schema(value_type = InboxPolicies)]
    pub inboxes: InboxesSource,
    /// What single funnels have otherwise, by their id.
    #[schema(value_type = BTreeMap<String, PartialPolicy>)]
    pub funnels: BTreeMap<String, PolicySource>,
    /// Present while a change is being carried to the conversations there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redating: Option<Redating>,
    /// The server's own time.
    pub clock: ClockState,
}

impl Settings {
    /// As they stand.
    #[must_use]
    pub fn of(head: &Head, clock: ClockState) -> Self {
        let policies: &Policies = &head.policies;
        let source = policies.source();
        Self {
            version: policies.version(),
            inboxes: source.inboxes,
            funnels: source.funnels,
            redating: head.redate.as_deref().map(Redating::of),
            clock,
        }
    }
}

/// What settings would have done in the last thirty days, and would do in the next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsPreview {
    /// Since when it was looked at.
    #[schema(value_type = String, format = DateTime)]
    pub from: Time,
    /// Until when: now.
    #[schema(value_type = String, format = DateTime)]
    pub to: Time,
    /// Conversations looked at, the newest first.
    pub conversations: u64,
    /// Whether there are more than that, which were not looked at.
    pub is_capped: bool,
    /// Closes there would have been.
    pub closes: u64,
    /// Of them, those where the last word was the user's.
    pub closes_waiting: u64,
    /// Conversations that are open and would be over. They are not closed at once: they get up to half an hour.
    pub closes_now: u64,
    /// Conversations that would be archived in the next thirty days.
    pub archives: u64,
    /// Conversations that would be erased in the next thirty days.
    pub deletes: u64,
}

impl SettingsPreview {
    /// What was counted.
    #[must_use]
    pub fn of(counts: Counts, from: Timestamp, to: Timestamp, is_capped: bool) -> Self {
        let Counts { conversations, closes, closes_waiting, closes_now, archives, deletes } = counts;
        let (from, to) = (Time(from), Time(to));
        Self { from, to, conversations, is_capped, closes, closes_waiting, closes_now, archives, deletes }
    }
}

/// How far a change came.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redating {
    /// Conversations it was carried to.
    pub done: u64,
    /// Conversations there were when it was made.
    pub total: u64,
}

impl Redating {
    fn of(redate: &Redate) -> Self {
        // Those that began meanwhile are looked at, too.
        Self { done: redate.done, total: redate.total.max(redate.done) }
    }
}

/// Policies of the inboxes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct InboxPolicies {
    /// The one there is.
    pub default: Policy,
}

/// How long what may stay as it is. Core's `PolicySource` is the shape on the wire, described here.
#[derive(ToSchema)]
#[schema(as = LifecyclePolicy, rename_all = "camelCase")]
pub struct Policy {
    /// With the bot and nothing happens: closed. 10 s to 365 days.
    pub bot_idle_s: Duration,
    /// With an agent who was the last to write: closed.
    pub user_idle_s: Duration,
    /// Waiting for a person, or with an agent who owes the answer: closed.
    pub team_idle_s: Duration,
    /// For how long after its close a user's message reopens it; up to 10 years, `off` is 0.
    pub reopen_window_s: Duration,
    /// Archived this long after its close; up to 10 years.
    pub archive_after_s: Duration,
    /// Erased this long after it was archived; 1 day to 100 years.
    pub delete_after_s: Duration,
    /// The user is told this long before the close, or half-way where that is no shorter than the timer. 10 s to 365 days.
    pub warn_before_s: Duration,
}

/// What a funnel has otherwise than its inbox; absent fields are the inbox's.
#[derive(ToSchema)]
#[schema(as = PartialLifecyclePolicy, rename_all = "camelCase")]
pub struct PartialPolicy {
    /// See `LifecyclePolicy`.
    pub bot_idle_s: Option<Duration>,
    /// See `LifecyclePolicy`.
    pub user_idle_s: Option<Duration>,
    /// See `LifecyclePolicy`.
    pub team_idle_s: Option<Duration>,
    /// See `LifecyclePolicy`.
    pub reopen_window_s: Option<Duration>,
    /// See `LifecyclePolicy`.
    pub archive_after_s: Option<Duration>,
    /// See `LifecyclePolicy`.
    pub delete_after_s: Option<Duration>,
    /// See `LifecyclePolicy`.
    pub warn_before_s: Option<Duration>,
}

/// A number of seconds, or `off`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = PolicyDuration)]
#[allow(dead_code, reason = "described to the API's document")]
pub enum Duration {
    /// This long.
    Seconds(i64),
    /// Never.
    Off(Off),
}

/// Never.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PolicyOff)]
#[allow(dead_code, reason = "described to the API's document")]
pub enum Off {
    /// `off`.
    Off,
}

#[cfg(test)]
mod tests {
    use parlor_core::lifecycle;
    use serde_json::Value;
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn the_document_describes_cores_policies() {
        let written = serde_json::to_value(PolicySource::of(&lifecycle::Policy::default())).unwrap();
        let fields = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        for described in [Policy::schema(), PartialPolicy::schema()] {
            let described = serde_json::to_value(described).unwrap();
            assert_eq!(fields(&described["properties"]), fields(&written));
        }
    }
}
