//! What a deletion takes, what it leaves, and who hears of it.

use parlor::ambient::Ambient;
use parlor::store::{ChangeGroup, Changes, FeedPosition, ListQuery, Scope};
use parlor::writer::WriteError;
use parlor_core::access::Role;
use parlor_core::conversation::Status;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::event::Tombstone;
use parlor_core::id::{ConversationId, ExternalId, MessageId, UserId};
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::text::Label;
use uuid::Uuid;

use super::fixture::{Fixture, import, labels_to, send, with_notes};
use super::over_every_store;

over_every_store!(
    a_deleted_conversation_is_nowhere,
    followers_hear_of_it_in_its_place,
    its_ids_are_taken_for_ninety_days,
    who_is_behind_a_purge_is_too_far_behind,
    post_and_delete_in_one_batch,
    a_foreign_id_is_free_again,
    search_forgets_in_commit_order,
);

const NOT_FOUND: WriteError = WriteError::Refused(Refusal::NotFound);

async fn changes(f: &Fixture, scope: Scope, after: u64) -> Changes {
    f.store.list_changes(f.workspace, scope, after, 500).await.unwrap()
}

async fn head(f: &Fixture) -> u64 {
    f.store.get_head(f.workspace).await.unwrap().rev
}

async fn tombstone(f: &Fixture, id: ConversationId) -> Tombstone {
    f.store.get_tombstone(f.workspace, id).await.unwrap().expect("it was deleted")
}

async fn a_deleted_conversation_is_nowhere(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let other = f.start("noor", "one").await.snapshot.conversation.id;
    f.say(id, MessageKind::Bot, "two").await;
    f.update(id, |u| u.labels = labels_to(&["vip"])).await;
    f.update(id, |u| u.status = Some(Status::Closed)).await;
    assert_eq!(f.delete(id).await, Ok(Outcome::Deleted));

    assert_eq!(f.store.get_conversation(f.workspace, id, 50).await.unwrap(), None);
    let everything = ListQuery::default();
    let filters = [
        ListQuery { status: Some(Status::Closed), archived: Some(false), ..everything.clone() },
        ListQuery { label: Label::parse("vip").ok(), ..everything.clone() },
        ListQuery { user_id: UserId::parse("maria"), ..everything.clone() },
    ];
    for query in filters {
        let page = f.list(query).await;
        assert_eq!((page.rows.len(), page.total), (0, 0));
    }
    let left = f.list(everything).await;
    assert_eq!((left.rows.len(), left.total, left.rows[0].snapshot.conversation.id), (1, 1, other));
    assert_eq!(f.say(other, MessageKind::User, "still here").await.snapshot.conversation.message_count, 2);
    assert_eq!(f.delete(id).await, Err(NOT_FOUND));
    assert!(f.store.get_user(f.workspace, UserId::parse("maria").unwrap()).await.unwrap().is_some());
}

async fn followers_hear_of_it_in_its_place(f: Fixture) {
    let mut ids = Vec::new();
    for user in ["maria", "noor", "maria-2"] {
        ids.push(f.start(user, "hi").await.snapshot.conversation.id);
    }
    let before = head(&f).await;
    f.say(ids[1], MessageKind::User, "before").await;
    f.delete(ids[0]).await.unwrap();
    f.say(ids[2], MessageKind::User, "after").await;

    let gone = tombstone(&f, ids[0]).await;
    assert_eq!((gone.rev, gone.user_id.as_str(), gone.deleted_at), (before + 2, "maria", f.ambient.now()));
    let told = changes(&f, Scope::Workspace, before).await;
    let kinds: Vec<_> = told.groups.iter().map(|g| (g.rev - before, g.tombstone.is_some())).collect();
    assert_eq!(kinds, [(1, false), (2, true), (3, false)]);
    let last = ChangeGroup {
        rev: gone.rev,
        messages: Vec::new(),
        notes: Vec::new(),
        conversation: None,
        tombstone: Some(gone.clone()),
    };
    let user = |id: &str| Scope::User(UserId::parse(id).unwrap());
    for scope in [user("maria"), with_notes(ids[0])] {
        assert_eq!(changes(&f, scope.clone(), before).await.groups, std::slice::from_ref(&last), "{scope:?}");
        assert_eq!(changes(&f, scope.clone(), gone.rev).await.groups, [], "{scope:?}");
    }
    let theirs = changes(&f, user("noor"), before).await;
    assert!(theirs.groups.iter().all(|group| group.tombstone.is_none()));
    let few = f.store.list_changes(f.workspace, Scope::Workspace, before, 2).await.unwrap();
    assert!(few.too_many && few.groups.is_empty());
}

async fn its_ids_are_taken_for_ninety_days(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let other = f.start("noor", "one").await.snapshot.conversation.id;
    let host = f.principal(Role::Service, "host");
    let said = |to| send(to, MessageKind::User, "two", Some(MessageId(Uuid::from_u128(77))));
    f.answer(&host, said(id)).await;
    f.delete(id).await.unwrap();
    for to in [id, other] {
        assert_eq!(f.run(&host, said(to)).await, Err(NOT_FOUND));
    }
    f.ambient.advance_ms(limits::TOMBSTONE_MS);
    let purge = async |limit| {
        f.store.purge_tombstones(f.ambient.now().plus_ms(-limits::TOMBSTONE_MS), limit).await.unwrap()
    };
    assert_eq!(purge(100).await, 0, "the ninetieth day is not over");
    f.ambient.advance_ms(1);
    assert_eq!((purge(1).await, purge(1).await, purge(1).await, purge(1).await), (1, 1, 1, 0));
    assert_eq!(f.store.get_tombstone(f.workspace, id).await.unwrap(), None);
    assert_eq!(f.run(&host, said(id)).await, Err(NOT_FOUND));
    assert!(f.answer(&host, said(other)).await.created);
}

async fn who_is_behind_a_purge_is_too_far_behind(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    f.start("noor", "one").await;
    f.delete(id).await.unwrap();
    let gone = head(&f).await;
    f.ambient.advance_ms(limits::TOMBSTONE_MS + 1);
    let before = f.ambient.now().plus_ms(-limits::TOMBSTONE_MS);
    assert_eq!(f.store.purge_tombstones(before, 100).await.unwrap(), 2);
    for scope in [Scope::Workspace, Scope::User(UserId::parse("maria").unwrap())] {
        let behind = changes(&f, scope.clone(), gone - 1).await;
        assert!(behind.too_many && behind.groups.is_empty(), "{scope:?}");
        assert!(!changes(&f, scope, gone).await.too_many);
    }
    assert_eq!(changes(&f, with_notes(id), gone - 1).await.groups, []);
}

async fn post_and_delete_in_one_batch(mut f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let (host, admin) = (f.principal(Role::Service, "host"), f.principal(Role::Admin, "root"));
    let say = |n| send(id, MessageKind::User, "words", Some(MessageId(Uuid::from_u128(n))));
    let delete = || parlor_core::command::Action::DeleteConversation { conversation_id: id };
    let posts = (0..20).map(|n| (&host, say(n)));
    let wishes = posts.clone().chain([(&admin, delete()), (&admin, delete())]).chain(posts);
    let answers = futures_util::future::join_all(wishes.map(|(by, action)| f.run(by, action))).await;
    assert!(answers[..20].iter().all(Result::is_ok));
    assert_eq!(answers[20], Ok(Outcome::Deleted));
    assert!(answers[21..].iter().all(|answer| *answer == Err(NOT_FOUND)));
    for n in 0..20 {
        assert_eq!(f.run(&host, say(n)).await, Err(NOT_FOUND), "an id of the batch is kept too");
    }
    let mut revs = Vec::new();
    while let Ok(committed) = f.published.try_recv() {
        revs.extend(committed.groups.iter().map(|g| g.rev));
        revs.extend(committed.tombstones.iter().map(|t| t.rev));
    }
    assert_eq!(revs, (1..=head(&f).await).collect::<Vec<_>>());
}

async fn a_foreign_id_is_free_again(f: Fixture) {
    let admin = f.principal(Role::Admin, "root");
    let old = |id: &str| import("maria", ExternalId::parse(id).unwrap());
    let first = f.answer(&admin, old("old-1")).await.snapshot.conversation.id;
    let both = [parlor_core::command::Action::DeleteConversation { conversation_id: first }, old("old-1")];
    let answers = futures_util::future::join_all(both.map(|action| f.run(&admin, action))).await;
    let Ok(Outcome::Conversation(second)) = &answers[1] else { panic!("{:?}", answers[1]) };
    assert_ne!(second.snapshot.conversation.id, first);
    assert_eq!(f.list(ListQuery::default()).await.total, 1);
}

async fn search_forgets_in_commit_order(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    f.start("noor", "one").await;
    f.say(id, MessageKind::User, "two").await;
    let told = f.store.search_feed(FeedPosition::default(), 100).await.unwrap();
    assert!(!told.has_deletions());
    let of_it = told.conversations[0].conversation_key;
    let rows: Vec<_> = told.messages.iter().filter(|m| m.conversation_key == of_it).map(|m| m.key).collect();
    f.delete(id).await.unwrap();
    let told = f.store.search_feed(FeedPosition::default(), 100).await.unwrap();
    assert_eq!((told.messages.len(), told.conversations.len()), (1, 1), "what is gone is read no more");
    assert_eq!(told.deleted_messages.iter().map(|d| d.row).collect::<Vec<_>>(), rows);
    assert_eq!(told.deleted_conversations.iter().map(|d| d.row).collect::<Vec<_>>(), [of_it]);
    let after = FeedPosition {
        deleted_message_key: told.deleted_messages[0].key,
        deleted_conversation_key: told.deleted_conversations[0].key,
        message_key: told.messages[0].key,
        note_key: 0,
        conversation_key: told.conversations[0].key,
    };
    let rest = f.store.search_feed(after, 100).await.unwrap();
    assert_eq!(rest.deleted_messages.iter().map(|d| d.row).collect::<Vec<_>>(), rows[1..]);
    assert!(
        rest.messages.is_empty() && rest.conversations.is_empty() && rest.deleted_conversations.is_empty()
    );
}
