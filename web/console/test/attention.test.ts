import { createLiveChat } from '@parlor/client';
import { createTestServer } from '@parlor/client/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { followArrivals } from '../src/attention/arrivals.ts';
import { followUnread, titleOf } from '../src/attention/badge.ts';
import { createNotifier } from '../src/attention/notifications.ts';
import { isAnyLookedAt, readNow, standFor, tellLooking } from '../src/attention/one-tab.ts';

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

/** A server, and an agent's client of it that has yet to start. */
function connect() {
  const server = createTestServer({ cookie: { role: 'agent', sub: 'ada', name: 'Ada' } });
  const chat = createLiveChat({ url: server.url, fetch: server.fetch, WebSocket: server.WebSocket, clock: server.clock, schedule: (flush) => flush() });
  return { server, chat };
}

describe('arrivals', () => {
  async function follow() {
    const { server, chat } = connect();
    const waiting = server.add({ agentLastReadSeq: 0 });
    const read = server.add({ messages: ['Old'] });
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
    let selectedConversationId: string | undefined;
    let changed: () => void = () => undefined;
    const stopLooking = tellLooking({ get: () => ({ selectedConversationId }), subscribe: (listener) => ((changed = listener), () => undefined) }, locks);
    await settle();
    // This tab looks away, so what holds the lock stands for another one.
    focus.mockReturnValue(false);
    expect(await isAnyLookedAt(locks)).toBe(true);
    const here = { get: () => ({ selectedConversationId: 'mine' }), subscribe: () => () => undefined };
    expect([...(await readNow(here, locks))]).toEqual(['']);
    focus.mockReturnValue(true);
    selectedConversationId = 'c1';
    changed();
    await settle();
    focus.mockReturnValue(false);
    expect([...(await readNow(here, locks))]).toEqual(['c1']);
    window.dispatchEvent(new Event('blur'));
    await settle();
    expect(await isAnyLookedAt(locks)).toBe(false);
    expect((await readNow(here, locks)).size).toBe(0);
    stopLooking();
  });

  it('is one tab’s without locks as well, if the next one opens behind it', () => {
    const channels = new Set<EventTarget>();
    class FakeChannel extends EventTarget {
      constructor() {
        super();
        channels.add(this);
      }
      postMessage(data: unknown) {
        for (const other of channels) if (other !== this) other.dispatchEvent(new MessageEvent('message', { data }));
      }
      close() {
        channels.delete(this);
      }
    }
    vi.stubGlobal('BroadcastChannel', FakeChannel);
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
    const first = standFor('role');
    visibility.mockReturnValue('hidden');
    const second = standFor('role');
    expect([first.isMine(), second.isMine()]).toEqual([true, false]);
    first.giveUp();
    const third = standFor('role');
    expect(third.isMine()).toBe(true);
    second.giveUp();
    third.giveUp();
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
    const followed = new Map<string, () => void>();
    const made = createNotifier({
      nameOf: ({ user }) => user.name,
      summary: (count) => `${count} conversations`,
      open: (id) => opened.push(id),
      whenOver(id, over) {
        followed.set(id, over);
        return () => void followed.delete(id);
      },
    });
    return { made, opened, followed };
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

  it('go when nobody waits any more, and nothing is followed longer than that', () => {
    const { made, followed } = notifier();
    made.notify([said('c1'), said('c2')]);
    followed.get('c1')?.();
    expect(FakeNotification.all.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect([...followed.keys()]).toEqual(['c2']);
    made.withdrawAll();
    expect(followed.size).toBe(0);
  });

  it('are a single one for many at once, which goes with the last of them', () => {
    const { made, followed } = notifier();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    made.notify(ids.map(said));
    expect(FakeNotification.all.map(({ title }) => title)).toEqual(['5 conversations']);
    for (const id of ids.slice(1)) followed.get(id)?.();
    expect(FakeNotification.all[0]?.isClosed).toBe(false);
    followed.get('a')?.();
    expect(FakeNotification.all[0]?.isClosed).toBe(true);
  });
});

describe('the badge', () => {
  it('is written when its number is another, never cleared in between, and not before the number is known', async () => {
    const written: (number | 'cleared')[] = [];
    const setAppBadge = async (count: number) => void written.push(count);
    const clearAppBadge = async () => void written.push('cleared');
    vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { setAppBadge, clearAppBadge }));
    const { server, chat } = connect();
    const [first = '', second = ''] = [server.add({ agentLastReadSeq: 0 }), server.add({ messages: ['Old'], agentLastReadSeq: 1 })];
    const stopShowing = followUnread(chat);
    stop = () => chat.stop();
    chat.start();
    expect(written).toEqual([]);
    await server.clock.advance(2_000);
    expect(written).toEqual([1]);
    server.say(first, 'Again');
    server.say(second, 'Me too');
    await server.clock.advance(2_000);
    expect(written).toEqual([1, 2]);
    stopShowing();
    expect(written).toEqual([1, 2, 'cleared']);
  });
});

describe('the title', () => {
  it('says how many, and where', () => {
    expect(titleOf('3', 'Shop')).toBe('(3) Shop · Parlor');
    expect(titleOf(undefined, undefined)).toBe('Parlor');
  });
});
