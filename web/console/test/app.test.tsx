import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createTestServer, type TestServer } from '@parlor/client/testing';
import { StrictMode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { App } from '../src/app.tsx';
import { signIn, takeLinkCode } from '../src/session.ts';

const ada = { role: 'agent', sub: 'ada', name: 'Ada Lovelace' } as const;

/** The in-memory server as this page's own origin, its clock running by itself, with the console's two session calls. */
function serve({ signedIn = true, accepts = true } = {}) {
  const server = createTestServer({ cookie: signedIn ? ada : null });
  const sessions: string[] = [];
  let isUp = true;
  const answer = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), server.url);
    if (!isUp) throw new TypeError('fetch failed');
    if (!url.pathname.endsWith('/sessions')) return server.fetch(server.url + url.pathname + url.search, init);
    sessions.push(`${init.method} ${String(init.body ?? '')}`.trim());
    if (init.method === 'POST' && !accepts) return new Response(null, { status: 401 });
    server.signIn(init.method === 'POST' ? ada : null);
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
  return render(
    <StrictMode>
      <App first={first} />
    </StrictMode>,
  );
}

afterEach(() => {
  cleanup();
  stopClock?.();
  vi.unstubAllGlobals();
});

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
    expect(screen.getByText('Ada Lovelace')).toBeTruthy();
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

  it('counts the unread in the title', async () => {
    const { server } = serve();
    server.add({ agentLastReadSeq: 0 });
    run(server);
    open();
    await waitFor(() => expect(document.title).toBe('(1) test · Parlor'));
  });

  it('leaves nothing behind after signing out', async () => {
    const { server, sessions } = serve();
    server.add({ user: { id: 'u', name: 'Mia Keller', isOnline: false } });
    run(server);
    open('/?status=all');
    await screen.findByText('Mia Keller');
    fireEvent.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(await screen.findByText('Sign in to Parlor')).toBeTruthy();
    expect(sessions).toEqual(['DELETE']);
    expect(window.location.search).toBe('');
    expect(server.sockets).toBe(0);
  });

  it('says so when the session could not be ended', async () => {
    const { server, down, up } = serve();
    run(server);
    open();
    await screen.findByText('No conversation selected');
    down();
    fireEvent.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(await screen.findByText('You may still be signed in')).toBeTruthy();
    up();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Sign in to Parlor')).toBeTruthy();
  });
});
