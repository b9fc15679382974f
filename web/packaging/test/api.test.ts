import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { apiOf } from '../src/api.ts';
import { packages } from '../src/packages.ts';

// A change of what the packages promise is a change of these files, to be read in review: npm run api --workspace packaging.

const folder = fileURLToPath(new URL('../api/', import.meta.url));
const isWriting = process.env['PARLOR_WRITE_API'] === '1';

const entries = packages.flatMap(({ directory, entries: all }) =>
  all.filter(({ isCode }) => isCode).map(({ specifier, types = '' }) => ({
    specifier,
    directory,
    types: directory + types.slice(2),
    file: `${specifier.replace('@parlor/', '').replaceAll('/', '-')}.api.ts.txt`,
  })));

test.each(entries)('$specifier promises what its file says', ({ types, directory, file }) => {
  const now = apiOf(types, directory);
  if (isWriting) writeFileSync(folder + file, now);
  expect(existsSync(folder + file), `${file} is missing: npm run api --workspace packaging`).toBe(true);
  expect(now).toBe(readFileSync(folder + file, 'utf8'));
});

test('no file is left of an entry that is gone', () => {
  expect(readdirSync(folder).toSorted()).toEqual(entries.map(({ file }) => file).toSorted());
});
