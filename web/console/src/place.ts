import { useSyncExternalStore } from 'react';

/** What the console shows: the inbox, or a page of its settings. */
export type Place = 'inbox' | 'lifecycle';

const lifecycleAddress = '/?settings=lifecycle';
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

export function placeOf(search: string): Place {
  return new URLSearchParams(search).get('settings') === 'lifecycle' ? 'lifecycle' : 'inbox';
}

/** A step that the browser's back button takes back. */
export function openLifecycle(): void {
  const { pathname, search } = window.location;
  if (placeOf(search) === 'lifecycle') return;
  window.history.pushState({ from: pathname + search }, '', lifecycleAddress);
  tell();
}

/** Where one came from, or the inbox. */
export function leaveLifecycle(): void {
  const state: unknown = window.history.state;
  if (typeof state === 'object' && state !== null && 'from' in state) return window.history.back();
  window.history.pushState(null, '', '/');
  tell();
}

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      window.addEventListener('popstate', listener);
      return () => {
        listeners.delete(listener);
        window.removeEventListener('popstate', listener);
      };
    },
    () => placeOf(window.location.search),
  );
}
