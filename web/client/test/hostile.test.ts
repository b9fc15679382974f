import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';
import { createIndexedStorage, createLiveChat, createMemoryStorage, type LiveChatOptions } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { createBrowser, token } from './browser.js';
import { scene, states, texts } from './support.js';

/** A running client that shows a list and one thread, and a machine whose clock and page can be tampered with. */
async function running(options: LiveChatOptions = {}) {
  const server = createTestServer();
  let wake = () => {};
  let shiftMs = 0;
  const chat = createLiveChat(server.options({
    onWake: (run) => ((wake = run), () => {}),
    clock: { now: () => server.clock.now() + shiftMs, after: server.clock.after },
    ...options,
  }));
  const id = server.add();
  chat.start();
  chat.list().subscribe(() => {});
  chat.open(id);
  await server.clock.advance(1_000);
  return {
    server, chat, id, pass: (ms: number) => server.clock.advance(ms), wake: () => wake(),
    setClock: (byMs: number) => void (shiftMs += byMs),
    stored: () => server.messages(id).slice(1).map(({ text }) => text),
  };
}

const HOUR = 3_600_000;

test('a token that is never told is asked for again', async () => {
  const server = createTestServer({ cookie: null });
  const id = server.add();
  const issued = server.token({ role: 'visitor', sub: 'user-1' });
  const asked = vi.fn(() => (asked.mock.calls.length === 1 ? new Promise<string>(() => {}) : issued));
  const chat = createLiveChat(server.options({ token: asked }));
  chat.start();
  chat.send(id, { text: 'waits' });
  await server.clock.advance(120_000);
  expect(chat.connection.get()).toMatchObject({ phase: 'live', queued: 0 });
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'waits']);
  chat.stop();
});

test('one fresh token is enough for everything that was refused at once', async () => {
  const server = createTestServer({ cookie: null });
  const ids = [1, 2, 3].map((n) => server.add({ userId: 'user-1', funnelId: `f${n}` }));
  let current = server.token({ role: 'visitor', sub: 'user-1' });
  const asked = vi.fn(async () => {
    await new Promise<void>((resolve) => void server.clock.after(30, resolve));
    return current;
  });
  const chat = createLiveChat(server.options({ token: asked }));
  chat.start();
  await server.clock.advance(1_000);
  const before = current;
  current = server.token({ role: 'visitor', sub: 'user-1' });
  server.revoke(before);
  server.delay(20);
  for (const id of ids) {
    void chat.reload(id);
    await server.clock.advance(10);
  }
  await server.clock.advance(1_000);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(ids.map((id) => texts(chat, id))).toEqual([['Hello'], ['Hello'], ['Hello']]);
  chat.stop();
});

test('what a page of scripts wraps in a proxy is sent once, kept, and the next one after it', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createIndexedStorage({ factory: new IDBFactory() })];
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
  const chat = createLiveChat(server.options({ ...createBrowser(storage).tab().options, token: token(server, 'user-1') }));
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      for (let n = 0; n < 10; n += 1) await new Promise((resolve) => void setImmediate(resolve));
      await server.clock.advance(100);
    }
  };
  chat.start();
  await pass(500);
  server.down();
  chat.send(id, { text: 'reactive', metadata: { offerId: 'o', nested: new Proxy({}, {}) } });
  await pass(1_000);
  expect(chat.connection.get()).toMatchObject({ queued: 1, unsaved: 0 });
  server.up();
  chat.send(id, { text: 'next' });
  await pass(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'reactive', 'next']);
  expect(chat.connection.get().queued).toBe(0);
  chat.stop();
  vi.unstubAllGlobals();
});

test('a channel between tabs that is closed underneath holds nothing up', async () => {
  const closed = () => {
    throw new DOMException('Channel is closed', 'InvalidStateError');
  };
  const { chat, id, pass, stored } = await running({ broadcast: () => ({ onmessage: null, postMessage: closed, close() {} }) });
  for (const text of ['one', 'two']) chat.send(id, { text });
  await pass(60_000);
  expect(stored()).toEqual(['one', 'two']);
  expect(chat.connection.get()).toMatchObject({ queued: 0, unsaved: 0 });
  expect(chat.lastError.get()).toBeUndefined();
  chat.stop();
});

test('where a policy forbids sockets, long polls do', async () => {
  const Forbidden = function Forbidden() {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  const { server, chat, id, pass } = await running({ WebSocket: Forbidden as unknown as typeof WebSocket });
  await pass(5_000);
  expect(chat.connection.get()).toMatchObject({ phase: 'polling' });
  expect(chat.connection.get().attempt).toBeGreaterThan(1);
  server.say(id, 'polled');
  await pass(100);
  expect(texts(chat, id)).toEqual(['Hello', 'polled']);
  chat.stop();
});

test.each(['sockets', 'long polls'])('a storm of wakes is a few questions over %s', async (over) => {
  const { server, chat, id, pass, wake } = await running();
  if (over === 'long polls') {
    server.blockSockets();
    await pass(10_000);
  }
  const { length } = server.requests;
  for (let n = 0; n < 200; n += 1) {
    wake();
    await pass(10);
  }
  expect(server.requests.length - length).toBeLessThan(20);
  server.say(id, 'still there');
  await pass(100);
  expect(texts(chat, id)).toEqual(['Hello', 'still there']);
  chat.stop();
});

test('the last of several wakes is not lost', async () => {
  const { server, chat, pass, wake } = await running();
  server.down();
  await pass(300_000);
  wake();
  await pass(100);
  server.up();
  wake();
  await pass(1_000);
  expect(chat.connection.get().phase).toBe('live');
});

test('a clock that is put back does not keep a dead connection', async () => {
  const { server, chat, pass, setClock } = await running();
  server.muteSockets();
  setClock(-HOUR);
  let isDead = false;
  chat.connection.subscribe(() => (isDead ||= chat.connection.get().phase === 'connecting'));
  await pass(120_000);
  expect(isDead).toBe(true);
  expect(chat.connection.get().phase).toBe('live');
});

test('… nor a total that only the server can tell', async () => {
  const server = createTestServer();
  const [first = '', second = ''] = ['1', '2', '3'].map((n) => server.add({ userId: `user-${n}` }));
  let shiftMs = 0;
  const clock = { now: () => server.clock.now() + shiftMs, after: server.clock.after };
  const chat = createLiveChat(server.options({ clock, pageSize: 1 }));
  chat.start();
  chat.list({ sortBy: 'newest' }).subscribe(() => {});
  await server.clock.advance(10_000);
  server.close(first);
  await server.clock.advance(20_000);
  shiftMs = -HOUR;
  server.close(second);
  await server.clock.advance(20_000);
  expect(chat.list({ sortBy: 'newest' }).get().total).toBe(1);
  chat.stop();
});

test('… and one that is set forward ends in the same place', async () => {
  const { server, chat, id, pass, setClock, stored } = await running();
  setClock(48 * HOUR);
  chat.send(id, { text: 'from tomorrow' });
  await pass(60_000);
  setClock(-48 * HOUR);
  chat.send(id, { text: 'from today' });
  server.say(id, 'heard');
  await pass(60_000);
  expect(stored()).toEqual(['from tomorrow', 'heard', 'from today'].toSorted((a, b) => stored().indexOf(a) - stored().indexOf(b)));
  expect(stored().indexOf('from tomorrow')).toBe(0);
  expect(chat.connection.get()).toMatchObject({ phase: 'live', queued: 0 });
});

test('a server that says tomorrow, or a clock that is behind, does not stop it for a day', async () => {
  let isAway = true;
  const away = () => Promise.resolve(new Response('{"code":"unavailable","status":503,"title":"Away."}', {
    status: 503, headers: { 'retry-after': '86400' },
  }));
  const server = createTestServer();
  server.blockSockets();
  const chat = createLiveChat(server.options({ fetch: (input, init) => (isAway ? away() : server.fetch(input, init)) }));
  const id = server.add();
  chat.start();
  chat.send(id, { text: 'patient' });
  await server.clock.advance(60_000);
  isAway = false;
  await server.clock.advance(15 * 60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'patient']);
  chat.stop();
});

test('a read mark that was not told for now is told later, over HTTP too', async () => {
  const { server, chat, id, pass } = await running();
  server.blockSockets();
  await pass(10_000);
  server.say(id, 'news');
  await pass(100);
  server.refuseNext([503, 'unavailable']);
  chat.markRead(id);
  await pass(60_000);
  expect(server.conversation(id)).toMatchObject({ agentLastReadSeq: 2 });
  chat.stop();
});

test('a proxy’s own page during a deploy refuses nothing for good', async () => {
  let isDeploying = false;
  const server = createTestServer();
  const page = () => Promise.resolve(new Response('<h1>Not found</h1>', { status: 404 }));
  const chat = createLiveChat(server.options({ fetch: (input, init) => (isDeploying ? page() : server.fetch(input, init)) }));
  const id = server.add();
  chat.start();
  await server.clock.advance(100);
  isDeploying = true;
  server.blockSockets();
  chat.list().subscribe(() => {});
  chat.open(id);
  chat.send(id, { text: 'meanwhile' });
  await server.clock.advance(20_000);
  expect(states(chat, id)).toEqual(['queued']);
  isDeploying = false;
  server.unblockSockets();
  await server.clock.advance(60_000);
  expect(texts(chat, id)).toEqual(['Hello', 'meanwhile']);
  expect(chat.list().get()).toMatchObject({ isLoaded: true, ids: [id] });
  chat.stop();
});

test('it runs where there are events and no document', async () => {
  vi.stubGlobal('addEventListener', () => {});
  const { server, pass } = scene();
  const { onWake: _, onHide: __, ...options } = server.options();
  const chat = createLiveChat(options);
  chat.start();
  await pass();
  expect(chat.connection.get().phase).toBe('live');
  chat.stop();
  vi.unstubAllGlobals();
});

test('where nothing locks, the failure of one tab does not hide what another was told', async () => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const locks = { request: () => Promise.reject(new DOMException('The operation is insecure.', 'SecurityError')) };
  const tabs = [1, 2].map(() => {
    const chat = createLiveChat(server.options({ ...browser.tab().options, locks, token: token(server, 'user-1') }));
    chat.start();
    chat.open(id);
    return chat;
  });
  await server.clock.advance(50);
  server.delay(100);
  server.refuseNext([422, 'validation'], [503, 'unavailable']);
  tabs[0]?.send(id, { text: 'refused' });
  await server.clock.advance(60_000);
  expect(tabs.map((chat) => states(chat, id))).toEqual([['sent', 'failed'], ['sent', 'failed']]);
  for (const chat of tabs) chat.stop();
});

test('a database connection that the browser lost is opened again', async () => {
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
  const factory = new IDBFactory();
  const open = factory.open.bind(factory);
  let isLost = true;
  factory.open = (...args) => {
    const request = open(...args);
    request.addEventListener('success', () => {
      const { result: db } = request;
      const transaction = db.transaction.bind(db);
      const isOfBefore = isLost;
      db.transaction = (...names) => {
        if (isOfBefore) throw new DOMException('The connection was lost.', 'InvalidStateError');
        return transaction(...names);
      };
      isLost = false;
    });
    return request;
  };
  const storage = createIndexedStorage({ factory });
  await storage.list('messages', 'x').catch(() => {});
  expect(await storage.list('messages', 'x')).toEqual([]);
  vi.unstubAllGlobals();
});

test('a page that was frozen shows the drafts of now', async () => {
  const server = createTestServer();
  const [id, other, browser] = [server.add(), server.add({ funnelId: 'other' }), createBrowser(createMemoryStorage(), { hasChannel: false })];
  let wake = () => {};
  const page = (options: LiveChatOptions = {}) => {
    const chat = createLiveChat(server.options({ ...browser.tab().options, token: token(server, 'user-1'), ...options }));
    chat.start();
    return chat;
  };
  const frozen = page({ onWake: (run) => ((wake = run), () => {}) });
  await server.clock.advance(50);
  frozen.setDraft(id, 'half');
  await server.clock.advance(1_000);
  const used = page();
  await server.clock.advance(50);
  used.send(id, { text: 'half and half' });
  used.setDraft(other, 'begun elsewhere');
  await server.clock.advance(1_000);
  wake();
  await server.clock.advance(1_000);
  expect([frozen.draft(id).get(), frozen.draft(other).get()]).toEqual(['', 'begun elsewhere']);
  for (const chat of [frozen, used]) chat.stop();
});

test('a draft that could not be written down is, as soon as it can be', async () => {
  const storage = createMemoryStorage();
  let isFull = true;
  const write: typeof storage.write = (changes) =>
    (isFull ? Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError')) : storage.write(changes));
  const { chat, id, pass, wake } = await running({ storage: { ...storage, write } });
  chat.setDraft(id, 'half');
  await pass(1_000);
  isFull = false;
  wake();
  await pass(1_000);
  expect(chat.draft(id).get()).toBe('half');
  expect(await storage.list('drafts')).toMatchObject([{ value: { text: 'half' } }]);
  chat.stop();
});

test('who does not hold long polls is not asked without a pause', async () => {
  let asked = 0;
  const server = createTestServer();
  server.blockSockets();
  const chat = createLiveChat(server.options({
    fetch(input, init) {
      const path = String(input);
      if (!path.includes('wait=25')) return server.fetch(input, init);
      asked += 1;
      return server.fetch(path.replace('wait=25', 'wait=0'), init);
    },
  }));
  const id = server.add();
  chat.start();
  chat.open(id);
  await server.clock.advance(10_000);
  asked = 0;
  await server.clock.advance(60_000);
  expect(asked).toBeLessThan(80);
  server.say(id, 'seen');
  await server.clock.advance(31_000);
  expect(texts(chat, id)).toEqual(['Hello', 'seen']);
  chat.stop();
});
