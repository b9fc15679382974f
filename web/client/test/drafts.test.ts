import { expect, test } from 'vitest';
import { createLiveChat, createMemoryStorage } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { createBrowser, token } from './browser.js';

/** A page that can be woken, over a storage whose answers take as long as `delay` says, each what was there when asked. */
function slowPage() {
  const server = createTestServer();
  const storage = createMemoryStorage();
  let [wake, listMs, isFull] = [() => {}, 0, false];
  const later = (ms: number) => new Promise<void>((resolve) => void server.clock.after(ms, resolve));
  const chat = createLiveChat(server.options({
    ...createBrowser({
      ...storage,
      async list(kind, owner) {
        const rows = await storage.list(kind, owner);
        if (listMs > 0) await later(listMs);
        return rows;
      },
      write: (changes) => (isFull ? Promise.reject(new DOMException('Quota exceeded.', 'QuotaExceededError')) : storage.write(changes)),
    }).tab().options,
    token: token(server, 'user-1'),
    onWake: (run) => ((wake = run), () => {}),
  }));
  chat.start();
  return {
    server, storage, chat, id: server.add(), wake: () => wake(), pass: (ms: number) => server.clock.advance(ms),
    slow: (ms: number) => void (listMs = ms), full: (now: boolean) => void (isFull = now),
  };
}

test('what is typed while the drafts are read stays as it was typed', async () => {
  const { chat, id, wake, pass, slow } = slowPage();
  await pass(1_000);
  slow(2_000);
  wake();
  await pass(10);
  chat.setDraft(id, 'half a sentence');
  await pass(1_500);
  expect(chat.draft(id).get()).toBe('half a sentence');
  await pass(5_000);
  expect(chat.draft(id).get()).toBe('half a sentence');
  chat.stop();
});

test('what is written down while the drafts are read is not blanked by what the reading found', async () => {
  const { chat, id, wake, pass, slow } = slowPage();
  await pass(1_000);
  chat.setDraft(id, 'half a sentence');
  slow(2_000);
  wake();
  await pass(5_000);
  expect(chat.draft(id).get()).toBe('half a sentence');
  chat.stop();
});

test('what is sent while the drafts are read does not come back to be sent again', async () => {
  const { chat, id, wake, pass, slow } = slowPage();
  await pass(1_000);
  chat.setDraft(id, 'hello');
  await pass(2_000);
  slow(2_000);
  wake();
  await pass(10);
  chat.send(id, { text: 'hello' });
  expect(chat.draft(id).get()).toBe('');
  await pass(10_000);
  expect(chat.draft(id).get()).toBe('');
  chat.stop();
});

test('a sent draft that could not be taken out of the storage does not come back when the page wakes', async () => {
  const { server, storage, chat, id, wake, pass, full } = slowPage();
  await pass(1_000);
  chat.setDraft(id, 'hello');
  await pass(2_000);
  server.down();
  full(true);
  chat.send(id, { text: 'hello' });
  await pass(2_000);
  wake();
  await pass(2_000);
  expect(chat.draft(id).get()).toBe('');
  full(false);
  server.up();
  await pass(60_000);
  expect([chat.draft(id).get(), await storage.list('drafts')]).toEqual(['', []]);
  chat.stop();
});
