import { OUTBOX_CHARS, OUTBOX_DONE_KEPT, OUTBOX_ENTRIES, STORAGE_POLL_MS } from '../limits.js';
import { asLiveChatError, LiveChatError, trouble } from '../protocol/problem.js';
import type { Clock } from '../transport/clock.js';
import type { ChatLocks } from './locks.js';
import type { OutboxEntry, Stored } from './outbox.js';
import type { News, Shelf } from './shelf.js';
import type { StorageChange } from './storage.js';

export interface SenderOptions {
  shelf: Shelf;
  locks: ChatLocks;
  clock: Clock;
  /** Brings one entry to the server: resolves when it is stored. May be called again with the same one. */
  deliver(entry: OutboxEntry): Promise<Stored>;
  /** The server has it, by this tab's doing or another's: what that one was told may be older than what is known here. */
  accept(entry: OutboxEntry, answer: Stored, isHeard?: boolean): void;
  /** The server is seen to have it, there and in this place; its answer may never come. */
  went(entry: OutboxEntry, conversationId: string, seq: number): void;
  /** It goes to another conversation than was said. */
  moved(entry: OutboxEntry, from: string): void;
  /** Where an entry stands now; with `queued` the error says why the last attempt did not succeed. */
  report(entry: OutboxEntry, state: 'queued' | 'sending' | 'failed', error?: LiveChatError): void;
  /** Another tab has sent it or taken it back: if the server has it, the stream brings it. */
  gone(entry: OutboxEntry): void;
  /** An entry with this id exists. */
  saw(id: string): void;
  /** How many entries wait, the failed ones included, and how many of them would not survive a reload. */
  counted(count: number, unsaved: number): void;
  failed(error: LiveChatError): void;
  /** How a conversation's sending is tried again, and the reading of the storage. */
  retrying(run: () => void): { later(atLeastMs?: number): void; now(): void; stop(): void };
}

interface Item {
  entry: OutboxEntry;
  /** Settles once it is in the storage, or is known not to be. Nothing goes out before. */
  kept: Promise<void>;
  /** Its size in the storage; 0 while it lives in memory only. */
  chars: number;
  /** A reading of the storage begun later than this must find it. */
  keptAt: number;
  /** Ends the wait for an answer that may never come. */
  settle?: () => void;
}

interface Queue {
  items: Item[];
  isRunning: boolean;
  retry: ReturnType<SenderOptions['retrying']>;
}

const NEVER = Infinity;
const nothing = () => {};

export type Sender = ReturnType<typeof createSender>;

/**
 * Empties the outbox: one entry at a time per conversation, in order, each repeated until stored or refused. A
 * refused one stays at the head and holds back those behind it until it is retried or discarded. All tabs have the same
 * entries; whoever holds a conversation's lock sends, the others wait for it and find what is left.
 */
export function createSender({ shelf, locks, clock, deliver, accept, went, moved: tellMoved, report, gone, saw, counted, failed, retrying }: SenderOptions) {
  const queues = new Map<string, Queue>();
  const items = new Map<string, Item>();
  /** Entries that are through or taken back: a reading begun before does not bring them back. */
  const done = new Set<string>();
  /** Conversations that were deleted and entries that were taken back: what another tab, or the storage, still holds of them goes too. */
  const deleted = new Set<string>();
  /** Where the messages behind a conversation's start go since the server put it elsewhere. */
  const moves = new Map<string, string>();
  /** Counts readings and writings, to tell which came first. */
  let turn = 0;
  const reading = retrying(() => void begin());
  let isStarted = false;
  let stopping = new AbortController();
  let cancelPoll = nothing;

  function queueOf(conversationId: string): Queue {
    let queue = queues.get(conversationId);
    if (!queue) {
      const retry = retrying(() => run(conversationId));
      queues.set(conversationId, (queue = { items: [], isRunning: false, retry }));
    }
    return queue;
  }

  function count(): void {
    const all = [...items.values()];
    counted(all.length, all.filter(({ chars }) => chars === 0).length);
  }

  function place(item: Item): void {
    const { items: waiting } = queueOf(item.entry.conversationId);
    waiting.push(item);
    waiting.sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
  }

  function enqueue(entry: OutboxEntry): Item {
    const item: Item = { entry, kept: Promise.resolve(), chars: 0, keptAt: NEVER };
    items.set(entry.id, item);
    place(item);
    show(entry);
    return item;
  }

  function show(entry: OutboxEntry): void {
    report(entry, entry.refusal ? 'failed' : 'queued', entry.refusal && new LiveChatError(entry.refusal));
  }

  /** Writes an entry down, with `beside` in the same step. One that does not fit is sent all the same. */
  function keep(item: Item, beside: readonly StorageChange[] = []): void {
    item.chars = 0;
    item.keptAt = NEVER;
    if (!shelf.owner) return;
    const { entry } = item;
    const chars = JSON.stringify(entry).length;
    const kept = [...items.values()].filter((other) => other.chars > 0);
    if (kept.length >= OUTBOX_ENTRIES || kept.reduce((sum, other) => sum + other.chars, chars) > OUTBOX_CHARS) {
      const title = 'Too many messages wait here: new ones are sent too, but lost when the page is closed before.';
      return failed(trouble('outbox-full', title));
    }
    item.chars = chars;
    const written = () => {
      if (item.entry !== entry) return;
      item.chars = chars;
      item.keptAt = ++turn;
      count();
    };
    item.kept = shelf.write([shelf.row('messages', entry.id, entry), ...beside], written).catch(() => {
      if (item.entry === entry && item.keptAt === NEVER) item.chars = 0;
      count();
    });
  }

  /** The entry whose turn it is; none while stopped, unknown to the server, or behind a refused one. */
  function next(queue: Queue): Item | undefined {
    const [head] = queue.items;
    return isStarted && shelf.owner?.workspace !== undefined && !head?.entry.refusal ? head : undefined;
  }

  function run(conversationId: string): void {
    const queue = queueOf(conversationId);
    if (queue.isRunning || !next(queue)) return;
    queue.isRunning = true;
    let isLater = false;
    let hasLock = false;
    const { signal } = stopping;
    const work = async () => {
      hasLock = true;
      await sync();
      isLater = await drain(queue);
    };
    locks.request(`parlor ${shelf.owner?.key} ${conversationId}`, { signal }, work).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      // Where locks are forbidden (a sandboxed frame) it goes without: the ids keep it right.
      if (!hasLock) return work();
      failed(asLiveChatError(error));
      isLater = true;
      return queue.retry.later();
    }).finally(() => {
      queue.isRunning = false;
      if (queue.items.length === 0 && queues.get(conversationId) === queue) {
        queue.retry.stop();
        queues.delete(conversationId);
      } else if (!isLater) run(conversationId);
    });
  }

  /** Sends until nothing is left or nothing more can be; answers whether it is to be tried again later. */
  async function drain(queue: Queue): Promise<boolean> {
    for (let item = next(queue); item; item = next(queue)) {
      const { entry } = item;
      try {
        await item.kept;
        if (next(queue) !== item) continue;
        report(entry, 'sending');
        const settled = new Promise<void>((resolve) => (item.settle = resolve));
        await Promise.race([deliver(entry).then((answer) => sent(entry, answer)), settled]);
        queue.retry.stop();
      } catch (failure) {
        // Another tab, where nothing locks, may have been told no meanwhile.
        if (!isWaiting(item) || item.entry.refusal) continue;
        const error = asLiveChatError(failure);
        if (!isStarted) return false;
        if (error.isTemporary) {
          report(item.entry, 'queued', error.status > 0 ? error : undefined);
          queue.retry.later(error.retryAfterMs);
          return true;
        }
        const { code, status, message: title } = error;
        change(item, { ...item.entry, refusal: { code, status, title } });
        report(item.entry, 'failed', error);
      }
    }
    return false;
  }

  function sent(entry: OutboxEntry, answer: Stored): void {
    shelf.post({ sent: { entry, answer } });
    // With the removal in one step: what waits behind it would else be left with a conversation that never was.
    remove(entry.id, rowsOf(moved(entry, answer.conversation.id)));
    accept(entry, answer);
  }

  /** What waits behind a start goes where the start went. None of it has been sent yet. */
  function moved({ conversationId: from, request }: OutboxEntry, to: string): Item[] {
    return request.kind === 'start' && to !== from ? follow(from, to) : [];
  }

  function follow(from: string, to: string): Item[] {
    moves.set(from, to);
    const behind = (queues.get(from)?.items ?? []).filter(({ entry }) => entry.request.kind === 'message');
    for (const item of behind) take(item, directed(item.entry));
    run(to);
    return behind;
  }

  const rowsOf = (changed: readonly Item[]) => changed.map(({ entry }) => shelf.row('messages', entry.id, entry));

  function directed(entry: OutboxEntry): OutboxEntry {
    const { request } = entry;
    const conversationId = moves.get(entry.conversationId);
    if (conversationId === undefined || request.kind === 'start') return entry;
    return { ...entry, conversationId, request: { ...request, body: { ...request.body, conversationId } } };
  }

  /** An entry as it is now, in the queue where it belongs. */
  function take(item: Item, entry: OutboxEntry): void {
    const from = item.entry.conversationId;
    item.entry = entry;
    if (entry.conversationId === from) return;
    const queue = queueOf(from);
    queue.items = queue.items.filter((other) => other !== item);
    place(item);
    tellMoved(entry, from);
  }

  function change(item: Item, entry: OutboxEntry): void {
    take(item, entry);
    keep(item);
  }

  /** Neither stored nor taken back yet. */
  const isWaiting = (item: Item) => items.get(item.entry.id) === item;

  function remember(id: string, among: Set<string>): void {
    among.add(id);
    for (const oldest of among) if (among.size > OUTBOX_DONE_KEPT) among.delete(oldest);
  }

  function finish(id: string): Item | undefined {
    remember(id, done);
    const item = items.get(id);
    if (!item) return undefined;
    items.delete(id);
    const queue = queueOf(item.entry.conversationId);
    queue.items = queue.items.filter((other) => other !== item);
    item.settle?.();
    count();
    run(item.entry.conversationId);
    return item;
  }

  function remove(id: string, beside: readonly StorageChange[] = []): void {
    finish(id);
    // One that stays behind is recognised by the server when a later page sends it again.
    shelf.write([shelf.row('messages', id), ...beside]).catch(nothing);
  }

  function discard(entries: readonly OutboxEntry[]): void {
    for (const { id } of entries) remove(id);
    const title = 'A conversation was deleted, and with it what had not been sent yet.';
    if (entries.length > 0) failed(trouble('discarded', title));
  }

  /** The server has an entry, in `to`. Answers with what goes there with it. */
  function through(id: string, to: string, seq: number): Item[] {
    const item = items.get(id);
    const behind = item ? moved(item.entry, to) : [];
    finish(id);
    if (item) went(item.entry, to, seq);
    return behind;
  }

  function vanished(id: string): void {
    const item = finish(id);
    if (item) gone(item.entry);
  }

  /** By the user, here or in another tab, which may be unable to write it down. */
  function takeBack(id: string): void {
    remember(id, deleted);
    vanished(id);
    remove(id);
  }

  /** An entry as the storage has it; `began` is when that was read. */
  function see(stored: OutboxEntry, began: number): void {
    if (deleted.has(stored.id)) return remove(stored.id);
    if (done.has(stored.id)) return;
    saw(stored.id);
    const entry = directed(stored);
    if (deleted.has(entry.conversationId)) return discard([entry]);
    const item = items.get(entry.id);
    if (item && (item.keptAt > began || JSON.stringify(item.entry) === JSON.stringify(entry))) return;
    if (item) {
      const { conversationId: from } = item.entry;
      // Only a start takes messages elsewhere, and another tab knows where that went: all of them go there, from here too.
      if (from !== entry.conversationId) follow(from, entry.conversationId);
      take(item, entry);
    }
    const known = item ?? enqueue(entry);
    known.chars = JSON.stringify(entry).length;
    known.keptAt = ++turn;
    show(entry);
    run(entry.conversationId);
  }

  /** Takes over what other tabs, or an earlier page, left in the storage, and lets go of what is not there any more. */
  async function sync(): Promise<void> {
    const began = ++turn;
    const rows = await shelf.list('messages').catch(nothing);
    // What an earlier page left there perhaps nobody else will ever send.
    if (!rows) return void (isStarted && reading.later());
    reading.stop();
    const found = new Set(rows.map(({ id }) => id));
    for (const { value } of rows) see(value as OutboxEntry, began);
    for (const [id, { keptAt }] of items) if (keptAt < began && !found.has(id)) vanished(id);
    count();
  }

  function poll(): void {
    cancelPoll = clock.after(STORAGE_POLL_MS, () => void sync().finally(() => isStarted && poll()));
  }

  shelf.onNews(({ changes, sent: answered, seen, taken }: News) => {
    if (answered) {
      moved(answered.entry, answered.answer.conversation.id);
      finish(answered.entry.id);
      accept(answered.entry, answered.answer, true);
    }
    if (seen) through(seen.id, seen.conversationId, seen.seq);
    if (taken) takeBack(taken);
    for (const { kind, id, value } of changes ?? []) {
      if (kind !== 'messages') continue;
      if (value === undefined) vanished(id);
      else see(value as OutboxEntry, NEVER);
    }
    count();
  });

  function keepAll(isRekeyed = false): void {
    for (const item of items.values()) if (isRekeyed || item.chars === 0) keep(item);
  }
  async function begin(): Promise<void> {
    await sync();
    for (const conversationId of queues.keys()) run(conversationId);
  }

  return {
    /** `beside` is written in the same step. */
    add(made: OutboxEntry, beside: readonly StorageChange[]): void {
      const entry = directed(made);
      keep(enqueue(entry), beside);
      count();
      run(entry.conversationId);
    },

    retry(id: string): void {
      const item = items.get(id);
      if (!item) return;
      const { refusal: _, ...entry } = item.entry;
      change(item, entry);
      report(entry, 'queued');
      run(entry.conversationId);
    },

    has: (id: string) => items.has(id),
    discard(id: string): void {
      if (!items.has(id)) return;
      shelf.post({ taken: id });
      takeBack(id);
    },
    /** The server is seen to have it, there, whatever became of the answer. */
    confirm(id: string, conversationId: string, seq: number): void {
      if (!items.has(id)) return;
      shelf.post({ seen: { id, conversationId, seq } });
      remove(id, rowsOf(through(id, conversationId, seq)));
    },
    /** The conversation is gone, and what was to be said in it. */
    discardAll(conversationId: string): void {
      remember(conversationId, deleted);
      discard(queues.get(conversationId)?.items.map(({ entry }) => entry) ?? []);
    },

    /** The shelf has its owner now, or the server's word for it. Rekeyed, it finds no rows of before: they are written anew. */
    owned(isRekeyed: boolean): void {
      keepAll(isRekeyed);
      void begin();
    },

    /** Takes up what an earlier page left behind, then sends whatever waits. */
    start(): void {
      isStarted = true;
      stopping = new AbortController();
      if (shelf.isDeaf()) poll();
      void begin();
    },
    stop(): void {
      isStarted = false;
      stopping.abort();
      cancelPoll();
      reading.stop();
      for (const queue of queues.values()) queue.retry.stop();
      for (const { settle } of items.values()) settle?.();
    },
    /** Whatever waits for a better moment: this may be it. */
    wake(): void {
      for (const queue of queues.values()) queue.retry.now();
      keepAll();
      void begin();
    },
    /** Lets go of everything here; what is in the storage stays. */
    forget(): void {
      for (const queue of queues.values()) queue.items = [];
      queues.clear();
      items.clear();
      moves.clear();
      count();
    },
  };
}
