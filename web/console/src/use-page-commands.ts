import { useInboxView, type PageCommand } from '@parlor/react';
import { useMemo } from 'react';
import { openSettings } from './place.ts';
import { languageNames, languages } from './text/language.ts';
import { useLanguage, useWords } from './text/words.tsx';
import { useTheme } from './theme.ts';

/** What the console adds to the palette. */
export function usePageCommands(onSignOut: () => void): readonly PageCommand[] {
  const words = useWords();
  const { words: spoken, setLanguage } = useLanguage();
  const [theme, setTheme] = useTheme();
  const isSelected = useInboxView().selectedConversationId !== undefined;
  return useMemo(() => {
    const themes = { system: words.themeSystem, light: words.themeLight, dark: words.themeDark } as const;
    const others = (Object.keys(themes) as (keyof typeof themes)[]).filter((each) => each !== theme);
    const link: PageCommand[] = isSelected
      ? [{ id: 'copy-link', label: words.copyLink, run: () => void navigator.clipboard?.writeText(window.location.href).catch(() => undefined) }]
      : [];
    return [
      ...link,
      ...others.map((each) => ({ id: `theme-${each}`, label: words.themeNamed(themes[each]), run: () => setTheme(each) })),
      ...languages
        .filter((each) => each !== spoken.language)
        .map((each) => ({ id: `language-${each}`, label: words.languageNamed(languageNames[each]), keywords: each, run: () => setLanguage(each) })),
      { id: 'lifecycle', label: `${words.settings}: ${words.lifecycle}`, run: () => openSettings('lifecycle') },
      { id: 'answers', label: `${words.settings}: ${words.answers}`, run: () => openSettings('answers') },
      { id: 'sign-out', label: words.signOut, run: onSignOut },
    ];
  }, [words, spoken, setLanguage, theme, setTheme, isSelected, onSignOut]);
}
