import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveChatView } from '../src/index.ts';
import { aConversation, aMessage, fakeChat, type FakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

/** Every row is as high as this, and the view shows seven of them, see setup.ts. */
const rowHeight = 100;
const rows = () => [...document.querySelectorAll<HTMLElement>('.pl-plain > li')];
const layout = {
  scrollHeight: { get: () => rows().length * rowHeight },
  offsetTop: { get(this: HTMLElement) { return rows().indexOf(this) * rowHeight; } },
};

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13) });
  for (const [name, how] of Object.entries(layout)) Object.defineProperty(HTMLElement.prototype, name, { configurable: true, ...how });
});
afterEach(() => {
  vi.useRealTimers();
  for (const name of Object.keys(layout)) Reflect.deleteProperty(HTMLElement.prototype, name);
});

const part = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => aMessage(`m${from + i}`, { seq: from + i }));

function plain(prepare: (fake: FakeChat) => void, messageSeq?: number) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1', { messageCount: 60, agentLastReadSeq: 60 }));
  prepare(fake);
  const view = (seq?: number) => <LiveChatView conversationId="c1" messageSeq={seq} />;
  const { rerender } = renderWith(fake, view(messageSeq), { preferences: { plainList: true, shortcuts: true } });
  return { fake, show: (seq: number) => rerender(view(seq)) };
}
const unread = (count: number) => aConversation('c1', { messageCount: 60, unreadCount: count, agentLastReadSeq: 60 - count });
const log = () => screen.getByRole('log');
/** How far the reader is from the end, in px. */
const fromEnd = () => log().scrollHeight - log().scrollTop;
const isAtEnd = () => log().scrollTop >= log().scrollHeight - 700;
function scrollTo(top: number) {
  log().scrollTop = top;
  fireEvent.scroll(log());
}
/** Where the row of this message stands in the view, in px. */
const standsAt = (text: string) => (screen.getByText(text).closest('li') as HTMLElement).offsetTop - log().scrollTop;
const button = (name: string) => screen.queryByRole('button', { name });

describe('the plain list', () => {
  it('opens at its end, and reads what is seen there', () => {
    const { fake } = plain((each) => each.showThread('c1', part(1, 60)));
    expect(isAtEnd()).toBe(true);
    expect(fake.called('markRead')).toEqual([]);
    act(() => {
      fake.put(aMessage('m61', { seq: 61 }));
      fake.conversations.at('c1').set(aConversation('c1', { messageCount: 61, unreadCount: 1, agentLastReadSeq: 60 }));
    });
    expect(fake.called('markRead')).toEqual([['markRead', 'c1']]);
  });

  it('opens at the first unread message, and reads once one comes to the end', () => {
    const { fake } = plain((each) => {
      each.conversations.at('c1').set(unread(30));
      each.showThread('c1', part(1, 60));
    });
    expect(standsAt('New')).toBe(0);
    expect(fake.called('markRead')).toEqual([]);
    scrollTo(log().scrollHeight - 700 - 80);
    expect(fake.called('markRead')).toEqual([['markRead', 'c1']]);
  });

  it('opens at a message that was asked for, lit, and goes to the next one', () => {
    const { show } = plain((each) => each.showThread('c1', part(1, 60)), 30);
    expect(standsAt('Text of m30')).toBe(0);
    expect(document.querySelector('[data-lit] .pl-bubble')?.textContent).toBe('Text of m30');
    show(10);
    expect(standsAt('Text of m10')).toBe(0);
    expect(document.querySelector('[data-lit] .pl-bubble')?.textContent).toBe('Text of m10');
  });

  it('follows what is new within 80 px of its end, and nobody who reads above', () => {
    const { fake } = plain((each) => each.showThread('c1', part(1, 60)));
    scrollTo(log().scrollHeight - 700 - 80);
    act(() => fake.put(aMessage('m61', { seq: 61 })));
    expect(isAtEnd()).toBe(true);
    scrollTo(log().scrollHeight - 700 - 81);
    const { scrollTop } = log();
    act(() => fake.put(aMessage('m62', { seq: 62 })));
    expect(log().scrollTop).toBe(scrollTop);
  });

  it('leads back to the latest, and says how many are new', () => {
    const { fake } = plain((each) => each.showThread('c1', part(1, 60)));
    expect(button('Jump to latest')).toBeNull();
    scrollTo(0);
    expect(button('Jump to latest')).toBeTruthy();
    act(() => {
      fake.put(aMessage('m61', { seq: 61 }));
      fake.conversations.at('c1').set(aConversation('c1', { messageCount: 61 }));
    });
    fireEvent.click(button('1 new message') as HTMLElement);
    expect(isAtEnd()).toBe(true);
  });

  it('keeps the place when older ones are loaded', () => {
    const { fake } = plain((each) => each.showThread('c1', part(41, 60), { hasOlder: true }));
    scrollTo(0);
    fireEvent.click(button('Load earlier messages') as HTMLElement);
    expect(fake.called('loadOlder')).toEqual([['loadOlder', 'c1']]);
    const before = [standsAt('Text of m42'), fromEnd()];
    act(() => fake.showThread('c1', part(21, 60), { hasOlder: true }));
    expect([standsAt('Text of m42'), fromEnd()]).toEqual(before);
  });

  it('loads what is newer when asked, keeps the place, and reads nothing before the latest is there', () => {
    const { fake } = plain((each) => {
      each.conversations.at('c1').set(aConversation('c1', { messageCount: 60, unreadCount: 1, agentLastReadSeq: 60 }));
      each.showThread('c1', part(1, 20), { hasNewer: true });
    }, 5);
    scrollTo(log().scrollHeight - 700);
    fireEvent.click(button('Load later messages') as HTMLElement);
    expect(fake.called('loadNewer')).toEqual([['loadNewer', 'c1']]);
    const { scrollTop } = log();
    act(() => fake.showThread('c1', part(1, 60)));
    expect(log().scrollTop).toBe(scrollTop);
    expect(button('Load later messages')).toBeNull();
    expect(fake.called('markRead')).toEqual([]);
  });

  it('jumps to the latest over what is not loaded', async () => {
    const { fake } = plain((each) => each.showThread('c1', part(1, 20), { hasNewer: true }), 5);
    await act(async () => fireEvent.click(button('Jump to latest') as HTMLElement));
    expect(fake.called('loadNewest')).toEqual([['loadNewest', 'c1']]);
    act(() => fake.showThread('c1', part(41, 60), { hasOlder: true }));
    expect(isAtEnd()).toBe(true);
    expect(button('Jump to latest')).toBeNull();
  });

  it('says nothing by itself, as the windowed one', () => {
    const { fake } = plain((each) => each.showThread('c1', part(1, 60)));
    expect(log().getAttribute('aria-live')).toBe('off');
    act(() => fake.put(aMessage('m61', { seq: 61, text: 'Hello?' })));
    act(() => vi.advanceTimersByTime(1_000));
    expect(document.querySelector('[aria-live="polite"]')?.textContent).toBe('Mia: Hello?');
  });
});
