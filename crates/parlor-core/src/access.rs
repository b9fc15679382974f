//! Who may do what (contract, section 2).

use crate::agent::AgentRef;
use crate::conversation::Conversation;
use crate::id::{AgentId, UserId, WorkspaceKey};
use crate::text::{Email, Name};

/// What a token or session says its holder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The user themselves.
    Visitor,
    /// Somebody who answers.
    Agent,
    /// An agent who also sets things up.
    Admin,
    /// A host's server.
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Role] = &[Role::Visitor, Role::Agent, Role::Admin, Role::Service];

    /// The word in tokens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Visitor => "visitor",
            Role::Agent => "agent",
            Role::Admin => "admin",
            Role::Service => "service",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Role::ALL.iter().copied().find(|role| role.as_str() == text)
    }

    /// Whether this role answers as a person.
    #[must_use]
    pub fn is_agent(self) -> bool {
        matches!(self, Role::Agent | Role::Admin)
    }
}

/// Who is calling, as proven by their token or session.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// The workspace the proof belongs to; nothing outside it exists for this caller.
    pub workspace: WorkspaceKey,
    /// What they are.
    pub role: Role,
    /// Who they are: a user's id for visitors, an agent's for agents, a service's name for services.
    pub sub: AgentId,
    /// What they are called.
    pub name: Option<Name>,
    /// Their address.
    pub email: Option<Email>,
}

impl Principal {
    /// The server itself: what falls due is nobody's wish.
    #[must_use]
    pub fn server(workspace: WorkspaceKey) -> Self {
        let sub = AgentId::parse("parlor").expect("a constant within the bound");
        Self { workspace, role: Role::Service, sub, name: None, email: None }
    }

    /// The user a visitor is.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        (self.role == Role::Visitor).then(|| UserId::parse(self.sub.as_str())).flatten()
    }

    /// The agent an agent is.
    #[must_use]
    pub fn agent(&self) -> Option<AgentRef> {
        self.role.is_agent().then(|| self.answerer())
    }

    /// The caller as one of our side, whether person or program.
    #[must_use]
    pub fn answerer(&self) -> AgentRef {
        // A token without a name: the id is the only thing known; it may hold what a name may not.
        let name = self.name.clone().or_else(|| Name::parse(self.sub.as_str()).ok());
        AgentRef {
            id: self.sub.clone(),
            name: name.unwrap_or_else(|| Name::parse("Agent").expect("a constant within the bound")),
        }
    }

    /// Which of the two views this caller gets.
    #[must_use]
    pub fn view(&self) -> View {
        if self.role == Role::Visitor { View::Visitor } else { View::Agents }
    }

    /// Whether a user's conversations exist for this caller.
    #[must_use]
    pub fn sees_those_of(&self, user: &UserId) -> bool {
        self.role != Role::Visitor || self.sub.as_str() == user.as_str()
    }

    /// Whether `conversation` exists for this caller.
    #[must_use]
    pub fn sees(&self, conversation: &Conversation) -> bool {
        self.sees_those_of(&conversation.user_id)
    }
}

/// The two views of one state (contract, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// Everything.
    Agents,
    /// Without labels, holds, foreign ids, metadata and agents' ids.
    Visitor,
}

/// Something a caller may be allowed to do. Reading is allowed to every role, within what it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Start a conversation.
    StartConversation,
    /// Write as the user.
    SendAsUser,
    /// Write an answer of our side.
    SendAsBot,
    /// Write a system line.
    SendAsSystem,
    /// Move the own side's read mark.
    MarkRead,
    /// Show that one is typing.
    SetTyping,
    /// Close a conversation.
    CloseConversation,
    /// Everything else about a conversation: reopen, archive, label, hold, assign, take, give back.
    UpdateConversation,
    /// Write private notes, and delete one's own. For who may not, there are none.
    WriteNote,
    /// Delete a conversation for good.
    DeleteConversation,
    /// Take everything about a user out.
    EraseUser,
    /// Have everything about a user as a file.
    ExportUser,
    /// Read what was deleted, when and by whom.
    ReadDeletions,
    /// Say that the wall clock is right.
    GoOn,
    /// Put a backup in the place of the server's database; of every server's first workspace only.
    Restore,
    /// Store a user's profile.
    PutUser,
    /// Store a funnel.
    PutFunnel,
    /// Import history.
    Import,
    /// Read what only agents have: agents, labels, funnels, canned answers, saved views.
    ReadDesk,
    /// Change canned answers and the own saved views.
    EditDesk,
    /// Change the settings.
    PutSettings,
}

/// The role table.
#[must_use]
pub fn may(role: Role, operation: Operation) -> bool {
    use Operation::*;
    match operation {
        StartConversation | SendAsUser => matches!(role, Role::Visitor | Role::Service),
        SendAsBot | WriteNote => role != Role::Visitor,
        SendAsSystem | UpdateConversation => role.is_agent(),
        MarkRead | SetTyping | CloseConversation => role != Role::Service,
        PutUser => matches!(role, Role::Service | Role::Admin),
        PutFunnel => matches!(role, Role::Service | Role::Admin),
        Import | DeleteConversation | EraseUser | ReadDeletions | PutSettings | GoOn | Restore => {
            role == Role::Admin
        }
        ExportUser => matches!(role, Role::Service | Role::Admin),
        ReadDesk => role != Role::Visitor,
        EditDesk => role.is_agent(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_never_act_for_our_side() {
        for operation in [
            Operation::SendAsBot,
            Operation::SendAsSystem,
            Operation::UpdateConversation,
            Operation::WriteNote,
            Operation::DeleteConversation,
            Operation::EraseUser,
            Operation::ExportUser,
            Operation::ReadDeletions,
            Operation::GoOn,
            Operation::Restore,
            Operation::PutUser,
            Operation::PutFunnel,
            Operation::Import,
            Operation::ReadDesk,
            Operation::EditDesk,
            Operation::PutSettings,
        ] {
            assert!(!may(Role::Visitor, operation), "{operation:?}");
        }
    }

    #[test]
    fn agents_never_write_as_the_user() {
        assert!(!may(Role::Agent, Operation::SendAsUser));
        assert!(!may(Role::Admin, Operation::SendAsUser));
    }

    #[test]
    fn whatever_an_agent_may_an_admin_may() {
        for operation in [
            Operation::StartConversation,
            Operation::SendAsUser,
            Operation::SendAsBot,
            Operation::SendAsSystem,
            Operation::MarkRead,
            Operation::SetTyping,
            Operation::CloseConversation,
            Operation::UpdateConversation,
            Operation::WriteNote,
            Operation::DeleteConversation,
            Operation::EraseUser,
            Operation::ExportUser,
            Operation::ReadDeletions,
            Operation::GoOn,
            Operation::Restore,
            Operation::PutUser,
            Operation::PutFunnel,
            Operation::Import,
            Operation::ReadDesk,
            Operation::EditDesk,
        ] {
            assert!(!may(Role::Agent, operation) || may(Role::Admin, operation), "{operation:?}");
        }
    }
}
