import type { Readable } from '@parlor/client';

/** A value that is set here and followed anywhere below the provider. */
export interface Cell<T> extends Readable<T> {
  set(next: T): void;
}

export function createCell<T>(first: T): Cell<T> {
  const listeners = new Set<() => void>();
  let value = first;
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
