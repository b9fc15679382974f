import type { Clock } from '../transport/clock.js';
import { createBackoff } from '../transport/backoff.js';

/** One thing that is tried again, later and later, until it works. */
export interface Retry {
  /** Run again after a jittered wait, at least `atLeastMs`. */
  later(atLeastMs?: number): void;
  /** Run at once if a run is being waited for: something suggests that it works now. */
  now(): void;
  /** It worked, or it is not wanted any more: nothing is waited for, and the next wait is the first again. */
  reset(): void;
}

export function createRetry(clock: Clock, random: () => number, run: () => void): Retry {
  const backoff = createBackoff(random);
  let cancel: (() => void) | undefined;

  function clear(): boolean {
    const wasWaiting = cancel !== undefined;
    cancel?.();
    cancel = undefined;
    return wasWaiting;
  }
  function go(): void {
    cancel = undefined;
    run();
  }
  return {
    later(atLeastMs = 0) {
      clear();
      cancel = clock.after(Math.max(backoff.next(), atLeastMs), go);
    },
    now() {
      if (clear()) run();
    },
    reset() {
      clear();
      backoff.reset();
    },
  };
}
