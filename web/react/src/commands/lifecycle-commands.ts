import type { LiveChatConversation } from '@parlor/client';
import { keepingOf } from '../hooks/lifecycle-of.ts';
import type { Surface } from './built-in.ts';
import type { Command } from './command.ts';

/** What keeps a conversation from time, or takes it away for good. */
export function lifecycleCommands({ parlor, chat, words, open }: Surface, target: LiveChatConversation | undefined): Command[] {
  const commands: Command[] = [];
  const keeping = target && keepingOf(parlor, words, target.id);
  const add = (id: string, label: string, run: () => void) =>
    commands.push({ id, group: 'conversation', label, isDisabled: target === undefined, run });
  if (target?.snoozedUntil) add('wake', words.snoozeEnd, () => keeping?.wake());
  add('hold', target?.hold ? words.holdOff : words.holdOn, () => keeping?.hold(!target?.hold));
  if (chat.me.get()?.role === 'admin') add('delete', words.eraseConversation, () => open('delete'));
  return commands;
}
