import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { LiveChatPage, directionOf } from '../src/index.ts';
import { arabic } from '../src/locales/ar.ts';
import { englishForAgents } from '../src/text/agent-messages.ts';
import { englishCommands } from '../src/text/command-messages.ts';
import { english } from '../src/text/messages.ts';
import { aConversation, fakeChat, openFilters } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

const source: Record<string, unknown> = { ...english, ...englishForAgents, ...englishCommands };
const languages: Record<string, Record<string, unknown>> = { arabic: { ...arabic } };

/** What may be the same in every language: keys by their names, and what only passes a name on. */
const sameEverywhere = new Set(['handlerAgent', 'composerKeys', 'problem']);
const digits = (n: number) => new Intl.NumberFormat('ar').format(n);
const latin = /[A-Za-z]{2,}/;

describe.each(Object.keys(languages))('%s', (name) => {
  const words = languages[name] ?? {};

  it('has a word for every English one, of the same kind, and no more', () => {
    expect(Object.keys(words).toSorted()).toEqual(Object.keys(source).toSorted());
    for (const [key, value] of Object.entries(source)) expect([key, typeof words[key]]).toEqual([key, typeof value]);
  });

  it('leaves nothing in English', () => {
    const left = Object.entries(words)
      .filter(([key, value]) => !sameEverywhere.has(key) && typeof value === 'string' && latin.test(value.replaceAll(/Parlor|JSON|Escape|Enter/g, '')))
      .map(([key]) => key);
    expect(left).toEqual([]);
  });
});

describe('Arabic numbers', () => {
  it('follow its six plural forms, in the digits that the browser knows for it', () => {
    expect([0, 1, 2, 3, 11, 100].map(arabic.newMessages)).toEqual([
      `${digits(0)} رسالة جديدة`, 'رسالة جديدة واحدة', 'رسالتان جديدتان',
      `${digits(3)} رسائل جديدة`, `${digits(11)} رسالة جديدة`, `${digits(100)} رسالة جديدة`,
    ]);
  });

  it('keep names from turning the sentence', () => {
    expect(arabic.typing(['Mia'])).toBe('\u2068Mia\u2069 يكتب…');
    expect(arabic.typing(['Mia', 'نور'])).toContain('يكتبان');
    expect(arabic.typing(['a', 'b', 'c'])).toBe('يكتب عدة أشخاص…');
  });

  it('word errors by their code, and keep unknown ones', () => {
    expect(arabic.problem('network', 'The server cannot be reached.')).toBe('تعذّر الوصول إلى الخادم.');
    expect(arabic.problem('of-a-newer-server', 'Said plainly.')).toBe('Said plainly.');
  });
});

describe('a page in another language', () => {
  it('says its language and direction, and its numbers are that language’s', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('c1', { unreadCount: 3 })]);
    const { container } = renderWith(fake, <LiveChatPage />, { locale: 'ar', messages: arabic });
    const root = container.querySelector<HTMLElement>('.pl-page');
    expect([root?.dir, root?.lang]).toEqual(['rtl', 'ar']);
    expect(screen.getByRole('navigation', { name: 'المحادثات' })).toBeTruthy();
    expect(screen.getByText(digits(3), { selector: '.pl-card *' })).toBeTruthy();
    expect(directionOf('fa-AF')).toBe('rtl');
    expect(directionOf('en-GB')).toBe('ltr');
  });
});
