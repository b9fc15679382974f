// Fails above the budget: what a host pays for `import *` (React itself is its own, @parlor/client has its own budget) and for the styles.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const limits = { 'react with virtualiser': 28, styles: 6 };
const root = new URL('..', import.meta.url).pathname;
const isExternal = (id) => /^(react|react-dom|@parlor\/client)($|\/)/.test(id);

const { output } = await build({
  root,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: ['@parlor/source', 'module', 'browser', 'production'] },
  build: {
    write: false,
    minify: true,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'size' },
    rolldownOptions: { external: isExternal },
  },
}).then((results) => (Array.isArray(results) ? results[0] : results));

const scripts = output.filter((each) => each.type === 'chunk').map((each) => each.code).join('\n');
const sizes = {
  'react with virtualiser': gzipSync(scripts, { level: 9 }).length,
  styles: gzipSync(await readFile(new URL('../dist/styles.css', import.meta.url)), { level: 9 }).length,
};

let failed = false;
for (const [name, bytes] of Object.entries(sizes)) {
  const kib = bytes / 1024;
  const isOver = kib > limits[name];
  failed ||= isOver;
  process.stdout.write(`${isOver ? 'over ' : 'ok   '} ${name}: ${kib.toFixed(1)} of ${limits[name]} KiB gzip\n`);
}
if (failed) process.exitCode = 1;
