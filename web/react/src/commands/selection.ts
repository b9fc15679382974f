import type { LiveChatConversation } from '@parlor/client';
import type { BulkAction } from '../list/bulk.ts';
import type { Surface } from './built-in.ts';
import type { Command } from './command.ts';

type Mark = Extract<BulkAction, { kind: 'close' | 'reopen' | 'archive' | 'unarchive' | 'read' | 'unread' }>;

/** What can be done to the rows that are chosen; of what would change none of them nothing. */
export function selectionCommands({ chat, inbox, words, act, open }: Surface): Command[] {
  const ids = [...inbox.marks.get().ids];
  if (ids.length === 0) return [];
  const rows = ids.flatMap((id) => chat.conversation(id).get() ?? []);
  const group = 'selection';
  const named = (action: string) => words.toSelected(action, ids.length);
  const toAll = (kind: Mark['kind'], action: string, isOf: (row: LiveChatConversation) => boolean): Command[] => {
    if (!rows.some(isOf)) return [];
    const run = () => {
      inbox.marks.stop();
      act(ids, { kind });
    };
    return [{ id: `selected-${kind}`, group, label: named(action), run }];
  };
  return [
    ...toAll('close', words.close, ({ status }) => status === 'open'),
    ...toAll('reopen', words.reopen, ({ status }) => status === 'closed'),
    ...toAll('archive', words.archive, ({ isArchived }) => !isArchived),
    ...toAll('unarchive', words.unarchive, ({ isArchived }) => isArchived),
    ...toAll('read', words.markRead, ({ unreadCount }) => unreadCount > 0),
    ...toAll('unread', words.markUnread, ({ unreadCount }) => unreadCount === 0),
    { id: 'selected-assign', group, label: named(words.assign), run: () => open('assign-selected') },
    { id: 'selected-label', group, label: named(words.labels), run: () => open('label-selected') },
  ];
}
