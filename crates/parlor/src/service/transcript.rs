//! `get_transcript`: a conversation as a document, read and written a page at a time.
//!
//! What is said stays as it was said, and more only comes behind it: the pages up to the count the download began with are
//! of one state, however long it takes.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use parlor_core::access::Principal;
use parlor_core::error::Code;
use parlor_core::id::ConversationId;
use parlor_core::limits;
use parlor_core::message::Message;

use crate::service::Service;
use crate::store::{MessagePage, MessageQuery, MessageStart};
use crate::wire::query::transcript::TranscriptFormat;
use crate::wire::{ConversationView, Problem};

/// A transcript being written.
pub struct Transcript {
    service: Arc<Service>,
    by: Principal,
    conversation: ConversationView,
    format: TranscriptFormat,
    /// The last message written.
    after: u32,
    state: State,
}

enum State {
    /// With the first page, which was read to find the conversation.
    Begins(Vec<Arc<Message>>),
    Goes,
    Over,
}

impl Service {
    /// Begins a transcript of a conversation in the caller's view.
    pub async fn get_transcript(
        self: &Arc<Self>,
        by: &Principal,
        id: ConversationId,
        format: TranscriptFormat,
    ) -> Result<Transcript, Problem> {
        let page = self.transcript_page(by, id, 0).await?;
        let conversation = self.conversation_view(by, page.snapshot, Vec::new(), page.head.policy);
        let state = State::Begins(page.messages);
        Ok(Transcript { service: self.clone(), by: by.clone(), conversation, format, after: 0, state })
    }

    async fn transcript_page(
        &self,
        by: &Principal,
        id: ConversationId,
        after: u32,
    ) -> Result<MessagePage, Problem> {
        let query =
            MessageQuery { start: MessageStart::After(after), limit: limits::MESSAGES_MAX, notes: false };
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
        let messages = match mem::replace(&mut self.state, State::Over) {
            State::Over => return None,
            State::Begins(messages) => {
                out = self.format.head(&self.conversation);
                messages
            }
            State::Goes => {
                let id = self.conversation.snapshot.conversation.id;
                match self.service.transcript_page(&self.by, id, self.after).await {
                    Ok(page) => page.messages,
                    Err(problem) => return Some(Err(problem)),
                }
            }
        };
        let end = self.conversation.snapshot.conversation.message_count;
        let count = messages.iter().take_while(|message| message.seq <= end).count();
        out.extend(self.format.page(&self.conversation, &messages[..count], self.after == 0));
        self.after = messages[..count].last().map_or(end, |last| last.seq);
        if self.after < end {
            self.state = State::Goes;
        } else {
            out.extend_from_slice(self.format.tail());
        }
        Some(Ok(out.into()))
    }
}
