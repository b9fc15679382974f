import { asLiveChatError, LiveChatError } from '../protocol/problem.js';
import type { Outbox, OutboxEntry } from './outbox.js';

export interface SenderOptions {
  outbox: Outbox;
  /** Brings one entry to the server: resolves when it is stored. May be called again with the same one. */
  deliver(entry: OutboxEntry): Promise<void>;
  /** Where an entry stands now. */
  report(entry: OutboxEntry, state: 'queued' | 'sending' | 'failed', error?: LiveChatError): void;
  /** How many entries wait, the failed ones included. */
  counted(count: number): void;
  /** How a conversation's sending is tried again. */
  retrying(run: () => void): { later(atLeastMs?: number): void; now(): void; stop(): void };
}

interface Item {
  entry: OutboxEntry;
  /** Resolves once it is safely in the outbox; nothing goes out before. */
  saved: Promise<void>;
  /** Ends the wait for an answer that may never come. */
  settle?: () => void;
}

interface Queue {
  items: Item[];
  isRunning: boolean;
  retry: ReturnType<SenderOptions['retrying']>;
}

const nothing = () => {};

export type Sender = ReturnType<typeof createSender>;

/**
 * Empties the outbox: one entry at a time per conversation, in order, each repeated until stored or refused. A
 * refused one stays at the head and holds back those behind it until it is retried or discarded.
 */
export function createSender({ outbox, deliver, report, counted, retrying }: SenderOptions) {
  const queues = new Map<string, Queue>();
  const items = new Map<string, Item>();
  let isStarted = false;

  function queueOf(conversationId: string): Queue {
    let queue = queues.get(conversationId);
    if (!queue) {
      const retry = retrying(() => run(conversationId));
      queues.set(conversationId, (queue = { items: [], isRunning: false, retry }));
    }
    return queue;
  }

  function enqueue(entry: OutboxEntry, saved: Promise<void>): void {
    const item: Item = { entry, saved };
    items.set(entry.id, item);
    queueOf(entry.conversationId).items.push(item);
    report(entry, entry.refusal ? 'failed' : 'queued', entry.refusal && new LiveChatError(entry.refusal));
    counted(items.size);
  }

  function run(conversationId: string): void {
    const queue = queueOf(conversationId);
    if (queue.isRunning || !isStarted) return;
    queue.isRunning = true;
    void drain(queue).finally(() => {
      if (queue.items.length > 0 || queues.get(conversationId) !== queue) return;
      queue.retry.stop();
      queues.delete(conversationId);
    });
  }

  async function drain(queue: Queue): Promise<void> {
    try {
      await drainUntilStuck(queue);
    } finally {
      // Here and not after the await: what is added from now on starts a run of its own.
      queue.isRunning = false;
    }
  }

  /** The entry whose turn it is; none while stopped or behind a refused one. */
  function next(queue: Queue): Item | undefined {
    const [head] = queue.items;
    return isStarted && !head?.entry.refusal ? head : undefined;
  }

  async function drainUntilStuck(queue: Queue): Promise<void> {
    for (let item = next(queue); item; item = next(queue)) {
      try {
        await attempt(item);
        queue.retry.stop();
        takeOut(item);
      } catch (failure) {
        if (!isWaiting(item)) continue;
        const error = asLiveChatError(failure);
        if (!error.isTemporary) return refuse(item, error);
        report(item.entry, 'queued');
        return queue.retry.later(error.retryAfterMs);
      }
    }
  }

  async function attempt(item: Item): Promise<void> {
    const settled = new Promise<void>((resolve) => (item.settle = resolve));
    // An outbox that cannot keep a message must not keep it from the server; its own error still surfaces.
    await item.saved.then(nothing, nothing);
    if (!isWaiting(item)) return;
    report(item.entry, 'sending');
    await Promise.race([outbox.exclusive(item.entry.conversationId, () => deliver(item.entry)), settled]);
  }

  function refuse(item: Item, error: LiveChatError): void {
    const { code, status, message: title } = error;
    change(item, { ...item.entry, refusal: { code, status, title } });
    report(item.entry, 'failed', error);
  }

  function change(item: Item, entry: OutboxEntry): void {
    item.entry = entry;
    item.saved = outbox.put(entry);
  }

  /** Neither stored nor taken back yet. */
  const isWaiting = (item: Item) => items.get(item.entry.id) === item;

  function takeOut(item: Item): void {
    const { id, conversationId } = item.entry;
    if (!isWaiting(item)) return;
    items.delete(id);
    counted(items.size);
    const queue = queueOf(conversationId);
    queue.items = queue.items.filter((other) => other !== item);
    item.settle?.();
    // Behind the put, or a slow one would bring it back.
    void item.saved.then(() => outbox.remove(id));
    run(conversationId);
  }

  function drop(id: string): void {
    const item = items.get(id);
    if (item) takeOut(item);
  }

  return {
    add(entry: OutboxEntry): void {
      enqueue(entry, outbox.put(entry));
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

    discard: drop,
    /** The server is seen to have it, whatever became of the answer. */
    confirm: drop,
    /** The conversation is gone, and what was to be said in it. */
    discardAll(conversationId: string): void {
      for (const item of queues.get(conversationId)?.items ?? []) takeOut(item);
    },
    has: (id: string) => items.has(id),

    /** What waits behind a start goes where the start went. None of it has been sent yet. */
    move(from: string, to: string): void {
      const queue = queues.get(from);
      if (!queue) return;
      const behind = queue.items.filter(({ entry }) => entry.request.kind === 'message');
      queue.items = queue.items.filter((item) => !behind.includes(item));
      for (const item of behind) {
        const { entry } = item;
        if (entry.request.kind !== 'message') continue;
        const body = { ...entry.request.body, conversationId: to };
        change(item, { ...entry, conversationId: to, request: { kind: 'message', body } });
        queueOf(to).items.push(item);
      }
      run(to);
    },

    /** Takes up what an earlier page left behind, then sends whatever waits. */
    async start(): Promise<void> {
      isStarted = true;
      const left = await outbox.load();
      for (const entry of left) if (!items.has(entry.id)) enqueue(entry, Promise.resolve());
      for (const conversationId of queues.keys()) run(conversationId);
    },
    stop(): void {
      isStarted = false;
      for (const queue of queues.values()) queue.retry.stop();
    },
    /** Whatever waits for a better moment: this may be it. */
    wake(): void {
      for (const queue of queues.values()) queue.retry.now();
    },
    async clear(): Promise<void> {
      this.stop();
      for (const queue of queues.values()) queue.items = [];
      queues.clear();
      items.clear();
      counted(0);
      await outbox.clear();
    },
  };
}
