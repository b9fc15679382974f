import type { LiveChat, LiveChatConversation } from '@parlor/client';
import { createConversationCommands } from '../hooks/conversation-commands.ts';
import type { Act } from '../hooks/use-act.ts';
import { listFilters, type Filters, type InboxStore } from '../inbox.ts';
import { narrowedBy, shapeOf, widened, type ViewName } from '../list/views.ts';
import { focusComposer, focusRow, isListShown } from '../page/focus.ts';
import type { Overlay, Parlor } from '../provider.tsx';
import type { AgentMessages } from '../text/agent-messages.ts';
import type { CommandMessages } from '../text/command-messages.ts';
import type { Messages } from '../text/messages.ts';
import type { Command } from './command.ts';
import { focusedId, focusSearch, stepRow } from './focus.ts';
import { lifecycleCommands } from './lifecycle-commands.ts';
import { selectionCommands } from './selection.ts';

/** Everything the commands of a page act on. */
export interface Surface {
  root: HTMLElement;
  parlor: Parlor;
  chat: LiveChat;
  inbox: InboxStore;
  words: Messages & CommandMessages & AgentMessages;
  act: Act;
  open(overlay: Overlay): void;
  preferences: { get(): { shortcuts: boolean; plainList: boolean } };
  prefer(change: { shortcuts?: boolean; plainList?: boolean }): void;
}

/** What a command is about: the conversation whose row has the focus, else the one that is open. */
export function targetOf({ root, inbox }: Pick<Surface, 'root' | 'inbox'>): string | undefined {
  return focusedId(root) ?? inbox.get().selectedConversationId;
}

function conversationCommands(surface: Surface, target: LiveChatConversation | undefined): Command[] {
  const { root, parlor, chat, inbox, words, open } = surface;
  const me = chat.me.get()?.sub;
  const isOpen = target?.status !== 'closed';
  const isArchived = target?.isArchived === true;
  const isMine = target?.handler === 'agent' && target.assignee?.id === me;
  const act = target && createConversationCommands(parlor, words, target.id);
  const common = { group: 'conversation', isDisabled: target === undefined } as const;
  const write = (mode: 'reply' | 'note') => {
    if (target === undefined) return;
    inbox.select(target.id);
    requestAnimationFrame(() => focusComposer(root, mode));
  };
  return [
    { ...common, id: 'reply', key: 'r', label: words.reply, run: () => write('reply') },
    { ...common, id: 'note', label: words.writeNote, run: () => write('note') },
    {
      ...common, id: 'close', key: 'e', helpLabel: words.closeOrReopen,
      label: isOpen ? words.closeConversation : words.reopenConversation,
      run: () => (isOpen ? act?.close() : act?.reopen()),
    },
    {
      ...common, id: 'archive', key: 'shift+e', helpLabel: words.archiveOrUnarchive,
      label: isArchived ? words.unarchiveConversation : words.archiveConversation,
      run: () => (isArchived ? act?.unarchive() : act?.archive()),
    },
    { ...common, id: 'snooze', key: 's', label: words.chooseSnooze, isDisabled: target === undefined || !isOpen, run: () => open('snooze') },
    { ...common, id: 'assign', key: 'a', label: words.chooseAgent, isDisabled: target === undefined || !isOpen, run: () => open('assign') },
    {
      ...common, id: 'take', label: isMine ? words.giveConversationBack : words.takeConversation,
      isDisabled: target === undefined || !isOpen,
      run() {
        if (target === undefined) return;
        if (isMine) return act?.giveBack();
        // Whether to take it from somebody else is asked over its thread.
        if (target.handler === 'agent') inbox.select(target.id);
        act?.take();
      },
    },
    {
      ...common, id: 'unread', key: 'u', label: words.makeUnread,
      run() {
        if (target === undefined) return;
        // What is on the screen is read: it goes back to the list first.
        if (inbox.get().selectedConversationId === target.id) {
          inbox.select(undefined);
          focusRow(root);
        }
        act?.markUnread();
      },
    },
    { ...common, id: 'label', key: 'l', label: words.chooseLabel, run: () => open('label') },
    { ...common, id: 'transcript-text', label: words.transcriptText, run: () => act?.downloadTranscript('text') },
    { ...common, id: 'transcript-json', label: words.transcriptJson, run: () => act?.downloadTranscript('json') },
  ];
}

/** What one looks at of the open conversation: as the buttons in it do, by what is on the page. */
function threadCommands({ root, inbox, words }: Surface): Command[] {
  const openId = inbox.get().selectedConversationId;
  const button = (of: string) => root.querySelector<HTMLElement>(`[data-pane="thread"] ${of}`);
  const details = button('.pl-details-toggle');
  const latest = button('.pl-jump');
  const unread = Number(button('[data-first-unread]')?.dataset['firstUnread']);
  const isShown = details?.getAttribute('aria-expanded') === 'true';
  return [
    {
      id: 'details', group: 'conversation', key: 'i', label: isShown ? words.hideDetails : words.showDetails, helpLabel: words.showOrHideDetails,
      isDisabled: details === null, run: () => details?.click(),
    },
    { id: 'latest', group: 'conversation', label: words.goToLatest, isDisabled: latest === null, run: () => latest?.click() },
    { id: 'first-unread', group: 'conversation', label: words.goToUnread, isDisabled: !unread, run: () => inbox.select(openId, { seq: unread }) },
  ];
}

/** The next or the previous one: its row where there are rows, the conversation itself where only that is shown. */
function step({ root, chat, inbox }: Surface, by: 1 | -1): void {
  if (isListShown(root)) return stepRow(root, by === 1 ? 'ArrowDown' : 'ArrowUp');
  const { filters, selectedConversationId } = inbox.get();
  const { ids } = chat.list(listFilters(filters, chat.me.get()?.sub)).get();
  const index = ids.indexOf(selectedConversationId ?? '');
  const next = index < 0 ? undefined : ids[index + by];
  if (next !== undefined) inbox.select(next);
}

function listCommands(surface: Surface, target: LiveChatConversation | undefined): Command[] {
  const { root, chat, inbox, words, open } = surface;
  const { filters, selectedConversationId } = inbox.get();
  const toList = () => {
    if (!isListShown(root)) inbox.select(undefined);
  };
  const show = (id: ViewName, which: string): Command => ({
    id: `show-${id}`, group: 'list', label: words.showConversations(which), run: () => inbox.setFilters(shapeOf(id)),
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
        toList();
        focusRow(root);
      },
    },
    {
      id: 'search', group: 'list', key: '/', label: words.search,
      run() {
        toList();
        requestAnimationFrame(() => focusSearch(root));
      },
    },
    show('open', words.statusOpen),
    show('unread', words.viewUnread),
    show('waiting', words.viewWaiting),
    show('mine', words.viewMine),
    show('closed', words.statusClosed),
    show('archived', words.statusArchived),
    show('all', words.statusAll),
    sort('newest', words.sortNewest),
    sort('oldest', words.sortOldest),
    sort('most_messages', words.sortMostMessages),
    sort('least_messages', words.sortLeastMessages),
    { id: 'filter', group: 'list', key: 'f', label: words.chooseFilter, keywords: words.filterTitle, run: () => open('filter') },
    { id: 'filters-clear', group: 'list', label: words.filterClear, isDisabled: narrowedBy(filters) === 0, run: () => inbox.setFilters(widened(filters)) },
    {
      id: 'select', group: 'list', label: words.select,
      run() {
        toList();
        inbox.marks.start();
      },
    },
    {
      id: 'select-all', group: 'list', label: words.selectAll,
      run() {
        toList();
        inbox.marks.set(chat.list(listFilters(filters, chat.me.get()?.sub)).get().ids);
      },
    },
  ];
}

/** Takes back what the notice on the page says was done. The palette has it while there is such a notice. */
function undoCommands({ inbox, words }: Surface): Command[] {
  const notice = inbox.notice.get();
  const isNothing = notice?.undo === undefined;
  const label = isNothing ? words.undoLast : words.undoNamed(notice.text);
  const common = { group: 'page', label, helpLabel: words.undoLast, isDisabled: isNothing } as const;
  const run = () => {
    // As from its button, and only what was named: another notice may have come meanwhile.
    if (inbox.notice.get() !== notice) return;
    inbox.notice.set(undefined);
    notice?.undo?.();
  };
  return [{ ...common, id: 'undo', key: 'z', isOnlyKey: isNothing, run }, { ...common, id: 'undo-mod', key: 'mod+z', isOnlyKey: true, run }];
}

function pageCommands(surface: Surface): Command[] {
  const { words, open, preferences, prefer } = surface;
  const { shortcuts, plainList } = preferences.get();
  return [
    ...undoCommands(surface),
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
  return [
    ...selectionCommands(surface), ...conversationCommands(surface, target), ...threadCommands(surface), ...lifecycleCommands(surface, target),
    ...listCommands(surface, target), ...pageCommands(surface),
  ];
}
