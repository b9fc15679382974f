import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
/** `PARLOR_WRITE=1` keeps what was seen; by default a busy machine's figures are only printed. */
const isWriting = process.env['PARLOR_WRITE'] === '1';

export interface Figure {
  figure: string;
  seen: string;
  goal: string;
  command: string;
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function sayLoad(): void {
  say(`load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`);
}

/** Prints a figure and, if asked, puts it into the table "In the browser": over the row of its name, or as the last one. */
export function report({ figure, seen, goal, command }: Figure): void {
  say(`${figure}: ${seen} (goal: ${goal})`);
  if (!isWriting) return;
  const lines = readFileSync(page, 'utf8').split('\n');
  const row = `| ${figure} | ${seen} | ${goal} | \`cd web/e2e && ${command}\` |`;
  const at = lines.findIndex((line) => line.startsWith(`| ${figure} |`));
  if (at >= 0) lines[at] = row;
  else lines.splice(endOfTable(lines), 0, row);
  writeFileSync(page, lines.join('\n'));
}

function endOfTable(lines: readonly string[]): number {
  let at = lines.indexOf('## In the browser');
  while (at < lines.length && !lines[at]?.startsWith('|')) at += 1;
  while (lines[at]?.startsWith('|')) at += 1;
  return at;
}

/** The value below which a share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}
