import type { Coverage } from './coverage.js';
import { Journal } from './journal.js';
import type { Direction } from './net/line.js';
import type { NetworkHost } from './net/network.js';
import type { Page } from './page.js';
import type { Chance } from './random.js';
import type { Server } from './server/server.js';
import { Time } from './time.js';

/** The longest that passes for the server before anybody looks. */
const STRIDE_MS = 5_000;
/** Rounds of talk after which a history that does not come to rest is broken. */
const ROUNDS = 500;

/** Something that must never be. */
export class Breach extends Error {}

/** Everything there is in one history. */
export class World implements NetworkHost {
  readonly time: Time;
  readonly journal = new Journal();
  readonly pages: Page[] = [];
  private activity = 0;
  private quietAt = -1;
  private breach: Breach | undefined;

  constructor(readonly server: Server, readonly chance: Chance, readonly coverage: Coverage) {
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

  async token(role: string, sub: string, ttlS: number): Promise<string> {
    this.stirred();
    const token = await this.server.token(role, sub, ttlS);
    this.stirred();
    return token;
  }

  /** Notes the first thing that must never be; it ends the history at the next `check`. */
  fail(what: string): void {
    this.breach ??= new Breach(what);
  }

  check(): void {
    if (this.breach) throw this.breach;
  }

  /** Resolves when nobody has anything left to do or say at this time. */
  async quiet(): Promise<void> {
    await turn();
    for (let round = 0; this.activity !== this.quietAt; round += 1) {
      if (round > ROUNDS) throw new Breach('client and server do not come to rest');
      this.quietAt = this.activity;
      await this.server.quiet();
      await turn();
    }
    this.check();
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
