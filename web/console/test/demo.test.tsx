import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createTestServer } from '@parlor/client/testing';
import { StrictMode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DemoPage } from '../src/demo/page.tsx';
import { visitorToken } from '../src/demo/visitor.ts';
import { firstLanguage, loadWords } from '../src/text/language.ts';
import { WordsProvider } from '../src/text/words.tsx';

const funnel = {
  id: 'demo', name: 'Demo shop', startBlockId: 'hello', stages: [],
  blocks: {
    hello: { id: 'hello', message: 'What brings you here?', options: [{ id: 'order', text: 'My order', nextBlockId: 'order' }] },
    order: { id: 'order', message: 'Which order?', options: [{ id: 'last', text: 'The last one', nextBlockId: null }] },
  },
};

/** The in-memory server as this page's own origin, handing out visitors. */
function serve() {
  const server = createTestServer({ cookie: null });
  server.addFunnel(funnel);
  let visitors = 0;
  const asked: (string | undefined)[] = [];
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const { pathname, search } = new URL(String(input), server.url);
    if (!pathname.endsWith('/visitors')) return server.fetch(server.url + pathname + search, init);
    asked.push(new Headers(init.headers).get('authorization') ?? undefined);
    visitors += 1;
    const userId = `anon_${visitors}`;
    const expiresAt = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();
    return Response.json({ token: server.token({ role: 'visitor', sub: userId }), userId, expiresAt }, { status: 201 });
  });
  vi.stubGlobal('WebSocket', server.WebSocket);
  const timer = setInterval(() => void server.clock.advance(20), 1);
  stopClock = () => clearInterval(timer);
  return { server, asked };
}

let stopClock: (() => void) | undefined;
beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  stopClock?.();
  vi.unstubAllGlobals();
});
const open = () =>
  render(
    <StrictMode>
      <WordsProvider first={loadWords(firstLanguage())}>
        <DemoPage />
      </WordsProvider>
    </StrictMode>,
  );

describe('the demo page', () => {
  it('greets without creating anything, and begins with the first click', async () => {
    const { server } = serve();
    open();
    expect(await screen.findByText('What brings you here?')).toBeTruthy();
    expect(server.conversationIds()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'My order' }));
    expect(await screen.findByText('Which order?')).toBeTruthy();
    expect(server.conversationIds()).toHaveLength(1);
    fireEvent.click(screen.getByRole('button', { name: 'The last one' }));
    await waitFor(() => expect(server.conversation(server.conversationIds()[0] ?? '').lastMessage).not.toBe('Which order?'));
    expect(screen.queryByRole('button', { name: 'My order' })).toBeNull();
  });

  it('begins with a text too, and shows what an agent answers', async () => {
    const { server } = serve();
    open();
    const field = await screen.findByRole('textbox', { name: 'Your message' });
    fireEvent.change(field, { target: { value: 'Is it blue?' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(await screen.findByText('Is it blue?')).toBeTruthy();
    await waitFor(() => expect(server.conversationIds()).toHaveLength(1));
    server.say(server.conversationIds()[0] ?? '', 'It is blue.', 'agent');
    const answer = await screen.findByText('It is blue.');
    expect(answer.closest<HTMLElement>('.pl-message')?.dataset['side']).toBe('start');
    expect(screen.getByText('Is it blue?').closest<HTMLElement>('.pl-message')?.dataset['side']).toBe('end');
  });

  it('finds the conversation again after a reload, and stays with it when it ends', async () => {
    const { server } = serve();
    const { unmount } = open();
    fireEvent.click(await screen.findByRole('button', { name: 'My order' }));
    await screen.findByText('Which order?');
    unmount();
    open();
    expect(await screen.findByText('Which order?')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'End chat' }));
    expect(await screen.findByText('Ended. Write again to go on.')).toBeTruthy();
    expect(server.conversation(server.conversationIds()[0] ?? '').status).toBe('closed');
    expect(screen.getByText('Which order?')).toBeTruthy();
  });
});

describe('the demo page in Arabic', () => {
  afterEach(() => {
    for (const name of ['lang', 'dir']) document.documentElement.removeAttribute(name);
  });

  it('has every word of its own and of the chat in it, in its direction', async () => {
    serve();
    document.documentElement.lang = 'ar';
    open();
    expect(await screen.findByRole('heading', { name: 'متجر تجريبي' })).toBeTruthy();
    expect(document.documentElement.dir).toBe('rtl');
    expect(document.title).toBe('متجر تجريبي · Parlor');
    const field = await screen.findByRole('textbox', { name: 'رسالتك' });
    fireEvent.change(field, { target: { value: 'Is it blue?' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(await screen.findByRole('button', { name: 'إنهاء المحادثة' })).toBeTruthy();
    // What is left in English is the shop's own funnel, what was written, and names.
    const words = document.body.textContent.replaceAll(/What brings you here\?|My order|Is it blue\?|Sorry, I did not understand that|parlor link --workspace demo|Parlor|Shift\+Enter|Enter/g, '');
    expect(words).not.toMatch(/[A-Za-z]{2,}/);
  });
});

describe('the visitor', () => {
  it('is kept, renewed near its end, and made anew when the server does not know it', async () => {
    const { server, asked } = serve();
    const first = await visitorToken();
    expect(await visitorToken()).toBe(first);
    expect(asked).toEqual([undefined]);
    const renewed = await visitorToken(() => Date.now() + 25 * 24 * 3_600_000);
    expect(asked).toEqual([undefined, `Bearer ${first}`]);
    server.revoke(renewed);
    const anew = await visitorToken();
    expect(anew).not.toBe(renewed);
    expect(asked.at(-1)).toBeUndefined();
  });
});
