import type { LiveChatOptions } from '@parlor/client';
import { createFetch } from './http.js';
import { Line, type Cut, type Direction, type LineHost, type LineOwner } from './line.js';
import { createWebSocket } from './websocket.js';

export type Kind = 'http' | 'socket';

export interface NetworkHost {
  stirred(): void;
  cutAt(direction: Direction, name: string, offset: number): void;
  /** Where the server listens, or did. */
  port(): number;
  now(): number;
  after(ms: number, run: () => void): () => void;
  tell(who: string, what: string): void;
  readonly networks: Set<Network>;
}

/** What stands between one page and the server, and everything that may go wrong there. */
export class Network implements LineHost {
  readonly fetch: typeof fetch = createFetch(this);
  readonly WebSocket: NonNullable<LiveChatOptions['WebSocket']> = createWebSocket(this);
  /** Requests under way, a socket's upgrade among them; one that waits for something to happen may take long. */
  readonly inFlight = new Map<Line, { isLongPoll: boolean }>();
  readonly sockets = new Set<Line>();
  /** A proxy in between knows no WebSocket. */
  isWithoutSockets = false;
  /** The device has no network: nothing new can be opened. */
  isOff = false;
  latencyMs = 0;
  private readonly lines = new Set<Line>();
  private readonly armed = new Map<Kind, Cut>();
  private isStalled = false;

  constructor(private readonly host: NetworkHost, private readonly owner: string) {
    host.networks.add(this);
  }

  stirred = (): void => this.host.stirred();
  now = (): number => this.host.now();
  after = (ms: number, run: () => void): (() => void) => this.host.after(ms, run);
  cutAt = (direction: Direction, name: string, offset: number): void => this.host.cutAt(direction, name, offset);

  tell(what: string): void {
    this.host.tell(this.owner, what);
  }

  connect(owner: LineOwner): Line {
    const line = new Line(this, this.host.port(), owner);
    this.lines.add(line);
    if (this.isStalled) line.stall(true);
    return line;
  }

  /** Gives `line` the cut that waits for one of its kind. */
  arm(line: Line, kind: Kind): void {
    const cut = this.armed.get(kind);
    if (!cut) return;
    this.armed.delete(kind);
    line.cutAfter(cut);
  }

  /** Breaks the open socket, or the next one; the next request. */
  cutNext(kind: Kind, cut: Cut): void {
    const open = kind === 'socket' ? [...this.sockets].find((line) => line.isUsable) : undefined;
    if (open) open.cutAfter(cut);
    else this.armed.set(kind, cut);
  }

  /** Everything that is open, now. */
  cutAll(how: Cut['how']): void {
    for (const line of this.lines) line.sever(how);
  }

  /** Whether the page waits for something that will never come. */
  get isWaitingInVain(): boolean {
    return [...this.inFlight.keys(), ...this.sockets].some(({ isSilent }) => isSilent);
  }

  /** Whether an answer is on its way that nothing holds up. */
  get isExpecting(): boolean {
    if (this.isStalled) return false;
    return [...this.inFlight].some(([{ isMoving }, { isLongPoll }]) => isMoving && !isLongPoll);
  }

  stall(isStalled: boolean): void {
    this.isStalled = isStalled;
    for (const line of this.lines) line.stall(isStalled);
  }

  heal(): void {
    this.isOff = false;
    this.latencyMs = 0;
    this.armed.clear();
    for (const line of this.lines) line.spare();
    this.stall(false);
  }

  /** The page is gone, and everything it had open. */
  end(): void {
    this.isOff = true;
    this.host.networks.delete(this);
    for (const line of this.lines) line.abandon();
  }
}
