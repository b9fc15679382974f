//! What the server does by itself because its time has come.

use parlor_core::access::Principal;
use parlor_core::command::{Action, Command};
use parlor_core::decide::Outcome;
use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::limits;
use tokio::task::JoinSet;

use crate::service::Service;
use crate::store::StoreError;
use crate::writer::WriteError;

/// How a look went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// Everything looked at is done.
    Done,
    /// Something could not be read or written; it is still due.
    Failed,
}

impl Service {
    /// Does what is due now: the oldest first, a bounded part of it.
    pub async fn fire_due(&self) -> Looked {
        let due = match self.store.list_due(self.now(), limits::LIFECYCLE_BATCH).await {
            Ok(due) => due,
            Err(error) => return unread(&error),
        };
        let clock = self.clock();
        let fire = |&(workspace, conversation_id): &(WorkspaceKey, ConversationId)| {
            self.by_itself(workspace, Action::FireDue { conversation_id, clock })
        };
        let mut looked = Looked::Done;
        // Some together, so that they share a commit; few, so that nobody who writes meanwhile waits for many.
        for some in due.chunks(limits::LIFECYCLE_TOGETHER) {
            let mut fired: JoinSet<_> = some.iter().map(fire).collect();
            while let Some(answer) = fired.join_next().await {
                if !matches!(answer, Ok(Ok(_))) {
                    looked = Looked::Failed;
                }
            }
        }
        match self.catch_up().await {
            Ok(()) => looked,
            Err(error) => unread(&error),
        }
    }

    /// Sees whether anything is left of what fell due in the server's absence. Until nothing is, a server that goes again
    /// leaves to the next one how far its grace reaches back.
    async fn catch_up(&self) -> Result<(), StoreError> {
        let Some(returned_at) = self.behind() else { return Ok(()) };
        if self.store.list_due(returned_at, 1).await?.is_empty() {
            self.caught_up(returned_at);
        }
        Ok(())
    }

    /// Carries changes of settings on by some pages each.
    pub async fn redate(&self) -> Looked {
        let redating = match self.store.list_redating(limits::REDATING).await {
            Ok(redating) => redating,
            Err(error) => return unread(&error),
        };
        let mut looked = Looked::Done;
        for workspace in redating {
            for _ in 0..limits::REDATE_PAGES {
                match self.by_itself(workspace, Action::Redate).await {
                    Ok(Outcome::Redated { more: true }) => {}
                    Ok(_) => break,
                    Err(_) => {
                        looked = Looked::Failed;
                        break;
                    }
                }
            }
        }
        looked
    }

    /// Runs a command of the server's own where it is in nobody's way.
    fn by_itself(
        &self,
        workspace: WorkspaceKey,
        action: Action,
    ) -> impl Future<Output = Result<Outcome, WriteError>> + Send + use<> {
        let (writer, by) = (self.writer.clone(), Principal::server(workspace));
        async move { writer.run_background(Command { by, action }).await }
    }
}

fn unread(error: &StoreError) -> Looked {
    tracing::warn!(%error, "what is due cannot be read");
    Looked::Failed
}
