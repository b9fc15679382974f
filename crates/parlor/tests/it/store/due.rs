//! What falls due, and settings with what they mean for the conversations there are.

use parlor::ambient::Ambient;
use parlor_core::conversation::{CloseReason, Status};
use parlor_core::id::ConversationId;
use parlor_core::lifecycle::Step;
use parlor_core::limits;
use parlor_core::message::MessageKind;
use parlor_core::time::Timestamp;
use serde_json::json;

use super::fixture::{Fixture, new_workspace, principal, start};
use super::over_every_store;
use crate::support::ambient::BEGIN;

over_every_store!(
    what_is_due_is_listed_oldest_first_of_all_workspaces,
    a_due_time_that_was_a_lower_bound_moves_and_nothing_else,
    a_close_is_one_commit_with_its_line,
    settings_are_kept_and_carried_on_page_by_page,
);

const MINUTE: i64 = 60_000;
const MANY: usize = 1_000;

async fn due(f: &Fixture, until: Timestamp, limit: usize) -> Vec<ConversationId> {
    f.store.list_due(until, limit).await.unwrap().into_iter().map(|(_, id)| id).collect()
}

async fn what_is_due_is_listed_oldest_first_of_all_workspaces(f: Fixture) {
    let other = f.store.create_workspace(new_workspace("other")).await.unwrap().key;
    let first = f.start("ann", "hi").await.snapshot.conversation.id;
    f.ambient.advance_ms(MINUTE);
    let host = principal(other, parlor_core::access::Role::Service, "host");
    let second = f.answer(&host, start("ann", "shop", Some("hi"))).await.snapshot.conversation.id;
    f.ambient.advance_ms(MINUTE);
    let third = f.start("bob", "hi").await.snapshot.conversation.id;
    let last = BEGIN.plus_ms(32 * MINUTE);
    assert_eq!(due(&f, last, MANY).await, [first, second, third]);
    assert_eq!(due(&f, last.plus_ms(-1), MANY).await, [first, second]);
    assert_eq!(due(&f, last, 1).await, [first]);
    assert_eq!(f.store.list_due(last, 2).await.unwrap()[1].0, other);
    assert_eq!(due(&f, BEGIN.plus_ms(30 * MINUTE - 1), MANY).await, []);
    // Exempt, and of a timer that is off.
    f.update(first, |u| u.hold = Some(true)).await;
    assert_eq!(f.fire(first).await, None);
    assert_eq!(due(&f, last, MANY).await, [second, third]);
    f.delete(third).await.unwrap();
    assert_eq!(due(&f, last, MANY).await, [second]);
}

async fn a_due_time_that_was_a_lower_bound_moves_and_nothing_else(f: Fixture) {
    let id = f.start("ann", "hi").await.snapshot.conversation.id;
    f.ambient.advance_ms(20 * MINUTE);
    f.say(id, MessageKind::User, "still here").await;
    f.ambient.advance_ms(10 * MINUTE);
    let now = f.ambient.now();
    assert_eq!(due(&f, now, MANY).await, [id], "the post did not move it");
    let before = f.list(Default::default()).await;
    assert_eq!(f.fire(id).await, None);
    let after = f.list(Default::default()).await;
    assert_eq!(after.head, before.head);
    let (was, is) = (&before.rows[0].snapshot.conversation, &after.rows[0].snapshot.conversation);
    assert_eq!((was.version, was.rev, was.updated_at), (is.version, is.rev, is.updated_at));
    assert_eq!(is.due_at, Some(BEGIN.plus_ms(50 * MINUTE)));
    assert_eq!(due(&f, now, MANY).await, []);
}

async fn a_close_is_one_commit_with_its_line(mut f: Fixture) {
    let id = f.start("ann", "hi").await.snapshot.conversation.id;
    f.published.recv().await.unwrap();
    f.ambient.advance_ms(30 * MINUTE);
    assert_eq!(f.fire(id).await, Some(Step::Close));
    let told = f.published.recv().await.unwrap();
    let [group] = &told.groups[..] else { panic!("one conversation: {told:?}") };
    assert_eq!(group.conversation.status, Status::Closed);
    assert_eq!(group.conversation.close_reason, Some(CloseReason::Inactivity));
    assert_eq!(group.messages.len(), 1);
    let page = f.thread(id).await;
    assert_eq!(page.messages.last().unwrap().system, group.messages[0].system);
    assert_eq!(f.fire(id).await, None, "once");
    assert_eq!(due(&f, BEGIN.plus_ms(i64::MAX / 2), MANY).await, [id], "then it is archived");
    f.ambient.advance_ms(14 * 24 * 60 * MINUTE);
    assert_eq!(f.fire(id).await, Some(Step::Archive));
    assert!(f.thread(id).await.snapshot.conversation.is_archived());
}

async fn settings_are_kept_and_carried_on_page_by_page(mut f: Fixture) {
    let other = f.store.create_workspace(new_workspace("other")).await.unwrap().key;
    let many = limits::REDATE_BATCH + 1;
    for n in 0..many {
        f.start(&format!("user-{n}"), "hi").await;
        f.published.recv().await.unwrap();
    }
    let closes = async || {
        let page = f.list(parlor::store::ListQuery { limit: 1, ..Default::default() }).await;
        page.rows[0].snapshot.auto_close_at(&page.head.policies)
    };
    assert_eq!(closes().await, Some(BEGIN.plus_ms(30 * MINUTE)));
    f.set(json!({"inboxes": {"default": {"botIdleS": 600}}, "funnels": {"else": {"botIdleS": "off"}}})).await;
    assert_eq!(closes().await, Some(BEGIN.plus_ms(10 * MINUTE)));
    assert_eq!(f.store.list_redating(MANY).await.unwrap(), [f.workspace]);
    let head = f.store.get_head(f.workspace).await.unwrap();
    assert_eq!(head.policies.version(), 1);
    let redate = head.redate.unwrap();
    assert_eq!((redate.done, redate.total), (0, many as u64));
    assert!(redate.before.as_ref().unwrap().say_the_same(&Default::default()));
    assert!(f.redate().await);
    let redate = f.store.get_head(f.workspace).await.unwrap().redate.unwrap();
    assert_eq!((redate.done, redate.total), (many as u64 - 1, many as u64));
    assert_eq!(due(&f, BEGIN.plus_ms(10 * MINUTE), MANY).await.len(), many - 1);
    assert!(!f.redate().await);
    assert_eq!(due(&f, BEGIN.plus_ms(10 * MINUTE), MANY).await.len(), many);
    assert_eq!(f.store.get_head(f.workspace).await.unwrap().redate, None);
    assert_eq!(f.store.list_redating(MANY).await.unwrap(), []);
    assert!(!f.redate().await, "nothing is under way");
    assert_eq!(f.store.get_head(other).await.unwrap().policies.version(), 0);
}
