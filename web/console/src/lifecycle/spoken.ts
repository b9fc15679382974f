import { useParlor } from '@parlor/react';
import { useMemo } from 'react';
import { englishLifecycle, type LifecycleWords } from '../text/lifecycle-words.ts';
import { useLanguage } from '../text/words.tsx';
import { split } from './draft.ts';

/** Durations and numbers in the reader's language. */
export interface Spoken {
  words: LifecycleWords;
  duration(value: number | 'off'): string;
  number(value: number): string;
  date(at: Date): string;
}

export function useSpoken(): Spoken {
  const { format } = useParlor();
  const words = useLanguage().words.lifecycle ?? englishLifecycle;
  return useMemo(() => {
    const named = new Intl.NumberFormat(format.locale);
    const dated = new Intl.DateTimeFormat(format.locale, { dateStyle: 'medium', timeStyle: 'short' });
    return {
      words,
      duration(value) {
        if (value === 'off') return words.off;
        const { amount, unit } = split(value);
        return new Intl.NumberFormat(format.locale, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(amount);
      },
      number: (value) => named.format(value),
      date: (at) => dated.format(at),
    };
  }, [format, words]);
}
