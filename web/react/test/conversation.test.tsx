import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveChatPage, LiveChatView, type LiveChatProviderProps } from '../src/index.ts';
import { aConversation, aMessage, anError, fakeChat, type FakeChat } from './support/fake-chat.ts';
import { fakeDesk, withNotes } from './support/fake-desk.ts';
import { renderWith } from './support/render.tsx';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13) }));
afterEach(() => vi.useRealTimers());

type Change = Parameters<typeof aConversation>[1];

function page(change: Change = {}, options: Partial<Pick<LiveChatProviderProps, 'desk' | 'messageHref'>> = {}) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1', change));
  fake.showThread('c1', [aMessage('m1'), aMessage('m2', { seq: 2 })]);
  withNotes(fake);
  renderWith(fake, <LiveChatPage />, { initialView: { selectedConversationId: 'c1' }, ...options });
  return fake;
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
const choose = (name: string) => fireEvent.click(screen.getByRole(/\(you\)|Ann/.test(name) ? 'menuitemradio' : 'menuitem', { name }));
const said = () => document.querySelector('.pl-notice')?.textContent ?? '';
const settle = () => act(async () => vi.advanceTimersByTimeAsync(0));
const held = { handler: 'agent', assignee: { id: 'ann', name: 'Ann' } } as const;

describe('taking over', () => {
  it('says from whom and does it only when confirmed', () => {
    const fake = page(held);
    press('Take over');
    expect(fake.called('take')).toEqual([]);
    const question = screen.getByRole('alertdialog', { name: 'Ann is answering. Take the conversation over from Ann?' });
    const yes = within(question).getByRole('button', { name: 'Take over' });
    expect(document.activeElement).toBe(yes);
    fireEvent.click(yes);
    expect(fake.called('take')).toEqual([['take', 'c1', 'ann']]);
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });

  it('is left with Escape, and the focus is where it was', () => {
    const fake = page(held);
    const button = screen.getByRole('button', { name: 'Take over' });
    button.focus();
    fireEvent.click(button);
    fireEvent.keyDown(screen.getByRole('alertdialog'), { key: 'Escape' });
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(document.activeElement).toBe(button);
    expect(fake.called('take')).toEqual([]);
  });

  it('asks nobody where nobody holds it', () => {
    const fake = page({ handler: 'queue' });
    press('Take');
    expect(fake.called('take')).toEqual([['take', 'c1', undefined]]);
  });
});

describe('closing, reopening and archiving', () => {
  it('say what they did and take it back', () => {
    const fake = page();
    press('Close');
    expect(said()).toContain('Conversation closed');
    press('Undo');
    expect(said()).toBe('');
    press('Archive');
    press('Undo');
    act(() => fake.conversations.at('c1').set(aConversation('c1', { status: 'closed' })));
    press('Reopen');
    press('Undo');
    press('Archive');
    press('Undo');
    expect(fake.called('update').map(([, , change]) => change)).toEqual([
      { status: 'closed' }, { status: 'open', if: { status: 'closed' } },
      { isArchived: true }, { status: 'open', if: { status: 'closed' } },
      { status: 'open' }, { status: 'closed', if: { status: 'open', handler: 'bot' } },
      { isArchived: true }, { isArchived: false, if: { status: 'closed' } },
    ]);
  });

  it('leave a conversation open that somebody has written into since', () => {
    const fake = page({ status: 'closed' });
    press('Reopen');
    act(() => fake.conversations.at('c1').set(aConversation('c1', { lastMessageAt: new Date(Date.UTC(2030, 0, 1)) })));
    press('Undo');
    expect(fake.called('update')).toEqual([['update', 'c1', { status: 'open' }]]);
    expect(said()).toContain('could not be changed');
  });
});

describe('assigning', () => {
  it('offers the agents, with the holder marked, and asks the server to refuse if that changed', () => {
    const fake = page(held, { desk: fakeDesk() });
    press('Assign');
    expect(screen.getAllByRole('menuitemradio').map((each) => [each.textContent, each.getAttribute('aria-checked')])).toEqual([
      ['Ada (you)', 'false'], ['Ann', 'true'],
    ]);
    expect(document.activeElement?.textContent).toBe('Ann');
    choose('Ada (you)');
    expect(fake.called('update')).toEqual([['update', 'c1', { assigneeId: 'ada', if: { assigneeId: 'ann' } }]]);
    press('Undo');
    expect(fake.called('update')[1]).toEqual(['update', 'c1', { assigneeId: 'ann', if: { handler: 'agent', assigneeId: 'ada' } }]);
  });

  it('goes back to the queue when taken back', () => {
    const fake = page({ handler: 'queue' }, { desk: fakeDesk() });
    press('Assign');
    choose('Ann');
    press('Undo');
    expect(fake.called('update').map(([, , change]) => change)).toEqual([
      { assigneeId: 'ann', if: { handler: 'queue' } },
      { handler: 'queue', if: { handler: 'agent', assigneeId: 'ann' } },
    ]);
  });

  it('that is refused is not said to be done', async () => {
    const fake = page({ handler: 'queue' }, { desk: fakeDesk() });
    fake.chat.update = () => Promise.reject(anError('conversation-changed', 'Changed.'));
    press('Assign');
    choose('Ann');
    expect(said()).toContain('Assigned to Ann');
    await settle();
    expect(said()).toBe('');
  });

  it('waits for the agents, and is not there without a desk', () => {
    const desk = fakeDesk();
    desk.agents.set(undefined);
    page({}, { desk });
    press('Assign');
    expect(screen.getByRole('menuitem', { name: 'Loading agents' })).toBeTruthy();
    act(() => desk.agents.set([{ id: 'ann', name: 'Ann' }]));
    expect(document.activeElement?.textContent).toBe('Ann');
  });

  it('is not offered without a desk', () => {
    page();
    expect(screen.queryByRole('button', { name: 'Assign' })).toBeNull();
  });
});

describe('a menu', () => {
  it('is walked with the keyboard and gives the focus back', () => {
    page();
    press('More actions');
    const focused = () => document.activeElement?.textContent;
    const key = (name: string) => fireEvent.keyDown(document.activeElement as Element, { key: name });
    expect(focused()).toBe('Mark as unread');
    key('ArrowUp');
    expect(focused()).toBe('Download as JSON');
    key('Home');
    key('ArrowDown');
    expect(focused()).toBe('Snooze…');
    key('m');
    expect(focused()).toBe('Mark as unread');
    key('Escape');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'More actions' }));
  });

  it('goes when something else is touched', () => {
    page();
    press('More actions');
    fireEvent.pointerDown(document.body);
    expect(screen.queryByRole('menu')).toBeNull();
  });
});

describe('marking unread', () => {
  const menuOf = (text: string) => within(screen.getByText(text).closest('.pl-message') as HTMLElement).getByRole('button', { name: 'Message actions' });

  it('from a message on stays so until the conversation is opened again', () => {
    const fake = page({ agentLastReadSeq: 2 });
    fireEvent.click(menuOf('Text of m1'));
    choose('Mark unread from here');
    expect(fake.called('markUnread')).toEqual([['markUnread', 'c1', 0]]);
    act(() => fake.conversations.at('c1').set(aConversation('c1', { agentLastReadSeq: 0, unreadCount: 2 })));
    expect(fake.called('markRead')).toEqual([]);
    // The divider comes to where reading is to begin again.
    expect(document.querySelector('[data-kind="new"]')?.closest('li')?.nextElementSibling?.textContent).toContain('Text of m1');
    act(() => fake.put(aMessage('m3', { seq: 3 })));
    expect(fake.called('markRead')).toEqual([]);
  });

  it('of the whole begins at the last message of the user', () => {
    const fake = page({ agentLastReadSeq: 2 });
    press('More actions');
    choose('Mark as unread');
    expect(fake.called('markUnread')).toEqual([['markUnread', 'c1', 1]]);
    press('Undo');
    expect(fake.called('markRead')).toEqual([['markRead', 'c1']]);
  });

  it('is done in the log with the keyboard: Enter goes in, arrows move, Escape leads out', () => {
    page();
    const log = screen.getByRole('log');
    log.focus();
    fireEvent.keyDown(log, { key: 'Enter' });
    const at = () => (document.activeElement as HTMLElement).closest('.pl-message')?.textContent;
    expect(at()).toContain('Text of m2');
    fireEvent.keyDown(document.activeElement as Element, { key: 'ArrowUp' });
    expect(at()).toContain('Text of m1');
    expect(fireEvent.keyDown(document.activeElement as Element, { key: 'Escape' })).toBe(false);
    expect(document.activeElement).toBe(log);
  });
});

describe('copying', () => {
  function clipboard(write: (text: string) => Promise<void>) {
    const writeText = vi.fn(write);
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
    return writeText;
  }
  const open = () => fireEvent.click(screen.getAllByRole('button', { name: 'Message actions' })[1] as HTMLElement);

  it('puts a text, or a link to the message, where it can be pasted', async () => {
    const writeText = clipboard(async () => undefined);
    page({}, { messageHref: (id, seq) => `/?conversation=${id}&message=${seq}` });
    open();
    choose('Copy text');
    await settle();
    expect(said()).toContain('Text copied');
    open();
    choose('Copy link');
    await settle();
    expect(said()).toContain('Link copied');
    expect(writeText.mock.calls).toEqual([['Text of m2'], [`${window.location.origin}/?conversation=c1&message=2`]]);
  });

  it('says so when it is not allowed, and offers no link where there is none', async () => {
    clipboard(async () => Promise.reject(new Error('denied')));
    page();
    open();
    expect(screen.queryByRole('menuitem', { name: 'Copy link' })).toBeNull();
    choose('Copy text');
    await settle();
    expect(said()).toContain('Select the text and copy it yourself');
  });
});

describe('the transcript', () => {
  it('is downloaded, named after the conversation', async () => {
    const clicked: string[] = [];
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
      clicked.push(this.download);
    });
    const fake = page();
    press('More actions');
    choose('Download as text');
    await settle();
    expect(fake.called('transcript')).toEqual([['transcript', 'c1', { format: 'text' }]]);
    expect(clicked).toEqual(['conversation-c1.txt']);
  });
});

describe('a message that was forestalled', () => {
  const mine = { type: 'bot', author: { kind: 'agent', id: 'ada' }, seq: 0 } as const;
  const refused = Object.assign(anError('held-by-another', 'Held.'), { holder: { id: 'ann', name: 'Ann' } });

  it('says who holds the conversation, and is sent in its order once it is taken over', async () => {
    const fake = page(held);
    act(() => {
      fake.put(aMessage('f', { ...mine, state: 'failed', error: refused, text: 'One' }));
      fake.put(aMessage('q', { ...mine, state: 'queued', text: 'Two' }));
    });
    expect(screen.getByText('Not sent. Ann took this conversation meanwhile.')).toBeTruthy();
    press('Take over and send');
    await settle();
    const calls = fake.calls.filter(([name]) => ['take', 'discard', 'send'].includes(name));
    expect(calls).toEqual([
      ['take', 'c1', 'ann'], ['discard', 'q'], ['discard', 'f'], ['send', 'c1', { text: 'One' }], ['send', 'c1', { text: 'Two' }],
    ]);
  });

  it('stays when somebody was faster still', async () => {
    const fake = page(held);
    fake.chat.take = async () => Promise.reject(refused);
    act(() => fake.put(aMessage('f', { ...mine, state: 'failed', error: refused, text: 'One' })));
    press('Take over and send');
    await settle();
    expect(fake.called('discard')).toEqual([]);
    expect(screen.getByText('One')).toBeTruthy();
  });

  it('visibly holds back those behind it until somebody decides', () => {
    const fake = page();
    const failed = aMessage('f', { ...mine, state: 'failed', error: anError('rate-limited', 'Too fast.') });
    act(() => {
      fake.put({ ...failed, state: 'sending' });
      fake.put(aMessage('q', { ...mine, state: 'queued' }));
    });
    const state = () => screen.getByText('Text of q').closest('.pl-message')?.querySelector('.pl-message-foot')?.textContent;
    expect(state()).toBe('Waiting to send');
    act(() => fake.stored.at('f').set(failed));
    expect(state()).toBe('Waits for the message above');
    act(() => fake.stored.at('f').set({ ...failed, state: 'sending' }));
    expect(state()).toBe('Waiting to send');
  });
});

describe('two who answer', () => {
  it('see one another before they send', () => {
    const fake = page();
    act(() => fake.typing.at('c1').set([{ kind: 'agent', name: 'Ann' }]));
    expect(screen.getByText('Ann is replying right now.')).toBeTruthy();
    act(() => fake.typing.at('c1').set([{ kind: 'user', name: 'Mia' }]));
    expect(screen.queryByText(/is replying right now/)).toBeNull();
  });
});

describe('opening at a message', () => {
  function open(prepare: (fake: FakeChat) => void, messageSeq?: number) {
    const fake = fakeChat();
    fake.conversations.at('c1').set(aConversation('c1'));
    const { agentChat } = withNotes(fake);
    prepare(fake);
    const view = (seq?: number) => <LiveChatView conversationId="c1" messageSeq={seq} />;
    const { rerender } = renderWith(fake, view(messageSeq));
    return { fake, agentChat, show: (seq?: number) => rerender(view(seq)) };
  }
  const lit = () => document.querySelector('[data-lit] .pl-bubble')?.textContent;
  const thread = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => aMessage(`m${from + i}`, { seq: from + i }));

  it('that is loaded lights it up, once', () => {
    open((fake) => fake.showThread('c1', thread(1, 5)), 3);
    expect(lit()).toBe('Text of m3');
    // As React listens for it where the style has no animations.
    fireEvent(document.querySelector('[data-lit]') as Element, new Event('webkitAnimationEnd', { bubbles: true }));
    expect(lit()).toBeUndefined();
  });

  it('that is far above fetches the page around it first', async () => {
    const { fake } = open((each) => each.showThread('c1', thread(101, 105), { hasOlder: true }), 3);
    expect(fake.called('openAt')).toEqual([['openAt', 'c1', 3]]);
    expect(document.querySelector('.pl-message:not([data-skeleton])')).toBeNull();
    act(() => fake.showThread('c1', thread(1, 5), { hasNewer: true }));
    await settle();
    expect(lit()).toBe('Text of m3');
  });

  it('that is gone shows the thread all the same', async () => {
    open((each) => each.showThread('c1', thread(1, 3)), 99);
    await settle();
    expect(screen.getByText('Text of m3')).toBeTruthy();
    expect(lit()).toBeUndefined();
  });

  it('that only serves the next one loads what is above it', async () => {
    const { fake } = open((each) => each.showThread('c1', thread(101, 105), { hasOlder: true }), 101);
    expect(fake.called('loadOlder')).toEqual([['loadOlder', 'c1']]);
    act(() => fake.showThread('c1', thread(100, 105), { hasOlder: true }));
    await settle();
    expect(lit()).toBe('Text of m101');
  });

  it('keeps what is on the screen while another one is fetched, and where one reads when the link is dropped', async () => {
    const { fake, show } = open((each) => each.showThread('c1', thread(101, 105), { hasOlder: true }), 103);
    show(3);
    expect(screen.getByText('Text of m103')).toBeTruthy();
    act(() => fake.showThread('c1', thread(1, 5), { hasNewer: true }));
    await settle();
    expect(lit()).toBe('Text of m3');
    const node = screen.getByText('Text of m3');
    show(undefined);
    expect(screen.getByText('Text of m3')).toBe(node);
  });

  it('opens at the first unread one, also when that is not in the newest page', async () => {
    const { fake } = open((each) => {
      each.conversations.at('c1').set(aConversation('c1', { unreadCount: 103, agentLastReadSeq: 2, messageCount: 105 }));
      each.showThread('c1', thread(101, 105), { hasOlder: true });
    });
    expect(fake.called('openAt')).toEqual([['openAt', 'c1', 3]]);
    act(() => fake.showThread('c1', thread(1, 5), { hasNewer: true }));
    await settle();
    expect(document.querySelector('[data-kind="new"]')?.closest('li')?.nextElementSibling?.textContent).toContain('Text of m3');
    expect(fake.called('markRead')).toEqual([]);
  });
});
