import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createIndexedStorage, createLiveChat, createMemoryStorage, type ChatStorage, type LiveChat, type LiveChatOptions } from '../src/client.js';
import { createTestRandom, createTestServer, type TestServer } from '../src/testing.js';
import { createBrowser, token, type Browser } from './browser.js';
import { states, texts } from './support.js';

beforeEach(() => vi.stubGlobal('IDBKeyRange', IDBKeyRange));
afterEach(() => vi.unstubAllGlobals());

let seed = 0;

/** A page of `user-1`, or of somebody else, in a browser. */
function page(server: TestServer, browser: Browser, { sub = 'user-1', ...options }: LiveChatOptions & { sub?: string } = {}) {
  const tab = browser.tab();
  const chat = createLiveChat(server.options({ ...tab.options, token: token(server, sub), random: createTestRandom((seed += 1)), ...options }));
  tab.onCrash(chat.stop);
  return Object.assign(chat, { crash: tab.crash });
}

async function pass(server: TestServer, ms = 50): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    await idle();
    await server.clock.advance(Math.min(left, 250));
  }
  await idle();
}

/** A database answers in its own time, not in the test's. */
async function idle(): Promise<void> {
  for (let n = 0; n < 25; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

function stored(server: TestServer, id: string): string[] {
  return server.messages(id).slice(1).map(({ text }) => text);
}

const KINDS: [string, () => ChatStorage][] = [
  ['IndexedDB', () => createIndexedStorage({ factory: new IDBFactory() })],
  ['a memory', () => createMemoryStorage()],
];
const BROWSERS = KINDS.flatMap(([name, make]) => [
  [`${name}, with locks and a channel`, () => createBrowser(make(), { hasLocks: true, hasChannel: true })] as const,
  [`${name}, with neither`, () => createBrowser(make(), { hasLocks: false, hasChannel: false })] as const,
]);

test.each(BROWSERS)('%s: a reload keeps what waits, in its order, shown before anything answers', async (_, open) => {
  const server = createTestServer();
  const [id, browser] = [server.add(), open()];
  const first = page(server, browser);
  first.start();
  first.open(id);
  await pass(server);
  server.down();
  for (const text of ['one', 'two', 'three']) first.send(id, { text });
  first.setDraft(id, 'half a sen');
  await pass(server, 1_000);
  expect(first.connection.get()).toMatchObject({ queued: 3, unsaved: 0 });
  first.crash();

  const second = page(server, browser);
  second.start();
  second.open(id);
  await pass(server, 1_000);
  expect(texts(second, id)).toEqual(['one', 'two', 'three']);
  expect(states(second, id)).toEqual(['queued', 'queued', 'queued']);
  expect(second.draft(id).get()).toBe('half a sen');
  server.up();
  await pass(server, 60_000);
  expect(stored(server, id)).toEqual(['one', 'two', 'three']);
  expect(second.connection.get()).toMatchObject({ phase: 'live', queued: 0 });
  expect(await browser.storage.list('messages')).toEqual([]);
  second.stop();
});

test.each(BROWSERS)('%s: two tabs show the same, send each once, and follow retry and discard', async (_, open) => {
  const server = createTestServer();
  const [id, browser] = [server.add(), open()];
  const tabs = [page(server, browser), page(server, browser)] as const;
  for (const tab of tabs) {
    tab.start();
    tab.open(id);
  }
  await pass(server);
  server.down();
  tabs[0].send(id, { text: 'one' });
  await pass(server, 3_000);
  tabs[1].send(id, { text: 'two' });
  await pass(server);
  const last = tabs[0].send(id, { text: 'three' });
  await pass(server, 3_000);
  for (const tab of tabs) expect(texts(tab, id)).toEqual(['Hello', 'one', 'two', 'three']);
  tabs[1].discard(last.id);
  await pass(server, 3_000);
  for (const tab of tabs) expect(texts(tab, id)).toEqual(['Hello', 'one', 'two']);
  server.up();
  await pass(server, 60_000);
  expect(stored(server, id)).toEqual(['one', 'two']);
  for (const tab of tabs) expect(states(tab, id)).toEqual(['sent', 'sent', 'sent']);

  server.refuseNext([422, 'validation']);
  const bad = tabs[0].send(id, { text: 'bad' });
  await pass(server, 3_000);
  for (const tab of tabs) expect(tab.message(bad.id).get()).toMatchObject({ state: 'failed', error: { code: 'validation' } });
  tabs[1].retry(bad.id);
  await pass(server, 3_000);
  for (const tab of tabs) expect(states(tab, id).at(-1)).toBe('sent');
  expect(stored(server, id)).toEqual(['one', 'two', 'bad']);
  for (const tab of tabs) tab.stop();
});

test.each(BROWSERS)('%s: what a crashed tab was sending another open one takes up', async (_, open) => {
  const server = createTestServer();
  const [id, browser] = [server.add(), open()];
  const [first, second] = [page(server, browser), page(server, browser)];
  for (const tab of [first, second]) {
    tab.start();
    tab.open(id);
  }
  await pass(server);
  server.delay(2_000);
  for (const text of ['one', 'two', 'three']) first.send(id, { text });
  await pass(server, 2_500);
  first.crash();
  server.delay(0);
  await pass(server, 30_000);
  expect(stored(server, id)).toEqual(['one', 'two', 'three']);
  expect(second.connection.get().queued).toBe(0);
  second.stop();
});

test('crashed after any number of steps, and loaded again: each message once, in order', async () => {
  for (let steps = 1; steps <= 60; steps += 1) {
    const server = createTestServer();
    const browser = createBrowser(createMemoryStorage(), { hasLocks: steps % 2 === 0, hasChannel: true });
    const id = server.add();
    const first = page(server, browser);
    browser.crashAfter(first, steps);
    first.start();
    await server.clock.advance(50);
    for (const text of ['one', 'two', 'three']) first.send(id, { text });
    await server.clock.advance(1_000);
    const kept = new Set([...await browser.storage.list('messages')].map((row) => (row.value as { text: string }).text));
    const before = stored(server, id);
    const second = page(server, browser);
    second.start();
    await server.clock.advance(30_000);
    const texts = stored(server, id);
    expect(new Set(texts).size, `after ${steps} steps`).toBe(texts.length);
    expect(texts, `after ${steps} steps`).toEqual(['one', 'two', 'three'].slice(0, texts.length));
    for (const text of [...kept, ...before]) expect(texts).toContain(text);
    expect(await browser.storage.list('messages')).toEqual([]);
    second.stop();
  }
});

test('where a start went, a tab that was loaded since learns from one that knows, for all that is said behind it', async () => {
  const server = createTestServer();
  const [open, browser] = [server.add(), createBrowser(createMemoryStorage())];
  let isOff = false;
  const fetch: typeof globalThis.fetch = (url, init) => (isOff ? Promise.reject(new TypeError('fetch failed')) : server.fetch(url, init));
  const [knowing, first] = [page(server, browser, { fetch, WebSocket: class extends EventTarget { close() {} } as never }), page(server, browser)];
  for (const tab of [knowing, first]) tab.start();
  await pass(server);
  const { id } = first.startConversation({ funnelId: 'demo', text: 'start' });
  await pass(server, 1_000);
  first.crash();
  const chat = page(server, browser);
  chat.start();
  for (const tab of [knowing, chat]) tab.open(open);
  chat.open(id);
  await pass(server, 1_000);
  isOff = true;
  const [one, two] = [chat.send(id, { text: 'one' }), chat.send(id, { text: 'two' })];
  await pass(server, 1_000);
  expect(states(chat, id)).toEqual(['failed', 'queued']);
  knowing.retry(two.id);
  await pass(server, 1_000);
  chat.send(id, { text: 'three' });
  await pass(server, 1_000);
  expect(chat.messages(id).get().ids).toEqual([]);
  expect(states(chat, open)).toEqual(['sent', 'sent', 'failed', 'queued', 'queued']);
  chat.retry(one.id);
  isOff = false;
  await pass(server, 60_000);
  for (const tab of [knowing, chat]) expect(texts(tab, open)).toEqual(['Hello', 'start', 'one', 'two', 'three']);
  expect(stored(server, open)).toEqual(['start', 'one', 'two', 'three']);
  for (const tab of [knowing, chat]) tab.stop();
});

test('another person on the same browser neither sees nor sends it; the first does, later', async () => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const ann = page(server, browser);
  ann.start();
  await pass(server);
  server.down();
  ann.send(id, { text: 'from Ann' });
  ann.setDraft(id, 'more from Ann');
  await pass(server, 1_000);
  ann.stop();
  server.up();
  const ben = page(server, browser, { sub: 'user-2' });
  ben.start();
  await pass(server, 10_000);
  expect([ben.connection.get().queued, ben.draft(id).get(), stored(server, id)]).toEqual([0, '', []]);
  ben.stop();
  const again = page(server, browser);
  again.start();
  await pass(server, 10_000);
  expect([again.draft(id).get(), stored(server, id)]).toEqual(['more from Ann', ['from Ann']]);
  again.stop();
});

test('a cookie that becomes somebody else’s: nothing of the first is sent or shown', async () => {
  const server = createTestServer();
  const browser = createBrowser(createMemoryStorage());
  const id = server.add();
  const chat = page(server, browser, { token: undefined });
  chat.start();
  chat.open(id);
  await pass(server);
  server.blockSockets();
  server.down();
  chat.send(id, { text: 'from Ada' });
  await pass(server, 1_000);
  server.signIn({ role: 'agent', sub: 'ben', name: 'Ben' });
  server.up();
  await pass(server, 60_000);
  expect(chat.me.get()?.sub).toBe('ben');
  expect(stored(server, id)).toEqual([]);
  expect(texts(chat, id)).toEqual(['Hello']);
  server.signIn({ role: 'agent', sub: 'ada', name: 'Ada' });
  server.unblockSockets();
  server.cutSockets();
  await pass(server, 60_000);
  expect(stored(server, id)).toEqual(['from Ada']);
  chat.stop();
});

test('signing out empties the storage, and every tab', async () => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createIndexedStorage({ factory: new IDBFactory() }))];
  const tabs: LiveChat[] = [page(server, browser), page(server, browser)];
  for (const tab of tabs) {
    tab.start();
    tab.open(id);
  }
  await pass(server);
  server.down();
  tabs[1]?.send(id, { text: 'never sent' });
  tabs[1]?.setDraft(id, 'half');
  await pass(server, 1_000);
  const wiped = tabs[0]?.wipe();
  await pass(server);
  await wiped;
  server.up();
  await pass(server, 60_000);
  expect([await browser.storage.list('messages'), await browser.storage.list('drafts'), stored(server, id)]).toEqual([[], [], []]);
  expect(tabs[1]?.lastError.get()?.code).toBe('unauthenticated');
  for (const tab of tabs) expect([texts(tab, id), tab.draft(id).get(), tab.connection.get().queued]).toEqual([[], '', 0]);
});

test('a draft is the same in every tab, and gone with the message', async () => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const [first, second] = [page(server, browser), page(server, browser)];
  first.start();
  second.start();
  await pass(server);
  first.setDraft(id, 'one');
  await pass(server, 1_000);
  expect(second.draft(id).get()).toBe('one');
  second.setDraft(id, 'typing here');
  first.setDraft(id, 'one and');
  await pass(server, 300);
  expect([first.draft(id).get(), second.draft(id).get()]).toEqual(['one and', 'typing here']);
  await pass(server, 1_000);
  expect(first.draft(id).get()).toBe(second.draft(id).get());
  first.send(id, { text: 'one and all' });
  await pass(server, 1_000);
  expect([first.draft(id).get(), second.draft(id).get(), await browser.storage.list('drafts')]).toEqual(['', '', []]);
});

test('a draft that was sent by a page that crashed before it could tell is gone everywhere once the message is sent', async () => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const [first, second] = [page(server, browser), page(server, browser)];
  first.start();
  second.start();
  await pass(server);
  first.setDraft(id, 'hello');
  await pass(server, 1_000);
  browser.crashAfter(first, 2);
  first.send(id, { text: 'hello' });
  await pass(server, 1_000);
  expect([second.draft(id).get(), stored(server, id), await browser.storage.list('drafts')]).toEqual(['hello', [], []]);
  const next = page(server, browser);
  next.start();
  await pass(server, 1_000);
  expect([second.draft(id).get(), stored(server, id)]).toEqual(['', ['hello']]);
  for (const tab of [second, next]) tab.stop();
});

test('so is one whose message went to the conversation that had been begun before', async () => {
  const server = createTestServer();
  const [before, browser] = [server.add({ userId: 'user-1', funnelId: 'demo' }), createBrowser(createMemoryStorage())];
  const [first, second] = [page(server, browser), page(server, browser)];
  first.start();
  second.start();
  await pass(server);
  const { id } = first.startConversation({ funnelId: 'demo', text: 'start' });
  await pass(server, 1_000);
  first.setDraft(id, 'hello');
  await pass(server, 1_000);
  browser.crashAfter(first, 2);
  first.send(id, { text: 'hello' });
  await pass(server, 1_000);
  expect([second.draft(id).get(), stored(server, before), await browser.storage.list('drafts')]).toEqual(['hello', ['start'], []]);
  const next = page(server, browser);
  next.start();
  await pass(server, 1_000);
  expect([second.draft(id).get(), stored(server, before)]).toEqual(['', ['start', 'hello']]);
  for (const tab of [second, next]) tab.stop();
});

test('a page that goes writes its draft down', async () => {
  let hide = () => {};
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const chat = page(server, browser, { onHide: (run) => ((hide = run), () => {}) });
  chat.start();
  await pass(server);
  chat.setDraft(id, 'in a hurry');
  hide();
  chat.crash();
  const next = page(server, browser);
  next.start();
  await pass(server);
  expect(next.draft(id).get()).toBe('in a hurry');
});

test.each(['rejects', 'hangs', 'is full'])('a storage that %s loses nothing silently', async (how) => {
  const server = createTestServer();
  const id = server.add();
  const whole = createMemoryStorage();
  const broken = { ...whole, write: () => (how === 'hangs' ? new Promise<never>(() => {}) : Promise.reject(new Error(how))) };
  const chat = page(server, createBrowser(broken));
  chat.start();
  await pass(server);
  server.down();
  chat.send(id, { text: 'from memory' });
  chat.send(id, { text: 'in order' });
  await pass(server, 5_000);
  expect(chat.connection.get()).toMatchObject({ queued: 2, unsaved: 2 });
  expect(chat.lastError.get()?.code).toBe('outbox-unavailable');
  server.up();
  await pass(server, 60_000);
  expect(stored(server, id)).toEqual(['from memory', 'in order']);
  chat.stop();
});

test('more than fits is sent all the same, and said', async () => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const chat = page(server, browser);
  chat.start();
  await pass(server);
  server.down();
  const count = 1_002;
  for (let n = 0; n < count; n += 1) chat.send(id, { text: `m${n}` });
  await pass(server, 1_000);
  expect(chat.connection.get()).toMatchObject({ queued: count, unsaved: 2 });
  expect(chat.lastError.get()?.code).toBe('outbox-full');
  expect(await browser.storage.list('messages')).toHaveLength(1_000);
  server.up();
  await pass(server, 60_000);
  expect(stored(server, id)).toEqual(Array.from({ length: count }, (_, n) => `m${n}`));
  chat.stop();
});

test('a database of the first version is taken over, and a newer page’s upgrade is let through', async () => {
  const factory = new IDBFactory();
  const old = await new Promise<IDBDatabase>((resolve) => {
    const request = factory.open('parlor', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('messages', { keyPath: ['owner', 'id'] });
    request.onsuccess = () => resolve(request.result);
  });
  const row = { owner: 'x', id: 'm', value: { text: 'kept' } };
  await new Promise((resolve) => {
    const put = old.transaction('messages', 'readwrite');
    put.objectStore('messages').put(row);
    put.oncomplete = resolve;
  });
  old.close();
  const storage = createIndexedStorage({ factory });
  expect(await storage.list('messages', 'x')).toEqual([row]);
  await storage.write([{ kind: 'drafts', owner: 'x', id: 'c', value: { text: 'new' } }]);
  const newer = await new Promise<IDBDatabase>((resolve) => {
    const request = factory.open('parlor', 99);
    request.onsuccess = () => resolve(request.result);
  });
  await expect(storage.list('messages')).rejects.toMatchObject({ name: 'VersionError' });
  newer.close();
});

test.each(BROWSERS)('%s: what a cut off tab still says into a deleted conversation does not come back in the others', async (_, open) => {
  const server = createTestServer();
  const [id, browser] = [server.add(), open()];
  const nowhere = { fetch: () => new Promise<never>(() => {}), WebSocket: class extends EventTarget { close() {} } as never };
  const [online, offline] = [page(server, browser), page(server, browser, nowhere)];
  for (const chat of [online, offline]) {
    chat.start();
    chat.open(id);
  }
  await pass(server, 1_000);
  server.remove(id);
  await pass(server, 1_000);
  expect(online.conversation(id).get()).toBeUndefined();
  offline.send(id, { text: 'late' });
  await pass(server, 10_000);
  expect(online.messages(id).get().ids).toEqual([]);
  expect(online.connection.get().queued).toBe(0);
  expect(online.lastError.get()).toMatchObject({ code: 'discarded' });
  expect(await browser.storage.list('messages')).toEqual([]);
  for (const chat of [online, offline]) chat.stop();
});
