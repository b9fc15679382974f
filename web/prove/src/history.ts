import type { ConversationFilters } from '@parlor/client';
import { Breach, breach } from './breach.js';
import { Browser } from './browser.js';
import type { Coverage } from './coverage.js';
import { draw, rarities } from './doings.js';
import { Drafts } from './drafts.js';
import { judge } from './judge.js';
import { Observer } from './observer.js';
import { Page, type Person, type Tab } from './page.js';
import { createChance, type Chance } from './random.js';
import type { Server } from './server/server.js';
import { World } from './world.js';

const LISTS: readonly ConversationFilters[] = [
  {}, { status: 'all', sortBy: 'oldest' }, { status: 'all', archived: 'all', sortBy: 'most_messages' }, { handler: 'agent' },
  { unread: true }, { status: 'closed' }, { assignee: 'ada' }, { label: 'vip', status: 'all' }, { userId: 'ann', status: 'all' },
];
const STEPS_LEAST = 12;
const STEPS_MORE = 28;
/** A history in so many has one of the costly doings. */
const RARE = 60;
/** One kill in so many leaves a server that was restored. */
const RESTORED = 3;
/** So much is said then, and about so many bytes a page is told of it. */
const RESTORED_TALK = 30;
const RESTORED_BYTES = 24_000;
/** The share of histories whose browsers have IndexedDB: it takes several times as long as a memory. */
const INDEXED = 0.15;
/** After everything is healed all must be well by then: the longest time-out, the longest wait between two attempts. */
const HEALED_WITHIN_MS = 300_000;
/** In real time. */
const SAID_WITHIN_MS = 10_000;
/** A total that only the server can tell is asked for again after at most so long. */
const RECHECKED_WITHIN_MS = 7_000;
/** Without a socket a page is as old as its last fetch. */
const FETCHED_WITHIN_MS = 32_000;

export interface Plan {
  seed: number;
  /** Only the first so many steps. */
  steps?: number;
  /** Told of every step. */
  tell?: (step: string) => void;
  /** Told of everything that travels. */
  trace?: (line: string) => void;
}

/** One random history, from its seed to its judgement. Rejects with a `Breach` when something was not as promised. */
export class History {
  readonly chance: Chance;
  readonly world: World;
  readonly observer: Observer;
  private readonly pages: Page[] = [];
  private said = 0;
  private kills = 0;
  private readonly steps: number;
  private readonly rareAt: number;

  constructor(private readonly plan: Plan, server: Server, private readonly coverage: Coverage) {
    this.chance = createChance(plan.seed);
    this.world = new World(server, this.chance.fork(), coverage, plan.trace);
    this.observer = new Observer(this.world);
    this.steps = STEPS_LEAST + this.chance.below(STEPS_MORE);
    // Late, so that there is something to be flooded.
    this.rareAt = this.chance.below(RARE) === 0 ? this.steps - 1 - this.chance.below(STEPS_LEAST) : -1;
  }

  async run(): Promise<void> {
    try {
      await this.begin();
      const steps = Math.min(this.steps, this.plan.steps ?? Infinity);
      for (let step = 0; step < steps; step += 1) await this.step(step);
      await this.heal();
      await this.judge();
      this.coverage.count('steps', steps);
    } finally {
      for (const page of this.pages) page.end();
      this.observer.end();
    }
  }

  /** At once where time is ours; a server in its own time may have something left to say. */
  private async judge(): Promise<void> {
    const deadline = performance.now() + (this.world.server.kind === 'model' ? 0 : SAID_WITHIN_MS);
    for (;;) {
      try {
        return await judge(this.world, this.observer, this.pages);
      } catch (error) {
        if (!(error instanceof Breach) || performance.now() > deadline) throw error;
        await this.world.advance(1_000);
      }
    }
  }

  /** A text nobody else says. */
  text(kind: string): string {
    this.said += 1;
    return `${kind} ${this.said}`;
  }

  /** One that the page shows, or once showed. */
  someConversation(page: Page): string | undefined {
    const { chat, tab } = page;
    const shown = tab.filters.flatMap((filters) => chat.list(filters).get().ids);
    return this.chance.pick([...new Set([...tab.threads, ...shown])]);
  }

  withConversation(page: Page, act: (id: string) => void): void {
    const id = this.someConversation(page);
    if (id !== undefined) act(id);
  }

  async reload(page: Page): Promise<void> {
    page.end();
    // No page is gone and there again within one millisecond, and the order of what it says rests on that.
    await this.world.blink();
    this.pages[this.pages.indexOf(page)] = new Page(this.world, page.tab);
  }

  /** `count` messages into what `page` has open, by nobody on a page, as quickly as the server takes them. */
  async flood(page: Page, count: number, text: string): Promise<void> {
    const { world, observer } = this;
    if (!world.server.isUp) await world.server.start();
    const { rows } = await observer.conversations();
    const into = rows.find(({ id }) => page.tab.threads.has(id)) ?? rows[0];
    if (!into) return;
    this.coverage.count('messages flooded', count);
    for (let sent = 0; sent < count; sent += 1) {
      await observer.call('service', 'POST', '/messages?messages=0', { conversationId: into.id, type: 'bot', text, reopen: true });
    }
  }

  /** Kills the server, if it runs; now and then what starts again then was restored. Says whether. */
  async kill(): Promise<boolean> {
    const { server } = this.world;
    if (!server.isUp) return false;
    this.kills += 1;
    const isRestored = (this.plan.seed + this.kills) % RESTORED === 0;
    if (!isRestored) await server.kill();
    else await server.restore();
    return isRestored;
  }

  /** Whoever comes back is told to load afresh; what is said meanwhile, and a cut at any moment of it, must cost nothing. */
  async talkAfterRestore(given: Page): Promise<void> {
    const { world, chance } = this;
    // Who has two lists loads them one after the other, and hears the most meanwhile.
    const page = this.pages.find(({ tab, isAsleep }) => tab.filters.length > 1 && !tab.isWithoutSockets && !isAsleep) ?? given;
    this.coverage.count('restored');
    await world.server.start();
    const latencyMs = 20 + chance.below(300);
    page.network.latencyMs = latencyMs;
    // Somewhere among what it is told between `reset` and the replay that follows its new snapshot, or thereabouts.
    page.network.cutNext('socket', { direction: 'down', after: chance.below(RESTORED_BYTES), how: 'end' });
    for (let said = 0; said < RESTORED_TALK; said += 1) {
      // In one and then in another: what was missed of one is not told again with its next message.
      const { rows } = await this.observer.conversations();
      const into = chance.pick(rows);
      const body = { conversationId: into?.id, type: 'bot', text: this.text('meanwhile'), reopen: true };
      if (into) await this.observer.call('service', 'POST', '/messages?messages=0', body);
      await world.advance(chance.below(latencyMs));
    }
    page.network.latencyMs = 0;
  }

  /** An administrator erases a conversation for good. */
  async erase(): Promise<void> {
    if (!this.world.server.isUp) return;
    const { rows } = await this.observer.conversations();
    const row = this.chance.pick(rows);
    if (!row) return;
    this.world.journal.erased.set(row.id, row.userId);
    this.coverage.count('erased');
    await this.observer.call('admin', 'DELETE', `/conversations/${row.id}`);
  }

  private async begin(): Promise<void> {
    const { chance } = this;
    for (const funnel of [SHOP, HELP]) await this.observer.call('admin', 'PUT', `/funnels/${funnel.id}`, funnel);
    const people: Person[] = [];
    const isIndexed = chance.is(INDEXED);
    const add = (role: Person['role'], subs: readonly string[]) => {
      for (const sub of subs.slice(0, 1 + chance.below(subs.length))) people.push({ role, sub, browser: new Browser(isIndexed), drafts: new Drafts() });
    };
    add('visitor', ['ann', 'ben', 'cem']);
    add('agent', ['ada', 'bob']);
    for (const person of people) {
      const tabs = person.role === 'visitor' ? 1 + chance.below(2) : 1;
      for (let number = 1; number <= tabs; number += 1) this.pages.push(new Page(this.world, this.tabOf(person, number)));
    }
    await this.world.quiet();
  }

  private tabOf(person: Person, number: number): Tab {
    const { chance } = this;
    const filters = person.role === 'visitor' ? [{ status: 'all' as const }] : [chance.pick(LISTS) ?? {}, chance.pick(LISTS) ?? {}];
    const isWithoutSockets = chance.is(0.15);
    return { name: `${person.sub}/${number}`, person, filters, threads: new Set(), loads: 0, isWithoutSockets, pageSize: 2 + chance.below(4) };
  }

  private async step(step: number): Promise<void> {
    const { chance, world } = this;
    const page = chance.pick(this.pages);
    if (!page) return;
    const doing = step === this.rareAt ? chance.weighted(rarities) : draw(this, page);
    this.plan.tell?.(`${step} ${page.tab.name}: ${doing.name}`);
    this.world.tell(page.tab.name, `step ${step}, ${doing.name}`);
    this.coverage.count(doing.name);
    await doing.happen(this, page);
    const pause = chance.next();
    // Often the next thing happens before this one has had any effect.
    if (pause < 0.3) return;
    if (pause < 0.55) await world.quiet();
    else if (pause < 0.8) await world.advance(chance.below(1_000));
    else if (pause < 0.96) await world.advance(chance.below(12_000));
    else await world.advance(chance.below(100_000));
    world.check();
  }

  /** Nothing fails any more, and nobody does anything more. Then everything must come to rest, and be right. */
  private async heal(): Promise<void> {
    const { world } = this;
    world.tell('all', 'heal');
    for (const page of this.pages) {
      if (page.isAsleep) page.wake(false);
      page.network.heal();
      page.isStorageBroken = false;
    }
    if (!world.server.isUp) await world.server.start();
    const deadline = world.now() + HEALED_WITHIN_MS;
    for (let waiting = this.pages.filter(isBehind); waiting.length > 0; waiting = this.pages.filter(isBehind)) {
      if (world.now() >= deadline) throw breach('stuck', `does not recover: ${waiting.map(standing).join('; ')}`);
      await world.advance(2_000);
    }
    const isFetching = this.pages.some(({ tab }) => tab.isWithoutSockets);
    await world.advance(isFetching ? FETCHED_WITHIN_MS + RECHECKED_WITHIN_MS : RECHECKED_WITHIN_MS);
  }
}

function isBehind(page: Page): boolean {
  const { phase } = page.chat.connection.get();
  const isFollowing = phase === 'live' || (phase === 'polling' && page.tab.isWithoutSockets);
  return !isFollowing || !page.hasRead() || page.isLoading() || page.isSending() || page.network.isWaitingInVain;
}

function standing(page: Page): string {
  const { phase, attempt, queued } = page.chat.connection.get();
  return `${page.tab.name} is ${phase}, attempt ${attempt}, ${queued} queued (${JSON.stringify(page.unsent())}), last error ${page.chat.lastError.get()?.code}, waits in vain for ${page.network.inFlight.size} requests, ${page.network.sockets.size} sockets: ${page.network.isWaitingInVain}, sending ${page.isSending()}, has read the storage: ${page.hasRead()}`;
}

const HELP = {
  id: 'help', name: 'Help', startBlockId: 'ask', stages: [],
  blocks: { ask: { id: 'ask', message: 'How can we help?', options: [], handoff: true } },
};
const SHOP = {
  id: 'shop', name: 'Shop', startBlockId: 'hello', stages: [],
  blocks: {
    hello: {
      id: 'hello', message: 'Hello!',
      options: [{ id: 'buy', text: 'I want to buy', nextBlockId: 'buy' }, { id: 'talk', text: 'Talk to a person', nextBlockId: 'talk' }],
    },
    buy: { id: 'buy', message: 'What?', options: [{ id: 'back', text: 'Back', nextBlockId: 'hello' }] },
    talk: { id: 'talk', message: 'One moment.', options: [], handoff: true },
  },
};
