//! Running time and the wall clock: whatever the latter does, the server counts on, pauses, and waits for a word.

use std::sync::Arc;

use parlor::hub::Hub;
use parlor::search::Search;
use parlor::service::Service;
use parlor::store::ListQuery;
use parlor_core::access::Role;
use parlor_core::error::Code;
use parlor_core::limits;

use crate::store::fixture::Fixture;
use crate::store::over_every_store;

over_every_store!(
    every_jump_pauses_at_once_and_over_restarts,
    running_time_is_summed_over_restarts,
    a_command_beside_the_server_lets_it_go_on,
    a_start_with_a_clock_that_went_back_pauses,
    who_goes_again_before_everything_due_is_done_takes_nobodys_grace,
    no_id_of_a_deletion_is_free_before_its_time_by_a_wrong_clock,
);

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const YEARS: i64 = 10 * 365 * DAY;

/// A process that starts over the fixture's store.
async fn started(f: &Fixture) -> Arc<Service> {
    let search = Arc::new(Search::in_memory(f.store.clone()).await.unwrap());
    let (writer, hub) = (f.writer.clone(), Arc::new(Hub::default()));
    let service = Service::new(f.store.clone(), writer, hub, search, f.ambient.clone(), Vec::new()).await;
    let service = Arc::new(service.unwrap());
    service.tend_clock().await;
    service
}

async fn every_jump_pauses_at_once_and_over_restarts(f: Fixture) {
    let admin = f.principal(Role::Admin, "root");
    for jump in [HOUR, DAY, YEARS, -HOUR, -DAY, -YEARS] {
        let service = started(&f).await;
        assert!(!service.clock().is_paused);
        let ran = service.clock().running_ms;
        f.ambient.jump_ms(jump);
        // Whoever decides by it asks at that moment; no tick comes before.
        assert!(service.clock().is_paused, "{jump}");
        assert_eq!(service.clock().running_ms, ran);
        assert_eq!(service.clock_state().disagreement_s, Some(jump / 1000));
        service.tend_clock().await;
        let stored = f.store.load_clock().await.unwrap().unwrap();
        assert_eq!(stored.pause.map(|pause| pause.disagreement_ms), Some(jump));
        drop(service);

        let service = started(&f).await;
        assert!(service.clock().is_paused);
        let refused = service.go_on(&f.principal(Role::Agent, "ada")).await;
        assert_eq!(refused.map(|_| ()).map_err(|problem| problem.code), Err(Code::Forbidden));
        let state = service.go_on(&admin).await.unwrap();
        assert!(!state.is_paused && state.paused_at.is_none() && state.disagreement_s.is_none());
        f.ambient.advance_ms(DAY);
        service.tend_clock().await;
        assert!(!service.clock().is_paused);
        assert_eq!(f.store.load_clock().await.unwrap().unwrap().pause, None);
    }
}

async fn running_time_is_summed_over_restarts(f: Fixture) {
    for day in 0..3 {
        let service = started(&f).await;
        assert_eq!(service.clock().running_ms, day * HOUR);
        service.fire_due().await;
        f.ambient.advance_ms(HOUR);
        service.end_clock().await;
        drop(service);
        // Away for a day, which is no running time.
        f.ambient.advance_ms(DAY);
    }
    let service = started(&f).await;
    let reading = service.clock();
    assert_eq!(reading.returned_at.since_ms(reading.last_alive_at), DAY);
    service.fire_due().await;
    // Killed: at most what was not written down is forgotten.
    f.ambient.advance_ms(limits::CLOCK_SAVE_MS);
    service.tend_clock().await;
    f.ambient.advance_ms(limits::CLOCK_SAVE_MS - 1);
    service.tend_clock().await;
    drop(service);
    assert_eq!(started(&f).await.clock().running_ms, 3 * HOUR + limits::CLOCK_SAVE_MS);
}

async fn a_command_beside_the_server_lets_it_go_on(f: Fixture) {
    let service = started(&f).await;
    f.ambient.jump_ms(YEARS);
    service.tend_clock().await;
    f.store.clock_goes_on().await.unwrap();
    assert!(service.clock().is_paused);
    f.ambient.advance_ms(limits::CLOCK_SAVE_MS);
    service.tend_clock().await;
    assert!(!service.clock().is_paused);
    // A new jump is a new pause.
    f.ambient.jump_ms(-YEARS);
    service.tend_clock().await;
    f.ambient.advance_ms(limits::CLOCK_SAVE_MS);
    service.tend_clock().await;
    assert!(service.clock().is_paused && f.store.load_clock().await.unwrap().unwrap().pause.is_some());
}

async fn a_start_with_a_clock_that_went_back_pauses(f: Fixture) {
    let service = started(&f).await;
    service.end_clock().await;
    drop(service);
    f.ambient.jump_ms(-DAY);
    let service = started(&f).await;
    assert_eq!(service.clock_state().disagreement_s, Some(-DAY / 1000));
    assert!(f.store.load_clock().await.unwrap().unwrap().pause.is_some());
    let reading = service.clock();
    assert!(reading.last_alive_at <= reading.returned_at, "{reading:?}");
}

async fn who_goes_again_before_everything_due_is_done_takes_nobodys_grace(f: Fixture) {
    f.start("maria", "one").await;
    let is_open = async || f.list(ListQuery::default()).await.rows[0].snapshot.conversation.is_open();
    let service = started(&f).await;
    service.end_clock().await;
    drop(service);
    // It falls due meanwhile; the next server is gone before it gets there.
    f.ambient.advance_ms(HOUR);
    let service = started(&f).await;
    f.ambient.advance_ms(limits::CLOCK_SAVE_MS);
    service.end_clock().await;
    drop(service);
    f.ambient.advance_ms(HOUR);
    let service = started(&f).await;
    service.fire_due().await;
    assert!(is_open().await, "it has its grace from this return");
    f.ambient.advance_ms(limits::GRACE_MS - 1);
    service.fire_due().await;
    assert!(is_open().await);
    f.ambient.advance_ms(1);
    service.fire_due().await;
    assert!(!is_open().await);
    // Nothing is left of that time: the next absence begins where this server ended.
    service.end_clock().await;
    let stored = f.store.load_clock().await.unwrap().unwrap();
    assert_eq!(stored.served_until, stored.wall);
}

async fn no_id_of_a_deletion_is_free_before_its_time_by_a_wrong_clock(f: Fixture) {
    let admin = f.principal(Role::Admin, "root");
    let gone = f.start("maria", "one").await.snapshot.conversation.id;
    f.delete(gone).await.unwrap();
    let is_taken = async || f.store.get_tombstone(f.workspace, gone).await.unwrap().is_some();
    let service = started(&f).await;
    f.ambient.jump_ms(YEARS);
    service.purge_tombstones().await;
    assert!(is_taken().await, "ten years ahead");
    drop(service);
    let service = started(&f).await;
    service.purge_tombstones().await;
    assert!(is_taken().await, "and after a start");
    f.ambient.jump_ms(-YEARS);
    service.go_on(&admin).await.unwrap();
    f.ambient.advance_ms(limits::TOMBSTONE_MS);
    service.purge_tombstones().await;
    assert!(is_taken().await, "the ninetieth day is not over");
    f.ambient.advance_ms(1);
    service.purge_tombstones().await;
    assert!(!is_taken().await);
}
