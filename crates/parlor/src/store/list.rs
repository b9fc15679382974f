//! Pages of the inbox.

use std::sync::Arc;

use parlor_core::conversation::{Handler, Snapshot, Status};
use parlor_core::id::{AgentId, ConversationId, FunnelId, UserId};
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::state::Head;
use parlor_core::text::Label;

/// A conversation, its user and some of its messages, all of one snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Conversation and user.
    pub snapshot: Snapshot,
    /// Newest messages, ascending.
    pub messages: Vec<Arc<Message>>,
    /// What [`ListQuery::among`] names for it.
    pub hit: Option<Matched>,
}

/// What a search found in a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Matched {
    /// A message.
    Message(Arc<Message>),
    /// A private note.
    Note(Arc<Note>),
}

/// The order of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Newest `last_message_at` first, then greatest id.
    #[default]
    Newest,
    /// Oldest first, then smallest id.
    Oldest,
    /// Highest `message_count` first, then greatest id.
    MostMessages,
    /// Lowest first, then smallest id.
    LeastMessages,
}

/// Which conversations, in which order, from where. Absent filters let everything through.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListQuery {
    /// Open or closed.
    pub status: Option<Status>,
    /// Archived or not.
    pub archived: Option<bool>,
    /// Of one funnel.
    pub funnel_id: Option<FunnelId>,
    /// Of one user.
    pub user_id: Option<UserId>,
    /// With one handler.
    pub handler: Option<Handler>,
    /// Held by one agent.
    pub assignee_id: Option<AgentId>,
    /// With a label.
    pub label: Option<Label>,
    /// Only with users' messages no agent has read.
    pub unread: bool,
    /// Only these: what a search found.
    pub among: Option<Arc<Vec<Hit>>>,
    /// Order.
    pub sort: Sort,
    /// From where.
    pub start: PageStart,
    /// How many, at most `LIST_MAX`.
    pub limit: usize,
    /// Newest messages to bring with each, at most `MESSAGES_INLINE`.
    pub messages: usize,
}

/// A conversation that a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// As [`FeedMessage::conversation_key`](super::FeedMessage::conversation_key).
    pub conversation_key: i64,
    /// Its newest message that matches, as [`FeedMessage::key`](super::FeedMessage::key); none when only its names do.
    pub message_key: Option<i64>,
    /// Its newest private note that matches, as [`FeedNote::row`](super::FeedNote::row); never where no notes are searched.
    pub note_key: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart {
    /// Behind this many, at most `OFFSET_MAX`.
    Offset(usize),
    /// Behind this row.
    After(PageKey),
}

impl Default for PageStart {
    fn default() -> Self {
        PageStart::Offset(0)
    }
}

/// A row's place in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageKey {
    /// `last_message_at` or `message_count`, as the order has it.
    pub value: i64,
    /// Breaks ties.
    pub id: ConversationId,
}

/// A page of the inbox.
#[derive(Debug, Clone)]
pub struct ListPage {
    /// In order.
    pub rows: Vec<Row>,
    /// How many match in all.
    pub total: u64,
    /// Whether `total` stops at `TOTAL_EXACT`.
    pub total_is_capped: bool,
    /// Where the next page begins, when there is one.
    pub next: Option<PageKey>,
    /// The head of the same snapshot.
    pub head: Head,
}
