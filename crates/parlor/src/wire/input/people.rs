//! `put_user`, `create_visitor`, `create_session`.

use parlor_core::text::{Email, Name, Tag, Url};
use parlor_core::user::UserFields;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::metadata;
use crate::wire::Problem;
use crate::wire::parse::{Check, present};

/// What is known about a user; absent fields stay as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutUser {
    /// What agents see.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    /// Their address.
    #[serde(default, deserialize_with = "present")]
    pub email: Option<String>,
    /// A picture's address.
    #[serde(default, deserialize_with = "present")]
    pub avatar: Option<String>,
    /// IANA time zone.
    #[serde(default, deserialize_with = "present")]
    pub timezone: Option<String>,
    /// RFC 5646 language tag.
    #[serde(default, deserialize_with = "present")]
    pub locale: Option<String>,
    /// The host's own data, 4 KiB; visitors may not set it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
}

impl PutUser {
    /// As core has it.
    pub fn parse(self) -> Result<UserFields, Problem> {
        let mut check = Check::default();
        let texts = [self.name, self.email, self.avatar, self.timezone, self.locale];
        let fields = user_fields(&mut check, "", texts, self.metadata);
        check.finish(Some(fields))
    }
}

/// Name, e-mail, avatar, time zone and locale, in this order, and metadata.
pub(super) fn user_fields(
    check: &mut Check,
    at: &str,
    [name, email, avatar, timezone, locale]: [Option<String>; 5],
    data: Option<Map<String, Value>>,
) -> UserFields {
    UserFields {
        name: check.optional(&format!("{at}/name"), name.map(|v| Name::parse(&v))),
        email: check.optional(&format!("{at}/email"), email.map(|v| Email::parse(&v))),
        avatar: check.optional(&format!("{at}/avatar"), avatar.map(|v| Url::parse(&v))),
        timezone: check.optional(&format!("{at}/timezone"), timezone.map(|v| Tag::parse(&v))),
        locale: check.optional(&format!("{at}/locale"), locale.map(|v| Tag::parse(&v))),
        metadata: check.optional(&format!("{at}/metadata"), metadata(data)),
    }
}

/// Ask for a visitor's token.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateVisitor {
    /// The workspace's public key; not a secret.
    pub public_key: String,
}

/// Sign in with a one-click link.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// The code of the link's fragment; works once, for 15 minutes.
    pub code: String,
}
