//! A restore that goes through a running server: the backup in parts, and then what became of it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use parlor_core::limits;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use super::remote::{Call, CallError, Server};
use crate::wire::conversation::to_json;
use crate::wire::restore::{BeginRestore, RestorePhase, RestoreState, sha256_text};

const PATH: &str = "/api/live-chat/restore";
const JSON: &str = "application/json";

/// Sends `file`, has it restored, and waits until the server is back; deletions that were repeated. `told` hears how many
/// bytes are there, and of how many.
pub(super) async fn restore_through(
    server: &Server,
    file: &Path,
    mut told: impl FnMut(u64, u64),
) -> anyhow::Result<u64> {
    // Who may not is told so at once; in the middle of a body a server hangs up instead.
    look(server).await?;
    let unreadable = || format!("{} cannot be read", file.display());
    let mut backup = File::open(file).await.with_context(unreadable)?;
    let of = backup.metadata().await.with_context(unreadable)?.len();
    let (mut at, mut digest) = (0, Sha256::new());
    loop {
        let mut part = Vec::new();
        let bound = limits::RESTORE_PART_BYTES as u64;
        (&mut backup).take(bound).read_to_end(&mut part).await.with_context(unreadable)?;
        if part.is_empty() {
            break;
        }
        let bytes = part.len() as u64;
        digest.update(&part);
        send(server, at, part.into()).await?;
        at += bytes;
        told(at, of);
    }
    let body = to_json(&BeginRestore { bytes: at, sha256: sha256_text(digest) }).into();
    let begun = Call { method: Method::POST, path: PATH, media_type: JSON, body };
    let begun: RestoreState = server.call(begun).await?;
    ended(server, begun.id.context("the server did not say which restore it began")?).await
}

async fn send(server: &Server, at: u64, part: Bytes) -> anyhow::Result<()> {
    let path = format!("{PATH}?at={at}");
    let media_type = "application/octet-stream";
    let call = Call { method: Method::PUT, path: &path, media_type, body: part };
    server.call::<RestoreState>(call).await?;
    Ok(())
}

/// How it stands.
async fn look(server: &Server) -> Result<RestoreState, CallError> {
    let call = Call { method: Method::GET, path: PATH, media_type: JSON, body: Bytes::new() };
    server.call(call).await
}

/// Looks until the server says how a restore ended. While it works nobody can connect to it.
async fn ended(server: &Server, id: Uuid) -> anyhow::Result<u64> {
    let pause = Duration::from_millis(limits::RESTORE_LOOK_MS);
    let looks = limits::RESTORE_WAIT_S * 1000 / limits::RESTORE_LOOK_MS;
    for _ in 0..looks {
        tokio::time::sleep(pause).await;
        let state = match look(server).await {
            Ok(state) => state,
            Err(CallError::Unreachable { .. }) => continue,
            Err(CallError::Refused { status: StatusCode::SERVICE_UNAVAILABLE, .. }) => continue,
            Err(refused) => {
                return Err(refused)
                    .context("the server was asked to restore, and does not say how that ended");
            }
        };
        match state.phase {
            _ if state.id != Some(id) => bail!("the server does not know how it ended; its log does"),
            RestorePhase::Restored => return Ok(state.erased_again.unwrap_or_default()),
            RestorePhase::Failed => {
                bail!(
                    "nothing was restored, and the server goes on as before: {}",
                    state.detail.unwrap_or_default()
                )
            }
            RestorePhase::Restoring | RestorePhase::Receiving => {}
        }
    }
    bail!("the server did not come back within {} seconds; its log says why", limits::RESTORE_WAIT_S)
}
