import { LEASE_MS, LEASE_POLL_MS, STORAGE_TIMEOUT_MS } from '../limits.js';
import type { Clock } from '../transport/clock.js';
import { timely } from '../transport/timely.js';
import type { ChatStorage } from './storage.js';

/** One holder of a name at a time, across tabs: the part of `navigator.locks` that is used here. */
export interface ChatLocks {
  /** Runs `work` when it is our turn, and rejects as it does; rejects when `signal` ends the wait. */
  request(name: string, options: { signal: AbortSignal }, work: () => Promise<void>): Promise<unknown>;
}

interface Lease {
  holder: string;
  until: number;
}

/**
 * Locks for browsers without them (a page without https): a row that expires unless its holder, who may have crashed,
 * renews it. Order and once do not rest on it, only that two tabs seldom send the same thing.
 */
export function createLeases(storage: ChatStorage, clock: Clock, holder: string): ChatLocks {
  const update: typeof storage.update = (...change) => timely(clock, storage.update(...change), STORAGE_TIMEOUT_MS);

  const take = (name: string) => update('', name, (value) => {
    const lease = value as Lease | undefined;
    const until = clock.now() + LEASE_MS;
    // One that outlives ours is from before the clock was put back.
    const isFree = !lease || lease.holder === holder || lease.until <= clock.now() || lease.until > until;
    return isFree ? { holder, until } : lease;
  }) as Promise<Lease>;

  async function acquire(name: string, signal: AbortSignal): Promise<void> {
    while ((await take(name)).holder !== holder) {
      await new Promise<void>((resolve) => clock.after(LEASE_POLL_MS, resolve));
      signal.throwIfAborted();
    }
  }

  return {
    async request(name, { signal }, work) {
      signal.throwIfAborted();
      // A storage that cannot lend cannot be shared either: whoever is alone needs no lock.
      const isHeld = await acquire(name, signal).then(() => true, (error: unknown) => {
        if (signal.aborted) throw error;
        return false;
      });
      let isOver = !isHeld;
      let cancel = () => {};
      const renew = () => {
        if (!isOver) cancel = clock.after(LEASE_MS / 3, () => void take(name).then(renew, renew));
      };
      renew();
      try {
        await work();
      } finally {
        isOver = true;
        cancel();
        if (isHeld) await release(name);
      }
    },
  };

  function release(name: string): Promise<unknown> {
    // What cannot be given back expires.
    return update('', name, (value) => ((value as Lease | undefined)?.holder === holder ? undefined : value)).catch(() => {});
  }
}
