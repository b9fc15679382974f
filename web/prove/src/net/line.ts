import { connect, type Socket } from 'node:net';

export type Direction = 'up' | 'down';

/** What is to become of a connection once so many more bytes went in one direction. */
export interface Cut {
  direction: Direction;
  after: number;
  /** `reset` and `end` as a network does them; `silence`: nothing arrives any more, and nobody is told. */
  how: 'reset' | 'end' | 'silence';
}

/** A stretch of bytes by what it is part of, for the count of where cuts landed. */
export interface Part {
  name: string;
  bytes: Uint8Array;
}

export interface LineOwner {
  /** Bytes arrived. */
  hear(bytes: Buffer): void;
  /** Nothing more arrives. Once. */
  over(): void;
  /** What the next byte to arrive is part of, and how far into it. */
  place(): { name: string; offset: number };
}

export interface LineHost {
  /** Something moved: the history is not quiet yet. */
  stirred(): void;
  cutAt(direction: Direction, name: string, offset: number): void;
  /** Milliseconds that bytes from the server are under way. */
  readonly latencyMs: number;
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/** One TCP connection that breaks where it is told to. */
export class Line {
  private readonly socket: Socket;
  private cut: Cut | undefined;
  /** Nothing comes through any more, and its user has not noticed. */
  isSilent = false;
  private isDeaf = false;
  /** Bytes from the server were lost: none behind them arrives, though they were under way. */
  private isTorn = false;
  private isOver = false;
  /** Stretches of bytes that are here and not heard yet. */
  private held = 0;
  /** When the last byte heard of arrives: later ones do not overtake it. */
  private lastArrival = 0;

  constructor(private readonly host: LineHost, port: number, private owner: LineOwner) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (bytes: Buffer) => {
      host.stirred();
      this.arrive(() => this.receive(bytes));
    });
    this.socket.on('connect', () => host.stirred());
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      host.stirred();
      if (!this.isSilent) this.arrive(() => this.finish());
    });
    host.stirred();
  }

  /** Bytes are to be expected that time alone does not hold up. */
  get isMoving(): boolean {
    return !this.isSilent && this.held === 0;
  }

  get isUsable(): boolean {
    return !this.isOver && !this.isSilent && !this.socket.destroyed && !this.socket.writableEnded;
  }

  /** Whoever uses the connection next. */
  handTo(owner: LineOwner): void {
    this.owner = owner;
  }

  send(parts: readonly Part[]): void {
    for (const { name, bytes } of parts) {
      if (this.isSilent || this.isOver) return;
      this.host.stirred();
      const { cut } = this;
      if (cut?.direction === 'up' && cut.after < bytes.length) {
        this.host.cutAt('up', name, cut.after);
        this.socket.write(bytes.subarray(0, cut.after));
        return this.sever(cut.how);
      }
      if (cut?.direction === 'up') cut.after -= bytes.length;
      this.socket.write(bytes);
    }
  }

  cutAfter(cut: Cut): void {
    this.cut = { ...cut };
  }

  /** What has not been cut yet stays whole. */
  spare(): void {
    this.cut = undefined;
  }

  /** Cuts it now. */
  sever(how: Cut['how']): void {
    this.cut = undefined;
    if (how === 'silence') this.isSilent = true;
    else if (how === 'reset') this.socket.resetAndDestroy();
    else this.socket.destroySoon();
  }

  /** Stops or goes on reading: what the server sends piles up. */
  stall(isStalled: boolean): void {
    if (isStalled) this.socket.pause();
    else this.socket.resume();
  }

  /** The one who used it is gone, and does not hear of it any more. */
  abandon(): void {
    this.isDeaf = true;
    this.socket.resetAndDestroy();
  }

  end(): void {
    this.socket.end();
  }

  private arrive(happen: () => void): void {
    const at = Math.max(this.lastArrival, this.host.now() + this.host.latencyMs);
    this.lastArrival = at;
    if (at <= this.host.now()) return happen();
    this.held += 1;
    this.host.after(at - this.host.now(), () => {
      this.held -= 1;
      this.host.stirred();
      happen();
    });
  }

  private receive(bytes: Buffer): void {
    if (this.isDeaf || this.isSilent || this.isOver || this.isTorn) return;
    const { cut } = this;
    if (cut?.direction === 'down' && cut.after < bytes.length) {
      this.isTorn = true;
      this.owner.hear(bytes.subarray(0, cut.after));
      const { name, offset } = this.owner.place();
      this.host.cutAt('down', name, offset);
      return this.sever(cut.how);
    }
    if (cut?.direction === 'down') cut.after -= bytes.length;
    this.owner.hear(bytes);
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (!this.isDeaf) this.owner.over();
  }
}
