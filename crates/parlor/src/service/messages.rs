//! `send_message`, `list_messages`.

use parlor_core::access::{Principal, View};
use parlor_core::command::Action;
use parlor_core::error::Code;
use parlor_core::id::ConversationId;
use parlor_core::planted::{self, Bug};

use crate::service::Service;
use crate::store::{MessageQuery, MessageStart as StoreStart};
use crate::wire::input::PostMessage;
use crate::wire::list::{MessageList, SendMessageAnswer};
use crate::wire::query::{Inline, ListMessages, MessageStart};
use crate::wire::{MessageView, NoteView, Problem};

impl Service {
    /// Stores a message; the same one again is answered with the stored one.
    pub async fn send_message(
        &self,
        by: &Principal,
        input: PostMessage,
        inline: Inline,
    ) -> Result<SendMessageAnswer, Problem> {
        let send = input.parse()?;
        let mut answer = self.run_on_conversation(by, Action::SendMessage(Box::new(send))).await?;
        let message = answer.message.take().ok_or_else(|| Problem::internal("a send without its message"))?;
        let created = answer.created;
        let conversation = self.answered(by, answer, inline).await?;
        Ok(SendMessageAnswer { message: conversation.message(message), conversation, created })
    }

    /// A page of a conversation's messages.
    pub async fn list_messages(
        &self,
        by: &Principal,
        id: ConversationId,
        query: ListMessages,
    ) -> Result<MessageList, Problem> {
        let start = match query.start {
            MessageStart::Newest(skipped) => StoreStart::Newest(skipped),
            MessageStart::Before(seq) => StoreStart::Before(seq),
            MessageStart::After(seq) => StoreStart::After(seq),
        };
        let view = by.view();
        let notes = view == View::Agents;
        let page = MessageQuery { start, limit: query.limit, notes };
        let found = self.store.list_messages(by.workspace, id, page).await.map_err(|e| self.failed(&e))?;
        let page = found.filter(|page| by.sees(&page.snapshot.conversation)).ok_or(Code::NotFound)?;
        let head = match planted::is(Bug::SnapshotCursorTooNew) {
            true => self.store.get_head(by.workspace).await.map_err(|e| self.failed(&e))?,
            false => page.head,
        };
        let conversation = &page.snapshot.conversation;
        let shape = |message| MessageView { message, conversation: conversation.clone(), view };
        Ok(MessageList {
            messages: page.messages.into_iter().map(shape).collect(),
            notes: notes.then(|| page.notes.into_iter().map(NoteView).collect()),
            has_more: page.has_more,
            cursor: self.cursor(by.workspace, &head),
        })
    }
}
