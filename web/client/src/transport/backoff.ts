import { BACKOFF_FIRST_MS, BACKOFF_LAST_MS } from '../limits.js';

/** Waiting times between attempts: full jitter, so that many clients cut at once do not return at once. */
export interface Backoff {
  /** How long to wait before the next attempt, in milliseconds. */
  next(): number;
  /** The last attempt worked. */
  reset(): void;
  /** Attempts since the last reset. */
  readonly attempt: number;
}

/** `random` is evenly spread in [0, 1). */
export function createBackoff(random: () => number): Backoff {
  let attempt = 0;
  return {
    next: () => random() * Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** attempt++),
    reset: () => void (attempt = 0),
    get attempt() {
      return attempt;
    },
  };
}
