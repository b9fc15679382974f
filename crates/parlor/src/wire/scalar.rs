//! Small parts that several shapes share.

use parlor_core::access::View;
use parlor_core::text::Metadata;
use parlor_core::time::Timestamp;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// RFC 3339, UTC, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident for $core:ty { $($variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant,)* }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                match value { $(<$core>::$variant => Self::$variant,)* }
            }
        }

        impl From<$name> for $core {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)* }
            }
        }
    };
}

words!(
    /// Whether a conversation can go on.
    ConversationStatus for parlor_core::conversation::Status { Open, Closed, }
);
words!(
    /// Who answers now: the funnel, nobody yet (it waits for a person), or the assignee.
    Handler for parlor_core::conversation::Handler { Bot, Queue, Agent, }
);
words!(
    /// Why a conversation was deleted: an administrator asked for it, had everything of its user erased, or the policy says so.
    DeleteReason for parlor_core::conversation::DeleteReason { Admin, UserErased, Retention, }
);
words!(
    /// Why a conversation was closed.
    CloseReason for parlor_core::conversation::CloseReason { Agent, User, Inactivity, FunnelEnd, }
);
words!(
    /// How a message renders. `bot` is every answer of our side, a person's included.
    MessageType for parlor_core::message::MessageKind { User, Bot, System, }
);
words!(
    /// What a token or session says its holder is.
    Role for parlor_core::access::Role { Visitor, Agent, Admin, Service, }
);

/// The side that is expected to write next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitingOn {
    /// The person in the funnel.
    User,
    /// Our side.
    Team,
}

/// Where a conversation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A page.
    Web,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// The person in the funnel.
    User,
    /// The funnel, or a host's own bot.
    Bot,
    /// A person of ours.
    Agent,
    /// Nobody, or the agent who wrote the line by hand.
    System,
}

/// The keys of a message's metadata that visitors see too [seed].
pub const SHARED_METADATA: [&str; 4] = ["blockId", "optionId", "funnelStage", "offerId"];

/// A message's metadata as one view has it.
#[derive(Debug, Clone, Copy)]
pub struct MetadataView<'a> {
    map: &'a Map<String, Value>,
    view: View,
}

impl<'a> MetadataView<'a> {
    /// `None` when this view has nothing of it.
    #[must_use]
    pub fn of(metadata: &'a Metadata, view: View) -> Option<Self> {
        let map = metadata.as_map();
        let shows = match view {
            View::Agents => !map.is_empty(),
            View::Visitor => SHARED_METADATA.iter().any(|key| map.contains_key(*key)),
        };
        shows.then_some(Self { map, view })
    }
}

impl Serialize for MetadataView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.view {
            View::Agents => self.map.serialize(serializer),
            View::Visitor => {
                let mut map = serializer.serialize_map(None)?;
                for key in SHARED_METADATA {
                    if let Some(value) = self.map.get(key) {
                        map.serialize_entry(key, value)?;
                    }
                }
                map.end()
            }
        }
    }
}

/// A caller's data on a message. Visitors see the four named keys only.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct MessageMetadata {
    /// The funnel's block.
    pub block_id: Option<String>,
    /// The quick reply that was chosen.
    pub option_id: Option<String>,
    /// The funnel's stage.
    pub funnel_stage: Option<String>,
    /// The host's offer.
    pub offer_id: Option<String>,
    /// Whatever else the caller keeps here; 4 KiB in all.
    #[serde(flatten)]
    pub other: std::collections::BTreeMap<String, Value>,
}
