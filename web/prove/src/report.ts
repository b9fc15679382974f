import { unbroken, type Coverage } from './coverage.js';
import type { Failure } from './worker.js';

export interface Result {
  histories: number;
  seconds: number;
  failures: readonly Failure[];
  coverage: Coverage;
}

/** What was tried and what came of it, for people. */
export function table({ histories, seconds, failures, coverage }: Result): string {
  const { counts, cuts } = coverage.data();
  const of = (name: string) => counts[name] ?? 0;
  const rows: [string, string][] = [
    ['histories', `${histories} in ${seconds.toFixed(1)} s`],
    ['over SQLite', `${of('over the binary')} of them`],
    ['steps', `${of('steps')}`],
    ['messages sent', `${of('messages')}`],
    ['screens compared', `${of('screens compared')}`],
    ['pages thrown away', `${of('reload page')}`],
    ['conversations erased', `${of('erased')}`],
    ['server killed', `${of('kill the server')}, ${of('restored')} times restored`],
    ['slept', `${of('sleep')}`],
    ['connections cut', `${of('cuts')} at a chosen byte, ${of('cut everything')} times all at once`],
    ...Object.entries(cuts).map(([part, offsets]): [string, string] =>
      [`  ${part}`, `${offsets.length} different bytes, the first ${unbroken(offsets)} all`]),
    ['broken promises', `${failures.filter(({ kinds }) => kinds.length > 0).length}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** A failure with everything that is needed to see it again. */
export function story({ seed, steps, told, what }: Failure): string {
  const again = `npm run prove --workspace prove -- --seed ${seed} --steps ${Math.max(1, steps)}`;
  return `\nseed ${seed}, ${steps} steps: ${what}\n  ${told.join('\n  ')}\nSee it again: ${again}`;
}

/** The same for programs. */
export function json({ histories, seconds, failures, coverage }: Result): string {
  return `${JSON.stringify({ proof: 'client', histories, seconds, failures, ...coverage.data() }, undefined, 1)}\n`;
}
