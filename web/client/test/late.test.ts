import { expect, test } from 'vitest';
import { createLiveChat, createMemoryStorage, type LiveChatOptions } from '../src/client.js';
import { DRAFT_SAVE_MS } from '../src/limits.js';
import { createTestServer, type TestServer } from '../src/testing.js';
import { createBrowser, createFrozen, token, type Browser } from './browser.js';
import { texts } from './support.js';

/** A visitor's page in a browser, running. */
function page(server: TestServer, browser: Browser, options: LiveChatOptions = {}) {
  const chat = createLiveChat(server.options({ ...browser.tab().options, token: token(server, 'user-1'), ...options }));
  chat.start();
  return chat;
}

/** A `fetch` whose answers to posts, among those `isHeld`, come only when they are released. What they ask is done. */
function holding(server: TestServer, isHeld = (_path: string) => true) {
  const waiting: (() => void)[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const answer = await server.fetch(url, init);
    if (init?.method === 'POST' && isHeld(String(url))) await new Promise<void>((resolve) => void waiting.push(resolve));
    return answer;
  };
  return { fetch, release: () => waiting.splice(0).forEach((answer) => answer()) };
}

test('of a text and a removal written down at the same moment the text stays', async () => {
  const server = createTestServer();
  const [id, storage] = [server.add(), createMemoryStorage()];
  const browser = createBrowser(storage);
  const { broadcast, thaw } = createFrozen(browser);
  const [frozen, other] = [page(server, browser, { broadcast }), page(server, browser)];
  await server.clock.advance(50);
  server.clock.after(DRAFT_SAVE_MS, () => other.send(id, { text: 'sent' }));
  frozen.setDraft(id, 'typed here');
  await server.clock.advance(1_000);
  thaw();
  await server.clock.advance(1_000);
  expect([frozen.draft(id).get(), other.draft(id).get()]).toEqual(['typed here', 'typed here']);
  expect(await storage.list('drafts')).toMatchObject([{ value: { text: 'typed here' } }]);
  for (const tab of [frozen, other]) tab.stop();
});

test('a conversation is loaded though it was heard of before the entry that began it in another tab', async () => {
  const server = createTestServer();
  const browser = createBrowser(createMemoryStorage(), { hasChannel: false });
  const { fetch, release } = holding(server);
  const [first, second] = [page(server, browser, { fetch }), page(server, browser)];
  second.list({}).subscribe(() => {});
  await server.clock.advance(50);
  const { id } = first.startConversation({ funnelId: 'demo', text: 'hi' });
  await server.clock.advance(5_000);
  expect(second.list({}).get().ids).toEqual([id]);
  release();
  await server.clock.advance(5_000);
  second.open(id);
  await server.clock.advance(1_000);
  expect([second.messages(id).get().isLoaded, texts(second, id)]).toEqual([true, ['hi']]);
  for (const tab of [first, second]) tab.stop();
});

test('what another tab was told about a conversation does not bring it into lists it has left since', async () => {
  const server = createTestServer();
  const id = server.add();
  const browser = createBrowser(createMemoryStorage());
  const { broadcast, thaw } = createFrozen(browser);
  const [frozen, other] = [page(server, browser, { broadcast }), page(server, browser)];
  await server.clock.advance(50);
  other.send(id, { text: 'sent' });
  await server.clock.advance(1_000);
  server.close(id);
  frozen.list({}).subscribe(() => {});
  await server.clock.advance(1_000);
  thaw();
  await server.clock.advance(1_000);
  expect(frozen.list({}).get().ids).toEqual([]);
  for (const tab of [frozen, other]) tab.stop();
});

test('a message another tab saw stored is sent here too, though its page is not loaded', async () => {
  const server = createTestServer();
  const browser = createBrowser(createMemoryStorage());
  const [first, second] = [page(server, browser, holding(server)), page(server, browser)];
  first.list({}).subscribe(() => {});
  await server.clock.advance(50);
  const { id, messageId } = first.startConversation({ funnelId: 'demo', text: 'hi' });
  first.open(id);
  await server.clock.advance(1_000);
  expect(first.message(messageId).get()).toMatchObject({ state: 'sent', seq: 1 });
  expect(second.message(messageId).get()).toMatchObject({ state: 'sent', seq: 1 });
  for (const tab of [first, second]) tab.stop();
});

test('what waits behind a start that went elsewhere leaves the thread it was said in, where only the storage tells of it', async () => {
  const server = createTestServer();
  const home = server.add({ funnelId: 'demo' });
  server.blockSockets();
  server.down();
  const browser = createBrowser(createMemoryStorage(), { hasChannel: false });
  const { fetch } = holding(server, (path) => path.includes('/messages'));
  const [first, cutOff] = [page(server, browser, { fetch }), page(server, browser, { fetch: () => new Promise<never>(() => {}) })];
  await server.clock.advance(50);
  const { id } = first.startConversation({ funnelId: 'demo', text: 'hi' });
  const behind = first.send(id, { text: 'and' });
  await server.clock.advance(5_000);
  expect(texts(cutOff, id)).toEqual(['hi', 'and']);
  server.up();
  await server.clock.advance(60_000);
  expect(first.continuation(id).get()).toBe(home);
  expect([cutOff.messages(id).get().ids, cutOff.messages(home).get().ids]).toEqual([[], [behind.id]]);
  for (const tab of [first, cutOff]) tab.stop();
});

/** Somebody writes into an archived conversation; the new one it goes to is deleted before the answer comes. */
async function answeredTooLate(options: (browser: Browser) => LiveChatOptions) {
  const server = createTestServer();
  const from = server.add({ status: 'closed', isArchived: true });
  server.blockSockets();
  const browser = createBrowser(createMemoryStorage());
  const { fetch, release } = holding(server, (path) => path.includes('/messages'));
  const [first, second] = [page(server, browser, { fetch }), page(server, browser, options(browser))];
  for (const tab of [first, second]) tab.list({ status: 'all' }).subscribe(() => {});
  await server.clock.advance(1_000);
  first.send(from, { text: 'one more thing' });
  await server.clock.advance(1_000);
  const to = server.conversationIds().find((id) => id !== from) ?? '';
  const remove = async () => {
    server.remove(to);
    await server.clock.advance(1_000);
  };
  return { server, first, second, from, to, release, remove };
}

test('a message whose answer comes after the deletion of where it went is not shown as waiting there', async () => {
  const { server, first, second, from, to, release, remove } = await answeredTooLate(() => ({}));
  await remove();
  release();
  await server.clock.advance(1_000);
  for (const tab of [first, second]) {
    expect([tab.messages(from).get().ids, tab.messages(to).get().ids, tab.connection.get().queued]).toEqual([[], [], 0]);
    tab.stop();
  }
});

test('nor one that another tab has seen there before', async () => {
  let thaw = () => {};
  const { server, first, second, from, to, remove } = await answeredTooLate((browser) => {
    const { broadcast, ...late } = createFrozen(browser);
    ({ thaw } = late);
    return { broadcast };
  });
  first.open(to);
  await server.clock.advance(1_000);
  expect(texts(first, to)).toEqual(['one more thing']);
  await remove();
  thaw();
  await server.clock.advance(1_000);
  expect([second.messages(from).get().ids, second.messages(to).get().ids, second.connection.get().queued]).toEqual([[], [], 0]);
  for (const tab of [first, second]) tab.stop();
});
