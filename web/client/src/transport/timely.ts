import type { Clock } from './clock.js';

/** Settles as `work` does, or rejects, once `late` was called, when that takes longer than `ms`. */
export function timely<T>(clock: Clock, work: Promise<T>, ms: number, late?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      late?.();
      reject(new Error('No answer.'));
    });
    work.then(resolve, reject).finally(cancel);
  });
}
