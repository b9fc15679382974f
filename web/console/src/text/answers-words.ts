import type { AnswerVariable } from '@parlor/react/agents';

/** Every word of the page of saved answers. Loaded with it. */
export interface AnswersWords {
  title: string;
  intro: string;
  loading: string;
  search: string;
  found(count: number): string;
  none: string;
  add: string;
  /** Of the form. */
  addTitle: string;
  editTitle(name: string): string;
  shortcut: string;
  shortcutHint: string;
  shortcutWrong: string;
  shortcutTaken: string;
  text: string;
  textWrong(most: number): string;
  variables: string;
  variablesHint: string;
  insert(variable: string, meaning: string): string;
  meanings: Readonly<Record<AnswerVariable, string>>;
  preview: string;
  previewHint(user: string, funnel: string): string;
  previewEmpty: string;
  sampleUser: string;
  sampleFunnel: string;
  unknown(names: string): string;
  save: string;
  saved(name: string): string;
  notSaved(reason: string): string;
  cancel: string;
  changedMeanwhile: string;
  /** After a save that was refused for it, while theirs is not to be seen. */
  changedUnseen: string;
  /** After a deletion that was refused for it. */
  changedUnread: string;
  /** Before what somebody else made of it. */
  theirs: string;
  saveMine: string;
  deletedMeanwhile: string;
  takeTheirs: string;
  delete: string;
  deleteTitle(name: string): string;
  deleteBody: string;
  deleteConfirm: string;
  deleting: string;
  deleted(name: string): string;
  notDeleted(reason: string): string;
  leaveUnsaved: string;
}

const plural = new Intl.PluralRules('en');
const number = new Intl.NumberFormat('en');

export const englishAnswers: AnswersWords = {
  title: 'Saved answers',
  intro: 'Texts that every agent of this workspace can send: type / in a conversation, then the beginning of a shortcut.',
  loading: 'Loading the saved answers…',
  search: 'Search saved answers',
  found: (count) => (count === 0 ? 'No saved answer matches' : `${number.format(count)} saved ${plural.select(count) === 'one' ? 'answer' : 'answers'}`),
  none: 'There are none yet. Make one of what you often write.',
  add: 'New saved answer',
  addTitle: 'New saved answer',
  editTitle: (name) => `Saved answer ${name}`,
  shortcut: 'Shortcut',
  shortcutHint: 'What one types behind / to find it. One word.',
  shortcutWrong: 'One word of 1 to 50 characters.',
  shortcutTaken: 'Another saved answer has this shortcut. Choose one that is free.',
  text: 'Text',
  textWrong: (most) => `Write 1 to ${number.format(most)} characters.`,
  variables: 'Variables',
  variablesHint: 'Filled in when the answer is chosen. One without a value is left out.',
  insert: (variable, meaning) => `Insert ${variable}: ${meaning}`,
  meanings: {
    'user.name': 'the person’s name',
    'user.firstName': 'the person’s first name',
    'agent.name': 'your name',
    'agent.firstName': 'your first name',
    'conversation.funnelName': 'the funnel’s name',
  },
  preview: 'Preview',
  previewHint: (user, funnel) => `As you would send it to ${user} in “${funnel}”.`,
  previewEmpty: 'Nothing to send yet.',
  sampleUser: 'Maria Silva',
  sampleFunnel: 'Shop',
  unknown: (names) => `Not known here, so it would be sent as it stands: ${names}`,
  save: 'Save',
  saved: (name) => `Saved. Every agent finds ${name} from now on.`,
  notSaved: (reason) => `Not saved. ${reason}`,
  cancel: 'Cancel',
  changedMeanwhile: 'Somebody else changed this answer meanwhile. Choose which of the two stays.',
  changedUnseen: 'Somebody else changed this answer meanwhile. Try again.',
  changedUnread: 'Somebody else changed this answer meanwhile. Read it before you delete it.',
  theirs: 'Theirs now',
  saveMine: 'Save mine instead',
  deletedMeanwhile: 'Somebody else deleted this answer meanwhile. Saving makes it anew.',
  takeTheirs: 'Keep theirs',
  delete: 'Delete…',
  deleteTitle: (name) => `Delete ${name}?`,
  deleteBody: 'It goes for every agent. Messages that were sent with it stay.',
  deleteConfirm: 'Delete',
  deleting: 'Deleting…',
  deleted: (name) => `${name} is deleted.`,
  notDeleted: (reason) => `Not deleted. ${reason}`,
  leaveUnsaved: 'Leave without saving the answer?',
};
