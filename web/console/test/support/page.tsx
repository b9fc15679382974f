import { cleanup, configure, render } from '@testing-library/react';
import { createTestServer, type TestServer } from '@parlor/client/testing';
import { afterEach, beforeEach, vi } from 'vitest';
import { App } from '../../src/app.tsx';
import { signIn } from '../../src/session.ts';
import { firstLanguage, loadWords } from '../../src/text/language.ts';
import { WordsProvider } from '../../src/text/words.tsx';

let stopClock: (() => void) | undefined;
let arriving: (() => Promise<void>) | undefined;

/** The in-memory server as this page's own origin, its clock running by itself, with somebody signed in and a funnel. */
export function serve(me: { role: 'admin' | 'agent'; sub: string; name: string }): TestServer {
  const server = createTestServer({ cookie: me });
  server.addFunnel({ id: 'shop', name: 'Lamp shop', startBlockId: 'a', stages: [], blocks: {} });
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const url = new URL(String(input), server.url);
    if (url.pathname.endsWith('/sessions')) return Response.json({ me });
    const happens = init?.method === 'PUT' || init?.method === 'DELETE' ? arriving : undefined;
    if (happens) {
      arriving = undefined;
      await happens();
    }
    return server.fetch(server.url + url.pathname + url.search, init);
  });
  vi.stubGlobal('WebSocket', server.WebSocket);
  const timer = setInterval(() => void server.clock.advance(20), 1);
  stopClock = () => clearInterval(timer);
  return server;
}

/** What happens once, between the next change or deletion here and its arrival. */
export function meanwhile(happens: () => Promise<void>): void {
  arriving = happens;
}

export function open(address: string): void {
  window.history.replaceState(null, '', address);
  render(
    <WordsProvider first={loadWords(firstLanguage())}>
      <App first={signIn(undefined)} />
    </WordsProvider>,
  );
}

/** Around every test of a file; a question before something is lost is answered with yes. */
export function tidy(): void {
  // What comes late comes from a disk here.
  configure({ asyncUtilTimeout: 5_000 });
  vi.setConfig({ testTimeout: 15_000 });
  beforeEach(() => vi.stubGlobal('confirm', vi.fn(() => true)));
  afterEach(() => {
    cleanup();
    stopClock?.();
    arriving = undefined;
    vi.unstubAllGlobals();
    localStorage.clear();
  });
}
