//! `put_user`, and the tail of it that runs in the background.

use parlor_core::access::Principal;
use parlor_core::command::{Action, Command};
use parlor_core::decide::Outcome;
use parlor_core::error::Code;
use parlor_core::id::{ConversationId, UserId};

use crate::service::Service;
use crate::wire::Problem;
use crate::wire::input::PutUser;
use crate::wire::list::UserAnswer;
use crate::writer::WriteError;

impl Service {
    /// Stores what is known about a user; absent fields stay.
    pub async fn put_user(&self, by: &Principal, id: &str, input: PutUser) -> Result<UserAnswer, Problem> {
        let user_id = UserId::parse(id).ok_or(Code::NotFound)?;
        let fields = Box::new(input.parse()?);
        let action = Action::PutUser { user_id: user_id.clone(), fields };
        match self.run(by, action).await? {
            Outcome::User { user, more } => {
                self.refresh_rest(by, user_id, more);
                let is_online = self.is_online(by.workspace, &user.id);
                Ok(UserAnswer { user, view: by.view(), is_online })
            }
            _ => Err(Problem::internal("an answer that is not about a user")),
        }
    }

    /// A user is live in every conversation of theirs: those beyond the first commit follow in the background, a batch at
    /// a time. If the process ends before, they follow with the next change of the user.
    pub(super) fn refresh_rest(&self, by: &Principal, user_id: UserId, more: Option<ConversationId>) {
        let (writer, by) = (self.writer.clone(), by.clone());
        let Some(mut after) = more else { return };
        tokio::spawn(async move {
            loop {
                let action = Action::RefreshUser { user_id: user_id.clone(), after };
                match writer.run_background(Command { by: by.clone(), action }).await {
                    Ok(Outcome::User { more: Some(next), .. }) => after = next,
                    Ok(_) => return,
                    Err(error) => {
                        let reason = match error {
                            WriteError::Refused(refusal) => refusal.code().as_str(),
                            WriteError::Unavailable => "unavailable",
                            WriteError::StorageFull => "storage full",
                            WriteError::Internal => "internal",
                        };
                        tracing::warn!(reason, "a user's older conversations keep the old profile for now");
                        return;
                    }
                }
            }
        });
    }
}
