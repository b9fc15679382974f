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
use tokio::time::Instant;
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
    let id = begun.id.context("the server did not say which restore it began")?;
    ended(id, async || look(server).await).await
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

/// Looks until the server says how a restore ended. While it works it only asks for patience, and for moments before and
/// after that it cannot be reached: longer than those it is gone.
async fn ended(
    id: Uuid,
    mut look: impl AsyncFnMut() -> Result<RestoreState, CallError>,
) -> anyhow::Result<u64> {
    let gone = Duration::from_secs(limits::RESTORE_GONE_S);
    let begun = Instant::now();
    let mut heard = begun;
    while begun.elapsed() < Duration::from_secs(limits::RESTORE_WAIT_S) {
        tokio::time::sleep(Duration::from_millis(limits::RESTORE_LOOK_MS)).await;
        let state = match look().await {
            Ok(state) => state,
            Err(CallError::Refused { status: StatusCode::SERVICE_UNAVAILABLE, .. }) => {
                heard = Instant::now();
                continue;
            }
            Err(CallError::Unreachable { .. }) if heard.elapsed() < gone => continue,
            Err(unreachable @ CallError::Unreachable { .. }) => {
                return Err(unreachable).context(
                    "the server was asked to restore, and is gone; its log says why. Start it again: it has either the \
                     backup or what it had before",
                );
            }
            Err(refused) => {
                return Err(refused)
                    .context("the server was asked to restore, and does not say how that ended");
            }
        };
        heard = Instant::now();
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

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    fn restored() -> RestoreState {
        RestoreState {
            phase: RestorePhase::Restored,
            bytes: 0,
            id: Some(ID),
            erased_again: Some(3),
            detail: None,
        }
    }

    fn unreachable() -> CallError {
        CallError::Unreachable {
            url: "http://127.0.0.1:7070".parse().expect("a URL"),
            why: anyhow!("refused"),
        }
    }

    fn patience() -> CallError {
        let url = "http://127.0.0.1:7070".parse().expect("a URL");
        CallError::Refused { url, status: StatusCode::SERVICE_UNAVAILABLE, why: "restoring".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_gone_is_not_waited_for_long() {
        let begun = Instant::now();
        let error = ended(ID, async || Err(unreachable())).await.expect_err("there is no server");
        assert!(format!("{error:#}").contains("is gone"), "{error:#}");
        assert!(format!("{error:#}").ends_with(" cannot be reached: refused"), "{error:#}");
        assert!(begun.elapsed().as_secs() <= limits::RESTORE_GONE_S + 1, "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_restores_for_long_is_waited_for_however_often_it_starts() {
        let begun = Instant::now();
        let phase_s = limits::RESTORE_GONE_S - 5;
        let look = async || match begun.elapsed().as_secs() / phase_s {
            0 | 2 | 5 => Err(unreachable()),
            1 | 3 | 4 => Err(patience()),
            _ => Ok(restored()),
        };
        assert_eq!(ended(ID, look).await.expect("it came back"), 3);
        assert_eq!(begun.elapsed().as_secs(), 6 * phase_s);
    }

    #[tokio::test(start_paused = true)]
    async fn even_a_server_that_asks_for_patience_is_not_waited_for_for_ever() {
        let error = ended(ID, async || Err(patience())).await.expect_err("it never came back");
        assert!(error.to_string().contains("did not come back within 3600 seconds"), "{error:#}");
    }
}
