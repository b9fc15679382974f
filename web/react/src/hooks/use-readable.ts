import type { Readable } from '@parlor/client';
import { useSyncExternalStore } from 'react';

/** The published value of a client's readable, kept current. */
export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.get, readable.get);
}

/** One thing that a published value says, a text or what stays the same object with it: renders for nothing else. */
export function useOf<T, V>({ get, subscribe }: Readable<T>, of: (value: T) => V): V {
  const value = () => of(get());
  return useSyncExternalStore(subscribe, value, value);
}

/** The same readable, watched a moment later: what a page is about is asked for before what decorates it. */
export function afterOthers<T>({ get, subscribe }: Readable<T>): Readable<T> {
  return {
    get,
    subscribe(listener) {
      let stop: (() => void) | undefined;
      let isWanted = true;
      queueMicrotask(() => {
        if (isWanted) stop = subscribe(listener);
      });
      return () => {
        isWanted = false;
        stop?.();
      };
    },
  };
}

export const nothing = { get: () => undefined, subscribe: () => () => undefined } satisfies Readable<undefined>;

/** The same for something that may not be chosen yet. */
export function useOptionalReadable<T>(readable: Readable<T> | undefined): T | undefined {
  return useReadable<T | undefined>(readable ?? nothing);
}
