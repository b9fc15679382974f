import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

const web = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, web), 'utf8');

/** `path`: the name of a test, in a row of the table. */
const named = /`([\w/.-]+\.(?:spec|test)\.tsx?)`: (.+?)(?=; figures: | \|$)/;

interface Row {
  line: string;
  path: string;
  name: string;
}

function rows(): Row[] {
  return read('e2e/CHECKLIST.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Line |') && !line.startsWith('| ---'))
    .map((line) => {
      const [, path = '', name = ''] = named.exec(line) ?? [];
      return { line, path, name };
    });
}

/** What a file calls its tests, as it is written there. */
function testsIn(path: string): Set<string> {
  const begun = /\b(?:test|it)(?:\.each)?\(\s*(?:'((?:[^'\\]|\\.)*)'|`([^`]*)`)/g;
  return new Set([...read(path).matchAll(begun)].map(([, plain = '', template = '']) => (plain || template).replaceAll('\\', '')));
}

test('every line of the checklist names a test, and every test it names is there', () => {
  const all = rows();
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter(({ path }) => path === '').map(({ line }) => line)).toEqual([]);
  const gone = all.filter(({ path, name }) => !testsIn(path).has(name)).map(({ path, name }) => `${path}: ${name}`);
  expect(gone).toEqual([]);
});
