/** Every word the components show. Numbers and names come in; grammar stays here, so a language is one object. */
export interface Messages {
  inbox: string;
  conversations: string;
  searchLabel: string;
  searchPlaceholder: string;
  clearSearch: string;
  statusLabel: string;
  statusOpen: string;
  statusClosed: string;
  statusAll: string;
  statusArchived: string;
  sortLabel: string;
  sortNewest: string;
  sortOldest: string;
  sortMostMessages: string;
  sortLeastMessages: string;
  count(total: number, capped: boolean): string;
  listEnd: string;
  loadingConversations: string;
  loadingMessages: string;
  loadingOlder: string;
  loadOlder: string;
  loadNewer: string;
  threadStart: string;
  emptyOpenTitle: string;
  emptyTitle: string;
  emptyBody: string;
  noMatchTitle(query: string): string;
  noMatchBody: string;
  nothingSelectedTitle: string;
  nothingSelectedBody: string;
  goneTitle: string;
  goneBody: string;
  noMessages: string;
  loadFailed(reason: string): string;
  /** An error in the reader's language. `text` is the server's own, in English; codes it does not know keep it. */
  problem(code: string, text: string): string;
  retry: string;
  dismiss: string;
  draft: string;
  /** Before what a search found in a private note. */
  noteFound: string;
  unread(count: number): string;
  unreadConversations(count: number): string;
  online: string;
  lastSeen(ago: string): string;
  handlerBot: string;
  handlerQueue: string;
  handlerAgent(name: string): string;
  statusClosedShort: string;
  statusArchivedShort: string;
  statusSnoozed: string;
  you: string;
  visitor: string;
  bot: string;
  agent: string;
  botTag: string;
  back: string;
  leave: string;
  edit: string;
  take: string;
  takeOver: string;
  giveBack: string;
  close: string;
  reopen: string;
  archive: string;
  unarchive: string;
  actions: string;
  thread(name: string): string;
  composerLabel(name: string): string;
  composerPlaceholder: string;
  composerClosed: string;
  composerHeld(name: string): string;
  composerKeys: readonly [enter: string, sends: string, shiftEnter: string, breaks: string];
  tooLong(over: number): string;
  send: string;
  stateQueued: string;
  stateSending: string;
  stateSent: string;
  stateRead: string;
  stateFailed(reason: string): string;
  stateHeld(name: string): string;
  delete: string;
  showMore: string;
  showLess: string;
  newDivider: string;
  jumpToLatest: string;
  newMessages(count: number): string;
  typing(names: readonly string[]): string;
  showPlain: string;
  showWindowed: string;
  announceOne(author: string, text: string): string;
  announceMany(count: number): string;
  connectionOffline: string;
  connectionPolling: string;
  connectionConnecting: string;
  connectionCatchingUp: string;
  queued(count: number): string;
  systemClosed(reason: string | undefined): string;
  systemReopened: string;
  systemAgentJoined(name: string): string;
  systemAgentLeft(name: string): string;
  systemHandedToQueue: string;
  /** `at` is a time of day, with the date if it is another one's. */
  systemClosingSoon(at: string): string;
  today: string;
  yesterday: string;
  options: string;
  paneFailedTitle: string;
  paneFailedBody: string;
  viewUnread: string;
  viewWaiting: string;
  viewMine: string;
  viewMore: string;
  viewsSaved: string;
  filters(active: number): string;
  filterClear: string;
  noFilterMatchTitle: string;
  noFilterMatchBody: string;
  select: string;
  selectOne(name: string): string;
  unsentFailed: string;
  unsentWaiting: string;
  showNew(count: number): string;

  messageActions: string;
  stateBlocked: string;
  composerReplying(names: readonly string[]): string;
}

const plural = new Intl.PluralRules('en');
export const noun = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

const closedBecause: Record<string, string> = {
  agent: 'Closed by an agent',
  user: 'Closed by the visitor',
  inactivity: 'Closed after a time without messages',
  funnel_end: 'Closed at the end of the funnel',
};

export const english: Messages = {
  inbox: 'Inbox',
  conversations: 'Conversations',
  searchLabel: 'Search conversations',
  searchPlaceholder: 'Search names and messages',
  clearSearch: 'Clear search',
  statusLabel: 'Show',
  statusOpen: 'Open',
  statusClosed: 'Closed',
  statusAll: 'All',
  statusArchived: 'Archived',
  sortLabel: 'Sort',
  sortNewest: 'Newest first',
  sortOldest: 'Oldest first',
  sortMostMessages: 'Most messages',
  sortLeastMessages: 'Fewest messages',
  count: (total, capped) => (capped ? `More than ${total} conversations` : noun(total, 'conversation', 'conversations')),
  listEnd: 'That is all of them.',
  loadingConversations: 'Loading conversations',
  loadingMessages: 'Loading messages',
  loadingOlder: 'Loading earlier messages',
  loadOlder: 'Load earlier messages',
  loadNewer: 'Load later messages',
  threadStart: 'The conversation starts here',
  emptyOpenTitle: 'All caught up',
  emptyTitle: 'Nothing here',
  emptyBody: 'A conversation appears here by itself as soon as somebody writes.',
  noMatchTitle: (query) => `Nothing matches “${query}”`,
  noMatchBody: 'Search looks in names, e-mails and every message. Try fewer letters, or show all conversations.',
  nothingSelectedTitle: 'No conversation selected',
  nothingSelectedBody: 'Choose one from the list to read and answer.',
  goneTitle: 'This conversation is not here any more',
  goneBody: 'It was deleted, or the link belongs to another workspace.',
  noMessages: 'No messages yet',
  // Of a change, a closing and an archiving the server's own words speak to whoever calls it.
  problem: (code, text) => (/^conversation-[ac]/.test(code) ? 'Somebody else changed this conversation meanwhile. You see it as it is now.' : text),
  loadFailed: (reason) => `Could not load. ${reason}`,
  retry: 'Try again',
  dismiss: 'Dismiss',
  draft: 'Draft:',
  noteFound: 'Note:',
  unread: (count) => noun(count, 'unread message', 'unread messages'),
  unreadConversations: (count) => noun(count, 'unread conversation', 'unread conversations'),
  online: 'Online',
  lastSeen: (ago) => `Seen ${ago}`,
  handlerBot: 'Bot',
  handlerQueue: 'Waiting',
  handlerAgent: (name) => name,
  statusClosedShort: 'Closed',
  statusArchivedShort: 'Archived',
  statusSnoozed: 'Snoozed',
  you: 'You',
  visitor: 'Visitor',
  bot: 'Bot',
  agent: 'Agent',
  botTag: 'automatic',
  back: 'Back to the list',
  leave: 'Back',
  edit: 'Edit',
  take: 'Take',
  takeOver: 'Take over',
  giveBack: 'Give back',
  close: 'Close',
  reopen: 'Reopen',
  archive: 'Archive',
  unarchive: 'Unarchive',
  actions: 'Conversation actions',
  thread: (name) => `Messages with ${name}`,
  composerLabel: (name) => `Message to ${name}`,
  composerPlaceholder: 'Write a message',
  composerClosed: 'This conversation is closed. Sending a message reopens it.',
  composerHeld: (name) => `${name} is answering this conversation. Take it over to answer yourself.`,
  composerKeys: ['Enter', 'sends', 'Shift+Enter', 'starts a new line'],
  tooLong: (over) => `${noun(over, 'character', 'characters')} too long. Shorten it or send it in parts.`,
  send: 'Send',
  stateQueued: 'Waiting to send',
  stateSending: 'Sending…',
  stateSent: 'Sent',
  stateRead: 'Read',
  stateFailed: (reason) => `Not sent. ${reason}`,
  stateHeld: (name) => `Not sent. ${name} took this conversation meanwhile.`,
  delete: 'Delete',
  showMore: 'Show more',
  showLess: 'Show less',
  newDivider: 'New',
  jumpToLatest: 'Jump to latest',
  newMessages: (count) => noun(count, 'new message', 'new messages'),
  typing: (names) =>
    names.length === 1 ? `${names[0]} is typing…` : names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : 'Several people are typing…',
  showPlain: 'Show messages as a plain list',
  showWindowed: 'Show messages as a scrolling window',
  announceOne: (author, text) => `${author}: ${text}`,
  announceMany: (count) => noun(count, 'new message', 'new messages'),
  connectionOffline: 'You are offline. Parlor reconnects by itself.',
  connectionPolling: 'Live updates are interrupted. New messages may take half a minute to appear.',
  connectionConnecting: 'Connecting…',
  connectionCatchingUp: 'Catching up…',
  queued: (count) => (count === 1 ? '1 message will be sent when you are back.' : `${count} messages will be sent when you are back.`),
  systemClosed: (reason) => closedBecause[reason ?? ''] ?? 'Conversation closed',
  systemReopened: 'Conversation reopened',
  systemAgentJoined: (name) => `${name} joined`,
  systemAgentLeft: (name) => `${name} left`,
  systemHandedToQueue: 'Waiting for a person',
  systemClosingSoon: (at) => `This conversation closes at ${at} unless you write.`,
  today: 'Today',
  yesterday: 'Yesterday',
  options: 'Quick replies offered',
  paneFailedTitle: 'This part of the page stopped working',
  paneFailedBody: 'Nothing you wrote is lost. Try again, or reload the page if it happens twice.',
  viewUnread: 'Unread',
  viewWaiting: 'Waiting',
  viewMine: 'Mine',
  viewMore: 'More',
  viewsSaved: 'Saved views',
  filters: (active) => (active === 0 ? 'Filters' : noun(active, 'filter', 'filters')),
  filterClear: 'Clear filters',
  noFilterMatchTitle: 'No conversation matches the filters',
  noFilterMatchBody: 'Take a filter away to see more.',
  select: 'Select conversations',
  selectOne: (name) => `Select ${name}`,
  unsentFailed: 'Not sent:',
  unsentWaiting: 'Sending:',
  showNew: (count) => (count === 0 ? 'Show the new order' : `Show ${noun(count, 'new conversation', 'new conversations')}`),

  messageActions: 'Message actions',
  stateBlocked: 'Waits for the message above',
  composerReplying: (names) => (names.length === 1 ? `${names[0]} is replying right now.` : 'Several people are replying right now.'),
};
