//! A message and who said it.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::agent::AgentRef;
use crate::id::{ConversationId, MessageId, OptionId};
use crate::text::{Metadata, Name, Text};
use crate::time::Timestamp;

/// How a message renders: `bot` is every answer of our side, a person's included. Order is part of the stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// The person in the funnel.
    User,
    /// Our side: bot or agent.
    Bot,
    /// A line about the conversation.
    System,
}

impl MessageKind {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MessageKind::User => "user",
            MessageKind::Bot => "bot",
            MessageKind::System => "system",
        }
    }
}

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// The conversation's user.
    User {
        /// Their name at that moment.
        name: Name,
    },
    /// The funnel, or a host's own bot.
    Bot,
    /// A person of ours.
    Agent(AgentRef),
    /// Nobody, or the agent who wrote the line by hand.
    System(Option<AgentRef>),
}

impl Author {
    /// The word on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Author::User { .. } => "user",
            Author::Bot => "bot",
            Author::Agent(_) => "agent",
            Author::System(_) => "system",
        }
    }
}

/// A quick reply offered with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageOption {
    /// What the client sends back as `optionId`.
    pub id: OptionId,
    /// What the button says.
    pub text: Name,
}

/// What a system line says, for clients to word in their language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemLine {
    /// The conversation was closed.
    Closed(crate::conversation::CloseReason),
    /// The conversation was opened again.
    Reopened,
    /// An agent took it.
    AgentJoined(Name),
    /// An agent gave it back to the bot.
    AgentLeft(Name),
    /// It waits for a person now.
    HandedToQueue,
    /// It closes then, unless somebody writes.
    ClosingSoon(Timestamp),
}

impl SystemLine {
    /// The code on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SystemLine::Closed(_) => "conversation_closed",
            SystemLine::Reopened => "conversation_reopened",
            SystemLine::AgentJoined(_) => "agent_joined",
            SystemLine::AgentLeft(_) => "agent_left",
            SystemLine::HandedToQueue => "handed_to_queue",
            SystemLine::ClosingSoon(_) => "closing_soon",
        }
    }

    /// The parameter on the wire, if it has one.
    #[must_use]
    pub fn param(&self) -> Option<(&'static str, Cow<'_, str>)> {
        match self {
            SystemLine::Closed(reason) => Some(("reason", reason.as_str().into())),
            SystemLine::AgentJoined(name) | SystemLine::AgentLeft(name) => {
                Some(("name", name.as_str().into()))
            }
            SystemLine::ClosingSoon(at) => Some(("at", at.to_string().into())),
            SystemLine::Reopened | SystemLine::HandedToQueue => None,
        }
    }

    /// Reads what [`code`](Self::code) and [`param`](Self::param) wrote.
    #[must_use]
    pub fn parse(code: &str, param: Option<&str>) -> Option<Self> {
        let name = || param.and_then(|p| Name::parse(p).ok());
        match code {
            "conversation_closed" => {
                param.and_then(crate::conversation::CloseReason::parse).map(SystemLine::Closed)
            }
            "conversation_reopened" => Some(SystemLine::Reopened),
            "agent_joined" => name().map(SystemLine::AgentJoined),
            "agent_left" => name().map(SystemLine::AgentLeft),
            "handed_to_queue" => Some(SystemLine::HandedToQueue),
            "closing_soon" => param.and_then(Timestamp::parse).map(SystemLine::ClosingSoon),
            _ => None,
        }
    }

    /// The English fallback that is stored as the line's text.
    #[must_use]
    pub fn text(&self) -> Text {
        let text = match self {
            SystemLine::Closed(_) => "The conversation was closed.".to_owned(),
            SystemLine::Reopened => "The conversation was reopened.".to_owned(),
            SystemLine::AgentJoined(name) => format!("{} joined the conversation.", name.as_str()),
            SystemLine::AgentLeft(name) => format!("{} left the conversation.", name.as_str()),
            SystemLine::HandedToQueue => "A person will answer here.".to_owned(),
            SystemLine::ClosingSoon(_) => "This conversation closes soon unless you write.".to_owned(),
        };
        Text::parse(&text).expect("a short constant and a bounded name")
    }
}

/// A message as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Public id.
    pub id: MessageId,
    /// Where it landed, not always where it was sent to.
    pub conversation_id: ConversationId,
    /// 1, 2, 3 … without holes in its conversation.
    pub seq: u32,
    /// How it renders.
    pub kind: MessageKind,
    /// Who said it.
    pub author: Author,
    /// What was said.
    pub text: Text,
    /// When the server decided it.
    pub at: Timestamp,
    /// Caller's data, and the funnel's position for funnel messages.
    pub metadata: Option<Metadata>,
    /// Quick replies.
    pub options: Vec<MessageOption>,
    /// What a system line says.
    pub system: Option<SystemLine>,
    /// Rises when this message changes.
    pub version: u32,
    /// What makes a repeated send the same one.
    pub identity: Identity,
    /// Users' messages in the conversation up to and with this one; unread counts are differences of it.
    pub users_before: u32,
    /// Our side's messages up to and with this one.
    pub ours_before: u32,
    /// The workspace's revision of its commit; set when the batch is written.
    pub rev: u64,
}

/// A hash of what makes a send the same send (contract, section 6): author, conversation *named in the request*,
/// type, text, metadata, options. SHA-256 cut to 128 bits: only the same author can try to collide with themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity(pub [u8; 16]);

impl Identity {
    /// Hashes the parts with their lengths, so that no two lists of parts read the same.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut cut = [0; 16];
        cut.copy_from_slice(&hash.finalize()[..16]);
        Self(cut)
    }

    /// The identity of a message nobody sent: greetings, system lines, the bot's answers. Its id is ours and never retried.
    #[must_use]
    pub fn ours(id: MessageId) -> Self {
        Self(*id.0.as_bytes())
    }
}
