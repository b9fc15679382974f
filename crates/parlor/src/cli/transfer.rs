//! `parlor import` and `parlor export`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::{ArgGroup, Args};
use parlor_core::access::{Principal, Role};
use parlor_core::id::AgentId;
use parlor_core::limits;
use tokio::io::{AsyncBufRead, AsyncWriteExt, BufReader, BufWriter};
use tokio::sync::mpsc;

use super::progress::Progress;
use super::remote::Server;
use super::store::Place;
use super::through::import_through;
use crate::ambient::Machine;
use crate::service::transfer::{Tally, TransferError, export_conversations, import_conversations};
use crate::store::sqlite::LockError;
use crate::writer::Writer;

/// Read conversations from a file of JSON lines.
///
/// Lines as `parlor export` writes them, or `{"id", "funnel", "messages": [{"type", "text"}]}`. Conversations that are
/// there already stay as they are, so the same command again continues an import that was interrupted. With --url the
/// conversations go through a running server, and whoever is connected sees them come; without, stop the server first.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("where").args(["url", "workspace"]))]
pub struct Import {
    /// The file; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    server: Server,
}

/// Write every conversation to a file of JSON lines.
///
/// The file appears when it is complete. A server may go on running beside it.
#[derive(Debug, Args)]
pub struct Export {
    /// The file; `-` writes standard output.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

const STDIO: &str = "-";
const STOPPED: &str = "the import stopped; run the same command again to continue it";

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (lines, size): (Box<dyn AsyncBufRead + Unpin>, Option<u64>) = if self.file == Path::new(STDIO) {
            (Box::new(BufReader::new(tokio::io::stdin())), None)
        } else {
            let file = tokio::fs::File::open(&self.file).await;
            let file = file.with_context(|| format!("{} cannot be read", self.file.display()))?;
            let size = file.metadata().await.ok().map(|about| about.len());
            (Box::new(BufReader::new(file)), size)
        };
        let mut progress = Progress::new();
        let show = |tally: &Tally| progress.show(|| line("imported", size, tally));
        let imported = if self.server.is_named() {
            import_through(&self.server, lines, show).await.context(STOPPED)
        } else {
            import_here(&self.place, lines, show).await
        };
        progress.clear();
        let tally = imported?;
        report(&tally)
    }
}

/// Names the way that is open while a server has the directory.
fn beside_a_server(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(LockError::Held(data)) => {
            anyhow!(
                "{} is in use by another Parlor; stop it first, or import through it with --url",
                data.display()
            )
        }
        _ => error,
    }
}

/// Imports into the data directory, which nobody else has.
async fn import_here(
    place: &Place,
    lines: impl AsyncBufRead + Unpin,
    show: impl FnMut(&Tally),
) -> anyhow::Result<Tally> {
    let (store, _lock) = place.open_locked().map_err(beside_a_server)?;
    let workspace = place.workspace(&*store).await?.key;
    // Nobody listens: the published end is dropped, and clients resume from the database.
    let (published, _) = mpsc::channel(limits::PUBLISH_QUEUE);
    let (writer, running) = Writer::start(store, Arc::new(Machine), published, limits::BATCH_COMMANDS);
    let sub = AgentId::parse("import").context("a constant within the bound")?;
    let by = Principal { workspace, role: Role::Admin, sub, name: None, email: None };
    let imported = import_conversations(&writer, &Machine, &by, lines, show).await;
    drop(writer);
    running.await.context("the writer died")?;
    imported.context(STOPPED)
}

fn report(tally: &Tally) -> anyhow::Result<()> {
    let Tally { conversations, messages, known, refused, refused_in_all, .. } = tally;
    eprintln!("Imported {conversations} conversations with {messages} messages; {known} were there already.");
    for (number, why) in refused {
        eprintln!("line {number}: {why}");
    }
    match (*refused_in_all, refused.len() as u64) {
        (0, _) => Ok(()),
        (all, shown) if all > shown => {
            bail!("{all} lines could not be imported; the first {shown} are above")
        }
        (all, _) => bail!("{all} lines could not be imported; correct them and run the same command again"),
    }
}

impl Export {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let store = self.place.open_existing()?;
        let workspace = self.place.workspace(&*store).await?.key;
        let mut progress = Progress::new();
        let show = |tally: &Tally| progress.show(|| line("exported", None, tally));
        let tally = if self.file == Path::new(STDIO) {
            let out = BufWriter::new(tokio::io::stdout());
            export_conversations(&store, workspace, out, show).await?
        } else {
            let part = self.file.with_added_extension("part");
            let write = async {
                let mut out = BufWriter::new(tokio::fs::File::create(&part).await?);
                let tally = export_conversations(&store, workspace, &mut out, show).await?;
                out.flush().await?;
                out.get_ref().sync_all().await?;
                tokio::fs::rename(&part, &self.file).await?;
                Ok::<_, TransferError>(tally)
            };
            write.await.with_context(|| {
                format!("{} was not written; run the same command again", self.file.display())
            })?
        };
        progress.clear();
        eprintln!("Exported {} conversations with {} messages.", tally.conversations, tally.messages);
        Ok(())
    }
}

/// How far an import or export is.
fn line(done: &str, size: Option<u64>, tally: &Tally) -> String {
    let share = size.filter(|size| *size > 0).map(|size| format!(" ({} %)", tally.bytes * 100 / size));
    format!("{} conversations {done}{}", tally.conversations + tally.known, share.unwrap_or_default())
}
