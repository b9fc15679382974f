import { expect, test } from 'vitest';
import type { ConversationFilters } from '../src/client.js';
import type { TestServer } from '../src/testing.js';
import { count, scene, visitor } from './support.js';

const minutesAgo = (minutes: number) => new Date(Date.UTC(2026, 0, 1) - minutes * 60_000).toISOString();

/** A live client of a server with `size` open conversations, the first one the newest. */
async function inbox(size: number, pageSize = 50) {
  const here = scene({ pageSize });
  const ids = Array.from({ length: size }, (_, n) => here.server.add({
    userId: `user-${n}`, messages: [{ text: `number ${n}`, timestamp: minutesAgo(n + 1) }], startedAt: minutesAgo(n + 1),
  }));
  here.chat.start();
  const show = async (filters: ConversationFilters) => {
    const list = here.chat.list(filters);
    const stop = list.subscribe(() => {});
    await here.pass();
    return { list, stop };
  };
  await here.pass();
  return { ...here, ids, show };
}

test('pages follow one another, none twice, while others write', async () => {
  const { server, chat, pass, ids, show } = await inbox(130);
  const { list } = await show({});
  expect(list.get()).toMatchObject({ total: 130, hasMore: true });
  expect(list.get().ids).toEqual(ids.slice(0, 50));
  server.delay(20);
  void chat.loadMore();
  void chat.loadMore();
  await pass(10);
  server.say(ids[60] ?? '', 'me first');
  await pass(500);
  const [moved] = ids.splice(60, 1);
  expect(list.get().ids).toEqual([moved, ...ids.slice(0, 100)]);
  void chat.loadMore();
  await pass(500);
  expect(list.get()).toMatchObject({ hasMore: false, total: 130, ids: [moved, ...ids] });
});

test.each([
  ['newest', [0, 1, 2]], ['oldest', [2, 1, 0]], ['most_messages', [1, 2, 0]], ['least_messages', [0, 2, 1]],
] as const)('sorted by %s, an event puts its row where the server would', async (sortBy, order) => {
  const { server, chat, pass, ids, show } = await inbox(3);
  const { list } = await show({ sortBy });
  server.say(ids[2] ?? '', 'a', 'system');
  for (const text of ['a', 'b']) server.say(ids[1] ?? '', text, 'system');
  await pass();
  expect(list.get().ids).toEqual(order.map((n) => ids[n]));
  const followed = list.get().ids;
  void chat.refresh({ sortBy });
  await pass();
  expect(list.get().ids).toEqual(followed);
});

test('a change moves a conversation in and out of every list it concerns, totals included', async () => {
  const { server, pass, ids, show } = await inbox(3);
  const watched: ConversationFilters[] = [
    {}, { status: 'closed' }, { status: 'all' }, { handler: 'agent' }, { assignee: 'ada' }, { unread: true },
    { label: 'vip' }, { userId: 'user-1' }, { funnelId: 'other' }, { archived: true, status: 'all' },
  ];
  const all: Awaited<ReturnType<typeof show>>[] = [];
  for (const filters of watched) all.push(await show(filters));
  const id = ids[1] ?? '';
  const lists = () => all.map(({ list }) => [list.get().ids.includes(id), list.get().total]);
  expect(lists()).toEqual([[true, 3], [false, 0], [true, 3], [false, 0], [false, 0], [true, 3], [false, 0], [true, 1], [false, 0], [false, 0]]);
  server.change(id, { handler: 'agent', assignee: { id: 'ada', name: 'Ada' }, labels: ['vip'], agentLastReadSeq: 1 });
  await pass();
  expect(lists()).toEqual([[true, 3], [false, 0], [true, 3], [true, 1], [true, 1], [false, 2], [true, 1], [true, 1], [false, 0], [false, 0]]);
  server.change(id, { status: 'closed', isArchived: true });
  await pass();
  expect(lists()).toEqual([[false, 2], [false, 0], [false, 2], [false, 0], [false, 0], [false, 2], [false, 0], [false, 0], [false, 0], [true, 1]]);
});

test('a new conversation appears in its place', async () => {
  const { server, pass, ids, show } = await inbox(2);
  const { list } = await show({});
  const id = server.add({ userId: 'late', messages: ['just now'] });
  await pass();
  expect(list.get()).toMatchObject({ ids: [id, ...ids], total: 3 });
});

test('a change beyond the loaded pages stays there', async () => {
  const { server, chat, pass, ids, show } = await inbox(8, 3);
  const { list } = await show({ sortBy: 'oldest' });
  const oldestFirst = ids.toReversed();
  expect(list.get().ids).toEqual(oldestFirst.slice(0, 3));
  server.say(oldestFirst[0] ?? '', 'now the newest');
  await pass();
  expect(list.get().ids).toEqual(oldestFirst.slice(1, 3));
  for (let n = 0; n < 3; n += 1) {
    void chat.loadMore({ sortBy: 'oldest' });
    await pass();
  }
  expect(list.get().ids).toEqual([...oldestFirst.slice(1), oldestFirst[0]]);
});

test('a total that cannot be told here is asked for, once for many changes', async () => {
  const { server, pass, ids, show } = await inbox(60);
  const { list } = await show({});
  const before = server.requests.length;
  for (const id of ids.slice(55)) server.say(id, 'from far down');
  await pass();
  expect(list.get().total).toBe(60);
  await pass(3_000);
  expect(list.get().total).toBe(60);
  expect(server.requests.length - before).toBe(1);
});

test.each([
  ['closed', (server: TestServer, id: string) => server.close(id)],
  ['deleted', (server: TestServer, id: string) => server.remove(id)],
])('one from beyond the loaded pages that is %s is missed in the total', async (_, leave) => {
  const { server, pass, ids, show } = await inbox(60);
  const { list } = await show({});
  leave(server, ids[57] ?? '');
  await pass(6_000);
  expect(list.get()).toMatchObject({ total: 59, hasMore: true });
});

test('a new one is counted at once, even if its first version was never seen', async () => {
  const { server, pass, show } = await inbox(60);
  const { list } = await show({});
  await pass(10_000);
  server.loseFrames(1);
  const id = server.add({ userId: 'late' });
  server.say(id, 'again');
  const totals: number[] = [];
  list.subscribe(() => totals.push(list.get().total));
  await pass(10_000);
  expect(totals).toEqual([61]);
});

test('a total answered while something happened is asked for again', async () => {
  const { server, chat, pass, ids, show } = await inbox(60);
  const { list } = await show({});
  await show({ status: 'all' });
  await pass(10_000);
  server.delay(200);
  void chat.refresh();
  await pass(250);
  // The answer on its way knows of neither; the stream brings one before it and one after.
  server.close(ids[3] ?? '');
  server.close(ids[58] ?? '');
  await pass(15_000);
  expect(list.get()).toMatchObject({ total: 58, hasMore: true });
});

test('what failed meanwhile is forgotten once everything is caught up again', async () => {
  const { server, chat, pass, ids, show } = await inbox(2);
  const { list } = await show({});
  chat.open(ids[0] ?? '');
  await pass();
  server.refuseNext([500, 'internal'], [500, 'internal']);
  void chat.refresh();
  void chat.reload(ids[0] ?? '');
  await pass();
  expect([list.get().error?.code, chat.messages(ids[0] ?? '').get().error?.code]).toEqual(['internal', 'internal']);
  server.cutSockets();
  await pass(2_000);
  expect(chat.connection.get().phase).toBe('live');
  expect([list.get().error, chat.messages(ids[0] ?? '').get().error, chat.lastError.get()]).toEqual([undefined, undefined, undefined]);
});

test('what only the server can judge is asked again, debounced', async () => {
  const { server, pass, ids, show } = await inbox(5);
  const { list } = await show({ search: 'pineapple' });
  expect(list.get()).toMatchObject({ ids: [], isLoaded: true });
  const before = server.requests.length;
  for (let n = 0; n < 20; n += 1) server.say(ids[3] ?? '', `pineapple ${n}`);
  await pass(3_000);
  expect(list.get().ids).toEqual([ids[3]]);
  expect(server.requests.length - before).toBe(1);
});

test('a search says where it found each, over all pages, and no more once it is another', async () => {
  const { server, chat, pass, ids, show } = await inbox(5, 2);
  for (const id of ids) server.say(id, `I said pineapple in ${id}`);
  await pass();
  const { list } = await show({ search: 'pine' });
  expect([...(list.get().matches ?? [])].map(([id]) => id)).toEqual(list.get().ids);
  const { text = '', ranges = [], seq } = list.get().matches?.get(list.get().ids[0] ?? '') ?? {};
  expect([seq, ranges.map(([from, to]) => text.slice(from, to))]).toEqual([2, ['pine']]);
  void chat.loadMore({ search: 'pine' });
  await pass();
  expect(list.get().matches?.size).toBe(4);
  expect((await show({})).list.get().matches).toBeUndefined();
});

test('a search finds private notes for our side, and is blind to them for visitors', async () => {
  const { server, ids, show } = await inbox(3, 3);
  const [first = '', second = ''] = ids;
  const noteId = server.addNote(first, 'She holds a grudge');
  server.addNote(second, 'No grudge here');
  server.say(second, 'My grudge is old');
  const { list } = await show({ search: 'grudge' });
  expect(list.get().matches?.get(first)).toMatchObject({ noteId, seq: 1, ranges: [[12, 18]] });
  expect(list.get().matches?.get(second)).toMatchObject({ seq: 2, messageId: expect.any(String) as string });
  expect(list.get().total).toBe(2);
  const headers = { Authorization: `Bearer ${server.token({ role: 'visitor', sub: server.conversation(first).userId })}` };
  const asked = server.fetch(`${server.url}/api/live-chat/conversations?search=grudge&status=all`, { headers });
  await server.clock.advance(100);
  expect(await (await asked).json()).toMatchObject({ conversations: [], total: 0, matches: {} });
});

test('a search wants all its words in one place: the names, a message or a note', async () => {
  const { server, ids, show } = await inbox(3, 3);
  const [first = '', second = '', third = ''] = ids;
  server.say(first, 'The green lamp is broken');
  server.say(second, 'A lamp');
  server.say(second, 'It is green');
  server.addNote(third, 'Wants lamps, green ones');
  const { list } = await show({ search: 'gre lamp' });
  expect(new Set(list.get().ids)).toEqual(new Set([first, third]));
  expect(list.get().matches?.get(first)).toMatchObject({ ranges: [[4, 7], [10, 14]] });
});

test('a stale answer is dropped', async () => {
  const { server, chat, pass, ids, show } = await inbox(3);
  const { list } = await show({});
  server.delay(100);
  void chat.refresh();
  await pass(150);
  server.delay(0);
  server.close(ids[0] ?? '');
  void chat.refresh();
  await pass(20);
  expect(list.get().ids).toEqual(ids.slice(1));
  await pass(1_000);
  expect(list.get()).toMatchObject({ ids: ids.slice(1), total: 2, isLoading: false });
});

test('an answer older than what the stream brought meanwhile does not win', async () => {
  const { server, chat, pass, ids, show } = await inbox(3);
  const { list } = await show({});
  server.delay(100);
  void chat.refresh();
  await pass(110);
  server.delay(0);
  server.close(ids[1] ?? '');
  server.remove(ids[2] ?? '');
  const late = server.add({ userId: 'late' });
  await pass(1_000);
  expect(list.get()).toMatchObject({ ids: [late, ids[0]], isLoading: false });
  await pass(10_000);
  expect(list.get().total).toBe(2);
});

test('a filter that a loaded list covers shows at once what is known', async () => {
  const { server, chat, pass, ids, show } = await inbox(10);
  server.change(ids[4] ?? '', { handler: 'queue' });
  await show({});
  server.down();
  const list = chat.list({ handler: 'queue' });
  list.subscribe(() => {});
  await pass(20);
  expect(list.get().ids).toEqual([ids[4]]);
});

test('going back to a filter asks for no rows: it was kept current', async () => {
  const { server, pass, ids, show } = await inbox(3);
  const { stop } = await show({});
  await show({ status: 'closed' });
  stop();
  server.close(ids[0] ?? '');
  await pass();
  const before = server.requests.filter((request) => !request.includes('limit=1')).length;
  const { list } = await show({});
  expect(list.get().ids).toEqual(ids.slice(1));
  expect(server.requests.filter((request) => !request.includes('limit=1'))).toHaveLength(before);
});

test('equal filters are one list, however written', async () => {
  const { chat } = await inbox(1);
  expect(chat.list({ status: 'open', search: ' ' })).toBe(chat.list());
  expect(chat.list({ handler: 'bot', funnelId: 'a' })).toBe(chat.list({ funnelId: 'a', handler: 'bot' }));
});

test('a list that fails says why, keeps its rows and comes back by itself', async () => {
  const { server, chat, pass, ids, show } = await inbox(2);
  const { list } = await show({});
  server.refuseNext([500, 'internal']);
  void chat.refresh();
  await pass();
  expect(list.get()).toMatchObject({ ids, error: { code: 'internal' }, isLoading: false });
  expect(chat.lastError.get()?.code).toBe('internal');
  chat.clearError();
  expect(chat.lastError.get()).toBeUndefined();
  await show({ status: 'closed' });
  server.refuseNext([503, 'unavailable']);
  const other = await show({ status: 'all' });
  await pass(5_000);
  expect(other.list.get()).toMatchObject({ ids, error: undefined });
});

test('a row that changes publishes that row and nothing else when its place stays', async () => {
  const { server, chat, pass, ids, show } = await inbox(3);
  const { list } = await show({});
  const [rows, first, second] = [count(list), count(chat.conversation(ids[0] ?? '')), count(chat.conversation(ids[1] ?? ''))];
  server.change(ids[0] ?? '', { labels: ['vip'] });
  await pass();
  expect([rows.times, first.times, second.times]).toEqual([0, 1, 0]);
});

test('a visitor’s list has no labels to trip over', async () => {
  const { server } = await inbox(1);
  const user = visitor(server, 'user-0');
  user.start();
  user.list().subscribe(() => {});
  await server.clock.advance(50);
  expect(user.conversation(user.list().get().ids[0] ?? '').get()?.labels).toEqual([]);
});

test('after a reset nothing that left the list meanwhile comes back, whoever comes or goes', async () => {
  const { server, chat, pass, ids, show } = await inbox(3);
  const { list } = await show({ label: 'vip' });
  for (const id of ids) server.change(id, { labels: ['vip'] });
  await pass();
  expect(list.get().ids).toEqual(ids);
  // Somebody writes a draft there, so that it is kept.
  chat.setDraft(ids[1] ?? '', 'half a thought');
  server.cutSockets();
  server.newEpoch();
  server.change(ids[1] ?? '', { labels: [] });
  await pass(10_000);
  expect(list.get().ids).toEqual([ids[0], ids[2]]);
  server.presence('user-1', true);
  await pass();
  expect(list.get()).toMatchObject({ ids: [ids[0], ids[2]], total: 2 });
  expect(chat.draft(ids[1] ?? '').get()).toBe('half a thought');
});

test('after a reset an open thread has its row anew, also where no list shows it', async () => {
  const { server, chat, pass, ids } = await inbox(3, 2);
  const beyond = ids[2] ?? '';
  chat.list().subscribe(() => {});
  chat.open(beyond);
  await pass();
  expect(chat.conversation(beyond).get()?.status).toBe('open');
  server.cutSockets();
  server.newEpoch();
  server.close(beyond);
  await pass(10_000);
  expect(chat.list().get().ids).not.toContain(beyond);
  expect(chat.conversation(beyond).get()?.status).toBe('closed');
});
