//! The write path: what is answered is stored, once, whole, and told in order.

use parlor::store::NewWorkspace;
use parlor::writer::WriteError;
use parlor_core::access::Role;
use parlor_core::command::{Action, MarkRead};
use parlor_core::conversation::Handler;
use parlor_core::decide::Outcome;
use parlor_core::error::Refusal;
use parlor_core::id::{ConversationId, MessageId, UserId};
use parlor_core::message::MessageKind;
use parlor_core::text::Name;
use parlor_core::user::UserFields;
use uuid::Uuid;

use super::fixture::{Fixture, funnel, new_workspace, principal, send, start};
use super::over_every_store;
use crate::support::ambient::BEGIN;

over_every_store!(
    what_is_answered_is_stored,
    the_same_send_again_is_the_same_message,
    an_id_belongs_to_one_message_of_a_workspace,
    a_batch_is_one_commit_and_seq_has_no_holes,
    a_funnel_is_walked_on_its_own_version,
    commits_are_published_in_order_without_holes,
    a_refused_command_harms_no_other,
    another_workspace_sees_nothing,
    a_renamed_user_is_renamed_everywhere,
    a_read_mark_in_the_middle_counts_right,
    an_old_conversation_gets_a_successor,
    when_users_were_last_seen_is_no_change,
);

async fn what_is_answered_is_stored(f: Fixture) {
    let answer = f.start("maria", "Hello, is anybody there?").await;
    let id = answer.snapshot.conversation.id;
    let row = f.store.get_conversation(f.workspace, id, 50).await.unwrap().unwrap();
    assert_eq!(row.snapshot.conversation.message_count, 1);
    assert_eq!(row.snapshot.user.name.as_str(), "maria");
    assert_eq!(row.messages.len(), 1);
    let (stored, answered) = (&row.messages[0], answer.message.unwrap());
    assert_eq!((stored.id, stored.text.as_str(), stored.seq), (answered.id, "Hello, is anybody there?", 1));
    assert_eq!(stored.rev, row.snapshot.conversation.rev);
}

async fn the_same_send_again_is_the_same_message(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let by = f.principal(Role::Agent, "ada");
    let message_id = MessageId(Uuid::from_u128(77));
    let first = f.answer(&by, send(id, MessageKind::Bot, "two", Some(message_id))).await;
    for _ in 0..3 {
        let again = f.answer(&by, send(id, MessageKind::Bot, "two", Some(message_id))).await;
        assert!(first.created && !again.created);
        assert_eq!(again.message.as_ref().unwrap().seq, first.message.as_ref().unwrap().seq);
    }
    // And in one batch.
    let twins =
        (0..8).map(|_| f.run(&by, send(id, MessageKind::Bot, "three", Some(MessageId(Uuid::from_u128(78))))));
    let seqs: Vec<u32> = futures_util::future::join_all(twins)
        .await
        .into_iter()
        .map(|answer| match answer.unwrap() {
            Outcome::Conversation(answer) => answer.message.unwrap().seq,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(seqs.iter().all(|seq| *seq == seqs[0]), "{seqs:?}");
    let texts: Vec<_> = f.thread(id).await.messages.iter().map(|m| m.text.as_str().to_owned()).collect();
    assert_eq!(texts.iter().filter(|t| *t == "two").count(), 1);
    assert_eq!(texts.iter().filter(|t| *t == "three").count(), 1);
}

async fn an_id_belongs_to_one_message_of_a_workspace(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let other = f.start("noor", "one").await.snapshot.conversation.id;
    let by = f.principal(Role::Agent, "ada");
    let taken = Some(MessageId(Uuid::from_u128(5)));
    f.answer(&by, send(id, MessageKind::Bot, "mine", taken)).await;
    for action in
        [send(id, MessageKind::Bot, "other text", taken), send(other, MessageKind::Bot, "mine", taken)]
    {
        assert_eq!(f.run(&by, action).await, Err(WriteError::Refused(Refusal::MessageIdConflict)));
    }
    assert_eq!(f.thread(other).await.messages.len(), 1);
}

async fn a_batch_is_one_commit_and_seq_has_no_holes(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let by = f.principal(Role::Service, "host");
    let sends = (0..200).map(|i| f.run(&by, send(id, MessageKind::User, &format!("{i}"), None)));
    let answers = futures_util::future::join_all(sends).await;
    assert!(answers.iter().all(Result::is_ok));
    let mut seqs: Vec<u32> = Vec::new();
    let mut after = 0;
    loop {
        let query = parlor::store::MessageQuery {
            start: parlor::store::MessageStart::After(after),
            limit: 200,
            notes: false,
        };
        let page = f.store.list_messages(f.workspace, id, query).await.unwrap().unwrap();
        seqs.extend(page.messages.iter().map(|m| m.seq));
        after = *seqs.last().unwrap();
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seqs, (1..=201).collect::<Vec<_>>());
    let row = f.store.get_conversation(f.workspace, id, 0).await.unwrap().unwrap();
    assert_eq!(row.snapshot.conversation.message_count, 201);
    assert_eq!(row.snapshot.conversation.unread_by_agents(), 201);
}

async fn a_funnel_is_walked_on_its_own_version(f: Fixture) {
    let admin = f.principal(Role::Admin, "root");
    f.run(&admin, Action::PutFunnel(Box::new(funnel("Shop")))).await.unwrap();
    let visitor = f.principal(Role::Visitor, "maria");
    let id = f.answer(&visitor, start("maria", "shop", Some("buy"))).await.snapshot.conversation.id;
    let Outcome::Funnel { funnel: second, created } =
        f.run(&admin, Action::PutFunnel(Box::new(funnel("Shop 2")))).await.unwrap()
    else {
        panic!("not a funnel")
    };
    assert!(created && second.version == 2);
    let said = f.answer(&visitor, send(id, MessageKind::User, "2", None)).await;
    let stored = f.store.get_conversation(f.workspace, id, 50).await.unwrap().unwrap();
    assert_eq!(stored.snapshot.conversation.funnel_version, 1);
    assert_eq!(stored.snapshot.conversation.funnel_name.as_str(), "Shop");
    assert_eq!(said.snapshot.conversation.version, stored.snapshot.conversation.version);
    let texts: Vec<_> = stored.messages.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts[..2], ["Hello!", "buy"]);
    assert_eq!(stored.messages[0].options.len(), 2);
    assert_eq!(stored.messages[0].metadata.as_ref().unwrap().as_map()["blockId"], "hello");
}

async fn commits_are_published_in_order_without_holes(mut f: Fixture) {
    let users = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let by = f.principal(Role::Service, "host");
    futures_util::future::join_all(users.iter().map(|u| f.run(&by, start(u, "shop", Some("hi"))))).await;
    futures_util::future::join_all(users.iter().map(|u| f.run(&by, start(u, "shop", Some("again"))))).await;
    let head = f.store.get_head(f.workspace).await.unwrap();
    let mut revs = Vec::new();
    while let Ok(committed) = f.published.try_recv() {
        revs.extend(committed.groups.iter().map(|g| g.rev));
        for group in &committed.groups {
            assert_eq!(group.rev, group.conversation.rev);
            assert!(group.messages.iter().all(|m| m.rev == group.rev));
        }
    }
    assert_eq!(revs, (1..=head.rev).collect::<Vec<_>>());
}

async fn a_refused_command_harms_no_other(f: Fixture) {
    let id = f.start("maria", "one").await.snapshot.conversation.id;
    let by = f.principal(Role::Agent, "ada");
    let nowhere = ConversationId(Uuid::from_u128(1));
    let answers = futures_util::future::join_all([
        f.run(&by, send(id, MessageKind::Bot, "two", None)),
        f.run(&by, send(nowhere, MessageKind::Bot, "nobody", None)),
        f.run(&by, send(id, MessageKind::User, "not an agent's to say", None)),
        f.run(&by, send(id, MessageKind::Bot, "three", None)),
    ])
    .await;
    assert!(answers[0].is_ok() && answers[3].is_ok());
    assert_eq!(answers[1], Err(WriteError::Refused(Refusal::NotFound)));
    assert_eq!(answers[2], Err(WriteError::Refused(Refusal::Forbidden)));
}

async fn another_workspace_sees_nothing(f: Fixture) {
    let id = f.start("maria", "secret").await.snapshot.conversation.id;
    let other =
        f.store.create_workspace(NewWorkspace { epoch: 2, ..new_workspace("other") }).await.unwrap().key;
    assert_ne!(other, f.workspace);
    assert_eq!(f.store.get_conversation(other, id, 50).await.unwrap(), None);
    assert_eq!(f.store.get_user(other, UserId::parse("maria").unwrap()).await.unwrap(), None);
    let stranger = principal(other, Role::Admin, "eve");
    let answer = f.run(&stranger, send(id, MessageKind::Bot, "hello", None)).await;
    assert_eq!(answer, Err(WriteError::Refused(Refusal::NotFound)));
    // The same message id is free in another workspace.
    let theirs = f.run(&principal(other, Role::Service, "host"), start("maria", "shop", Some("hi"))).await;
    assert!(theirs.is_ok());
    assert_eq!(f.store.get_head(f.workspace).await.unwrap().rev, 1);
}

async fn a_renamed_user_is_renamed_everywhere(f: Fixture) {
    let by = f.principal(Role::Service, "host");
    let mut ids = Vec::new();
    for funnel in ["one", "two", "three"] {
        ids.push(f.answer(&by, start("maria", funnel, Some("hi"))).await.snapshot.conversation.id);
    }
    let before = f.store.get_head(f.workspace).await.unwrap().rev;
    let fields = UserFields { name: Name::parse("Maria Rossi").ok(), ..UserFields::default() };
    let user_id = UserId::parse("maria").unwrap();
    f.run(&by, Action::PutUser { user_id, fields: Box::new(fields) }).await.unwrap();
    for id in ids {
        let row = f.store.get_conversation(f.workspace, id, 0).await.unwrap().unwrap();
        assert_eq!(row.snapshot.user.name.as_str(), "Maria Rossi");
        assert!(row.snapshot.conversation.rev > before, "who syncs from before must hear of it");
    }
}

async fn a_read_mark_in_the_middle_counts_right(f: Fixture) {
    let id = f.start("maria", "1").await.snapshot.conversation.id;
    for text in ["2", "3", "4", "5"] {
        f.say(id, MessageKind::User, text).await;
    }
    let by = f.principal(Role::Agent, "ada");
    let mark = |seq, back| Action::MarkRead(MarkRead { conversation_id: id, seq, back });
    for (seq, back, unread) in
        [(2, false, 3), (1, false, 3), (5, false, 0), (3, true, 2), (99, false, 0), (0, true, 5)]
    {
        let answer = f.answer(&by, mark(seq, back)).await;
        assert_eq!(answer.snapshot.conversation.unread_by_agents(), unread, "read to {seq}, back {back}");
        let stored = f.store.get_conversation(f.workspace, id, 0).await.unwrap().unwrap();
        assert_eq!(stored.snapshot.conversation.unread_by_agents(), unread);
    }
}

async fn an_old_conversation_gets_a_successor(f: Fixture) {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let first = f.start("maria", "one").await.snapshot.conversation.id;
    f.update(first, |u| u.status = Some(parlor_core::conversation::Status::Closed)).await;
    f.ambient.advance_ms(8 * DAY_MS);
    let second = f.say(first, MessageKind::User, "are you there?").await.snapshot.conversation;
    assert_ne!(second.id, first);
    assert_eq!(second.previous_id, Some(first));
    // The first one named again: the newest of the chain takes it.
    let third = f.say(first, MessageKind::User, "hello?").await.snapshot.conversation;
    assert_eq!(third.id, second.id);
    f.update(second.id, |u| u.status = Some(parlor_core::conversation::Status::Closed)).await;
    f.ambient.advance_ms(8 * DAY_MS);
    let fourth = f.say(first, MessageKind::User, "still here").await.snapshot.conversation;
    assert_eq!((fourth.previous_id, fourth.root_id), (Some(second.id), Some(first)));
    assert_eq!(fourth.handler, Handler::Bot);
}

async fn when_users_were_last_seen_is_no_change(f: Fixture) {
    let (mut users, mut ids) = (Vec::new(), Vec::new());
    for name in ["maria", "noor", "nobody"] {
        users.push(UserId::parse(name).unwrap());
        if name != "nobody" {
            ids.push(f.start(name, "hello").await.snapshot.conversation.id);
        }
    }
    let other = f.store.create_workspace(new_workspace("other")).await.unwrap().key;
    let before = (f.store.get_head(f.workspace).await.unwrap(), f.thread(ids[0]).await.snapshot.conversation);
    let seen = async |name: &str| {
        let user = f.store.get_user(f.workspace, UserId::parse(name).unwrap()).await.unwrap();
        user.map(|user| user.last_seen_at.unwrap().since_ms(BEGIN))
    };
    let set = async |workspace, users: &[UserId], ms| {
        f.store.set_last_seen(workspace, users.to_vec(), BEGIN.plus_ms(ms)).await.unwrap();
    };
    set(other, &users, 9_000).await;
    set(f.workspace, &users[1..], 5_000).await;
    assert_eq!((seen("maria").await, seen("noor").await, seen("nobody").await), (Some(0), Some(5_000), None));
    set(f.workspace, &users, 3_000).await;
    assert_eq!((seen("maria").await, seen("noor").await), (Some(3_000), Some(5_000)), "never back");
    assert_eq!(f.thread(ids[0]).await.snapshot.user.last_seen_at, Some(BEGIN.plus_ms(3_000)));
    let after = (f.store.get_head(f.workspace).await.unwrap(), f.thread(ids[0]).await.snapshot.conversation);
    assert_eq!(before, after);
    set(f.workspace, &[], 9_000).await;
}
