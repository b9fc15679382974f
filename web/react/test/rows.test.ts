import { describe, expect, it } from 'vitest';
import { buildRows, type RowSource } from '../src/thread/rows.ts';

const at = (iso: string) => new Date(iso);
const sameDay = (a: Date, b: Date) => a.toISOString().slice(0, 10) === b.toISOString().slice(0, 10);
const user = { kind: 'user', id: 'u' };
const bot = { kind: 'bot' };

function rowsOf(sources: Record<string, RowSource>, options: { hasOlder?: boolean; readSeq?: number; ids?: string[] } = {}) {
  const ids = options.ids ?? Object.keys(sources);
  return buildRows(ids, (id) => sources[id], { hasOlder: false, readSeq: undefined, unreadType: 'user', sameDay, ...options });
}
const short = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.kind === 'message' ? `${row.id}${row.isFirst ? '*' : ''}` : row.kind));

const thread: Record<string, RowSource> = {
  a: { timestamp: at('2026-11-20T10:00:00Z'), seq: 1, type: 'bot', author: bot },
  b: { timestamp: at('2026-11-20T10:01:00Z'), seq: 2, type: 'bot', author: bot },
  c: { timestamp: at('2026-11-20T10:02:00Z'), seq: 3, type: 'user', author: user },
  d: { timestamp: at('2026-11-20T10:20:00Z'), seq: 4, type: 'user', author: user },
  e: { timestamp: at('2026-11-21T09:00:00Z'), seq: 5, type: 'user', author: user },
};

describe('rows of a thread', () => {
  it('names each group once, and begins one anew after five minutes, another author or a new day', () => {
    expect(short(rowsOf(thread))).toEqual(['day', 'a*', 'b', 'c*', 'd*', 'day', 'e*']);
  });

  it('puts the divider above the first unread message of the other side', () => {
    expect(short(rowsOf(thread, { readSeq: 3 }))).toEqual(['day', 'a*', 'b', 'c*', 'new', 'd*', 'day', 'e*']);
    expect(short(rowsOf(thread, { readSeq: 0 }))).toEqual(['day', 'a*', 'b', 'new', 'c*', 'd*', 'day', 'e*']);
    expect(short(rowsOf(thread, { readSeq: 5 }))).not.toContain('new');
  });

  it('keeps every row as it was when older messages arrive above', () => {
    const before = short(rowsOf(thread, { hasOlder: true, ids: ['b', 'c', 'd', 'e'] }));
    const after = short(rowsOf(thread, { hasOlder: false }));
    expect(before).toEqual(['c*', 'd*', 'day', 'e*']);
    expect(after.slice(-before.length)).toEqual(before);
  });

  it('shows a lone message although older ones exist', () => {
    expect(short(rowsOf(thread, { hasOlder: true, ids: ['c'] }))).toEqual(['day', 'c*']);
  });

  it('begins a group after a system line', () => {
    const system: RowSource = { timestamp: at('2026-11-20T10:02:10Z'), seq: 4, type: 'system', author: { kind: 'system' } };
    const next: RowSource = { timestamp: at('2026-11-20T10:02:20Z'), seq: 5, type: 'user', author: user };
    expect(short(rowsOf({ c: thread['c'] as RowSource, s: system, n: next }))).toEqual(['day', 'c*', 's*', 'n*']);
  });
});
