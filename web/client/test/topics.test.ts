import { expect, test } from 'vitest';
import { createTopics } from '../src/live/topics.js';
import type { ClientOp, StreamEvent } from '../src/protocol/events.js';
import { trouble } from '../src/protocol/problem.js';
import type { Answer, Socket } from '../src/transport/socket.js';
import { createTestClock } from '../src/testing.js';
import { scene, texts } from './support.js';

/** A topic whose snapshots, answers and events come when a test says so. */
function followed() {
  const clock = createTestClock();
  const topics = createTopics(clock, () => 0.5, () => {});
  const applied: string[] = [];
  let load: (cursor: string) => void = () => {};
  const owner = {
    load: () => new Promise<string>((resolve) => (load = resolve)),
    apply: (events: readonly StreamEvent[]) => void applied.push(...events.map((event) => event.cursor ?? '')),
    caughtUp() {},
    refused() {},
  };
  const asked: { op: ClientOp; answer: Answer }[] = [];
  const connect = () => {
    asked.length = 0;
    const socket: Socket = { request: (op, answer) => void asked.push({ op, answer }), cast() {}, checkAlive() {}, close() {} };
    topics.connected(socket);
  };
  const answer = (op: ClientOp['op'], ...given: Parameters<Answer>) => {
    const at = asked.findIndex((request) => request.op.op === op);
    asked.splice(at, 1)[0]?.answer(...given);
  };
  return {
    topics, applied, connect, answer, owner,
    pass: (ms: number) => clock.advance(ms),
    snapshot: async (cursor: string) => {
      load(cursor);
      await clock.advance(0);
    },
    group: (cursor: string) => topics.receive({
      event: 'deleted', topic: 'inbox', conversationId: cursor, reason: 'deleted', cursor,
    }),
    since: () => asked.flatMap(({ op }) => (op.op === 'subscribe' ? [op.since] : [])).at(-1),
  };
}

async function live() {
  const here = followed();
  here.connect();
  here.topics.want('inbox', here.owner);
  await here.snapshot('1');
  here.answer('subscribe', { event: 'ok', ref: 1, cursor: '1' });
  here.group('2');
  return here;
}

test('what the old subscription still tells beside a new snapshot moves nothing: a cut, and it all comes', async () => {
  const { topics, applied, connect, snapshot, group, since } = await live();
  topics.restart('inbox');
  group('11');
  await snapshot('10');
  expect(since()).toBe('10');
  group('12');
  topics.disconnected();
  connect();
  expect(applied).toEqual(['2']);
  expect(since()).toBe('10');
});

test('the same when it was not a cut, but a server that could not subscribe just then', async () => {
  const { topics, applied, answer, snapshot, group, pass, since } = await live();
  topics.restart('inbox');
  group('11');
  await snapshot('10');
  group('12');
  answer('unsubscribe', { event: 'ok', ref: 2 });
  answer('subscribe', undefined, trouble('unavailable', 'Busy.', 503));
  await pass(60_000);
  expect(applied).toEqual(['2']);
  expect(since()).toBe('10');
});

test('wanted again at once after it was let go: what lies between is not skipped', async () => {
  const { topics, applied, connect, owner, group, since } = await live();
  topics.release('inbox');
  group('3');
  topics.want('inbox', owner);
  group('4');
  topics.disconnected();
  connect();
  expect(applied).toEqual(['2']);
  expect(since()).toBe('2');
});

test('asked whether anything was missed, it takes only what follows its place', async () => {
  const { topics, applied, answer, group } = await live();
  topics.probe();
  group('5');
  answer('unsubscribe', { event: 'ok', ref: 2 });
  for (const cursor of ['3', '4', '5']) group(cursor);
  answer('subscribe', { event: 'ok', ref: 3, cursor: '5' });
  group('6');
  expect(applied).toEqual(['2', '3', '4', '5', '6']);
});

test('a reset of a busy inbox with two lists, and a cut before the replay: nothing is missing', async () => {
  const { server, chat, pass } = scene();
  const [first, second] = [server.add({ messages: ['a'] }), server.add({ messages: ['b'], userId: 'user-2' })];
  chat.start();
  chat.list().subscribe(() => {});
  chat.list({ status: 'closed' }).subscribe(() => {});
  await pass(1_000);
  server.delay(100);
  server.newEpoch();
  server.heartbeat();
  await pass(450);
  server.say(first, 'while the second list loads');
  await pass(200);
  server.say(second, 'before the replay');
  await pass(110);
  server.cutSockets();
  server.delay(0);
  await pass(60_000);
  expect(chat.connection.get().phase).toBe('live');
  expect(chat.conversation(first).get()?.lastMessage).toBe('while the second list loads');
  expect(chat.conversation(second).get()?.lastMessage).toBe('before the replay');
});

test('a hole in a thread is not forgotten when its reload fails once', async () => {
  const { server, chat, pass } = scene();
  const id = server.add({ messages: ['Hello'] });
  chat.start();
  chat.list().subscribe(() => {});
  chat.open(id);
  await pass(1_000);
  server.loseFrames(2);
  server.say(id, 'lost');
  server.refuseNext([503, 'unavailable']);
  server.say(id, 'arrives');
  await pass(60_000);
  expect(texts(chat, id)).toEqual(['Hello', 'lost', 'arrives']);
});
