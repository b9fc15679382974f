import { clockTickMs } from './limits.ts';

/** The one timer behind all relative times of a provider; it runs only while something shows one. */
export interface Clock {
  get(): number;
  subscribe(listener: () => void): () => void;
}

export function createClock(now: () => number = Date.now): Clock {
  const listeners = new Set<() => void>();
  let at = now();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    get: () => at,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        at = now();
        for (const each of listeners) each();
      }, clockTickMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
