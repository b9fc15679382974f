import { expect, test } from 'vitest';
import type { LiveChat } from '../src/client.js';
import { refusal, scene, visitor } from './support.js';

async function watching(messages = ['one', 'two']) {
  const here = scene();
  const id = here.server.add({ messages });
  here.chat.start();
  here.chat.open(id);
  await here.pass();
  return { ...here, id };
}

const noted = (chat: LiveChat, id: string) => chat.notes(id).get().map(({ afterSeq, text }) => `${afterSeq} ${text}`);

test('notes stand behind the messages they were written after, and move nothing', async () => {
  const { server, chat, pass, id } = await watching();
  const { lastMessage, lastMessageAt, messageCount } = server.conversation(id);
  server.addNote(id, 'first');
  await pass();
  server.say(id, 'three');
  server.addNote(id, 'second');
  await pass();
  expect(noted(chat, id)).toEqual(['2 first', '3 second']);
  expect(chat.notes(id).get()[0]).toMatchObject({ author: { id: 'ben', name: 'Ben' }, at: expect.any(Date) });
  expect(chat.conversation(id).get()).toMatchObject({ lastMessage: 'three', messageCount: 3 });
  expect([lastMessage, lastMessageAt, messageCount]).toEqual(['two', expect.any(String), 2]);
});

test('an own note shows at once and stays; refused it goes again', async () => {
  const { server, chat, pass, id } = await watching();
  const done = chat.addNote(id, 'call back');
  expect(chat.notes(id).get()).toMatchObject([{ afterSeq: 2, text: 'call back', version: 0, author: { id: 'ada', name: 'Ada' } }]);
  await pass();
  expect(await done).toMatchObject({ text: 'call back', version: 1 });
  expect(noted(chat, id)).toEqual(['2 call back']);
  expect(server.notes(id)).toHaveLength(1);

  server.refuseNext([403, 'forbidden']);
  const failed = refusal(chat.addNote(id, 'no'));
  await pass();
  expect(await failed).toMatchObject({ code: 'forbidden' });
  expect(noted(chat, id)).toEqual(['2 call back']);
});

test('deleting shows at once, is taken back when refused, and another’s cannot be', async () => {
  const { server, chat, pass, id } = await watching();
  const others = server.addNote(id, 'mine, not yours');
  await pass();
  const failed = refusal(chat.deleteNote(id, others));
  expect(noted(chat, id)).toEqual([]);
  await pass();
  expect(await failed).toMatchObject({ code: 'forbidden' });
  expect(noted(chat, id)).toEqual(['2 mine, not yours']);

  void chat.addNote(id, 'oops');
  await pass();
  void chat.deleteNote(id, chat.notes(id).get().at(-1)?.id ?? '');
  expect(noted(chat, id)).toEqual(['2 mine, not yours']);
  await pass();
  expect(server.notes(id).map(({ text }) => text)).toEqual(['mine, not yours']);
});

test('after a break, and after a reset, they are what the server has', async () => {
  const { server, chat, pass, id } = await watching();
  const gone = server.addNote(id, 'gone meanwhile');
  server.addNote(id, 'stays');
  await pass();
  for (const isReset of [false, true]) {
    server.cutSockets();
    await pass(0);
    if (isReset) server.newEpoch();
    else server.deleteNote(id, gone);
    server.addNote(id, `missed, ${isReset}`);
    if (isReset) server.deleteNote(id, server.notes(id)[0]?.id ?? '');
    await pass(2_000);
    expect(chat.connection.get().phase).toBe('live');
    expect(noted(chat, id)).toEqual(server.notes(id).map(({ afterSeq, text }) => `${afterSeq} ${text}`));
  }
  expect(noted(chat, id)).toEqual(['2 missed, false', '2 missed, true']);
});

test('a page asked for before a deletion does not bring the note back, nor lose one written meanwhile', async () => {
  const { server, chat, pass, id } = await watching(Array.from({ length: 120 }, (_, n) => `m${n}`));
  const doomed = server.addNote(id, 'doomed');
  await pass();
  server.delay(100);
  void chat.reload(id);
  await pass(150);
  server.delay(0);
  server.deleteNote(id, doomed);
  server.addNote(id, 'just now');
  await pass(1_000);
  expect(noted(chat, id)).toEqual(['120 just now']);
});

test('only those of the loaded part are shown, and come with older pages', async () => {
  const here = scene();
  const id = here.server.add({ messages: ['m1'] });
  here.server.addNote(id, 'early');
  for (let n = 2; n <= 120; n += 1) here.server.say(id, `m${n}`);
  here.chat.start();
  here.chat.open(id);
  await here.pass();
  expect(noted(here.chat, id)).toEqual([]);
  for (let page = 0; page < 2; page += 1) {
    void here.chat.loadOlder(id);
    await here.pass();
  }
  expect(noted(here.chat, id)).toEqual(['1 early']);
});

test('by long poll too', async () => {
  const { server, chat, pass, id } = await watching();
  server.blockSockets();
  await pass(10_000);
  expect(chat.connection.get().phase).toBe('polling');
  server.addNote(id, 'no socket needed');
  await pass(1_000);
  expect(noted(chat, id)).toEqual(['2 no socket needed']);
});

test('a visitor never hears of any', async () => {
  const { server, pass, id } = await watching();
  const user = visitor(server);
  user.start();
  user.open(id);
  server.addNote(id, 'secret');
  await pass();
  expect(user.notes(id).get()).toEqual([]);
});
