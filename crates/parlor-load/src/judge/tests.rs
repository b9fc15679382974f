//! Every breach, planted.

use super::lines::Line;
use super::store::StoredMessage;
use super::*;
use parlor_core::time::Timestamp;
use uuid::Uuid;

const ROOM: Uuid = Uuid::from_u128(1000);
const OTHER: Uuid = Uuid::from_u128(2000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn message(number: u128, seq: u32) -> StoredMessage {
    let at = Timestamp(i64::from(seq) * 1_000);
    StoredMessage { id: id(number), seq, system: false, line: None, at }
}

/// A line of the server's own, `s` seconds into the run.
fn line(seq: u32, s: i64, line: Line) -> StoredMessage {
    let said = message(u128::from(seq) + 500, seq);
    StoredMessage { system: true, line: Some(line), at: Timestamp(s * 1_000), ..said }
}

fn summary(version: u64, messages: u32) -> Summary {
    Summary { version, messages, user_read: 0, agent_read: 0, open: true, closes_at: None }
}

fn stored(room: Uuid, messages: &[StoredMessage]) -> store::Stored {
    let head = messages.last().map_or(0, |message| message.seq);
    let summary = summary(head.into(), head);
    store::Stored { id: room, user: "ann".into(), previous: None, summary, messages: messages.to_vec() }
}

/// A writer that had messages 1 to `count` acknowledged in order, and a reader who was shown them.
fn run(count: u32) -> (Journal, WriterId, ReaderId, RoomId) {
    let mut journal = Journal::default();
    journal.intend_room(ROOM);
    journal.acknowledge_room(ROOM);
    let (writer, room) = (journal.writer(), journal.room(ROOM));
    let reader = journal.reader(Follows::Room(room));
    for seq in 1..=count {
        journal.intend(writer, id(seq.into()));
        journal.acknowledge(id(seq.into()), ROOM, seq);
        journal.show(reader, room, id(seq.into()), seq, 1);
        journal.show_summary(reader, room, summary(seq.into(), seq));
    }
    (journal, writer, reader, room)
}

fn healthy(count: u32) -> Vec<StoredMessage> {
    (1..=count).map(|seq| message(seq.into(), seq)).collect()
}

/// The breaches, named, and how many of each.
fn verdict(journal: &mut Journal, stored: &[store::Stored]) -> Vec<(Breach, u64)> {
    let verdict = journal.judge(stored).unwrap();
    let counts = Breach::ALL.map(|breach| (breach, verdict.count(breach)));
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn a_run_without_breaches_is_fine_and_is_counted() {
    let (mut journal, ..) = run(3);
    let verdict = journal.judge(&[stored(ROOM, &healthy(3))]).unwrap().into_result().unwrap();
    assert_eq!((verdict.acknowledged, verdict.stored, verdict.sightings, verdict.readers), (3, 3, 3, 1));
}

#[test]
fn what_the_server_writes_itself_and_what_nobody_knows_is_fine() {
    let (mut journal, writer, reader, room) = run(1);
    journal.intend(writer, id(7));
    journal.unknown(id(7));
    journal.intend(writer, id(8));
    journal.unknown(id(8));
    let line = StoredMessage { system: true, ..message(50, 2) };
    journal.show(reader, room, id(50), 2, 1);
    journal.show(reader, room, id(7), 3, 1);
    journal.show_summary(reader, room, summary(3, 3));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &[message(1, 1), line, message(7, 3)])]), []);
}

#[test]
fn lost() {
    let (mut journal, writer, ..) = run(1);
    journal.intend(writer, id(2));
    journal.acknowledge(id(2), ROOM, 2);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Lost, 1)]);

    let (mut journal, writer, ..) = run(1);
    journal.intend(writer, id(2));
    journal.acknowledge(id(2), ROOM, 2);
    let elsewhere = stored(OTHER, &[message(2, 1)]);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1)), elsewhere]), [(Breach::Lost, 1)]);

    let mut journal = Journal::default();
    journal.intend_room(ROOM);
    journal.acknowledge_room(ROOM);
    assert_eq!(verdict(&mut journal, &[]), [(Breach::Lost, 1)]);

    let (mut journal, ..) = run(1);
    journal.refuse(id(1));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Lost, 1)]);
}

#[test]
fn a_lost_change() {
    let (mut journal, ..) = run(2);
    journal.acknowledge_change(ROOM, 2);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(2))]), []);
    let (mut journal, ..) = run(2);
    journal.acknowledge_change(ROOM, 3);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(2))]), [(Breach::Lost, 1)]);
}

#[test]
fn a_reader_is_behind_until_it_has_seen_the_end() {
    let (mut journal, _, reader, room) = run(2);
    let stored = [stored(ROOM, &healthy(3))];
    assert_eq!(journal.behind(&stored), 1);
    journal.show(reader, room, id(3), 3, 1);
    journal.show_summary(reader, room, summary(3, 3));
    assert_eq!(journal.behind(&stored), 0);
}

#[test]
fn a_snapshot_joins_what_a_reader_has() {
    let (mut journal, _, reader, room) = run(3);
    journal.show(reader, room, id(9), 6, 1);
    let joined = [1, 4, 5, 7].map(|seq| journal.has_all_below(reader, room, seq));
    assert_eq!(joined, [true, true, false, false]);
    let nobody = journal.reader(Follows::Room(room));
    assert!(journal.has_all_below(nobody, room, 1) && !journal.has_all_below(nobody, room, 2));
}

#[test]
fn doubled() {
    let (mut journal, ..) = run(1);
    let twice = [stored(ROOM, &healthy(1)), stored(OTHER, &[message(1, 1)])];
    // Where it was answered last is where it is looked for.
    assert!(verdict(&mut journal, &twice).contains(&(Breach::Doubled, 1)));

    let (mut journal, _, reader, room) = run(2);
    journal.show(reader, room, id(2), 2, 1);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(2))]), [(Breach::Doubled, 1)]);

    let (mut journal, _, reader, room) = run(2);
    journal.show_summary(reader, room, summary(2, 2));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(2))]), [(Breach::Doubled, 1)]);
}

#[test]
fn a_changed_message_and_a_loaded_one_are_not_doubled() {
    let (mut journal, _, reader, room) = run(2);
    journal.show(reader, room, id(2), 2, 2);
    journal.load(reader, room, id(1), 1);
    journal.load_summary(reader, room, summary(2, 2));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(2))]), []);
}

#[test]
fn ghost() {
    let (mut journal, ..) = run(1);
    let mut unsent = stored(ROOM, &[message(1, 1), message(9, 2)]);
    unsent.summary = summary(1, 2);
    let found = verdict(&mut journal, &[unsent]);
    assert!(found.contains(&(Breach::Ghost, 1)), "{found:?}");

    let (mut journal, writer, ..) = run(1);
    journal.intend(writer, id(2));
    journal.refuse(id(2));
    let found = verdict(&mut journal, &[stored(ROOM, &healthy(2))]);
    assert!(found.contains(&(Breach::Ghost, 1)), "{found:?}");

    let (mut journal, writer, reader, room) = run(1);
    journal.intend(writer, id(2));
    journal.unknown(id(2));
    journal.show(reader, room, id(2), 2, 1);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Ghost, 1)]);

    let (mut journal, ..) = run(1);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1)), stored(OTHER, &[])]), [(Breach::Ghost, 1)]);
}

#[test]
fn gap() {
    let (mut journal, ..) = run(2);
    let mut holed = stored(ROOM, &[message(1, 1), message(2, 3)]);
    holed.summary = summary(2, 3);
    let found = verdict(&mut journal, &[holed]);
    assert!(found.contains(&(Breach::Gap, 2)), "the numbering and the reader: {found:?}");

    let (mut journal, writer, reader, room) = run(1);
    for seq in [2, 3] {
        journal.intend(writer, id(seq.into()));
        journal.acknowledge(id(seq.into()), ROOM, seq);
    }
    journal.show(reader, room, id(3), 3, 1);
    journal.show_summary(reader, room, summary(3, 3));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(3))]), [(Breach::Gap, 1)]);

    let (mut journal, ..) = run(1);
    let mut miscounted = stored(ROOM, &healthy(1));
    miscounted.summary.messages = 2;
    assert!(verdict(&mut journal, &[miscounted]).contains(&(Breach::Gap, 1)));
}

#[test]
fn a_gap_that_a_snapshot_heals_is_still_one() {
    let (mut journal, writer, reader, room) = run(2);
    for seq in 3..=6 {
        journal.intend(writer, id(seq.into()));
        journal.acknowledge(id(seq.into()), ROOM, seq);
    }
    // What is above everything shown was only not told yet.
    journal.load(reader, room, id(4), 4);
    journal.load(reader, room, id(3), 3);
    journal.show(reader, room, id(6), 6, 1);
    journal.load(reader, room, id(6), 6);
    journal.load(reader, room, id(5), 5);
    journal.show_summary(reader, room, summary(6, 6));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(6))]), [(Breach::Gap, 1)]);
}

#[test]
fn a_heartbeat_that_has_to_tell_is_a_gap() {
    let (mut journal, _, reader, _) = run(1);
    journal.fall_behind(reader);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Gap, 1)]);
}

#[test]
fn order_of_numbers() {
    let (mut journal, _, reader, room) = run(1);
    let writer = journal.writer();
    for seq in [2, 3] {
        journal.intend(writer, id(seq.into()));
        journal.acknowledge(id(seq.into()), ROOM, seq);
    }
    journal.show(reader, room, id(3), 3, 1);
    journal.show(reader, room, id(2), 2, 1);
    journal.show_summary(reader, room, summary(3, 3));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(3))]), [(Breach::Order, 1)]);

    let (mut journal, ..) = run(1);
    journal.acknowledge(id(1), ROOM, 2);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Order, 1)]);

    let (mut journal, _, reader, room) = run(2);
    journal.show_summary(reader, room, summary(1, 1));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(2))]), [(Breach::Order, 1)]);
}

#[test]
fn two_readers_agree_on_a_number() {
    let (mut journal, _, _, room) = run(1);
    let second = journal.reader(Follows::Room(room));
    journal.show(second, room, id(5), 1, 1);
    journal.show_summary(second, room, summary(1, 1));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Order, 1)]);
}

#[test]
fn what_a_writer_sent_later_comes_later() {
    let first_then_second = |stored_order: [u128; 2]| {
        let mut journal = Journal::default();
        journal.intend_room(ROOM);
        let writer = journal.writer();
        let seq_of = |number| 1 + u32::from(stored_order[1] == number);
        for number in [1, 2] {
            journal.intend(writer, id(number));
            journal.acknowledge(id(number), ROOM, seq_of(number));
        }
        verdict(&mut journal, &[stored(ROOM, &[message(stored_order[0], 1), message(stored_order[1], 2)])])
    };
    assert_eq!(first_then_second([1, 2]), []);
    assert_eq!(first_then_second([2, 1]), [(Breach::Order, 1)]);
}

#[test]
fn what_a_writer_had_under_way_at_once_has_no_order() {
    let mut journal = Journal::default();
    journal.intend_room(ROOM);
    let writer = journal.writer();
    journal.intend(writer, id(1));
    journal.intend(writer, id(2));
    journal.acknowledge(id(2), ROOM, 1);
    // Sent first, lost on the way, sent again after the other's answer.
    journal.unknown(id(1));
    journal.intend(writer, id(1));
    journal.acknowledge(id(1), ROOM, 2);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &[message(2, 1), message(1, 2)])]), []);
}

/// The breaches of a conversation nobody reads that has one message and these lines.
fn of_lines(lines: &[StoredMessage], open: bool) -> Vec<(Breach, u64)> {
    let mut journal = Journal::default();
    journal.intend_room(ROOM);
    let writer = journal.writer();
    for number in [1, 2] {
        journal.intend(writer, id(number));
    }
    let mut stored = stored(ROOM, &[&[message(1, 1)], lines].concat());
    stored.summary.open = open;
    verdict(&mut journal, &[stored])
}

#[test]
fn a_conversation_closes_once_and_not_before_its_time() {
    let (closed, by_somebody) = (Line::Closed { by_itself: true }, Line::Closed { by_itself: false });
    assert_eq!(of_lines(&[line(2, 11, closed)], false), []);
    let reopened = [line(2, 11, closed), line(3, 12, Line::Reopened), line(4, 22, closed)];
    assert_eq!(of_lines(&reopened, false), []);
    // Somebody may close it at any time, and who is warned has not spoken.
    assert_eq!(of_lines(&[line(2, 2, by_somebody)], false), []);
    assert_eq!(of_lines(&[line(2, 10, Line::ClosingSoon), line(3, 11, closed)], false), []);

    assert_eq!(of_lines(&[line(2, 10, closed)], false), [(Breach::Order, 1)]);
    assert_eq!(of_lines(&[line(2, 5, Line::Other), line(3, 14, closed)], false), [(Breach::Order, 1)]);
    assert_eq!(of_lines(&[line(2, 11, closed), line(3, 30, closed)], false), [(Breach::Doubled, 1)]);
    assert_eq!(of_lines(&[line(2, 2, Line::Reopened)], true), [(Breach::Doubled, 1)]);
    assert_eq!(of_lines(&[line(2, 11, closed)], true), [(Breach::Gap, 1)]);
    assert_eq!(of_lines(&[], false), [(Breach::Gap, 1)]);
    assert_eq!(of_lines(&[line(2, 11, closed), message(2, 3)], false), [(Breach::Order, 1)]);
}

#[test]
fn what_follows_a_conversation_is_its_users() {
    let following = |previous, user: &str| {
        let (mut journal, ..) = run(1);
        journal.intend_room(OTHER);
        let mut follower = stored(OTHER, &[]);
        (follower.previous, follower.user) = (Some(previous), user.to_owned());
        verdict(&mut journal, &[stored(ROOM, &healthy(1)), follower])
    };
    assert_eq!(following(ROOM, "ann"), []);
    assert_eq!(following(ROOM, "bob"), [(Breach::Order, 1)]);
    assert_eq!(following(id(7), "ann"), [(Breach::Lost, 1)]);
}

#[test]
fn a_conversation_is_spared_once_however_many_see_it() {
    let (mut journal, _, reader, room) = run(1);
    let inbox = journal.reader(Follows::Inbox);
    let at = |version, s: i64| Summary { closes_at: Some(Timestamp(s * 1_000)), ..summary(version, 1) };
    for reader in [reader, inbox] {
        journal.show_summary(reader, room, at(2, 10));
        journal.show_summary(reader, room, at(3, 20));
    }
    let mut stored = stored(ROOM, &healthy(1));
    stored.summary = at(3, 20);
    assert_eq!(journal.judge(&[stored]).unwrap().into_result().unwrap().spared, 1);
}

#[test]
fn what_was_deleted_is_not_lost_and_stays_away() {
    let deleted = |after: &dyn Fn(&mut Journal, ReaderId, RoomId), stored: &[store::Stored]| {
        let (mut journal, writer, reader, room) = run(2);
        journal.intend(writer, id(3));
        journal.intend_removal(ROOM);
        journal.acknowledge_removal(ROOM);
        // Sent on its way, and again.
        journal.refuse(id(3));
        journal.refuse(id(2));
        after(&mut journal, reader, room);
        verdict(&mut journal, stored)
    };
    let told = |journal: &mut Journal, reader, room| journal.show_removal(reader, room);
    assert_eq!(deleted(&told, &[]), []);
    assert_eq!(deleted(&|journal, reader, room| journal.load_removal(reader, room), &[]), []);
    assert_eq!(deleted(&|_, _, _| {}, &[]), [(Breach::Stale, 1)]);

    let twice = |journal: &mut Journal, reader, room| {
        told(journal, reader, room);
        told(journal, reader, room);
    };
    assert_eq!(deleted(&twice, &[]), [(Breach::Doubled, 1)]);
    let back = |journal: &mut Journal, reader, room| {
        told(journal, reader, room);
        journal.show_summary(reader, room, summary(3, 3));
    };
    assert_eq!(deleted(&back, &[]), [(Breach::Ghost, 1)]);
    let found = deleted(&told, &[stored(ROOM, &healthy(2))]);
    assert!(found.contains(&(Breach::Ghost, 1)), "{found:?}");
    let elsewhere = deleted(&told, &[stored(OTHER, &[message(1, 1)])]);
    assert!(elsewhere.contains(&(Breach::Lost, 1)), "{elsewhere:?}");
}

#[test]
fn nothing_is_gone_that_nobody_deleted() {
    let (mut journal, _, reader, room) = run(1);
    journal.show_removal(reader, room);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Lost, 1)]);

    let (mut journal, ..) = run(1);
    let inbox = journal.reader(Follows::Inbox);
    let room = journal.room(ROOM);
    journal.load_summary(inbox, room, summary(1, 1));
    journal.load_all(inbox, &[].into());
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), [(Breach::Lost, 1)]);

    // Asked for and never answered: it may be there.
    let (mut journal, ..) = run(1);
    journal.intend_removal(ROOM);
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &healthy(1))]), []);
}

#[test]
fn stale() {
    for wrong in [
        Summary { version: 9, ..summary(2, 2) },
        Summary { user_read: 1, ..summary(2, 2) },
        Summary { agent_read: 2, ..summary(2, 2) },
        Summary { closes_at: Some(Timestamp(1)), ..summary(2, 2) },
    ] {
        let (mut journal, ..) = run(2);
        let newer = store::Stored { summary: wrong, ..stored(ROOM, &healthy(2)) };
        assert_eq!(verdict(&mut journal, &[newer]), [(Breach::Stale, 1)], "{wrong:?}");
    }
}

#[test]
fn a_stale_status() {
    let (mut journal, _, reader, room) = run(1);
    let closed = line(2, 11, Line::Closed { by_itself: true });
    journal.show(reader, room, closed.id, 2, 1);
    let mut newer = stored(ROOM, &[message(1, 1), closed]);
    newer.summary.open = false;
    journal.show_summary(reader, room, Summary { open: true, ..newer.summary });
    assert_eq!(verdict(&mut journal, &[newer]), [(Breach::Stale, 1)]);
}

#[test]
fn an_inbox_has_every_conversation_it_may_see() {
    let mut journal = Journal::default();
    journal.intend_room(ROOM);
    journal.reader(Follows::Inbox);
    journal.reader(Follows::InboxOf("ann".into()));
    journal.reader(Follows::InboxOf("bob".into()));
    assert_eq!(verdict(&mut journal, &[stored(ROOM, &[])]), [(Breach::Stale, 2)]);
}

#[test]
fn runs_join_and_count_what_is_missing() {
    let mut runs = super::reader::Runs::default();
    for seq in [1, 2, 5, 7, 6, 9] {
        assert!(runs.add(seq), "{seq}");
    }
    assert!(!runs.add(6) && !runs.add(1) && !runs.add(9));
    assert_eq!((runs.last(), runs.missing(9), runs.missing(10)), (9, (3, 3), (4, 3)));
    assert!(runs.add(3) && runs.add(4) && runs.add(8));
    assert_eq!((runs.missing(9), runs.missing(4)), ((0, 10), (0, 10)));
}

#[test]
fn the_file_has_every_note() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let mut journal = Journal::default();
    journal.record_to(&path).unwrap();
    let writer = journal.writer();
    journal.intend_room(ROOM);
    journal.intend(writer, id(1));
    journal.acknowledge(id(1), ROOM, 1);
    verdict(&mut journal, &[]);
    let lines = std::fs::read_to_string(path).unwrap();
    assert_eq!(lines.lines().count(), 3, "{lines}");
}
