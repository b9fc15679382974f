import { expect, test } from 'vitest';
import { createLiveChat, createMemoryStorage, type ChatChannel, type LiveChatOptions } from '../src/client.js';
import { createTestServer, type TestServer } from '../src/testing.js';
import { createBrowser, createFrozen, token, type Browser } from './browser.js';
import { scene } from './support.js';

/** A page of `sub` in a browser, running. */
function page(server: TestServer, browser: Browser, sub = 'user-1', options: LiveChatOptions = {}) {
  const chat = createLiveChat(server.options({ ...browser.tab().options, token: token(server, sub), ...options }));
  chat.start();
  return chat;
}

/** A channel of `browser` that hears what is posted when `hear` lets it. */
function slowChannel(browser: Browser, hear: (deliver: () => void) => void): LiveChatOptions['broadcast'] {
  const { broadcast: open } = browser.tab().options;
  return (name) => {
    const channel = open?.(name) as ChatChannel;
    return {
      ...channel,
      get onmessage() {
        return null;
      },
      set onmessage(heard: ChatChannel['onmessage']) {
        channel.onmessage = (event) => hear(() => heard?.(event));
      },
    };
  };
}

test('where site data is blocked it runs all the same, and says so once', async () => {
  const blocked = () => Promise.reject(new DOMException('The operation is insecure.', 'SecurityError'));
  const { server, chat, pass } = scene({
    storage: { list: blocked, write: blocked, update: blocked },
    broadcast() {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    },
  });
  const id = server.add();
  chat.start();
  await pass(1_000);
  expect(chat.connection.get().phase).toBe('live');
  expect(chat.lastError.get()?.code).toBe('outbox-unavailable');
  chat.clearError();
  await pass(10_000);
  expect(chat.lastError.get()).toBeUndefined();
  chat.send(id, { text: 'sent' });
  await pass(1_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'sent']);
  expect(chat.lastError.get()?.code).toBe('outbox-unavailable');
  chat.stop();
  await pass(60_000);
  expect(server.clock.waiting).toBe(0);
});

test('what an earlier page left goes out as soon as the storage can be read, and its drafts are there', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const earlier = page(server, createBrowser(storage));
  await server.clock.advance(50);
  server.down();
  earlier.send(id, { text: 'said before' });
  await server.clock.advance(1_000);
  earlier.setDraft(id, 'half a sen');
  await server.clock.advance(1_000);
  earlier.stop();
  server.up();
  let isLocked = true;
  const list: typeof storage.list = (...what) => (isLocked ? Promise.reject(new DOMException('Not now.', 'UnknownError')) : storage.list(...what));
  const chat = page(server, createBrowser({ ...storage, list }));
  await server.clock.advance(60_000);
  expect([server.messages(id).length, chat.draft(id).get()]).toEqual([1, '']);
  isLocked = false;
  await server.clock.advance(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'said before']);
  expect([chat.draft(id).get(), chat.lastError.get()]).toEqual(['half a sen', undefined]);
  chat.stop();
});

test('signing out takes nothing of anybody else', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  server.down();
  for (const sub of ['user-1', 'user-2']) {
    const chat = page(server, browser, sub);
    await server.clock.advance(50);
    chat.send(id, { text: `from ${sub}` });
    chat.setDraft(id, `more from ${sub}`);
    await server.clock.advance(1_000);
    chat.stop();
  }
  const ben = page(server, browser, 'user-2');
  await server.clock.advance(50);
  await Promise.all([ben.wipe(), server.clock.advance(1_000)]);
  const left = [...await storage.list('messages'), ...await storage.list('drafts')];
  expect(left.map(({ value }) => (value as { text: string }).text)).toEqual(['from user-1', 'more from user-1']);
});

test('whoever types on while a message goes out keeps what they typed, in every tab', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  const [first, second] = [page(server, browser), page(server, browser)];
  await server.clock.advance(50);
  first.setDraft(id, 'hello');
  await server.clock.advance(1_000);
  first.send(id, { text: 'hello' });
  await server.clock.advance(20);
  first.setDraft(id, 'and another thing');
  await server.clock.advance(5_000);
  expect([first.draft(id).get(), second.draft(id).get()]).toEqual(['and another thing', 'and another thing']);
  expect(await storage.list('drafts')).toMatchObject([{ value: { text: 'and another thing' } }]);
  for (const tab of [first, second]) tab.stop();
});

test('the draft of a message that did not fit is gone with it all the same', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  let isFull = false;
  const full = () => Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError'));
  const write: typeof storage.write = (changes) => (isFull ? full() : storage.write(changes));
  const chat = page(server, createBrowser({ ...storage, write }));
  await server.clock.advance(50);
  chat.setDraft(id, 'hello');
  await server.clock.advance(1_000);
  expect(await storage.list('drafts')).toHaveLength(1);
  isFull = true;
  server.delay(500);
  chat.send(id, { text: 'hello' });
  await server.clock.advance(100);
  isFull = false;
  await server.clock.advance(10_000);
  expect([chat.draft(id).get(), await storage.list('drafts'), chat.connection.get().queued]).toEqual(['', [], 0]);
  chat.stop();
});

test('what another tab types while a message goes out stays, though nobody tells of it', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage, { hasChannel: false });
  const [first, second] = [page(server, browser), page(server, browser)];
  await server.clock.advance(50);
  first.setDraft(id, 'hello');
  await server.clock.advance(1_000);
  server.delay(2_000);
  first.send(id, { text: 'hello' });
  await server.clock.advance(50);
  second.setDraft(id, 'typed here');
  await server.clock.advance(10_000);
  expect(server.messages(id).at(-1)?.text).toBe('hello');
  expect(await storage.list('drafts')).toMatchObject([{ value: { text: 'typed here' } }]);
  for (const tab of [first, second]) tab.stop();
});

test('what a frozen page hears of drafts afterwards undoes nothing that was written down since', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  const { broadcast, ...late } = createFrozen(browser);
  const thaw = async () => {
    late.thaw();
    await server.clock.advance(50);
  };
  const [frozen, other] = [page(server, browser, 'user-1', { broadcast }), page(server, browser)];
  const drafts = async () => [frozen.draft(id).get(), other.draft(id).get(), (await storage.list('drafts')).length];
  await server.clock.advance(50);
  other.setDraft(id, 'older');
  await server.clock.advance(1_000);
  frozen.send(id, { text: 'newer' });
  await server.clock.advance(1_000);
  await thaw();
  expect(await drafts()).toEqual(['', '', 0]);
  for (const text of ['older', '']) {
    other.setDraft(id, text);
    await server.clock.advance(1_000);
  }
  frozen.setDraft(id, 'newer');
  await server.clock.advance(1_000);
  await thaw();
  expect(await drafts()).toEqual(['newer', 'newer', 1]);
  for (const tab of [frozen, other]) tab.stop();
});

test.each(['while', 'after'])('what a frozen page hears of a draft %s it reads the storage does not stay, where the page that took it back is gone', async (when) => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  const { broadcast, thaw } = createFrozen(browser);
  let [wake, listMs] = [() => {}, 0];
  const frozen = page(server, browser, 'user-1', {
    broadcast,
    onWake: (run) => ((wake = run), () => {}),
    storage: {
      ...storage,
      list: async (kind, owner) => {
        const rows = await storage.list(kind, owner);
        if (listMs > 0) await new Promise<void>((resolve) => void server.clock.after(listMs, resolve));
        return rows;
      },
    },
  });
  const tab = browser.tab();
  const other = createLiveChat(server.options({ ...tab.options, token: token(server, 'user-1') }));
  other.start();
  await server.clock.advance(50);
  other.setDraft(id, 'sent meanwhile');
  await server.clock.advance(1_000);
  browser.crashAfter(tab, 2);
  other.setDraft(id, '');
  await server.clock.advance(1_000);
  expect(await storage.list('drafts')).toEqual([]);
  listMs = 20;
  wake();
  await server.clock.advance(when === 'while' ? 10 : 50);
  thaw();
  await server.clock.advance(100);
  expect(frozen.draft(id).get()).toBe('');
  frozen.stop();
});

test.each([[0, 0], [20, 0], [0, 20]])('tabs whose drafts are written down at the same moment show the one that stays, told after %i and %i ms', async (...ms) => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const later = (run: () => void) => void server.clock.after(5, run);
  const browser = createBrowser(storage);
  const tabs = ms.map((each) => page(server, browser, 'user-1', {
    broadcast: slowChannel(browser, later),
    storage: {
      ...storage,
      write: (changes) => storage.write(changes).then(() => new Promise<void>((resolve) => void server.clock.after(each, resolve))),
    },
  }));
  await server.clock.advance(50);
  for (const [n, tab] of tabs.entries()) tab.setDraft(id, `typed in ${n}`);
  await server.clock.advance(2_000);
  expect(await storage.list('drafts')).toMatchObject([{ value: { text: 'typed in 1' } }]);
  expect(tabs.map((tab) => tab.draft(id).get())).toEqual(['typed in 1', 'typed in 1']);
  for (const tab of tabs) tab.stop();
});

test('what began a conversation in another tab stays there when a later message goes on elsewhere', async () => {
  const server = createTestServer();
  const browser = createBrowser(createMemoryStorage());
  // That it is stored only the stream says.
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const answer = await server.fetch(url, init);
    return init?.method === 'POST' ? new Promise(() => {}) : answer;
  };
  const [first, second] = [page(server, browser, 'user-1', { fetch }), page(server, browser)];
  first.list({}).subscribe(() => {});
  await server.clock.advance(50);
  const { id } = first.startConversation({ funnelId: 'demo', text: 'hi' });
  first.open(id);
  await server.clock.advance(1_000);
  server.change(id, { status: 'closed', isArchived: true });
  await server.clock.advance(1_000);
  first.send(id, { text: 'one more thing' });
  await server.clock.advance(1_000);
  const next = second.continuation(id).get() ?? '';
  second.open(next);
  await server.clock.advance(1_000);
  expect(second.messages(next).get().ids.map((one) => second.message(one).get()?.text)).toEqual(['one more thing']);
  for (const tab of [first, second]) tab.stop();
});

test.each(['before', 'after'])('what another tab sent goes with its conversation, told of %s this one asked for it', async (when) => {
  const server = createTestServer();
  const [id, browser] = [server.add(), createBrowser(createMemoryStorage())];
  const late: (() => void)[] = [];
  let isOff = true;
  const fetch: typeof globalThis.fetch = (url, init) => (isOff ? Promise.reject(new TypeError('fetch failed')) : server.fetch(url, init));
  const noSocket = class extends EventTarget { close() {} } as never;
  const away = page(server, browser, 'user-1', { fetch, WebSocket: noSocket, broadcast: slowChannel(browser, (deliver) => void late.push(deliver)) });
  const other = page(server, browser);
  away.open(id);
  await server.clock.advance(1_000);
  other.send(id, { text: 'hi' });
  await server.clock.advance(1_000);
  server.remove(id);
  if (when === 'after') isOff = false;
  await server.clock.advance(60_000);
  for (const deliver of late.splice(0)) deliver();
  await server.clock.advance(1_000);
  isOff = false;
  await server.clock.advance(60_000);
  expect(away.messages(id).get()).toMatchObject({ ids: [], error: { code: 'not-found' } });
  for (const tab of [away, other]) tab.stop();
});

test('what is taken back where it cannot be written down no other tab sends', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  const full = () => Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError'));
  const [first, second] = [page(server, browser), page(server, browser, 'user-1', { storage: { ...storage, write: full } })];
  await server.clock.advance(50);
  server.down();
  const { id: one } = first.send(id, { text: 'one' });
  first.send(id, { text: 'two' });
  await server.clock.advance(1_000);
  second.discard(one);
  await server.clock.advance(1_000);
  expect(first.connection.get().queued).toBe(1);
  expect(await storage.list('messages')).toMatchObject([{ value: { text: 'two' } }]);
  server.up();
  await server.clock.advance(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'two']);
  for (const tab of [first, second]) tab.stop();
});

test('what is taken back while nothing can be written down is gone from the storage once it can', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  let isFull = false;
  const full = () => Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError'));
  const write: typeof storage.write = (changes) => (isFull ? full() : storage.write(changes));
  const chat = page(server, createBrowser({ ...storage, write }));
  await server.clock.advance(50);
  server.down();
  const { id: one } = chat.send(id, { text: 'one' });
  await server.clock.advance(1_000);
  isFull = true;
  chat.discard(one);
  await server.clock.advance(1_000);
  isFull = false;
  chat.send(id, { text: 'two' });
  await server.clock.advance(100);
  expect((await storage.list('messages')).map(({ value }) => (value as { text: string }).text)).toEqual(['two']);
  chat.stop();
});

test('a draft goes with its conversation, out of the storage too', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const chat = page(server, createBrowser(storage));
  chat.open(id);
  await server.clock.advance(50);
  chat.setDraft(id, 'half a sen');
  await server.clock.advance(1_000);
  expect(await storage.list('drafts')).toHaveLength(1);
  server.remove(id);
  await server.clock.advance(1_000);
  expect([chat.draft(id).get(), await storage.list('drafts')]).toEqual(['', []]);
  chat.stop();
});

test('the same name in another workspace is somebody else', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const chat = page(server, createBrowser(storage), '', { token: undefined });
  chat.open(id);
  await server.clock.advance(50);
  server.blockSockets();
  server.down();
  chat.send(id, { text: 'to the first' });
  await server.clock.advance(1_000);
  server.signIn({ role: 'agent', sub: 'ada', workspace: 'second' });
  server.up();
  await server.clock.advance(60_000);
  expect(chat.me.get()?.workspace.id).toBe('second');
  expect([chat.connection.get().queued, server.messages(id).length]).toEqual([0, 1]);
  server.signIn({ role: 'agent', sub: 'ada' });
  server.unblockSockets();
  server.cutSockets();
  await server.clock.advance(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'to the first']);
  chat.stop();
});

test('what was said before anybody knew the workspace goes out under another key of the same person', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const [before, after] = ['k1', 'k2'].map((kid) => token(server, 'user-1', kid)()) as [string, string];
  let current = before;
  server.down();
  const chat = page(server, createBrowser(storage), '', { token: () => current });
  await server.clock.advance(50);
  chat.send(id, { text: 'under the old key' });
  await server.clock.advance(1_000);
  expect(await storage.list('messages')).toMatchObject([{ kid: 'k1' }]);
  server.revoke(before);
  current = after;
  server.up();
  await server.clock.advance(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'under the old key']);
  expect([chat.connection.get().queued, await storage.list('messages')]).toEqual([0, []]);
  chat.stop();
});

test('… also after a reload under the new key, and nobody else’s does', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  const visit = async (kid: string) => {
    const chat = page(server, browser, '', { token: token(server, 'user-1', kid) });
    await server.clock.advance(1_000);
    return chat;
  };
  (await visit('k1')).stop();
  server.down();
  for (const kid of ['k1', 'k-of-others']) {
    const chat = await visit(kid);
    chat.send(id, { text: `kept under ${kid}` });
    await server.clock.advance(1_000);
    chat.stop();
  }
  server.up();
  const chat = await visit('k2');
  await server.clock.advance(60_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'kept under k1']);
  expect(await storage.list('messages')).toMatchObject([{ kid: 'k-of-others' }]);
  await Promise.all([chat.wipe(), server.clock.advance(1_000)]);
  expect(await storage.list('keys')).toEqual([]);
});

test('without locks, a database that hangs holds nothing back', async () => {
  const server = createTestServer();
  const id = server.add();
  const hanging = () => new Promise<never>(() => {});
  const storage = { list: hanging, write: hanging, update: hanging };
  const chat = page(server, createBrowser(storage, { hasLocks: false }));
  await server.clock.advance(50);
  for (const text of ['one', 'two']) chat.send(id, { text });
  await server.clock.advance(30_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'one', 'two']);
  chat.stop();
});

test('without locks, one that hangs while a message goes out holds the next ones up for moments only', async () => {
  const server = createTestServer();
  const [id, whole] = [server.add(), createMemoryStorage()];
  let isHanging = false;
  const update: typeof whole.update = (...args) => (isHanging ? new Promise<never>(() => {}) : whole.update(...args));
  const chat = page(server, createBrowser({ ...whole, update }, { hasLocks: false }));
  await server.clock.advance(50);
  server.delay(200);
  chat.send(id, { text: 'one' });
  await server.clock.advance(100);
  isHanging = true;
  await server.clock.advance(1_000);
  chat.send(id, { text: 'two' });
  await server.clock.advance(30_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'one', 'two']);
  chat.stop();
});

test('a lease from a clock that was ahead is no lease', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const chat = page(server, createBrowser(storage, { hasLocks: false }));
  await server.clock.advance(50);
  const name = `parlor ["${server.url}","visitor","user-1"] ${id}`;
  await storage.update('', name, () => ({ holder: 'crashed', until: server.clock.now() + 3_600_000 }));
  chat.send(id, { text: 'one' });
  await server.clock.advance(20_000);
  expect(server.messages(id).map(({ text }) => text)).toEqual(['Hello', 'one']);
  chat.stop();
});
