//! What callers send, by operation.

mod conversations;
mod desk;
mod messages;
mod notes;
mod people;
mod settings;

pub use conversations::{
    Condition, MarkRead, PatchConversations, SetTyping, StartConversation, StartUser, Take, Targets,
};
pub use desk::{PutCannedAnswer, PutView};
pub use messages::{OptionInput, PostMessage};
pub use notes::AddNote;
pub use people::{CreateSession, CreateVisitor, PutUser};
pub use settings::{PreviewSettings, PutSettings};

use parlor_core::text::Metadata;
use serde_json::{Map, Value};

/// The sentence for ids of conversations and messages.
const UUID: &str = "must be a UUID";
/// The sentence for users' and agents' ids.
const PERSON: &str = "must be 1 to 128 bytes without control characters or white space at its ends";
/// The sentence for ids of funnels, blocks and options.
const SLUG: &str = "must be 1 to 64 bytes without control characters or white space at its ends";

fn metadata(map: Option<Map<String, Value>>) -> Option<Result<Metadata, &'static str>> {
    map.map(Metadata::parse)
}
