// npm run scroll -- FILE.jsonl: how smoothly the console scrolls through all conversations of a file.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';

const file = process.argv[2];
if (file === undefined || !existsSync(file)) {
  process.stderr.write('Name a file that `parlor import` reads: npm run scroll -- FILE.jsonl\n');
  process.exit(2);
}
const done = spawnSync('playwright', ['test', '--project=scroll', '--workers=1'], {
  cwd: resolve(import.meta.dirname, '..'),
  env: { ...process.env, PARLOR_SCROLL_FILE: resolve(process.env.INIT_CWD ?? '', file) },
  stdio: 'inherit',
});
process.exit(done.status ?? 1);
