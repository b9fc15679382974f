import { expect, test } from 'vitest';
import { scene, texts } from './support.js';

async function long(count = 300) {
  const here = scene();
  const id = here.server.add({ messages: Array.from({ length: count }, (_, n) => `m${n + 1}`) });
  here.chat.start();
  return { ...here, id };
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `m${from + n}`);

test('a thread opens at a message and goes on in both directions', async () => {
  const { server, chat, pass, id } = await long();
  void chat.openAt(id, 100);
  chat.open(id);
  await pass();
  expect(texts(chat, id)).toEqual(range(75, 124));
  expect(chat.messages(id).get()).toMatchObject({ hasOlder: true, hasNewer: true, isLoaded: true });
  expect(server.requests.filter((request) => request.includes('/messages')).every((request) => request.includes('after=74'))).toBe(true);
  void chat.loadOlder(id);
  void chat.loadNewer(id);
  await pass();
  expect(texts(chat, id)).toEqual(range(25, 174));
  for (let n = 0; n < 3; n += 1) {
    void chat.loadNewer(id);
    await pass();
  }
  server.say(id, 'm301');
  await pass();
  expect(texts(chat, id)).toEqual(range(25, 301));
  expect(chat.messages(id).get().hasNewer).toBe(false);
});

test('what is loaded already is not loaded again; elsewhere the screen stays until the page is there', async () => {
  const { server, chat, pass, id } = await long();
  chat.open(id);
  await pass();
  const before = server.requests.length;
  await chat.openAt(id, 280);
  expect(server.requests).toHaveLength(before);
  server.delay(50);
  void chat.openAt(id, 10);
  await pass(60);
  expect(texts(chat, id)).toEqual(range(251, 300));
  await pass(100);
  expect(texts(chat, id)).toEqual(range(1, 50));
  expect(chat.messages(id).get()).toMatchObject({ hasOlder: false, hasNewer: true });
  void chat.loadNewest(id);
  await pass(200);
  expect(texts(chat, id)).toEqual(range(251, 300));
});

test('whoever waits for a place can read it there at once', async () => {
  const { chat, pass, id } = await long();
  chat.open(id);
  await pass();
  const seen: string[][] = [];
  void chat.openAt(id, 10).then(() => seen.push(texts(chat, id)));
  await pass();
  void chat.loadNewest(id).then(() => seen.push(texts(chat, id)));
  await pass();
  expect(seen).toEqual([range(1, 50), range(251, 300)]);
});

test('opened while the newest page is on its way, it stays at its place, and what comes is not shown out of order', async () => {
  const { server, chat, pass, id } = await long();
  server.delay(50);
  chat.open(id);
  await pass(10);
  void chat.openAt(id, 40);
  await pass(500);
  server.delay(0);
  server.say(id, 'm301');
  await pass();
  expect(texts(chat, id)).toEqual(range(15, 64));
  server.cutSockets();
  server.newEpoch();
  await pass(3_000);
  expect(chat.connection.get().phase).toBe('live');
  expect(texts(chat, id)).toEqual(range(15, 64));
});

test('a message written while the page of the end is on its way is not missed', async () => {
  const { server, chat, pass, id } = await long(90);
  void chat.openAt(id, 1);
  chat.open(id);
  await pass();
  server.delay(40);
  void chat.openAt(id, 80);
  await pass(60);
  server.say(id, 'm91');
  await pass(200);
  server.delay(0);
  while (chat.messages(id).get().hasNewer) {
    void chat.loadNewer(id);
    await pass();
  }
  expect(texts(chat, id)).toEqual(range(55, 91));
});

test('a place behind the end is the end', async () => {
  const { chat, pass, id } = await long(60);
  void chat.openAt(id, 4_000);
  chat.open(id);
  await pass();
  expect(texts(chat, id)).toEqual(range(11, 60));
  expect(chat.messages(id).get().hasNewer).toBe(false);
});

test('one that is not there says so in the thread', async () => {
  const { chat, pass } = await long(1);
  await Promise.all([chat.openAt('nowhere', 5), pass()]);
  expect(chat.messages('nowhere').get()).toMatchObject({ isLoading: false, error: { code: 'not-found' } });
});
