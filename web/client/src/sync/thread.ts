import { THREAD_MESSAGES } from '../limits.js';
import type { LiveChatError } from '../protocol/problem.js';

export interface ThreadState {
  /** In order: the stored ones by `seq`, then this client's own that are not stored yet. Each is `chat.message(id)`. */
  readonly ids: readonly string[];
  readonly hasOlder: boolean;
  /** True after `openAt`, and after `loadOlder` went so far back that the newest were let go. */
  readonly hasNewer: boolean;
  readonly isLoading: boolean;
  readonly isLoadingOlder: boolean;
  readonly isLoadingNewer: boolean;
  /** True once a page has arrived: an empty `ids` then means an empty conversation. */
  readonly isLoaded: boolean;
  readonly error?: LiveChatError;
}

/** A window on a conversation's messages: `stored` holds those from `first` on, without a hole. */
export interface Thread extends ThreadState {
  readonly first: number;
  readonly stored: readonly string[];
  /** Own messages that have no place in the window yet. */
  readonly tail: readonly string[];
}

/** Where a message belongs. */
export interface Placed {
  readonly id: string;
  readonly seq: number;
}

export const EMPTY_THREAD: Thread = {
  ids: [], first: 1, stored: [], tail: [],
  hasOlder: false, hasNewer: false, isLoading: false, isLoadingOlder: false, isLoadingNewer: false, isLoaded: false,
};

/** The `seq` of the window's last message; `first - 1` when it is empty. */
export function lastSeq(thread: Thread): number {
  return thread.first + thread.stored.length - 1;
}

/** The thread with another tail; what the window holds already is not in it. */
export function withTail(thread: Thread, tail: readonly string[]): Thread {
  return rebuild(thread, thread.first, thread.stored, tail.length > 0 ? without(tail, thread.stored) : tail);
}

/**
 * The thread with its tail in the order it will have: what is stored beyond the window by `seq`, then what is not stored.
 * What is stored before the window's end, known so late or so far back that it is not in it, needs no place behind it.
 */
export function withStoredFirst(thread: Thread, seqOf: (id: string) => number): Thread {
  const place = (id: string) => seqOf(id) || Number.MAX_SAFE_INTEGER;
  const tail = thread.tail.filter((id) => place(id) > lastSeq(thread));
  return tail.length === thread.tail.length && tail.length < 2 ? thread : withTail(thread, tail.toSorted((a, b) => place(a) - place(b)));
}

/**
 * Adds `messages` (ascending) that follow the window. `'gap'` when they begin further on than its end: something was
 * missed. Those already inside are left where they are; those below a window that has let the newest go are not kept.
 */
export function append(thread: Thread, messages: readonly Placed[]): Thread | 'gap' {
  let next = lastSeq(thread) + 1;
  const stored = [...thread.stored];
  for (const { id, seq } of messages) {
    if (seq < next) continue;
    if (seq > next) return 'gap';
    stored.push(id);
    next += 1;
  }
  if (stored.length === thread.stored.length) return thread;
  const surplus = Math.max(0, stored.length - THREAD_MESSAGES);
  const grown = rebuild(thread, thread.first + surplus, stored.slice(surplus), thread.tail);
  return surplus > 0 ? { ...grown, hasOlder: true } : grown;
}

/** Puts an older page (ascending) before the window. One that does not touch it changes nothing. */
export function prepend(thread: Thread, page: readonly Placed[], hasOlder: boolean): Thread {
  const fresh = page.filter(({ seq }) => seq < thread.first);
  const newest = fresh.at(-1);
  if (newest && newest.seq !== thread.first - 1) return thread;
  const stored = [...fresh.map(({ id }) => id), ...thread.stored];
  const surplus = stored.length > THREAD_MESSAGES;
  const grown = rebuild(thread, fresh[0]?.seq ?? thread.first, surplus ? stored.slice(0, THREAD_MESSAGES) : stored, thread.tail);
  return { ...grown, hasOlder, hasNewer: thread.hasNewer || surplus };
}

/**
 * The window after its newest page (ascending) was loaded again. What the stream brought meanwhile stays. Older
 * messages stay when the page continues them and `keepOlder` says that they are still good.
 */
export function withNewest(thread: Thread, page: readonly Placed[], hasOlder: boolean, keepOlder: boolean): Thread {
  const from = page[0]?.seq ?? 1;
  const to = page.at(-1)?.seq ?? 0;
  const continues = keepOlder && thread.isLoaded && from >= thread.first && from <= lastSeq(thread) + 1;
  const older = continues ? thread.stored.slice(0, from - thread.first) : [];
  // Only a window that reaches the end can hold something newer than the page.
  const newer = !thread.hasNewer && thread.first <= to + 1 ? thread.stored.slice(to + 1 - thread.first) : [];
  const stored = [...older, ...page.map(({ id }) => id), ...newer];
  const whole = rebuild(thread, from - older.length, stored, thread.tail);
  return { ...whole, hasOlder: continues ? thread.hasOlder : hasOlder, hasNewer: false, isLoaded: true };
}

/** The window in place of the one before: a page (ascending) from somewhere in the middle. */
export function withPlace(thread: Thread, page: readonly Placed[], hasNewer: boolean): Thread {
  const from = page[0]?.seq ?? 1;
  return { ...rebuild(thread, from, page.map(({ id }) => id), thread.tail), hasOlder: from > 1, hasNewer, isLoaded: true };
}

function rebuild(thread: Thread, first: number, stored: readonly string[], tail: readonly string[]): Thread {
  const left = tail.length > 0 ? without(tail, stored) : tail;
  const ids = left.length > 0 ? [...stored, ...left] : stored;
  return { ...thread, first, stored, tail: left, ids };
}

function without(tail: readonly string[], stored: readonly string[]): readonly string[] {
  const placed = new Set(stored);
  return tail.filter((id) => !placed.has(id));
}
