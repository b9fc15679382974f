//! `get_transcript`: a conversation as a document, read and written a page at a time.
//!
//! What is said stays as it was said, and more only comes behind it: the pages up to the count the download began with are
//! of one state, however long it takes.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use parlor_core::access::{Principal, View};
use parlor_core::error::Code;
use parlor_core::id::ConversationId;
use parlor_core::limits;
use parlor_core::note::Note;

use crate::service::Service;
use crate::store::{MessagePage, MessageQuery, MessageStart};
use crate::wire::query::transcript::{TranscriptFormat, TranscriptQuery};
use crate::wire::{ConversationView, Problem};

/// A transcript being written.
pub struct Transcript {
    service: Arc<Service>,
    by: Principal,
    conversation: ConversationView,
    format: TranscriptFormat,
    /// The private notes so far, which are few; `None` when none are to come along.
    notes: Option<Vec<Arc<Note>>>,
    /// The last message written.
    after: u32,
    state: State,
}

enum State {
    /// With the first page, which was read to find the conversation.
    Begins(MessagePage),
    Goes,
    Over,
}

impl Service {
    /// Begins a transcript of a conversation in the caller's view.
    pub async fn get_transcript(
        self: &Arc<Self>,
        by: &Principal,
        id: ConversationId,
        query: TranscriptQuery,
    ) -> Result<Transcript, Problem> {
        let notes = (query.notes && by.view() == View::Agents).then(Vec::new);
        let page = self.transcript_page(by, id, 0, notes.is_some()).await?;
        let policies = page.head.policies.clone();
        let conversation = self.conversation_view(by, page.snapshot.clone(), Vec::new(), policies);
        let (service, by, format) = (self.clone(), by.clone(), query.format);
        let state = State::Begins(page);
        Ok(Transcript { service, by, conversation, format, notes, after: 0, state })
    }

    async fn transcript_page(
        &self,
        by: &Principal,
        id: ConversationId,
        after: u32,
        notes: bool,
    ) -> Result<MessagePage, Problem> {
        let query = MessageQuery { start: MessageStart::After(after), limit: limits::MESSAGES_MAX, notes };
        let found = self.store.list_messages(by.workspace, id, query).await.map_err(|e| self.failed(&e))?;
        found.filter(|page| by.sees(&page.snapshot.conversation)).ok_or_else(|| Code::NotFound.into())
    }
}

impl Transcript {
    /// The document's media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.format.media_type()
    }

    /// What it is saved as.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.format.file_name(&self.conversation)
    }

    /// The next piece; `None` behind the last. After an error, as when it is deleted meanwhile, the document is not whole.
    pub async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        let mut out = Vec::new();
        let page = match mem::replace(&mut self.state, State::Over) {
            State::Over => return None,
            State::Begins(page) => {
                out = self.format.head(&self.conversation);
                page
            }
            State::Goes => {
                let id = self.conversation.snapshot.conversation.id;
                match self.service.transcript_page(&self.by, id, self.after, self.notes.is_some()).await {
                    Ok(page) => page,
                    Err(problem) => return Some(Err(problem)),
                }
            }
        };
        let end = self.conversation.snapshot.conversation.message_count;
        let count = page.messages.iter().take_while(|message| message.seq <= end).count();
        let messages = &page.messages[..count];
        let notes: Vec<_> = page.notes.into_iter().filter(|note| note.after_seq <= end).collect();
        out.extend(self.format.page(&self.conversation, (messages, &notes), self.after == 0));
        self.after = messages.last().map_or(end, |last| last.seq);
        self.notes.iter_mut().for_each(|all| all.extend_from_slice(&notes));
        if self.after < end {
            self.state = State::Goes;
        } else {
            out.extend(self.format.tail(self.notes.take()));
        }
        Some(Ok(out.into()))
    }
}
