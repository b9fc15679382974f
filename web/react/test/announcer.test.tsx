import { act } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveChatView } from '../src/index.ts';
import { aConversation, aMessage, fakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13) }));
afterEach(() => vi.useRealTimers());

const part = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => aMessage(`m${from + i}`, { seq: from + i }));

function open(change: { hasNewer?: boolean } = {}, side: 'team' | 'user' = 'team') {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1'));
  fake.showThread('c1', part(1, 5), change);
  renderWith(fake, <LiveChatView conversationId="c1" />, { side });
  const speak = () => act(() => vi.advanceTimersByTime(1_000));
  return {
    fake,
    hear(...message: Parameters<typeof aMessage>) {
      act(() => fake.put(aMessage(...message)));
      speak();
    },
    load(from: number, to: number, more: { hasNewer?: boolean } = {}) {
      act(() => fake.showThread('c1', part(from, to), more));
      speak();
    },
  };
}
const voice = () => document.querySelector('[aria-live="polite"]');
const spoken = () => voice()?.textContent;

describe('the voice of a thread', () => {
  it('speaks of a colleague and of the bot to an agent, and not of what the agent wrote', () => {
    const { hear } = open();
    hear('m6', { seq: 6, type: 'bot', author: { kind: 'agent', id: 'ben', name: 'Ben' }, text: 'I take it' });
    expect(spoken()).toBe('Ben: I take it');
    hear('m7', { seq: 7, type: 'bot', author: { kind: 'bot' }, text: 'Where?' });
    expect(spoken()).toBe('Bot: Where?');
    hear('m8', { seq: 8, type: 'bot', author: { kind: 'agent', id: 'ada', name: 'Ada' }, text: 'Mine' });
    expect(spoken()).toBe('Bot: Where?');
  });

  it('speaks to the user of everybody else', () => {
    const { hear } = open({}, 'user');
    hear('m6', { seq: 6, text: 'Mine' });
    expect(spoken()).toBe('');
    hear('m7', { seq: 7, type: 'bot', author: { kind: 'agent', id: 'ada', name: 'Ada' }, text: 'Hello' });
    expect(spoken()).toBe('Ada: Hello');
  });

  it('is silent about what is loaded up to the newest, and speaks of what comes then', () => {
    const { hear, load } = open({ hasNewer: true });
    load(1, 8, { hasNewer: true });
    load(1, 10);
    expect(spoken()).toBe('');
    hear('m11', { seq: 11, text: 'Still there?' });
    expect(spoken()).toBe('Mia: Still there?');
  });

  it('is silent about where a jump to the latest leads', () => {
    const { load } = open({ hasNewer: true });
    load(101, 105);
    expect(spoken()).toBe('');
  });

  it('says the same words again when they are written again', () => {
    const { hear } = open();
    hear('m6', { seq: 6, text: 'Hello?' });
    const first = voice()?.firstChild;
    hear('m7', { seq: 7, text: 'Hello?' });
    expect(spoken()).toBe('Mia: Hello?');
    expect(voice()?.firstChild).not.toBe(first);
  });
});
