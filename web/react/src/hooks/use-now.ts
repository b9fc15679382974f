import { useMemo } from 'react';
import { useParlor } from '../provider.tsx';
import { useReadable } from './use-readable.ts';

/** The time, moving every half minute: all relative times on the page share one timer. */
export function useNow(): Date {
  const at = useReadable(useParlor().clock);
  return useMemo(() => new Date(at), [at]);
}
