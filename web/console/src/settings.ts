import type { Preferences } from '@parlor/react';
import { useSyncExternalStore } from 'react';

/** What somebody chose on this browser. Says nothing of conversations, so it outlasts signing out, as the theme does. */
export interface Settings extends Preferences {
  notifications: boolean;
  sound: boolean;
  /** 0 to 1. */
  volume: number;
}

const defaults: Settings = { shortcuts: true, plainList: false, notifications: false, sound: false, volume: 0.6 };
const key = 'parlor.settings';

function valid(stored: unknown): Settings {
  const given = typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>) : {};
  const flag = (name: keyof Settings) => (typeof given[name] === 'boolean' ? given[name] : defaults[name]) as boolean;
  const { volume } = given;
  return {
    shortcuts: flag('shortcuts'),
    plainList: flag('plainList'),
    notifications: flag('notifications'),
    sound: flag('sound'),
    volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : defaults.volume,
  };
}

function load(): Settings {
  try {
    return valid(JSON.parse(localStorage.getItem(key) ?? 'null'));
  } catch {
    return defaults;
  }
}

const listeners = new Set<() => void>();
let current: Settings | undefined;

export const settings = {
  get: (): Settings => (current ??= load()),
  set(change: Partial<Settings>): void {
    current = { ...settings.get(), ...change };
    try {
      localStorage.setItem(key, JSON.stringify(current));
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
    for (const listener of listeners) listener();
  },
  /** Another tab has changed them, or a test. */
  reload(): void {
    current = undefined;
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

// Two tabs of one person agree on whether there is a sound.
globalThis.addEventListener?.('storage', (event) => {
  if (event.key === key) settings.reload();
});

export function useSettings(): Settings {
  return useSyncExternalStore(settings.subscribe, settings.get, settings.get);
}
