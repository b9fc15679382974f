/** Offsets of one part beyond this are counted together. */
const OFFSETS = 4_096;

/** What happened in all histories together, so that "no failure" can be told from "nothing tried". */
export interface CoverageData {
  counts: Record<string, number>;
  /** By part of the stream: at which bytes a cut landed. */
  cuts: Record<string, number[]>;
}

export class Coverage {
  private readonly counts = new Map<string, number>();
  private readonly cuts = new Map<string, Set<number>>();

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  cut(part: string, offset: number): void {
    this.count('cuts');
    const known = this.cuts.get(part) ?? new Set();
    this.cuts.set(part, known.add(Math.min(offset, OFFSETS)));
  }

  add({ counts, cuts }: CoverageData): void {
    for (const [what, times] of Object.entries(counts)) this.count(what, times);
    for (const [part, offsets] of Object.entries(cuts)) {
      const known = this.cuts.get(part) ?? new Set();
      this.cuts.set(part, known);
      for (const offset of offsets) known.add(offset);
    }
  }

  data(): CoverageData {
    return {
      counts: Object.fromEntries([...this.counts].toSorted()),
      cuts: Object.fromEntries([...this.cuts].toSorted().map(([part, offsets]) => [part, [...offsets].toSorted((a, b) => a - b)])),
    };
  }
}

/** How many bytes from the first on were all hit. */
export function unbroken(offsets: readonly number[]): number {
  const at = offsets.findIndex((offset, index) => offset !== index);
  return at < 0 ? offsets.length : at;
}
