import { FLUSH_LATEST_MS } from '../limits.js';

import { createIndexedStorage } from '../outbox/indexed.js';
import type { ChatLocks } from '../outbox/locks.js';
import { createMemoryStorage } from '../outbox/memory.js';
import type { ChatChannel } from '../outbox/shelf.js';
import type { ChatStorage } from '../outbox/storage.js';

// What the platform gives where the options give nothing. Everything here is looked up when called, so that importing
// this package on a server does nothing.

/** The next animation frame; a page in the background gets none, so a timer stands behind it. */
export function nextFrame(flush: () => void): void {
  let isDue = true;
  const once = () => {
    if (isDue) flush();
    isDue = false;
  };
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(once);
  setTimeout(once, typeof requestAnimationFrame === 'function' ? FLUSH_LATEST_MS : 0);
}

export function secureRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}

/** Back online, back from the page cache, back in front. */
export function onPageWake(wake: () => void): () => void {
  if (typeof addEventListener !== 'function') return () => {};
  const seen = () => {
    if (document.visibilityState === 'visible') wake();
  };
  addEventListener('online', wake);
  addEventListener('pageshow', wake);
  document.addEventListener('resume', wake);
  document.addEventListener('visibilitychange', seen);
  return () => {
    removeEventListener('online', wake);
    removeEventListener('pageshow', wake);
    document.removeEventListener('resume', wake);
    document.removeEventListener('visibilitychange', seen);
  };
}

/** The page goes, or goes behind: it may never run again. */
export function onPageHide(hide: () => void): () => void {
  if (typeof addEventListener !== 'function') return () => {};
  addEventListener('pagehide', hide);
  document.addEventListener('visibilitychange', hide);
  return () => {
    removeEventListener('pagehide', hide);
    document.removeEventListener('visibilitychange', hide);
  };
}

export interface PageStorage {
  storage: ChatStorage;
  broadcast?: (name: string) => ChatChannel;
}

/** A database and a channel that the tabs of this page's origin share; elsewhere a memory of our own. */
export function pageStorage(): PageStorage {
  // Asked by name: where storage is forbidden, touching it throws.
  if (!('indexedDB' in globalThis)) return { storage: createMemoryStorage({ isPrivate: true }) };
  return {
    storage: createIndexedStorage(),
    broadcast: 'BroadcastChannel' in globalThis ? (name) => new BroadcastChannel(name) : undefined,
  };
}

export function pageLocks(): ChatLocks | undefined {
  return 'navigator' in globalThis ? navigator.locks : undefined;
}

export function pageOrigin(): string {
  return typeof location === 'undefined' ? '' : location.origin;
}
