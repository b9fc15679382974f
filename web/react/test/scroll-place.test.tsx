import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveChatView } from '../src/index.ts';
import { aConversation, aMessage, fakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

// A step of the reader's that the browser has not told of: the page is scrolled, and the event comes with the next frame.
// Each row is as high as the view, see setup.ts.

const height = { get: () => Number.parseFloat(document.querySelector<HTMLElement>('.pl-window')?.style.height ?? '0') };
beforeEach(() => {
  vi.useFakeTimers();
  Object.defineProperty(HTMLElement.prototype, 'scrollHeight', { configurable: true, ...height });
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(HTMLElement.prototype, 'scrollHeight');
});

const part = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => aMessage(`m${from + i}`, { seq: from + i }));
const log = () => screen.getByRole('log');
const fromEnd = () => log().scrollHeight - log().clientHeight - log().scrollTop;
const topOf = (text: string) =>
  Number(/translate3d\(0(?:px)?, (.+?)px/.exec((screen.getByText(text).closest('li') as HTMLElement).style.transform)?.[1]) - log().scrollTop;
const jump = () => screen.queryByRole('button', { name: 'Jump to latest' });
/** Until the virtualiser has looked for a few frames whether it stands where it scrolled to. */
const settle = () => act(() => vi.advanceTimersByTime(100));

function thread({ strict = false } = {}) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1', { messageCount: 60, agentLastReadSeq: 60 }));
  fake.showThread('c1', part(41, 60), { hasOlder: true });
  renderWith(fake, <LiveChatView conversationId="c1" />, { strict });
  fireEvent.scroll(log());
  settle();
  expect(fromEnd()).toBe(0);
  return fake;
}

describe('a step that the browser has not told of', () => {
  it('is kept when older messages come in', () => {
    const fake = thread();
    log().scrollTop -= 7_000;
    fireEvent.scroll(log());
    const before = topOf('Text of m50');
    log().scrollTop -= 120;
    act(() => fake.showThread('c1', part(21, 60), { hasOlder: true }));
    expect(topOf('Text of m50')).toBe(before + 120);
  });

  it('away from the end is not taken back by a message that comes', () => {
    const fake = thread();
    log().scrollTop -= 120;
    const { scrollTop } = log();
    act(() => fake.put(aMessage('m61', { seq: 61 })));
    settle();
    expect(log().scrollTop).toBe(scrollTop);
    expect(jump()).not.toBeNull();
  });

  it('within 80 px of the end leaves the reader there', () => {
    const fake = thread();
    log().scrollTop -= 60;
    act(() => fake.put(aMessage('m61', { seq: 61 })));
    settle();
    expect(fromEnd()).toBe(0);
    expect(jump()).toBeNull();
  });

  it.each([false, true])('after one of the page\'s own to the end leaves the reader there (StrictMode: %s)', (strict) => {
    const fake = thread({ strict });
    act(() => fake.put(aMessage('m61', { seq: 61 })));
    // With the frame after it the page has made up for what it measured meanwhile, and the browser has not told yet.
    act(() => vi.advanceTimersToNextFrame());
    expect(fromEnd()).toBe(0);
    log().scrollTop -= 10;
    act(() => fake.put(aMessage('m62', { seq: 62 })));
    fireEvent.scroll(log());
    settle();
    expect(fromEnd()).toBe(0);
    expect(jump()).toBeNull();
    act(() => fake.put(aMessage('m63', { seq: 63 })));
    settle();
    expect(fromEnd()).toBe(0);
  });
});
