//! Pages of a conversation's messages.

use std::ops::RangeInclusive;
use std::sync::Arc;

use parlor_core::conversation::{Conversation, Snapshot};
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::state::Head;

/// Which messages of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageQuery {
    /// Where.
    pub start: MessageStart,
    /// How many, at most `MESSAGES_MAX`.
    pub limit: usize,
    /// Whether private notes come along; never to a visitor.
    pub notes: bool,
}

/// Where a page of messages is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStart {
    /// The newest, but for this many.
    Newest(usize),
    /// The newest below this `seq`.
    Before(u32),
    /// The oldest above this `seq`.
    After(u32),
}

/// A page of messages.
#[derive(Debug, Clone)]
pub struct MessagePage {
    /// Whose messages.
    pub snapshot: Snapshot,
    /// Ascending.
    pub messages: Vec<Arc<Message>>,
    /// Private notes that stand in the page, in their order, without deleted ones; see [`notes_of_page`].
    pub notes: Vec<Arc<Note>>,
    /// Whether there are more in the direction asked.
    pub has_more: bool,
    /// The head of the same snapshot.
    pub head: Head,
}

/// Behind which messages the notes stand that come with a page: those of the page, and 0 where it reaches the beginning.
#[must_use]
pub fn notes_of_page(conversation: &Conversation, page: &[Arc<Message>]) -> Option<RangeInclusive<u32>> {
    let (first, last) = match (page.first(), page.last()) {
        _ if conversation.note_count == 0 => return None,
        (Some(first), Some(last)) => (first.seq, last.seq),
        _ if conversation.message_count == 0 => (0, 0),
        _ => return None,
    };
    Some(if first == 1 { 0..=last } else { first..=last })
}
