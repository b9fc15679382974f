//! The person answering.

use crate::id::AgentId;
use crate::text::Name;

/// An agent as others see them: who holds a conversation, who wrote a message. The name is a copy of the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRef {
    /// `sub` of their token or session.
    pub id: AgentId,
    /// The name they had then.
    pub name: Name,
}
