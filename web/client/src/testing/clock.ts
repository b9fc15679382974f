import type { Clock } from '../transport/clock.js';

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
  /** Lets everything that is due now, and everything it causes at once, happen. */
  settle(): Promise<void>;
  /** Goes on by `ms`, running what falls due in between, each at its own time. */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
}

/** Enough turns for any chain of promises in this package to come to rest. */
const TURNS = 60;

export function createTestClock(startMs = Date.UTC(2026, 0, 1)): TestClock {
  let now = startMs;
  let lastTimer = 0;
  const timers = new Map<number, { at: number; run: () => void }>();

  async function rest(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await undefined;
  }

  function nextDue(until: number): number | undefined {
    let found: number | undefined;
    for (const [timer, { at }] of timers) {
      if (at <= until && (found === undefined || at < (timers.get(found)?.at ?? at))) found = timer;
    }
    return found;
  }

  async function advance(ms: number): Promise<void> {
    const until = now + ms;
    await rest();
    for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
      const due = timers.get(timer);
      timers.delete(timer);
      now = Math.max(now, due?.at ?? now);
      due?.run();
      await rest();
    }
    now = until;
  }

  return {
    now: () => now,
    after(ms, run) {
      const timer = ++lastTimer;
      timers.set(timer, { at: now + ms, run });
      return () => void timers.delete(timer);
    },
    settle: () => advance(0),
    advance,
    get waiting() {
      return timers.size;
    },
  };
}

/** Numbers that look random and are the same every time (mulberry32). */
export function createTestRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
