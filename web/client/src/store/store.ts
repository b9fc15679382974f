/**
 * A value that changes. `get` returns the published snapshot: the same object until something in it changed.
 * `subscribe` calls `listener` after a change was published and returns how to stop. Both are safe to pass around
 * unbound and keep their identity, so they fit `useSyncExternalStore(r.subscribe, r.get, r.get)`.
 */
export interface Readable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}

/** Values of one kind by key. */
export interface Family<T> {
  /** The working value: what the next flush publishes. */
  get(key: string): T;
  /** `undefined` forgets it: the key has the family's default again. */
  set(key: string, value: T | undefined): void;
  readable(key: string): Readable<T>;
  /** Keys with a working value of their own, oldest first. */
  keys(): IterableIterator<string>;
  readonly size: number;
  isWatched(key: string): boolean;
  /** Keys with a subscriber, the earliest first. */
  watched(): IterableIterator<string>;
}

export interface FamilyOptions<T> {
  /** What a key has that nobody has set. */
  initial: T;
  /** The first subscriber of a key came, or its last one left. */
  onWatched?: (key: string, isWatched: boolean) => void;
}

export interface Store {
  family<T>(options: FamilyOptions<T>): Family<T>;
  /** Publishes every change made since the last flush, then tells each listener once. */
  flush(): void;
}

/**
 * Keyed values that change together and are published together: writers change working values as fast as events
 * come, readers see one consistent snapshot a flush. `schedule` is asked once per burst.
 */
export function createStore(schedule: (flush: () => void) => void): Store {
  const publishers: ((told: Set<() => void>) => void)[] = [];
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    const told = new Set<() => void>();
    for (const publish of publishers) publish(told);
    for (const listener of told) {
      try {
        listener();
      } catch (error) {
        // One broken listener must not keep the news from the others; the error still surfaces.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  function family<T>({ initial, onWatched }: FamilyOptions<T>): Family<T> {
    const working = new Map<string, T>();
    const published = new Map<string, T>();
    const readables = new Map<string, Readable<T>>();
    const listeners = new Map<string, Set<() => void>>();
    const dirty = new Set<string>();

    publishers.push((told) => {
      for (const key of dirty) {
        const value = working.get(key);
        if (Object.is(value, published.get(key))) continue;
        if (value === undefined) published.delete(key);
        else published.set(key, value);
        for (const listener of listeners.get(key) ?? []) told.add(listener);
      }
      dirty.clear();
    });

    function subscribe(key: string, listener: () => void): () => void {
      // Two places may pass the same function; each has its own subscription.
      const own = () => listener();
      const known = listeners.get(key) ?? new Set();
      listeners.set(key, known.add(own));
      if (known.size === 1) onWatched?.(key, true);
      return () => {
        if (!known.delete(own) || known.size > 0) return;
        listeners.delete(key);
        readables.delete(key);
        onWatched?.(key, false);
      };
    }

    return {
      get: (key) => working.get(key) ?? initial,
      set(key, value) {
        if (value === undefined) working.delete(key);
        else working.set(key, value);
        dirty.add(key);
        if (isScheduled) return;
        isScheduled = true;
        schedule(flush);
      },
      readable(key) {
        let known = readables.get(key);
        if (!known) {
          known = { get: () => published.get(key) ?? initial, subscribe: (listener) => subscribe(key, listener) };
          readables.set(key, known);
        }
        return known;
      },
      keys: () => working.keys(),
      get size() {
        return working.size;
      },
      isWatched: (key) => listeners.has(key),
      watched: () => listeners.keys(),
    };
  }

  return { family, flush };
}
