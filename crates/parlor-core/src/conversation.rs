//! A conversation: one user, one funnel, one handler at a time.

use std::sync::Arc;

use crate::agent::AgentRef;
use crate::id::{BlockId, ConversationId, ExternalId, FunnelId, InboxId, UserId};
use crate::lifecycle::{self, Policies};
use crate::text::{Label, Metadata, Name, Tag};
use crate::time::Timestamp;
use crate::user::User;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire and in the store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads the word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words!(
    /// Whether it can go on.
    Status {
        /// Going on.
        Open = "open",
        /// Over, until somebody writes.
        Closed = "closed",
    }
);
words!(
    /// Who answers now.
    Handler {
        /// The funnel.
        Bot = "bot",
        /// Nobody yet; it waits for a person.
        Queue = "queue",
        /// The assignee.
        Agent = "agent",
    }
);
words!(
    /// Why it was closed.
    CloseReason {
        /// An agent closed it.
        Agent = "agent",
        /// The user ended it.
        User = "user",
        /// Nothing happened for as long as the policy says.
        Inactivity = "inactivity",
        /// The funnel's last block closes.
        FunnelEnd = "funnel_end",
    }
);
words!(
    /// Why it was deleted.
    DeleteReason {
        /// An administrator asked for it.
        Admin = "admin",
        /// An administrator had everything of its user erased.
        UserErased = "user_erased",
        /// The policy says so.
        Retention = "retention",
    }
);

/// Which side said the last thing that counts as activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The person in the funnel.
    User,
    /// Bot and agents.
    Ours,
}

/// A conversation as stored. Fields that clients see carry the contract's names.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Public id.
    pub id: ConversationId,
    /// Whose it is; never changes.
    pub user_id: UserId,
    /// Where its policies hang.
    pub inbox_id: InboxId,
    /// The funnel it runs through.
    pub funnel_id: FunnelId,
    /// The funnel's name when it started.
    pub funnel_name: Name,
    /// The funnel's version when it started; 0 when the funnel is not ours to walk.
    pub funnel_version: u32,
    /// Where the bot stands.
    pub block_id: Option<BlockId>,
    /// Open or closed.
    pub status: Status,
    /// Who answers now.
    pub handler: Handler,
    /// Who holds it; present exactly when `handler` is `agent`.
    pub assignee: Option<AgentRef>,
    /// When the row came to be.
    pub created_at: Timestamp,
    /// When the conversation began; an import keeps the original.
    pub started_at: Timestamp,
    /// Last committed change.
    pub updated_at: Timestamp,
    /// Last message that is not a system line, or `started_at`.
    pub last_message_at: Timestamp,
    /// Its first 200 characters, or empty.
    pub last_message: Arc<str>,
    /// Who said it.
    pub last_side: Option<Side>,
    /// What the idle timers count from (contract, section 7.3), but for the end of a snooze.
    pub clock_started_at: Timestamp,
    /// Messages in all, system lines too; equals the last `seq`.
    pub message_count: u32,
    /// Private notes ever written beside it, deleted ones too.
    pub note_count: u32,
    /// Users' messages.
    pub user_messages: u32,
    /// Our side's messages.
    pub our_messages: u32,
    /// The user has read up to this `seq`.
    pub user_last_read_seq: u32,
    /// Agents have read up to this `seq`.
    pub agent_last_read_seq: u32,
    /// Our messages among those the user has read.
    pub our_messages_read: u32,
    /// Users' messages among those agents have read.
    pub user_messages_read: u32,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Why.
    pub close_reason: Option<CloseReason>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// When it will be erased.
    pub delete_at: Option<Timestamp>,
    /// No timer runs until then.
    pub snoozed_until: Option<Timestamp>,
    /// Exempt from every timer.
    pub hold: bool,
    /// The conversation this one follows.
    pub previous_id: Option<ConversationId>,
    /// The first conversation of its chain of successors; `None` when it follows none.
    pub root_id: Option<ConversationId>,
    /// Sorted, without doubles.
    pub labels: Vec<Label>,
    /// The user's language when it started.
    pub locale: Option<Tag>,
    /// Its id where it was imported from.
    pub external_id: Option<ExternalId>,
    /// The host's own data.
    pub metadata: Option<Metadata>,
    /// Rises by one with every change.
    pub version: u64,
    /// The workspace's revision of the last commit that touched it.
    pub rev: u64,
    /// The revision at which who may see it last changed.
    pub scope_rev: u64,
    /// A lower bound of the next due time: the job recomputes from the rules and moves it when nothing is due yet.
    pub due_at: Option<Timestamp>,
    /// When the user was told that it closes soon; only of the clock that runs when it is not before its start.
    pub warned_at: Option<Timestamp>,
    /// Since when it waits to be erased.
    pub erase_mark: Option<EraseMark>,
}

/// A mark that a conversation is to be erased (contract, section 7.7): it waits, so that a wrong clock erases nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraseMark {
    /// By the wall clock, for people.
    pub at: Timestamp,
    /// By the time the server ever ran; what the wait is counted in.
    pub running_ms: i64,
}

impl Conversation {
    /// Whether it is archived.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Who is expected to write next; nobody when closed.
    #[must_use]
    pub fn waiting_on(&self) -> Option<Side> {
        match (self.status, self.handler) {
            (Status::Closed, _) => None,
            (Status::Open, Handler::Bot) => Some(Side::User),
            (Status::Open, Handler::Queue) => Some(Side::Ours),
            (Status::Open, Handler::Agent) => Some(match self.last_side {
                Some(Side::Ours) => Side::User,
                Some(Side::User) | None => Side::Ours,
            }),
        }
    }

    /// Users' messages no agent has read.
    #[must_use]
    pub fn unread_by_agents(&self) -> u32 {
        self.user_messages.saturating_sub(self.user_messages_read)
    }

    /// Our messages the user has not read.
    #[must_use]
    pub fn unread_by_user(&self) -> u32 {
        self.our_messages.saturating_sub(self.our_messages_read)
    }
}

/// A conversation with its user, as of one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// Its user.
    pub user: Arc<User>,
}

impl Snapshot {
    /// When it closes by itself if nothing happens (contract, section 7.3).
    #[must_use]
    pub fn auto_close_at(&self, policies: &Policies) -> Option<Timestamp> {
        lifecycle::auto_close_at(&self.conversation, &self.user, policies.of(&self.conversation))
    }
}
