import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Which folder may import from which. `''` is the root: the composition and what it exports. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  transport: ['protocol', 'limits'],
  sync: ['protocol', 'limits'],
  store: [],
  outbox: ['protocol', 'transport', 'limits'],
  live: ['protocol', 'transport', 'sync', 'store', 'outbox', 'limits', 'api'],
  desk: ['protocol', 'transport', 'store', 'limits', 'api'],
  testing: ['protocol', 'transport', 'sync', 'api'],
};

/** Every import in `src`, as the file and the folder (or root file) it reaches into. */
function imports(): { file: string; folder: string; target: string }[] {
  return (readdirSync(SRC, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
    return [...readFileSync(SRC + file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, specifier = '']) => {
      const { pathname } = new URL(specifier, `http://src/${file}`);
      return { file, folder, target: specifier.startsWith('.') ? pathname.slice(1).split('/')[0]?.replace('.js', '') ?? '' : specifier };
    });
  });
}

test('protocol ← transport, sync, store, outbox ← live ← client', () => {
  const found = imports();
  expect(found.length).toBeGreaterThan(80);
  const wrong = found.filter(({ folder, target }) =>
    folder !== '' && target !== folder && !MAY_IMPORT[folder]?.includes(target));
  expect(wrong).toEqual([]);
});

test('nothing but this package: no dependency, no test code in what ships', () => {
  const shipped = imports().filter(({ file }) => !file.startsWith('testing'));
  expect(shipped.filter(({ target }) => target === 'testing' || target.startsWith('node:') || target.startsWith('@'))).toEqual([]);
  const { dependencies } = JSON.parse(readFileSync(`${SRC}../package.json`, 'utf8')) as { dependencies?: object };
  expect(dependencies).toBeUndefined();
});
