//! What changed after a revision, from the rows themselves.

use parlor::store::{ListQuery, Scope};
use parlor_core::conversation::Status;
use parlor_core::id::{ConversationId, UserId};
use parlor_core::message::MessageKind;

use super::fixture::{Fixture, with_notes};
use super::over_every_store;

over_every_store!(
    changes_after_every_revision_lead_to_the_same_state,
    a_conversations_changes_carry_its_messages,
    a_users_changes_are_their_own,
    too_many_changes_are_none,
    snapshots_carry_the_head_they_were_read_at,
);

async fn changes(f: &Fixture, scope: Scope, after: u64) -> parlor::store::Changes {
    f.store.list_changes(f.workspace, scope, after, 500).await.unwrap()
}

async fn changes_after_every_revision_lead_to_the_same_state(f: Fixture) {
    let mut ids: Vec<ConversationId> = Vec::new();
    for i in 0..6 {
        ids.push(f.start(&format!("user-{i}"), "hi").await.snapshot.conversation.id);
    }
    for id in &ids {
        f.say(*id, MessageKind::Bot, "hello").await;
    }
    f.update(ids[2], |u| u.status = Some(Status::Closed)).await;
    let now = f.list(ListQuery::default()).await;
    for after in 0..=now.head.rev {
        let changed = changes(&f, Scope::Workspace, after).await;
        assert_eq!(changed.head, now.head);
        let revs: Vec<_> = changed.groups.iter().map(|g| g.rev).collect();
        assert!(revs.is_sorted() && revs.iter().all(|rev| *rev > after), "after {after}: {revs:?}");
        for row in &now.rows {
            let told = changed.groups.iter().filter_map(|g| g.conversation.as_ref());
            let told: Vec<_> = told.filter(|s| s.conversation.id == row.snapshot.conversation.id).collect();
            assert_eq!(told.len(), usize::from(row.snapshot.conversation.rev > after));
            assert!(told.iter().all(|s| **s == row.snapshot));
        }
    }
}

async fn a_conversations_changes_carry_its_messages(f: Fixture) {
    let id = f.start("maria", "1").await.snapshot.conversation.id;
    f.start("noor", "elsewhere").await;
    f.say(id, MessageKind::User, "2").await;
    f.say(id, MessageKind::Bot, "3 and a system line").await;
    f.update(id, |u| u.hold = Some(true)).await;
    let thread = f.thread(id).await;
    for after in 0..=thread.head.rev {
        let changed = changes(&f, with_notes(id), after).await;
        let told: Vec<_> = changed.groups.iter().flat_map(|g| g.messages.clone()).collect();
        let expected: Vec<_> = thread.messages.iter().filter(|m| m.rev > after).cloned().collect();
        assert_eq!(told, expected, "after {after}");
        for group in &changed.groups {
            assert!(group.messages.iter().all(|m| m.rev == group.rev));
        }
        let last = changed.groups.last().and_then(|g| g.conversation.clone());
        assert_eq!(last, (thread.snapshot.conversation.rev > after).then(|| thread.snapshot.clone()));
        assert!(changed.groups.iter().rev().skip(1).all(|g| g.conversation.is_none()));
    }
}

async fn a_users_changes_are_their_own(f: Fixture) {
    let maria = f.start("maria", "1").await.snapshot.conversation.id;
    f.start("noor", "1").await;
    let changed = changes(&f, Scope::User(UserId::parse("maria").unwrap()), 0).await;
    let ids: Vec<_> =
        changed.groups.iter().filter_map(|g| g.conversation.as_ref()).map(|s| s.conversation.id).collect();
    assert_eq!(ids, [maria]);
    let nobody = changes(&f, Scope::User(UserId::parse("nobody").unwrap()), 0).await;
    assert!(nobody.groups.is_empty() && !nobody.too_many);
}

async fn too_many_changes_are_none(f: Fixture) {
    let id = f.start("maria", "1").await.snapshot.conversation.id;
    for n in 0..10 {
        f.say(id, MessageKind::User, &n.to_string()).await;
        f.start(&format!("user-{n}"), "hi").await;
    }
    for scope in [Scope::Workspace, with_notes(id)] {
        let few = f.store.list_changes(f.workspace, scope.clone(), 0, 5).await.unwrap();
        assert!(few.too_many && few.groups.is_empty(), "{scope:?}");
        let exact = f.store.list_changes(f.workspace, scope.clone(), 0, 12).await.unwrap();
        assert!(!exact.too_many && !exact.groups.is_empty(), "{scope:?}");
    }
}

async fn snapshots_carry_the_head_they_were_read_at(f: Fixture) {
    let id = f.start("maria", "1").await.snapshot.conversation.id;
    f.say(id, MessageKind::User, "2").await;
    let head = f.store.get_head(f.workspace).await.unwrap();
    assert_eq!(f.list(ListQuery::default()).await.head, head);
    assert_eq!(f.thread(id).await.head, head);
    assert_eq!(changes(&f, Scope::Workspace, head.rev).await.groups, []);
    assert_eq!(head.rev, 2);
}
