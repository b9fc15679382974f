import { expect, test, vi } from 'vitest';
import { createLiveChat, type ConnectionPhase, type LiveChat } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { scene, texts } from './support.js';

/** Every phase a client goes through, from now on. */
function phases(chat: LiveChat): ConnectionPhase[] {
  const seen: ConnectionPhase[] = [];
  chat.connection.subscribe(() => {
    const { phase } = chat.connection.get();
    if (seen.at(-1) !== phase) seen.push(phase);
  });
  return seen;
}

test('connecting, catching up, live, and back after a cut', async () => {
  const { server, chat, pass } = scene({ schedule: (flush) => flush() });
  const id = server.add();
  const seen = phases(chat);
  chat.start();
  chat.open(id);
  await pass();
  server.cutSockets();
  await pass(2_000);
  expect(seen).toEqual(['connecting', 'catching-up', 'live', 'connecting', 'catching-up', 'live']);
});

test('what is let go before it was loaded is not waited for', async () => {
  const server = createTestServer();
  // An answer that gets lost on a connection that stays open.
  const fetch: typeof globalThis.fetch = (url, init) => (String(url).includes('/messages') ? new Promise(() => {}) : server.fetch(url, init));
  const chat = createLiveChat(server.options({ fetch }));
  const id = server.add();
  const close = chat.open(id);
  chat.start();
  await server.clock.advance(1_000);
  expect(chat.connection.get().phase).toBe('catching-up');
  close();
  await server.clock.advance(6_000);
  expect(chat.connection.get().phase).toBe('live');
  chat.stop();
});

test('no socket and an old server: it fetches again, diffs, keeps the screen, and goes live when it can', async () => {
  const { server, chat, pass } = scene({ refreshInterval: 10_000 });
  const id = server.add();
  server.blockSockets();
  server.withoutChanges();
  chat.start();
  chat.list().subscribe(() => {});
  chat.open(id);
  await pass(1_000);
  expect(chat.connection.get().phase).toBe('polling');
  expect(texts(chat, id)).toEqual(['Hello']);
  const row = chat.conversation(id).get();
  await pass(20_000);
  expect(chat.conversation(id).get()).toBe(row);
  server.say(id, 'polled');
  const other = server.add({ userId: 'user-2' });
  await pass(10_000);
  expect(texts(chat, id)).toEqual(['Hello', 'polled']);
  expect(chat.list().get().ids).toContain(other);
  server.unblockSockets();
  await pass(31_000);
  expect(chat.connection.get().phase).toBe('live');
  server.say(id, 'live again');
  await pass();
  expect(texts(chat, id)).toEqual(['Hello', 'polled', 'live again']);
});

test('nothing answers: offline, and live within 30 s of the return', async () => {
  const { server, chat, pass } = scene();
  server.add();
  chat.start();
  chat.list().subscribe(() => {});
  await pass();
  server.down();
  await pass(10 * 60_000);
  expect(chat.connection.get().phase).toBe('offline');
  expect(chat.connection.get().attempt).toBeGreaterThan(10);
  server.up();
  await pass(30_000);
  expect(chat.connection.get().phase).toBe('live');
  await pass(10_000);
  expect(chat.connection.get()).toMatchObject({ phase: 'live' });
});

test('coming back to the page or online tries at once', async () => {
  let wake = () => {};
  const { server, chat, pass } = scene({ onWake: (run) => ((wake = run), () => {}) });
  server.down();
  chat.start();
  await pass(5 * 60_000);
  server.up();
  wake();
  await pass(20);
  expect(chat.connection.get().phase).toBe('live');
});

test('a socket that went silent is given up', async () => {
  const { server, chat, pass } = scene();
  chat.start();
  await pass();
  expect(server.sockets).toBe(1);
  const seen = phases(chat);
  server.muteSockets();
  await pass(60_000);
  expect(seen).toContain('connecting');
  expect(chat.connection.get().phase).toBe('live');
});

test('heartbeats keep it', async () => {
  const { chat, pass } = scene();
  chat.start();
  await pass();
  const seen = phases(chat);
  await pass(10 * 60_000);
  expect(seen).toEqual([]);
});

test('4401 asks for one fresh token and reconnects', async () => {
  const server = createTestServer();
  const who = { role: 'visitor', sub: 'user-1' } as const;
  const issued: string[] = [];
  const token = vi.fn(() => {
    issued.push(server.token(who));
    return issued.at(-1) ?? '';
  });
  const chat = createLiveChat(server.options({ token }));
  chat.start();
  await server.clock.advance(50);
  expect(token).toHaveBeenCalledTimes(1);
  server.revoke(issued[0] ?? '');
  server.cutSockets(4401);
  await server.clock.advance(50);
  expect(token).toHaveBeenCalledTimes(2);
  expect(chat.connection.get().phase).toBe('live');
  expect(chat.lastError.get()).toBeUndefined();
});

test('a token that is refused again and again is said, and asked for ever more slowly', async () => {
  const server = createTestServer({ cookie: null });
  const token = vi.fn(() => Promise.resolve('forged'));
  const chat = createLiveChat(server.options({ token }));
  chat.start();
  await server.clock.advance(120_000);
  expect(chat.lastError.get()?.code).toBe('unauthenticated');
  expect(token.mock.calls.length).toBeGreaterThan(3);
  expect(token.mock.calls.length).toBeLessThan(60);
});

test('HTTP asks for a fresh token once and repeats the request', async () => {
  const server = createTestServer();
  const id = server.add({ userId: 'user-1' });
  let current = server.token({ role: 'visitor', sub: 'user-1' });
  const chat = createLiveChat(server.options({ token: () => current }));
  chat.start();
  await server.clock.advance(50);
  server.revoke(current);
  current = server.token({ role: 'visitor', sub: 'user-1' });
  chat.open(id);
  await server.clock.advance(50);
  expect(texts(chat, id)).toEqual(['Hello']);
});

test('4403 is final', async () => {
  const { server, chat, pass } = scene();
  chat.start();
  await pass();
  server.cutSockets(4403);
  await pass(5 * 60_000);
  expect(server.sockets).toBe(0);
  expect(chat.connection.get().phase).toBe('offline');
  expect(chat.lastError.get()?.code).toBe('forbidden');
});

test('goaway is followed when it says so', async () => {
  const { server, chat, pass } = scene();
  chat.start();
  await pass();
  server.goaway(7_000);
  await pass(6_900);
  expect(server.sockets).toBe(0);
  await pass(200);
  expect(chat.connection.get().phase).toBe('live');
});

test('the refresh interval can be changed and switched off', async () => {
  const { server, chat, pass } = scene({ refreshInterval: 10_000 });
  server.blockSockets();
  server.withoutChanges();
  chat.start();
  chat.list().subscribe(() => {});
  await pass(1_000);
  expect(chat.connection.get()).toMatchObject({ phase: 'polling', refreshMs: 10_000 });
  chat.setRefreshInterval(0);
  await pass();
  expect(chat.connection.get().phase).toBe('offline');
  const requests = server.requests.length;
  await pass(60_000);
  expect(server.requests).toHaveLength(requests);
});
