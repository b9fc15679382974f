//! A conversation as a document to keep, a page at a time: as text for people, as JSON for programs.
//!
//! As text a private note stands behind the message it was written after; as JSON the notes stand behind all messages.

use std::fmt::Write;
use std::sync::Arc;

use parlor_core::message::{Author, Message};
use parlor_core::note::Note as CoreNote;
use parlor_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::ConversationView;
use super::conversation::{LiveChatConversation, to_json};
use super::message::LiveChatMessage;
use super::note::{Note, NoteView};
use super::query::transcript::TranscriptFormat;

/// A conversation and everything said in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transcript<'a> {
    /// As it was when the download began; its own `messages` are empty.
    #[schema(value_type = LiveChatConversation)]
    pub conversation: &'a ConversationView,
    /// All of them, ascending by `seq`.
    #[schema(value_type = Vec<LiveChatMessage>)]
    pub messages: [(); 0],
    /// Private notes by `afterSeq`, `at` and `id`, where they were asked for; visitors never get them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Note>>)]
    pub notes: Option<[(); 0]>,
}

impl TranscriptFormat {
    /// The document's media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// What the document is saved as: nothing that anybody wrote is in it.
    #[must_use]
    pub fn file_name(self, conversation: &ConversationView) -> String {
        let conversation = &conversation.snapshot.conversation;
        let at = conversation.started_at.to_string();
        let day = at.split('T').next().unwrap_or_default();
        let ending = match self {
            Self::Text => "txt",
            Self::Json => "json",
        };
        format!("transcript-{day}-{}.{ending}", conversation.id)
    }

    /// What the document begins with. `conversation` has no messages of its own.
    #[must_use]
    pub fn head(self, conversation: &ConversationView) -> Vec<u8> {
        match self {
            Self::Text => text_head(conversation).into_bytes(),
            Self::Json => {
                let mut json = to_json(&Transcript { conversation, messages: [], notes: None });
                // Open at the end of the messages.
                json.truncate(json.len() - "]}".len());
                json
            }
        }
    }

    /// A page of its messages, with the notes that stand in it; `is_first` when none came before.
    #[must_use]
    pub fn page(
        self,
        conversation: &ConversationView,
        (messages, notes): (&[Arc<Message>], &[Arc<CoreNote>]),
        is_first: bool,
    ) -> Vec<u8> {
        match self {
            Self::Text => text_page(messages, notes).into_bytes(),
            Self::Json => {
                let mut json = Vec::new();
                for (at, message) in messages.iter().enumerate() {
                    if at > 0 || !is_first {
                        json.push(b',');
                    }
                    json.extend(to_json(&conversation.message(message.clone())));
                }
                json
            }
        }
    }

    /// What the document ends with; `notes` where they come along.
    #[must_use]
    pub fn tail(self, notes: Option<Vec<Arc<CoreNote>>>) -> Vec<u8> {
        match (self, notes) {
            (Self::Text, _) => Vec::new(),
            (Self::Json, None) => b"]}\n".to_vec(),
            (Self::Json, Some(notes)) => {
                let mut json = b"],\"notes\":".to_vec();
                json.extend(to_json(&notes.into_iter().map(NoteView).collect::<Vec<_>>()));
                json.extend_from_slice(b"}\n");
                json
            }
        }
    }
}

fn text_head(view: &ConversationView) -> String {
    let (conversation, user) = (&view.snapshot.conversation, &view.snapshot.user);
    let mut head = String::new();
    let mut row = |name: &str, value: &str| {
        writeln!(head, "{name}: {}", plain(value)).expect("a String takes everything");
    };
    row("Conversation", &conversation.id.to_string());
    row("With", user.name.as_str());
    row("Funnel", conversation.funnel_name.as_str());
    row("Started", &time(conversation.started_at));
    if let Some(at) = conversation.closed_at {
        row("Closed", &time(at));
    }
    row("Messages", &conversation.message_count.to_string());
    head.push('\n');
    head
}

fn text_page(messages: &[Arc<Message>], notes: &[Arc<CoreNote>]) -> String {
    let mut out = String::new();
    let mut notes = notes.iter().peekable();
    for message in messages {
        while let Some(note) = notes.next_if(|note| note.after_seq < message.seq) {
            out.push_str(&note_line(note));
        }
        out.push_str(&line(message));
    }
    out.extend(notes.map(|note| note_line(note)));
    out
}

/// A private note, set in like a message.
fn note_line(note: &CoreNote) -> String {
    let (author, text) = (plain(note.author.name.as_str()), plain(note.text()));
    format!("[{}] {author} (private note): {text}\n", time(note.at))
}

/// A message: its first line says when and who, the others are set in, so that no text can look like another message.
fn line(message: &Message) -> String {
    let author = match &message.author {
        Author::User { name } => format!("{} (user)", plain(name.as_str())),
        Author::Agent(agent) => format!("{} (agent)", plain(agent.name.as_str())),
        Author::Bot => "Bot".to_owned(),
        Author::System(_) => "System".to_owned(),
    };
    let mut out = format!("[{}] {author}: {}\n", time(message.at), plain(message.text.as_str()));
    for option in &message.options {
        writeln!(out, "    - {}", plain(option.text.as_str())).expect("a String takes everything");
    }
    out
}

/// Whatever begins a new line sets it in; of other control characters, which a terminal would act on, only the tab stays.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\n    "),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// `2026-11-28 09:30:00 UTC`.
fn time(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{} UTC", seconds.trim_end_matches('Z').replace('T', " "))
}

#[allow(unused_imports, reason = "the schema attributes name them")]
use {LiveChatConversation as _, LiveChatMessage as _, Note as _};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_looks_like_another_line_or_moves_a_terminal() {
        let text = "one\r\n[2026-01-01 00:00:00 UTC] Bot: two\rthree\u{2028}four\u{85}five\u{1b}[31m\tsix";
        let lines = ["one", "[2026-01-01 00:00:00 UTC] Bot: two", "three", "four", "five[31m\tsix"];
        assert_eq!(plain(text), lines.join("\n    "));
    }

    #[test]
    fn times_are_of_a_second_and_say_their_zone() {
        assert_eq!(time(Timestamp(1_795_858_200_123)), "2026-11-28 09:30:00 UTC");
    }
}
