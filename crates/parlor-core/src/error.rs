//! The closed list of refusals, one for HTTP, WebSocket and the client package.

use crate::agent::AgentRef;
use crate::conversation::{Handler, Snapshot};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, as callers see it. The text of a code never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the contract.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code on the wire, also the last part of the problem's `type`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The HTTP status it travels with.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }

            /// One constant sentence; nothing of the input is echoed.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = "malformed-json", 400, "The body is not valid JSON.";
    /// A cursor or page token that is not ours, or of another workspace.
    InvalidCursor = "invalid-cursor", 400, "The cursor or page token is not valid here. Load the list again without it.";
    /// No token, or one that does not hold.
    Unauthenticated = "unauthenticated", 401, "Sign in again: the token or session is missing, expired or not valid.";
    /// The role may not do this.
    Forbidden = "forbidden", 403, "Your role may not do this.";
    /// A browser origin that is not configured.
    OriginNotAllowed = "origin-not-allowed", 403, "This origin is not allowed. Add it to the configured origins.";
    /// Nothing there, or nothing of yours.
    NotFound = "not-found", 404, "There is nothing here under this id.";
    /// Another method is served here.
    MethodNotAllowed = "method-not-allowed", 405, "This method is not served here; see the Allow header.";
    /// The request took too long to arrive or to serve.
    Timeout = "timeout", 408, "The request took too long. Try again.";
    /// The message id is taken by another message.
    MessageIdConflict = "message-id-conflict", 409, "This message id already belongs to a message with other content.";
    /// The note id is taken by another note.
    NoteIdConflict = "note-id-conflict", 409, "This note id already belongs to a note with other content.";
    /// The conversation id is taken by another conversation of yours.
    ConversationIdConflict = "conversation-id-conflict", 409, "This conversation id already belongs to another conversation.";
    /// The conversation is closed and the caller did not ask to reopen it.
    ConversationClosed = "conversation-closed", 409, "The conversation is closed. Send `reopen: true` to reopen it.";
    /// The conversation is archived and the caller did not ask to reopen it.
    ConversationArchived = "conversation-archived", 409, "The conversation is archived. Send `reopen: true` to reopen it.";
    /// `if` did not hold; the current row is in the answer.
    ConversationChanged = "conversation-changed", 409, "The conversation has changed since you read it; the current one is in `conversation`.";
    /// The settings are not those of the version named.
    SettingsChanged = "settings-changed", 409, "The settings have changed since you read them. Load them again.";
    /// The canned answer is not of the version named.
    CannedAnswerChanged = "canned-answer-changed", 409, "This canned answer has changed since you read it. Load it again.";
    /// Somebody else holds the conversation.
    HeldByAnother = "held-by-another", 409, "Somebody else holds this conversation.";
    /// The body is too large.
    TooLarge = "too-large", 413, "The body is too large.";
    /// The URI is too long.
    UriTooLong = "uri-too-long", 414, "The address is too long.";
    /// The body is not declared as JSON.
    UnsupportedMediaType = "unsupported-media-type", 415, "Send the body as application/json.";
    /// Fields that do not hold; they are listed in `errors`.
    Validation = "validation", 422, "Some fields are not valid; see `errors`.";
    /// Too many requests.
    RateLimited = "rate-limited", 429, "Too many requests. Wait as long as Retry-After says.";
    /// Too many subscriptions on one socket.
    TooManySubscriptions = "too-many-subscriptions", 429, "This connection has as many subscriptions as it may have.";
    /// The header block is too large.
    HeadersTooLarge = "headers-too-large", 431, "The request's headers are too large.";
    /// Our mistake.
    Internal = "internal", 500, "Something went wrong on our side. The request id helps to find it.";
    /// The database is locked, gone or too slow; nothing was stored.
    Unavailable = "unavailable", 503, "The server cannot store this right now. Try again shortly.";
    /// The disk is full; nothing was stored.
    StorageFull = "storage-full", 503, "The server's disk is full; nothing was stored.";
}

/// A field of a body that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// What would be right; never echoes the input.
    pub detail: String,
}

impl FieldError {
    /// A field error at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// A rule said no. Nothing was changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Nothing there, or nothing of the caller's: the same answer on purpose.
    NotFound,
    /// The role may not do this.
    Forbidden,
    /// The message id is taken.
    MessageIdConflict,
    /// The note id is taken.
    NoteIdConflict,
    /// The conversation id is taken.
    ConversationIdConflict,
    /// Closed, and `reopen` did not ask to reopen.
    ConversationClosed,
    /// Archived, and `reopen` did not ask to reopen.
    ConversationArchived,
    /// `if` did not hold; the current row.
    ConversationChanged(Box<Snapshot>),
    /// The settings are of another version than the one named.
    SettingsChanged,
    /// The canned answer is of another version than the one named, or there is none.
    CannedAnswerChanged,
    /// Held by somebody else, or by nobody where a holder was named.
    HeldByAnother {
        /// Who answers now.
        handler: Handler,
        /// The agent, when one holds it.
        holder: Option<AgentRef>,
    },
    /// Fields that do not hold.
    Validation(Vec<FieldError>),
    /// The rules asked for more rows than they may; a defect, never the caller's fault.
    Internal(&'static str),
}

impl Refusal {
    /// One field error as a refusal.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Refusal::Validation(vec![FieldError::new(pointer, detail)])
    }

    /// The code callers see.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Refusal::NotFound => Code::NotFound,
            Refusal::Forbidden => Code::Forbidden,
            Refusal::MessageIdConflict => Code::MessageIdConflict,
            Refusal::NoteIdConflict => Code::NoteIdConflict,
            Refusal::ConversationIdConflict => Code::ConversationIdConflict,
            Refusal::ConversationClosed => Code::ConversationClosed,
            Refusal::ConversationArchived => Code::ConversationArchived,
            Refusal::ConversationChanged(_) => Code::ConversationChanged,
            Refusal::SettingsChanged => Code::SettingsChanged,
            Refusal::CannedAnswerChanged => Code::CannedAnswerChanged,
            Refusal::HeldByAnother { .. } => Code::HeldByAnother,
            Refusal::Validation(_) => Code::Validation,
            Refusal::Internal(_) => Code::Internal,
        }
    }
}
