import type { Page } from '@playwright/test';

interface Watching {
  interactions: Map<number, number>;
}

/**
 * Follows how long every key, click and tap takes to the next paint, by the Event Timing API. What took less than 16 ms the
 * browser does not tell: it is counted as 16.
 */
export class Interactions {
  private readonly taken = new Map<string, number[]>();

  private constructor(private readonly page: Page) {}

  static async watch(page: Page): Promise<Interactions> {
    await page.evaluate(() => {
      const interactions = new Map<number, number>();
      (globalThis as unknown as { watching: Watching }).watching = { interactions };
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as PerformanceEventTiming[]) {
          const { interactionId = 0, duration } = entry as PerformanceEventTiming & { interactionId?: number };
          if (interactionId > 0) interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
        }
      }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    });
    return new Interactions(page);
  }

  /** Does something that is `count` interactions. */
  async of(kind: string, count: number, act: () => Promise<void>): Promise<void> {
    await act();
    const slow = await this.page.evaluate(async () => {
      // Entries come after the paint they tell of.
      for (let frames = 0; frames < 4; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
      const { interactions } = (globalThis as unknown as { watching: Watching }).watching;
      const found = [...interactions.values()];
      interactions.clear();
      return found;
    });
    const all = this.taken.get(kind) ?? [];
    all.push(...slow, ...Array.from({ length: Math.max(0, count - slow.length) }, () => 16));
    this.taken.set(kind, all);
  }

  get kinds(): ReadonlyMap<string, readonly number[]> {
    return this.taken;
  }

  get all(): readonly number[] {
    return [...this.taken.values()].flat();
  }
}
