//! An import that goes through a running server: the file's lines in requests of a size that is soon answered.

use anyhow::Context;
use parlor_core::limits;
use tokio::io::AsyncBufRead;

use super::remote::Server;
use crate::service::transfer::{Tally, read_line};
use crate::wire::import::ImportTally;

/// Sends every line, in order. Safe to run again: what is there stays as it is.
pub(super) async fn import_through(
    server: &Server,
    mut file: impl AsyncBufRead + Unpin,
    mut progress: impl FnMut(&Tally),
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let (mut lines, mut before) = (Vec::new(), 0);
    let mut line = Vec::new();
    for number in 1.. {
        let read = read_line(&mut file, &mut line, number).await?;
        if read == 0 || lines.len() + line.len() > limits::IMPORT_REQUEST_BYTES {
            send(server, std::mem::take(&mut lines), before, &mut tally).await?;
            before = number - 1;
            progress(&tally);
        }
        if read == 0 {
            break;
        }
        tally.bytes += read;
        if line.len() > limits::IMPORT_BODY_BYTES {
            tally.refuse(
                number,
                "longer than 8 MiB; import it with the server stopped, without --url".to_owned(),
            );
            before = number;
        } else {
            lines.append(&mut line);
        }
    }
    Ok(tally)
}

/// Sends `lines`, which come behind so many others.
async fn send(server: &Server, lines: Vec<u8>, before: u64, tally: &mut Tally) -> anyhow::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let answer = server.post("/api/live-chat/import", "application/x-ndjson", lines.into()).await;
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
