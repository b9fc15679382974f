//! Bugs on purpose. A proof that cannot fail proves nothing: `make prove-teeth` switches each of these on and expects the
//! proofs of docs/reliability.md to find it.
//!
//! They exist only with the feature `planted-bugs`, which no release build accepts. Without it every question here is
//! answered `false` when compiled, and what stands behind it is not in the binary.

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("planted-bugs is for the proofs; a release build must not have it");

use crate::id::ConversationId;
use crate::state::Claim;

/// One bug; the name is how the proofs call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bug {
    /// A message is answered before its transaction is committed.
    AckBeforeCommit = 1,
    /// A commit that failed is answered like one that did not.
    AckAfterFailedCommit,
    /// Commits do not wait for the disk.
    NormalForFull,
    /// Followers hear of a batch before it is committed.
    PublishBeforeCommit,
    /// The ids of messages stored before the start are not known any more.
    DedupForgottenOnRestart,
    /// The retry of a message that landed in another conversation is a new message.
    RedirectedRetryStoredAgain,
    /// A replay begins one revision too late.
    ResumeOffByOne,
    /// Who is too far behind is not told.
    ResetForgotten,
    /// What is published during a replay goes out before it.
    GateReleasedEarly,
    /// A topic is followed only after what was missed is read.
    FollowAfterReplay,
    /// A queue that was dropped is not refilled.
    OverflowForgotten,
    /// A snapshot's cursor is of a later moment than its rows.
    SnapshotCursorTooNew,
    /// A close does not ask whether somebody wrote since its conversation came onto the list.
    CloseIgnoresRacingMessage,
    /// What closed by itself is closed again before it is archived.
    CloseSaidTwice,
    /// A time that passed during a restart is put off for ever.
    DueTimeLostOnRestart,
    /// Who was away is not told what was deleted meanwhile.
    DeletionNotReplayed,
    /// What was copied out of the log is not synced before the log begins anew.
    CopyNotSynced,
}

impl Bug {
    /// Every bug, by its name.
    pub const ALL: &[(&str, Self)] = &[
        ("ack-before-commit", Self::AckBeforeCommit),
        ("ack-after-failed-commit", Self::AckAfterFailedCommit),
        ("normal-for-full", Self::NormalForFull),
        ("publish-before-commit", Self::PublishBeforeCommit),
        ("dedup-forgotten-on-restart", Self::DedupForgottenOnRestart),
        ("redirected-retry-stored-again", Self::RedirectedRetryStoredAgain),
        ("resume-off-by-one", Self::ResumeOffByOne),
        ("reset-forgotten", Self::ResetForgotten),
        ("gate-released-early", Self::GateReleasedEarly),
        ("follow-after-replay", Self::FollowAfterReplay),
        ("overflow-forgotten", Self::OverflowForgotten),
        ("snapshot-cursor-too-new", Self::SnapshotCursorTooNew),
        ("close-ignores-racing-message", Self::CloseIgnoresRacingMessage),
        ("close-said-twice", Self::CloseSaidTwice),
        ("due-time-lost-on-restart", Self::DueTimeLostOnRestart),
        ("deletion-not-replayed", Self::DeletionNotReplayed),
        ("copy-not-synced", Self::CopyNotSynced),
    ];
}

#[cfg(feature = "planted-bugs")]
mod switch {
    use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

    use super::Bug;
    use crate::time::Timestamp;

    static PLANTED: AtomicU8 = AtomicU8::new(0);
    static SINCE_MS: AtomicI64 = AtomicI64::new(0);

    /// Switches the bug of this name on for the life of the process, which begins at `now`; false when there is none.
    pub fn plant(name: &str, now: Timestamp) -> bool {
        let found = Bug::ALL.iter().find(|(known, _)| *known == name);
        if let Some((_, bug)) = found {
            PLANTED.store(*bug as u8, Ordering::Relaxed);
            SINCE_MS.store(now.0, Ordering::Relaxed);
        }
        found.is_some()
    }

    /// Whether a bug is switched on.
    #[must_use]
    pub fn is(bug: Bug) -> bool {
        PLANTED.load(Ordering::Relaxed) == bug as u8
    }

    pub(super) fn since() -> Timestamp {
        Timestamp(SINCE_MS.load(Ordering::Relaxed))
    }
}

#[cfg(feature = "planted-bugs")]
pub use switch::{is, plant};

/// Whether a bug is switched on: never, in this build.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn is(_: Bug) -> bool {
    false
}

/// Whether a stored message with the id of a new one is overlooked.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn overlooks(claim: &Claim, named: ConversationId) -> bool {
    let Claim::Stored(message) = claim else { return false };
    (is(Bug::DedupForgottenOnRestart) && message.at < switch::since())
        || (is(Bug::RedirectedRetryStoredAgain) && message.conversation_id != named)
}

/// Whether a stored message with the id of a new one is overlooked: never, in this build.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn overlooks(_: &Claim, _: ConversationId) -> bool {
    false
}

/// How many of something there have to be before something is done about it that a proof has to see often.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub const fn sooner(many: u64) -> u64 {
    many / 100
}

/// How many of something there have to be before something is done about it: so many, in this build.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn sooner(many: u64) -> u64 {
    many
}
