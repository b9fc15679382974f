import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { ConversationChange, LiveChatConversation } from '@parlor/client';
import { LiveChatPage, useAct } from '../src/index.ts';
import { createInbox, defaultFilters } from '../src/inbox.ts';
import { actOnMany, type BulkAction } from '../src/list/bulk.ts';
import { placesAskedAtOnce } from '../src/limits.ts';
import { aConversation, aMessage, anError, fakeChat, openFilters } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

const arrive = () => act(async () => void (await vi.dynamicImportSettled()));

/** Every change goes there and back, so that rows end as they began. */
function withRows(rows: readonly LiveChatConversation[]) {
  const fake = fakeChat();
  fake.showList(openFilters, rows);
  const sent: (readonly [ids: readonly string[], change: ConversationChange])[] = [];
  vi.spyOn(fake.chat, 'updateMany').mockImplementation(async (ids, change) => {
    sent.push([ids, change]);
    return { conversations: [], failed: [] };
  });
  return { fake, sent };
}

const held = { handler: 'agent', assignee: { id: 'ben', name: 'Ben' } } as const;

describe('a change of many', () => {
  it.each<[BulkAction, Partial<LiveChatConversation>, ConversationChange, ConversationChange]>([
    [{ kind: 'close' }, {}, { status: 'closed' }, { status: 'open', if: { status: 'closed' } }],
    [{ kind: 'reopen' }, { status: 'closed' }, { status: 'open' }, { status: 'closed', if: { status: 'open', handler: 'bot' } }],
    [{ kind: 'reopen' }, { status: 'closed', ...held }, { status: 'open' }, { status: 'closed', if: { status: 'open', assigneeId: 'ben' } }],
    [{ kind: 'reopen' }, { status: 'closed', isArchived: true }, { status: 'open' }, { isArchived: true, if: { status: 'open', handler: 'bot' } }],
    [{ kind: 'archive' }, {}, { isArchived: true }, { status: 'open', if: { status: 'closed' } }],
    [{ kind: 'archive' }, { status: 'closed' }, { isArchived: true }, { isArchived: false, if: { status: 'closed' } }],
    [{ kind: 'unarchive' }, { status: 'closed', isArchived: true }, { isArchived: false }, { isArchived: true, if: { status: 'closed' } }],
    [{ kind: 'assign', agentId: 'ada' }, { handler: 'queue' }, { assigneeId: 'ada' }, { handler: 'queue', if: { handler: 'agent', assigneeId: 'ada' } }],
    [{ kind: 'assign', agentId: 'ada' }, held, { assigneeId: 'ada' }, { assigneeId: 'ben', if: { handler: 'agent', assigneeId: 'ada' } }],
    [{ kind: 'label', label: 'vip' }, { labels: ['a'] }, { addLabels: ['vip'] }, { removeLabels: ['vip'] }],
    [{ kind: 'unlabel', label: 'a' }, { labels: ['a', 'b'] }, { removeLabels: ['a'] }, { addLabels: ['a'] }],
  ])('%o and back', async (action, row, there, back) => {
    const { fake, sent } = withRows([aConversation('a', row)]);
    const done = actOnMany(fake.chat, ['a'], action);
    expect(done.count).toBe(1);
    expect(sent).toEqual([[['a'], there]]);
    await done.undo();
    expect(sent[1]).toEqual([['a'], back]);
  });

  it('leaves out what is so already, and sends equal changes together', () => {
    const { fake, sent } = withRows([aConversation('a'), aConversation('b', { status: 'closed' }), aConversation('c')]);
    expect(actOnMany(fake.chat, ['a', 'b', 'c', 'gone'], { kind: 'close' }).count).toBe(2);
    expect(sent).toEqual([[['a', 'c'], { status: 'closed' }]]);
  });

  it('leaves open what somebody has written into since, and says so', async () => {
    const closed = [aConversation('a', { status: 'closed' }), aConversation('b', { status: 'closed' })];
    const { fake, sent } = withRows(closed);
    const done = actOnMany(fake.chat, ['a', 'b'], { kind: 'reopen' });
    fake.conversations.at('a').set(aConversation('a', { lastMessageAt: new Date(Date.UTC(2030, 0, 1)) }));
    expect(await done.undo()).toBe(1);
    expect(sent[1]).toEqual([['b'], { status: 'closed', if: { status: 'open', handler: 'bot' } }]);
  });

  it('labels all together, whatever labels each has, and takes the label back from those', async () => {
    const labels = [[], ['theirs'], ['vip'], ['other', 'more']];
    const { fake, sent } = withRows(labels.map((some, at) => aConversation(`c${at}`, { labels: some })));
    const done = actOnMany(fake.chat, ['c0', 'c1', 'c2', 'c3'], { kind: 'label', label: 'vip' });
    await done.undo();
    expect(sent).toEqual([[['c0', 'c1', 'c3'], { addLabels: ['vip'] }], [['c0', 'c1', 'c3'], { removeLabels: ['vip'] }]]);
  });

  it('marks as unread from the visitor’s last message on, and back', async () => {
    const { fake } = withRows([aConversation('a', { messageCount: 9, agentLastReadSeq: 9 }), aConversation('b', { unreadCount: 2 })]);
    fake.answers.set('GET /conversations/a/messages?limit=50', { messages: [{ type: 'user', seq: 7 }, { type: 'bot', seq: 8 }, { type: 'bot', seq: 9 }] });
    const unread = actOnMany(fake.chat, ['a', 'b'], { kind: 'unread' });
    expect([unread.count, await unread.failed]).toEqual([1, 0]);
    expect(fake.called('markUnread')).toEqual([['markUnread', 'a', 6]]);
    await unread.undo();
    expect(fake.called('markRead')).toHaveLength(1);
    const read = actOnMany(fake.chat, ['a', 'b'], { kind: 'read' });
    expect(read.count).toBe(1);
    await read.undo();
    expect(fake.called('markUnread').at(-1)).toEqual(['markUnread', 'b', 2]);
  });
});

describe('many marked as unread', () => {
  it('ask for what is not loaded only, a few at once, and nothing more once taken back', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const { fake } = withRows(ids.map((id) => aConversation(id)));
    fake.showThread('c39', [aMessage('m1', { conversationId: 'c39', seq: 2 })]);
    const answers: (() => void)[] = [];
    const asked = vi.spyOn(fake.chat, 'request').mockImplementation(
      () => new Promise((resolve) => answers.push(() => resolve({ messages: [{ type: 'user', seq: 2 }] } as never))),
    );
    const unread = actOnMany(fake.chat, ids, { kind: 'unread' });
    expect(fake.called('markUnread')).toEqual([['markUnread', 'c39', 1]]);
    expect(asked).toHaveBeenCalledTimes(placesAskedAtOnce);
    answers.shift()?.();
    await waitFor(() => expect(asked).toHaveBeenCalledTimes(placesAskedAtOnce + 1));
    expect(fake.called('markUnread').at(-1)).toEqual(['markUnread', 'c0', 1]);
    await unread.undo();
    answers.splice(0).forEach((answer) => answer());
    expect(await unread.failed).toBe(0);
    expect(fake.called('markUnread')).toHaveLength(2);
    expect(asked).toHaveBeenCalledTimes(placesAskedAtOnce + 1);
  });
});

describe('choosing rows', () => {
  const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => aConversation(id));
  const box = (id: string) => screen.getByRole<HTMLInputElement>('checkbox', { name: `Select Visitor ${id}` });
  async function choosing() {
    const { fake, sent } = withRows(rows);
    renderWith(fake, <LiveChatPage />);
    await arrive();
    expect(screen.queryByRole('checkbox')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Select conversations' }));
    await arrive();
    return { fake, sent };
  }
  const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

  it('is one by one, a range with Shift, or all that is loaded', async () => {
    await choosing();
    expect(screen.getByText('0 selected')).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Close' }).disabled).toBe(true);
    fireEvent.click(box('b'));
    fireEvent.click(box('d'), { shiftKey: true });
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => box(id).checked)).toEqual([false, true, true, true, false]);
    fireEvent.click(box('c'), { shiftKey: true });
    expect(screen.getByText('1 selected')).toBeTruthy();
    press('Select all loaded');
    expect(screen.getByText('5 selected')).toBeTruthy();
    fireEvent.click(box('a'));
    expect(screen.getByText('4 selected')).toBeTruthy();
  });

  it('closes them, says so, and takes it back, the focus always somewhere', async () => {
    const { sent } = await choosing();
    fireEvent.click(box('a'));
    fireEvent.click(box('c'));
    screen.getByRole('button', { name: 'Close' }).focus();
    press('Close');
    await arrive();
    expect(sent).toEqual([[['a', 'c'], { status: 'closed' }]]);
    expect(screen.queryByRole('checkbox')).toBeNull();
    expect(screen.getByText('2 conversations closed').closest('[role="status"]')).toBeTruthy();
    const undo = screen.getByRole('button', { name: 'Undo' });
    expect(document.activeElement).toBe(undo);
    fireEvent.click(undo);
    expect(sent[1]).toEqual([['a', 'c'], { status: 'open', if: { status: 'closed' } }]);
    await act(() => new Promise<void>((resolve) => requestAnimationFrame(() => resolve())));
    expect(document.activeElement?.className).toBe('pl-card');
  });

  it('assigns and labels', async () => {
    const { fake, sent } = await choosing();
    fake.answers.set('GET /agents', { agents: [{ id: 'ada', name: 'Ada' }, { id: 'ben', name: 'Ben' }] });
    fireEvent.click(box('a'));
    press('Assign');
    await arrive();
    fireEvent.change(screen.getByRole('combobox', { name: 'Agent' }), { target: { value: 'ben' } });
    fireEvent.click(within(screen.getByRole('combobox', { name: 'Agent' }).closest('form') as HTMLElement).getByRole('button'));
    expect(sent).toEqual([[['a'], { assigneeId: 'ben' }]]);
    expect(screen.getByText('1 conversation assigned to Ben')).toBeTruthy();

    press('Select conversations');
    await arrive();
    fireEvent.click(box('b'));
    press('Label');
    await arrive();
    fireEvent.change(screen.getByRole('combobox', { name: 'Label' }), { target: { value: ' vip ' } });
    press('Add');
    expect(sent[1]).toEqual([['b'], { addLabels: ['vip'] }]);
  });

  it('is the same for one, from anywhere', async () => {
    const { fake, sent } = withRows(rows);
    function Closer() {
      const act = useAct();
      return <button type="button" onClick={() => act(['a'], { kind: 'close' })}>Close a</button>;
    }
    renderWith(fake, <><LiveChatPage /><Closer /></>);
    press('Close a');
    await arrive();
    expect(screen.getByText('1 conversation closed')).toBeTruthy();
    press('Undo');
    expect(sent).toEqual([[['a'], { status: 'closed' }], [['a'], { status: 'open', if: { status: 'closed' } }]]);
  });

  it('says how many were refused', async () => {
    const { fake } = await choosing();
    vi.spyOn(fake.chat, 'updateMany').mockResolvedValue({ conversations: [], failed: [{ id: 'a', error: anError('conversation-changed', 'Changed.') }] });
    press('Select all loaded');
    press('Archive');
    await arrive();
    expect(screen.getByText(/^1 conversation could not be changed/)).toBeTruthy();
  });

  it('ends with Escape, and with other filters', async () => {
    await choosing();
    fireEvent.click(box('a'));
    fireEvent.keyDown(screen.getByRole('button', { name: 'Close' }), { key: 'Escape' });
    expect(screen.queryByRole('checkbox')).toBeNull();
    press('Select conversations');
    await arrive();
    fireEvent.click(screen.getByRole('radio', { name: 'Unread' }));
    expect(screen.queryByRole('button', { name: 'Select all loaded' })).toBeNull();
  });

  it('goes by itself after ten seconds', async () => {
    await choosing();
    fireEvent.click(box('a'));
    vi.useFakeTimers();
    press('Archive');
    await act(() => vi.advanceTimersByTimeAsync(9_900));
    expect(screen.getByText('1 conversation archived')).toBeTruthy();
    (document.activeElement as HTMLElement).blur();
    await act(() => vi.advanceTimersByTimeAsync(10_100));
    expect(screen.queryByText('1 conversation archived')).toBeNull();
    vi.useRealTimers();
  });
});

describe('marked rows', () => {
  it('stay while the same filters come back from the address, and go with others', () => {
    const inbox = createInbox();
    inbox.marks.set(['a', 'b']);
    inbox.replace({ filters: { ...defaultFilters }, selectedConversationId: 'c' });
    inbox.replace({ filters: { ...defaultFilters }, selectedConversationId: undefined });
    expect([...inbox.marks.get().ids]).toEqual(['a', 'b']);
    inbox.replace({ filters: { ...defaultFilters, status: 'closed' } });
    expect([...inbox.marks.get().ids]).toEqual([]);
  });
});
