//! A backup that is sent to the running server.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// How far a backup is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RestorePhase {
    /// It is sent, or none is.
    Receiving,
    /// The server is about to put it in its database's place, and away for as long.
    Restoring,
    /// It is the server's database.
    Restored,
    /// It is not; the database is the one that was there.
    Failed,
}

/// How a restore stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoreState {
    /// Where it is.
    pub phase: RestorePhase,
    /// Bytes of the backup that are there.
    pub bytes: u64,
    /// Names the restore from when it was asked for, so that its end is known from that of another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<Uuid>,
    /// With `restored`: deletions since the backup that were repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub erased_again: Option<u64>,
    /// With `failed`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
}

/// Asks for what was sent to be restored.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeginRestore {
    /// How large the whole backup is.
    pub bytes: u64,
    /// Its SHA-256, as 64 hexadecimal digits in lower case: what several sent at once is no backup of any of them.
    pub sha256: String,
}

/// A digest as [`BeginRestore`] has it.
#[must_use]
pub fn sha256_text(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
