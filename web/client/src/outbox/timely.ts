import { STORAGE_TIMEOUT_MS } from '../limits.js';
import type { Clock } from '../transport/clock.js';

/** Settles as `work` of the storage does, or rejects, once `late` was called, when that takes too long. */
export function timely<T>(clock: Clock, work: Promise<T>, late?: () => void, ms = STORAGE_TIMEOUT_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      late?.();
      reject(new Error('The storage does not answer.'));
    });
    work.then(resolve, reject).finally(cancel);
  });
}
