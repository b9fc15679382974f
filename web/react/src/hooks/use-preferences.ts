import { useCallback } from 'react';
import type { Preferences } from '../preferences.ts';
import { useParlor } from '../provider.tsx';
import { useReadable } from './use-readable.ts';

export function usePreferences(): readonly [Preferences, (change: Partial<Preferences>) => void] {
  const { preferences } = useParlor();
  const change = useCallback((next: Partial<Preferences>) => preferences.set({ ...preferences.get(), ...next }), [preferences]);
  return [useReadable(preferences), change];
}
