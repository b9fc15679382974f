//! `start_conversation`, `get_conversation`, `update_conversations`, `mark_read`, `take_conversation`,
//! `give_back_conversation`.

use futures_util::future::join_all;
use parlor_core::access::Principal;
use parlor_core::command::{Action, MarkRead as MarkReadCommand, UpdateConversation};
use parlor_core::decide::Answer;
use parlor_core::error::Code;
use parlor_core::id::ConversationId;

use crate::service::Service;
use crate::wire::input::{MarkRead, PatchConversations, StartConversation, Take, Targets};
use crate::wire::list::{BulkAnswer, BulkFailure, ConversationAnswer, StartConversationAnswer, UpdateAnswer};
use crate::wire::query::Inline;
use crate::wire::{ConversationView, Problem};

impl Service {
    /// The user's first click or text: conversation, greeting and message in one transaction.
    pub async fn start_conversation(
        &self,
        by: &Principal,
        input: StartConversation,
        inline: Inline,
    ) -> Result<StartConversationAnswer, Problem> {
        let mut start = input.parse(by.user_id())?;
        // What a visitor's token says of them is what is known until they say more.
        if by.user_id().as_ref() == Some(&start.user_id) {
            start.user.name = start.user.name.or_else(|| by.name.clone());
            start.user.email = start.user.email.or_else(|| by.email.clone());
        }
        let mut answer = self.run_on_conversation(by, Action::StartConversation(Box::new(start))).await?;
        let user_id = answer.snapshot.user.id.clone();
        self.refresh_rest(by, user_id, answer.more);
        let (message, created) = (answer.message.take(), answer.created);
        let conversation = self.answered(by, answer, inline).await?;
        let message = message.map(|message| conversation.message(message));
        Ok(StartConversationAnswer { conversation, message, created })
    }

    /// One conversation.
    pub async fn get_conversation(
        &self,
        by: &Principal,
        id: ConversationId,
        inline: Inline,
    ) -> Result<ConversationAnswer, Problem> {
        let found = self.store.get_conversation(by.workspace, id, inline.0);
        let row = found.await.map_err(|error| self.failed(&error))?;
        let row = row.filter(|row| by.sees(&row.snapshot.conversation)).ok_or(Code::NotFound)?;
        let head = self.store.get_head(by.workspace).await.map_err(|error| self.failed(&error))?;
        let conversation = self.conversation_view(by, row.snapshot, row.messages, head.policies);
        Ok(ConversationAnswer { conversation })
    }

    /// Changes one conversation, or several, each by itself. `path` is the one the address names.
    pub async fn update_conversations(
        &self,
        by: &Principal,
        input: PatchConversations,
        path: Option<ConversationId>,
        inline: Inline,
    ) -> Result<UpdateAnswer, Problem> {
        let (targets, update) = input.parse(path)?;
        let ids = match targets {
            Targets::One(_) => {
                let conversation = self.update_one(by, update, inline).await?;
                return Ok(UpdateAnswer::One(ConversationAnswer { conversation }));
            }
            Targets::Bulk(ids) => ids,
        };
        // All at once, so that they share a transaction and its fsync.
        let changes = ids.iter().map(|id| {
            let update = UpdateConversation { conversation_id: *id, ..update.clone() };
            self.update_one(by, update, inline)
        });
        let mut answer = BulkAnswer { conversations: Vec::with_capacity(ids.len()), failed: Vec::new() };
        for (id, changed) in ids.iter().zip(join_all(changes).await) {
            match changed {
                Ok(conversation) => answer.conversations.push(conversation),
                Err(problem) => answer.failed.push(BulkFailure::new(*id, problem)),
            }
        }
        Ok(UpdateAnswer::Bulk(answer))
    }

    async fn update_one(
        &self,
        by: &Principal,
        update: UpdateConversation,
        inline: Inline,
    ) -> Result<ConversationView, Problem> {
        let answer = self.run_on_conversation(by, Action::UpdateConversation(Box::new(update))).await?;
        self.answered(by, answer, inline).await
    }

    /// Moves the caller's side's read mark.
    pub async fn mark_read(
        &self,
        by: &Principal,
        id: ConversationId,
        input: MarkRead,
        inline: Inline,
    ) -> Result<ConversationAnswer, Problem> {
        let mark = MarkReadCommand { conversation_id: id, seq: input.seq, back: input.back };
        self.change(by, Action::MarkRead(mark), inline).await
    }

    /// Makes the caller the one who answers.
    pub async fn take_conversation(
        &self,
        by: &Principal,
        id: ConversationId,
        input: Take,
        inline: Inline,
    ) -> Result<ConversationAnswer, Problem> {
        let from = input.parse()?;
        self.change(by, Action::TakeConversation { conversation_id: id, from }, inline).await
    }

    /// Lets the bot answer again.
    pub async fn give_back_conversation(
        &self,
        by: &Principal,
        id: ConversationId,
        inline: Inline,
    ) -> Result<ConversationAnswer, Problem> {
        self.change(by, Action::GiveBackConversation { conversation_id: id }, inline).await
    }

    async fn change(
        &self,
        by: &Principal,
        action: Action,
        inline: Inline,
    ) -> Result<ConversationAnswer, Problem> {
        let answer = self.run_on_conversation(by, action).await?;
        let conversation = self.answered(by, answer, inline).await?;
        Ok(ConversationAnswer { conversation })
    }

    /// A command's answer as `by` sees it. Without messages the store is not asked again.
    pub(super) async fn answered(
        &self,
        by: &Principal,
        answer: Answer,
        inline: Inline,
    ) -> Result<ConversationView, Problem> {
        if inline.0 == 0 {
            return Ok(self.conversation_view(by, answer.snapshot, Vec::new(), answer.policies));
        }
        let id = answer.snapshot.conversation.id;
        let found = self.store.get_conversation(by.workspace, id, inline.0);
        let row = found.await.map_err(|error| self.failed(&error))?.ok_or(Code::NotFound)?;
        Ok(self.conversation_view(by, row.snapshot, row.messages, answer.policies))
    }
}
