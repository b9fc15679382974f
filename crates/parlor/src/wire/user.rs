//! `LiveChatUser`.

use parlor_core::access::View;
use parlor_core::user::User;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::scalar::Time;

/// The person in the funnel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveChatUser)]
#[serde(rename_all = "camelCase")]
pub struct LiveChatUser<'a> {
    /// The host's id, or `anon_…`.
    pub id: &'a str,
    /// What agents see.
    pub name: &'a str,
    /// Unverified unless the host put it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// A picture's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<&'a str>,
    /// Whether they are connected now.
    pub is_online: bool,
    /// When they last wrote or were connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub last_seen: Option<Time>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<&'a str>,
    /// RFC 5646 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'a str>,
    /// The host's own data; absent in a visitor's view.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub metadata: Option<&'a Map<String, Value>>,
}

impl<'a> LiveChatUser<'a> {
    /// `user` as `view` has them.
    #[must_use]
    pub fn of(user: &'a User, view: View, is_online: bool) -> Self {
        let metadata = user.metadata.as_ref().filter(|m| view == View::Agents && !m.is_empty());
        Self {
            id: user.id.as_str(),
            name: user.name.as_str(),
            email: user.email.as_ref().map(|e| e.as_str()),
            avatar: user.avatar.as_ref().map(|a| a.as_str()),
            is_online,
            last_seen: user.last_seen_at.map(Time),
            timezone: user.timezone.as_ref().map(|t| t.as_str()),
            locale: user.locale.as_ref().map(|l| l.as_str()),
            metadata: metadata.map(|m| m.as_map()),
        }
    }
}
