//! `get_me`, `get_session`, `create_visitor`.

use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::{Role, Time};

/// Who the caller is, as proven by their token or session.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// Where.
    pub workspace: WorkspaceRef,
    /// As what.
    pub role: Role,
    /// As whom.
    pub sub: String,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Until when the proof holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub expires_at: Option<Time>,
}

/// Whether a browser is signed in to the console.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// Who it is; absent where nobody is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
}

/// A workspace.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkspaceRef {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// A visitor's token.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitorToken {
    /// For `Authorization: Bearer …` and the socket's `auth`.
    pub token: String,
    /// The visitor's id from now on.
    pub user_id: String,
    /// Renew it before then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Time,
}
