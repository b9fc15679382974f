import { expect, test, vi } from 'vitest';
import { createLiveChat, type Clock, type LiveChatOptions } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { scene, texts, visitor } from './support.js';

/** A client that shows a list and one thread, where no socket can be had. */
async function polling(options: LiveChatOptions = {}) {
  const here = scene(options);
  const id = here.server.add();
  here.server.blockSockets();
  here.chat.start();
  here.chat.list().subscribe(() => {});
  here.chat.open(id);
  await here.pass(1_000);
  return { ...here, id };
}

test('without sockets it is current within a second, with one request held and nothing loaded again', async () => {
  const { server, chat, pass, id } = await polling();
  expect(chat.connection.get()).toMatchObject({ phase: 'polling', refreshMs: undefined });
  expect(server.polls).toBe(1);
  const loads = () => server.requests.filter((request) => !request.includes('/changes')).length;
  const before = loads();
  const other = server.add({ userId: 'user-2' });
  for (let n = 0; n < 20; n += 1) {
    server.say(id, `polled ${n}`);
    await pass(100);
    expect(server.polls).toBe(1);
  }
  server.close(other);
  await pass(100);
  expect(texts(chat, id)).toEqual(['Hello', ...Array.from({ length: 20 }, (_, n) => `polled ${n}`)]);
  expect(chat.list().get().ids).toEqual([id]);
  expect(chat.conversation(other).get()?.status).toBe('closed');
  server.remove(id);
  await pass(100);
  expect(chat.list().get()).toMatchObject({ ids: [], total: 0 });
  expect(loads()).toBe(before);
});

test('where there are no sockets at all, as in Node 20, it is made and polls', async () => {
  vi.stubGlobal('WebSocket', undefined);
  const { chat } = await polling({ WebSocket: undefined });
  vi.unstubAllGlobals();
  expect(chat.connection.get().phase).toBe('polling');
});

test('a quiet hour is a request every 25 s, and the phase stays', async () => {
  const { server, chat, pass } = await polling({ random: () => 0.99 });
  let changes = 0;
  chat.connection.subscribe(() => (changes += chat.connection.get().phase === 'polling' ? 0 : 1));
  const polls = () => server.requests.filter((request) => request.includes('wait=25')).length;
  const before = polls();
  await pass(3_600_000);
  expect(polls() - before).toBeGreaterThan(140);
  expect(polls() - before).toBeLessThan(150);
  expect(changes).toBe(0);
});

test('a thread alone is followed too, and several are asked for one after the other', async () => {
  const { server } = scene();
  const [first, second] = [server.add({ userId: 'user-1' }), server.add({ userId: 'user-1', funnelId: 'other' })];
  server.blockSockets();
  const user = visitor(server);
  user.start();
  for (const id of [first, second]) user.open(id);
  await server.clock.advance(1_000);
  server.say(first, 'one', 'bot');
  server.say(second, 'two', 'bot');
  await server.clock.advance(500);
  expect([texts(user, first), texts(user, second)]).toEqual([['Hello', 'one'], ['Hello', 'two']]);
  user.send(first, { text: 'answered over HTTP' });
  await server.clock.advance(500);
  expect(texts(user, first).at(-1)).toBe('answered over HTTP');
  expect(user.connection.get()).toMatchObject({ phase: 'polling', queued: 0 });
});

test('a thread alone hears of its deletion', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  server.blockSockets();
  chat.start();
  chat.open(id);
  await pass(1_000);
  expect(texts(chat, id)).toEqual(['Hello']);
  server.remove(id);
  await pass(1_000);
  expect([texts(chat, id), chat.conversation(id).get()]).toEqual([[], undefined]);
});

test('too far behind: a new snapshot, without clearing the screen', async () => {
  const { server, chat, pass, id } = await polling();
  let wasEmpty = false;
  chat.messages(id).subscribe(() => (wasEmpty ||= chat.messages(id).get().ids.length === 0));
  server.newEpoch();
  server.say(id, 'after the restore');
  await pass(30_000);
  expect(texts(chat, id)).toEqual(['Hello', 'after the restore']);
  expect(chat.list().get().ids).toEqual([id]);
  expect(wasEmpty).toBe(false);
});

test('a place that the server does not know any more: a new snapshot, once', async () => {
  const { server, chat, pass, id } = await polling();
  server.forgetCursors();
  server.say(id, 'after the loss');
  server.add({ userId: 'user-2' });
  const { length } = server.requests;
  await pass(30_000);
  expect(texts(chat, id)).toEqual(['Hello', 'after the loss']);
  expect(chat.list().get()).toMatchObject({ total: 2, isLoading: false });
  expect(chat.connection.get().phase).toBe('polling');
  expect(server.requests.length - length).toBeLessThan(20);
  server.say(id, 'and on');
  await pass(100);
  expect(texts(chat, id).at(-1)).toBe('and on');
});

/** A client where no socket can be had, and every request goes through `answer`. */
function behindProxy(answer: (path: string, ask: (otherPath?: string) => Promise<Response>, clock: Clock) => Promise<Response>) {
  const server = createTestServer();
  server.blockSockets();
  const chat = createLiveChat(server.options({
    fetch: (input, init) => answer(String(input), (path = String(input)) => server.fetch(path, init), server.clock),
  }));
  chat.start();
  return { server, chat };
}

test('an open thread of a conversation that a restored server does not have is gone', async () => {
  const { server, chat, pass, id } = await polling();
  server.down();
  await pass(1_000);
  server.remove(id);
  server.newEpoch();
  server.up();
  await pass(60_000);
  expect(chat.connection.get().phase).toBe('polling');
  expect([chat.list().get().ids, texts(chat, id), chat.conversation(id).get()]).toEqual([[], [], undefined]);
});

test('a list that is opened later does not hide from a thread what came meanwhile', async () => {
  const { server, chat } = behindProxy(async (path, ask, clock) => {
    const response = await ask();
    if (path.includes('wait=25')) await new Promise<void>((resolve) => void clock.after(1_000, resolve));
    return response;
  });
  const id = server.add();
  chat.open(id);
  await server.clock.advance(1_000);
  expect(texts(chat, id)).toEqual(['Hello']);
  server.say(id, 'in between');
  chat.list().subscribe(() => {});
  await server.clock.advance(20_000);
  expect(chat.list().get().ids).toEqual([id]);
  expect(texts(chat, id)).toEqual(['Hello', 'in between']);
  chat.stop();
});

test('where nobody holds it there is a pause, which ends at once with the client or for what is asked anew', async () => {
  const { server, chat } = behindProxy((path, ask) => ask(path.replace('wait=25', 'wait=0')));
  const polls = () => server.requests.filter((request) => request.includes('topic=inbox')).length;
  chat.open(server.add());
  await server.clock.advance(10_500);
  const before = polls();
  await server.clock.settle();
  expect(polls()).toBe(before);
  chat.list().subscribe(() => {});
  await server.clock.settle();
  expect(polls()).toBeGreaterThan(before);
  await server.clock.advance(500);
  chat.stop();
  await server.clock.advance(20);
  expect(server.clock.waiting).toBe(0);
});

test('one that opens and then fails is asked ever more seldom', async () => {
  let failed = 0;
  const { server, chat } = behindProxy((path, ask) => {
    if (!path.includes('wait=25')) return ask();
    failed += 1;
    return Promise.resolve(new Response('', { status: 502 }));
  });
  chat.list().subscribe(() => {});
  await server.clock.advance(60_000);
  failed = 0;
  await server.clock.advance(60_000);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(20);
  chat.stop();
});

test('a proxy that knows nothing during a deploy does not end it for good', async () => {
  let isDeploying = true;
  const { server, chat } = behindProxy((_, ask) =>
    (isDeploying ? Promise.resolve(new Response('<h1>Not found</h1>', { status: 404 })) : ask()));
  await server.clock.advance(20_000);
  isDeploying = false;
  await server.clock.advance(40_000);
  expect(chat.connection.get()).toMatchObject({ phase: 'polling', refreshMs: undefined });
  expect(server.polls).toBe(1);
  chat.stop();
});

test('the socket is taken as soon as it can be had, and the long poll let go', async () => {
  const { server, chat, pass, id } = await polling();
  server.unblockSockets();
  await pass(31_000);
  expect(chat.connection.get().phase).toBe('live');
  expect([server.sockets, server.polls]).toEqual([1, 0]);
  server.say(id, 'live');
  await pass();
  expect(texts(chat, id)).toEqual(['Hello', 'live']);
});

test('sockets that open and die within moments are no sockets', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  chat.start();
  chat.open(id);
  for (let n = 0; n < 10; n += 1) {
    await pass(1_000);
    server.cutSockets();
  }
  await pass(400);
  expect(chat.connection.get().phase).toBe('polling');
  server.say(id, 'still current');
  await pass(100);
  expect(texts(chat, id)).toEqual(['Hello', 'still current']);
});

test('a socket that never answers is not waited for', async () => {
  class Hanging {
    readonly readyState = 0;
    close(): void {}
  }
  const { server, chat, pass, id } = await polling({ WebSocket: Hanging as unknown as typeof WebSocket });
  expect(chat.connection.get().phase).toBe('connecting');
  await pass(5_000);
  expect(chat.connection.get().phase).toBe('polling');
  server.say(id, 'meanwhile');
  await pass(100);
  expect(texts(chat, id)).toEqual(['Hello', 'meanwhile']);
});

test('nothing answers any more: offline, and current again after the return', async () => {
  const { server, chat, pass, id } = await polling();
  server.down();
  await pass(120_000);
  expect(chat.connection.get().phase).toBe('offline');
  server.say(id, 'meanwhile');
  server.up();
  await pass(31_000);
  expect(chat.connection.get().phase).toBe('polling');
  expect(texts(chat, id)).toEqual(['Hello', 'meanwhile']);
  expect(chat.lastError.get()).toBeUndefined();
});

test('after sleep, whoever comes back sees what is there at once', async () => {
  let wake = () => {};
  const { server, chat, pass, id } = await polling({ onWake: (run) => ((wake = run), () => {}) });
  const { length } = server.requests;
  wake();
  await pass(0);
  expect(server.requests.slice(length).some((request) => request.includes('topic=inbox') && request.includes('wait=0'))).toBe(true);
  server.say(id, 'hello again');
  await pass(100);
  expect(texts(chat, id)).toEqual(['Hello', 'hello again']);
});

test('stopping leaves no request behind', async () => {
  const { server, chat, pass } = await polling();
  chat.stop();
  await pass(60_000);
  expect(server.clock.waiting).toBe(0);
});
