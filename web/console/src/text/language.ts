import type { CommandMessages, Messages } from '@parlor/react';
import type { AgentMessages } from '@parlor/react/agents';
import type { AnswersWords } from './answers-words.ts';
import type { LifecycleWords } from './lifecycle-words.ts';
import { english, type ConsoleMessages } from './messages.ts';

export type Language = 'en' | 'ar';

/** Each under its own name, which is what its readers look for. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', ar: 'العربية' };
export const languages = Object.keys(languageNames) as readonly Language[];

/** A language with its words, as far as they differ from what is built in. */
export interface Words {
  language: Language;
  /** For dates and numbers: for English as the browser's owner writes them. */
  locale: string;
  components: (Messages & AgentMessages & CommandMessages) | undefined;
  own: ConsoleMessages;
  /** Of the pages that are loaded later. */
  lifecycle: LifecycleWords | undefined;
  answers: AnswersWords | undefined;
}

const key = 'parlor.language';

/** What `public/language.js` found before the first paint. */
export function firstLanguage(): Language {
  return document.documentElement.lang === 'ar' ? 'ar' : 'en';
}

function englishWords(): Words {
  const locale = navigator.languages.find((tag) => /^en\b/i.test(tag)) ?? 'en';
  return { language: 'en', locale, components: undefined, own: english, lifecycle: undefined, answers: undefined };
}

/** English is here already; another language is a file of its own. Without it the page is English and works. */
export async function loadWords(language: Language): Promise<Words> {
  if (language === 'en') return englishWords();
  try {
    const { arabic } = await import('./ar.ts');
    return { language, locale: 'ar', ...arabic };
  } catch {
    return englishWords();
  }
}

/** The page's own language and direction, and the same at the next visit. */
export function applyLanguage(language: Language, isChosen: boolean): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  if (!isChosen) return;
  try {
    localStorage.setItem(key, language);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}
