import { expect, test } from 'vitest';
import type { StreamEvent, Topic } from '../src/protocol/events.js';
import type { LiveChatConversation, LiveChatMessage, Note } from '../src/protocol/model.js';
import type * as wire from '../src/protocol/schema.js';
import { gather } from '../src/sync/cursor.js';
import { reduce, type Patch, type View } from '../src/sync/reduce.js';
import { append, EMPTY_THREAD, lastSeq, prepend, withNewest, withTail, type Thread } from '../src/sync/thread.js';
import { createTestRandom, createTestServer } from '../src/testing.js';

const ID = 'c1';
const TOPIC: Topic = `conversation:${ID}`;

interface Kept {
  rows: Map<string, LiveChatConversation>;
  messages: Map<string, LiveChatMessage>;
  threads: Map<string, Thread>;
  notes: Map<string, Note>;
}

function empty(): Kept & { view: View } {
  const kept: Kept = { rows: new Map(), messages: new Map(), notes: new Map(), threads: new Map([[ID, { ...EMPTY_THREAD, isLoaded: true }]]) };
  const view: View = {
    conversation: (id) => kept.rows.get(id),
    message: (id) => kept.messages.get(id),
    thread: (id) => kept.threads.get(id) ?? EMPTY_THREAD,
    note: (_, id) => kept.notes.get(id),
  };
  return { ...kept, view };
}

function put<T>(map: Map<string, T>, changes: Map<string, T | undefined>): void {
  for (const [key, value] of changes) {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}

function take(kept: Kept & { view: View }, events: readonly StreamEvent[]): Patch {
  const patch = reduce(kept.view, events);
  put(kept.rows, patch.conversations);
  put(kept.messages, patch.messages);
  put(kept.threads, patch.threads);
  put(kept.notes, patch.notes);
  return patch;
}

/** A conversation's life as the stream tells it, group by group. */
function history(seed: number, length: number): StreamEvent[][] {
  const random = createTestRandom(seed);
  const server = createTestServer();
  server.add({ id: ID, messages: ['first'] });
  const groups: StreamEvent[][] = [];
  let told = 0;
  const tell = () => {
    const rows: wire.LiveChatMessage[] = server.messages(ID).slice(told);
    told += rows.length;
    groups.push([
      ...rows.map((message) => ({ event: 'message' as const, topic: TOPIC, message })),
      { event: 'conversation', topic: TOPIC, conversation: server.conversation(ID), cursor: String(groups.length) },
    ]);
  };
  tell();
  for (let n = 0; n < length; n += 1) {
    const chance = random();
    const count = server.messages(ID).length;
    if (chance < 0.5) server.say(ID, `m${n}`, random() < 0.5 ? 'user' : 'bot');
    else if (chance < 0.7) server.change(ID, { agentLastReadSeq: Math.floor(random() * (count + 1)) });
    else if (chance < 0.9) server.change(ID, { userLastReadSeq: Math.floor(random() * (count + 1)) });
    else server.change(ID, { labels: [`l${n}`] });
    tell();
  }
  return groups;
}

const state = (kept: Kept) => ({ rows: kept.rows, messages: kept.messages, threads: kept.threads });

test('groups applied twice, or replayed from anywhere, give the same state', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = createTestRandom(seed);
    const groups = history(seed, 30);
    const once = empty();
    for (const group of groups) take(once, group);

    const again = empty();
    for (let at = 0; at < groups.length; at += 1) {
      take(again, groups[at] ?? []);
      // A reconnect: from some earlier place on, everything comes once more.
      if (random() < 0.3) for (let back = Math.floor(random() * (at + 1)); back <= at; back += 1) take(again, groups[back] ?? []);
    }
    expect(state(again)).toEqual(state(once));
  }
});

test('a group that is known changes nothing, not even an identity', () => {
  const kept = empty();
  const groups = history(7, 30);
  for (const group of groups) take(kept, group);
  const patch = take(kept, groups.at(-1) ?? []);
  expect([patch.conversations.size, patch.messages.size, patch.threads.size, patch.gaps]).toEqual([0, 0, 0, []]);
});

test('what is replaced was not mutated', () => {
  const kept = empty();
  for (const group of history(3, 40)) {
    const before = { rows: new Map(kept.rows), messages: new Map(kept.messages), threads: new Map(kept.threads) };
    const frozen = structuredClone(before);
    take(kept, group);
    expect(before).toEqual(frozen);
  }
});

test('a message that was skipped is a gap, not a hole', () => {
  const kept = empty();
  const groups = history(1, 60).filter((group) => group.some(({ event }) => event === 'message'));
  take(kept, groups[0] ?? []);
  expect(take(kept, groups[2] ?? []).gaps).toEqual([ID]);
  expect(kept.threads.get(ID)?.ids).toHaveLength(1);
});

test('the cursor belongs to the whole group, whatever frames it came in', () => {
  const group = history(2, 12).find((events) => events.length > 1) ?? [];
  const open: StreamEvent[] = [];
  const results = group.map((event) => gather(open, event));
  expect(results.slice(0, -1).every((result) => result === 'open')).toBe(true);
  expect(results.at(-1)).toEqual({ events: group, cursor: group.at(-1)?.cursor });
  expect(open).toEqual([]);
});

test('a group without an end is not gathered for ever', () => {
  const endless = history(2, 1).flatMap((events) => Array.from({ length: 3_000 }, () => events)).flat().map((event) => ({ ...event, cursor: undefined }));
  const open: StreamEvent[] = [];
  expect(endless.map((event) => gather(open, event))).toContain('overflow');
});

const placed = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => ({ id: `m${from + n}`, seq: from + n }));

test('a window stays without holes, whatever pages meet it', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = createTestRandom(seed);
    const upTo = (most: number) => Math.floor(random() * most);
    let thread = withNewest(EMPTY_THREAD, placed(60, 80), true, false);
    for (let step = 0; step < 40; step += 1) {
      const last = lastSeq(thread);
      const from = Math.max(1, upTo(last + 10));
      const page = placed(from, from + upTo(30));
      const doing = upTo(4);
      if (doing === 0) thread = withNewest(thread, page, from > 1, random() < 0.5);
      else if (doing === 1) thread = prepend(thread, page, from > 1);
      else if (doing === 2) thread = withTail(thread, [`own${step}`]);
      const grown = doing === 3 ? append(thread, page) : thread;
      expect(grown === 'gap').toBe(doing === 3 && from > last + 1);
      if (grown !== 'gap') thread = grown;
      expect(thread.stored).toEqual(placed(thread.first, lastSeq(thread)).map(({ id }) => id));
      expect(thread.ids).toEqual([...thread.stored, ...thread.tail]);
    }
  }
});

test('an own message leaves the tail for its place', () => {
  const thread = withTail(withNewest(EMPTY_THREAD, placed(1, 3), false, false), ['m4', 'm5']);
  expect(thread.ids).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
  const grown = append(thread, placed(4, 4));
  expect(grown).toMatchObject({ stored: ['m1', 'm2', 'm3', 'm4'], tail: ['m5'], ids: thread.ids });
});

test('at its limit a thread lets go of the far side', () => {
  const full = withNewest(EMPTY_THREAD, placed(1, 2_000), false, false);
  expect(append(full, placed(2_001, 2_001))).toMatchObject({ first: 2, hasOlder: true, hasNewer: false });
  const later = withNewest(EMPTY_THREAD, placed(51, 2_050), true, false);
  const older = prepend(later, placed(1, 50), false);
  expect(older).toMatchObject({ first: 1, hasOlder: false, hasNewer: true });
  expect(older.stored).toHaveLength(2_000);
});
