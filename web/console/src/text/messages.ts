/** Every word of the console itself; those of the inbox are in @parlor/react. */
export interface ConsoleMessages {
  skipToList: string;
  allActions: string;
  account: string;
  roleAgent: string;
  roleAdmin: string;
  workspace: string;
  signOut: string;
  settings: string;
  lifecycle: string;
  lifecycleHint: string;
  answers: string;
  answersHint: string;
  loadingPage: string;
  pageFailed: string;
  language: string;
  theme: string;
  themeSystem: string;
  themeLight: string;
  themeDark: string;
  themeNamed(theme: string): string;
  languageNamed(language: string): string;
  keys: string;
  singleKeys: string;
  showKeys: string;
  reading: string;
  plainList: string;
  plainListHint: string;
  attention: string;
  notifications: string;
  notificationsHint: string;
  notificationsBlocked: string;
  notificationsMissing: string;
  sound: string;
  volume: string;
  switchOn(what: string): string;
  switchOff(what: string): string;
  copyLink: string;
  newMessagesIn(count: number): string;
  outTitle: string;
  outBody: string;
  refusedTitle: string;
  refusedBody: string;
  unreachableTitle: string;
  unreachableBody: string;
  leavingTitle: string;
  leavingBody: string;
  tryAgain: string;
  /** Around the option for the demo. */
  linkNote: readonly [before: string, after: string];
  demoTag: string;
  demoTitle: string;
  demoLead: readonly [before: string, link: string, after: string];
  /** Around the command that makes a link. */
  demoHint: readonly [before: string, after: string];
  demoGoods: string;
  demoGoodsNames: readonly [desk: string, floor: string, night: string];
  demoChat: string;
  demoChatTitle: string;
  demoEnd: string;
  demoEnded: string;
  demoField: string;
  demoFieldHint: string;
}

const plural = new Intl.PluralRules('en');

export const english: ConsoleMessages = {
  skipToList: 'Skip to the conversations',
  allActions: 'All actions',
  account: 'Account',
  roleAgent: 'Agent',
  roleAdmin: 'Administrator',
  workspace: 'Workspace',
  signOut: 'Sign out',
  settings: 'Settings',
  lifecycle: 'Conversation lifecycle',
  lifecycleHint: 'When conversations close, are archived and erased.',
  answers: 'Saved answers',
  answersHint: 'Texts that every agent can send by typing / in a conversation.',
  loadingPage: 'Loading the page…',
  pageFailed: 'This page could not be loaded.',
  language: 'Language',
  theme: 'Theme',
  themeSystem: 'System',
  themeLight: 'Light',
  themeDark: 'Dark',
  themeNamed: (theme) => `Theme: ${theme}`,
  languageNamed: (language) => `Language: ${language}`,
  keys: 'Keyboard',
  singleKeys: 'Single-key shortcuts',
  showKeys: 'Show all shortcuts',
  reading: 'Reading',
  plainList: 'Messages as a plain list',
  plainListHint: 'For screen readers, searching in the page and copying.',
  attention: 'New messages',
  notifications: 'Desktop notifications',
  notificationsHint: 'For conversations that wait or are yours, while you look elsewhere.',
  notificationsBlocked: 'Your browser blocks notifications of this page. Allow them in its settings for this site.',
  notificationsMissing: 'Not available here. They need HTTPS and a browser that has them.',
  sound: 'Sound',
  volume: 'Volume',
  switchOn: (what) => `${what}: switch on`,
  switchOff: (what) => `${what}: switch off`,
  copyLink: 'Copy link to conversation',
  newMessagesIn: (count) => `New messages in ${count} ${plural.select(count) === 'one' ? 'conversation' : 'conversations'}`,
  outTitle: 'Sign in to Parlor',
  outBody: 'You open the console with a one-click link. Make one on the machine that runs Parlor:',
  refusedTitle: 'This link does not work any more',
  refusedBody: 'A link works once and for 15 minutes. Make a new one on the machine that runs Parlor:',
  unreachableTitle: 'Parlor does not answer',
  unreachableBody: 'The server cannot be reached or is starting. Try again in a moment. If it stays like this, see whether it runs:',
  leavingTitle: 'You may still be signed in',
  leavingBody: 'This page forgot everything, but the server could not be told to end your session. Try again in a moment.',
  tryAgain: 'Try again',
  linkNote: ['It prints a link. Open it in this browser and you are signed in. For the demo, add ', '.'],
  demoTag: 'Parlor demo',
  demoTitle: 'Demo shop',
  demoLead: ['Here you are the visitor. Write something in the chat, then answer yourself as an agent: open the ', 'console in a new tab', '.'],
  demoHint: ['Not signed in there? Use the one-click link that Parlor printed when it started, or make another one with ', '.'],
  demoGoods: 'Goods',
  demoGoodsNames: ['Heron desk lamp', 'Moon floor lamp', 'Firefly night light'],
  demoChat: 'Chat',
  demoChatTitle: 'Chat with the demo shop',
  demoEnd: 'End chat',
  demoEnded: 'Ended. Write again to go on.',
  demoField: 'Your message',
  demoFieldHint: 'Ask us anything',
};
