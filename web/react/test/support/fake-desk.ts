import type { LiveChat } from '@parlor/client';
import type { Agent, CannedAnswer, Desk, Note } from '../../src/index.ts';
import { createCell, type Cell } from '../../src/cell.ts';
import type { FakeChat } from './fake-chat.ts';

const when = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute));

export function aNote(id: string, change: Partial<Note> = {}): Note {
  return { id, conversationId: 'c1', afterSeq: 1, author: { kind: 'agent', id: 'ada', name: 'Ada' }, text: `Text of ${id}`, at: when(2), version: 1, ...change };
}

/** Agents, labels and saved answers as a test puts them. */
export function fakeDesk(): Desk & { agents: Cell<readonly Agent[] | undefined>; cannedAnswers: Cell<readonly CannedAnswer[] | undefined> } {
  const unused = async () => undefined;
  return {
    funnels: createCell<undefined>(undefined),
    views: createCell<undefined>(undefined),
    lifecycle: { settings: createCell<undefined>(undefined), putSettings: unused, preview: () => Promise.reject(new Error('unused')), goOn: unused },
    erasure: {
      countConversation: async () => ({ conversations: 1, messages: 12, notes: 1 }),
      eraseConversation: unused,
      countUser: async () => ({ conversations: 2, messages: 15, notes: 1 }),
      eraseUser: unused,
      exportUser: async () => new Blob(['{}']),
      deletions: async () => ({ deletions: [], hasMore: false }),
    },
    putCannedAnswer: unused, deleteCannedAnswer: unused, putView: unused, deleteView: unused,
    agents: createCell<readonly Agent[] | undefined>([{ id: 'ada', name: 'Ada' }, { id: 'ann', name: 'Ann' }]),
    labels: createCell<readonly string[] | undefined>(['billing', 'vip']),
    cannedAnswers: createCell<readonly CannedAnswer[] | undefined>([
      { id: 'k1', shortcut: 'hello', text: 'Hello {{user.firstName}}, {{agent.name}} here.', version: 1 },
      { id: 'k2', shortcut: 'bye', text: 'Goodbye {{user.name}}!', version: 1 },
      { id: 'k3', shortcut: 'shipping', text: 'Parcels say hello in three days. {{order.number}}', version: 1 },
    ]),
  };
}

/** Gives a fake client what agents have beside messages. */
export function withNotes(fake: FakeChat, first: readonly Note[] = []) {
  const notes = createCell(first);
  const refuse: { next?: Error } = {};
  const agentChat: Pick<LiveChat, 'notes' | 'addNote' | 'deleteNote' | 'openAt' | 'transcript'> = {
    notes: () => notes,
    async addNote(conversationId, text) {
      fake.calls.push(['addNote', conversationId, text]);
      if (refuse.next) throw refuse.next;
      const note = aNote(`added-${notes.get().length}`, { conversationId, text });
      notes.set([...notes.get(), note]);
      return note;
    },
    async deleteNote(...args) {
      fake.calls.push(['deleteNote', ...args]);
      if (refuse.next) throw refuse.next;
    },
    async openAt(...args) {
      fake.calls.push(['openAt', ...args]);
    },
    async transcript(...args) {
      fake.calls.push(['transcript', ...args]);
      return new Blob(['text']);
    },
  };
  Object.assign(fake.chat, agentChat);
  return { notes, refuse, agentChat };
}
