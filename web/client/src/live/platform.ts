import { FLUSH_LATEST_MS } from '../limits.js';

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
  document.addEventListener('visibilitychange', seen);
  return () => {
    removeEventListener('online', wake);
    removeEventListener('pageshow', wake);
    document.removeEventListener('visibilitychange', seen);
  };
}

export function pageOrigin(): string {
  return typeof location === 'undefined' ? '' : location.origin;
}
