import { englishLifecycle, type LifecycleMessages } from './lifecycle-messages.ts';
import { noun } from './messages.ts';

/** Words of what only agents open: filters, changes of many, menus, saved answers, the details. Apart from the others because they are loaded with it. */
export interface AgentMessages extends LifecycleMessages {
  filterFunnel: string;
  filterHandler: string;
  filterAgent: string;
  filterLabel: string;
  filterUnread: string;
  filterAny: string;
  filterMe: string;
  handlerAnyAgent: string;
  viewName: string;
  viewShare: string;
  viewSave: string;
  viewRename: string;
  viewDelete: string;
  viewSaved(name: string): string;
  viewDeleted(name: string): string;
  failed(reason: string): string;
  selected(count: number): string;
  selectAll: string;
  selectDone: string;
  label: string;
  labelAdd: string;
  labelRemove: string;
  markRead: string;
  /** What was done to so many; `name` is the agent or the label. */
  done(what: 'close' | 'reopen' | 'archive' | 'unarchive' | 'read' | 'unread' | 'assign' | 'label' | 'unlabel', count: number, name: string): string;
  notDone(count: number): string;
  undone: string;
  undo: string;
  more: string;
  takeOverAndSend: string;
  assign: string;
  doneClosed: string;
  doneReopened: string;
  doneArchived: string;
  doneUnarchived: string;
  details: string;
  cancel: string;
  takeOverAsk(name: string): string;
  assignMe(name: string): string;
  assigned(name: string): string;
  agentsLoading: string;
  copyText: string;
  copyLink: string;
  copiedText: string;
  copiedLink: string;
  copyFailed: string;
  markUnread: string;
  markUnreadHere: string;
  markedUnread: string;
  transcriptText: string;
  transcriptJson: string;
  transcriptFailed: string;
  modeLabel: string;
  modeReply: string;
  modeNote: string;
  note: string;
  deleteNote: string;
  noteDeleted: string;
  noteHint: string;
  noteLabel(name: string): string;
  notePlaceholder: string;
  noteSends: string;
  addNote: string;
  canned: string;
  cannedCount(count: number): string;
  cannedLoading: string;
  detailsOf(name: string): string;
  closeDetails: string;
  detailsLocalTime: string;
  detailsLanguage: string;
  detailsEmail: string;
  detailsPage: string;
  detailsStarted: string;
  detailsMessages: string;
  detailsFunnel: string;
  detailsPerson: string;
  detailsConversation: string;
  detailsUnknown: string;
  detailsPrevious: string;
  labels: string;
  addLabel: string;
  removeLabel(label: string): string;
  labelsFull(max: number): string;
  path: string;
  pathEmpty: string;
  pathStage(name: string): string;
  pathOlder: string;
  captured: string;
  capturedEmpty: string;
  earlier: string;
  earlierEmpty: string;
  earlierMore(count: number): string;
}

const doneWords: Record<Parameters<AgentMessages['done']>[0], string> = {
  close: 'closed',
  reopen: 'reopened',
  archive: 'archived',
  unarchive: 'taken out of the archive',
  read: 'marked as read',
  unread: 'marked as unread',
  assign: 'assigned to *',
  label: 'labelled “*”',
  unlabel: 'without “*” now',
};

export const englishForAgents: AgentMessages = {
  ...englishLifecycle,
  filterFunnel: 'Funnel',
  filterHandler: 'Answered by',
  filterAgent: 'Agent',
  filterLabel: 'Label',
  filterUnread: 'Unread only',
  filterAny: 'Any',
  filterMe: 'Me',
  handlerAnyAgent: 'An agent',
  viewName: 'Name of this view',
  viewShare: 'Share with the team',
  viewSave: 'Save view',
  viewRename: 'Rename',
  viewDelete: 'Delete view',
  viewSaved: (name) => `Saved “${name}”`,
  viewDeleted: (name) => `Deleted “${name}”`,
  failed: (reason) => `That did not work. ${reason}`,
  selected: (count) => `${count} selected`,
  selectAll: 'Select all loaded',
  selectDone: 'Stop selecting',
  label: 'Label',
  labelAdd: 'Add',
  labelRemove: 'Remove',
  markRead: 'Mark as read',
  done: (what, count, name) =>
    count === 0 ? 'Nothing to change: they are like that already.' : `${noun(count, 'conversation', 'conversations')} ${doneWords[what].replace('*', () => name)}`,
  notDone: (count) => `${noun(count, 'conversation', 'conversations')} could not be changed: somebody else did meanwhile, or the connection broke.`,
  undone: 'Taken back',
  undo: 'Undo',
  more: 'More actions',
  takeOverAndSend: 'Take over and send',
  assign: 'Assign',
  doneClosed: 'Conversation closed',
  doneReopened: 'Conversation reopened',
  doneArchived: 'Conversation archived',
  doneUnarchived: 'Conversation taken out of the archive',
  details: 'Details',
  cancel: 'Cancel',
  takeOverAsk: (name) => `${name} is answering. Take the conversation over from ${name}?`,
  assignMe: (name) => `${name} (you)`,
  assigned: (name) => `Assigned to ${name}`,
  agentsLoading: 'Loading agents',
  copyText: 'Copy text',
  copyLink: 'Copy link',
  copiedText: 'Text copied',
  copiedLink: 'Link copied',
  copyFailed: 'Your browser does not allow copying here. Select the text and copy it yourself.',
  markUnread: 'Mark as unread',
  markUnreadHere: 'Mark unread from here',
  markedUnread: 'Marked unread',
  transcriptText: 'Download as text',
  transcriptJson: 'Download as JSON',
  transcriptFailed: 'The transcript could not be loaded. Try again in a moment.',
  modeLabel: 'What you write',
  modeReply: 'Reply',
  modeNote: 'Note',
  note: 'Note',
  deleteNote: 'Delete note',
  noteDeleted: 'Note deleted',
  noteHint: 'Only your team sees notes.',
  noteLabel: (name) => `Note about ${name}`,
  notePlaceholder: 'Write a note for your team',
  noteSends: 'adds it',
  addNote: 'Add note',
  canned: 'Saved answers',
  cannedCount: (count) => (count === 0 ? 'No saved answer matches' : noun(count, 'saved answer', 'saved answers')),
  cannedLoading: 'Saved answers are loading. Escape, then Enter sends this text.',
  detailsOf: (name) => `About ${name}`,
  closeDetails: 'Close details',
  detailsLocalTime: 'Local time',
  detailsLanguage: 'Language',
  detailsEmail: 'E-mail',
  detailsPage: 'Page',
  detailsStarted: 'Started',
  detailsMessages: 'Messages',
  detailsFunnel: 'Funnel',
  detailsPerson: 'Person',
  detailsConversation: 'Conversation',
  detailsUnknown: 'Not known',
  detailsPrevious: 'Continues an earlier conversation',
  labels: 'Labels',
  addLabel: 'Add a label',
  removeLabel: (label) => `Remove ${label}`,
  labelsFull: (max) => `${max} labels are the most a conversation can have.`,
  path: 'Path through the funnel',
  pathEmpty: 'No step of a funnel yet. Questions of the bot and what was chosen appear here.',
  pathStage: (name) => `Now at: ${name}`,
  pathOlder: 'Load earlier steps',
  captured: 'Collected answers',
  capturedEmpty: 'Nothing collected yet. An e-mail, a name or whatever the funnel asks for appears here.',
  earlier: 'Earlier conversations',
  earlierEmpty: 'This is the first one.',
  earlierMore: (count) => `and ${count} more`,
};
