//! Reads: filter, sort, cut.

use std::collections::BTreeMap;
use std::sync::Arc;

use parlor_core::conversation::Conversation;
use parlor_core::event::Tombstone;
use parlor_core::id::{ConversationId, WorkspaceKey};
use parlor_core::limits;
use parlor_core::note::Note;
use parlor_core::state::Dimension;
use parlor_core::time::Timestamp;

use super::{Inner, Space};
use crate::store::{
    ChangeGroup, Changes, Feed, FeedConversation, FeedDeletion, FeedMessage, FeedNote, FeedPosition,
    ListPage, ListQuery, Matched, MessagePage, MessageQuery, MessageStart, PageKey, PageStart, Row, Scope,
    Sort, notes_of_page,
};

pub(super) fn row(space: &Space, conversation: &Arc<Conversation>, messages: usize) -> Row {
    let thread = space.thread(conversation.id);
    let newest = thread[thread.len().saturating_sub(messages)..].to_vec();
    Row { snapshot: space.snapshot(conversation), messages: newest, hit: None }
}

pub(super) fn list_conversations(inner: &Inner, space: &Space, query: &ListQuery) -> ListPage {
    let mut rows: Vec<&Arc<Conversation>> =
        space.conversations.values().filter(|c| matches(inner, space, c, query)).collect();
    rows.sort_by(|a, b| {
        let (a, b) = (place(a, query.sort), place(b, query.sort));
        let ascending = (a.value, a.id).cmp(&(b.value, b.id));
        if descends(query.sort) { ascending.reverse() } else { ascending }
    });
    let (total, total_is_capped) = total(space, query, rows.len());
    let behind = |c: &&&Arc<Conversation>| match query.start {
        PageStart::Offset(_) => true,
        PageStart::After(key) => {
            let (a, b) = (place(c, query.sort), key);
            if descends(query.sort) {
                (a.value, a.id) < (b.value, b.id)
            } else {
                (a.value, a.id) > (b.value, b.id)
            }
        }
    };
    let skip = if let PageStart::Offset(offset) = query.start { offset } else { 0 };
    let mut page: Vec<_> = rows.iter().filter(behind).skip(skip).take(query.limit + 1).copied().collect();
    let more = page.len() > query.limit;
    page.truncate(query.limit);
    let next = page.last().filter(|_| more).map(|c| place(c, query.sort));
    let rows = page
        .into_iter()
        .map(|c| Row { hit: hit(inner, space, c, query), ..row(space, c, query.messages) })
        .collect();
    ListPage { rows, total, total_is_capped, next, head: space.head.clone() }
}

fn matches(inner: &Inner, space: &Space, c: &Conversation, query: &ListQuery) -> bool {
    let key = || inner.conversation_keys.get(&(space.about.key, c.id));
    query.status.is_none_or(|s| s == c.status)
        && query.archived.is_none_or(|a| a == c.is_archived())
        && query.funnel_id.as_ref().is_none_or(|f| *f == c.funnel_id)
        && query.user_id.as_ref().is_none_or(|u| *u == c.user_id)
        && query.handler.is_none_or(|h| h == c.handler)
        && query.assignee_id.as_ref().is_none_or(|a| c.assignee.as_ref().is_some_and(|agent| agent.id == *a))
        && query.label.as_ref().is_none_or(|l| c.labels.contains(l))
        && (!query.unread || c.unread_by_agents() > 0)
        && query
            .among
            .as_ref()
            .is_none_or(|among| key().is_some_and(|key| among.iter().any(|hit| hit.conversation_key == *key)))
}

/// What a search found in a conversation.
fn hit(inner: &Inner, space: &Space, c: &Conversation, query: &ListQuery) -> Option<Matched> {
    let key = inner.conversation_keys.get(&(space.about.key, c.id))?;
    let hit = query.among.as_ref()?.iter().find(|hit| hit.conversation_key == *key)?;
    let Some(message_key) = hit.message_key else {
        let note = space.notes.values().find(|note| {
            hit.note_key == inner.note_keys.get(&(space.about.key, note.id)).copied()
                && hit.note_key.is_some()
        });
        let note = note.filter(|note| note.conversation_id == c.id && note.deleted_at().is_none());
        return note.cloned().map(Matched::Note);
    };
    let at = usize::try_from(message_key).ok()?.checked_sub(1)?;
    let (_, message) = inner.messages.get(at)?.as_ref()?;
    Some(message.clone()).filter(|message| message.conversation_id == c.id).map(Matched::Message)
}

fn descends(sort: Sort) -> bool {
    matches!(sort, Sort::Newest | Sort::MostMessages)
}

fn place(c: &Conversation, sort: Sort) -> PageKey {
    let value = match sort {
        Sort::Newest | Sort::Oldest => c.last_message_at.0,
        Sort::MostMessages | Sort::LeastMessages => i64::from(c.message_count),
    };
    PageKey { value, id: c.id }
}

/// From the kept totals where the contract promises exact ones, so that a wrong one shows.
fn total(space: &Space, query: &ListQuery, found: usize) -> (u64, bool) {
    let filters = [
        query.funnel_id.clone().map(Dimension::Funnel),
        query.handler.map(Dimension::Handler),
        query.assignee_id.clone().map(Dimension::Assignee),
    ];
    let mut filters = filters.into_iter().flatten();
    let dimension = filters.next().unwrap_or(Dimension::All);
    let uncounted = query.label.is_some() || query.unread || query.among.is_some() || query.user_id.is_some();
    if uncounted || filters.next().is_some() {
        let capped = found > limits::TOTAL_EXACT && query.user_id.is_none();
        return (if capped { limits::TOTAL_EXACT } else { found } as u64, capped);
    }
    let counted = space.counters.iter().filter(|(key, _)| {
        key.dimension == dimension
            && query.status.is_none_or(|s| s == key.status)
            && query.archived.is_none_or(|a| a == key.archived)
    });
    (counted.map(|(_, n)| *n).sum::<i64>().try_into().unwrap_or(0), false)
}

pub(super) fn messages(space: &Space, conversation: &Arc<Conversation>, page: MessageQuery) -> MessagePage {
    let thread = space.thread(conversation.id);
    let newest_before = |end: usize| {
        let start = end.saturating_sub(page.limit);
        (thread[start..end].to_vec(), start > 0)
    };
    let (messages, has_more) = match page.start {
        MessageStart::Newest(skip) => newest_before(thread.len().saturating_sub(skip)),
        MessageStart::Before(seq) => newest_before((seq as usize).saturating_sub(1).min(thread.len())),
        MessageStart::After(seq) => {
            let start = (seq as usize).min(thread.len());
            let end = (start + page.limit).min(thread.len());
            (thread[start..end].to_vec(), end < thread.len())
        }
    };
    let places = notes_of_page(conversation, &messages).filter(|_| page.notes);
    let mut notes = space.notes(conversation.id);
    notes.retain(|n| n.deleted_at().is_none() && places.as_ref().is_some_and(|p| p.contains(&n.after_seq)));
    MessagePage {
        snapshot: space.snapshot(conversation),
        messages,
        notes,
        has_more,
        head: space.head.clone(),
    }
}

pub(super) fn changes(space: &Space, scope: &Scope, after: u64, limit: usize) -> Changes {
    let mut groups = match scope {
        Scope::Workspace => summaries(space, after, |_| true),
        Scope::User(user) => summaries(space, after, |c| c.user_id == *user),
        Scope::Conversation { id, notes } => {
            space.conversations.get(id).map(|c| thread_changes(space, c, after, *notes)).unwrap_or_default()
        }
    };
    groups.extend(deletions(space, scope, after));
    let changes = |g: &ChangeGroup| {
        g.messages.len()
            + g.notes.len()
            + usize::from(g.conversation.is_some())
            + usize::from(g.tombstone.is_some())
    };
    let is_forgotten = after < space.purged_rev && !matches!(scope, Scope::Conversation { .. });
    let too_many = is_forgotten || groups.iter().map(changes).sum::<usize>() > limit;
    if too_many {
        groups.clear();
    }
    groups.sort_by_key(|g| g.rev);
    Changes { groups, too_many, head: space.head.clone() }
}

fn deletions(space: &Space, scope: &Scope, after: u64) -> impl Iterator<Item = ChangeGroup> {
    let is_in = |tombstone: &&Tombstone| match scope {
        Scope::Workspace => true,
        Scope::User(user) => tombstone.user_id == *user,
        Scope::Conversation { id, .. } => tombstone.conversation_id == *id,
    };
    let gone = space.tombstones.values().filter(move |tombstone| tombstone.rev > after).filter(is_in);
    gone.map(|tombstone| ChangeGroup {
        rev: tombstone.rev,
        messages: Vec::new(),
        notes: Vec::new(),
        conversation: None,
        tombstone: Some(tombstone.clone()),
    })
}

fn summaries(space: &Space, after: u64, of: impl Fn(&Conversation) -> bool) -> Vec<ChangeGroup> {
    let changed = space.conversations.values().filter(|c| c.rev > after && of(c));
    let group = |c: &Arc<Conversation>| ChangeGroup {
        rev: c.rev,
        messages: Vec::new(),
        notes: Vec::new(),
        conversation: Some(space.snapshot(c)),
        tombstone: None,
    };
    changed.map(group).collect()
}

fn thread_changes(
    space: &Space,
    conversation: &Arc<Conversation>,
    after: u64,
    with_notes: bool,
) -> Vec<ChangeGroup> {
    let mut groups: BTreeMap<u64, ChangeGroup> = BTreeMap::new();
    let mut at = |rev: u64, put: &mut dyn FnMut(&mut ChangeGroup)| {
        let (messages, notes) = (Vec::new(), Vec::new());
        let empty = ChangeGroup { rev, messages, notes, conversation: None, tombstone: None };
        put(groups.entry(rev).or_insert(empty));
    };
    for message in space.thread(conversation.id).iter().filter(|m| m.rev > after) {
        at(message.rev, &mut |group| group.messages.push(message.clone()));
    }
    for note in space.notes(conversation.id).iter().filter(|n| with_notes && n.rev > after) {
        at(note.rev, &mut |group| group.notes.push(note.clone()));
    }
    if conversation.rev > after {
        at(conversation.rev, &mut |group| group.conversation = Some(space.snapshot(conversation)));
    }
    groups.into_values().collect()
}

pub(super) fn feed(inner: &Inner, after: FeedPosition, limit: usize) -> Feed {
    let key = |at: usize| i64::try_from(at).unwrap_or(i64::MAX) + 1;
    let seen = |position: i64| usize::try_from(position).unwrap_or(0);
    let messages = inner.messages.iter().enumerate().skip(seen(after.message_key));
    let messages = messages.filter_map(|(at, message)| message.as_ref().map(|message| (at, message)));
    let messages = messages.take(limit).map(|(at, (workspace, message))| FeedMessage {
        key: key(at),
        workspace: *workspace,
        conversation_key: inner.conversation_keys[&(*workspace, message.conversation_id)],
        text: message.text.as_str().to_owned(),
    });
    let conversations = inner.renamed.iter().enumerate().skip(seen(after.conversation_key));
    let is_there = |(workspace, id): &(WorkspaceKey, ConversationId)| {
        inner.workspaces[workspace].conversations.contains_key(id)
    };
    let conversations = conversations.filter(|(_, renamed)| is_there(renamed)).take(limit);
    let conversations = conversations.map(|(at, (workspace, id))| {
        let snapshot = inner.workspaces[workspace].snapshot(&inner.workspaces[workspace].conversations[id]);
        let email = snapshot.user.email.iter().map(|e| e.as_str().to_owned());
        let names =
            [snapshot.user.name.as_str().to_owned(), snapshot.conversation.funnel_name.as_str().to_owned()];
        FeedConversation {
            key: key(at),
            workspace: *workspace,
            conversation_key: inner.conversation_keys[&(*workspace, *id)],
            names: names.into_iter().chain(email).collect(),
        }
    });
    let deleted = |all: &[(WorkspaceKey, i64)], after: i64| {
        let all = all.iter().enumerate().skip(seen(after)).take(limit);
        all.map(|(at, (workspace, row))| FeedDeletion { key: key(at), workspace: *workspace, row: *row })
            .collect()
    };
    let noted = inner.noted.iter().enumerate().skip(seen(after.note_key)).take(limit);
    let notes = noted.map(|(at, noted)| {
        let note = inner.workspaces[&noted.workspace].notes.get(&noted.id);
        let note = note.filter(|note| note.deleted_at().is_none());
        let says = |note: &Arc<Note>| {
            let conversation = inner.conversation_keys[&(noted.workspace, note.conversation_id)];
            (conversation, note.text().to_owned())
        };
        let (workspace, row, is_gone) = (noted.workspace, noted.key, noted.is_gone);
        FeedNote { key: key(at), workspace, row, is_gone, says: note.map(says) }
    });
    Feed {
        notes: notes.collect(),
        messages: messages.collect(),
        conversations: conversations.collect(),
        deleted_messages: deleted(&inner.deleted_messages, after.deleted_message_key),
        deleted_conversations: deleted(&inner.deleted_conversations, after.deleted_conversation_key),
    }
}

/// What falls due until a moment, the oldest first.
pub(super) fn due(inner: &Inner, until: Timestamp, limit: usize) -> Vec<(WorkspaceKey, ConversationId)> {
    let mut due = Vec::new();
    for (workspace, space) in &inner.workspaces {
        let falls = space.conversations.values().filter_map(|c| c.due_at.map(|at| (at, *workspace, c.id)));
        due.extend(falls.filter(|(at, ..)| *at <= until));
    }
    due.sort_unstable();
    due.truncate(limit);
    due.into_iter().map(|(_, workspace, id)| (workspace, id)).collect()
}
