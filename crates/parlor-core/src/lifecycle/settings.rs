//! Policies as they are written: in the store and on the wire, in seconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::policy::Policy;
use crate::error::FieldError;
use crate::limits;

/// Settings as written, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsSource {
    /// What hangs on an inbox.
    pub inboxes: InboxesSource,
    /// What single funnels have otherwise.
    #[serde(default)]
    pub funnels: BTreeMap<String, PolicySource>,
}

/// The inboxes; there is one today.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboxesSource {
    /// The one there is.
    pub default: PolicySource,
}

/// A policy as written. Absent fields are those of what it stands over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicySource {
    /// See [`Policy::bot_idle_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub bot_idle_s: Option<Seconds>,
    /// See [`Policy::user_idle_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub user_idle_s: Option<Seconds>,
    /// See [`Policy::team_idle_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub team_idle_s: Option<Seconds>,
    /// See [`Policy::reopen_window_ms`]; off is 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reopen_window_s: Option<Seconds>,
    /// See [`Policy::archive_after_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub archive_after_s: Option<Seconds>,
    /// See [`Policy::delete_after_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub delete_after_s: Option<Seconds>,
    /// See [`Policy::warn_before_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub warn_before_s: Option<Seconds>,
}

/// A duration, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be a whole number of seconds, or off")]
pub enum Seconds {
    /// This long.
    For(i64),
    /// Never.
    Off(OffWord),
}

/// `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OffWord {
    /// `off`.
    Off,
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A key as a segment of a JSON pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What a duration may be.
struct Bounds {
    least_s: i64,
    most_s: i64,
    detail: &'static str,
}

const IDLE: Bounds = Bounds {
    least_s: limits::IDLE_LEAST_S,
    most_s: limits::IDLE_MOST_S,
    detail: "must be 10 to 31,536,000 seconds (a year), or off",
};
const REOPEN: Bounds = Bounds {
    least_s: 0,
    most_s: limits::REOPEN_MOST_S,
    detail: "must be 0 to 315,360,000 seconds (ten years), or off",
};
const ARCHIVE: Bounds = Bounds { most_s: limits::ARCHIVE_MOST_S, ..REOPEN };
const DELETE: Bounds = Bounds {
    least_s: limits::DELETE_LEAST_S,
    most_s: limits::DELETE_MOST_S,
    detail: "must be 86,400 (a day) to 3,153,600,000 seconds (a hundred years), or off",
};

impl PolicySource {
    /// Every field of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let written =
            |ms: Option<i64>| Some(ms.map_or(Seconds::Off(OffWord::Off), |ms| Seconds::For(ms / 1000)));
        Self {
            bot_idle_s: written(policy.bot_idle_ms),
            user_idle_s: written(policy.user_idle_ms),
            team_idle_s: written(policy.team_idle_ms),
            reopen_window_s: written(Some(policy.reopen_window_ms)),
            archive_after_s: written(policy.archive_after_ms),
            delete_after_s: written(policy.delete_after_ms),
            warn_before_s: written(policy.warn_before_ms),
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `below` with what this says; what does not hold is noted and points below `at`.
    pub(super) fn over(&self, below: &Policy, at: &str, errors: &mut Vec<FieldError>) -> Policy {
        let mut read = |field: &str, said: Option<Seconds>, bounds: &Bounds, below: Option<i64>| match said {
            None => below,
            Some(Seconds::Off(_)) => None,
            Some(Seconds::For(s)) if (bounds.least_s..=bounds.most_s).contains(&s) => Some(s * 1000),
            Some(Seconds::For(_)) => {
                errors.push(FieldError::new(format!("{at}/{field}"), bounds.detail));
                None
            }
        };
        Policy {
            bot_idle_ms: read("botIdleS", self.bot_idle_s, &IDLE, below.bot_idle_ms),
            user_idle_ms: read("userIdleS", self.user_idle_s, &IDLE, below.user_idle_ms),
            team_idle_ms: read("teamIdleS", self.team_idle_s, &IDLE, below.team_idle_ms),
            reopen_window_ms: read(
                "reopenWindowS",
                self.reopen_window_s,
                &REOPEN,
                Some(below.reopen_window_ms),
            )
            .unwrap_or(0),
            archive_after_ms: read("archiveAfterS", self.archive_after_s, &ARCHIVE, below.archive_after_ms),
            delete_after_ms: read("deleteAfterS", self.delete_after_s, &DELETE, below.delete_after_ms),
            warn_before_ms: read("warnBeforeS", self.warn_before_s, &IDLE, below.warn_before_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::policy::Policies;
    use super::*;

    fn parse(settings: Value) -> Result<Policies, Vec<String>> {
        let source = serde_json::from_value(settings).expect("of the right shape");
        let pointers = |errors: Vec<FieldError>| errors.into_iter().map(|e| e.pointer).collect();
        Policies::parse(1, source).map_err(pointers)
    }

    #[test]
    fn what_is_not_said_is_the_default_and_what_is_said_is_written_as_it_was_read() {
        let defaults = parse(json!({"inboxes": {"default": {}}})).expect("nothing that does not hold");
        assert!(defaults.say_the_same(&Policies::default()));
        let all = json!({
            "inboxes": {"default": {"botIdleS": 10, "userIdleS": "off", "teamIdleS": 31_536_000, "reopenWindowS": 0,
                "archiveAfterS": 315_360_000, "deleteAfterS": 3_153_600_000_i64, "warnBeforeS": 60}},
            "funnels": {"shop": {"botIdleS": "off"}},
        });
        let parsed = parse(all.clone()).expect("it holds");
        assert_eq!(serde_json::to_value(parsed.source()).expect("plain JSON"), all);
    }

    #[test]
    fn every_duration_out_of_bounds_is_named() {
        let bad = json!({
            "inboxes": {"default": {"botIdleS": 9, "userIdleS": 31_536_001, "teamIdleS": -1, "reopenWindowS": -1,
                "archiveAfterS": 315_360_001, "deleteAfterS": 86_399, "warnBeforeS": 0}},
            "funnels": {"a/b~": {"botIdleS": i64::MAX}, "": {}},
        });
        let inbox = [
            "botIdleS",
            "userIdleS",
            "teamIdleS",
            "reopenWindowS",
            "archiveAfterS",
            "deleteAfterS",
            "warnBeforeS",
        ];
        let mut pointers: Vec<_> = inbox.iter().map(|field| format!("/inboxes/default/{field}")).collect();
        pointers.extend(["/funnels/".to_owned(), "/funnels/a~1b~0/botIdleS".to_owned()]);
        assert_eq!(parse(bad), Err(pointers));
    }

    #[test]
    fn what_has_another_shape_is_no_settings() {
        let of = |policy: Value| json!({"inboxes": {"default": policy}});
        for settings in [
            json!({}),
            json!({"inboxes": {}}),
            json!({"inboxes": {"default": {}, "second": {}}}),
            of(json!({"botIdleS": null})),
            of(json!({"botIdleS": 1.5})),
            of(json!({"botIdleS": "OFF"})),
            of(json!({"idle": 60})),
        ] {
            assert!(serde_json::from_value::<SettingsSource>(settings.clone()).is_err(), "{settings}");
        }
    }

    #[test]
    fn a_funnel_has_its_own_and_the_inbox_the_rest() {
        let settings = json!({
            "inboxes": {"default": {"botIdleS": 60, "warnBeforeS": 30}},
            "funnels": {"shop": {"botIdleS": "off", "teamIdleS": 20}, "plain": {}},
        });
        let parsed = parse(settings).expect("it holds");
        let source = parsed.source();
        assert_eq!(source.funnels.len(), 1, "an override that says nothing is none");
        let inbox = source.inboxes.default;
        assert_eq!(
            (inbox.bot_idle_s, inbox.team_idle_s),
            (Some(Seconds::For(60)), Some(Seconds::Off(OffWord::Off)))
        );
    }
}
