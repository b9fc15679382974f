//! An import that goes through a running server: the file's lines in requests of a size that is soon answered.

use anyhow::Context;
use axum::http::Method;
use parlor_core::limits;
use tokio::io::AsyncBufRead;

use super::remote::{Call, Server};
use crate::service::transfer::{Tally, read_line};
use crate::wire::import::ImportTally;

/// Sends every line, in order. Safe to run again: what is there stays as it is.
pub(super) async fn import_through(
    server: &Server,
    mut file: impl AsyncBufRead + Unpin,
    mut progress: impl FnMut(&Tally),
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    // Who may not is told so at once; in the middle of a body a server hangs up instead.
    send(server, Vec::new(), 0, &mut tally).await?;
    let (mut lines, mut before) = (Vec::new(), 0);
    let mut line = Vec::new();
    for number in 1.. {
        let read = read_line(&mut file, &mut line, number).await?;
        let is_full = lines.len() + line.len() > limits::IMPORT_REQUEST_BYTES;
        if !lines.is_empty() && (read == 0 || is_full) {
            send(server, std::mem::take(&mut lines), before, &mut tally).await?;
            progress(&tally);
        }
        if read == 0 {
            break;
        }
        if lines.is_empty() {
            before = number - 1;
        }
        tally.bytes += read;
        if line.len() > limits::IMPORT_BODY_BYTES {
            tally.refuse(
                number,
                "longer than 8 MiB; import it with the server stopped, without --url".to_owned(),
            );
        } else {
            lines.append(&mut line);
        }
    }
    Ok(tally)
}

/// Sends `lines`, which come behind so many others.
async fn send(server: &Server, lines: Vec<u8>, before: u64, tally: &mut Tally) -> anyhow::Result<()> {
    let (path, media_type) = ("/api/live-chat/import", "application/x-ndjson");
    let answer = server.call(Call { method: Method::POST, path, media_type, body: lines.into() }).await;
    let answer: ImportTally = answer.with_context(|| format!("behind line {before}"))?;
    tally.conversations += answer.conversations;
    tally.messages += answer.messages;
    tally.known += answer.known;
    tally.refused_in_all += answer.refused_in_all.saturating_sub(answer.refused.len() as u64);
    for refused in answer.refused {
        tally.refuse(before + refused.line, refused.detail);
    }
    Ok(())
}
