import { breach, type Breach, type BreachKind } from './breach.js';
import type { Coverage } from './coverage.js';
import { Journal } from './journal.js';
import type { Direction } from './net/line.js';
import type { Network, NetworkHost } from './net/network.js';
import type { Chance } from './random.js';
import type { Server } from './server/server.js';
import { Time } from './time.js';

/** The longest that passes for the server before anybody looks. */
const STRIDE_MS = 5_000;
/** In real time. */
const REST_WITHIN_MS = 20_000;

/** Everything there is in one history. */
export class World implements NetworkHost {
  readonly time: Time;
  readonly journal = new Journal();
  readonly networks = new Set<Network>();
  private activity = 0;
  private quietAt = -1;
  /** Work of browsers under way. */
  private busy = 0;
  private breach: Breach | undefined;

  constructor(readonly server: Server, readonly chance: Chance, readonly coverage: Coverage, private readonly trace?: (line: string) => void) {
    this.time = new Time(server.beginMs);
  }

  stirred(): void {
    this.activity += 1;
  }
  port = (): number => this.server.port;
  now = (): number => this.time.now();
  after = (ms: number, run: () => void): (() => void) => this.time.after(ms, run);
  cutAt(direction: Direction, name: string, offset: number): void {
    this.coverage.cut(`${direction}: ${name}`, offset);
  }

  token(role: string, sub: string, ttlS: number): Promise<string> {
    return this.busyUntil(this.server.token(role, sub, ttlS));
  }

  /** Nothing is quiet before `work` is done. */
  async busyUntil<T>(work: Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work;
    } finally {
      this.busy -= 1;
      this.stirred();
    }
  }

  /** For whoever follows one history. */
  tell(who: string, what: string): void {
    this.trace?.(`${String(this.now() - this.server.beginMs).padStart(7)} ms  ${who}: ${what}`);
  }

  /** Notes the first thing that must never be; it ends the history at the next `check`. */
  fail(kind: BreachKind, what: string): void {
    this.breach ??= breach(kind, what);
  }

  check(): void {
    if (this.breach) throw this.breach;
  }

  /** Resolves when nobody has anything left to do or say at this time. */
  async quiet(): Promise<void> {
    await turn();
    const deadline = performance.now() + REST_WITHIN_MS;
    while (this.activity !== this.quietAt || this.busy > 0 || this.isExpecting()) {
      if (performance.now() > deadline) throw breach('restless', 'client and server do not come to rest');
      this.quietAt = this.activity;
      if (this.busy === 0) await this.server.quiet();
      await turn();
    }
    this.check();
  }

  /** Under way between the two kernels, perhaps held up by one of them. */
  private isExpecting(): boolean {
    return [...this.networks].some(({ isExpecting }) => isExpecting);
  }

  /** The least time there is, whatever is under way. */
  async blink(): Promise<void> {
    await this.server.pass(1);
    this.time.moveTo(this.now() + 1);
  }

  /** Lets time pass, each timer at its own moment, everything it causes at once. */
  async advance(ms: number): Promise<void> {
    const until = this.now() + ms;
    await this.quiet();
    while (this.now() < until) {
      const next = Math.min(until, this.time.nextDue(until) ?? until, this.now() + STRIDE_MS);
      if (next > this.now()) await this.server.pass(next - this.now());
      this.time.moveTo(next);
      await this.quiet();
    }
  }
}

/** Everything that has arrived is heard after it. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
