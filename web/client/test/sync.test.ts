import { expect, test } from 'vitest';
import { createLiveChat } from '../src/client.js';
import { createTestServer } from '../src/testing.js';
import { scene, states, texts, visitor } from './support.js';

/** A client that shows a list and one thread, live. */
async function watching(messages = ['Hello']) {
  const here = scene();
  const id = here.server.add({ messages });
  here.chat.start();
  here.chat.list().subscribe(() => {});
  here.chat.open(id);
  await here.pass();
  return { ...here, id };
}

test('after a break it continues from its cursor, without loading again', async () => {
  const { server, chat, pass, id } = await watching();
  server.cutSockets();
  await pass(0);
  server.say(id, 'missed');
  const requests = server.requests.length;
  await pass(2_000);
  expect(chat.connection.get().phase).toBe('live');
  expect(texts(chat, id)).toEqual(['Hello', 'missed']);
  expect(chat.conversation(id).get()?.lastMessage).toBe('missed');
  expect(server.requests).toHaveLength(requests);
});

test('a head that is not ours is asked for again', async () => {
  const { server, chat, pass, id } = await watching();
  server.loseFrames(2);
  server.say(id, 'lost on the way');
  await pass();
  expect(texts(chat, id)).toEqual(['Hello']);
  server.heartbeat();
  await pass();
  expect(texts(chat, id)).toEqual(['Hello', 'lost on the way']);
  expect(chat.conversation(id).get()?.messageCount).toBe(2);
});

test('a hole in a thread is never shown: it loads afresh', async () => {
  const { server, chat, pass, id } = await watching();
  server.loseFrames(2);
  server.say(id, 'lost');
  server.say(id, 'arrives');
  await pass();
  expect(texts(chat, id)).toEqual(['Hello', 'lost', 'arrives']);
});

test('reset loads again and keeps the screen meanwhile', async () => {
  const { server, chat, pass, id } = await watching();
  const gone = server.add({ userId: 'user-2' });
  await pass();
  server.cutSockets();
  await pass(0);
  server.newEpoch();
  server.remove(gone);
  server.say(id, 'after the restore');
  let wasEmpty = false;
  const watch = () => (wasEmpty ||= chat.list().get().ids.length === 0 || chat.messages(id).get().ids.length === 0);
  chat.list().subscribe(watch);
  chat.messages(id).subscribe(watch);
  await pass(2_000);
  expect(chat.connection.get().phase).toBe('live');
  expect(texts(chat, id)).toEqual(['Hello', 'after the restore']);
  expect(chat.list().get().ids).toEqual([id]);
  expect(wasEmpty).toBe(false);
});

test('days offline, more than a replay holds: as good as a fresh load', async () => {
  const { server, chat, pass, id } = await watching();
  server.down();
  await pass(1_000);
  server.up();
  for (let n = 0; n < 700; n += 1) server.add({ userId: `new-${n}` });
  await pass(1);
  for (let n = 0; n < 600; n += 1) server.say(id, `missed ${n}`);
  await pass(120_000);
  expect(chat.connection.get().phase).toBe('live');
  expect(chat.list().get().total).toBe(701);
  expect(chat.list().get().ids[0]).toBe(id);
  const shown = texts(chat, id);
  expect(shown.at(-1)).toBe('missed 599');
  expect(shown).toEqual(server.messages(id).slice(-shown.length).map((message) => message.text));
});

test('an older page that arrives among live messages disturbs neither', async () => {
  const many = Array.from({ length: 120 }, (_, n) => `old ${n}`);
  const { server, chat, pass, id } = await watching(many);
  expect(chat.messages(id).get()).toMatchObject({ hasOlder: true, hasNewer: false });
  server.delay(100);
  const older = chat.loadOlder(id);
  await pass(50);
  server.say(id, 'new');
  await pass(500);
  await older;
  expect(texts(chat, id)).toEqual([...many.slice(20), 'new']);
  void chat.loadOlder(id);
  await pass(500);
  expect(texts(chat, id)).toEqual([...many, 'new']);
  expect(chat.messages(id).get().hasOlder).toBe(false);
});

test('far back the newest are let go, and come again on the way down', async () => {
  const many = Array.from({ length: 2_300 }, (_, n) => `m${n}`);
  const { server, chat, pass, id } = await watching(many);
  for (let n = 0; n < 45; n += 1) {
    void chat.loadOlder(id);
    await pass(5);
  }
  await pass();
  expect(texts(chat, id)).toEqual(many.slice(0, 2_000));
  expect(chat.messages(id).get()).toMatchObject({ hasOlder: false, hasNewer: true });
  server.say(id, 'unseen');
  await pass();
  expect(texts(chat, id)).toHaveLength(2_000);
  for (let n = 0; n < 7; n += 1) {
    void chat.loadNewer(id);
    await pass(5);
  }
  await pass();
  expect(texts(chat, id).at(-1)).toBe('unseen');
  expect(chat.messages(id).get()).toMatchObject({ hasOlder: true, hasNewer: false });
  expect(texts(chat, id)).toHaveLength(2_000);
});

test('a mark that moves changes exactly the messages it passes', async () => {
  const { server, chat, pass, id } = await watching(['one', 'two', 'three']);
  const before = chat.messages(id).get().ids.map((message) => chat.message(message).get());
  server.change(id, { agentLastReadSeq: 2 });
  await pass();
  expect(states(chat, id)).toEqual(['read', 'read', 'sent']);
  expect(chat.message(before[2]?.id ?? '').get()).toBe(before[2]);
  server.change(id, { agentLastReadSeq: 1 });
  await pass();
  expect(states(chat, id)).toEqual(['read', 'sent', 'sent']);
});

test('a visitor hears of its own conversations only', async () => {
  const { server, pass } = scene();
  const own = server.add({ userId: 'me' });
  const other = server.add({ userId: 'you' });
  const chat = visitor(server, 'me');
  chat.start();
  chat.list().subscribe(() => {});
  chat.open(other);
  await pass();
  server.say(other, 'secret');
  server.say(own, 'mine');
  await pass();
  expect(chat.list().get().ids).toEqual([own]);
  expect(chat.conversation(other).get()).toBeUndefined();
  expect(chat.messages(other).get()).toMatchObject({ ids: [], isLoading: false, error: { code: 'not-found' } });
});

test.each([['before', 0, 40], ['after', 40, 0]])('a thread that is loaded %s the list says what a reset took along has its row anew', async (_, listMs, threadMs) => {
  const later: { ms: number; path: string }[] = [{ ms: listMs, path: '/conversations?' }, { ms: threadMs, path: '/messages?' }];
  const here = createTestServer();
  const { fetch } = here.options();
  const slow: typeof globalThis.fetch = async (input, init) => {
    const answer = await fetch?.(input, init);
    const url = String(input instanceof Request ? input.url : input);
    const ms = later.find(({ path }) => url.includes(path))?.ms ?? 0;
    if (ms > 0) await new Promise<void>((resolve) => void here.clock.after(ms, resolve));
    return answer as Response;
  };
  const id = here.add({ userId: 'user-1' });
  const user = visitor(here, 'user-1', { fetch: slow });
  const ada = createLiveChat(here.options());
  user.list({ archived: false }).subscribe(() => {});
  ada.list().subscribe(() => {});
  ada.open(id);
  for (const chat of [user, ada]) chat.start();
  await here.clock.advance(1_000);
  const { id: said } = user.send(id, { text: 'anybody?' });
  await here.clock.advance(1_000);
  user.stop();
  await here.clock.advance(1_000);
  ada.markRead(id);
  await here.clock.advance(1_000);
  ada.update(id, { isArchived: true }).catch(() => {});
  await here.clock.advance(1_000);
  here.newEpoch();
  user.open(id);
  user.start();
  await here.clock.advance(5_000);
  expect([user.message(said).get()?.state, user.conversation(id).get()?.status]).toEqual(['read', 'closed']);
  for (const chat of [user, ada]) chat.stop();
});
