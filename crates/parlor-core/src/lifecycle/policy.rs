//! How long what may stay as it is, for the inbox and for single funnels.

use std::collections::BTreeMap;

use super::settings::{InboxesSource, PolicySource, SettingsSource, escaped};
use crate::conversation::Conversation;
use crate::error::FieldError;
use crate::id::FunnelId;
use crate::limits;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How long what may stay as it is; `None` switches a timer off. Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// With the bot and nothing happens.
    pub bot_idle_ms: Option<i64>,
    /// With an agent, and the user owes the answer.
    pub user_idle_ms: Option<i64>,
    /// In the queue, or with an agent who owes the answer.
    pub team_idle_ms: Option<i64>,
    /// How long after its close a user's message reopens a conversation.
    pub reopen_window_ms: i64,
    /// Archive this long after the close.
    pub archive_after_ms: Option<i64>,
    /// Erase this long after archiving.
    pub delete_after_ms: Option<i64>,
    /// Tell the user this long before the close.
    pub warn_before_ms: Option<i64>,
}

impl Default for Policy {
    /// The contract's defaults.
    fn default() -> Self {
        Self {
            bot_idle_ms: Some(30 * MINUTE_MS),
            user_idle_ms: Some(24 * HOUR_MS),
            team_idle_ms: None,
            reopen_window_ms: 7 * DAY_MS,
            archive_after_ms: Some(14 * DAY_MS),
            delete_after_ms: Some(90 * DAY_MS),
            warn_before_ms: None,
        }
    }
}

impl Policy {
    /// How long before the end of a timer of `idle_ms` the user is told: half of it where it is no longer than that.
    #[must_use]
    pub fn warning_ms(&self, idle_ms: i64) -> Option<i64> {
        self.warn_before_ms.map(|before| if before < idle_ms { before } else { idle_ms / 2 })
    }
}

/// The policies of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    version: u64,
    inbox: Policy,
    /// What single funnels have otherwise: as it was said, and what it comes to.
    funnels: BTreeMap<FunnelId, (PolicySource, Policy)>,
}

impl Policies {
    /// One policy for everything.
    #[must_use]
    pub fn of_inbox(version: u64, inbox: Policy) -> Self {
        Self { version, inbox, funnels: BTreeMap::new() }
    }

    /// Checks every duration; errors point into `source`. What it does not say of the inbox is the contract's default.
    pub fn parse(version: u64, source: SettingsSource) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let inbox = source.inboxes.default.over(&Policy::default(), "/inboxes/default", &mut errors);
        if source.funnels.len() > limits::FUNNEL_POLICIES {
            errors.push(FieldError::new("/funnels", "must be at most 1,000 funnels"));
            return Err(errors);
        }
        let mut funnels = BTreeMap::new();
        for (name, said) in source.funnels {
            let at = format!("/funnels/{}", escaped(&name));
            let Some(id) = FunnelId::parse(&name) else {
                errors.push(FieldError::new(at, "must be under a funnel's id of 1 to 64 bytes"));
                continue;
            };
            let policy = said.over(&inbox, &at, &mut errors);
            if !said.is_empty() {
                funnels.insert(id, (said, policy));
            }
        }
        errors.truncate(limits::FIELD_ERRORS);
        if errors.is_empty() { Ok(Self { version, inbox, funnels }) } else { Err(errors) }
    }

    /// As they are written.
    #[must_use]
    pub fn source(&self) -> SettingsSource {
        let funnels = self.funnels.iter().map(|(id, (said, _))| (id.as_str().to_owned(), said.clone()));
        SettingsSource {
            inboxes: InboxesSource { default: PolicySource::of(&self.inbox) },
            funnels: funnels.collect(),
        }
    }

    /// Rises with each change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The same, as of another version.
    #[must_use]
    pub fn with_version(self, version: u64) -> Self {
        Self { version, ..self }
    }

    /// Whether both say the same.
    #[must_use]
    pub fn say_the_same(&self, other: &Self) -> bool {
        self.inbox == other.inbox && self.funnels == other.funnels
    }

    /// The policy of `conversation`.
    #[must_use]
    pub fn of(&self, conversation: &Conversation) -> &Policy {
        self.funnels.get(&conversation.funnel_id).map_or(&self.inbox, |(_, policy)| policy)
    }
}
