import { expect, test } from 'vitest';
import { createLiveChat } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { refusal, scene, visitor } from './support.js';

async function showing() {
  const here = scene();
  const id = here.server.add({ messages: ['one', 'two'] });
  here.chat.start();
  here.chat.list().subscribe(() => {});
  await here.pass();
  return { ...here, id };
}

test('a change shows at once and stays when it is accepted', async () => {
  const { server, chat, pass, id } = await showing();
  const done = chat.update(id, { status: 'closed', labels: ['spam'] });
  expect(chat.conversation(id).get()).toMatchObject({ status: 'closed', labels: ['spam'] });
  expect(chat.list().get().ids).toEqual([]);
  await pass();
  expect(await done).toMatchObject({ status: 'closed', closeReason: 'agent' });
  expect(server.conversation(id)).toMatchObject({ status: 'closed', labels: ['spam'] });
});

test('a refused change is taken back, and what happened meanwhile stays', async () => {
  const { server, chat, pass, id } = await showing();
  server.refuseNext([403, 'forbidden']);
  server.delay(10);
  const done = chat.update(id, { status: 'closed' });
  const failed = refusal(done);
  server.say(id, 'three');
  await pass(15);
  expect(chat.conversation(id).get()).toMatchObject({ status: 'closed' });
  await pass();
  expect(await failed).toMatchObject({ code: 'forbidden', status: 403 });
  expect(chat.conversation(id).get()).toMatchObject({ status: 'open', lastMessage: 'three' });
  expect(chat.list().get()).toMatchObject({ ids: [id], total: 1 });
  expect(chat.lastError.get()?.code).toBe('forbidden');
});

test('of two quick changes the later one stands', async () => {
  const { server, chat, pass, id } = await showing();
  server.delay(20);
  const closed = chat.update(id, { status: 'closed' });
  const undone = chat.update(id, { status: 'open' });
  expect(chat.conversation(id).get()?.status).toBe('open');
  await pass(500);
  await Promise.all([closed, undone]);
  expect(chat.conversation(id).get()?.status).toBe('open');
  expect(server.conversation(id).status).toBe('open');
});

test('a row that changed underneath is refused with the row as it is', async () => {
  const { server, chat, pass, id } = await showing();
  server.loseFrames(1);
  server.change(id, { handler: 'queue' });
  const done = chat.update(id, { handler: 'bot', if: { handler: 'bot' } });
  const failed = refusal(done);
  await pass();
  expect(await failed).toMatchObject({ code: 'conversation-changed' });
  expect(chat.conversation(id).get()?.handler).toBe('queue');
});

test('archiving closes, reopening takes out of the archive', async () => {
  const { chat, pass, id } = await showing();
  void chat.update(id, { isArchived: true });
  expect(chat.conversation(id).get()).toMatchObject({ status: 'closed', isArchived: true });
  await pass();
  void chat.update(id, { status: 'open' });
  expect(chat.conversation(id).get()).toMatchObject({ status: 'open', isArchived: false });
  await pass();
  expect(chat.conversation(id).get()).toMatchObject({ status: 'open', isArchived: false });
});

test('taking names the holder at once; held by another it is refused with who that is', async () => {
  const { server, chat, pass, id } = await showing();
  const taken = chat.take(id);
  expect(chat.conversation(id).get()).toMatchObject({ handler: 'agent', assignee: { id: 'ada', name: 'Ada' } });
  await pass();
  await taken;
  expect(server.conversation(id).assignee).toEqual({ id: 'ada', name: 'Ada' });
  const back = chat.giveBack(id);
  await pass();
  expect((await back).handler).toBe('queue');

  server.change(id, { handler: 'agent', assignee: { id: 'ben', name: 'Ben' } });
  await pass();
  const failed = refusal(chat.take(id));
  await pass();
  expect(await failed).toMatchObject({ code: 'held-by-another', holder: { name: 'Ben' } });
  expect(chat.conversation(id).get()?.assignee?.name).toBe('Ben');
  const over = chat.take(id, 'ben');
  await pass();
  expect((await over).assignee?.name).toBe('Ada');
});

test('a colleague is called by name from the first moment, not by an id', async () => {
  const { server, chat, pass, id } = await showing();
  server.add({ handler: 'agent', assignee: { id: 'a-17', name: 'Ben' } });
  await pass();
  void chat.update(id, { assigneeId: 'a-17' });
  expect(chat.conversation(id).get()?.assignee).toEqual({ id: 'a-17', name: 'Ben' });
  await pass();
});

test('reading clears the count at once, and the server is told even after a break', async () => {
  const { server, chat, pass, id } = await showing();
  expect(chat.conversation(id).get()?.unreadCount).toBe(2);
  server.down();
  await pass(100);
  chat.markRead(id);
  expect(chat.conversation(id).get()?.unreadCount).toBe(0);
  await pass(5_000);
  expect(chat.conversation(id).get()?.unreadCount).toBe(0);
  server.up();
  await pass(60_000);
  expect(server.conversation(id)).toMatchObject({ unreadCount: 0, agentLastReadSeq: 2 });
  server.say(id, 'three');
  await pass();
  expect(chat.conversation(id).get()?.unreadCount).toBe(1);
  chat.markRead(id, 1);
  await pass();
  expect(server.conversation(id).agentLastReadSeq).toBe(2);
});

test('marking unread goes back', async () => {
  const { server, chat, pass, id } = await showing();
  chat.markRead(id);
  await pass();
  chat.markUnread(id, 1);
  expect(chat.conversation(id).get()?.unreadCount).toBe(1);
  await pass();
  expect(server.conversation(id)).toMatchObject({ unreadCount: 1, agentLastReadSeq: 1 });
  expect(chat.conversation(id).get()).toMatchObject({ unreadCount: 1, agentLastReadSeq: 1 });
});

test('a mark whose answer never came does not stay over the one that was set back after it', async () => {
  const { server, chat, pass, id } = await showing();
  server.loseAnswers();
  chat.markRead(id);
  await pass(1);
  server.down();
  await pass(1_000);
  chat.markUnread(id, 1);
  server.up();
  await pass(60_000);
  chat.markUnread(id, 1);
  await pass();
  expect(server.conversation(id).agentLastReadSeq).toBe(1);
  expect(chat.conversation(id).get()).toMatchObject({ unreadCount: 1, agentLastReadSeq: 1 });
});

test('a visitor closes its own conversation', async () => {
  const { server, pass, id } = await showing();
  const user = visitor(server);
  user.start();
  user.open(id);
  await pass();
  const done = user.update(id, { status: 'closed' });
  await pass();
  expect((await done).closeReason).toBe('user');
});

test('a server that does not take a read mark is told of it less and less often', async () => {
  const server = createTestServer();
  server.blockSockets();
  let [told, isOut] = [0, true];
  const chat = createLiveChat(server.options({
    fetch(input, init) {
      if (!String(input).includes('/read')) return server.fetch(input, init);
      told += 1;
      return isOut ? Promise.resolve(new Response('', { status: 503 })) : server.fetch(input, init);
    },
  }));
  const id = server.add();
  chat.start();
  chat.open(id);
  await server.clock.advance(10_000);
  chat.markRead(id);
  await server.clock.advance(600_000);
  expect(told).toBeGreaterThan(15);
  expect(told).toBeLessThan(100);
  isOut = false;
  await server.clock.advance(31_000);
  expect(server.conversation(id).agentLastReadSeq).toBe(1);
  chat.stop();
});

test('what is marked unread before the server was told that it was read stays unread', async () => {
  const server = createTestServer();
  let isOut = true;
  const chat = createLiveChat(server.options({
    fetch: (input, init) => (isOut && String(input).includes('/read') ? Promise.resolve(new Response('', { status: 503 })) : server.fetch(input, init)),
  }));
  server.blockSockets();
  const id = server.add({ messages: ['one', 'two'] });
  chat.start();
  chat.open(id);
  await server.clock.advance(10_000);
  chat.markRead(id);
  await server.clock.advance(100);
  isOut = false;
  chat.markUnread(id, 1);
  await server.clock.advance(60_000);
  expect(server.conversation(id).agentLastReadSeq).toBe(1);
  expect(chat.conversation(id).get()).toMatchObject({ agentLastReadSeq: 1, unreadCount: 1 });
  chat.stop();
});

test('a change of many shows at once, and is taken back for each that is refused', async () => {
  const { server, chat, pass, id } = await showing();
  const gone = server.add({ userId: 'user-2' });
  const last = server.add({ userId: 'user-3' });
  await pass();
  server.loseFrames(1);
  server.remove(gone);
  server.delay(10);
  const done = chat.updateMany([id, gone, last], { status: 'closed', if: { status: 'open' } });
  expect([id, gone, last].map((one) => chat.conversation(one).get()?.status)).toEqual(['closed', 'closed', 'closed']);
  await pass();
  const { conversations, failed } = await done;
  expect(conversations.map((row) => row.id)).toEqual([id, last]);
  expect(failed).toMatchObject([{ id: gone, error: { code: 'not-found' } }]);
  expect([id, gone, last].map((one) => chat.conversation(one).get()?.status)).toEqual(['closed', 'open', 'closed']);
  expect(server.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(1);
});

test('more than a request holds goes in several; without an answer all of it is taken back', async () => {
  const { server, chat, pass } = await showing();
  const ids = Array.from({ length: 230 }, (_, n) => server.add({ userId: `many-${n}` }));
  await pass();
  const done = chat.updateMany(ids, { labels: ['spam'] });
  await pass();
  expect(await done).toMatchObject({ failed: [], conversations: { length: 230 } });
  expect(server.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(3);
  server.refuseNext([503, 'unavailable']);
  const failing = chat.updateMany(ids.slice(0, 2), { labels: [] });
  await pass();
  expect((await failing).failed).toMatchObject([{ error: { code: 'unavailable' } }, { error: { code: 'unavailable' } }]);
  expect(chat.conversation(ids[0] ?? '').get()?.labels).toEqual(['spam']);
});

test('two who label at one instant both keep their labels', async () => {
  const { server, chat, pass, id } = await showing();
  server.change(id, { labels: ['old'] });
  const ben = createLiveChat(server.options({ token: () => server.token({ role: 'agent', sub: 'ben', name: 'Ben' }) }));
  ben.start();
  ben.list().subscribe(() => {});
  await pass();
  server.delay(10);
  const done = [
    chat.update(id, { addLabels: ['vip', 'late'] }), ben.update(id, { addLabels: ['refund'], removeLabels: ['old'] }),
    chat.updateMany([id], { removeLabels: ['late'] }),
  ];
  expect(chat.conversation(id).get()?.labels).toEqual(['old', 'vip']);
  expect(ben.conversation(id).get()?.labels).toEqual(['refund']);
  await pass(500);
  await Promise.all(done);
  expect(server.conversation(id).labels).toEqual(['refund', 'vip']);
  for (const one of [chat, ben]) expect(one.conversation(id).get()?.labels).toEqual(['refund', 'vip']);
});

test('more labels than a conversation may have are refused and taken back', async () => {
  const { server, chat, pass, id } = await showing();
  const full = Array.from({ length: 20 }, (_, n) => `label ${n + 10}`);
  server.change(id, { labels: full });
  await pass();
  const failed = refusal(chat.update(id, { addLabels: ['one more'] }));
  expect(chat.conversation(id).get()?.labels).toContain('one more');
  await pass();
  expect(await failed).toMatchObject({ code: 'validation', errors: [{ pointer: '/addLabels' }] });
  expect(chat.conversation(id).get()?.labels).toEqual(full);
  const exchanged = chat.update(id, { addLabels: ['one more'], removeLabels: full.slice(0, 1) });
  await pass();
  expect((await exchanged).labels).toEqual([...full.slice(1), 'one more'].toSorted());
  const both = refusal(chat.update(id, { labels: [], addLabels: ['vip'] }));
  await pass();
  expect(await both).toMatchObject({ code: 'validation' });
});

test('a transcript is a file, with notes if asked for', async () => {
  const { server, chat, pass, id } = await showing();
  server.addNote(id, 'he is nice');
  const [plain, full] = [chat.transcript(id, { format: 'text' }), chat.transcript(id, { format: 'json', notes: true })];
  await pass();
  expect((await plain).type).toBe('text/plain');
  expect(await (await plain).text()).toMatch(/user: one\n.*user: two\n$/);
  expect(JSON.parse(await (await full).text())).toMatchObject({ messages: { length: 2 }, notes: [{ text: 'he is nice' }] });
});
