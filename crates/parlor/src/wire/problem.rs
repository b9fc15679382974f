//! Errors: RFC 9457 over HTTP, the same object in the socket's error frames.

use std::borrow::Cow;

use parlor_core::agent::AgentRef;
use parlor_core::error::{Code, FieldError as CoreFieldError};
use serde::Serialize;
use utoipa::ToSchema;

use super::ConversationView;
use super::conversation::LiveChatConversation;

/// Why something was not done: one text for the caller, another for the log.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What went wrong, from the closed list.
    pub code: Code,
    /// More than the code's sentence, for the caller. Never holds anything of the input.
    pub detail: Option<Cow<'static, str>>,
    /// Fields that do not hold.
    pub errors: Vec<CoreFieldError>,
    /// What differs from case to case; boxed because most problems have none of it.
    pub extra: Box<Extra>,
    /// For the log, never for callers. Never holds a text, token or code.
    pub log: Option<String>,
}

/// Members some codes add.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// With `held-by-another`: who holds it.
    pub holder: Option<AgentRef>,
    /// With `conversation-changed`: the current row.
    pub conversation: Option<ConversationView>,
}

impl Problem {
    /// A problem that its code says all about.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), extra: Box::default(), log: None }
    }

    /// One field that does not hold, at a JSON pointer.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::fields(vec![CoreFieldError::new(pointer, detail)])
    }

    /// Fields that do not hold.
    #[must_use]
    pub fn fields(errors: Vec<CoreFieldError>) -> Self {
        Self { errors, ..Self::new(Code::Validation) }
    }

    /// Our mistake; `log` says which.
    pub fn internal(log: impl Into<String>) -> Self {
        Self { log: Some(log.into()), ..Self::new(Code::Internal) }
    }

    /// The same with a text for the log.
    #[must_use]
    pub fn logged(mut self, log: impl Into<String>) -> Self {
        self.log = Some(log.into());
        self
    }

    /// The same with a more exact text for the caller; must not hold anything of the input.
    #[must_use]
    pub fn because(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Seconds after which trying again makes sense, for codes that pass by themselves.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        match self.code {
            Code::Unavailable => Some(1),
            Code::StorageFull => Some(30),
            Code::RateLimited => Some(5),
            _ => None,
        }
    }

    /// The object on the wire.
    #[must_use]
    pub fn body<'a>(&'a self, request_id: Option<&'a str>) -> ProblemBody<'a> {
        let error = |e: &'a CoreFieldError| FieldError { pointer: &e.pointer, detail: &e.detail };
        let holder = self.extra.holder.as_ref();
        ProblemBody {
            kind: type_of(self.code),
            title: self.code.title(),
            status: self.code.status(),
            detail: self.detail.as_deref(),
            code: self.code.as_str(),
            request_id,
            errors: self.errors.iter().map(error).collect(),
            holder: holder.map(|a| Holder { id: a.id.as_str(), name: a.name.as_str() }),
            conversation: self.extra.conversation.as_ref(),
        }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

fn type_of(code: Code) -> String {
    format!("/problems/{}", code.as_str())
}

/// An error (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody<'a> {
    /// `/problems/` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code as a sentence.
    pub title: &'static str,
    /// The HTTP status, in socket frames too.
    pub status: u16,
    /// What is special about this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
    /// One of a closed list; what programs decide by.
    #[schema(value_type = ProblemCode)]
    pub code: &'static str,
    /// Finds this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// With `validation`: the fields that do not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError<'a>>,
    /// With `held-by-another`: who holds the conversation, when an agent does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder<'a>>,
    /// With `conversation-changed`: the current row, without messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = LiveChatConversation, required = false)]
    pub conversation: Option<&'a ConversationView>,
}

/// A field of a body or query that does not hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldError)]
pub struct FieldError<'a> {
    /// JSON pointer (RFC 6901) into the body; `/query/…` for a query parameter.
    pub pointer: &'a str,
    /// What would be right.
    pub detail: &'a str,
}

/// Who holds a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holder)]
pub struct Holder<'a> {
    /// The agent's id.
    pub id: &'a str,
    /// The agent's name.
    pub name: &'a str,
}

/// The closed list of codes.
pub struct ProblemCode;

impl utoipa::PartialSchema for ProblemCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let codes = Code::ALL.iter().map(|code| code.as_str());
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(codes))
            .into()
    }
}

impl ToSchema for ProblemCode {}
