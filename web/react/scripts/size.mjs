// Fails above the budget: what a host pays for `import *` (React itself is its own, @parlor/client has its own budget) and for the styles.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const limits = { 'react with virtualiser': 28, 'link recogniser (with the first link)': 5.5, 'commands (after the page)': 7, styles: 6 };
const root = new URL('..', import.meta.url).pathname;
const isExternal = (id) => /^(react|react-dom|@parlor\/client)($|\/)/.test(id);

const { output } = await build({
  root,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: ['@parlor/source', 'module', 'browser', 'production'] },
  build: {
    write: false,
    modulePreload: false,
    rolldownOptions: { input: 'src/index.ts', external: isExternal, preserveEntrySignatures: 'strict' },
  },
}).then((results) => (Array.isArray(results) ? results[0] : results));

const chunks = output.filter((each) => each.type === 'chunk');
const isCommands = ({ facadeModuleId }) => facadeModuleId?.endsWith('/src/commands/commands.tsx');
const gzipped = (wanted) => gzipSync(chunks.filter(wanted).map((each) => each.code).join('\n'), { level: 9 }).length;
const sizes = {
  'react with virtualiser': gzipped((each) => !each.isDynamicEntry),
  'link recogniser (with the first link)': gzipped((each) => each.isDynamicEntry && !isCommands(each)),
  'commands (after the page)': gzipped((each) => each.isDynamicEntry && isCommands(each)),
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
