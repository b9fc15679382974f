import type { CannedAnswer } from '@parlor/client/desk';

/** The server's bounds, so that what is wrong is said while it is written. */
const shortcutCharsMax = 50;
export const textCharsMax = 4_000;

/** A saved answer as somebody is writing it. */
export interface Draft {
  shortcut: string;
  text: string;
}

export type Wrong = 'shortcutWrong' | 'shortcutTaken' | 'textWrong';

/** As it is stored: the slash is typed in front of it, and is no part of it. */
export const shortcutOf = (written: string) => written.trim().replace(/^\//u, '');

/** How people call it. */
export const nameOf = (shortcut: string) => `/${shortcutOf(shortcut)}`;

const chars = (text: string) => Array.from(text).length;
const folded = (shortcut: string) => shortcutOf(shortcut).toLowerCase();

/** What the server would not take, by the field it is in. */
export function wrongFields({ shortcut, text }: Draft, others: readonly CannedAnswer[]): ReadonlyMap<keyof Draft, Wrong> {
  const wrong = new Map<keyof Draft, Wrong>();
  const word = shortcutOf(shortcut);
  if (word === '' || chars(word) > shortcutCharsMax || /\s/u.test(word)) wrong.set('shortcut', 'shortcutWrong');
  else if (others.some((other) => folded(other.shortcut) === folded(word))) wrong.set('shortcut', 'shortcutTaken');
  if (text.trim() === '' || chars(text) > textCharsMax) wrong.set('text', 'textWrong');
  return wrong;
}

/** Those that have every word of the query, in the shortcut or the text. */
export function found(answers: readonly CannedAnswer[], query: string): readonly CannedAnswer[] {
  const words = query.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  return answers.filter(({ shortcut, text }) => {
    const all = `${nameOf(shortcut)} ${text}`.toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
}
