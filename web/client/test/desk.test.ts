import { expect, test } from 'vitest';
import { createDesk } from '../src/desk.js';
import { refusal, scene } from './support.js';

function desk() {
  const here = scene();
  return { ...here, desk: createDesk(here.chat, { clock: here.server.clock, random: () => 0.5 }) };
}
const asked = (requests: readonly string[], path: string) => requests.filter((request) => request === `GET ${path}`).length;

test('each list loads when it is first watched, once, and again when it changed', async () => {
  const { server, chat, pass, desk: { agents, labels, funnels } } = desk();
  server.add({ labels: ['vip'] });
  server.addFunnel({ id: 'demo', name: 'Demo', startBlockId: 'a', stages: [], blocks: {} });
  chat.start();
  chat.list().subscribe(() => {});
  await pass();
  expect(asked(server.requests, '/agents')).toBe(0);
  agents.subscribe(() => {});
  labels.subscribe(() => {});
  funnels.subscribe(() => {});
  expect(agents.get()).toBeUndefined();
  await pass();
  expect(agents.get()).toEqual([{ id: 'ada', name: 'Ada' }]);
  expect(labels.get()).toEqual(['vip']);
  expect(funnels.get()).toEqual([{ id: 'demo', name: 'Demo', version: 1 }]);
  server.addAgent({ id: 'ben', name: 'Ben' });
  await pass();
  expect(agents.get()?.map(({ name }) => name)).toEqual(['Ada', 'Ben']);
  expect([asked(server.requests, '/agents'), asked(server.requests, '/labels')]).toEqual([2, 1]);
});

test('watched before anybody is known it asks once; after every break again', async () => {
  const { server, chat, pass, desk: { agents } } = desk();
  agents.subscribe(() => {});
  chat.start();
  await pass();
  expect(agents.get()).toHaveLength(1);
  expect(asked(server.requests, '/agents')).toBe(1);
  server.cutSockets();
  server.addAgent({ id: 'ben', name: 'Ben' });
  await pass(2_000);
  expect(agents.get()).toHaveLength(2);
});

test('a load that fails is tried again', async () => {
  const { server, chat, pass, desk: { agents } } = desk();
  chat.start();
  await pass();
  server.refuseNext([503, 'unavailable']);
  agents.subscribe(() => {});
  await pass();
  expect(agents.get()).toBeUndefined();
  await pass(1_000);
  expect(agents.get()).toHaveLength(1);
});

test('a view shows at once and stays; refused it is taken back', async () => {
  const { server, chat, pass, desk: { views, putView, deleteView } } = desk();
  views.subscribe(() => {});
  chat.start();
  await pass();
  void putView('v2', { name: 'Waiting', filters: { handler: 'queue' } });
  expect(views.get()).toEqual([{ id: 'v2', name: 'Waiting', isShared: false, isMine: true, filters: { handler: 'queue' } }]);
  await pass();
  void putView('v1', { name: 'All mine', isShared: true, filters: { assignee: 'me' } });
  expect(views.get()?.map(({ name }) => name)).toEqual(['All mine', 'Waiting']);
  await pass();
  server.refuseNext([403, 'forbidden']);
  const failed = refusal(putView('v1', { name: 'Renamed', filters: {} }));
  expect(views.get()?.map(({ name }) => name)).toEqual(['Renamed', 'Waiting']);
  await pass();
  expect(await failed).toMatchObject({ code: 'forbidden' });
  expect(views.get()?.map(({ name }) => name)).toEqual(['All mine', 'Waiting']);
  void deleteView('v2');
  expect(views.get()?.map(({ name }) => name)).toEqual(['All mine']);
  await pass();
  expect(views.get()?.map(({ name }) => name)).toEqual(['All mine']);
});

test('canned answers are everybody’s', async () => {
  const { chat, pass, desk: { cannedAnswers, putCannedAnswer, deleteCannedAnswer } } = desk();
  cannedAnswers.subscribe(() => {});
  chat.start();
  await pass();
  void putCannedAnswer('a', { shortcut: 'hi', text: 'Hello {{user.firstName}}' });
  await pass();
  expect(cannedAnswers.get()).toEqual([{ id: 'a', shortcut: 'hi', text: 'Hello {{user.firstName}}', version: 1 }]);
  void deleteCannedAnswer('a');
  await pass();
  expect(cannedAnswers.get()).toEqual([]);
});

test('of two who change a canned answer the second is refused, and sees what the first made of it', async () => {
  const { server, chat, pass, desk: { cannedAnswers, putCannedAnswer } } = desk();
  cannedAnswers.subscribe(() => {});
  chat.start();
  await pass();
  void putCannedAnswer('a', { shortcut: 'hi', text: 'Hello', version: 0 });
  await pass();
  const [first] = cannedAnswers.get() ?? [];
  if (!first) throw new Error('no canned answer');
  const headers = { Authorization: `Bearer ${server.token({ role: 'agent', sub: 'ben' })}` };
  const theirs = { shortcut: 'hi', text: 'Theirs', version: first.version };
  void server.fetch(`${server.url}/api/live-chat/canned-answers/a`, { method: 'PUT', headers, body: JSON.stringify(theirs) });
  const late = refusal(putCannedAnswer('a', { ...first, text: 'Mine' }));
  expect(cannedAnswers.get()?.[0]?.text).toBe('Mine');
  await pass();
  expect(await late).toMatchObject({ code: 'canned-answer-changed', status: 409 });
  expect(cannedAnswers.get()).toMatchObject([{ text: 'Theirs' }]);
  const second = cannedAnswers.get()?.[0]?.version ?? 0;
  expect(second).toBeGreaterThan(first.version);
  // The version of what one saved is known with the answer, before the list is loaded again.
  const saved = putCannedAnswer('a', { shortcut: 'hi', text: 'Mine', version: second });
  await pass();
  await saved;
  const again = putCannedAnswer('a', { shortcut: 'hi', text: 'Mine again', version: cannedAnswers.get()?.[0]?.version ?? 0 });
  await pass();
  await again;
  expect(cannedAnswers.get()).toMatchObject([{ text: 'Mine again' }]);
});

test('a shortcut is of one canned answer', async () => {
  const { chat, pass, desk: { cannedAnswers, putCannedAnswer } } = desk();
  cannedAnswers.subscribe(() => {});
  chat.start();
  await pass();
  void putCannedAnswer('a', { shortcut: 'hi', text: 'Hello' });
  await pass();
  const taken = refusal(putCannedAnswer('b', { shortcut: 'HI', text: 'Hi' }));
  await pass();
  expect(await taken).toMatchObject({ code: 'validation', status: 422, errors: [{ pointer: '/shortcut' }] });
  expect(cannedAnswers.get()).toMatchObject([{ id: 'a' }]);
});

test('a canned answer that changed since it was seen is not deleted', async () => {
  const { server, chat, pass, desk: { cannedAnswers, putCannedAnswer, deleteCannedAnswer } } = desk();
  cannedAnswers.subscribe(() => {});
  chat.start();
  await pass();
  void putCannedAnswer('a', { shortcut: 'hi', text: 'Hello', version: 0 });
  await pass();
  const version = cannedAnswers.get()?.[0]?.version ?? 0;
  const headers = { Authorization: `Bearer ${server.token({ role: 'agent', sub: 'ben' })}` };
  const theirs = { shortcut: 'hi', text: 'Theirs' };
  void server.fetch(`${server.url}/api/live-chat/canned-answers/a`, { method: 'PUT', headers, body: JSON.stringify(theirs) });
  // What they made of it is there with the refusal.
  const late = refusal(deleteCannedAnswer('a', { version })).then((error) => ({ error, shown: cannedAnswers.get() }));
  await pass();
  const { error, shown } = await late;
  expect(error).toMatchObject({ code: 'canned-answer-changed', status: 409 });
  expect(shown).toMatchObject([{ text: 'Theirs' }]);
  const seen = deleteCannedAnswer('a', { version: shown?.[0]?.version ?? 0 });
  await pass();
  await seen;
  expect(cannedAnswers.get()).toEqual([]);
});

test('a refusal is told with what is there last, however many loads that takes', async () => {
  const { server, chat, pass, desk: { cannedAnswers, putCannedAnswer, deleteCannedAnswer } } = desk();
  cannedAnswers.subscribe(() => {});
  chat.list().subscribe(() => {});
  chat.start();
  await pass();
  void putCannedAnswer('a', { shortcut: 'hi', text: 'Hello', version: 0 });
  await pass();
  const version = cannedAnswers.get()?.[0]?.version ?? 0;
  const headers = { Authorization: `Bearer ${server.token({ role: 'agent', sub: 'ben' })}` };
  const theirs = (text: string) =>
    void server.fetch(`${server.url}/api/live-chat/canned-answers/a`, { method: 'PUT', headers, body: JSON.stringify({ shortcut: 'hi', text }) });
  server.delay(100);
  theirs('Theirs');
  const late = refusal(deleteCannedAnswer('a', { version })).then(() => cannedAnswers.get());
  await server.clock.advance(150);
  // Heard of while what is there is being loaded for the refusal.
  theirs('Their last');
  await pass(3_000);
  expect(await late).toMatchObject([{ text: 'Their last' }]);
});

test('nothing stays of whoever signed out', async () => {
  const { server, chat, pass, desk: { agents } } = desk();
  const stop = agents.subscribe(() => {});
  chat.start();
  await pass();
  stop();
  void chat.wipe();
  await pass();
  expect(agents.get()).toBeUndefined();
  server.signIn({ role: 'agent', sub: 'zoe', name: 'Zoe' });
  agents.subscribe(() => {});
  chat.start();
  await pass();
  expect(agents.get()?.map(({ id }) => id)).toContain('zoe');
});
