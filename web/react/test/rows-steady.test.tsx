import { act, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { ConversationList, useInboxView, type InboxView } from '../src/index.ts';
import { steadied } from '../src/list/steady.ts';
import { aConversation, aMessage, anError, fakeChat, openFilters } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

const list = () => screen.getByRole('list', { name: 'Conversations' });
const names = () => within(list()).getAllByRole('button').map((row) => row.querySelector('.pl-card-name')?.textContent?.at(-1)).join('');
const row = (id: string) => within(list()).getByText(`Visitor ${id}`).closest('button') as HTMLButtonElement;
const shows = (...ids: string[]) => ids.map((id) => aConversation(id));

describe('rows in use', () => {
  it('keep their order; further pages come behind, what is gone goes', () => {
    const none = () => false;
    const before = ['a', 'b', 'c'];
    expect(steadied(before, ['c', 'a', 'b'], none)).toBe(before);
    expect(steadied(before, ['new', 'c', 'a'], none)).toBe(before);
    expect(steadied(before, ['new', 'a', 'b', 'c', 'd', 'e'], none)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(steadied(before, ['a', 'c'], (id) => id === 'b')).toEqual(['a', 'c']);
  });

  it('do not move under the pointer, and say what waits', () => {
    const fake = fakeChat();
    fake.showList(openFilters, shows('a', 'b', 'c'));
    renderWith(fake, <ConversationList />);
    fireEvent.pointerMove(row('b'), { pointerType: 'mouse' });
    act(() => fake.showList(openFilters, shows('n', 'c', 'a')));
    expect(names()).toBe('abc');
    fireEvent.click(screen.getByRole('button', { name: 'Show 1 new conversation' }));
    expect(names()).toBe('nca');
    act(() => fake.showList(openFilters, shows('a', 'n', 'c')));
    expect(names()).toBe('nca');
    expect(screen.getByRole('button', { name: 'Show the new order' })).toBeTruthy();
    fireEvent.pointerLeave(list());
    expect(names()).toBe('anc');
    expect(screen.queryByRole('button', { name: /^Show the new order/ })).toBeNull();
  });

  it('keep the focus however far the list is scrolled', () => {
    const fake = fakeChat();
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    fake.showList(openFilters, shows(...ids));
    renderWith(fake, <ConversationList />);
    const focused = row('r1');
    act(() => focused.focus());
    const scroller = list().parentElement as HTMLElement;
    scroller.scrollTop = 5000;
    fireEvent.scroll(scroller);
    const places = () => [...list().querySelectorAll('[data-row]')].map((each) => each.getAttribute('data-row'));
    expect(places().slice(0, 1)).toEqual(['r1']);
    expect(places()).not.toContain('r2');
    expect(document.activeElement).toBe(focused);
    // Dealt with there, the next one takes its place.
    act(() => fake.showList(openFilters, shows(...ids.filter((id) => id !== 'r1'))));
    expect(document.activeElement).toBe(row('r2'));
    act(() => row('r2').blur());
    expect(places()).not.toContain('r2');
  });

  it('move again once somebody types elsewhere', () => {
    const fake = fakeChat();
    fake.showList(openFilters, shows('a', 'b'));
    renderWith(fake, <ConversationList />);
    fireEvent.pointerMove(row('b'), { pointerType: 'mouse' });
    act(() => fake.showList(openFilters, shows('b', 'a')));
    expect(names()).toBe('ab');
    fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'x' });
    expect(names()).toBe('ba');
  });

  it('do not move under the focus; when the row that has it is done, the next one takes its place', () => {
    const fake = fakeChat();
    fake.showList(openFilters, shows('a', 'b', 'c'));
    renderWith(fake, <ConversationList />);
    act(() => row('b').focus());
    act(() => fake.showList(openFilters, shows('c', 'b', 'a')));
    expect(names()).toBe('abc');
    act(() => fake.showList(openFilters, shows('c', 'a')));
    expect(names()).toBe('ac');
    expect(document.activeElement).toBe(row('c'));
    act(() => row('c').blur());
    expect(names()).toBe('ca');
  });
});

describe('a row', () => {
  it('says what waits to be sent, and what was not', () => {
    const fake = fakeChat();
    fake.showList(openFilters, shows('a'));
    fake.showThread('a', [aMessage('m1', { conversationId: 'a' })]);
    renderWith(fake, <ConversationList />);
    act(() => fake.put(aMessage('m2', { conversationId: 'a', seq: 0, state: 'queued', text: 'On my way' })));
    expect(row('a').textContent).toContain('Sending: On my way');
    act(() => fake.stored.at('m2').set(aMessage('m2', { conversationId: 'a', seq: 0, state: 'failed', text: 'On my way', error: anError('forbidden', 'No.') })));
    expect(row('a').textContent).toContain('Not sent: On my way');
    act(() => fake.drafts.at('a').set('Half a sen'));
    expect(row('a').textContent).toContain('Not sent: On my way');
    act(() => fake.stored.at('m2').set(aMessage('m2', { conversationId: 'a', seq: 2, state: 'sent', text: 'On my way' })));
    expect(row('a').textContent).toContain('Draft: Half a sen');
  });

  it('names its holder, its labels and how long it waits', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [
      aConversation('a', { handler: 'agent', assignee: { id: 'ben', name: 'Ben Okri' }, labels: ['vip', 'spam', 'more', 'most'] }),
      aConversation('b', { handler: 'queue' }),
    ]);
    renderWith(fake, <ConversationList />);
    expect(within(row('a')).getByText('Ben Okri')).toBeTruthy();
    expect(within(row('a')).getByText('BO')).toBeTruthy();
    expect(row('a').querySelector('.pl-card-meta')?.textContent).toMatch(/vipspam\+2$/);
    expect(within(row('b')).getByText('Waiting').closest('.pl-card-meta')?.querySelector('time')).toBeTruthy();
  });

  it('shows where a search found it, and opens there', () => {
    const fake = fakeChat();
    const search = { ...openFilters, search: 'lamp' };
    const matches = new Map([['a', { messageId: 'm', seq: 17, text: 'Somewhere far behind the lamp and another lamp', ranges: [[25, 29], [42, 46]] as [number, number][] }]]);
    fake.showList(search, shows('a', 'b'), { matches });
    const seen: InboxView[] = [];
    function Spy() {
      seen.push(useInboxView());
      return null;
    }
    renderWith(fake, <><ConversationList /><Spy /></>, { initialView: { filters: { status: 'open', archived: false, sortBy: 'newest', searchQuery: 'lamp' } } });
    const marks = [...row('a').querySelectorAll('mark')].map((each) => each.textContent);
    expect(marks).toEqual(['lamp', 'lamp']);
    expect(row('a').textContent).toContain('…far behind the lamp and another lamp');
    fireEvent.click(row('a'));
    expect(seen.at(-1)).toMatchObject({ selectedConversationId: 'a', messageSeq: 17 });
    fireEvent.click(row('b'));
    expect(seen.at(-1)).toMatchObject({ selectedConversationId: 'b', messageSeq: undefined });
  });

  it('says when it was found in a note, and opens at that', () => {
    const fake = fakeChat();
    const found = { text: 'She asked for a lamp', ranges: [[16, 20]] as [number, number][] };
    const matches = new Map([['a', { ...found, noteId: 'n', seq: 17 }], ['b', { ...found, noteId: 'first', seq: 0 }]]);
    fake.showList({ ...openFilters, search: 'lamp' }, shows('a', 'b'), { matches });
    const seen: InboxView[] = [];
    function Spy() {
      seen.push(useInboxView());
      return null;
    }
    renderWith(fake, <><ConversationList /><Spy /></>, { initialView: { filters: { status: 'open', archived: false, sortBy: 'newest', searchQuery: 'lamp' } } });
    expect(row('a').textContent).toContain('Note: She asked for a lamp');
    fireEvent.click(row('a'));
    expect(seen.at(-1)).toMatchObject({ selectedConversationId: 'a', messageSeq: 17, noteId: 'n' });
    fireEvent.click(row('b'));
    expect(seen.at(-1)).toMatchObject({ selectedConversationId: 'b', messageSeq: 1, noteId: 'first' });
  });
});
