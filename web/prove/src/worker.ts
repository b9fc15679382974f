import { Breach, breach, type BreachKind } from './breach.js';
import { Coverage, type CoverageData } from './coverage.js';
import { History, type Plan } from './history.js';
import { openBinary } from './server/binary.js';
import { startModels } from './server/model.js';
import type { Server } from './server/server.js';

export interface Failure {
  seed: number;
  steps: number;
  /** What happened, step by step. */
  told: string[];
  what: string;
  /** How promises were broken; if none was, the proof itself failed. */
  kinds: BreachKind[];
}

/** A server for the history of this number. */
type Open = (seed: number) => Promise<Server>;

/** One history in so many is held against the binary on SQLite, killed by SIGKILL. */
const BINARY = 100;

/** Runs one history against a server of its own; answers with what was wrong. */
export async function runHistory(plan: Plan, open: Open, coverage: Coverage): Promise<Failure | undefined> {
  const told: string[] = [];
  const server = await open(plan.seed);
  coverage.count(`over the ${server.kind}`);
  try {
    await new History({ ...plan, tell: (step) => void told.push(step) }, server, coverage).run();
    const wrong = await server.close();
    if (wrong !== undefined) throw breach('broken', wrong);
    coverage.count('histories');
    return undefined;
  } catch (error) {
    const isBreach = error instanceof Breach;
    const kinds = isBreach ? error.kinds : [];
    const what = isBreach ? error.message : String(error instanceof Error ? error.stack : error);
    await server.close().catch(() => undefined);
    return { seed: plan.seed, steps: told.length, told, what, kinds };
  }
}

/** The fewest steps of a failed history that still fail, found by halving; what fails only with more is kept whole. */
export async function shrink(failure: Failure, open: Open): Promise<Failure> {
  let shortest = failure;
  let passes = 0;
  while (passes + 1 < shortest.steps) {
    const steps = (passes + shortest.steps) >> 1;
    const again = await runHistory({ seed: failure.seed, steps }, open, new Coverage());
    if (again) shortest = again;
    else passes = steps;
  }
  return shortest;
}

/** What the main process asks of a worker … */
export interface Work {
  seeds: number[];
}

/** … and hears from it. */
export interface Done {
  failures: Failure[];
  coverage: CoverageData;
}

export interface Service {
  model: string;
  /** The `parlor` binary; without it all histories are held against the model. */
  parlor: string | undefined;
  /** Of each history only the first so many. */
  steps: number | undefined;
  isTraced: boolean;
  /** Whether the shortest failing beginning is looked for. */
  isShrunk: boolean;
}

/** Serves the main process until it lets go. */
export function serve({ model, parlor, steps, isTraced, isShrunk }: Service): void {
  const models = startModels(model);
  const open = (seed: number) => (parlor !== undefined && seed % BINARY === 0 ? openBinary(parlor) : models.open());
  const trace = isTraced ? (line: string) => void process.stderr.write(`${line}\n`) : undefined;
  process.on('message', (work: Work) => {
    void (async () => {
      const coverage = new Coverage();
      const failures: Failure[] = [];
      for (const seed of work.seeds) {
        const failure = await runHistory({ seed, steps, trace }, open, coverage);
        if (failure) failures.push(isShrunk ? await shrink(failure, open) : failure);
      }
      process.send?.({ failures, coverage: coverage.data() } satisfies Done);
    })();
  });
  process.on('disconnect', () => (models.end(), process.exit()));
}
