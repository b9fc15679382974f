import { useInboxView, type PageCommand } from '@parlor/react';
import { useMemo } from 'react';
import { permission } from './attention/notifications.ts';
import { switchNotifications, switchSound } from './attention/switch.ts';
import { openSettings } from './place.ts';
import { useSettings } from './settings.ts';
import { languageNames, languages } from './text/language.ts';
import { useLanguage, useWords } from './text/words.tsx';
import { useTheme } from './theme.ts';

/** What the console adds to the palette. */
export function usePageCommands(onSignOut: () => void): readonly PageCommand[] {
  const words = useWords();
  const { words: spoken, setLanguage } = useLanguage();
  const [theme, setTheme] = useTheme();
  const { notifications, sound } = useSettings();
  const isSelected = useInboxView().selectedConversationId !== undefined;
  return useMemo(() => {
    const themes = { system: words.themeSystem, light: words.themeLight, dark: words.themeDark } as const;
    const others = (Object.keys(themes) as (keyof typeof themes)[]).filter((each) => each !== theme);
    const link: PageCommand[] = isSelected
      ? [{ id: 'copy-link', label: words.copyLink, run: () => void navigator.clipboard?.writeText(window.location.href).catch(() => undefined) }]
      : [];
    const allowed = permission();
    const isNotified = notifications && allowed === 'granted';
    const turn = (id: string, isOn: boolean, what: string, run: (isOn: boolean) => void): PageCommand => ({
      id, label: isOn ? words.switchOff(what) : words.switchOn(what), run: () => run(!isOn),
    });
    return [
      ...link,
      ...(allowed === 'granted' || allowed === 'default' ? [turn('notifications', isNotified, words.notifications, (isOn) => void switchNotifications(isOn))] : []),
      turn('sound', sound, words.sound, switchSound),
      ...others.map((each) => ({ id: `theme-${each}`, label: words.themeNamed(themes[each]), run: () => setTheme(each) })),
      ...languages
        .filter((each) => each !== spoken.language)
        .map((each) => ({ id: `language-${each}`, label: words.languageNamed(languageNames[each]), keywords: each, run: () => setLanguage(each) })),
      { id: 'lifecycle', label: `${words.settings}: ${words.lifecycle}`, run: () => openSettings('lifecycle') },
      { id: 'answers', label: `${words.settings}: ${words.answers}`, run: () => openSettings('answers') },
      { id: 'sign-out', label: words.signOut, run: onSignOut },
    ];
  }, [words, spoken, setLanguage, theme, setTheme, isSelected, notifications, sound, onSignOut]);
}
