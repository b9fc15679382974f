import { FLUSH_LATEST_MS } from '../limits.js';

import { createIndexedStorage } from '../outbox/indexed.js';
import type { ChatLocks } from '../outbox/locks.js';
import { createMemoryStorage } from '../outbox/memory.js';
import type { ChatChannel } from '../outbox/shelf.js';
import type { ChatStorage } from '../outbox/storage.js';
import type { SocketFactory } from '../transport/socket.js';

// What the platform gives where the options give nothing. Everything here is looked up when called, so that importing
// this package on a server does nothing.

/** The next animation frame; a page in the background gets none, so a timer stands behind it. */
export function nextFrame(flush: () => void): void {
  let isDue = true;
  const once = () => {
    if (isDue) flush();
    isDue = false;
  };
  const hasFrames = typeof requestAnimationFrame === 'function';
  if (hasFrames) requestAnimationFrame(once);
  setTimeout(once, hasFrames ? FLUSH_LATEST_MS : 0);
}

export function secureRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}

/** Calls `run` on events of the window and of the document, where there are any; the answer stops that. */
function listen(run: (event: Event) => void, ofWindow: readonly string[]): () => void {
  // Workers have events, and no page.
  if (typeof document === 'undefined') return () => {};
  const places = [...ofWindow.map((name) => [window, name] as const), [document, 'resume'] as const, [document, 'visibilitychange'] as const];
  for (const [place, name] of places) place.addEventListener(name, run);
  return () => {
    for (const [place, name] of places) place.removeEventListener(name, run);
  };
}

/** Back online, back from the page cache, back in front. */
export function onPageWake(wake: () => void): () => void {
  return listen(({ type }) => {
    if (type !== 'visibilitychange' || document.visibilityState === 'visible') wake();
  }, ['online', 'pageshow']);
}

/** The page goes, or goes behind: it may never run again. */
export const onPageHide = (hide: () => void): (() => void) => listen(hide, ['pagehide']);

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

/** Node before 22 has none, and renders pages all the same. Calling what is not there fails like a socket that is forbidden: it polls. */
export function pageSocket(): SocketFactory {
  return globalThis.WebSocket;
}

export function pageLocks(): ChatLocks | undefined {
  return 'navigator' in globalThis ? navigator.locks : undefined;
}

export function pageOrigin(): string {
  return typeof location === 'undefined' ? '' : location.origin;
}
