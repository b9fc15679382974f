import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { arabic } from '../src/text/ar.ts';
import { english } from '../src/text/messages.ts';

const page = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
const script = page('public/language.js');
const root = document.documentElement;

describe('the language before the first paint', () => {
  beforeEach(() => localStorage.clear());
  afterEach(() => {
    vi.unstubAllGlobals();
    for (const name of ['lang', 'dir']) root.removeAttribute(name);
  });

  it.each([
    ['ar', 'en-GB', 'ar', 'rtl'],
    ['en', 'ar-EG', 'en', 'ltr'],
    [undefined, 'ar-EG', 'ar', 'rtl'],
    [undefined, 'de', 'en', 'ltr'],
    ['xx', 'arn', 'en', 'ltr'],
  ])('stored as %s in a browser in %s is %s', (stored, browser, lang, dir) => {
    if (stored !== undefined) localStorage.setItem('parlor.language', stored);
    vi.stubGlobal('navigator', { language: browser });
    new Function(script)();
    expect([root.lang, root.dir]).toEqual([lang, dir]);
  });

  it('runs before everything that paints', () => {
    for (const name of ['index.html', 'demo.html']) {
      const html = page(name);
      expect(html.indexOf('/language.js')).toBeGreaterThan(0);
      expect(html.indexOf('/language.js')).toBeLessThan(html.indexOf('type="module"'));
    }
  });
});

describe('the console’s words', () => {
  it('are all there in Arabic, of the same kind, with nothing left in English', () => {
    const words: Record<string, unknown> = { ...arabic.own };
    expect(Object.keys(words).toSorted()).toEqual(Object.keys(english).toSorted());
    for (const [key, value] of Object.entries(english)) expect([key, typeof words[key]]).toEqual([key, typeof value]);
    const textsOf = (value: unknown) => [value].flat().filter((text) => typeof text === 'string');
    const left = Object.values(words).flatMap(textsOf).filter((text) => /[A-Za-z]{2,}/.test(text.replaceAll(/Parlor|HTTPS/g, '')));
    expect(left).toEqual([]);
  });

  it('count as Arabic does', () => {
    expect([1, 2, 3, 12].map(arabic.own.newMessagesIn).map((text) => text.replace('رسائل جديدة في ', ''))).toEqual([
      'محادثة واحدة', 'محادثتين', `${new Intl.NumberFormat('ar').format(3)} محادثات`, `${new Intl.NumberFormat('ar').format(12)} محادثة`,
    ]);
  });
});
