import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveChatView } from '../src/index.ts';
import { aConversation, aMessage, anError, fakeChat, type FakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13) }));
afterEach(() => vi.useRealTimers());

function thread(prepare: (fake: FakeChat) => void, options: Parameters<typeof renderWith>[2] = {}) {
  const fake = fakeChat();
  fake.conversations.at('c1').set(aConversation('c1'));
  prepare(fake);
  renderWith(fake, <LiveChatView conversationId="c1" onOption={(option) => fake.chat.send('c1', { text: option.text, optionId: option.id })} />, options);
  return fake;
}
const bubble = (text: string) => screen.getByText(text).closest<HTMLElement>('.pl-message');

describe('the thread', () => {
  it('puts bot and agent at the start, the user at the end, system lines in the middle', () => {
    thread((fake) =>
      fake.showThread('c1', [
        aMessage('bot', { type: 'bot', author: { kind: 'bot', name: 'Funnel' } }),
        aMessage('user', { seq: 2 }),
        aMessage('agent', { seq: 3, type: 'bot', author: { kind: 'agent', id: 'ann', name: 'Ann' } }),
        aMessage('system', { seq: 4, type: 'system', author: { kind: 'system' }, system: { code: 'agent_left', params: { name: 'Ann' } } }),
      ]),
    );
    expect(bubble('Text of bot')?.dataset).toMatchObject({ side: 'start', author: 'bot' });
    expect(bubble('Text of agent')?.dataset).toMatchObject({ side: 'start', author: 'agent' });
    expect(bubble('Text of user')?.dataset).toMatchObject({ side: 'end', author: 'user' });
    expect(screen.getByText('Ann left').closest('.pl-system')).toBeTruthy();
  });

  it('is a log that says nothing by itself, with a list of messages in it', () => {
    thread((fake) => fake.showThread('c1', [aMessage('m1')]));
    const log = screen.getByRole('log', { name: 'Messages with Visitor c1' });
    expect(log.getAttribute('aria-live')).toBe('off');
    expect(log.querySelector(':scope > ol > li')).toBeTruthy();
  });

  it('speaks what others write, several at once as a number, and not what I write', () => {
    const fake = thread((each) => each.showThread('c1', [aMessage('m1')]));
    const voice = () => document.querySelector('[aria-live="polite"]')?.textContent;
    act(() => fake.put(aMessage('m2', { seq: 2, text: 'Hello?' })));
    act(() => vi.advanceTimersByTime(1_000));
    expect(voice()).toBe('Mia: Hello?');
    act(() => fake.put(aMessage('m3', { seq: 3 })));
    act(() => fake.put(aMessage('m4', { seq: 4 })));
    act(() => vi.advanceTimersByTime(1_000));
    expect(voice()).toBe('2 new messages');
    act(() => fake.put(aMessage('m5', { seq: 5, type: 'bot', author: { kind: 'agent', id: 'ada' } })));
    act(() => vi.advanceTimersByTime(1_000));
    expect(voice()).toBe('2 new messages');
  });

  it('marks as read what is seen at its end', () => {
    const fake = thread((each) => {
      each.conversations.at('c1').set(aConversation('c1', { unreadCount: 1, agentLastReadSeq: 0 }));
      each.showThread('c1', [aMessage('m1')]);
    });
    expect(screen.getByText('New')).toBeTruthy();
    expect(fake.called('markRead')).toEqual([['markRead', 'c1']]);
    act(() => fake.conversations.at('c1').set(aConversation('c1', { unreadCount: 0, agentLastReadSeq: 1 })));
    expect(screen.getByText('New')).toBeTruthy();
    expect(fake.called('markRead')).toHaveLength(1);
  });

  it('loads what is older when its beginning comes near', () => {
    const fake = thread((each) => each.showThread('c1', [aMessage('m1'), aMessage('m2', { seq: 2 })], { hasOlder: true }));
    expect(fake.called('loadOlder').length).toBeGreaterThan(0);
    expect(screen.queryByText('Text of m1')).toBeNull();
    act(() => fake.showThread('c1', [aMessage('m0'), aMessage('m1', { seq: 2 }), aMessage('m2', { seq: 3 })]));
    expect(screen.getByText('Text of m1')).toBeTruthy();
  });

  it('shows who writes, outside the log', () => {
    const fake = thread((each) => each.showThread('c1', [aMessage('m1')]));
    act(() => fake.typing.at('c1').set([{ kind: 'user', name: 'Mia' }]));
    const line = screen.getByText('Mia is typing…');
    expect(line.closest('[role="log"]')).toBeNull();
  });

  it('offers the plain list, where every message is in the page', () => {
    thread((each) => each.showThread('c1', Array.from({ length: 300 }, (_, i) => aMessage(`m${i}`, { seq: i + 1 }))));
    expect(document.querySelectorAll('.pl-message').length).toBeLessThan(100);
    fireEvent.click(screen.getByRole('button', { name: 'Show messages as a plain list' }));
    expect(document.querySelectorAll('.pl-message')).toHaveLength(300);
  });

  it('folds what is very long', () => {
    thread((each) => each.showThread('c1', [aMessage('m1', { text: 'word '.repeat(400) })]));
    const more = screen.getByRole('button', { name: 'Show more' });
    expect(document.querySelector('[data-folded]')).toBeTruthy();
    fireEvent.click(more);
    expect(document.querySelector('[data-folded]')).toBeNull();
  });

  it('says that a conversation is gone', () => {
    thread((each) => each.showThread('c1', [], { isLoaded: false, error: anError('not-found', 'Not found') }));
    expect(screen.getByText('This conversation is not here any more')).toBeTruthy();
  });

  it('shows skeletons after a while, and a failed load with a way on', () => {
    const fake = thread(() => undefined);
    act(() => vi.advanceTimersByTime(150));
    expect(screen.getByText('Loading messages')).toBeTruthy();
    act(() => fake.showThread('c1', [], { isLoaded: false, error: anError('unavailable', 'Busy.') }));
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(fake.called('reload')).toEqual([['reload', 'c1']]);
  });
});

describe('quick replies', () => {
  const options = [{ id: 'o1', text: 'Prices' }, { id: 'o2', text: 'Delivery' }];
  const asked = aMessage('q', { type: 'bot', author: { kind: 'bot' }, options });

  it('are shown to agents as what was offered', () => {
    thread((each) => each.showThread('c1', [asked, aMessage('m2', { seq: 2 })]));
    expect(screen.queryByRole('button', { name: 'Prices' })).toBeNull();
    expect(screen.getByText('Prices')).toBeTruthy();
  });

  it('are buttons for the user while they are the last word', () => {
    const fake = thread((each) => each.showThread('c1', [asked]), { side: 'user' });
    fireEvent.click(screen.getByRole('button', { name: 'Delivery' }));
    expect(fake.called('send')).toEqual([['send', 'c1', { text: 'Delivery', optionId: 'o2' }]]);
    act(() => fake.put(aMessage('m2', { seq: 2 })));
    expect(screen.queryByText('Prices')).toBeNull();
  });
});
