//! `delete_conversation`, `delete_user`, `list_deletions`, and what each deletion would take.

use std::sync::Arc;

use parlor_core::access::{Operation, Principal, may};
use parlor_core::command::{Action, EraseUser};
use parlor_core::decide::Outcome;
use parlor_core::error::Code;
use parlor_core::id::{ConversationId, UserId};

use crate::service::Service;
use crate::store::ExtentOf;
use crate::wire::Problem;
use crate::wire::erasure::{Deletion, DeletionList, DryRun};
use crate::wire::query::erasure::ListDeletions;

impl Service {
    /// Takes a conversation and everything said in it out of the store, for good.
    pub async fn delete_conversation(&self, by: &Principal, id: ConversationId) -> Result<(), Problem> {
        self.run(by, Action::DeleteConversation { conversation_id: id }).await.map(drop)
    }

    /// What that would take.
    pub async fn measure_conversation(&self, by: &Principal, id: ConversationId) -> Result<DryRun, Problem> {
        self.measure(by, Operation::DeleteConversation, ExtentOf::Conversation(id)).await
    }

    /// Takes everything about a user out of the store, for good: many commits, and others' come in between. It goes on when
    /// the caller leaves; what a crash leaves goes with the next call.
    pub async fn delete_user(self: &Arc<Self>, by: &Principal, id: &str) -> Result<(), Problem> {
        let user_id = UserId::parse(id).ok_or(Code::NotFound)?;
        let (service, by) = (self.clone(), by.clone());
        let erasing = tokio::spawn(async move {
            let action = Action::EraseUser(EraseUser { user_id, erased_at: None });
            loop {
                match service.run(&by, action.clone()).await? {
                    Outcome::Erased { is_done: true } => return Ok(()),
                    Outcome::Erased { is_done: false } => {}
                    _ => return Err(Problem::internal("an answer that is not about an erasure")),
                }
            }
        });
        erasing.await.unwrap_or_else(|_| Err(Problem::internal("an erasure panicked")))
    }

    /// What that would take.
    pub async fn measure_user(&self, by: &Principal, id: &str) -> Result<DryRun, Problem> {
        let user_id = UserId::parse(id).ok_or(Code::NotFound)?;
        self.measure(by, Operation::EraseUser, ExtentOf::User(user_id)).await
    }

    async fn measure(&self, by: &Principal, operation: Operation, of: ExtentOf) -> Result<DryRun, Problem> {
        if !may(by.role, operation) {
            return Err(Code::Forbidden.into());
        }
        let extent = self.store.measure(by.workspace, of).await.map_err(|error| self.failed(&error))?;
        let extent = extent.ok_or(Code::NotFound)?;
        Ok(DryRun { conversations: extent.conversations, messages: extent.messages, notes: extent.notes })
    }

    /// What was deleted, newest first.
    pub async fn list_deletions(&self, by: &Principal, list: ListDeletions) -> Result<DeletionList, Problem> {
        if !may(by.role, Operation::ReadDeletions) {
            return Err(Code::Forbidden.into());
        }
        let found = self.store.list_deletions(by.workspace, list.before, list.limit + 1).await;
        let mut records = found.map_err(|error| self.failed(&error))?;
        let has_more = records.len() > list.limit;
        records.truncate(list.limit);
        Ok(DeletionList { deletions: records.into_iter().map(Deletion::from).collect(), has_more })
    }
}
