//! `parlor import` and `parlor export`: every conversation of a workspace as lines of JSON, streamed.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use parlor_core::access::{Principal, View};
use parlor_core::command::{Action, Command};
use parlor_core::decide::Outcome;
use parlor_core::id::WorkspaceKey;
use parlor_core::limits;
use parlor_core::message::{Identity, Message};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

use crate::ambient::Ambient;
use crate::store::{ListQuery, MessageQuery, MessageStart, PageStart, Row, Sort, Store, StoreError};
use crate::wire::import::{self, ExportLine, ImportLine};
use crate::wire::parse::from_json;
use crate::wire::{ConversationView, NoteView};
use crate::writer::{WriteError, Writer};

/// How far an import or export is, and how it ended.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Conversations stored or written.
    pub conversations: u64,
    /// Their messages.
    pub messages: u64,
    /// Lines whose conversation was already there.
    pub known: u64,
    /// Lines that could not be taken, by number from 1, with why. At most [`limits::IMPORT_REFUSED_SHOWN`] of them.
    pub refused: Vec<(u64, String)>,
    /// How many in all.
    pub refused_in_all: u64,
    /// Bytes read or written.
    pub bytes: u64,
}

impl Tally {
    /// Counts a line that could not be taken.
    pub fn refuse(&mut self, number: u64, why: String) {
        self.refused_in_all += 1;
        if self.refused.len() < limits::IMPORT_REFUSED_SHOWN {
            self.refused.push((number, why));
        }
    }
}

/// Why a transfer stopped before its end. What was done stays done; the same command again goes on.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file.
    #[error("the file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database, behind the writer; the log says why.
    #[error("the database did not take a conversation: {0:?}")]
    Write(WriteError),
    /// A line is no text or longer than [`limits::IMPORT_LINE_BYTES`].
    #[error("line {0} is longer than 64 MiB")]
    LineTooLong(u64),
}

enum Taken {
    Stored { messages: u64 },
    Known,
    Refused(String),
}

/// Imports lines as admin `by`. The order of the lines is the order of the rows. Safe to run again: what is there stays
/// as it is.
pub async fn import_conversations(
    writer: &Writer,
    ambient: &dyn Ambient,
    by: &Principal,
    mut lines: impl AsyncBufRead + Unpin,
    mut progress: impl FnMut(&Tally),
) -> Result<Tally, TransferError> {
    let mut tally = Tally::default();
    let mut under_way = FuturesOrdered::new();
    let mut line = Vec::new();
    for number in 1.. {
        let read = read_line(&mut lines, &mut line, number).await?;
        while under_way.len() >= if read == 0 { 1 } else { limits::IMPORT_IN_FLIGHT } {
            let Some(settled) = under_way.next().await else { break };
            let (number, taken): (u64, Taken) = settled?;
            count(&mut tally, number, taken);
            progress(&tally);
        }
        if read == 0 {
            break;
        }
        tally.bytes += read;
        if line.trim_ascii().is_empty() || import::is_profile(&line) {
            continue;
        }
        let action = parse(&line, ambient);
        let by = by.clone();
        under_way.push_back(async move {
            let taken = match action {
                Ok(action) => take(writer, Command { by, action }).await?,
                Err(why) => Taken::Refused(why),
            };
            Ok::<_, TransferError>((number, taken))
        });
    }
    Ok(tally)
}

/// Reads a line with its end into `line`; its length, 0 at the end.
pub async fn read_line(
    lines: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    number: u64,
) -> Result<u64, TransferError> {
    use tokio::io::AsyncReadExt;
    line.clear();
    let bound = limits::IMPORT_LINE_BYTES as u64;
    let read = lines.take(bound).read_until(b'\n', line).await? as u64;
    if read == bound && line.last() != Some(&b'\n') {
        return Err(TransferError::LineTooLong(number));
    }
    Ok(read)
}

fn parse(line: &[u8], ambient: &dyn Ambient) -> Result<Action, String> {
    let Identity(digest) = Identity::of(&[line.trim_ascii()]);
    let digest = format!("line-{}", uuid::Uuid::from_bytes(digest).simple());
    let parsed = from_json::<ImportLine>(line).and_then(|shape| shape.parse(&digest, ambient.now()));
    parsed
        .map(|import| Action::ImportConversation(Box::new(import)))
        .map_err(|problem| import::say(&problem.errors))
}

async fn take(writer: &Writer, command: Command) -> Result<Taken, TransferError> {
    match writer.run_background(command).await {
        Ok(Outcome::Conversation(answer)) if answer.created => {
            Ok(Taken::Stored { messages: answer.snapshot.conversation.message_count.into() })
        }
        Ok(_) => Ok(Taken::Known),
        Err(WriteError::Refused(refusal)) => Ok(Taken::Refused(refusal.code().title().to_owned())),
        Err(error) => Err(TransferError::Write(error)),
    }
}

fn count(tally: &mut Tally, number: u64, taken: Taken) {
    match taken {
        Taken::Stored { messages } => {
            tally.conversations += 1;
            tally.messages += messages;
        }
        Taken::Known => tally.known += 1,
        Taken::Refused(why) => tally.refuse(number, why),
    }
}

/// Writes every conversation with all its messages, oldest activity first, in reads of a page each: a server beside it
/// goes on writing. A conversation that moves meanwhile is written once, as it was when its page was read.
pub async fn export_conversations(
    store: &Arc<dyn Store>,
    workspace: WorkspaceKey,
    mut out: impl AsyncWrite + Unpin,
    mut progress: impl FnMut(&Tally),
) -> Result<Tally, TransferError> {
    let mut tally = Tally::default();
    let mut written = HashSet::new();
    let mut start = PageStart::default();
    loop {
        let query = ListQuery { sort: Sort::Oldest, start, limit: limits::LIST_MAX, ..ListQuery::default() };
        let page = store.list_conversations(workspace, query).await?;
        for row in page.rows {
            // Activity moves a row towards the end of this order, never past the reader: it can come twice, not never.
            if !written.insert(row.snapshot.conversation.id) {
                continue;
            }
            let Some((line, messages)) = line_of(store, workspace, &row).await? else { continue };
            tally.conversations += 1;
            tally.messages += messages;
            tally.bytes += line.len() as u64;
            out.write_all(&line).await?;
        }
        progress(&tally);
        match page.next {
            Some(next) => start = PageStart::After(next),
            None => break,
        }
    }
    out.flush().await?;
    Ok(tally)
}

/// A conversation's line, and how many messages are in it; `None` when it was erased meanwhile.
pub(super) async fn line_of(
    store: &Arc<dyn Store>,
    workspace: WorkspaceKey,
    row: &Row,
) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
    let Some(whole) = whole(store, workspace, row).await? else { return Ok(None) };
    let mut line = crate::wire::conversation::to_json(&whole);
    line.push(b'\n');
    Ok(Some((line, whole.conversation.messages.len() as u64)))
}

/// A conversation with every message and note; `None` when it was erased meanwhile.
async fn whole(
    store: &Arc<dyn Store>,
    workspace: WorkspaceKey,
    row: &Row,
) -> Result<Option<ExportLine>, StoreError> {
    let id = row.snapshot.conversation.id;
    let mut messages: Vec<Arc<Message>> = Vec::new();
    let mut notes = Vec::new();
    loop {
        let after = messages.last().map_or(0, |m| m.seq);
        let query =
            MessageQuery { start: MessageStart::After(after), limit: limits::MESSAGES_MAX, notes: true };
        let Some(page) = store.list_messages(workspace, id, query).await? else { return Ok(None) };
        messages.extend(page.messages);
        notes.extend(page.notes.into_iter().map(NoteView));
        if !page.has_more {
            let policies = page.head.policies;
            let view = View::Agents;
            // The last page's conversation: its count and marks fit the messages read up to here.
            let snapshot = page.snapshot;
            let conversation = ConversationView { snapshot, messages, policies, view, is_online: false };
            return Ok(Some(ExportLine { conversation, notes }));
        }
    }
}
