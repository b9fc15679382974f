import { createLiveChat } from '@parlor/client';
import { createTestServer } from '@parlor/client/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { followArrivals } from '../src/attention/arrivals.ts';
import { titleOf } from '../src/attention/badge.ts';
import { createNotifier } from '../src/attention/notifications.ts';
import { isAnyLookedAt, standFor, tellLooking } from '../src/attention/one-tab.ts';

type Chat = ReturnType<typeof createLiveChat>;
type Conversation = NonNullable<ReturnType<ReturnType<Chat['conversation']>['get']>>;

/** Locks of a browser in which every caller is a tab. */
function fakeLocks() {
  const held = new Map<string, number>();
  const waiting: (() => void)[] = [];
  const next = () => waiting.splice(0).forEach((each) => each());
  return {
    async request(name: string, options: LockOptions, work: () => Promise<unknown>) {
      const isFree = () => options.mode === 'shared' || (held.get(name) ?? 0) === 0;
      while (!isFree()) await new Promise<void>((resolve) => waiting.push(resolve));
      if (options.signal?.aborted) return;
      held.set(name, (held.get(name) ?? 0) + 1);
      await work();
      held.set(name, (held.get(name) ?? 1) - 1);
      next();
    },
    query: async () => ({ held: [...held].filter(([, count]) => count > 0).map(([name]) => ({ name })) }),
  } as unknown as LockManager;
}
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('arrivals', () => {
  async function follow() {
    const server = createTestServer({ cookie: { role: 'agent', sub: 'ada', name: 'Ada' } });
    const waiting = server.add({ agentLastReadSeq: 0 });
    const read = server.add({ messages: ['Old'] });
    const chat = createLiveChat({ url: server.url, fetch: server.fetch, WebSocket: server.WebSocket, clock: server.clock, schedule: (flush) => flush() });
    const told: string[] = [];
    chat.start();
    const stopFollowing = followArrivals(chat, (arrived) => told.push(...arrived.map((each) => each.id)));
    stop = () => {
      stopFollowing();
      chat.stop();
    };
    await server.clock.advance(2_000);
    expect(chat.list({ unread: true }).get().isLoaded).toBe(true);
    return { server, chat, told, waiting, read };
  }

  it('are what people write, in conversations that were read and unread before', async () => {
    const { server, told, waiting, read } = await follow();
    expect(told).toEqual([]);
    server.say(read, 'Are you there?');
    await server.clock.advance(2_000);
    server.say(waiting, 'Me too');
    await server.clock.advance(2_000);
    expect(told).toEqual([read, waiting]);
  });

  it('are not what an agent writes, or marks unread', async () => {
    const { server, chat, told, waiting } = await follow();
    chat.send(waiting, { text: 'I am here' });
    await server.clock.advance(2_000);
    chat.markUnread(waiting, 0);
    await server.clock.advance(2_000);
    expect(told).toEqual([]);
  });
});

describe('a role of one tab', () => {
  it('is the first one’s, and the next one’s once that is gone', async () => {
    const locks = fakeLocks();
    const [first, second] = [standFor('role', locks), standFor('role', locks)];
    await settle();
    expect([first.isMine(), second.isMine()]).toEqual([true, false]);
    first.giveUp();
    await settle();
    expect([first.isMine(), second.isMine()]).toEqual([false, true]);
  });

  it('knows whether another tab is looked at', async () => {
    const locks = fakeLocks();
    const focus = vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    const stopLooking = tellLooking(locks);
    await settle();
    // This tab looks away, so what holds the lock stands for another one.
    focus.mockReturnValue(false);
    expect(await isAnyLookedAt(locks)).toBe(true);
    window.dispatchEvent(new Event('blur'));
    await settle();
    expect(await isAnyLookedAt(locks)).toBe(false);
    stopLooking();
  });
});

describe('notifications', () => {
  class FakeNotification extends EventTarget {
    static readonly all: FakeNotification[] = [];
    isClosed = false;
    constructor(readonly title: string, readonly options: NotificationOptions) {
      super();
      FakeNotification.all.push(this);
    }
    close() {
      this.isClosed = true;
      this.dispatchEvent(new Event('close'));
    }
  }
  const said = (id: string) => ({ id, user: { name: `Visitor ${id}` }, lastMessage: 'Hello' }) as Conversation;
  function notifier() {
    FakeNotification.all.length = 0;
    vi.stubGlobal('Notification', FakeNotification);
    vi.stubGlobal('focus', () => undefined);
    const opened: string[] = [];
    const made = createNotifier({ nameOf: ({ user }) => user.name, summary: (count) => `${count} conversations`, open: (id) => opened.push(id) });
    return { made, opened };
  }

  it('are one for a conversation, open it, and go once it is read', () => {
    const { made, opened } = notifier();
    made.notify([said('c1')]);
    made.notify([said('c1'), said('c2')]);
    expect(FakeNotification.all.map(({ title, options }) => [title, options.body, options.tag])).toEqual([
      ['Visitor c1', 'Hello', 'c1'], ['Visitor c1', 'Hello', 'c1'], ['Visitor c2', 'Hello', 'c2'],
    ]);
    FakeNotification.all[2]?.dispatchEvent(new Event('click'));
    expect(opened).toEqual(['c2']);
    made.withdraw('c1');
    expect(FakeNotification.all.map(({ isClosed }) => isClosed)).toEqual([false, true, true]);
  });

  it('are a single one for many at once', () => {
    const { made } = notifier();
    made.notify(['a', 'b', 'c', 'd', 'e'].map(said));
    expect(FakeNotification.all.map(({ title }) => title)).toEqual(['5 conversations']);
  });
});

describe('the title', () => {
  it('says how many, and where', () => {
    expect(titleOf('3', 'Shop')).toBe('(3) Shop · Parlor');
    expect(titleOf(undefined, undefined)).toBe('Parlor');
  });
});
