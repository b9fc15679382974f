// Bundles the proof with the client's source in it and runs it: `node prove.mjs --help` says how.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { planted, plant } from './planted.mjs';

const HELP = `Random histories of real clients against the server, each judged at its end.

  --quick           1,000 histories, not 50,000
  --histories N     that many; --first SEED begins there
  --seed N          one history; --steps N only its beginning
  --trace           with --seed: everything that travels
  --jobs N          in so many processes
  --model FILE      the model's server (cargo build --package parlor --example model)
  --parlor FILE     one history in a hundred over this binary on SQLite instead
  --json FILE       the result for programs
  --first-failure   stop soon after the first
  --planted NAME    with a bug in the client, to see it caught: ${Object.keys(planted).join(', ')}
  --teeth           with each of them, or the one named, one after the other; fails unless all are caught as what they are
`;
const BREACH = 3;
/** A planted bug that is not seen in so many histories is missed. */
const TEETH_HISTORIES = '600';
const here = fileURLToPath(new URL('.', import.meta.url));
const debugModel = join(here, '../../target/debug/examples/model');

const { values } = parseArgs({
  strict: false,
  options: { planted: { type: 'string' }, teeth: { type: 'boolean' }, help: { type: 'boolean' }, model: { type: 'string' } },
});
const given = process.argv.slice(2);
const passed = given.filter((word, at) => word !== '--teeth' && word !== '--planted' && given[at - 1] !== '--planted');

/** The bundle's path. */
async function bundle(name) {
  const outDir = join(here, 'dist', name ?? 'plain');
  await build({
    root: here, configFile: false, logLevel: 'warn',
    plugins: name === undefined ? [] : [plant(name)],
    resolve: { conditions: ['@parlor/source'] },
    ssr: { resolve: { conditions: ['@parlor/source'] }, noExternal: true },
    build: { ssr: 'src/main.ts', outDir, target: 'node20', minify: false, sourcemap: 'inline', emptyOutDir: true },
  });
  return join(outDir, 'main.js');
}

async function run(program, options, stdio = 'inherit') {
  const model = values.model === undefined ? ['--model', process.env.PARLOR_MODEL ?? debugModel] : [];
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...model, ...options], { stdio });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

/** How promises were broken in a run whose result is in `file`. */
function kindsIn(file) {
  return [...new Set(JSON.parse(readFileSync(file, 'utf8')).failures.flatMap(({ kinds }) => kinds))];
}

/** Plants one; answers with what came of it, and whether it was found as what it is. */
async function find(name, scratch) {
  const result = join(scratch, `${name}.json`);
  const options = ['--histories', TEETH_HISTORIES, '--first-failure', ...passed, '--json', result];
  const code = await run(await bundle(name), options, ['ignore', 'ignore', 'ignore']);
  if (code === 0) return { isFound: false, word: 'MISSED' };
  if (code !== BREACH) return { isFound: false, word: `FAILED (${code})` };
  const kinds = kindsIn(result);
  const { as } = planted[name];
  const isFound = kinds.some((kind) => as.includes(kind));
  return { isFound, word: isFound ? `caught, ${kinds.join(', ')}` : `MISSED: ${kinds.join(', ')}, not ${as.join(', ')}` };
}

async function teeth() {
  const scratch = mkdtempSync(join(tmpdir(), 'parlor-teeth-'));
  const names = values.planted === undefined ? Object.keys(planted) : [values.planted];
  let missed = 0;
  try {
    for (const name of names) {
      const began = Date.now();
      const { isFound, word } = await find(name, scratch);
      if (!isFound) missed += 1;
      process.stdout.write(`${name.padEnd(32)}${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${word}\n`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  process.stdout.write(`${names.length - missed} of ${names.length} planted bugs caught\n`);
  return missed === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(HELP);
else if (!existsSync(values.model ?? process.env.PARLOR_MODEL ?? debugModel)) {
  process.stderr.write('There is no model to test against; build it: cargo build --package parlor --example model\n');
  process.exitCode = 1;
} else process.exitCode = values.teeth ? await teeth() : await run(await bundle(values.planted), passed);
