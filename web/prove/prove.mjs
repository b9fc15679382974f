// Bundles the proof with the client's source in it and runs it: `node prove.mjs --help` says how.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
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
  --teeth           with each of them, one after the other; fails unless all are caught
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

async function teeth() {
  let missed = 0;
  for (const name of Object.keys(planted)) {
    const began = Date.now();
    const code = await run(await bundle(name), ['--histories', TEETH_HISTORIES, '--first-failure', ...passed], ['ignore', 'ignore', 'ignore']);
    if (code !== BREACH) missed += 1;
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    process.stdout.write(`${name.padEnd(32)}${code === BREACH ? 'caught' : code === 0 ? 'MISSED' : `FAILED (${code})`}  ${seconds} s\n`);
  }
  return missed === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(HELP);
else if (!existsSync(values.model ?? process.env.PARLOR_MODEL ?? debugModel)) {
  process.stderr.write('There is no model to test against; build it: cargo build --package parlor --example model\n');
  process.exitCode = 1;
} else process.exitCode = values.teeth ? await teeth() : await run(await bundle(values.planted), passed);
