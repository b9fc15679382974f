import { expect, test } from 'vitest';
import { decodeConversation } from '../src/protocol/decode.js';
import { fullFilters, type ConversationFilters } from '../src/protocol/filters.js';
import type { LiveChatConversation } from '../src/protocol/model.js';
import { compareBy, EMPTY_LIST, follow, matches, seed, type ListWindow } from '../src/sync/list.js';
import { createTestRandom, createTestServer } from '../src/testing.js';

const START = Date.UTC(2026, 0, 1);

/** Rows to place, each different in what filters and orders look at. */
function rows(count: number, random = createTestRandom()): Map<string, LiveChatConversation> {
  const server = createTestServer();
  const template = decodeConversation(server.conversation(server.add()));
  const made = Array.from({ length: count }, (_, n): LiveChatConversation => ({
    ...template, id: `c${String(n).padStart(5, '0')}`, ...mood(random),
  }));
  return new Map(made.map((row) => [row.id, row]));
}

function mood(random: () => number): Partial<LiveChatConversation> {
  return {
    lastMessageAt: new Date(START + Math.floor(random() * 1_000)), messageCount: Math.floor(random() * 20),
    status: random() < 0.7 ? 'open' : 'closed', handler: random() < 0.5 ? 'bot' : 'queue', unreadCount: random() < 0.5 ? 0 : 1,
  };
}

/** What the server would answer: everything that matches, in order, up to `loaded`. */
function answer(all: Map<string, LiveChatConversation>, filters: ConversationFilters, loaded = Infinity): ListWindow {
  const full = fullFilters(filters);
  const found = [...all.values()].filter((row) => matches(full, row)).toSorted(compareBy(full.sortBy));
  const page = found.slice(0, loaded);
  return {
    ...EMPTY_LIST, ids: page.map((row) => row.id), total: found.length, hasMore: found.length > page.length,
    boundary: page.at(-1), isLoaded: true,
  };
}

const FILTERS: ConversationFilters[] = [
  {}, { status: 'all', sortBy: 'oldest' }, { handler: 'queue', sortBy: 'most_messages' }, { unread: true, sortBy: 'least_messages' },
];

test('followed change by change, a list is what the server would answer', () => {
  for (const filters of FILTERS) {
    const random = createTestRandom(42);
    const full = fullFilters(filters);
    const all = rows(60, random);
    let list = answer(all, filters);
    for (let step = 0; step < 500; step += 1) {
      const id = `c${String(Math.floor(random() * 80)).padStart(5, '0')}`;
      const before = all.get(id);
      const template = [...all.values()][0];
      const after = random() < 0.1 || !template ? undefined : { ...template, ...before, id, ...mood(random) };
      ({ list } = follow(list, full, before, after, (other) => (other === id ? after : all.get(other))));
      if (after) all.set(id, after);
      else all.delete(id);
      expect(list.ids).toEqual(answer(all, filters).ids);
      expect(list.total).toBe(list.ids.length);
    }
  }
});

test('with pages still to come it holds exactly what lies before its boundary, and the total stays right', () => {
  for (const filters of FILTERS) {
    const random = createTestRandom(7);
    const full = fullFilters(filters);
    const compare = compareBy(full.sortBy);
    const all = rows(200, random);
    let list = answer(all, filters, 30);
    const { boundary } = list;
    for (let step = 0; step < 300; step += 1) {
      const id = `c${String(Math.floor(random() * 200)).padStart(5, '0')}`;
      const before = all.get(id);
      const after = before && { ...before, ...mood(random) };
      ({ list } = follow(list, full, before, after, (other) => all.get(other)));
      if (after) all.set(id, after);
      const whole = answer(all, filters);
      expect(list.ids).toEqual(whole.ids.filter((other) => {
        const row = all.get(other);
        return row && boundary && compare(row, boundary) <= 0;
      }));
      expect(list.total).toBe(whole.total);
    }
  }
});

test('what a list covers is the exact beginning of a narrower one', () => {
  const all = rows(300);
  for (const loaded of [50, Infinity]) {
    const source = answer(all, { status: 'all' }, loaded);
    const narrow = { status: 'open', handler: 'queue' } as const;
    const seeded = seed(fullFilters(narrow), source, fullFilters({ status: 'all' }), (id) => all.get(id));
    const whole = answer(all, narrow).ids;
    expect(seeded?.ids.length).toBeGreaterThan(5);
    expect(seeded?.ids).toEqual(whole.slice(0, seeded?.ids.length));
    expect(seeded?.hasMore).toBe(seeded?.ids.length !== whole.length);
  }
});

test('a list that could miss something gives no beginning', () => {
  const all = rows(300);
  const lookup = (id: string) => all.get(id);
  const partial = answer(all, {}, 50);
  const open = fullFilters({});
  expect(seed(fullFilters({ status: 'closed' }), partial, open, lookup)).toBeUndefined();
  expect(seed(fullFilters({ sortBy: 'oldest' }), partial, open, lookup)).toBeUndefined();
  expect(seed(fullFilters({ search: 'x' }), partial, open, lookup)).toBeUndefined();
  expect(seed(fullFilters({}), partial, fullFilters({ handler: 'bot' }), lookup)).toBeUndefined();
  expect(seed(fullFilters({ sortBy: 'oldest' }), answer(all, {}), open, lookup)?.ids).toEqual(answer(all, { sortBy: 'oldest' }).ids);
});

test('an event among 10,000 rows looks at a handful of them', () => {
  const all = rows(10_000);
  const full = fullFilters({ status: 'all' });
  let list = answer(all, { status: 'all' });
  const random = createTestRandom(3);
  let looks = 0;
  for (let step = 0; step < 100; step += 1) {
    const before = all.get(`c${String(Math.floor(random() * 10_000)).padStart(5, '0')}`);
    if (!before) throw new Error('a row is missing');
    const after = { ...before, ...mood(random) };
    ({ list } = follow(list, full, before, after, (other) => {
      looks += 1;
      return all.get(other);
    }));
    all.set(after.id, after);
  }
  expect(looks / 100).toBeLessThan(40);
  expect(list.ids).toEqual(answer(all, { status: 'all' }).ids);
});

test('a row that keeps its place keeps the list', () => {
  const all = rows(50);
  const list = answer(all, {});
  const before = all.get(list.ids[10] ?? '');
  if (!before) throw new Error('a row is missing');
  const after = { ...before, labels: ['vip'] };
  expect(follow(list, fullFilters({}), before, after, (id) => all.get(id)).list).toBe(list);
});
