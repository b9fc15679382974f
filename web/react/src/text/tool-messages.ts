/** The words of filters, views and changes of many. Apart from the others because they are loaded with them, after the list. */
export interface ToolMessages {
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
  assign: string;
  label: string;
  labelAdd: string;
  labelRemove: string;
  markRead: string;
  markUnread: string;
  undo: string;
  /** What was done to so many; `name` is the agent or the label. */
  done(what: 'close' | 'reopen' | 'archive' | 'unarchive' | 'read' | 'unread' | 'assign' | 'label' | 'unlabel', count: number, name: string): string;
  notDone(count: number): string;
  undone: string;
}

const plural = new Intl.PluralRules('en');
const noun = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

const doneWords: Record<Parameters<ToolMessages['done']>[0], string> = {
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

export const englishTools: ToolMessages = {
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
  assign: 'Assign',
  label: 'Label',
  labelAdd: 'Add',
  labelRemove: 'Remove',
  markRead: 'Mark as read',
  markUnread: 'Mark as unread',
  undo: 'Undo',
  done: (what, count, name) =>
    count === 0 ? 'Nothing to change: they are like that already.' : `${noun(count, 'conversation', 'conversations')} ${doneWords[what].replace('*', () => name)}`,
  notDone: (count) => `${noun(count, 'conversation', 'conversations')} could not be changed: somebody else did meanwhile, or the connection broke.`,
  undone: 'Taken back',
};
