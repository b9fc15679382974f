//! `mark_read`.

use parlor_core::error::Refusal;
use parlor_core::message::MessageKind;

use crate::check;
use crate::make::*;

#[test]
fn marks_move_forward_and_an_agent_may_move_theirs_back() {
    let (mut model, id) = with_ann();
    for words in ["one", "two"] {
        model.answer(sending(&visitor("ann"), send(id, MessageKind::User, words)));
    }
    // Greeting, hi, fallback, one, fallback, two, fallback.
    let rows = [
        (agent("ada"), 4, false, true, (1, 1)),
        (agent("ada"), 4, false, false, (1, 1)),
        (agent("ada"), 2, false, false, (1, 1)),
        (agent("ada"), 2, true, true, (2, 1)),
        (agent("ada"), 0, true, true, (3, 1)),
        (agent("ada"), 99, false, true, (0, 1)),
        (agent("ada"), 99, true, false, (0, 1)),
        (visitor("ann"), 3, false, false, (0, 1)),
        (visitor("ann"), 99, false, true, (0, 0)),
    ];
    for (i, (by, seq, back, changes, unread)) in rows.into_iter().enumerate() {
        let answer = model.answer(reading(&by, id, seq, back));
        let c = answer.snapshot.conversation;
        assert_eq!(
            (answer.created, (c.unread_by_agents(), c.unread_by_user())),
            (changes, unread),
            "row {i}"
        );
        check::rows(&model);
    }
}

#[test]
fn a_mark_is_neither_activity_nor_for_everybody() {
    let (mut model, id) = with_ann();
    let before = model.get(id).clone();
    model.now = model.now.plus_ms(HOUR);
    let c = model.answer(reading(&agent("ada"), id, 3, false)).snapshot.conversation;
    assert_eq!((c.clock_started_at, c.last_message_at), (before.clock_started_at, before.last_message_at));
    assert_eq!(c.version, before.version + 1);
    assert_eq!(model.refusal(reading(&visitor("ann"), id, 1, true)), Refusal::Forbidden);
    assert_eq!(model.refusal(reading(&visitor("bob"), id, 1, false)), Refusal::NotFound);
    assert_eq!(model.refusal(reading(&service(), id, 1, false)), Refusal::Forbidden);
}
