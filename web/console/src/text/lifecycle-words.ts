import type { Timer, Unit } from '../lifecycle/draft.ts';

/** Every word of the page on how conversations end. Loaded with it. */
export interface LifecycleWords {
  title: string;
  intro: string;
  readOnly: string;
  loading: string;
  closing: string;
  later: string;
  timers: Readonly<Record<Timer, readonly [label: string, hint: string, hintWhenOff?: string]>>;
  units: Readonly<Record<Unit, string>>;
  off: string;
  inherit(what: string): string;
  /** Of a field: which number, and of what. */
  amountOf(timer: string): string;
  unitOf(timer: string): string;
  wrong(least: string, most: string): string;
  funnels: string;
  funnelsHint: string;
  funnelAdd: string;
  funnelChoose: string;
  funnelRemove(name: string): string;
  save: string;
  saving: string;
  saved: string;
  discard: string;
  unsaved: string;
  leaveUnsaved: string;
  notSaved(reason: string): string;
  changedMeanwhile: string;
  takeTheirs: string;
  previewing: string;
  wouldHaveClosed(closes: number, waiting: number, days: number): string;
  closeNow(count: number): string;
  willArchiveAndErase(archives: number, deletes: number, days: number): string;
  counted(conversations: number): string;
  redating(done: string, total: string | undefined): string;
  clockTitle: string;
  clockBody(difference: string, since: string): string;
  clockGoOn: string;
  clockNote: string;
  person: string;
  personHint: string;
  personId: string;
  personExport: string;
  personErase: string;
  personEraseTitle(id: string): string;
  personCount(conversations: number, messages: number, notes: number): string;
  personNothing: string;
  personFinal: string;
  personConfirm: string;
  personErasing: string;
  personErased(id: string): string;
  cancel: string;
  failed(reason: string): string;
  record: string;
  recordHint: string;
  recordEmpty: string;
  recordMore: string;
  recordBy(actor: string): string;
  recordMessages(count: number): string;
  reasons: Readonly<Record<'admin' | 'user_erased' | 'retention', string>>;
}

const plural = new Intl.PluralRules('en');
const number = new Intl.NumberFormat('en');
const noun = (n: number, one: string, other: string) => `${number.format(n)} ${plural.select(n) === 'one' ? one : other}`;
const conversations = (n: number) => noun(n, 'conversation', 'conversations');

export const englishLifecycle: LifecycleWords = {
  title: 'Lifecycle',
  intro: 'When conversations close, move to the archive and are erased. Time counts from the last message of either side.',
  readOnly: 'Only administrators can change this.',
  loading: 'Loading the settings…',
  closing: 'Closing',
  later: 'After the close',
  timers: {
    botIdleS: ['With the bot', 'Nothing was said for so long. Who left an e-mail or a phone number is handed to the team instead.'],
    userIdleS: ['Waiting for the visitor', 'An agent answered last.'],
    teamIdleS: ['Waiting for the team', 'The visitor wrote last, or waits in the queue.'],
    warnBeforeS: ['Warn before closing', 'A line in the chat says when it closes.'],
    reopenWindowS: [
      'Reopen within',
      'If the visitor writes again so soon, the conversation goes on. Later a new one begins.',
      'A closed conversation stays closed. If the visitor writes again, a new one begins.',
    ],
    archiveAfterS: ['Archive after', 'Out of the list of closed ones, and still to be found.'],
    deleteAfterS: ['Erase after', 'Counted from archiving. For good: the text leaves every file.'],
  },
  units: { second: 'seconds', minute: 'minutes', hour: 'hours', day: 'days' },
  off: 'Never',
  inherit: (what) => `As in the inbox (${what.toLowerCase()})`,
  amountOf: (timer) => `${timer}: how many`,
  unitOf: (timer) => `${timer}: unit`,
  wrong: (least, most) => `Between ${least} and ${most}.`,
  funnels: 'Funnels that differ',
  funnelsHint: 'Everything not set here is as in the inbox.',
  funnelAdd: 'Add a funnel',
  funnelChoose: 'Choose a funnel',
  funnelRemove: (name) => `Let ${name} be as the inbox`,
  save: 'Save',
  saving: 'Saving…',
  saved: 'Saved. It applies to open conversations as well.',
  discard: 'Discard changes',
  unsaved: 'Not saved yet',
  leaveUnsaved: 'Leave without saving the changes?',
  notSaved: (reason) => `Not saved. ${reason}`,
  changedMeanwhile: 'Somebody else changed the settings meanwhile. Yours cannot be saved over theirs.',
  takeTheirs: 'Show theirs',
  previewing: 'Looking at what this would have done…',
  wouldHaveClosed: (closes, waiting, days) => {
    if (closes === 0) return `In the last ${days} days this would have closed nothing.`;
    const whose = waiting === 0 ? 'none of them' : number.format(waiting);
    return `In the last ${days} days this would have closed ${conversations(closes)}, ${whose} with a customer waiting.`;
  },
  closeNow: (count) => `${noun(count, 'open one is', 'open ones are')} silent for longer already: they close within half an hour of saving.`,
  willArchiveAndErase: (archives, deletes, days) => `In the next ${days} days ${conversations(archives)} would be archived and ${number.format(deletes)} erased.`,
  counted: (count) => `Counted over the newest ${conversations(count)}.`,
  redating: (done, total) => `Giving conversations their new times: ${done}${total === undefined ? '' : ` of ${total}`}`,
  clockTitle: 'Nothing is erased by itself at the moment',
  clockBody: (difference, since) => `The machine’s clock and the time that Parlor ran differ by ${difference} since ${since}. A clock set wrong would erase too early, so what cannot be taken back waits.`,
  clockGoOn: 'The clock is right: go on',
  clockNote: 'Check the date on the machine first.',
  person: 'One person’s data',
  personHint: 'For whoever asks what you keep about them, or to be forgotten. The id is the one your own site gave; it stands in the details beside a conversation.',
  personId: 'Id of the person',
  personExport: 'Download everything',
  personErase: 'Erase everything…',
  personEraseTitle: (id) => `Erase everything about ${id}?`,
  personCount: (all, messages, notes) => `${conversations(all)} with ${noun(messages, 'message', 'messages')} and ${noun(notes, 'note', 'notes')}, and what is known about the person.`,
  personNothing: 'No conversation of this person is here. What is known about the person would be erased.',
  personFinal: 'This cannot be taken back. The text leaves every file of the server.',
  personConfirm: 'Erase for good',
  personErasing: 'Erasing…',
  personErased: (id) => `Everything about ${id} is erased.`,
  cancel: 'Cancel',
  failed: (reason) => `That did not work. ${reason}`,
  record: 'What was deleted',
  recordHint: 'Kept without a word of what was said.',
  recordEmpty: 'Nothing was deleted yet.',
  recordMore: 'Show earlier ones',
  recordBy: (actor) => `by ${actor}`,
  recordMessages: (count) => noun(count, 'message', 'messages'),
  reasons: { admin: 'Deleted by hand', user_erased: 'Person erased', retention: 'Time was up' },
};
