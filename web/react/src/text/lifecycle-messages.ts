/** Words of how a conversation ends: when it closes, rests, is kept and erased. Loaded with what agents open. */
export interface LifecycleMessages {
  /** `when` is relative: `in 12 minutes`, `tomorrow`. */
  closes(when: string): string;
  closesSoon: string;
  snoozedUntil(when: string): string;
  onHold: string;
  erasedOn(date: string): string;
  eraseMarked: string;
  next: string;
  nextNothing: string;
  closedWhen(why: string, date: string): string;
  hold: string;
  holdHint: string;
  holdOn: string;
  holdOff: string;
  doneHeld: string;
  doneUnheld: string;
  doneWoken: string;
  eraseConversation: string;
  eraseTitle(name: string): string;
  eraseCounting: string;
  eraseCount(messages: number, notes: number): string;
  eraseFinal: string;
  eraseConfirm: string;
  erased: string;
  personId: string;
}

const plural = new Intl.PluralRules('en');
const noun = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

export const englishLifecycle: LifecycleMessages = {
  closes: (when) => `Closes ${when}`,
  closesSoon: 'Closes within a minute',
  snoozedUntil: (when) => `Snoozed until ${when}`,
  onHold: 'On hold',
  erasedOn: (date) => `Will be erased on ${date}`,
  eraseMarked: 'Marked to be erased: gone after 24 hours, unless it is reopened or held.',
  next: 'What happens next',
  nextNothing: 'Nothing happens by itself.',
  closedWhen: (why, date) => `${why}, ${date}`,
  hold: 'Hold',
  holdHint: 'Keeps it from being closed, archived or erased by time.',
  holdOn: 'Put on hold',
  holdOff: 'End the hold',
  doneHeld: 'Conversation on hold',
  doneUnheld: 'Conversation not on hold any more',
  doneWoken: 'Not snoozed any more',
  eraseConversation: 'Delete conversation…',
  eraseTitle: (name) => `Delete the conversation with ${name}?`,
  eraseCounting: 'Counting what would be deleted…',
  eraseCount: (messages, notes) => `${noun(messages, 'message', 'messages')}${notes === 0 ? '' : ` and ${noun(notes, 'note', 'notes')}`} will be gone from the server and from everybody’s screen.`,
  eraseFinal: 'This cannot be taken back. To get it out of the way only, archive it.',
  eraseConfirm: 'Delete for good',
  erased: 'Conversation deleted',
  personId: 'Id',
};
