import { createLiveChat, type ChatStorage, type ConversationFilters, type LiveChat, type NewConversation, type OutgoingMessage, type RowKind } from '@parlor/client';
import type { Browser } from './browser.js';
import type { Drafts } from './drafts.js';
import { Network } from './net/network.js';
import { PageTime } from './time.js';
import { watchConversation, watchThread } from './watch.js';
import type { World } from './world.js';

/** Somebody with a token, and the browser their tabs are in. */
export interface Person {
  readonly role: 'visitor' | 'agent';
  readonly sub: string;
  readonly browser: Browser;
  readonly drafts: Drafts;
}

/** What a tab keeps over a reload. */
export interface Tab {
  readonly name: string;
  readonly person: Person;
  readonly filters: readonly ConversationFilters[];
  readonly threads: Set<string>;
  /** How often it was loaded. */
  loads: number;
  readonly isWithoutSockets: boolean;
  /** Conversations per page: small, so that pages matter. */
  readonly pageSize: number;
}

/** A message that is not stored yet, as the page shows it. */
export interface Unsent {
  readonly id: string;
  readonly conversationId: string;
  readonly state: string;
  readonly code?: string;
  readonly errors?: readonly unknown[];
  readonly isShown: boolean;
}

const TOKEN_TTL_S = [90, 600, 3_600];

/** One page with the real client in it, from its load to its end. */
export class Page {
  readonly network: Network;
  readonly time: PageTime;
  readonly chat: LiveChat;
  isAsleep = false;
  isStorageBroken = false;
  /** What the storage has told of. */
  private readonly read = new Set<RowKind>();
  /** Which of the tab's pages it is. */
  private readonly number: number;
  private wakeChat = () => {};
  private isOver = false;
  private readonly leave: (() => void)[] = [];
  private readonly closeThread = new Map<string, () => void>();
  private finish = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(readonly world: World, readonly tab: Tab) {
    this.number = tab.loads += 1;
    this.network = new Network(world, tab.name);
    this.network.isWithoutSockets = tab.isWithoutSockets;
    this.time = new PageTime(world.time);
    const chance = world.chance.fork();
    this.chat = createLiveChat({
      url: 'http://parlor',
      token: () => world.token(tab.person.role, tab.person.sub, chance.pick(TOKEN_TTL_S) ?? 0),
      storage: this.storage(),
      locks: tab.person.browser.locks(this.ended),
      broadcast: () => tab.person.browser.open((deliver) => this.hear(deliver)),
      pageSize: tab.pageSize,
      clock: this.time,
      fetch: this.network.fetch,
      WebSocket: this.network.WebSocket,
      schedule: (flush) => queueMicrotask(() => this.isOver || flush()),
      random: chance.next,
      onWake: (wake) => {
        this.wakeChat = wake;
        return () => {};
      },
      // A page that is thrown away is not asked first.
      onHide: () => () => {},
    });
    this.chat.start();
    for (const filters of tab.filters) this.leave.push(this.chat.list(filters).subscribe(() => {}));
    for (const id of tab.threads) this.open(id);
  }

  open(id: string): void {
    if (this.closeThread.has(id)) return;
    this.tab.threads.add(id);
    const stops = [watchThread(this, id), watchConversation(this, id), this.chat.open(id)];
    this.closeThread.set(id, () => stops.forEach((stop) => stop()));
  }

  close(id: string): void {
    this.closeThread.get(id)?.();
    this.closeThread.delete(id);
    this.tab.threads.delete(id);
  }

  send(into: string, message: OutgoingMessage): void {
    const { id } = this.chat.send(into, message);
    this.said(id, into, message.text);
    this.tab.person.drafts.send(this.tab.name, into);
  }

  draft(into: string, text: string): void {
    this.tab.person.drafts.type(this.tab.name, into, text);
    this.chat.setDraft(into, text);
  }

  start(start: NewConversation): void {
    const { id, messageId, accepted } = this.chat.startConversation(start);
    this.said(messageId, id, start.text, start.funnelId);
    this.open(id);
    accepted.then((row) => this.isOver || this.open(row.id), () => {});
  }

  discard(id: string): void {
    const said = this.world.journal.find(id);
    if (said) said.isDiscarded = true;
    this.chat.discard(id);
  }

  /** The machine sleeps: its timers stand still, and its connections die without a word. */
  sleep(): void {
    this.isAsleep = true;
    this.time.sleep();
    this.network.cutAll('silence');
    this.network.isOff = true;
  }

  /** `isTold`: whether the page hears of it. */
  wake(isTold: boolean): void {
    this.isAsleep = false;
    this.network.isOff = false;
    this.time.wake();
    if (isTold) this.wakeChat();
  }

  /** It is gone, whatever it was doing; nothing of it runs any more. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.network.end();
    this.time.end();
    this.finish();
    for (const stop of [...this.leave, ...this.closeThread.values()]) stop();
    this.world.journal.gone(this.tab.name);
    this.tab.person.drafts.gone(this.tab.name);
  }

  /** Every message the page has that is not stored, as far as it knows, with its state. */
  unsent(): Unsent[] {
    return this.world.journal.said.flatMap(({ id }) => {
      const message = this.chat.message(id).get();
      if (!message || message.seq > 0) return [];
      const { conversationId, state, error } = message;
      // A thread that is not open is not kept current: what it holds is not on the screen.
      const isShown = this.tab.threads.has(conversationId) && this.chat.messages(conversationId).get().ids.includes(id);
      return [{ id, conversationId, state, code: error?.code, errors: error?.errors, isShown }];
    });
  }

  /** Whether something on the screen is not there yet, and says so. */
  isLoading(): boolean {
    const { filters, threads } = this.tab;
    const isLoading = (id: string) => this.chat.conversation(id).get() !== undefined && !this.chat.messages(id).get().isLoaded;
    return filters.some((one) => !this.chat.list(one).get().isLoaded) || [...threads].some(isLoading);
  }

  /** Whether it knows what earlier pages left in the storage. */
  hasRead(): boolean {
    return this.read.has('messages') && this.read.has('drafts');
  }

  /** Whether something waits that neither was refused nor stands behind something refused. */
  isSending(): boolean {
    const unsent = this.unsent();
    const stuck = new Set(unsent.filter(({ state }) => state === 'failed').map(({ conversationId }) => conversationId));
    return this.chat.connection.get().queued > unsent.filter(({ conversationId }) => stuck.has(conversationId)).length;
  }

  private said(id: string, into: string, text: string, funnelId?: string): void {
    const { role, sub } = this.tab.person;
    this.world.journal.say({ id, text, by: `${role} ${sub}`, tab: this.tab.name, page: this.number, into, funnelId });
    this.world.coverage.count('messages');
    const message = this.chat.message(id);
    const stop = message.subscribe(() => {
      const state = message.get()?.state;
      if (state === 'queued') return;
      stop();
      if (state === 'sending' && !this.read.has('messages')) this.world.journal.overtakes(id);
    });
  }

  /** What another tab says, a moment later; while the machine sleeps, after it. */
  private hear(deliver: () => void): void {
    this.world.stirred();
    this.time.after(0, () => {
      this.world.stirred();
      deliver();
    });
  }

  /** The browser's database as long as this page lives. */
  private storage(): ChatStorage {
    const { storage } = this.tab.person.browser;
    const whileHere = <T>(work: () => Promise<T>): Promise<T> => {
      if (this.isOver) return new Promise(() => {});
      if (this.isStorageBroken) return Promise.reject(new DOMException('the disk is full', 'QuotaExceededError'));
      const done = this.world.busyUntil(work());
      return new Promise((resolve, reject) => {
        done.then((result) => this.isOver || resolve(result), (error: unknown) => this.isOver || reject(error as Error));
      });
    };
    return {
      list: (kind, owner) => whileHere(async () => {
        const rows = await storage.list(kind, owner);
        this.network.tell(`storage has ${JSON.stringify(rows)}`);
        this.read.add(kind);
        return rows;
      }),
      write: (changes) => whileHere(async () => {
        await storage.write(changes);
        this.network.tell(`storage took ${JSON.stringify(changes)}`);
        this.tab.person.drafts.written(this.tab.name, changes);
        for (const { kind, id, value } of changes) if (kind === 'messages' && value !== undefined) this.world.journal.saved(id);
      }),
      update: (owner, id, change) => whileHere(() => storage.update(owner, id, change)),
    };
  }
}
