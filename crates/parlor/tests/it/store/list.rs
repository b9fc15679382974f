//! The inbox: filters, orders, pages and totals.

use std::collections::BTreeSet;

use parlor::store::{ListQuery, MessageQuery, MessageStart, PageStart, Sort};
use parlor_core::access::Role;
use parlor_core::command::Action;
use parlor_core::conversation::{Handler, Status};
use parlor_core::id::{AgentId, ConversationId, FunnelId, UserId};
use parlor_core::message::MessageKind;
use parlor_core::text::Label;

use super::fixture::{Fixture, labels_to, start};
use super::over_every_store;

over_every_store!(
    the_four_orders_hold,
    pages_by_key_and_by_offset_are_the_same_list,
    filters_find_what_they_say,
    totals_are_kept_through_every_change,
    messages_are_paged_in_every_direction,
    rows_bring_their_newest_messages,
);

/// Twenty conversations, each a minute later, with 1, 2, 3, 1, 2, 3 … messages.
async fn twenty(f: &Fixture) -> Vec<ConversationId> {
    let mut ids = Vec::new();
    for i in 0..20 {
        let id = f.start(&format!("user-{i:02}"), "hi").await.snapshot.conversation.id;
        for n in 0..i % 3 {
            f.say(id, MessageKind::User, &format!("more {n}")).await;
        }
        // Pairs share their moment, so that ties have to be broken.
        f.ambient.advance_ms(if i % 2 == 1 { 60_000 } else { 0 });
        ids.push(id);
    }
    ids
}

async fn the_four_orders_hold(f: Fixture) {
    twenty(&f).await;
    for sort in [Sort::Newest, Sort::Oldest, Sort::MostMessages, Sort::LeastMessages] {
        let page = f.list(ListQuery { sort, ..ListQuery::default() }).await;
        let keys: Vec<_> = page
            .rows
            .iter()
            .map(|row| {
                let c = &row.snapshot.conversation;
                let value = if matches!(sort, Sort::Newest | Sort::Oldest) {
                    c.last_message_at.0
                } else {
                    i64::from(c.message_count)
                };
                (value, c.id)
            })
            .collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        if matches!(sort, Sort::Newest | Sort::MostMessages) {
            sorted.reverse();
        }
        assert_eq!(keys, sorted, "{sort:?}");
        assert_eq!(keys.len(), 20);
    }
}

async fn pages_by_key_and_by_offset_are_the_same_list(f: Fixture) {
    let ids = twenty(&f).await;
    // Something in each of the four corners of status × archived.
    for id in &ids[..8] {
        f.update(*id, |u| u.status = Some(Status::Closed)).await;
    }
    for id in &ids[..4] {
        f.update(*id, |u| u.is_archived = Some(true)).await;
    }
    for (status, archived) in
        [(None, None), (Some(Status::Closed), None), (None, Some(false)), (Some(Status::Open), Some(false))]
    {
        for sort in [Sort::Newest, Sort::Oldest, Sort::MostMessages, Sort::LeastMessages] {
            let query = ListQuery { status, archived, sort, limit: 3, ..ListQuery::default() };
            let (mut by_key, mut by_offset) = (Vec::new(), Vec::new());
            let mut start = PageStart::Offset(0);
            loop {
                let page = f.list(ListQuery { start, ..query.clone() }).await;
                let next =
                    f.list(ListQuery { start: PageStart::Offset(by_key.len()), ..query.clone() }).await;
                by_offset.extend(next.rows.iter().map(|r| r.snapshot.conversation.id));
                by_key.extend(page.rows.iter().map(|r| r.snapshot.conversation.id));
                assert_eq!(page.total, next.total);
                match page.next {
                    Some(key) => start = PageStart::After(key),
                    None => {
                        assert_eq!(page.total, by_key.len() as u64, "{status:?} {archived:?} {sort:?}");
                        break;
                    }
                }
            }
            assert_eq!(by_key, by_offset, "{status:?} {archived:?} {sort:?}");
            assert_eq!(by_key.iter().collect::<BTreeSet<_>>().len(), by_key.len());
        }
    }
}

async fn filters_find_what_they_say(f: Fixture) {
    let ids = twenty(&f).await;
    f.say(ids[3], MessageKind::Bot, "I am here").await;
    f.update(ids[4], |u| u.labels = labels_to(&["vip"])).await;
    f.update(ids[5], |u| u.handler = Some(Handler::Queue)).await;
    let by = f.principal(Role::Service, "host");
    let other = f.answer(&by, start("user-01", "support", Some("help"))).await.snapshot.conversation.id;
    let found = async |query: ListQuery| {
        let page = f.list(query).await;
        assert_eq!(page.total, page.rows.len() as u64);
        page.rows.iter().map(|r| r.snapshot.conversation.id).collect::<BTreeSet<_>>()
    };
    let all = ListQuery::default;
    assert_eq!(found(ListQuery { handler: Some(Handler::Agent), ..all() }).await, BTreeSet::from([ids[3]]));
    assert_eq!(
        found(ListQuery { assignee_id: AgentId::parse("ada"), ..all() }).await,
        BTreeSet::from([ids[3]])
    );
    assert_eq!(found(ListQuery { handler: Some(Handler::Queue), ..all() }).await, BTreeSet::from([ids[5]]));
    assert_eq!(found(ListQuery { label: Label::parse("vip").ok(), ..all() }).await, BTreeSet::from([ids[4]]));
    assert_eq!(
        found(ListQuery { funnel_id: FunnelId::parse("support"), ..all() }).await,
        BTreeSet::from([other])
    );
    assert_eq!(
        found(ListQuery { user_id: UserId::parse("user-01"), ..all() }).await,
        BTreeSet::from([ids[1], other])
    );
    // An agent's answer reads for us; everything else is unread.
    let unread = found(ListQuery { unread: true, ..all() }).await;
    assert!(!unread.contains(&ids[3]) && unread.len() == 20);
    let both = ListQuery { handler: Some(Handler::Agent), funnel_id: FunnelId::parse("support"), ..all() };
    assert_eq!(found(both).await, BTreeSet::new());
}

async fn totals_are_kept_through_every_change(f: Fixture) {
    let ids = twenty(&f).await;
    let total = async |query: ListQuery| f.list(ListQuery { limit: 1, ..query }).await.total;
    let open = || ListQuery { status: Some(Status::Open), archived: Some(false), ..ListQuery::default() };
    let closed = || ListQuery { status: Some(Status::Closed), archived: Some(false), ..ListQuery::default() };
    assert_eq!((total(open()).await, total(closed()).await), (20, 0));
    f.update(ids[0], |u| u.status = Some(Status::Closed)).await;
    f.update(ids[1], |u| u.is_archived = Some(true)).await;
    assert_eq!((total(open()).await, total(closed()).await), (18, 1));
    let archived = ListQuery { archived: Some(true), ..ListQuery::default() };
    assert_eq!(total(archived.clone()).await, 1);
    f.say(ids[0], MessageKind::User, "back").await;
    f.update(ids[1], |u| u.status = Some(Status::Open)).await;
    assert_eq!((total(open()).await, total(closed()).await, total(archived).await), (20, 0, 0));
    let bots = ListQuery { handler: Some(Handler::Bot), ..open() };
    let adas = ListQuery { assignee_id: AgentId::parse("ada"), ..open() };
    assert_eq!((total(bots.clone()).await, total(adas.clone()).await), (20, 0));
    f.answer(
        &f.principal(Role::Agent, "ada"),
        Action::TakeConversation { conversation_id: ids[2], from: None },
    )
    .await;
    assert_eq!((total(bots.clone()).await, total(adas.clone()).await), (19, 1));
    f.answer(&f.principal(Role::Agent, "ada"), Action::GiveBackConversation { conversation_id: ids[2] })
        .await;
    assert_eq!((total(bots).await, total(adas).await), (20, 0));
    assert_eq!(total(ListQuery { funnel_id: FunnelId::parse("shop"), ..open() }).await, 20);
    assert_eq!(total(ListQuery { funnel_id: FunnelId::parse("nothing"), ..open() }).await, 0);
}

async fn messages_are_paged_in_every_direction(f: Fixture) {
    let id = f.start("maria", "1").await.snapshot.conversation.id;
    for n in 2..=10 {
        f.say(id, MessageKind::User, &n.to_string()).await;
    }
    let page = async |start: MessageStart, limit: usize| {
        let page = f
            .store
            .list_messages(f.workspace, id, MessageQuery { start, limit, notes: false })
            .await
            .unwrap()
            .unwrap();
        (page.messages.iter().map(|m| m.seq).collect::<Vec<_>>(), page.has_more)
    };
    assert_eq!(page(MessageStart::Newest(0), 3).await, (vec![8, 9, 10], true));
    assert_eq!(page(MessageStart::Newest(3), 3).await, (vec![5, 6, 7], true));
    assert_eq!(page(MessageStart::Newest(8), 3).await, (vec![1, 2], false));
    assert_eq!(page(MessageStart::Newest(50), 3).await, (vec![], false));
    assert_eq!(page(MessageStart::Before(8), 3).await, (vec![5, 6, 7], true));
    assert_eq!(page(MessageStart::Before(3), 3).await, (vec![1, 2], false));
    assert_eq!(page(MessageStart::Before(99), 2).await, (vec![9, 10], true));
    assert_eq!(page(MessageStart::After(0), 3).await, (vec![1, 2, 3], true));
    assert_eq!(page(MessageStart::After(8), 3).await, (vec![9, 10], false));
    assert_eq!(page(MessageStart::After(10), 3).await, (vec![], false));
    let nowhere = ConversationId(uuid::Uuid::from_u128(9));
    let query = MessageQuery { start: MessageStart::Newest(0), limit: 3, notes: true };
    assert!(f.store.list_messages(f.workspace, nowhere, query).await.unwrap().is_none());
}

async fn rows_bring_their_newest_messages(f: Fixture) {
    let id = f.start("maria", "1").await.snapshot.conversation.id;
    f.start("noor", "1").await;
    for n in 2..=6 {
        f.say(id, MessageKind::User, &n.to_string()).await;
    }
    let page = f.list(ListQuery { messages: 4, ..ListQuery::default() }).await;
    let seqs = |at: usize| page.rows[at].messages.iter().map(|m| m.seq).collect::<Vec<_>>();
    let maria = page.rows.iter().position(|r| r.snapshot.conversation.id == id).unwrap();
    assert_eq!(seqs(maria), [3, 4, 5, 6]);
    assert_eq!(seqs(1 - maria), [1]);
}
