//! Ids: UUIDs for conversations and messages, the host's own strings for everything else.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::limits;

/// The store's key of a workspace; every query carries one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceKey(pub i64);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads any UUID form; `None` when it is not one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A conversation's public id. Ours are v7; a client may choose any version. Never used for order.
    ConversationId
);
uuid_id!(
    /// A message's public id, unique in its workspace. Never used for order; `seq` is.
    MessageId
);

uuid_id!(
    /// A private note's public id, unique in its workspace. Never used for order; [`Note::place`](crate::note::Note::place) is.
    NoteId
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Bytes it may have.
            pub const MAX_BYTES: usize = $max;

            /// `None` when empty, too long, or with white space at an end or a control character anywhere.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let fits = !text.is_empty() && text.len() <= Self::MAX_BYTES;
                (fits && text.trim() == text && !text.chars().any(char::is_control)).then(|| Self(text.into()))
            }

            /// The id as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A user's id: the host's own, or `anon_…` for an anonymous visitor.
    UserId,
    limits::PERSON_ID_BYTES
);
text_id!(
    /// An agent's id: the `sub` of their token or session.
    AgentId,
    limits::PERSON_ID_BYTES
);
text_id!(
    /// A funnel's id.
    FunnelId,
    limits::SLUG_BYTES
);
text_id!(
    /// A block's id, unique in its funnel.
    BlockId,
    limits::SLUG_BYTES
);
text_id!(
    /// An option's id, unique in its block or message.
    OptionId,
    limits::SLUG_BYTES
);
text_id!(
    /// An inbox's id; policies and origins hang on it. `default` is the only one today.
    InboxId,
    limits::SLUG_BYTES
);
text_id!(
    /// The id a conversation had where it was imported from, unique in its workspace.
    ExternalId,
    limits::EXTERNAL_ID_BYTES
);

text_id!(
    /// A canned answer's id, chosen by the client.
    CannedAnswerId,
    limits::SLUG_BYTES
);
text_id!(
    /// A saved view's id, chosen by the client.
    ViewId,
    limits::SLUG_BYTES
);

impl InboxId {
    /// The inbox every conversation is in until there are several.
    #[must_use]
    pub fn default_inbox() -> Self {
        Self("default".into())
    }
}

impl UserId {
    /// What anonymous visitors' ids start with; no host-signed `sub` may.
    pub const ANONYMOUS_PREFIX: &'static str = "anon_";

    /// Whether this is a visitor nobody vouched for.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.0.starts_with(Self::ANONYMOUS_PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_bounded_in_bytes_and_free_of_controls() {
        assert!(UserId::parse(&"x".repeat(128)).is_some() && UserId::parse(&"x".repeat(129)).is_none());
        assert!(UserId::parse(&"ß".repeat(64)).is_some() && UserId::parse(&"ß".repeat(65)).is_none());
        assert!(FunnelId::parse(&"x".repeat(64)).is_some() && FunnelId::parse(&"x".repeat(65)).is_none());
        for bad in ["", " ", "a ", " a", "a\0", "a\nb", "\u{85}"] {
            assert!(UserId::parse(bad).is_none() && BlockId::parse(bad).is_none(), "{bad:?}");
        }
        assert!(UserId::parse("auth0|ann smith").is_some(), "the host's own, whatever it looks like inside");
    }

    #[test]
    fn anonymous_visitors_are_known_by_their_prefix() {
        let is_anonymous = |id| UserId::parse(id).is_some_and(|id| id.is_anonymous());
        assert!(is_anonymous("anon_1") && !is_anonymous("anon") && !is_anonymous("Anon_1"));
    }

    #[test]
    fn every_form_of_a_uuid_is_the_same_id() {
        let id = ConversationId::parse("0198c0de-0000-7000-8000-000000000001");
        assert_eq!(ConversationId::parse("0198C0DE-0000-7000-8000-000000000001"), id);
        assert_eq!(ConversationId::parse("0198c0de000070008000000000000001"), id);
        assert_eq!(id.expect("a UUID").to_string(), "0198c0de-0000-7000-8000-000000000001");
        assert_eq!(ConversationId::parse("1"), None);
    }
}
