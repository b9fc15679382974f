//! The wire of one connection: what clients ask, and the answers that are theirs alone. Events that many share are
//! `wire::event`'s.

use bytes::Bytes;
use parlor_core::error::Code;
use parlor_core::limits;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::conversation::{LiveChatConversation, to_json};
use crate::wire::input::PostMessage;
use crate::wire::me::Me;
use crate::wire::message::LiveChatMessage;
use crate::wire::parse::{from_json, present};
use crate::wire::problem::ProblemBody;
use crate::wire::{ConversationView, MessageView, Problem};

/// What a client calls its request; echoed in the answer. Text of at most 128 bytes, or a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Ref {
    /// A number.
    #[schema(value_type = f64)]
    Number(serde_json::Number),
    /// A text.
    Text(String),
}

impl Ref {
    fn fits(&self) -> bool {
        !matches!(self, Ref::Text(text) if text.len() > limits::REF_BYTES)
    }
}

/// What a client asks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "camelCase")]
pub enum ClientFrame {
    /// Says who is calling; the first frame of a connection whose upgrade did not. Again with the same subject and role it
    /// extends the session.
    Auth(Auth),
    /// Follows a topic; with `since`, what was missed comes first.
    Subscribe(Subscribe),
    /// Stops following a topic.
    Unsubscribe(Unsubscribe),
    /// Sends a message; `ok` carries what `POST /messages` answers.
    Send(Send),
    /// Moves the own side's read mark forward.
    Read(Read),
    /// Shows that one types, or stopped.
    Typing(Typing),
}

macro_rules! ops {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[schema(as = $name)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Echoed in the answer; without it only errors are answered.
            #[serde(default, rename = "ref", deserialize_with = "present")]
            #[schema(value_type = Option<Ref>)]
            pub reference: Option<Ref>,
            #[serde(default, rename = "op")]
            #[schema(ignore)]
            _op: IgnoredAny,
        }
    )*};
}

ops! {
    /// `auth`.
    Auth {
        /// A token as for `Authorization: Bearer`.
        token: String,
    }
    /// `subscribe`.
    Subscribe {
        /// `inbox` or `conversation:<id>`.
        topic: String,
        /// The last cursor seen on it, or that of a snapshot.
        #[serde(default, deserialize_with = "present")]
        since: Option<String>,
    }
    /// `unsubscribe`.
    Unsubscribe {
        /// As subscribed.
        topic: String,
    }
    /// `send`.
    Send {
        /// As the body of `POST /messages`.
        message: PostMessage,
    }
    /// `read`.
    Read {
        /// Which conversation.
        #[schema(format = Uuid)]
        conversation_id: String,
        /// Read up to and with this message.
        seq: u32,
    }
    /// `typing`.
    Typing {
        /// Which conversation.
        #[schema(format = Uuid)]
        conversation_id: String,
        /// Whether they type now.
        is_typing: bool,
    }
}

/// The part every frame has; the rest is read once the op is known.
#[derive(Deserialize)]
struct Envelope {
    op: String,
    #[serde(default, rename = "ref", deserialize_with = "present")]
    reference: Option<Ref>,
}

/// The `ref` alone, for answering a frame that is wrong otherwise.
#[derive(Deserialize)]
struct Referring {
    #[serde(default, rename = "ref")]
    reference: Option<Ref>,
}

impl ClientFrame {
    /// Reads a frame; the ref comes along whenever there is one that can be echoed.
    pub fn parse(text: &[u8]) -> (Option<Ref>, Result<Self, Problem>) {
        let reference = from_json::<Referring>(text).ok().and_then(|r| r.reference).filter(Ref::fits);
        (reference, Self::read(text))
    }

    fn read(text: &[u8]) -> Result<Self, Problem> {
        fn op<T: DeserializeOwned>(text: &[u8], frame: fn(T) -> ClientFrame) -> Result<ClientFrame, Problem> {
            from_json(text).map(frame)
        }
        let envelope: Envelope = from_json(text)?;
        if !envelope.reference.is_none_or(|reference| reference.fits()) {
            return Err(Problem::field("/ref", "must be a number or at most 128 bytes of text"));
        }
        match envelope.op.as_str() {
            "auth" => op(text, Self::Auth),
            "subscribe" => op(text, Self::Subscribe),
            "unsubscribe" => op(text, Self::Unsubscribe),
            "send" => op(text, Self::Send),
            "read" => op(text, Self::Read),
            "typing" => op(text, Self::Typing),
            _ => Err(Problem::field("/op", "must be auth, subscribe, unsubscribe, send, read or typing")),
        }
    }
}

/// What the server answers to one client; events that streams share are [`ControlEvent`](crate::wire::event::ControlEvent) and
/// its neighbours.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerFrame<'a> {
    /// The caller is known; ops may begin.
    Ready {
        /// Seconds between heartbeats; after two without a frame the connection is dead.
        heartbeat_seconds: u64,
        /// Who the caller is.
        me: &'a Me,
    },
    /// An op is done.
    Ok {
        /// The op's.
        #[serde(rename = "ref")]
        reference: &'a Ref,
        /// With `subscribe`: where the client is now; everything before has been sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<&'a str>,
        /// With `subscribe`: it was subscribed before.
        #[serde(skip_serializing_if = "Option::is_none")]
        already: Option<bool>,
        /// With `send`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = LiveChatMessage, required = false)]
        message: Option<&'a MessageView>,
        /// With `send` and `read`: the conversation afterwards, without messages. With `send` it is the one that took it.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = LiveChatConversation, required = false)]
        conversation: Option<&'a ConversationView>,
    },
    /// An op was not done, or a frame was not understood.
    Error {
        /// The op's, when it had one.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Ref>,
        /// Why.
        problem: ProblemBody<'a>,
    },
}

impl ServerFrame<'_> {
    /// The answer to an op that says nothing but that it is done.
    #[must_use]
    pub fn ok(reference: &Ref) -> ServerFrame<'_> {
        ServerFrame::Ok { reference, cursor: None, already: None, message: None, conversation: None }
    }

    /// The frame's bytes.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        to_json(self).into()
    }
}

/// A conversation's id in an op.
pub fn conversation_id(text: &str) -> Result<parlor_core::id::ConversationId, Problem> {
    parlor_core::id::ConversationId::parse(text)
        .ok_or_else(|| Problem::field("/conversationId", "must be a UUID"))
}

/// Whether a problem means that the frame itself was wrong, rather than what it asked for.
#[must_use]
pub fn is_bad_frame(problem: &Problem) -> bool {
    matches!(problem.code, Code::MalformedJson | Code::Validation)
}

#[allow(unused_imports, reason = "the schema attributes name them")]
use {LiveChatConversation as _, LiveChatMessage as _};

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<String>, Result<ClientFrame, (Code, String)>) {
        let (reference, frame) = ClientFrame::parse(text.as_bytes());
        let reference = reference.map(|r| serde_json::to_string(&r).expect("a ref is JSON"));
        (
            reference,
            frame.map_err(|p| (p.code, p.errors.first().map_or(String::new(), |e| e.pointer.clone()))),
        )
    }

    #[test]
    fn refs_are_echoed_as_they_were() {
        for reference in ["7", "-1", "1.5", r#""a""#, r#""""#] {
            let (echoed, frame) =
                parse(&format!(r#"{{"op":"unsubscribe","topic":"inbox","ref":{reference}}}"#));
            assert_eq!(echoed.as_deref(), Some(reference));
            assert!(frame.is_ok());
        }
    }

    #[test]
    fn wrong_frames_say_where_and_keep_their_ref() {
        let cases = [
            (r#"{"op":"fly","ref":1}"#, Code::Validation, "/op"),
            (r#"{"ref":1}"#, Code::Validation, "/op"),
            (r#"{"op":"subscribe","topic":5,"ref":1}"#, Code::Validation, "/topic"),
            (r#"{"op":"subscribe","topic":"inbox","since":null,"ref":1}"#, Code::Validation, "/since"),
            (r#"{"op":"read","conversationId":"x","seq":-1,"ref":1}"#, Code::Validation, "/seq"),
            (
                r#"{"op":"send","message":{"conversationId":"x","type":"bot"},"ref":1}"#,
                Code::Validation,
                "/message/text",
            ),
            (r#"{"op":"auth","token":"t","role":"admin","ref":1}"#, Code::Validation, ""),
        ];
        for (text, code, pointer) in cases {
            let (reference, frame) = parse(text);
            assert_eq!(reference.as_deref(), Some("1"), "{text}");
            assert_eq!(frame.expect_err(text), (code, pointer.to_owned()), "{text}");
        }
        for text in ["", "{", "[", "\"x\"", "{}x", r#"{"op":"read","op":"read"}"#] {
            let (reference, frame) = parse(text);
            assert_eq!(reference, None, "{text}");
            assert!(frame.is_err(), "{text}");
        }
        let long = format!(r#"{{"op":"unsubscribe","topic":"inbox","ref":"{}"}}"#, "x".repeat(129));
        let (reference, frame) = parse(&long);
        assert_eq!((reference, frame.expect_err("too long").1), (None, "/ref".to_owned()));
    }
}
