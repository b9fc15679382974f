import { BACKOFF_FIRST_MS, BACKOFF_LAST_MS, RETRY_AFTER_MOST_MS } from '../limits.js';
import type { Clock } from './clock.js';

/** One thing that is tried again, later and later, until it works. */
export interface Retry {
  /** Runs again after a wait: full jitter, so that many clients cut at once do not return at once. */
  later(atLeastMs?: number): void;
  /** Runs again after exactly so long. */
  after(ms: number): void;
  /** Runs at once if a run is being waited for: something suggests that it works now. */
  now(): void;
  /** It worked: the next wait is the first again. */
  worked(): void;
  /** It is not wanted any more. */
  stop(): void;
  /** Waits since it last worked. */
  readonly attempt: number;
}

/** `random` is evenly spread in [0, 1). */
export function createRetry(clock: Clock, random: () => number, run: () => void): Retry {
  let attempt = 0;
  let cancel: (() => void) | undefined;

  function after(ms: number): void {
    cancel?.();
    cancel = clock.after(ms, () => {
      cancel = undefined;
      run();
    });
  }
  function stop(): boolean {
    const wasWaiting = cancel !== undefined;
    cancel?.();
    cancel = undefined;
    return wasWaiting;
  }
  return {
    after,
    later(atLeastMs = 0) {
      const ceiling = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** attempt++);
      after(Math.max(random() * ceiling, Math.min(atLeastMs, RETRY_AFTER_MOST_MS)));
    },
    now() {
      if (stop()) run();
    },
    worked: () => void (attempt = 0),
    stop() {
      stop();
      attempt = 0;
    },
    get attempt() {
      return attempt;
    },
  };
}
