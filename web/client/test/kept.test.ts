import { expect, test } from 'vitest';
import { createLiveChat, createMemoryStorage, type LiveChatOptions } from '../src/client.js';
import { createTestServer, type TestServer } from '../src/testing.js';
import { createBrowser, token, type Browser } from './browser.js';
import { scene } from './support.js';

/** A page of `sub` in a browser, running. */
function page(server: TestServer, browser: Browser, sub = 'user-1', options: LiveChatOptions = {}) {
  const chat = createLiveChat(server.options({ ...browser.tab().options, token: token(server, sub), ...options }));
  chat.start();
  return chat;
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
});
