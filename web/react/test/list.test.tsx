import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationList, LiveChatPage, useInboxView, type InboxView } from '../src/index.ts';
import { aConversation, anError, fakeChat, openFilters } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13) }));
afterEach(() => vi.useRealTimers());

const list = () => screen.getByRole('list', { name: 'Conversations' });
/** Chooses one of the views that stand behind the near ones. */
const more = (value: string) => fireEvent.change(screen.getByRole('combobox', { name: 'More' }), { target: { value } });
const names = () => within(list()).getAllByRole('button').map((row) => row.querySelector('.pl-card-name')?.textContent);

describe('the list', () => {
  it('shows skeletons only when loading takes longer than a blink', () => {
    renderWith(fakeChat(), <ConversationList />);
    expect(screen.queryByText('Loading conversations')).toBeNull();
    act(() => vi.advanceTimersByTime(150));
    expect(screen.getByText('Loading conversations')).toBeTruthy();
  });

  it('searches once typing pauses, and clears at once', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('a')]);
    fake.showList({ ...openFilters, search: 'lamp' }, [aConversation('b')]);
    renderWith(fake, <ConversationList />);
    const field = screen.getByRole<HTMLInputElement>('searchbox');
    fireEvent.change(field, { target: { value: 'lam' } });
    act(() => vi.advanceTimersByTime(200));
    fireEvent.change(field, { target: { value: 'lamp ' } });
    act(() => vi.advanceTimersByTime(249));
    expect(names()).toEqual(['Visitor a']);
    act(() => vi.advanceTimersByTime(1));
    expect(names()).toEqual(['Visitor b']);
    expect(field.value).toBe('lamp ');
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(names()).toEqual(['Visitor a']);
  });

  it('ignores the answer to a question no longer asked', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('a')]);
    renderWith(fake, <ConversationList />);
    more('closed');
    more('all');
    act(() => fake.showList({ ...openFilters, status: 'all' }, [aConversation('all')]));
    act(() => fake.showList({ ...openFilters, status: 'closed' }, [aConversation('late', { status: 'closed' })]));
    expect(names()).toEqual(['Visitor all']);
  });

  it('follows every filter and order', () => {
    const fake = fakeChat();
    const seen: InboxView[] = [];
    function Spy() {
      seen.push(useInboxView());
      return null;
    }
    renderWith(fake, <><ConversationList /><Spy /></>);
    more('archived');
    fireEvent.change(screen.getByRole('combobox', { name: 'Sort' }), { target: { value: 'least_messages' } });
    expect(seen.at(-1)?.filters).toEqual({ status: 'all', archived: true, sortBy: 'least_messages', searchQuery: '' });
    fireEvent.click(screen.getByRole('radio', { name: 'Open' }));
    expect(seen.at(-1)?.filters).toMatchObject({ status: 'open', archived: false, sortBy: 'least_messages' });
  });

  it('renders a window of ten thousand and asks for more near its end', () => {
    const fake = fakeChat();
    fake.showList(openFilters, Array.from({ length: 10_000 }, (_, i) => aConversation(`c${i}`)), { hasMore: true });
    renderWith(fake, <ConversationList />);
    expect(within(list()).getAllByRole('button').length).toBeLessThan(40);
    expect(fake.called('loadMore')).toEqual([]);

    const short = fakeChat();
    short.showList(openFilters, [aConversation('a')], { hasMore: true });
    renderWith(short, <ConversationList />);
    expect(short.called('loadMore').length).toBeGreaterThan(0);
  });

  it('says why it is empty', () => {
    const fake = fakeChat();
    fake.showList(openFilters, []);
    fake.showList({ ...openFilters, search: 'zebra' }, []);
    renderWith(fake, <ConversationList />);
    expect(screen.getByText('All caught up')).toBeTruthy();
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'zebra' } });
    act(() => vi.advanceTimersByTime(250));
    expect(screen.getByText('Nothing matches “zebra”')).toBeTruthy();
  });

  it('says what went wrong and tries again', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [], { isLoaded: false, error: anError('unavailable', 'The server is busy.') });
    renderWith(fake, <ConversationList />);
    expect(screen.getByRole('alert').textContent).toContain('The server is busy.');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(fake.called('refresh')).toEqual([['refresh', openFilters]]);
  });

  it('leaves a lost network to the connection banner once it shows something', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('a')], { error: anError('network', 'The server cannot be reached.') });
    renderWith(fake, <ConversationList />);
    expect(screen.queryByRole('alert')).toBeNull();
    expect(names()).toEqual(['Visitor a']);
  });

  it('is one stop for Tab and moves by arrows', () => {
    const fake = fakeChat();
    fake.showList(openFilters, ['a', 'b', 'c'].map((id) => aConversation(id)));
    renderWith(fake, <ConversationList />, { initialView: { selectedConversationId: 'b' } });
    const rows = within(list()).getAllByRole<HTMLButtonElement>('button');
    expect(rows.map((row) => row.tabIndex)).toEqual([-1, 0, -1]);
    expect(rows[1]?.getAttribute('aria-current')).toBe('true');
    rows[1]?.focus();
    fireEvent.keyDown(rows[1] as Element, { key: 'ArrowDown' });
    expect(document.activeElement).toBe(rows[2]);
    fireEvent.keyDown(rows[2] as Element, { key: 'Home' });
    expect(document.activeElement).toBe(rows[0]);
  });
});

describe('the page', () => {
  it('opens a conversation and comes back to its row on Escape', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('a'), aConversation('b')]);
    fake.showThread('b', []);
    renderWith(fake, <LiveChatPage />);
    expect(screen.getByText('No conversation selected')).toBeTruthy();
    fireEvent.click(within(list()).getAllByRole('button')[1] as Element);
    const field = screen.getByRole('textbox', { name: 'Message to Visitor b' });
    expect(document.activeElement).toBe(field);
    fireEvent.keyDown(field, { key: 'Escape' });
    act(() => vi.advanceTimersByTime(50));
    expect(document.activeElement?.textContent).toContain('Visitor b');
    fireEvent.click(document.activeElement as Element);
    expect(document.activeElement).toBe(field);
  });

  it('fetches the neighbours of what is open', () => {
    const fake = fakeChat();
    fake.showList(openFilters, ['a', 'b', 'c', 'd'].map((id) => aConversation(id)));
    renderWith(fake, <LiveChatPage />, { initialView: { selectedConversationId: 'b' } });
    expect(fake.called('prefetch')).toEqual([['prefetch', 'c'], ['prefetch', 'a']]);
  });

  it('acts on the conversation', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('a', { handler: 'agent', assignee: { id: 'ann', name: 'Ann' } })]);
    renderWith(fake, <LiveChatPage />, { initialView: { selectedConversationId: 'a' } });
    fireEvent.click(screen.getByRole('button', { name: 'Take over' }));
    fireEvent.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Take over' }));
    for (const name of ['Close', 'Archive']) fireEvent.click(screen.getByRole('button', { name }));
    expect(fake.calls.filter(([name]) => name === 'take' || name === 'update')).toEqual([
      ['take', 'a', 'ann'], ['update', 'a', { status: 'closed' }], ['update', 'a', { isArchived: true }],
    ]);
    act(() => fake.conversations.at('a').set(aConversation('a', { handler: 'agent', assignee: { id: 'ada', name: 'Ada' } })));
    fireEvent.click(screen.getByRole('button', { name: 'Give back' }));
    act(() => fake.conversations.at('a').set(aConversation('a', { status: 'closed' })));
    fireEvent.click(screen.getByRole('button', { name: 'Reopen' }));
    expect(fake.calls.slice(-2)).toEqual([['giveBack', 'a'], ['update', 'a', { status: 'open' }]]);
  });

  it('shows a refused action until it is dismissed', () => {
    const fake = fakeChat();
    renderWith(fake, <LiveChatPage />);
    act(() => fake.lastError.set(anError('held-by-another', 'Ann holds this conversation.')));
    expect(screen.getByRole('alert').textContent).toContain('Ann holds this conversation.');
    fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('mentions the connection only when it stays broken, and what waits', () => {
    const fake = fakeChat();
    renderWith(fake, <LiveChatPage />);
    const offline = (queued: number) => fake.connection.set({ phase: 'offline', since: new Date(0), attempt: 1, queued, unsaved: 0 });
    act(() => offline(0));
    act(() => vi.advanceTimersByTime(1_999));
    expect(screen.queryByText(/offline/)).toBeNull();
    act(() => vi.advanceTimersByTime(1));
    act(() => offline(2));
    expect(screen.getByText(/You are offline/).closest('[role="status"]')?.textContent).toContain('2 messages will be sent');
    act(() => fake.connection.set({ phase: 'live', since: new Date(0), attempt: 0, queued: 0, unsaved: 0 }));
    expect(screen.queryByText(/offline/)).toBeNull();
  });

  it('keeps one broken pane from taking the other', () => {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('a')]);
    const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const broken: unknown[] = [];
    const slots = { thread: { header: <Broken /> } };
    renderWith(fake, <LiveChatPage slots={slots} onError={(error) => broken.push(error)} />, { initialView: { selectedConversationId: 'a' } });
    expect(screen.getByText('This part of the page stopped working')).toBeTruthy();
    expect(names()).toEqual(['Visitor a']);
    expect(broken).toHaveLength(1);
    silent.mockRestore();
  });
});

function Broken(): never {
  throw new Error('A slot of the host broke.');
}
