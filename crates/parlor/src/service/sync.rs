//! Following a topic: who may, from where, and what was missed. The same for sockets, long polls and event streams.
//!
//! A follower registers with the hub first and reads what it missed afterwards: whatever is committed in between is in its
//! mailbox, and what is in both is dropped by its revision.

use std::sync::Arc;
use std::vec::IntoIter;

use parlor_core::access::{Principal, View};
use parlor_core::conversation::Snapshot;
use parlor_core::cursor::Cursor;
use parlor_core::error::Code;
use parlor_core::event::Tombstone;
use parlor_core::id::ConversationId;
use parlor_core::lifecycle::Policies;
use parlor_core::limits;
use parlor_core::message::Message;
use parlor_core::note::Note;
use parlor_core::planted::{self, Bug};

use crate::hub::{Channel, Topic};
use crate::service::Service;
use crate::store::{ChangeGroup, Scope, StoreError};
use crate::wire::event::{RenderedGroup, TopicName, conversation_topic, deleted_frame};
use crate::wire::{ConversationView, Problem};
use crate::writer::publish::topic_name;

/// What a follower missed.
pub struct Replay {
    /// Revision by revision, ascending; empty after a reset.
    pub groups: IntoIter<ChangeGroup>,
    /// There is more behind the last group than is kept in memory for one reader: to be read from there.
    pub has_more: bool,
    /// Too far behind, or of another life of the store: what the follower has is to be loaded again.
    pub is_reset: bool,
    /// Where the follower is after all of it, unless there is more.
    pub head: Cursor,
    /// As which the groups are rendered: the newest state of a conversation that is followed alone.
    latest: Option<Snapshot>,
    policies: Arc<Policies>,
}

/// One missed group, ready to send.
#[derive(Default)]
pub struct ReplayedGroup {
    /// Its revision.
    pub rev: u64,
    /// Its frames, in order; the last event carries the cursor.
    pub frames: IntoIter<bytes::Bytes>,
    /// Whether nothing comes after it.
    pub ends_topic: bool,
}

impl Service {
    /// The channel behind a topic's name, if there is such a topic for this caller.
    /// `since` is where the caller was on it: a conversation deleted after that still has one to tell of it.
    pub async fn find_topic(
        &self,
        by: &Principal,
        name: &str,
        since: Option<&Cursor>,
    ) -> Result<Channel, Problem> {
        let topic = match (TopicName::parse(name).ok_or(Code::NotFound)?, by.user_id()) {
            (TopicName::Inbox, Some(user)) => Topic::UserInbox(user),
            // A visitor whose `sub` is no user's id has no inbox; never the agents' one.
            (TopicName::Inbox, None) if by.view() == View::Visitor => return Err(Code::NotFound.into()),
            (TopicName::Inbox, None) => Topic::Inbox,
            (TopicName::Conversation(id), _) => {
                let exists = self.may_follow(by, id, since).await.map_err(|error| self.failed(&error))?;
                if !exists {
                    return Err(Code::NotFound.into());
                }
                Topic::Conversation(id)
            }
        };
        Ok(Channel { workspace: by.workspace, topic, view: by.view() })
    }

    async fn may_follow(
        &self,
        by: &Principal,
        id: ConversationId,
        since: Option<&Cursor>,
    ) -> Result<bool, StoreError> {
        let row = self.store.get_conversation(by.workspace, id, 0).await?;
        if row.is_some_and(|row| by.sees(&row.snapshot.conversation)) {
            return Ok(true);
        }
        let Some(since) = since else { return Ok(false) };
        // Asked for also when the conversation is there but foreign: both take the same time.
        let tombstone = self.store.get_tombstone(by.workspace, id).await?;
        let head = self.store.get_head(by.workspace).await?;
        let is_news = |gone: &Tombstone| since.epoch == head.epoch && since.rev < gone.rev;
        Ok(tombstone.is_some_and(|gone| by.sees_those_of(&gone.user_id) && is_news(&gone)))
    }

    /// The place a caller's cursor names.
    pub fn open_cursor(&self, by: &Principal, cursor: &str) -> Result<Cursor, Problem> {
        let ours = self.cursors.open(cursor).filter(|cursor| cursor.workspace == by.workspace);
        ours.ok_or_else(|| Code::InvalidCursor.into())
    }

    /// The text of a place.
    #[must_use]
    pub fn seal_cursor(&self, at: &Cursor) -> String {
        self.cursors.seal(at)
    }

    /// What changed on `channel` after `since`; without it nothing, from now on. To be called after the channel is followed.
    pub async fn replay(&self, channel: &Channel, since: Option<Cursor>) -> Result<Replay, Problem> {
        let workspace = channel.workspace;
        let Some(since) = since else {
            // In this order: a deletion in between is then either refused or above the head, and told.
            let head = self.store.get_head(workspace).await.map_err(|error| self.failed(&error))?;
            self.still_there(channel).await?;
            let at = Cursor { workspace, epoch: head.epoch, rev: head.rev };
            return Ok(Replay::nothing(at, head.policies, false));
        };
        let scope = match &channel.topic {
            Topic::Inbox => Scope::Workspace,
            Topic::UserInbox(user) => Scope::User(user.clone()),
            Topic::Conversation(id) => Scope::Conversation { id: *id, notes: channel.view == View::Agents },
        };
        let after = since.rev + u64::from(planted::is(Bug::ResumeOffByOne));
        let changes = self.store.list_changes(workspace, scope, after, limits::RESUME_CHANGES).await;
        let changes = changes.map_err(|error| self.failed(&error))?;
        let head = Cursor { workspace, epoch: changes.head.epoch, rev: changes.head.rev };
        if changes.too_many || since.epoch != head.epoch || since.rev > head.rev {
            let is_told = !planted::is(Bug::ResetForgotten);
            return Ok(Replay::nothing(head, changes.head.policies, is_told));
        }
        let latest = changes.groups.iter().rev().find_map(|group| group.conversation.clone());
        let mut groups = changes.groups;
        if planted::is(Bug::DeletionNotReplayed) {
            groups.retain(|group| group.tombstone.is_none());
        }
        let all = groups.len();
        groups.truncate(within(&groups, limits::REPLAY_BYTES));
        Ok(Replay {
            latest,
            has_more: groups.len() < all,
            groups: groups.into_iter(),
            is_reset: false,
            head,
            policies: changes.head.policies,
        })
    }

    /// Whoever begins to follow now is told nothing of a deletion since they were let in, so they are refused.
    async fn still_there(&self, channel: &Channel) -> Result<(), Problem> {
        let Topic::Conversation(id) = channel.topic else { return Ok(()) };
        let tombstone = self.store.get_tombstone(channel.workspace, id).await;
        let tombstone = tombstone.map_err(|error| self.failed(&error))?;
        if tombstone.is_some() { Err(Code::NotFound.into()) } else { Ok(()) }
    }

    /// The next missed group as `channel` shows it.
    pub fn next_group(&self, channel: &Channel, replay: &mut Replay) -> Option<ReplayedGroup> {
        let group = replay.groups.next()?;
        let cursor = self.cursors.seal(&Cursor { rev: group.rev, ..replay.head });
        if let Some(tombstone) = &group.tombstone {
            let frame = deleted_frame(&topic_name(&channel.topic), tombstone, &cursor);
            // In an inbox other conversations go on.
            let ends_topic = matches!(channel.topic, Topic::Conversation(_));
            return Some(ReplayedGroup { rev: group.rev, frames: vec![frame].into_iter(), ends_topic });
        }
        let has_conversation = group.conversation.is_some();
        // Messages and notes of an earlier revision come without their conversation; its newest state has their read marks.
        let snapshot = group.conversation.or_else(|| replay.latest.clone())?;
        let shape = ConversationView {
            is_online: self.is_online(channel.workspace, &snapshot.user.id),
            snapshot,
            messages: Vec::new(),
            policies: replay.policies.clone(),
            view: channel.view,
        };
        let rendered = RenderedGroup::new(&shape, &group.messages, &group.notes, has_conversation);
        let frames = match &channel.topic {
            Topic::Conversation(id) => rendered.on_conversation(&conversation_topic(*id), &cursor),
            Topic::Inbox | Topic::UserInbox(_) => rendered.on_inbox(&cursor),
        };
        Some(ReplayedGroup { rev: group.rev, frames: frames.into_iter(), ends_topic: false })
    }
}

impl Replay {
    fn nothing(head: Cursor, policies: Arc<Policies>, is_reset: bool) -> Self {
        Self { groups: IntoIter::default(), has_more: false, is_reset, head, latest: None, policies }
    }
}

/// How many groups from the front fit into `bytes`; one at least.
fn within(groups: &[ChangeGroup], bytes: usize) -> usize {
    let mut sum = 0;
    let fits = groups.iter().take_while(|group| {
        let notes = group.notes.iter().map(|note| size_of::<Note>() + note.text().len());
        let rows = group.messages.iter().map(|message| weight(message)).chain(notes);
        sum += size_of::<ChangeGroup>() + rows.sum::<usize>();
        sum <= bytes
    });
    fits.count().max(1)
}

fn weight(message: &Message) -> usize {
    let options: usize = message.options.iter().map(|option| option.text.as_str().len()).sum();
    let metadata = if message.metadata.is_some() { limits::METADATA_BYTES } else { 0 };
    size_of::<Message>() + message.text.as_str().len() + options + metadata
}
