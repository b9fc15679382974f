import { createTestRandom } from '@parlor/client/testing';

/** Chance, the same every time for the same seed. */
export interface Chance {
  /** Evenly spread in [0, 1). */
  next(): number;
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
  is(probability: number): boolean;
  pick<T>(from: readonly T[]): T | undefined;
  /** One of `from` by its weight. */
  weighted<T extends { weight: number }>(from: readonly T[]): T;
  /** Chance of its own, so that what somebody else draws does not change it. */
  fork(): Chance;
}

export function createChance(seed: number): Chance {
  const next = createTestRandom(seed);
  const below = (end: number) => Math.floor(next() * end);
  return {
    next,
    below,
    is: (probability) => next() < probability,
    pick: (from) => from[below(from.length)],
    weighted(from) {
      let left = next() * from.reduce((sum, { weight }) => sum + weight, 0);
      const found = from.find(({ weight }) => (left -= weight) < 0) ?? from.at(-1);
      if (!found) throw new Error('nothing to choose from');
      return found;
    },
    fork: () => createChance(below(2 ** 31)),
  };
}
