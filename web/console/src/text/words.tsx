import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { applyLanguage, loadWords, type Language, type Words } from './language.ts';
import type { ConsoleMessages } from './messages.ts';

interface Spoken {
  words: Words;
  /** What was chosen; `words` follow when they are loaded. */
  language: Language;
  setLanguage(language: Language): void;
}

const Context = createContext<Spoken | undefined>(undefined);

function useSpoken(): Spoken {
  const spoken = useContext(Context);
  if (spoken === undefined) throw new Error('Put <WordsProvider> around the console.');
  return spoken;
}

/** `first` is begun outside of rendering, beside the sign-in: until both are there the page is empty, and in no wrong language. */
export function WordsProvider({ first, children }: { first: Promise<Words>; children: ReactNode }) {
  const [words, setWords] = useState<Words>();
  const [asked, setAsked] = useState<Language>();

  useEffect(() => {
    let isCurrent = true;
    void first.then((loaded) => {
      if (!isCurrent) return;
      // It may not be the one asked for, if that could not be loaded.
      applyLanguage(loaded.language, false);
      setWords(loaded);
    });
    return () => {
      isCurrent = false;
    };
  }, [first]);

  const setLanguage = useCallback((language: Language) => {
    setAsked(language);
    void loadWords(language).then((loaded) => {
      applyLanguage(loaded.language, loaded.language === language);
      setWords(loaded);
      setAsked(undefined);
    });
  }, []);

  const spoken = useMemo(() => words && { words, language: asked ?? words.language, setLanguage }, [words, asked, setLanguage]);
  if (spoken === undefined) return <div className="pl-root door" aria-busy="true" />;
  return <Context value={spoken}>{children}</Context>;
}

/** The console's own words. */
export function useWords(): ConsoleMessages {
  return useSpoken().words.own;
}

export function useLanguage(): Spoken {
  return useSpoken();
}
