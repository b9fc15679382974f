import { createLiveChat, type ConversationFilters, type LiveChat, type NewConversation, type Outbox, type OutgoingMessage } from '@parlor/client';
import { Network } from './net/network.js';
import { PageTime } from './time.js';
import { watchConversation, watchThread } from './watch.js';
import type { World } from './world.js';

/** Somebody with a token, and the database their tabs share. */
export interface Person {
  readonly role: 'visitor' | 'agent';
  readonly sub: string;
  readonly outbox: Outbox;
}

/** What a tab keeps over a reload. */
export interface Tab {
  readonly name: string;
  readonly person: Person;
  readonly filters: readonly ConversationFilters[];
  readonly threads: Set<string>;
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
}

const TOKEN_TTL_S = [90, 600, 3_600];

/** One page with the real client in it, from its load to its end. */
export class Page {
  readonly network: Network;
  readonly time: PageTime;
  readonly chat: LiveChat;
  /** What was typed and not sent. */
  readonly drafts = new Map<string, string>();
  isAsleep = false;
  private wakeChat = () => {};
  private isOver = false;
  private readonly leave: (() => void)[] = [];
  private readonly closeThread = new Map<string, () => void>();
  private finish = () => {};
  private readonly ended = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(readonly world: World, readonly tab: Tab) {
    this.network = new Network(world);
    this.network.isWithoutSockets = tab.isWithoutSockets;
    this.time = new PageTime(world.time);
    const chance = world.chance.fork();
    this.chat = createLiveChat({
      url: 'http://parlor',
      token: () => world.token(tab.person.role, tab.person.sub, chance.pick(TOKEN_TTL_S) ?? 0),
      outbox: this.outbox(),
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
    this.drafts.delete(into);
  }

  draft(into: string, text: string): void {
    this.chat.setDraft(into, text);
    this.drafts.set(into, text);
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
  }

  /** Every message the page shows that is not stored, with its state. */
  unsent(): Unsent[] {
    return this.world.journal.said.flatMap(({ id }) => {
      const message = this.chat.message(id).get();
      if (!message || message.seq > 0) return [];
      return [{ id, conversationId: message.conversationId, state: message.state, code: message.error?.code, errors: message.error?.errors }];
    });
  }

  /** Whether something still waits that was not refused. */
  isSending(): boolean {
    return this.unsent().some(({ conversationId, state }) => state !== 'failed' && !this.hasFailed(conversationId));
  }

  /** What stands behind a refused message waits for the user. */
  private hasFailed(conversationId: string): boolean {
    return this.unsent().some((other) => other.conversationId === conversationId && other.state === 'failed');
  }

  private said(id: string, into: string, text: string, funnelId?: string): void {
    const { role, sub } = this.tab.person;
    this.world.journal.say({ id, text, by: `${role} ${sub}`, tab: this.tab.name, into, funnelId });
    this.world.coverage.count('messages');
  }

  /** The shared outbox as long as this page lives. What it holds exclusively it lets go with its end. */
  private outbox(): Outbox {
    const { outbox } = this.tab.person;
    const whileHere = async <T>(work: Promise<T>): Promise<T> => {
      const result = await work;
      this.world.stirred();
      return this.isOver ? new Promise<T>(() => {}) : result;
    };
    return {
      load: () => whileHere(outbox.load()),
      put: (entry) => {
        if (this.isOver) return new Promise(() => {});
        return whileHere(outbox.put(entry).then(() => this.world.journal.saved(entry.id)));
      },
      remove: (id) => whileHere(this.isOver ? Promise.resolve() : outbox.remove(id)),
      clear: () => whileHere(this.isOver ? Promise.resolve() : outbox.clear()),
      exclusive: <T>(id: string, work: () => Promise<T>): Promise<T> =>
        whileHere(outbox.exclusive(id, async () => {
          const done = this.isOver ? undefined : work();
          return (await Promise.race([done, this.ended])) as T;
        })),
    };
  }
}
