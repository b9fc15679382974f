import { useSyncExternalStore } from 'react';

const settingsPlaces = ['lifecycle', 'answers'] as const;
export type SettingsPlace = (typeof settingsPlaces)[number];

/** What the console shows: the inbox, or a page of its settings. */
export type Place = 'inbox' | SettingsPlace;

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

export function placeOf(search: string): Place {
  const asked = new URLSearchParams(search).get('settings');
  return settingsPlaces.find((each) => each === asked) ?? 'inbox';
}

/** A step that the browser's back button takes back. */
export function openSettings(place: SettingsPlace): void {
  const { pathname, search } = window.location;
  if (placeOf(search) === place) return;
  window.history.pushState({ from: pathname + search }, '', `/?settings=${place}`);
  tell();
}

/** Where one came from, or the inbox. */
export function leaveSettings(): void {
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
