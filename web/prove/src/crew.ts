import { fork } from 'node:child_process';
import type { Coverage } from './coverage.js';
import type { Done, Failure, Work } from './worker.js';

/** Histories a worker is given at once; few, where the first failure is all that is asked for. */
const PORTION = 20;
const SMALL_PORTION = 3;

export interface CrewOptions {
  program: string;
  model: string;
  parlor: string | undefined;
  /** Of each history only the first so many. */
  steps: string | undefined;
  isTraced: boolean;
  seeds: readonly number[];
  workers: number;
  /** No further histories are begun after so many failures. */
  failuresMost: number;
  coverage: Coverage;
  progress(done: number, failures: readonly Failure[]): void;
}

/** Runs many histories in several processes; answers with those that failed. */
export async function runAll(options: CrewOptions): Promise<Failure[]> {
  const { seeds: all, coverage, failuresMost } = options;
  const failures: Failure[] = [];
  let given = 0;
  let done = 0;

  function next(): number[] {
    if (failures.length >= failuresMost) return [];
    const from = given;
    given += failuresMost === 1 ? SMALL_PORTION : PORTION;
    return all.slice(from, given);
  }

  function work(): Promise<void> {
    const words = ['--worker', '--model', options.model];
    if (options.steps !== undefined) words.push('--steps', options.steps);
    if (options.parlor !== undefined) words.push('--parlor', options.parlor);
    if (options.isTraced) words.push('--trace');
    if (failuresMost === 1) words.push('--first-failure');
    const worker = fork(options.program, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let seeds = next();
    return new Promise((resolve, reject) => {
      const give = () => (seeds.length === 0 ? worker.disconnect() : worker.send({ seeds } satisfies Work));
      worker.on('message', (answer: Done) => {
        done += seeds.length;
        failures.push(...answer.failures);
        coverage.add(answer.coverage);
        options.progress(done, failures);
        seeds = next();
        give();
      });
      worker.on('error', reject);
      worker.on('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code ?? signal}`))));
      give();
    });
  }

  await Promise.all(Array.from({ length: options.workers }, work));
  return failures;
}
