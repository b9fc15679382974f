import { Coverage, type CoverageData } from './coverage.js';
import { History, type Plan } from './history.js';
import type { Server } from './server/server.js';
import { startModels } from './server/model.js';
import { Breach } from './world.js';

export interface Failure {
  seed: number;
  steps: number;
  /** What happened, step by step. */
  told: string[];
  what: string;
  /** A promise was not kept; otherwise the proof itself failed. */
  isBreach: boolean;
}

/** Runs one history against a server of its own; answers with what was wrong. */
export async function runHistory(plan: Plan, open: () => Promise<Server>, coverage: Coverage): Promise<Failure | undefined> {
  const told: string[] = [];
  const server = await open();
  try {
    await new History({ ...plan, tell: (step) => void told.push(step) }, server, coverage).run();
    const wrong = await server.close();
    if (wrong !== undefined) throw new Breach(wrong);
    coverage.count('histories');
    return undefined;
  } catch (error) {
    const isBreach = error instanceof Breach;
    const what = isBreach ? error.message : String(error instanceof Error ? error.stack : error);
    await server.close().catch(() => undefined);
    return { seed: plan.seed, steps: told.length, told, what, isBreach };
  }
}

/** The fewest steps of a failed history that still fail, found by halving; what fails only with more is kept whole. */
export async function shrink(failure: Failure, open: () => Promise<Server>): Promise<Failure> {
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
  /** Of each history only the first so many. */
  steps: number | undefined;
  isTraced: boolean;
  /** Whether the shortest failing beginning is looked for. */
  isShrunk: boolean;
}

/** Serves the main process until it lets go. */
export function serve({ model, steps, isTraced, isShrunk }: Service): void {
  const models = startModels(model);
  const trace = isTraced ? (line: string) => void process.stderr.write(`${line}\n`) : undefined;
  process.on('message', (work: Work) => {
    void (async () => {
      const coverage = new Coverage();
      const failures: Failure[] = [];
      for (const seed of work.seeds) {
        const failure = await runHistory({ seed, steps, trace }, models.open, coverage);
        if (failure) failures.push(isShrunk ? await shrink(failure, models.open) : failure);
      }
      process.send?.({ failures, coverage: coverage.data() } satisfies Done);
    })();
  });
  process.on('disconnect', () => (models.end(), process.exit()));
}
