import type { Clock } from '@parlor/client';

interface Timer {
  at: number;
  run(): void;
}

/** The one time of a history. It stands still until it is told to go on. */
export class Time {
  private readonly timers = new Set<Timer>();

  constructor(private ms: number) {}

  now(): number {
    return this.ms;
  }

  at(ms: number, run: () => void): () => void {
    const timer = { at: ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.ms + ms, run);
  }

  /** When the next timer up to `until` is due. */
  nextDue(until: number): number | undefined {
    let next: number | undefined;
    for (const { at } of this.timers) if (at <= until && (next === undefined || at < next)) next = at;
    return next;
  }

  /** It is `ms` now: runs what is due, earliest first, in the order it was asked for. */
  moveTo(ms: number): void {
    this.ms = Math.max(this.ms, ms);
    const due = [...this.timers].filter(({ at }) => at <= this.ms).toSorted((a, b) => a.at - b.at);
    for (const timer of due) if (this.timers.delete(timer)) timer.run();
  }
}

/** The timers of one page: they stand still while its machine sleeps and are gone with the page. */
export class PageTime implements Clock {
  private readonly held: (() => void)[] = [];
  private readonly cancels = new Set<() => void>();
  private isAsleep = false;
  private isOver = false;

  constructor(private readonly time: Time) {}

  now = (): number => this.time.now();

  after = (ms: number, run: () => void): (() => void) => {
    let isCancelled = false;
    const fire = () => {
      this.cancels.delete(cancel);
      if (this.isOver || isCancelled) return;
      if (this.isAsleep) this.held.push(() => !isCancelled && run());
      else run();
    };
    const forget = this.time.after(Math.ceil(ms), fire);
    const cancel = () => {
      isCancelled = true;
      this.cancels.delete(cancel);
      forget();
    };
    if (!this.isOver) this.cancels.add(cancel);
    return cancel;
  };

  sleep(): void {
    this.isAsleep = true;
  }

  wake(): void {
    this.isAsleep = false;
    for (const run of this.held.splice(0)) if (!this.isOver) run();
  }

  end(): void {
    this.isOver = true;
    for (const cancel of this.cancels) cancel();
  }
}
