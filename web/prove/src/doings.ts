import type { Cut } from './net/line.js';
import type { Page } from './page.js';
import type { History } from './history.js';

/** Something that may happen, and how often, relative to the others. */
interface Doing {
  readonly name: string;
  readonly weight: number;
  happen(history: History, page: Page): void | Promise<void>;
}

const LABELS = ['vip', 'refund'];
/** Nobody stored the last one: a start there is refused. */
const FUNNELS = ['shop', 'shop', 'help', 'help', 'nowhere'];
/** Cuts land in the beginning, inside what is usual, and far into what is long. */
const HEAD_BYTES = 120;
const NEAR_BYTES = 700;
const FAR_BYTES = 4_000;
/** A bound of the server: whoever is further behind is told to load afresh. */
const RESUME_CHANGES = 500;
const LONG_TEXT = 'x'.repeat(9_000);

const ignore = (done: Promise<unknown>) => void done.catch(() => {});

function cutOf({ chance }: History): Cut {
  return {
    direction: chance.is(0.5) ? 'up' : 'down',
    after: chance.below(chance.pick([HEAD_BYTES, NEAR_BYTES, NEAR_BYTES, FAR_BYTES]) ?? 0),
    how: chance.pick(['reset', 'end', 'silence'] as const) ?? 'reset',
  };
}

/** What visitors do. */
const visitors: readonly Doing[] = [
  { name: 'start', weight: 3, happen: (h, page) => page.start({ funnelId: h.chance.pick(FUNNELS) ?? '', text: h.text('start') }) },
  {
    name: 'send', weight: 10,
    happen(h, page) {
      const id = h.someConversation(page);
      if (id === undefined) return page.start({ funnelId: FUNNELS[0] ?? '', text: h.text('start') });
      for (let times = 1 + h.chance.below(3); times > 0; times -= 1) page.send(id, { text: h.text('user') });
    },
  },
  { name: 'leave', weight: 1, happen: (h, page) => h.withConversation(page, (id) => ignore(page.chat.update(id, { status: 'closed' }))) },
];

/** What agents do. */
const agents: readonly Doing[] = [
  {
    name: 'answer', weight: 8,
    happen: (h, page) => h.withConversation(page, (id) => {
      for (let times = 1 + h.chance.below(2); times > 0; times -= 1) {
        page.send(id, { text: h.text('agent'), reopen: h.chance.pick([undefined, undefined, true, false]) });
      }
    }),
  },
  {
    name: 'answer if held', weight: 1,
    happen: (h, page) => h.withConversation(page, (id) => page.send(id, { text: h.text('agent'), ifHolder: h.chance.pick(['queue', page.tab.person.sub]) })),
  },
  { name: 'take', weight: 2, happen: (h, page) => h.withConversation(page, (id) => ignore(page.chat.take(id))) },
  { name: 'give back', weight: 1, happen: (h, page) => h.withConversation(page, (id) => ignore(page.chat.giveBack(id))) },
  {
    name: 'update', weight: 4,
    happen: (h, page) => h.withConversation(page, (id) => ignore(page.chat.update(id, h.chance.pick([
      { status: 'closed' }, { status: 'open' }, { isArchived: true }, { isArchived: false },
      { labels: LABELS.filter(() => h.chance.is(0.5)) }, { addLabels: ['vip'] }, { addLabels: ['refund'], removeLabels: ['vip'] },
      { assigneeId: 'bob' }, { handler: 'queue' },
      { status: 'closed', if: { status: 'open' } },
    ] as const) ?? {}))),
  },
  { name: 'unread', weight: 1, happen: (h, page) => h.withConversation(page, (id) => page.chat.markUnread(id, h.chance.below(3))) },
];

/** What everybody does with a page. */
const everybody: readonly Doing[] = [
  { name: 'open', weight: 3, happen: (h, page) => h.withConversation(page, (id) => page.open(id)) },
  { name: 'close', weight: 1, happen: (h, page) => { const id = h.chance.pick([...page.tab.threads]); if (id !== undefined) page.close(id); } },
  { name: 'read', weight: 3, happen: (h, page) => h.withConversation(page, (id) => page.chat.markRead(id)) },
  { name: 'type', weight: 1, happen: (h, page) => h.withConversation(page, (id) => page.chat.setTyping(id, h.chance.is(0.7))) },
  { name: 'draft', weight: 1, happen: (h, page) => h.withConversation(page, (id) => page.draft(id, h.text('draft'))) },
  { name: 'discard', weight: 1, happen: (h, page) => { const said = h.chance.pick(page.unsent()); if (said) page.discard(said.id); } },
  { name: 'retry', weight: 1, happen: (h, page) => { const said = h.chance.pick(page.unsent()); if (said) page.chat.retry(said.id); } },
  { name: 'older', weight: 1, happen: (h, page) => h.withConversation(page, (id) => ignore(page.chat.loadOlder(id))) },
  { name: 'more', weight: 1, happen: (h, page) => ignore(page.chat.loadMore(h.chance.pick(page.tab.filters))) },
  { name: 'refresh', weight: 1, happen: (h, page) => ignore(page.chat.refresh(h.chance.pick(page.tab.filters))) },
  { name: 'reload page', weight: 3, happen: (h, page) => h.reload(page) },
];

/** What goes wrong. */
const faults: readonly Doing[] = [
  { name: 'cut a request', weight: 6, happen: (h, page) => page.network.cutNext('http', cutOf(h)) },
  { name: 'cut a socket', weight: 6, happen: (h, page) => page.network.cutNext('socket', cutOf(h)) },
  { name: 'lose an answer', weight: 4, happen: (h, page) => page.network.cutNext(h.chance.pick(['http', 'socket'] as const) ?? 'http', { direction: 'down', after: 0, how: 'end' }) },
  { name: 'cut everything', weight: 2, happen: (h, page) => page.network.cutAll(h.chance.pick(['reset', 'end', 'silence'] as const) ?? 'end') },
  { name: 'slow network', weight: 2, happen: (h, page) => void (page.network.latencyMs = h.chance.below(3_000)) },
  { name: 'quick network', weight: 2, happen: (_, page) => void (page.network.latencyMs = 0) },
  { name: 'no network', weight: 1, happen: (_, page) => void (page.network.isOff = true) },
  { name: 'network again', weight: 2, happen: (h, page) => { if (!page.isAsleep) page.network.isOff = false; if (h.chance.is(0.5) && !page.isAsleep) page.wake(true); } },
  { name: 'sleep', weight: 1, happen: (_, page) => page.sleep() },
  { name: 'wake', weight: 2, happen: (h, page) => { if (page.isAsleep) page.wake(h.chance.is(0.5)); } },
  { name: 'break the storage', weight: 1, happen: (_, page) => void (page.isStorageBroken = true) },
  { name: 'repair the storage', weight: 1, happen: (_, page) => void (page.isStorageBroken = false) },
  { name: 'stall', weight: 1, happen: (h, page) => page.network.stall(h.chance.is(0.5)) },
  {
    name: 'kill the server', weight: 1,
    async happen(h, page) {
      if (await h.kill()) return h.talkAfterRestore(page);
      if (h.chance.is(0.7)) await h.world.server.start();
    },
  },
  { name: 'erase', weight: 1, happen: (h) => (h.chance.is(0.3) ? h.erase() : undefined) },
  { name: 'start the server', weight: 1, happen: async (h) => { if (!h.world.server.isUp) await h.world.server.start(); } },
];

/** Costly, so rare: one history in some hundred. */
export const rarities: readonly Doing[] = [
  {
    name: 'a flood', weight: 1,
    async happen(h, page) {
      page.sleep();
      await h.flood(page, RESUME_CHANGES + 20, 'flood');
    },
  },
  {
    name: 'a stalled reader', weight: 1,
    async happen(h, page) {
      page.network.stall(true);
      await h.flood(page, 80, LONG_TEXT);
      page.network.stall(false);
    },
  },
];

/** The name of everything that may happen. */
export const names: readonly string[] = [visitors, agents, everybody, faults, rarities].flat().map(({ name }) => name);

/** Draws one thing for `page`. */
export function draw(history: History, page: Page): Doing {
  const { chance } = history;
  if (chance.is(0.3)) return chance.weighted(faults);
  if (chance.is(0.3)) return chance.weighted(everybody);
  return chance.weighted(page.tab.person.role === 'visitor' ? visitors : agents);
}
