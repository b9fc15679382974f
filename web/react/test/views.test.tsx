import { act, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { SavedView } from '@parlor/client/desk';
import { ConversationList, LiveChatPage, useInboxView, type InboxView } from '../src/index.ts';
import { filtersOf, isShown, narrowedBy, savedFiltersOf, shapeOf, viewOf, type ViewName } from '../src/list/views.ts';
import { defaultFilters } from '../src/inbox.ts';
import { aConversation, anError, fakeChat, openFilters, type FakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

const aView = (id: string, filters: SavedView['filters'], change: Partial<SavedView> = {}): SavedView =>
  ({ id, name: `View ${id}`, isShared: false, isMine: true, filters, ...change });

/** Lets what is fetched arrive. */
const arrive = () => act(async () => void (await vi.dynamicImportSettled()));

async function showing(fake: FakeChat, initialView: Partial<InboxView> = {}) {
  const seen: InboxView[] = [];
  function Spy() {
    seen.push(useInboxView());
    return null;
  }
  renderWith(fake, <><LiveChatPage /><Spy /></>, { initialView });
  await arrive();
  return { filters: () => seen.at(-1)?.filters };
}

describe('views', () => {
  it('are told from their filters, and survive being saved', () => {
    const names: ViewName[] = ['open', 'unread', 'waiting', 'mine', 'closed', 'archived', 'all'];
    for (const name of names) {
      const filters = { ...defaultFilters, ...shapeOf(name) };
      expect(viewOf(filters)).toBe(name);
      expect(narrowedBy(filters)).toBe(0);
      const narrow = { ...filters, label: 'vip', sortBy: 'oldest', searchQuery: 'lamp' } as const;
      expect([viewOf(narrow), narrowedBy(narrow)]).toEqual([name, 1]);
      const saved = aView('v', savedFiltersOf(narrow));
      expect(isShown(saved, narrow)).toBe(true);
      expect(isShown(saved, filters)).toBe(false);
      expect(filtersOf(saved)).toEqual(narrow);
    }
    expect(savedFiltersOf({ ...defaultFilters, ...shapeOf('mine') })).toEqual({ assignee: 'me' });
    expect([viewOf({ ...defaultFilters, status: 'closed', handler: 'agent' }), narrowedBy({ ...defaultFilters, status: 'closed', handler: 'agent' })]).toEqual(['closed', 1]);
  });

  it.each([
    ['Unread', { unread: true }], ['Waiting', { handler: 'queue' }], ['Mine', { assignee: 'ada' }],
  ] as const)('one click shows %s', (name, filters) => {
    const fake = fakeChat();
    fake.showList({ ...openFilters, ...filters }, [aConversation('b')]);
    renderWith(fake, <ConversationList />);
    fireEvent.click(screen.getByRole('radio', { name }));
    expect(screen.getByRole('list', { name: 'Conversations' }).textContent).toContain('Visitor b');
  });

  it('asks for nothing of mine before it is known who that is', () => {
    const fake = fakeChat();
    fake.me.set(undefined);
    const asked = vi.spyOn(fake.chat, 'list');
    renderWith(fake, <ConversationList />, { initialView: { filters: { ...defaultFilters, assignee: 'me' } } });
    expect(asked.mock.calls.every(([filters]) => filters?.assignee === undefined)).toBe(true);
    act(() => fake.me.set({ workspace: { id: 'w', name: 'demo' }, role: 'agent', sub: 'ada', name: 'Ada' }));
    expect(asked.mock.calls.some(([filters]) => filters?.assignee === 'ada')).toBe(true);
  });

  it('of the team are chosen beside the own ones', async () => {
    const fake = fakeChat();
    fake.answers.set('GET /views', { views: [aView('v1', { handler: 'queue', label: 'vip' }), aView('v2', { search: 'lamp' }, { isMine: false, isShared: true })] });
    const { filters } = await showing(fake);
    const more = screen.getByRole<HTMLSelectElement>('combobox', { name: 'More' });
    expect(within(more).getByRole('group', { name: 'Saved views' }).textContent).toBe('View v1View v2');
    fireEvent.change(more, { target: { value: 'v1' } });
    expect(filters()).toMatchObject({ handler: 'queue', label: 'vip', status: 'open' });
    expect(more.value).toBe('v1');
    expect(screen.getAllByRole<HTMLInputElement>('radio').some((each) => each.checked)).toBe(false);
    fireEvent.change(more, { target: { value: 'v2' } });
    expect(filters()).toMatchObject({ handler: undefined, label: undefined, searchQuery: 'lamp' });
    expect(screen.getByRole<HTMLInputElement>('searchbox').value).toBe('lamp');
  });
});

describe('the filters', () => {
  const withLists = () => {
    const fake = fakeChat();
    fake.answers.set('GET /funnels', { funnels: [{ id: 'shop', name: 'The shop', version: 1 }] });
    fake.answers.set('GET /agents', { agents: [{ id: 'ada', name: 'Ada' }, { id: 'ben', name: 'Ben' }] });
    fake.answers.set('GET /labels', { labels: ['spam', 'vip'] });
    fake.answers.set('GET /views', { views: [] });
    return fake;
  };
  const open = async () => {
    fireEvent.click(screen.getByRole('button', { name: /^(Filters|\d+ filters?)$/ }));
    await arrive();
  };

  it('narrow by funnel, handler, agent and label, and are counted', async () => {
    const { filters } = await showing(withLists());
    await open();
    fireEvent.change(screen.getByRole('combobox', { name: 'Funnel' }), { target: { value: 'shop' } });
    fireEvent.change(screen.getByRole('combobox', { name: 'Agent' }), { target: { value: 'ben' } });
    fireEvent.change(screen.getByRole('combobox', { name: 'Label' }), { target: { value: 'vip' } });
    fireEvent.click(screen.getByRole('checkbox', { name: 'Unread only' }));
    expect(filters()).toMatchObject({ funnelId: 'shop', assignee: 'ben', label: 'vip', unread: true });
    expect(screen.getByRole('button', { name: '4 filters' })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(filters()).toEqual({ ...defaultFilters });
  });

  it('offer the funnels of what is listed too, though nobody defined them, and go on doing so', async () => {
    const fake = withLists();
    fake.showList(openFilters, [aConversation('a', { funnelId: 'old', funnelName: 'Old campaign' }), aConversation('b', { funnelId: 'shop', funnelName: 'Shop then' })]);
    fake.showList({ ...openFilters, funnelId: 'old' }, [aConversation('a', { funnelId: 'old', funnelName: 'Old campaign' })]);
    const { filters } = await showing(fake);
    await open();
    const offered = () => within(screen.getByRole('combobox', { name: 'Funnel' })).getAllByRole('option').map((each) => each.textContent);
    expect(offered()).toEqual(['Any', 'Old campaign', 'The shop']);
    fireEvent.change(screen.getByRole('combobox', { name: 'Funnel' }), { target: { value: 'old' } });
    expect(filters()).toMatchObject({ funnelId: 'old' });
    expect(offered()).toEqual(['Any', 'Old campaign', 'The shop']);
  });

  it('that match nothing say so, with the way out', async () => {
    const fake = withLists();
    fake.showList({ ...openFilters, label: 'vip' }, []);
    fake.showList(openFilters, [aConversation('a')]);
    await showing(fake, { filters: { ...defaultFilters, label: 'vip' } });
    expect(screen.getByText('No conversation matches the filters')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(screen.getByText('Visitor a')).toBeTruthy();
  });

  it('close on Escape, back to what opened them', async () => {
    await showing(withLists());
    await open();
    fireEvent.keyDown(screen.getByRole('combobox', { name: 'Label' }), { key: 'Escape' });
    expect(screen.queryByRole('combobox', { name: 'Label' })).toBeNull();
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Filters');
  });

  it('are saved as a view, renamed, and deleted with a way back', async () => {
    const fake = withLists();
    await showing(fake, { filters: { ...defaultFilters, label: 'vip' } });
    await open();
    const save = async (name: string, button: string) => {
      fireEvent.change(screen.getByRole('textbox', { name: 'Name of this view' }), { target: { value: name } });
      fireEvent.click(screen.getByRole('button', { name: button }));
      await arrive();
    };
    fireEvent.click(screen.getByRole('checkbox', { name: 'Share with the team' }));
    await save('Important', 'Save view');
    const [, method, path, body] = fake.called('request').at(-2) ?? [];
    expect([method, body]).toEqual(['PUT', { name: 'Important', isShared: true, filters: { label: 'vip' } }]);
    expect(path).toMatch(/^\/views\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(screen.getByText('Saved “Important”')).toBeTruthy();

    const id = String(path).slice('/views/'.length);
    fake.answers.set('GET /views', { views: [aView(id, { label: 'vip' }, { name: 'Important', isShared: true })] });
    act(() => fake.changes.at('views').set(1));
    await arrive();
    await save('Very important', 'Rename');
    expect(fake.called('request')).toContainEqual(['request', 'PUT', `/views/${id}`, { name: 'Very important', isShared: true, filters: { label: 'vip' } }]);
    fireEvent.click(screen.getByRole('button', { name: 'Delete view' }));
    await arrive();
    expect(fake.called('request')).toContainEqual(['request', 'DELETE', `/views/${id}`, undefined]);
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(fake.called('request').filter(([, how]) => how === 'PUT')).toHaveLength(3);
  });

  it('that could not be saved say why', async () => {
    const fake = withLists();
    const { request } = fake.chat;
    vi.spyOn(fake.chat, 'request').mockImplementation((method, path, body) =>
      method === 'PUT' ? Promise.reject(anError('forbidden', 'This view is Ben’s.')) : request(method, path, body));
    await showing(fake, { filters: { ...defaultFilters, label: 'vip' } });
    await open();
    fireEvent.change(screen.getByRole('textbox', { name: 'Name of this view' }), { target: { value: 'x' } });
    fireEvent.click(screen.getByRole('button', { name: 'Save view' }));
    await arrive();
    expect(screen.getByText('That did not work. This view is Ben’s.')).toBeTruthy();
  });
});
