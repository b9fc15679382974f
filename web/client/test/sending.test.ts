import { expect, test } from 'vitest';
import { createMemoryStorage, LiveChatError, type LiveChatOptions } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { refusal, scene, states, texts, visitor } from './support.js';

async function talking(options: LiveChatOptions = {}) {
  const here = scene(options);
  const id = here.server.add();
  here.chat.start();
  here.chat.open(id);
  await here.pass();
  const stored = () => here.server.messages(id).slice(1).map((message) => message.text);
  return { ...here, id, stored };
}

test('a lost answer and a repeat are one message, under one id', async () => {
  const { server, chat, pass, id, stored } = await talking();
  server.loseAnswers();
  const sent = chat.send(id, { text: 'once' });
  await pass(5_000);
  expect(stored()).toEqual(['once']);
  expect(texts(chat, id)).toEqual(['Hello', 'once']);
  expect(chat.message(sent.id).get()).toMatchObject({ state: 'sent', seq: 2 });
  expect(chat.connection.get().queued).toBe(0);
});

test('an answer without the conversation, which did not fit into its frame, is an answer', async () => {
  const { server, chat, pass } = scene();
  const id = server.add({ metadata: { notes: 'x'.repeat(40_000) } });
  chat.start();
  await pass(1_000);
  const sent = chat.send(id, { text: '€'.repeat(10_000) });
  const behind = chat.send(id, { text: 'behind it' });
  await pass(5_000);
  expect([chat.message(sent.id).get()?.state, chat.message(behind.id).get()?.state]).toEqual(['sent', 'sent']);
  expect(server.messages(id).map((message) => message.text.length)).toEqual([5, 10_000, 9]);
  expect(chat.conversation(id).get()?.lastMessage).toBe('behind it');
});

test('over HTTP too, when no socket can be had', async () => {
  const { server, chat, pass, id, stored } = await talking();
  server.blockSockets();
  await pass(5_000);
  server.loseAnswers(3);
  chat.send(id, { text: 'once' });
  await pass(120_000);
  expect(stored()).toEqual(['once']);
  expect(states(chat, id)).toEqual(['read', 'sent']);
});

test('a message queued while the server is away goes out when it is back', async () => {
  const { server, chat, pass, id, stored } = await talking();
  server.down();
  await pass(1_000);
  for (const text of ['first', 'second', 'third']) chat.send(id, { text });
  await pass(60_000);
  expect(states(chat, id).slice(1)).not.toContain('failed');
  expect(chat.connection.get()).toMatchObject({ phase: 'offline', queued: 3 });
  server.up();
  await pass(60_000);
  expect(stored()).toEqual(['first', 'second', 'third']);
  expect(states(chat, id)).toEqual(['read', 'sent', 'sent', 'sent']);
});

test('a refused one blocks those behind it, visibly, until it is retried', async () => {
  const { server, chat, pass, id, stored } = await talking();
  server.refuseNext([422, 'validation']);
  const sent = ['bad', 'next', 'last'].map((text) => chat.send(id, { text }));
  await pass(120_000);
  expect(states(chat, id)).toEqual(['sent', 'failed', 'queued', 'queued']);
  expect(chat.message(sent[0]?.id ?? '').get()?.error).toBeInstanceOf(LiveChatError);
  expect(chat.message(sent[0]?.id ?? '').get()?.error?.code).toBe('validation');
  expect(stored()).toEqual([]);
  chat.retry(sent[0]?.id ?? '');
  await pass();
  expect(stored()).toEqual(['bad', 'next', 'last']);
  expect(states(chat, id)).toEqual(['read', 'sent', 'sent', 'sent']);
});

test('discarding the refused one lets the others through', async () => {
  const { server, chat, pass, id, stored } = await talking();
  server.refuseNext([422, 'validation']);
  const bad = chat.send(id, { text: 'bad' });
  chat.send(id, { text: 'good' });
  await pass();
  chat.discard(bad.id);
  expect(texts(chat, id)).toEqual(['Hello', 'good']);
  await pass();
  expect(stored()).toEqual(['good']);
  expect(chat.message(bad.id).get()).toBeUndefined();
});

test('one conversation’s trouble is not another’s', async () => {
  const { server, chat, pass, id } = await talking();
  const other = server.add({ userId: 'user-2' });
  server.refuseNext([422, 'validation']);
  chat.send(id, { text: 'refused' });
  await pass();
  chat.send(other, { text: 'fine' });
  await pass();
  expect(server.messages(other).at(-1)?.text).toBe('fine');
});

test.each([[503, 'unavailable'], [429, 'rate-limited'], [500, 'internal']] as const)('%i is tried again', async (status, code) => {
  const { server, chat, pass, id, stored } = await talking();
  server.refuseNext([status, code], [status, code], [status, code]);
  chat.send(id, { text: 'patient' });
  await pass(60_000);
  expect(stored()).toEqual(['patient']);
});

test.each([1003, 1007, 1008, 1009])('a socket closed with %i fails the message it choked on', async (code) => {
  const { server, chat, pass, id } = await talking();
  server.delay(10);
  chat.send(id, { text: 'indigestible' });
  await pass(5);
  server.cutSockets(code);
  await pass(5_000);
  // The fault is in what was sent, not in the network: repeating it by itself would end every connection to come.
  expect(states(chat, id)).toEqual(['sent', 'failed']);
  expect(chat.connection.get().phase).toBe('live');
});

test('the echo is as good as the answer', async () => {
  const { server, chat, pass, id } = await talking();
  server.delay(1_000);
  const sent = chat.send(id, { text: 'echoed' });
  await pass(2_500);
  expect(chat.message(sent.id).get()).toMatchObject({ state: 'sent' });
  expect(chat.connection.get().queued).toBe(0);
});

test('own and others’ messages end in the server’s order', async () => {
  const { server, chat, pass, id } = await talking();
  server.delay(100);
  chat.send(id, { text: 'mine' });
  await pass(50);
  server.say(id, 'theirs');
  expect(texts(chat, id)).toEqual(['Hello', 'mine']);
  await pass(1_000);
  expect(texts(chat, id)).toEqual(['Hello', 'theirs', 'mine']);
  expect(server.messages(id).map((message) => message.text)).toEqual(['Hello', 'theirs', 'mine']);
});

test('what waits survives the client: the next one sends it', async () => {
  const server = createTestServer();
  const storage = createMemoryStorage();
  const id = server.add();
  const first = visitor(server, 'user-1', { storage });
  first.start();
  await server.clock.advance(50);
  server.down();
  const sent = first.send(id, { text: 'from before' });
  first.stop();
  server.up();
  const second = visitor(server, 'user-1', { storage });
  second.start();
  second.open(id);
  await server.clock.advance(5_000);
  expect(second.message(sent.id).get()).toMatchObject({ state: 'sent', text: 'from before' });
  expect(await storage.list('messages')).toEqual([]);
});

test('starting a conversation survives a lost answer: one conversation, one message', async () => {
  const server = createTestServer();
  const chat = visitor(server);
  chat.start();
  await server.clock.advance(50);
  server.loseAnswers(2);
  const started = chat.startConversation({ funnelId: 'demo', text: 'hi' });
  chat.open(started.id);
  chat.send(started.id, { text: 'and then' });
  await server.clock.advance(60_000);
  expect(server.conversationIds()).toEqual([started.id]);
  expect(texts(chat, started.id)).toEqual(['hi', 'and then']);
  expect(states(chat, started.id)).toEqual(['sent', 'sent']);
});

test('while one is open in the funnel, a start goes there, and what waits behind it too', async () => {
  const server = createTestServer();
  const open = server.add({ userId: 'user-1' });
  const chat = visitor(server);
  chat.start();
  await server.clock.advance(50);
  const started = chat.startConversation({ funnelId: 'demo', text: 'again' });
  chat.send(started.id, { text: 'and then' });
  await server.clock.advance(5_000);
  expect((await started.accepted).id).toBe(open);
  expect(chat.continuation(started.id).get()).toBe(open);
  expect(chat.messages(started.id).get().ids).toEqual([]);
  expect(server.messages(open).map((message) => message.text)).toEqual(['Hello', 'again', 'and then']);
  chat.open(open);
  await server.clock.advance(50);
  expect(texts(chat, open)).toEqual(['Hello', 'again', 'and then']);
});

test('written into an archived conversation, a user’s message is followed to its successor', async () => {
  const server = createTestServer();
  const old = server.add({ userId: 'user-1', status: 'closed', isArchived: true });
  const chat = visitor(server);
  chat.start();
  chat.open(old);
  await server.clock.advance(50);
  chat.send(old, { text: 'one more thing' });
  await server.clock.advance(50);
  const next = chat.continuation(old).get() ?? '';
  expect(server.conversation(next).previousId).toBe(old);
  expect(texts(chat, old)).toEqual(['Hello']);
  chat.open(next);
  await server.clock.advance(50);
  expect(texts(chat, next)).toEqual(['one more thing']);
});

test('a refused start says so, and may be retried', async () => {
  const server = createTestServer();
  const chat = visitor(server);
  chat.start();
  await server.clock.advance(50);
  server.refuseNext([422, 'validation']);
  const started = chat.startConversation({ funnelId: 'demo', text: 'hi' });
  chat.open(started.id);
  const failed = refusal(started.accepted);
  await server.clock.advance(5_000);
  expect(await failed).toMatchObject({ code: 'validation' });
  expect(states(chat, started.id)).toEqual(['failed']);
  chat.retry(started.messageId);
  await server.clock.advance(50);
  expect(states(chat, started.id)).toEqual(['sent']);
  expect(server.conversationIds()).toEqual([started.id]);
});

test('a quick reply of the greeting starts the conversation', async () => {
  const server = createTestServer();
  server.addFunnel({
    id: 'demo', name: 'Demo', startBlockId: 'hello', stages: [],
    blocks: {
      hello: { id: 'hello', message: 'Hi. What is it about?', options: [{ id: 'price', text: 'Prices', nextBlockId: 'prices' }] },
      prices: { id: 'prices', message: 'It is free.' },
    },
  });
  const chat = visitor(server);
  chat.start();
  await server.clock.advance(50);
  const asked = chat.funnel('demo');
  await server.clock.settle();
  expect((await asked).blocks.prices?.options).toEqual([]);
  const { id } = chat.startConversation({ funnelId: 'demo', text: 'Prices', optionId: 'price' });
  chat.open(id);
  await server.clock.advance(50);
  expect(texts(chat, id)).toEqual(['Hi. What is it about?', 'Prices', 'It is free.']);
});

test('a draft stays with its conversation until it is sent', async () => {
  const { server, chat, pass, id } = await talking();
  const other = server.add({ userId: 'user-2' });
  chat.setDraft(id, 'half a sen');
  expect([chat.draft(id).get(), chat.draft(other).get()]).toEqual(['half a sen', '']);
  chat.send(id, { text: 'half a sentence' });
  expect(chat.draft(id).get()).toBe('');
  await pass();
});

test('what waits for a conversation goes with it when it is deleted, and nothing else does', async () => {
  const { server, chat, pass, id } = await talking();
  const other = server.add();
  chat.open(other);
  await pass();
  server.down();
  chat.send(id, { text: 'never sent' });
  chat.send(other, { text: 'sent later' });
  await pass(1_000);
  server.remove(id);
  server.up();
  await pass(60_000);
  expect(server.messages(other).map((message) => message.text)).toContain('sent later');
  expect(chat.connection.get()).toMatchObject({ phase: 'live', queued: 0 });
  expect(chat.conversation(id).get()).toBeUndefined();
  expect(texts(chat, id)).toEqual([]);
  expect(chat.lastError.get()).toMatchObject({ code: 'discarded' });
});

test('what turns out to be stored far before the page that is shown is not shown behind it', async () => {
  const { server, chat, pass, id } = await talking();
  server.loseAnswers();
  const sent = chat.send(id, { text: 'long ago' });
  await pass(1);
  server.down();
  for (let n = 0; n < 600; n += 1) server.say(id, `${n}`);
  server.refuseNext([403, 'forbidden']);
  server.up();
  await pass(60_000);
  expect(chat.message(sent.id).get()?.state).toBe('failed');
  chat.retry(sent.id);
  await pass(5_000);
  const seqs = chat.messages(id).get().ids.map((message) => chat.message(message).get()?.seq ?? 0);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(seqs.at(-1)).toBe(server.messages(id).length);
  expect(chat.connection.get().queued).toBe(0);
});
