import { expect, test } from 'vitest';
import { append, EMPTY_THREAD, withStoredFirst, withTail } from '../src/sync/thread.js';

const loaded = append({ ...EMPTY_THREAD, isLoaded: true }, [{ id: 'a', seq: 1 }, { id: 'b', seq: 2 }]);
const thread = loaded === 'gap' ? EMPTY_THREAD : loaded;

test('what the window holds already gets no second place behind it', () => {
  // The stream brought b before the answer that says where it went.
  expect(withTail(thread, ['b', 'c']).ids).toEqual(['a', 'b', 'c']);
});

test('what is stored beyond the window stands by its seq, before what is not stored', () => {
  const seqs: Record<string, number> = { late: 9, early: 5 };
  const tail = withStoredFirst(withTail(thread, ['waiting', 'late', 'early', 'behind']), (id) => seqs[id] ?? 0);
  expect(tail.ids).toEqual(['a', 'b', 'early', 'late', 'waiting', 'behind']);
});
