import { expect, test } from 'vitest';
import { createLiveChat, createMemoryStorage, type ConversationFilters, type LiveChat } from '../src/client.js';
import { createTestRandom, createTestServer, type TestServer } from '../src/testing.js';
import { createBrowser, token } from './browser.js';
import { texts } from './support.js';

const HISTORIES = 60;
const STEPS = 60;
const FILTERS: ConversationFilters[] = [
  {}, { status: 'all', sortBy: 'oldest' }, { status: 'all', archived: 'all', sortBy: 'most_messages' }, { handler: 'agent' },
  { unread: true },
];

/** What a client shows, without what is its own business: presence and unsent messages. */
function screen(chat: LiveChat, threads: readonly string[]): unknown {
  const lists = FILTERS.map((filters) => {
    const { ids, total, hasMore } = chat.list(filters).get();
    return { ids, total, hasMore };
  });
  const shown = new Set(lists.flatMap((list) => list.ids));
  return {
    lists,
    rows: [...shown].toSorted().map((id) => {
      const { user: _, ...row } = chat.conversation(id).get() ?? { user: undefined };
      return row;
    }),
    threads: threads.map((id) => chat.messages(id).get().ids.map((message) => chat.message(message).get())),
    notes: threads.map((id) => chat.notes(id).get()),
  };
}

function firstFailed(chat: LiveChat, ids: Set<string>): string | undefined {
  return [...ids].flatMap((id) => chat.messages(id).get().ids).find((id) => chat.message(id).get()?.state === 'failed');
}

function watch(chat: LiveChat, threads: readonly string[]): void {
  chat.start();
  for (const filters of FILTERS) chat.list(filters).subscribe(() => {});
  for (const id of threads) chat.open(id);
}

/** One thing that may happen, chosen by chance: people, other agents, and everything that breaks. */
function happen(server: TestServer, agent: LiveChat, tabs: ReturnType<typeof createTabs>, ids: string[], random: () => number, step: number): void {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const id = pick(ids);
  const ignore = (done: Promise<unknown>) => void done.catch(() => {});
  const doings: (() => void)[] = [
    () => void agent.send(id, { text: `agent ${step}` }),
    () => void agent.send(id, { text: `agent ${step}, on the way` }),
    () => void tabs.pick().send(ids[0] ?? '', { text: `user ${step}` }),
    () => void tabs.pick().send(ids[0] ?? '', { text: `user ${step}, on the way` }),
    () => tabs.reload(),
    () => tabs.wake(),
    () => server.muteSockets(),
    () => server.say(id, `other ${step}`),
    () => server.say(id, `bot ${step}`, 'bot'),
    () => ids.push(server.add({ userId: `new-${step}` })),
    () => server.close(id),
    () => void server.addNote(id, `note ${step}`),
    () => server.deleteNote(id, server.notes(id)[0]?.id ?? ''),
    () => ignore(agent.addNote(id, `own note ${step}`)),
    () => ignore(agent.deleteNote(id, agent.notes(id).get().at(-1)?.id ?? '')),
    () => ignore(agent.updateMany(ids, { handler: 'queue' })),
    () => ignore(agent.openAt(id, 1 + Math.floor(random() * 80))),
    () => server.change(id, { labels: [`l${step}`], handler: 'queue' }),
    () => ignore(agent.update(id, { status: pick(['open', 'closed'] as const) })),
    () => ignore(agent.update(id, { isArchived: random() < 0.5 })),
    () => ignore(agent.take(id)),
    () => agent.markRead(id),
    () => server.cutSockets(pick([1006, 1012, 4429])),
    () => server.muteSockets(),
    () => server.loseAnswers(1),
    () => server.delay(Math.floor(random() * 400)),
    () => (random() < 0.5 ? server.down() : server.up()),
    () => (random() < 0.5 ? server.blockSockets() : server.unblockSockets()),
    () => server.newEpoch(),
    () => server.heartbeat(),
    () => server.refuseNext([503, 'unavailable']),
    () => void agent.loadOlder(id),
    () => void agent.loadMore(pick(FILTERS)),
    () => void agent.refresh(pick(FILTERS)),
    () => (random() < 0.3 && ids.length > 3 ? server.remove(ids.pop() ?? '') : undefined),
  ];
  pick(doings)();
}

/** The tabs of one visitor: any may be loaded again, after leaving in good order or by a crash, or sleep. */
function createTabs(server: TestServer, home: string, seed: number, random: () => number) {
  const browser = createBrowser(createMemoryStorage(), { hasLocks: seed % 2 === 0, hasChannel: seed % 3 > 0 });
  const signIn = token(server, 'user-1');
  const wakes: (() => void)[] = [];
  let loaded = 0;

  function load(at: number): LiveChat {
    loaded += 1;
    const tab = browser.tab();
    const chat = createLiveChat(server.options({
      ...tab.options, token: signIn, random: createTestRandom(seed * 100 + loaded), onWake: (wake) => ((wakes[at] = wake), () => {}),
    }));
    tab.onCrash(chat.stop);
    crashes[at] = tab.crash;
    chat.start();
    chat.open(home);
    return chat;
  }
  const crashes: (() => void)[] = [];
  const open = [load(0), load(1)] as [LiveChat, LiveChat];
  return {
    open,
    pick: () => open[random() < 0.5 ? 0 : 1],
    reload(): void {
      const at = random() < 0.5 ? 0 : 1;
      if (random() < 0.5) open[at].stop();
      crashes[at]?.();
      open[at] = load(at);
    },
    wake: () => wakes.forEach((wake) => wake()),
  };
}

test(`${HISTORIES} random histories end with exactly what the server has`, async () => {
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const random = createTestRandom(seed);
    const server = createTestServer();
    const ids = [server.add(), server.add({ userId: 'user-2', messages: Array.from({ length: 70 }, (_, n) => `m${n}`) }), server.add({ userId: 'user-3' })];
    const [first = '', second = '', third = ''] = ids;
    const open = [first, second, third];
    const everyId = new Set(ids);
    const agent = createLiveChat(server.options({ random: createTestRandom(seed + 1000) }));
    const tabs = createTabs(server, first, seed, random);
    watch(agent, open);
    for (let step = 0; step < STEPS; step += 1) {
      happen(server, agent, tabs, ids, random, step);
      for (const id of ids) everyId.add(id);
      await server.clock.advance(Math.floor(random() * 3_000));
    }
    // Everything heals. Nothing more is done by anybody.
    server.delay(0);
    server.refuseNext();
    server.loseAnswers(0);
    server.up();
    server.unblockSockets();
    await server.clock.advance(90_000);
    // What was refused for good (its conversation was archived meanwhile) is taken back, one after the other.
    for (const chat of [agent, ...tabs.open]) {
      for (let failed = firstFailed(chat, everyId); failed !== undefined; failed = firstFailed(chat, everyId)) {
        chat.discard(failed);
        await server.clock.advance(5_000);
      }
    }
    server.heartbeat();
    await server.clock.advance(10_000);

    const fresh = createLiveChat(server.options());
    watch(fresh, open);
    await server.clock.advance(1_000);
    for (const filters of FILTERS) {
      while (fresh.list(filters).get().hasMore) {
        void fresh.loadMore(filters);
        await server.clock.advance(100);
      }
    }
    for (const chat of [agent, fresh]) {
      for (const id of open) {
        while (chat.messages(id).get().hasNewer) {
          void chat.loadNewer(id);
          await server.clock.advance(100);
        }
        while (chat.messages(id).get().hasOlder) {
          void chat.loadOlder(id);
          await server.clock.advance(100);
        }
      }
    }
    expect(agent.connection.get(), `seed ${seed}`).toMatchObject({ phase: 'live', queued: 0 });
    expect(screen(agent, open), `seed ${seed}`).toEqual(screen(fresh, open));
    for (const id of open) {
      const said = server.conversationIds().includes(id) ? server.messages(id).map((message) => message.text) : [];
      expect(texts(agent, id), `seed ${seed}`).toEqual(said);
      expect(new Set(said.filter((text) => /^(agent|user)/.test(text))).size).toBe(said.filter((text) => /^(agent|user)/.test(text)).length);
    }
    agent.stop();
    for (const chat of tabs.open) {
      expect(chat.connection.get(), `seed ${seed}`).toMatchObject({ phase: 'live', queued: 0 });
      expect(texts(chat, first), `seed ${seed}`).toEqual(texts(agent, first).slice(-texts(chat, first).length));
      chat.stop();
    }
    fresh.stop();
  }
}, 300_000);
