import type { LiveChat, LiveChatConversation } from '@parlor/client';
import { listFilters, type Filters, type InboxStore } from '../inbox.ts';
import { focusComposer, focusRow, isListShown } from '../page/focus.ts';
import type { Overlay } from '../provider.tsx';
import type { CommandMessages } from '../text/command-messages.ts';
import type { Messages } from '../text/messages.ts';
import type { Command } from './command.ts';
import { focusedIndex, focusSearch, stepRow } from './focus.ts';

/** Everything the commands of a page act on. */
export interface Surface {
  root: HTMLElement;
  chat: LiveChat;
  inbox: InboxStore;
  words: Messages & CommandMessages;
  open(overlay: Overlay): void;
  preferences: { get(): { shortcuts: boolean; plainList: boolean } };
  prefer(change: { shortcuts?: boolean; plainList?: boolean }): void;
}

// A refusal is shown by the page's error banner; the row is already back as it was.
const run = (action: Promise<unknown>) => void action.catch(() => undefined);

/** What a command is about: the conversation whose row has the focus, else the one that is open. */
export function targetOf({ root, chat, inbox }: Pick<Surface, 'root' | 'chat' | 'inbox'>): string | undefined {
  const { filters, selectedConversationId } = inbox.get();
  const index = focusedIndex(root);
  const inFocus = index === undefined ? undefined : chat.list(listFilters(filters)).get().ids[index];
  return inFocus ?? selectedConversationId;
}

/** The last message that can be unread: the user's. */
function lastOfUser(chat: LiveChat, { id, messageCount }: LiveChatConversation): number {
  const { ids } = chat.messages(id).get();
  for (let index = ids.length - 1; index >= 0; index -= 1) {
    const message = chat.message(ids[index] ?? '').get();
    if (message?.type === 'user' && message.seq > 0) return message.seq;
  }
  return messageCount;
}

function conversationCommands(surface: Surface, target: LiveChatConversation | undefined): Command[] {
  const { root, chat, inbox, words, open } = surface;
  const me = chat.me.get()?.sub;
  const isOpen = target?.status !== 'closed';
  const isArchived = target?.isArchived === true;
  const isMine = target?.handler === 'agent' && target.assignee?.id === me;
  const update = (change: Parameters<LiveChat['update']>[1]) => target && run(chat.update(target.id, change));
  const common = { group: 'conversation', isDisabled: target === undefined } as const;
  return [
    {
      ...common, id: 'reply', key: 'r', label: words.reply,
      run() {
        if (target === undefined) return;
        inbox.select(target.id);
        requestAnimationFrame(() => focusComposer(root));
      },
    },
    {
      ...common, id: 'close', key: 'e', helpLabel: words.closeOrReopen,
      label: isOpen ? words.closeConversation : words.reopenConversation,
      run: () => update({ status: isOpen ? 'closed' : 'open' }),
    },
    {
      ...common, id: 'archive', key: 'shift+e', helpLabel: words.archiveOrUnarchive,
      label: isArchived ? words.unarchiveConversation : words.archiveConversation,
      run: () => update({ isArchived: !isArchived }),
    },
    { ...common, id: 'snooze', key: 's', label: words.chooseSnooze, isDisabled: target === undefined || !isOpen, run: () => open('snooze') },
    { ...common, id: 'assign', key: 'a', label: words.chooseAgent, isDisabled: target === undefined || !isOpen, run: () => open('assign') },
    {
      ...common, id: 'take', label: isMine ? words.giveConversationBack : words.takeConversation,
      isDisabled: target === undefined || !isOpen,
      run() {
        if (target === undefined) return;
        if (isMine) run(chat.giveBack(target.id));
        else run(target.handler === 'agent' ? chat.take(target.id, target.assignee?.id) : chat.take(target.id));
      },
    },
    {
      ...common, id: 'unread', key: 'u', label: words.makeUnread,
      run() {
        if (target === undefined) return;
        const seq = lastOfUser(chat, target) - 1;
        // What is on the screen is read: it goes back to the list first.
        if (inbox.get().selectedConversationId === target.id) {
          inbox.select(undefined);
          focusRow(root);
        }
        chat.markUnread(target.id, Math.max(0, seq));
      },
    },
  ];
}

/** The next or the previous one: its row where there are rows, the conversation itself where only that is shown. */
function step({ root, chat, inbox }: Surface, by: 1 | -1): void {
  if (isListShown(root)) return stepRow(root, by === 1 ? 'ArrowDown' : 'ArrowUp');
  const { filters, selectedConversationId } = inbox.get();
  const { ids } = chat.list(listFilters(filters)).get();
  const index = ids.indexOf(selectedConversationId ?? '');
  const next = index < 0 ? undefined : ids[index + by];
  if (next !== undefined) inbox.select(next);
}

function listCommands(surface: Surface, target: LiveChatConversation | undefined): Command[] {
  const { root, inbox, words } = surface;
  const { filters, selectedConversationId } = inbox.get();
  const show = (id: string, which: string, change: Partial<Filters>): Command => ({
    id: `show-${id}`, group: 'list', label: words.showConversations(which), run: () => inbox.setFilters(change),
  });
  const sort = (sortBy: Filters['sortBy'], how: string): Command => ({
    id: `sort-${sortBy}`, group: 'list', label: words.sortConversations(how),
    isDisabled: filters.sortBy === sortBy, run: () => inbox.setFilters({ sortBy }),
  });
  return [
    { id: 'next', group: 'list', key: 'j', label: words.nextConversation, run: () => step(surface, 1) },
    { id: 'previous', group: 'list', key: 'k', label: words.previousConversation, run: () => step(surface, -1) },
    {
      id: 'open', group: 'list', key: 'enter', isNative: true, label: words.openConversation, isDisabled: target === undefined,
      run: () => target && inbox.select(target.id),
    },
    {
      id: 'back', group: 'list', key: 'escape', isNative: true, label: words.backToList, isDisabled: selectedConversationId === undefined,
      run() {
        if (!isListShown(root)) inbox.select(undefined);
        focusRow(root);
      },
    },
    {
      id: 'search', group: 'list', key: '/', label: words.search,
      run() {
        if (!isListShown(root)) inbox.select(undefined);
        requestAnimationFrame(() => focusSearch(root));
      },
    },
    show('open', words.statusOpen, { status: 'open', archived: false }),
    show('closed', words.statusClosed, { status: 'closed', archived: false }),
    show('all', words.statusAll, { status: 'all', archived: false }),
    show('archived', words.statusArchived, { status: 'all', archived: true }),
    sort('newest', words.sortNewest),
    sort('oldest', words.sortOldest),
    sort('most_messages', words.sortMostMessages),
    sort('least_messages', words.sortLeastMessages),
  ];
}

function pageCommands({ words, open, preferences, prefer }: Surface): Command[] {
  const { shortcuts, plainList } = preferences.get();
  return [
    { id: 'palette', group: 'page', key: 'mod+k', label: words.openPalette, run: () => open('palette') },
    { id: 'help', group: 'page', key: '?', label: words.openHelp, run: () => open('help') },
    {
      id: 'plain', group: 'page', label: plainList ? words.showWindowed : words.showPlain,
      run: () => prefer({ plainList: !plainList }),
    },
    {
      id: 'shortcuts', group: 'page', label: shortcuts ? words.singleKeysOff : words.singleKeysOn,
      run: () => prefer({ shortcuts: !shortcuts }),
    },
  ];
}

/** Every command of a page, as it stands now for this conversation. */
export function builtInCommands(surface: Surface, targetId: string | undefined): Command[] {
  const target = targetId === undefined ? undefined : surface.chat.conversation(targetId).get();
  return [...conversationCommands(surface, target), ...listCommands(surface, target), ...pageCommands(surface)];
}
