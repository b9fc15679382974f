//! `send_message`.

use parlor_core::command::{Holder, SendMessage};
use parlor_core::id::{AgentId, ConversationId, MessageId, OptionId};
use parlor_core::limits;
use parlor_core::message::{MessageKind, MessageOption};
use parlor_core::text::{Name, Text};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{PERSON, SLUG, UUID, metadata};
use crate::wire::Problem;
use crate::wire::parse::{Check, present};
use crate::wire::scalar::{MessageMetadata, MessageType};

/// A message somebody sends.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostMessage {
    /// Where to.
    #[schema(format = Uuid)]
    pub conversation_id: String,
    /// 1 to 10,000 characters, at most 32 KiB as JSON, not only white space.
    pub text: String,
    /// `user` for visitors and services; `bot` is every answer of our side.
    #[serde(rename = "type")]
    pub kind: MessageType,
    /// A UUID chosen by the client: sent again with the same content, the message is stored once.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = Uuid)]
    pub id: Option<String>,
    /// The caller's data, 4 KiB.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MessageMetadata>)]
    pub metadata: Option<Map<String, Value>>,
    /// The quick reply that was chosen; `text` is then its wording.
    #[serde(default, deserialize_with = "present")]
    pub option_id: Option<String>,
    /// Quick replies to offer, at most 20.
    #[serde(default, deserialize_with = "present")]
    pub options: Option<Vec<OptionInput>>,
    /// Whether a closed conversation may be reopened for it; `true` also takes it out of the archive.
    #[serde(default, deserialize_with = "present")]
    pub reopen: Option<bool>,
    /// Store it only while this is the holder: an agent's id, `bot` or `queue`.
    #[serde(default, deserialize_with = "present")]
    pub if_holder: Option<String>,
}

/// A quick reply to offer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageOptionInput)]
pub struct OptionInput {
    /// What clients send back as `optionId`.
    pub id: String,
    /// What the button says.
    pub text: String,
}

impl PostMessage {
    /// As a command.
    pub fn parse(self) -> Result<SendMessage, Problem> {
        let mut check = Check::default();
        let conversation_id =
            check.take("/conversationId", ConversationId::parse(&self.conversation_id).ok_or(UUID));
        let id = check.optional("/id", self.id.map(|id| MessageId::parse(&id).ok_or(UUID)));
        let text = check.take("/text", Text::parse(&self.text));
        let metadata = check.optional("/metadata", metadata(self.metadata));
        let option_id =
            check.optional("/optionId", self.option_id.map(|id| OptionId::parse(&id).ok_or(SLUG)));
        let options = options(&mut check, self.options.unwrap_or_default());
        let if_holder = check.optional("/ifHolder", self.if_holder.map(|h| holder(&h).ok_or(PERSON)));
        let kind = MessageKind::from(self.kind);
        if kind == MessageKind::User && !options.is_empty() {
            check.error("/options", "only our side offers quick replies");
        }
        let reopen = self.reopen;
        let build = |(conversation_id, text)| SendMessage {
            conversation_id,
            id,
            kind,
            text,
            metadata,
            option_id,
            options,
            reopen,
            if_holder,
        };
        check.finish(conversation_id.zip(text).map(build))
    }
}

fn options(check: &mut Check, options: Vec<OptionInput>) -> Vec<MessageOption> {
    if options.len() > limits::OPTIONS {
        check.error("/options", "must be at most 20 options");
        return Vec::new();
    }
    let mut parsed: Vec<MessageOption> = Vec::with_capacity(options.len());
    for (i, option) in options.into_iter().enumerate() {
        let id = check.take(&format!("/options/{i}/id"), OptionId::parse(&option.id).ok_or(SLUG));
        let text = check.take(&format!("/options/{i}/text"), Name::parse(&option.text));
        if parsed.iter().any(|known| Some(&known.id) == id.as_ref()) {
            check.error(&format!("/options/{i}/id"), "is the id of an earlier option");
        }
        parsed.extend(id.zip(text).map(|(id, text)| MessageOption { id, text }));
    }
    parsed
}

fn holder(word: &str) -> Option<Holder> {
    match word {
        "bot" => Some(Holder::Bot),
        "queue" => Some(Holder::Queue),
        id => AgentId::parse(id).map(Holder::Agent),
    }
}
