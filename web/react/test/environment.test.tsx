import { act } from '@testing-library/react';
import axe from 'axe-core';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { LiveChatPage, LiveChatProvider } from '../src/index.ts';
import { aConversation, aMessage, anError, fakeChat, openFilters, type FakeChat } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

function busy(): FakeChat {
  const fake = fakeChat();
  fake.showList(openFilters, [
    aConversation('c1', { unreadCount: 2, user: { id: 'u', name: 'Mia', email: 'mia@parlor.test', isOnline: true } }),
    aConversation('c2', { handler: 'queue' }),
    aConversation('c3', { handler: 'agent', assignee: { id: 'ann', name: 'Ann' } }),
  ], { hasMore: true, total: 120 });
  fake.showThread('c1', [
    aMessage('m1', { type: 'bot', author: { kind: 'bot' }, options: [{ id: 'o', text: 'Prices' }] }),
    aMessage('m2', { seq: 2, text: 'See https://parlor.test' }),
    aMessage('m3', { seq: 3, type: 'bot', author: { kind: 'agent', id: 'ada', name: 'Ada' }, state: 'read' }),
    aMessage('m4', { seq: 0, type: 'bot', author: { kind: 'agent', id: 'ada' }, state: 'failed', error: anError('internal', 'Broken.') }),
    aMessage('m5', { seq: 4, type: 'system', author: { kind: 'system' } }),
  ]);
  return fake;
}
const selected = { initialView: { selectedConversationId: 'c1' } };

describe('strict mode', () => {
  it('opens and closes in pairs, and leaves a client that was passed in running', () => {
    const fake = busy();
    const { unmount } = renderWith(fake, <LiveChatPage />, { ...selected, strict: true });
    expect(fake.opened).toBe(1);
    unmount();
    expect(fake.opened).toBe(0);
    expect(fake.called('start').length).toBeGreaterThan(0);
    expect(fake.called('stop')).toEqual([]);
    for (const cell of [fake.connection, fake.me, fake.lastError, fake.conversations.at('c1'), fake.threads.at('c1')]) {
      expect(cell.followers).toBe(0);
    }
  });
});

describe('the server', () => {
  it('renders the page without a browser, with the first rows', () => {
    const fake = busy();
    const html = renderToString(
      <StrictMode>
        <LiveChatProvider client={fake.chat} locale="en" {...selected}>
          <LiveChatPage />
        </LiveChatProvider>
      </StrictMode>,
    );
    expect(html).toContain('mia@parlor.test');
    expect(html).toContain('Visitor c2');
    expect(html).not.toContain('style=');
    expect(fake.called('start')).toEqual([]);
  });
});

describe('axe', () => {
  // Colours and sizes need a real browser.
  const options: axe.RunOptions = { rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false }, region: { enabled: false } } };
  const problems = async () =>
    (await axe.run(document.body, options)).violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)]);

  const states: Record<string, () => FakeChat> = {
    busy,
    empty: () => {
      const fake = fakeChat();
      fake.showList(openFilters, []);
      fake.showThread('c1', []);
      return fake;
    },
    loading: fakeChat,
    failed: () => {
      const fake = fakeChat();
      fake.showList(openFilters, [], { isLoaded: false, error: anError('unavailable', 'Busy.') });
      fake.showThread('c1', [], { isLoaded: false, error: anError('not-found', 'Gone.') });
      fake.lastError.set(anError('internal', 'Broken.'));
      return fake;
    },
  };
  it.each(Object.keys(states))('finds nothing wrong: %s', async (state) => {
    const fake = states[state]?.() ?? fakeChat();
    renderWith(fake, <LiveChatPage onBack={() => undefined} />, selected);
    expect(await problems()).toEqual([]);
  });

  it('finds nothing wrong for the user', async () => {
    const fake = busy();
    renderWith(fake, <LiveChatPage />, { ...selected, side: 'user' });
    act(() => fake.typing.at('c1').set([{ kind: 'agent', name: 'Ann' }]));
    expect(await problems()).toEqual([]);
  });
});
