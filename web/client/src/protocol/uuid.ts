export interface Ids {
  /** A UUID of version 7, greater than every one made or seen before. */
  next(): string;
  /** There is one from elsewhere that later ones must follow: of an earlier visit, of another tab. */
  saw(id: string): void;
}

const COUNTER_END = 0x1000;

/**
 * Ids by time, and by a counter within a millisecond or while the clock stands behind. On the server order never rests
 * on them; here it is the order of the outbox.
 */
export function createIds(now: () => number, random: () => number): Ids {
  let last = 0;
  let counter = 0;

  function hex(value: number, digits: number): string {
    return value.toString(16).padStart(digits, '0').slice(-digits);
  }
  const noise = (digits: number) => hex(Math.floor(random() * 16 ** digits), digits);

  return {
    next() {
      counter += 1;
      if (now() > last || counter >= COUNTER_END) {
        last = Math.max(now(), last + 1);
        // Room to count on, and still hard to guess.
        counter = Math.floor(random() * (COUNTER_END / 2));
      }
      const time = hex(last, 12);
      const variant = (8 + Math.floor(random() * 4)).toString(16);
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${variant}${noise(3)}-${noise(6)}${noise(6)}`;
    },
    saw(id) {
      const time = parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
      const count = parseInt(id.slice(15, 18), 16);
      if (!(time > last || (time === last && count > counter))) return;
      last = time;
      counter = count;
    },
  };
}
