import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.js';
import { runAll } from './crew.js';
import { names } from './doings.js';
import { REGRESSIONS } from './regressions.js';
import { json, story, table } from './report.js';
import { serve } from './worker.js';

const LONG = 50_000;
const QUICK = 1_000;
const FAILURES_MOST = 20;
/** As parlor-load: a promise was not kept, the proof itself failed. */
const EXIT = { breach: 3, failure: 1 };

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    histories: { type: 'string' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    model: { type: 'string', default: '' },
    parlor: { type: 'string' },
    json: { type: 'string' },
    'first-failure': { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    worker: { type: 'boolean', default: false },
  },
});

if (options.worker) {
  serve({
    model: options.model,
    parlor: options.parlor,
    steps: options.steps === undefined ? undefined : Number(options.steps),
    isTraced: options.trace,
    isShrunk: options.steps === undefined && !options['first-failure'] && !options.trace,
  });
} else process.exitCode = await prove();

async function prove(): Promise<number> {
  const count = options.seed !== undefined ? 1 : Number(options.histories ?? (options.quick ? QUICK : LONG));
  const jobs = Number(options.jobs);
  const first = Number(options.seed ?? options.first);
  // What proves nothing must not end like a proof.
  if (![count, jobs, first, Number(options.steps ?? 1)].every((number) => Number.isInteger(number) && number > 0)) {
    process.stderr.write('--histories, --jobs, --first, --seed and --steps take whole numbers above 0.\n');
    return EXIT.failure;
  }
  const range = Array.from({ length: count }, (_, index) => first + index);
  const seeds = options.quick && !options['first-failure'] ? [...new Set([...range, ...REGRESSIONS])] : range;
  const coverage = new Coverage();
  let told = 0;
  const began = performance.now();
  const failures = await runAll({
    program: fileURLToPath(import.meta.url),
    model: options.model,
    // Each server runs in a directory of its own.
    parlor: options.parlor === undefined ? undefined : resolve(options.parlor),
    steps: options.steps,
    isTraced: options.trace,
    seeds,
    workers: Math.min(seeds.length, jobs),
    failuresMost: options['first-failure'] ? 1 : FAILURES_MOST,
    coverage,
    progress(done, failed) {
      for (const { seed, what } of failed.slice(told)) process.stderr.write(`\nseed ${seed}: ${what}\n`);
      told = failed.length;
      process.stderr.write(`\r${done} of ${seeds.length} histories, ${failed.length} failed `);
    },
  });
  process.stderr.write('\n');
  const histories = (coverage.data().counts['histories'] ?? 0) + failures.length;
  const result = { histories, seconds: (performance.now() - began) / 1000, failures, coverage };
  for (const failure of failures) process.stderr.write(`${story(failure)}\n`);
  process.stdout.write(`${table(result)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, json(result));
  const untried = [...names, 'restored', 'erased'].filter((name) => !(coverage.data().counts[name] ?? 0));
  if (count >= QUICK && failures.length === 0 && untried.length > 0) {
    process.stderr.write(`In none of the histories: ${untried.join(', ')}. So this proves less than it says.\n`);
    return EXIT.failure;
  }
  if (failures.some(({ kinds }) => kinds.length === 0) || (failures.length === 0 && histories !== seeds.length)) return EXIT.failure;
  return failures.length > 0 ? EXIT.breach : 0;
}
