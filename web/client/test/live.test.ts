import { expect, test } from 'vitest';
import { count, scene, states, texts, visitor } from './support.js';

test('a list and a thread load, then follow what others do', async () => {
  const { server, chat, pass } = scene();
  const id = server.add({ messages: ['Hello', { text: 'Hi!', type: 'bot' }] });
  chat.start();
  const list = chat.list();
  list.subscribe(() => {});
  chat.open(id);
  await pass();
  expect(chat.connection.get().phase).toBe('live');
  expect(list.get()).toMatchObject({ ids: [id], total: 1, hasMore: false, isLoading: false, isLoaded: true });
  expect(texts(chat, id)).toEqual(['Hello', 'Hi!']);

  server.say(id, 'Are you there?');
  await pass();
  expect(texts(chat, id)).toEqual(['Hello', 'Hi!', 'Are you there?']);
  expect(chat.conversation(id).get()).toMatchObject({ lastMessage: 'Are you there?', unreadCount: 2, messageCount: 3 });
});

test('visitor and agent talk, both ways', async () => {
  const { server, chat, pass } = scene();
  const user = visitor(server);
  user.start();
  chat.start();
  chat.list().subscribe(() => {});
  await pass();
  const started = user.startConversation({ funnelId: 'demo', text: 'I need help' });
  user.open(started.id);
  expect(states(user, started.id)).toEqual(['queued']);
  await pass();
  expect(states(user, started.id)).toEqual(['sent']);
  expect((await started.accepted).id).toBe(started.id);
  expect(chat.list().get().ids).toEqual([started.id]);

  chat.open(started.id);
  await pass();
  const answer = chat.send(started.id, { text: 'With what?' });
  expect(answer).toMatchObject({ type: 'bot', state: 'queued', author: { kind: 'agent', id: 'ada' } });
  await pass();
  expect(texts(user, started.id)).toEqual(['I need help', 'With what?']);
  expect(user.conversation(started.id).get()).toMatchObject({ unreadCount: 1, handler: 'agent', assignee: { name: 'Ada' } });

  user.markRead(started.id);
  expect(user.conversation(started.id).get()?.unreadCount).toBe(0);
  await pass();
  expect(states(chat, started.id)).toEqual(['read', 'read']);
  expect(server.conversation(started.id).userLastReadSeq).toBe(2);
});

test('a burst of 1,000 events is one notify and replaces only what changed', async () => {
  const { server, chat, pass } = scene();
  const [busy, quiet] = [server.add(), server.add({ userId: 'user-2' })];
  chat.start();
  chat.list().subscribe(() => {});
  chat.open(busy);
  await pass();
  const before = chat.conversation(quiet).get();
  const first = chat.message(chat.messages(busy).get().ids[0] ?? '').get();
  const [thread, row, other] = [count(chat.messages(busy)), count(chat.conversation(busy)), count(chat.conversation(quiet))];
  for (let n = 0; n < 1_000; n += 1) server.say(busy, `message ${n}`);
  await pass();
  expect(chat.messages(busy).get().ids).toHaveLength(1_001);
  expect([thread.times, row.times, other.times]).toEqual([1, 1, 0]);
  expect(chat.conversation(quiet).get()).toBe(before);
  expect(chat.message(first?.id ?? '').get()).toBe(first);
});

test('starting and stopping twice over is as good as once', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  chat.start();
  chat.stop();
  chat.start();
  chat.start();
  chat.open(id);
  await pass();
  expect(server.sockets).toBe(1);
  expect(texts(chat, id)).toEqual(['Hello']);
  chat.stop();
  chat.stop();
  await pass();
  expect(server.sockets).toBe(0);
  await pass(30_000);
  expect(server.clock.waiting).toBe(0);
});

test('a thread that nobody has open any more is let go after a moment, and comes back current', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  chat.start();
  const close = chat.open(id);
  await pass();
  close();
  close();
  await pass(10_000);
  server.say(id, 'while away');
  await pass();
  expect(texts(chat, id)).toEqual(['Hello']);
  const requests = server.requests.length;
  chat.open(id);
  await pass();
  expect(texts(chat, id)).toEqual(['Hello', 'while away']);
  expect(server.requests).toHaveLength(requests);
});

test('typing is shown to the others and goes away by itself', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  const user = visitor(server);
  for (const client of [chat, user]) {
    client.start();
    client.open(id);
  }
  await pass();
  user.setTyping(id, true);
  user.setTyping(id, true);
  await pass();
  expect(chat.typing(id).get()).toEqual([{ kind: 'user', id: 'user-1', name: 'user-1' }]);
  expect(user.typing(id).get()).toEqual([]);
  await pass(6_000);
  expect(chat.typing(id).get()).toEqual([]);
  user.setTyping(id, true);
  await pass();
  user.send(id, { text: 'done' });
  await pass();
  expect(chat.typing(id).get()).toEqual([]);
});

test('presence reaches every conversation of the user', async () => {
  const { server, chat, pass } = scene();
  const ids = [server.add(), server.add({ funnelId: 'other' })];
  chat.start();
  chat.list().subscribe(() => {});
  await pass();
  server.presence('user-1', true);
  await pass();
  expect(ids.map((id) => chat.conversation(id).get()?.user.isOnline)).toEqual([true, true]);
});

test('a deleted conversation leaves every list, with its thread', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  chat.start();
  chat.list().subscribe(() => {});
  chat.open(id);
  await pass();
  server.remove(id);
  await pass();
  expect(chat.list().get()).toMatchObject({ ids: [], total: 0 });
  expect(chat.conversation(id).get()).toBeUndefined();
  expect(chat.messages(id).get().ids).toEqual([]);
});

test('signing out leaves nothing', async () => {
  const { server, chat, pass } = scene();
  const id = server.add();
  chat.start();
  const stop = chat.list().subscribe(() => {});
  chat.open(id);
  await pass();
  chat.setDraft(id, 'half a sentence');
  server.down();
  chat.send(id, { text: 'never sent' });
  stop();
  await chat.wipe();
  expect(chat.list().get().ids).toEqual([]);
  expect(chat.conversation(id).get()).toBeUndefined();
  expect(chat.messages(id).get().ids).toEqual([]);
  expect(chat.draft(id).get()).toBe('');
  expect(chat.connection.get()).toMatchObject({ phase: 'offline', queued: 0 });
});
