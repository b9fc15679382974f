//! The person in the funnel.

use crate::id::UserId;
use crate::text::{Email, Metadata, Name, Tag, Url};
use crate::time::Timestamp;

/// A user as stored. Whether they are online is presence, not state, and lives elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The host's id, or `anon_…`.
    pub id: UserId,
    /// What agents see; a user who gave none is named by [`User::unnamed`].
    pub name: Name,
    /// Unverified unless the host put it.
    pub email: Option<Email>,
    /// A picture.
    pub avatar: Option<Url>,
    /// IANA time zone.
    pub timezone: Option<Tag>,
    /// Language tag.
    pub locale: Option<Tag>,
    /// The host's own data, in the agents' view only.
    pub metadata: Option<Metadata>,
    /// Last time they wrote or were connected, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

/// What a caller says about a user; absent fields stay as they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserFields {
    /// See [`User::name`].
    pub name: Option<Name>,
    /// See [`User::email`].
    pub email: Option<Email>,
    /// See [`User::avatar`]; a visitor may not set it.
    pub avatar: Option<Url>,
    /// See [`User::timezone`].
    pub timezone: Option<Tag>,
    /// See [`User::locale`].
    pub locale: Option<Tag>,
    /// See [`User::metadata`]; a visitor may not set it.
    pub metadata: Option<Metadata>,
}

impl UserFields {
    /// Whether it says what only the host may say: a visitor names themselves, but shows agents no pictures and no data.
    #[must_use]
    pub fn is_the_hosts(&self) -> bool {
        self.avatar.is_some() || self.metadata.is_some()
    }
}

impl User {
    /// Whether conversations show the same user: everything but when they were last seen, which is presence.
    #[must_use]
    pub fn looks_like(&self, other: &User) -> bool {
        let seen = other.last_seen_at;
        *other == User { last_seen_at: seen, ..self.clone() }
    }

    /// How a user without a name is called until somebody knows better.
    #[must_use]
    pub fn unnamed() -> Name {
        Name::parse("Visitor").expect("a constant within the bound")
    }

    /// A user nobody has said anything about.
    #[must_use]
    pub fn new(id: UserId) -> Self {
        Self {
            id,
            name: Self::unnamed(),
            email: None,
            avatar: None,
            timezone: None,
            locale: None,
            metadata: None,
            last_seen_at: None,
        }
    }

    /// This user with `fields` said about them.
    #[must_use]
    pub fn with(mut self, fields: &UserFields) -> Self {
        fn set<T: Clone>(slot: &mut Option<T>, said: &Option<T>) {
            if said.is_some() {
                slot.clone_from(said);
            }
        }
        if let Some(name) = &fields.name {
            self.name = name.clone();
        }
        set(&mut self.email, &fields.email);
        set(&mut self.avatar, &fields.avatar);
        set(&mut self.timezone, &fields.timezone);
        set(&mut self.locale, &fields.locale);
        set(&mut self.metadata, &fields.metadata);
        self
    }
}
