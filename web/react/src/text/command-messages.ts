/** The words of the commands. Apart from the others because they are loaded with them, after the page. */
export interface CommandMessages {
  paletteTitle: string;
  palettePlaceholder: string;
  paletteEmpty: string;
  found(count: number): string;
  groupSelection: string;
  groupConversation: string;
  groupList: string;
  groupPage: string;
  /** Takes back what was just done, which a notice's text says. */
  undoNamed(done: string): string;
  undoLast: string;
  openPalette: string;
  openHelp: string;
  nextConversation: string;
  previousConversation: string;
  openConversation: string;
  reply: string;
  closeConversation: string;
  reopenConversation: string;
  closeOrReopen: string;
  archiveConversation: string;
  unarchiveConversation: string;
  archiveOrUnarchive: string;
  takeConversation: string;
  giveConversationBack: string;
  chooseSnooze: string;
  chooseAgent: string;
  chooseLabel: string;
  makeUnread: string;
  writeNote: string;
  /** An action for so many selected conversations. */
  toSelected(action: string, count: number): string;
  search: string;
  backToList: string;
  showConversations(which: string): string;
  sortConversations(how: string): string;
  chooseFilter: string;
  filterTitle: string;
  filterPlaceholder: string;
  filterNone: string;
  showDetails: string;
  hideDetails: string;
  showOrHideDetails: string;
  goToLatest: string;
  goToUnread: string;
  helpTitle: string;
  helpNote: string;
  singleKeys: string;
  singleKeysOn: string;
  singleKeysOff: string;
  closeDialog: string;
  snoozeTitle(name: string): string;
  snoozeHours(hours: number): string;
  snoozeTomorrow: string;
  snoozeMonday: string;
  snoozePick: string;
  snoozeSet: string;
  snoozeEnd: string;
  snoozed(until: string): string;
  snoozeEnded: string;
  assignTitle(name: string): string;
  assignPlaceholder: string;
  assignToMe(name: string): string;
  assignQueue: string;
  assignBot: string;
  assignMany(count: number): string;
  labelTitle(name: string): string;
  labelsOfMany(count: number): string;
  labelPlaceholder: string;
  labelNone: string;
  putLabel(label: string): string;
  takeLabel(label: string): string;
  newLabel(label: string): string;
}

const plural = new Intl.PluralRules('en');
const noun = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

export const englishCommands: CommandMessages = {
  paletteTitle: 'Actions',
  palettePlaceholder: 'What do you want to do?',
  paletteEmpty: 'No action has that name.',
  found: (count) => noun(count, 'action', 'actions'),
  groupSelection: 'Selected conversations',
  groupConversation: 'Conversation',
  groupList: 'List',
  groupPage: 'Page',
  undoNamed: (done) => `Undo: ${done}`,
  undoLast: 'Undo what was just done',
  openPalette: 'Show all actions',
  openHelp: 'Keyboard shortcuts',
  nextConversation: 'Next conversation',
  previousConversation: 'Previous conversation',
  openConversation: 'Open conversation',
  reply: 'Write an answer',
  closeConversation: 'Close conversation',
  reopenConversation: 'Reopen conversation',
  closeOrReopen: 'Close or reopen',
  archiveConversation: 'Archive conversation',
  unarchiveConversation: 'Take out of the archive',
  archiveOrUnarchive: 'Archive, or take out of the archive',
  takeConversation: 'Take conversation',
  giveConversationBack: 'Give conversation back',
  chooseSnooze: 'Snooze…',
  chooseAgent: 'Assign…',
  chooseLabel: 'Label…',
  makeUnread: 'Mark as unread',
  writeNote: 'Write a note',
  toSelected: (action, count) => `${action} (${count} selected)`,
  search: 'Search conversations',
  backToList: 'Back to the list',
  showConversations: (which) => `Show: ${which}`,
  sortConversations: (how) => `Sort: ${how}`,
  chooseFilter: 'Filter…',
  filterTitle: 'Filter the conversations by',
  filterPlaceholder: 'Search funnels, agents and labels',
  filterNone: 'No filter has that name.',
  showDetails: 'Show details',
  hideDetails: 'Hide details',
  showOrHideDetails: 'Show or hide details',
  goToLatest: 'Go to the latest message',
  goToUnread: 'Go to the first unread message',
  helpTitle: 'Keyboard shortcuts',
  helpNote: 'Single keys act on the conversation in focus, else on the open one, and never while you write.',
  singleKeys: 'Use single-key shortcuts',
  singleKeysOn: 'Switch single-key shortcuts on',
  singleKeysOff: 'Switch single-key shortcuts off',
  closeDialog: 'Close',
  snoozeTitle: (name) => `Snooze ${name} until`,
  snoozeHours: (hours) => `In ${noun(hours, 'hour', 'hours')}`,
  snoozeTomorrow: 'Tomorrow morning',
  snoozeMonday: 'Monday morning',
  snoozePick: 'Another time',
  snoozeSet: 'Snooze',
  snoozeEnd: 'End the snooze',
  snoozed: (until) => `Snoozed until ${until}`,
  snoozeEnded: 'Not snoozed any more',
  assignTitle: (name) => `Assign ${name} to`,
  assignPlaceholder: 'Search people',
  assignToMe: (name) => `${name} (you)`,
  assignQueue: 'Nobody: back to the queue',
  assignBot: 'The bot',
  assignMany: (count) => `Assign ${noun(count, 'conversation', 'conversations')} to`,
  labelTitle: (name) => `Labels of ${name}`,
  labelsOfMany: (count) => `Labels of ${noun(count, 'conversation', 'conversations')}`,
  labelPlaceholder: 'Search labels, or type a new one',
  labelNone: 'No labels yet. Type one to add it.',
  putLabel: (label) => `Add “${label}”`,
  takeLabel: (label) => `Remove “${label}”`,
  newLabel: (label) => `Add new label “${label}”`,
};
