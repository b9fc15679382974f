// Fails above the budget: what the console fetches before it shows anything, and the demo page the same way.
import { readFile } from 'node:fs/promises';

const limitKib = 150;
const dist = new URL('../dist/', import.meta.url);

let failed = false;
for (const page of ['index.html', 'demo.html']) {
  const html = await readFile(new URL(page, dist), 'utf8');
  const files = [page, ...Array.from(html.matchAll(/(?:src|href)="\/([^"]+)"/g), ([, file]) => file)];
  const sizes = await Promise.all(files.map(async (file) => (await readFile(new URL(`${file}.gz`, dist))).length));
  const kib = sizes.reduce((sum, bytes) => sum + bytes, 0) / 1024;
  const isOver = kib > limitKib;
  failed ||= isOver;
  process.stdout.write(`${isOver ? 'over ' : 'ok   '} ${page}, first load: ${kib.toFixed(1)} of ${limitKib} KiB gzip\n`);
}
if (failed) process.exitCode = 1;
