import type { LiveChat } from '../api.js';
import { asLiveChatError } from '../protocol/problem.js';
import type { DeskList } from '../protocol/schema.js';
import type { Readable } from '../store/store.js';
import type { Clock } from '../transport/clock.js';
import { createRetry } from '../transport/retry.js';

export interface SharedOptions<T> {
  chat: LiveChat;
  clock: Clock;
  random: () => number;
  what: DeskList;
  load(): Promise<T>;
  /** What is changed here, as the server would order it. */
  order?(changed: T): T;
  /** When to look again though nobody said that anything changed. */
  againAfterMs?(value: T): number;
}

export interface Shared<T> {
  readonly readable: Readable<T | undefined>;
  /** Shows what `to` makes of it until `ask` is answered. */
  change(to: (value: T) => T, ask: () => Promise<unknown>): Promise<void>;
}

/** One thing that agents share: loaded while watched, again after every change and break, gone with whoever signed in. */
export function createShared<T extends object>(options: SharedOptions<T>): Shared<T> {
  const { chat, clock, random, what, load, order = (changed) => changed, againAfterMs } = options;
  const listeners = new Set<() => void>();
  const changes = chat.changes(what);
  const retry = createRetry(clock, random, () => void fetch());
  /** As the server has it, and the same with what is changed here and not answered yet. */
  let stored: T | undefined;
  let shown: T | undefined;
  const underWay = new Set<(value: T) => T>();
  /** Rises with every load: an answer to an earlier one is stale. */
  let turn = 0;
  /** The latest load, over or not. */
  let loading = Promise.resolve();
  let isDue = false;
  /** Whose this is. */
  let sub: string | undefined;
  let stop: (() => void) | undefined;

  function show(): void {
    const before = shown;
    shown = stored;
    if (stored && underWay.size > 0) shown = order([...underWay].reduce((value, to) => to(value), stored));
    if (shown !== before) for (const listener of listeners) listener();
  }

  /** Over once the latest load is. */
  function fetch(): Promise<void> {
    return (loading = fetchOnce());
  }

  async function fetchOnce(): Promise<void> {
    const own = ++turn;
    retry.stop();
    try {
      const answer = await load();
      if (own !== turn) return loading;
      stored = answer;
      show();
      if (againAfterMs && stop) retry.after(againAfterMs(answer));
    } catch (failure) {
      const error = asLiveChatError(failure);
      if (own !== turn) return loading;
      if (stop && error.isTemporary) retry.later(error.retryAfterMs);
    }
  }

  /** Who this is and a new connection come together: one load for both. */
  function refresh(): void {
    const now = chat.me.get()?.sub;
    if (now !== sub) forget();
    sub = now;
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      if (stop && chat.me.get()) void fetch();
    });
  }

  function begin(): () => void {
    const stops = [changes.subscribe(refresh), chat.me.subscribe(refresh)];
    return () => stops.forEach((stopOne) => stopOne());
  }

  /** Somebody else, or nobody, is signed in now. */
  function forget(): void {
    turn += 1;
    loading = Promise.resolve();
    retry.stop();
    stored = undefined;
    underWay.clear();
    show();
  }

  return {
    readable: {
      get: () => (chat.me.get()?.sub === sub ? shown : undefined),
      subscribe(listener) {
        const own = () => listener();
        listeners.add(own);
        if (!stop) {
          stop = begin();
          refresh();
        }
        return () => {
          listeners.delete(own);
          if (listeners.size > 0) return;
          retry.stop();
          stop?.();
          stop = undefined;
        };
      },
    },

    async change(to, ask) {
      underWay.add(to);
      show();
      try {
        await ask();
        if (underWay.has(to)) stored = stored && to(stored);
        // What the server makes of it: its order, and what others changed.
        refresh();
      } catch (failure) {
        // Somebody else was faster: what they made of it is to be seen with the refusal, if it can be loaded.
        if (asLiveChatError(failure).status === 409 && stop && chat.me.get()) await fetch();
        throw failure;
      } finally {
        underWay.delete(to);
        show();
      }
    },
  };
}
