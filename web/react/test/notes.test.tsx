import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveChatPage, LiveChatView } from '../src/index.ts';
import { buildRows, type RowSource } from '../src/thread/rows.ts';
import { aConversation, aMessage, anError, fakeChat } from './support/fake-chat.ts';
import { aNote, withNotes } from './support/fake-desk.ts';
import { renderWith } from './support/render.tsx';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13) }));
afterEach(() => vi.useRealTimers());

const settle = () => act(async () => vi.advanceTimersByTimeAsync(0));

function page(notes = [aNote('n1')]) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1'));
  fake.showThread('c1', [aMessage('m1'), aMessage('m2', { seq: 2 })]);
  const extra = withNotes(fake, notes);
  renderWith(fake, <LiveChatPage />, { initialView: { selectedConversationId: 'c1' } });
  return { fake, ...extra };
}
const note = (text: string) => screen.queryByText(text)?.closest<HTMLElement>('.pl-note');
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: /Message to|Note about/ });

describe('notes among the rows', () => {
  const sources: Record<string, RowSource> = {
    a: { timestamp: new Date(Date.UTC(2026, 10, 20, 10)), seq: 4, type: 'user', author: { kind: 'user' } },
    b: { timestamp: new Date(Date.UTC(2026, 10, 20, 10, 1)), seq: 5, type: 'user', author: { kind: 'user' } },
    c: { timestamp: new Date(Date.UTC(2026, 10, 20, 10, 2)), seq: 6, type: 'user', author: { kind: 'user' } },
    unsent: { timestamp: new Date(Date.UTC(2026, 10, 20, 10, 3)), seq: 0, type: 'bot', author: { kind: 'agent' } },
  };
  const at = new Date(Date.UTC(2026, 10, 20, 11));
  const rows = (notes: ReturnType<typeof aNote>[], hasOlder = false) =>
    buildRows(Object.keys(sources), (id) => sources[id], {
      hasOlder, readSeq: undefined, unreadType: 'user', notes, sameDay: (one, other) => one.getUTCDate() === other.getUTCDate(),
    }).map((row) => (row.kind === 'message' ? `${row.id}${row.isFirst ? '*' : ''}` : row.kind === 'note' ? row.note.id : row.kind));

  it('stand behind their message, before what is not sent yet, and end a group', () => {
    expect(rows([aNote('first', { afterSeq: 0, at }), aNote('n', { afterSeq: 5, at }), aNote('last', { afterSeq: 6, at })])).toEqual([
      'day', 'first', 'a*', 'b', 'n', 'c*', 'last', 'unsent*',
    ]);
  });

  it('of the page before stay away until it is loaded', () => {
    expect(rows([aNote('older', { afterSeq: 3, at }), aNote('n', { afterSeq: 4, at })], true)).toEqual(['n', 'b*', 'c', 'unsent*']);
  });

  it('begin a day where they are the first of it', () => {
    expect(rows([aNote('n', { afterSeq: 6, at: new Date(Date.UTC(2026, 10, 21)) })])).toEqual(['day', 'a*', 'b', 'c', 'day', 'n', 'day', 'unsent*']);
  });
});

describe('a note', () => {
  it('that a search found lights up, rather than the message it stands behind', () => {
    const fake = fakeChat();
    fake.conversations.at('c1').set(aConversation('c1'));
    fake.showThread('c1', [aMessage('m1'), aMessage('m2', { seq: 2 })]);
    withNotes(fake, [aNote('n1'), aNote('n2')]);
    const initialView = { selectedConversationId: 'c1', messageSeq: 1, noteId: 'n2' };
    renderWith(fake, <LiveChatPage />, { initialView });
    expect([...document.querySelectorAll('[data-lit]')].map(({ textContent }) => textContent)).toEqual([expect.stringContaining('Text of n2')]);
  });

  it('is told from a message by its words, not only its looks, and stands between them', () => {
    page();
    const shown = note('Text of n1');
    expect(shown?.getAttribute('role')).toBe('note');
    expect(shown?.textContent).toMatch(/^Note.*You/);
    const order = [...document.querySelectorAll('.pl-bubble-text')].map((each) => each.textContent);
    expect(order).toEqual(['Text of m1', 'Text of n1', 'Text of m2']);
  });

  it('is written apart from the reply, each with a draft of its own, and nobody is told', async () => {
    const { fake } = page([]);
    fireEvent.change(field(), { target: { value: 'Dear Mia' } });
    fireEvent.click(screen.getByRole('radio', { name: 'Note' }));
    expect(field().value).toBe('');
    fake.calls.length = 0;
    fireEvent.change(field(), { target: { value: 'She called as well' } });
    fireEvent.keyDown(field(), { key: 'Enter' });
    await settle();
    expect(fake.calls.filter(([name]) => name === 'addNote' || name === 'send' || name === 'setTyping')).toEqual([['addNote', 'c1', 'She called as well']]);
    expect(note('She called as well')).toBeTruthy();
    expect(field().value).toBe('');
    fireEvent.click(screen.getByRole('radio', { name: 'Reply' }));
    expect(field().value).toBe('Dear Mia');
  });

  it('that is refused comes back to the field', async () => {
    const { refuse } = page([]);
    refuse.next = anError('validation', 'Too long.');
    fireEvent.click(screen.getByRole('radio', { name: 'Note' }));
    fireEvent.change(field(), { target: { value: 'Lost?' } });
    fireEvent.keyDown(field(), { key: 'Enter' });
    await settle();
    expect(field().value).toBe('Lost?');
  });

  it('that is deleted can be brought back, and is deleted once it cannot', async () => {
    const { fake } = page();
    const remove = () => fireEvent.click(screen.getByRole('button', { name: 'Delete note' }));
    remove();
    expect(note('Text of n1')).toBeFalsy();
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(note('Text of n1')).toBeTruthy();
    remove();
    expect(fake.called('deleteNote')).toEqual([]);
    await act(async () => vi.advanceTimersByTimeAsync(10_000));
    expect(fake.called('deleteNote')).toEqual([['deleteNote', 'c1', 'n1']]);
  });

  it('that is deleted is so when the page goes', async () => {
    const { fake } = page();
    fireEvent.click(screen.getByRole('button', { name: 'Delete note' }));
    act(() => void window.dispatchEvent(new Event('pagehide')));
    await settle();
    expect(fake.called('deleteNote')).toEqual([['deleteNote', 'c1', 'n1']]);
  });

  it('that could not be deleted is shown again', async () => {
    const { refuse } = page();
    refuse.next = anError('forbidden', 'Not yours.');
    fireEvent.click(screen.getByRole('button', { name: 'Delete note' }));
    await act(async () => vi.advanceTimersByTimeAsync(10_000));
    expect(note('Text of n1')).toBeTruthy();
  });

  it('of somebody else is not mine to delete', () => {
    page([aNote('n1', { author: { kind: 'agent', id: 'ann', name: 'Ann' } })]);
    expect(within(note('Text of n1') as HTMLElement).queryByRole('button')).toBeNull();
  });

  it('is nothing for the user: neither shown nor to be written', () => {
    const fake = fakeChat();
    fake.conversations.at('c1').set(aConversation('c1'));
    fake.showThread('c1', [aMessage('m1')]);
    withNotes(fake, [aNote('n1')]);
    renderWith(fake, <LiveChatView conversationId="c1" />, { side: 'user' });
    expect(note('Text of n1')).toBeFalsy();
    expect(screen.queryByRole('radio')).toBeNull();
  });
});
