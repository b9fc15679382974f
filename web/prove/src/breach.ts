/** How a promise was broken; the words of docs/reliability.md. */
export type BreachKind = 'lost' | 'doubled' | 'ghost' | 'gap' | 'order' | 'altered' | 'stale' | 'stuck' | 'restless' | 'broken';

export interface Finding {
  readonly kind: BreachKind;
  readonly what: string;
}

/** Something that must never be. */
export class Breach extends Error {
  constructor(readonly findings: readonly Finding[]) {
    super(findings.map(({ kind, what }) => `${kind}: ${what}`).join('\n'));
  }

  get kinds(): BreachKind[] {
    return [...new Set(this.findings.map(({ kind }) => kind))];
  }
}

export function breach(kind: BreachKind, what: string): Breach {
  return new Breach([{ kind, what }]);
}
