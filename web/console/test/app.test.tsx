import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createTestServer, type TestServer } from '@parlor/client/testing';
import { StrictMode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { App } from '../src/app.tsx';
import { signIn, takeLinkCode } from '../src/session.ts';
import { settings } from '../src/settings.ts';
import { firstLanguage, loadWords } from '../src/text/language.ts';
import { WordsProvider } from '../src/text/words.tsx';

const ada = { role: 'agent', sub: 'ada', name: 'Ada Lovelace' } as const;
const ben = { role: 'agent', sub: 'ben', name: 'Ben Okafor' } as const;

/** The in-memory server as this page's own origin, its clock running by itself, with the console's two session calls. */
function serve({ signedIn = true, accepts = true } = {}) {
  let signed: typeof ada | typeof ben | null = signedIn ? ada : null;
  const server = createTestServer({ cookie: signed });
  const sessions: string[] = [];
  let isUp = true;
  const answer = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), server.url);
    if (!isUp) throw new TypeError('fetch failed');
    if (!url.pathname.endsWith('/sessions')) return server.fetch(server.url + url.pathname + url.search, init);
    const { method = 'GET' } = init;
    if (method === 'GET') return Response.json(signed ? { me: signed } : {});
    sessions.push(`${method} ${String(init.body ?? '')}`.trim());
    if (method === 'POST' && !accepts) return new Response(null, { status: 401 });
    signed = method !== 'POST' ? null : String(init.body).includes('for-ben') ? ben : ada;
    server.signIn(signed);
    return new Response(null, { status: 204 });
  };
  vi.stubGlobal('fetch', answer);
  vi.stubGlobal('WebSocket', server.WebSocket);
  return { server, sessions, down: () => void (isUp = false), up: () => void (isUp = true) };
}

let stopClock: (() => void) | undefined;
function run(server: TestServer) {
  const timer = setInterval(() => void server.clock.advance(20), 1);
  stopClock = () => clearInterval(timer);
}

function open(address = '/') {
  window.history.replaceState(null, '', address);
  const first = signIn(takeLinkCode());
  const words = loadWords(firstLanguage());
  return render(
    <StrictMode>
      <WordsProvider first={words}>
        <App first={first} />
      </WordsProvider>
    </StrictMode>,
  );
}

afterEach(() => {
  cleanup();
  stopClock?.();
  vi.unstubAllGlobals();
  localStorage.clear();
  settings.reload();
  for (const name of ['lang', 'dir', 'data-theme']) document.documentElement.removeAttribute(name);
});

/** The same whether its popover is open: jsdom knows none. */
const inPopover = { hidden: true } as const;

describe('the console', () => {
  it('tells whoever has no session how to get one', async () => {
    const { server } = serve({ signedIn: false });
    run(server);
    open();
    expect(await screen.findByText('Sign in to Parlor')).toBeTruthy();
    expect(screen.getByText('parlor link')).toBeTruthy();
  });

  it('trades the link for a session, once, and cleans the address', async () => {
    const { server, sessions } = serve({ signedIn: false });
    server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false } });
    run(server);
    open('/?status=all#link=one-time');
    expect(window.location.href).not.toContain('one-time');
    expect(await screen.findByText('Mia Keller')).toBeTruthy();
    expect(sessions).toEqual(['POST {"code":"one-time"}']);
    expect(screen.getByRole('button', { name: 'Account Ada Lovelace' })).toBeTruthy();
  });

  it('says when a link is used up', async () => {
    const { server } = serve({ signedIn: false, accepts: false });
    run(server);
    open('/#link=old');
    expect(await screen.findByText('This link does not work any more')).toBeTruthy();
  });

  it('waits for a server that does not answer', async () => {
    const { server, down, up } = serve();
    run(server);
    down();
    open();
    const again = await screen.findByRole('button', { name: 'Try again' });
    up();
    fireEvent.click(again);
    expect(await screen.findByText('No conversation selected')).toBeTruthy();
  });

  it('keeps filters and selection in the address, and follows its history', async () => {
    const { server } = serve();
    const id = server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false }, messages: ['Is it blue?'] });
    run(server);
    open();
    fireEvent.click(await screen.findByText('Mia Keller'));
    await waitFor(() => expect(window.location.search).toBe(`?conversation=${id}`));
    expect(await screen.findByRole('log', { name: 'Messages with Mia Keller' })).toBeTruthy();
    fireEvent.change(screen.getByRole('combobox', { name: 'More' }), { target: { value: 'closed' } });
    expect(window.location.search).toBe(`?status=closed&conversation=${id}`);
    window.history.back();
    await waitFor(() => expect(screen.queryByRole('log')).toBeNull());
    expect(window.location.search).toBe('');
  });

  it('goes back in the history when one goes back to the list, and opens at the message of a link', async () => {
    const { server } = serve();
    const id = server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false } });
    run(server);
    open(`/?conversation=${id}&message=1`);
    await screen.findByRole('log');
    expect(window.location.search).toBe(`?conversation=${id}&message=1`);
    fireEvent.click(await screen.findByRole('button', { name: 'Back to the list' }));
    await waitFor(() => expect(window.location.search).toBe(''));
    const { length } = window.history;
    fireEvent.click(await screen.findByText('Mia Keller'));
    await waitFor(() => expect(window.location.search).toBe(`?conversation=${id}`));
    fireEvent.click(await screen.findByRole('button', { name: 'Back to the list' }));
    await waitFor(() => expect(window.location.search).toBe(''));
    // Opening was a step, going back was that step back.
    expect(window.history.length).toBe(length + 1);
  });

  it('counts the unread in the title and on the icon', async () => {
    const { server } = serve();
    server.add({ agentLastReadSeq: 0 });
    run(server);
    open();
    const icon = document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon', href: '/favicon.svg' }));
    const setAppBadge = vi.fn(async () => undefined);
    Object.assign(navigator, { setAppBadge, clearAppBadge: async () => undefined });
    await waitFor(() => expect(document.title).toBe('(1) test · Parlor'));
    expect(icon.getAttribute('href')).toBe('/favicon-unread.svg');
    expect(setAppBadge).toHaveBeenCalledWith(1);
    icon.remove();
  });

  it.each([false, true])('asks for its list before what only counts the unread, also with sound on: %s', async (sound) => {
    const { server } = serve();
    server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false }, agentLastReadSeq: 0 });
    settings.set({ sound });
    run(server);
    open();
    await waitFor(() => expect(document.title).toBe('(1) test · Parlor'));
    const lists = server.requests.filter((each) => each.startsWith('GET /conversations?'));
    expect(lists.map((each) => each.includes('unread=true'))).toEqual([false, true]);
  });

  it('starts anew for another person whose link is opened in a signed-in tab, and keeps what is one’s own', async () => {
    const { server, sessions } = serve();
    const id = server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false } });
    run(server);
    open(`/?conversation=${id}`);
    const field = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Message to Mia Keller' });
    fireEvent.change(await field(), { target: { value: 'As Ada' } });
    window.location.hash = '#link=for-ada';
    await waitFor(() => expect(sessions).toEqual(['POST {"code":"for-ada"}']));
    expect((await field()).value).toBe('As Ada');
    window.location.hash = '#link=for-ben';
    expect(await screen.findByRole('button', { name: 'Account Ben Okafor' })).toBeTruthy();
    expect((await field()).value).toBe('');
    expect(server.sockets).toBe(1);
  });

  it('leaves nothing behind after signing out', async () => {
    const { server, sessions } = serve();
    server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false }, agentLastReadSeq: 0 });
    run(server);
    open('/?status=all');
    await screen.findByText('Mia Keller');
    await waitFor(() => expect(document.title).toBe('(1) test · Parlor'));
    fireEvent.click(screen.getByRole('button', { name: 'Sign out', ...inPopover }));
    expect(await screen.findByText('Sign in to Parlor')).toBeTruthy();
    expect(sessions).toEqual(['DELETE']);
    expect(window.location.search).toBe('');
    expect(server.sockets).toBe(0);
    expect(document.title).toBe('Parlor');
  });

  it('deletes a note for good before the session ends', async () => {
    const { server, sessions } = serve();
    const id = server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false } });
    const asked: string[] = [];
    const answer = globalThis.fetch;
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init: RequestInit = {}) => {
      if (init.method === 'DELETE') asked.push(`${new URL(String(input), server.url).pathname.split('/').at(-2)} ${init.keepalive ?? false}`);
      return answer(input, init);
    });
    run(server);
    open(`/?conversation=${id}`);
    fireEvent.click(await screen.findByRole('radio', { name: 'Note' }));
    const field = await screen.findByRole('textbox', { name: 'Note about Mia Keller' });
    fireEvent.change(field, { target: { value: 'Called twice' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    fireEvent.click(await screen.findByRole('button', { name: 'Delete note' }));
    fireEvent.click(screen.getByRole('button', { name: 'Sign out', ...inPopover }));
    await waitFor(() => expect(sessions).toEqual(['DELETE']));
    expect(asked).toEqual(['notes true', 'live-chat false']);
  });

  it('says so when the session could not be ended', async () => {
    const { server, down, up } = serve();
    run(server);
    open();
    await screen.findByText('No conversation selected');
    down();
    fireEvent.click(screen.getByRole('button', { name: 'Sign out', ...inPopover }));
    expect(await screen.findByText('You may still be signed in')).toBeTruthy();
    up();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Sign in to Parlor')).toBeTruthy();
  });
});

describe('languages', () => {
  it('change at once, keep what is open, and are kept for the next visit', async () => {
    const { server } = serve();
    const id = server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false }, agentLastReadSeq: 0 });
    run(server);
    open(`/?status=all&conversation=${id}`);
    await screen.findByRole('log', { name: 'Messages with Mia Keller' });
    fireEvent.click(screen.getByRole('radio', { name: 'العربية', ...inPopover }));
    expect(await screen.findByRole('log', { name: /^الرسائل مع/ })).toBeTruthy();
    expect([document.documentElement.lang, document.documentElement.dir]).toEqual(['ar', 'rtl']);
    expect(window.location.search).toBe(`?status=all&conversation=${id}`);
    expect(localStorage.getItem('parlor.language')).toBe('ar');
    expect(screen.getByRole('button', { name: 'تسجيل الخروج', ...inPopover })).toBeTruthy();
  });

  it('are that of the page from the first words on', async () => {
    const { server } = serve({ signedIn: false });
    run(server);
    document.documentElement.lang = 'ar';
    open();
    expect(await screen.findByText('تسجيل الدخول إلى Parlor')).toBeTruthy();
    expect(screen.queryByText('Sign in to Parlor')).toBeNull();
  });
});

describe('settings', () => {
  it('are kept, and those of the inbox are the inbox’s', async () => {
    const { server } = serve();
    const id = server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false } });
    run(server);
    open(`/?conversation=${id}`);
    const log = await screen.findByRole('log');
    expect(log.querySelector('.pl-plain')).toBeNull();
    fireEvent.click(screen.getByRole('switch', { name: 'Messages as a plain list', ...inPopover }));
    await waitFor(() => expect(screen.getByRole('log').querySelector('.pl-plain')).not.toBeNull());
    fireEvent.click(screen.getByRole('switch', { name: 'Single-key shortcuts', ...inPopover }));
    fireEvent.click(screen.getByRole('switch', { name: 'Sound', ...inPopover }));
    fireEvent.change(screen.getByRole('slider', { name: 'Volume', ...inPopover }), { target: { value: '0.3' } });
    fireEvent.click(screen.getByRole('radio', { name: 'Dark', ...inPopover }));
    expect(JSON.parse(localStorage.getItem('parlor.settings') ?? '')).toEqual({
      shortcuts: false, plainList: true, notifications: false, sound: true, volume: 0.3,
    });
    expect(document.documentElement.dataset['theme']).toBe('dark');
  });
});
