import { expect, test } from 'vitest';
import { LiveChatError } from '../src/client.js';
import { ownerOfToken } from '../src/outbox/owner.js';
import { createIds } from '../src/protocol/uuid.js';
import { createTestRandom, createTestServer } from '../src/testing.js';
import { scene, states, texts, visitor } from './support.js';

test('ids rise, within a millisecond, with a clock set back, and after those of an earlier visit', () => {
  let now = Date.UTC(2026, 0, 1);
  const ids = createIds(() => now, createTestRandom());
  const made = Array.from({ length: 10_000 }, () => ids.next());
  now -= 3_600_000;
  made.push(ids.next());
  const later = createIds(() => now + 7_200_000, createTestRandom(2)).next();
  ids.saw(later);
  made.push(later, ids.next());
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(made.length);
  expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
});

test('what is tried again and what is refused, status by status', () => {
  const temporary = (status: number) => new LiveChatError({ code: 'x', status, title: '' }).isTemporary;
  for (const status of [0, 200, 204, 301, 302, 304, 401, 408, 425, 429, 500, 502, 503, 504, 507, 599]) expect([status, temporary(status)]).toEqual([status, true]);
  for (const status of [400, 403, 404, 405, 409, 410, 413, 414, 415, 422, 431, 451]) expect([status, temporary(status)]).toEqual([status, false]);
});

test.each(['7', 'Thu, 01 Jan 2026 00:00:08 GMT'])('Retry-After %s is waited for', async (after) => {
  const server = createTestServer();
  server.blockSockets();
  const sentAt: number[] = [];
  const id = server.add();
  const chat = visitor(server, 'user-1', {
    fetch: (input, init) => {
      if (init?.method !== 'POST') return server.fetch(input, init);
      sentAt.push(server.clock.now());
      if (sentAt.length > 1) return server.fetch(input, init);
      const body = JSON.stringify({ type: '', title: 'Slow down', status: 429, code: 'rate-limited' });
      return Promise.resolve(new Response(body, { status: 429, headers: { 'retry-after': after } }));
    },
  });
  chat.start();
  chat.open(id);
  await server.clock.advance(1_000);
  chat.send(id, { text: 'patient' });
  await server.clock.advance(100);
  expect(chat.message(chat.messages(id).get().ids.at(-1) ?? '').get()).toMatchObject({ state: 'queued', error: { code: 'rate-limited' } });
  await server.clock.advance(10_000);
  expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBe(7_000);
  expect(states(chat, id).at(-1)).toBe('sent');
});

test('an answer that is not Parlor’s is no refusal', async () => {
  const { server, chat, pass } = scene({ fetch: (input, init) => server.fetch(input, init).then((answer) => isPortal ? new Response('<html>Pay here</html>') : answer) });
  let isPortal = false;
  const id = server.add();
  server.blockSockets();
  chat.start();
  chat.open(id);
  await pass(1_000);
  isPortal = true;
  chat.send(id, { text: 'through the portal' });
  await pass(60_000);
  expect(states(chat, id).at(-1)).not.toBe('failed');
  isPortal = false;
  await pass(60_000);
  expect(texts(chat, id)).toEqual(['Hello', 'through the portal']);
  expect(server.messages(id)).toHaveLength(2);
});

test('whose a token is can be read from it, in any script, and from no other text', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ kid: 'k' })}.${part({ sub: 'Žofie 🙂', role: 'visitor' })}.signature`;
  expect(ownerOfToken('http://a', token)).toEqual({ key: '["http://a","visitor","Žofie 🙂"]', kid: 'k' });
  for (const text of ['', 'opaque', 'a.b.c', `${part({})}.${part({})}.`]) expect(ownerOfToken('http://a', text)).toBeUndefined();
});
