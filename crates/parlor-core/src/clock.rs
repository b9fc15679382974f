//! How long the server ever ran, beside what the wall clock says. What cannot be taken back waits in running time, which no
//! wrong date moves; and while the two disagree it does not happen at all, until somebody says that all is well.

use crate::lifecycle::Clock;
use crate::limits;
use crate::time::Timestamp;

/// What outlives the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredClock {
    /// How long the server ever ran.
    pub running_ms: i64,
    /// The wall clock when this was written.
    pub wall: Timestamp,
    /// Until when everything that fell due was done, or falls due still. Earlier than `wall` while a server works off what
    /// fell due in its absence: the next one owes the rest of it the same grace.
    pub served_until: Timestamp,
    /// Set while the two disagree.
    pub pause: Option<Pause>,
}

/// Wall clock and running time disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Since when, by the wall clock then.
    pub at: Timestamp,
    /// By how much in all; below 0 where the wall clock went back.
    pub disagreement_ms: i64,
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock.
    pub wall: Timestamp,
    /// Milliseconds since any fixed moment of this process, by a clock that nobody sets.
    pub elapsed_ms: i64,
}

/// The clock of a running server.
#[derive(Debug, Clone)]
pub struct RunningClock {
    /// What had run before this process, but for its own start on `elapsed_ms`.
    ran_before_ms: i64,
    /// Where both clocks were last seen to agree, or were told to.
    anchor: Moment,
    /// When it was looked at last.
    seen: Moment,
    returned_at: Timestamp,
    last_alive_at: Timestamp,
    /// Whether everything that fell due before `returned_at` is done.
    is_caught_up: bool,
    pause: Option<Pause>,
}

impl RunningClock {
    /// A server starts. Time it was away for is no disagreement, unless it is negative or longer than anybody believes.
    #[must_use]
    pub fn start(stored: Option<StoredClock>, now: Moment) -> Self {
        let last_alive_at = stored.map_or(now.wall, |stored| stored.served_until);
        let mut clock = Self {
            ran_before_ms: stored.map_or(0, |stored| stored.running_ms) - now.elapsed_ms,
            anchor: now,
            seen: now,
            returned_at: now.wall,
            last_alive_at: last_alive_at.min(now.wall),
            is_caught_up: stored.is_none(),
            pause: stored.and_then(|stored| stored.pause),
        };
        let away_ms = stored.map_or(0, |stored| now.wall.since_ms(stored.wall));
        if !(-limits::CLOCK_TOLERANCE_MS..=limits::CLOCK_AWAY_MS).contains(&away_ms) {
            clock.disagree(now, away_ms);
        }
        clock
    }

    /// Looks at both clocks; to be called before anything is decided by them. True when they began to disagree, or do more.
    pub fn look(&mut self, now: Moment) -> bool {
        let ran_ms = now.elapsed_ms - self.anchor.elapsed_ms;
        let disagreement_ms = now.wall.since_ms(self.anchor.wall) - ran_ms;
        let before = std::mem::replace(&mut self.seen, now);
        if disagreement_ms.abs() <= limits::CLOCK_TOLERANCE_MS {
            // Small corrections that add up over weeks are no jump.
            if ran_ms >= limits::CLOCK_ANCHOR_MS {
                self.anchor = now;
            }
            return false;
        }
        if disagreement_ms > 0 {
            // Nobody was served in the time that was skipped: it counts as one in which the server was away.
            if self.is_caught_up {
                self.last_alive_at = before.wall;
            }
            (self.returned_at, self.is_caught_up) = (now.wall, false);
        } else {
            // A time that is ahead again is none at which anybody returned.
            self.returned_at = self.returned_at.min(now.wall);
            self.last_alive_at = self.last_alive_at.min(now.wall);
        }
        self.anchor = now;
        self.disagree(now, disagreement_ms);
        true
    }

    fn disagree(&mut self, now: Moment, by_ms: i64) {
        let pause = self.pause.get_or_insert(Pause { at: now.wall, disagreement_ms: 0 });
        pause.disagreement_ms = pause.disagreement_ms.saturating_add(by_ms);
    }

    /// Since when it is there again, as long as something that fell due before that may not be done.
    #[must_use]
    pub fn behind(&self) -> Option<Timestamp> {
        (!self.is_caught_up).then_some(self.returned_at)
    }

    /// Everything that fell due before it returned is done.
    pub fn caught_up(&mut self, returned_at: Timestamp) {
        // It may have jumped meanwhile.
        self.is_caught_up |= self.returned_at == returned_at;
    }

    /// Somebody says that the wall clock is right.
    pub fn go_on(&mut self) {
        self.pause = None;
    }

    /// As it is.
    #[must_use]
    pub fn reading(&self) -> Clock {
        let (returned_at, last_alive_at) = (self.returned_at, self.last_alive_at);
        let is_paused = self.pause.is_some();
        Clock {
            returned_at,
            last_alive_at,
            running_ms: self.running_ms(),
            read_at: self.seen.wall,
            is_paused,
        }
    }

    /// What is to be written down.
    #[must_use]
    pub fn stored(&self) -> StoredClock {
        let served_until = if self.is_caught_up { self.seen.wall } else { self.last_alive_at };
        StoredClock { running_ms: self.running_ms(), wall: self.seen.wall, served_until, pause: self.pause }
    }

    fn running_ms(&self) -> i64 {
        self.ran_before_ms + self.seen.elapsed_ms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEARS: i64 = 10 * 365 * DAY;
    const BEGIN: Moment = Moment { wall: Timestamp(1_767_225_600_000), elapsed_ms: 7 * DAY };

    fn later(from: Moment, wall_ms: i64, elapsed_ms: i64) -> Moment {
        Moment { wall: from.wall.plus_ms(wall_ms), elapsed_ms: from.elapsed_ms + elapsed_ms }
    }

    #[test]
    fn running_time_is_summed_over_restarts_and_time_away_is_none_of_it() {
        let mut clock = RunningClock::start(None, BEGIN);
        assert!(!clock.look(later(BEGIN, HOUR, HOUR)));
        let stored = clock.stored();
        assert_eq!((stored.running_ms, stored.pause), (HOUR, None));
        // A new process, whose own clock begins anywhere.
        let start = Moment { wall: stored.wall.plus_ms(3 * DAY), elapsed_ms: 12 };
        let mut clock = RunningClock::start(Some(stored), start);
        assert!(!clock.look(later(start, MINUTE, MINUTE)));
        let reading = clock.reading();
        assert_eq!((reading.running_ms, reading.is_paused), (HOUR + MINUTE, false));
        assert_eq!((reading.last_alive_at, reading.returned_at), (stored.wall, start.wall));
    }

    #[test]
    fn every_jump_pauses_and_moves_no_running_time() {
        for jump in [HOUR, DAY, YEARS, -HOUR, -DAY, -YEARS] {
            let mut clock = RunningClock::start(None, BEGIN);
            let before = later(BEGIN, MINUTE, MINUTE);
            assert!(!clock.look(before));
            let after = later(before, jump + 1_000, 1_000);
            assert!(clock.look(after), "{jump}");
            let stored = clock.stored();
            assert_eq!(stored.running_ms, MINUTE + 1_000);
            assert_eq!(stored.pause, Some(Pause { at: after.wall, disagreement_ms: jump }));
            let skipped = (clock.reading().last_alive_at, clock.reading().returned_at);
            let expected = if jump > 0 { (before.wall, after.wall) } else { (after.wall, after.wall) };
            assert_eq!(skipped, expected);

            // It lasts, over restarts too, until somebody says so.
            assert!(!clock.look(later(after, DAY, DAY)));
            let stored = clock.stored();
            let mut clock = RunningClock::start(Some(stored), Moment { wall: stored.wall, elapsed_ms: 0 });
            assert!(clock.reading().is_paused);
            clock.go_on();
            assert!(!clock.look(Moment { wall: stored.wall.plus_ms(HOUR), elapsed_ms: HOUR }));
            assert!(!clock.reading().is_paused);
        }
    }

    #[test]
    fn after_a_jump_there_and_back_nobody_returns_in_years() {
        let mut clock = RunningClock::start(None, BEGIN);
        assert!(clock.look(later(BEGIN, YEARS, 0)) && clock.look(later(BEGIN, 1_000, 1_000)));
        let now = BEGIN.wall.plus_ms(1_000);
        assert_eq!((clock.reading().last_alive_at, clock.reading().returned_at), (BEGIN.wall, now));
        assert_eq!(clock.stored().pause.map(|pause| pause.disagreement_ms), Some(0));
    }

    #[test]
    fn who_goes_again_before_everything_is_done_owes_the_rest_of_it_the_same_grace() {
        let mut clock = RunningClock::start(None, BEGIN);
        assert!(!clock.look(later(BEGIN, HOUR, HOUR)));
        let left = clock.stored();
        assert_eq!((left.served_until, clock.behind()), (left.wall, None));
        // There for a minute, and away again.
        let back = Moment { wall: left.wall.plus_ms(HOUR), elapsed_ms: 0 };
        let mut clock = RunningClock::start(Some(left), back);
        assert!(!clock.look(later(back, MINUTE, MINUTE)));
        let stored = clock.stored();
        assert_eq!((stored.wall, stored.served_until), (back.wall.plus_ms(MINUTE), left.wall));
        let again = Moment { wall: stored.wall.plus_ms(HOUR), elapsed_ms: 0 };
        let mut clock = RunningClock::start(Some(stored), again);
        assert_eq!((clock.reading().last_alive_at, clock.reading().returned_at), (left.wall, again.wall));
        // A jump before the end of it: what was looked at before is not all there is.
        assert_eq!(clock.behind(), Some(again.wall));
        assert!(clock.look(later(again, HOUR, 0)));
        clock.caught_up(again.wall);
        assert_eq!(clock.stored().served_until, left.wall);
        clock.caught_up(again.wall.plus_ms(HOUR));
        assert_eq!((clock.behind(), clock.stored().served_until), (None, clock.stored().wall));
    }

    #[test]
    fn a_start_before_the_last_end_or_years_after_it_pauses() {
        let stored = StoredClock { running_ms: DAY, wall: BEGIN.wall, served_until: BEGIN.wall, pause: None };
        let start = |away| RunningClock::start(Some(stored), later(BEGIN, away, 0)).stored().pause;
        for away in [-HOUR, -YEARS, YEARS, limits::CLOCK_AWAY_MS + 1] {
            let found = start(away);
            assert_eq!(found.map(|pause| pause.disagreement_ms), Some(away));
        }
        for away in [0, -MINUTE, DAY, limits::CLOCK_AWAY_MS] {
            assert_eq!(start(away), None, "{away}");
        }
    }

    #[test]
    fn small_corrections_are_no_jump_however_many() {
        let mut clock = RunningClock::start(None, BEGIN);
        let mut now = BEGIN;
        // Four minutes a day, a second or two at a time.
        for _ in 0..100 {
            for _ in 0..24 {
                now = later(now, HOUR + 10_000, HOUR);
                assert!(!clock.look(now));
            }
        }
        assert_eq!(clock.reading().running_ms, 100 * DAY);
    }

    proptest! {
        #[test]
        fn running_time_is_what_elapsed_whatever_the_wall_clock_does(
            steps in prop::collection::vec((0..DAY, -YEARS..YEARS, any::<bool>()), 1..40)
        ) {
            let (mut now, mut ran) = (BEGIN, 0);
            let mut clock = RunningClock::start(None, now);
            for (elapsed, jump, restarts) in steps {
                now = later(now, elapsed + jump, elapsed);
                ran += elapsed;
                clock.look(now);
                let was_paused = clock.reading().is_paused;
                prop_assert_eq!(clock.reading().running_ms, ran);
                prop_assert!(was_paused || jump.abs() <= 2 * limits::CLOCK_TOLERANCE_MS);
                prop_assert!(clock.reading().last_alive_at <= clock.reading().returned_at);
                if restarts {
                    now = Moment { wall: now.wall, elapsed_ms: 0 };
                    clock = RunningClock::start(Some(clock.stored()), now);
                    prop_assert_eq!(clock.reading().is_paused, was_paused);
                }
            }
        }
    }
}
