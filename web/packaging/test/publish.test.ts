import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { packages } from '../src/packages.ts';

interface Packed {
  files: { path: string; size: number }[];
}

const require = createRequire(import.meta.url);
const attw = require.resolve('@arethetypeswrong/cli/package.json').replace('package.json', 'dist/index.js');

describe.each(packages)('$name', ({ directory, manifest, entries }) => {
  let files: string[] = [];
  beforeAll(() => {
    const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: directory, encoding: 'utf8' })) as Packed[];
    files = packed?.files.map(({ path }) => path) ?? [];
  });

  test('publint finds nothing', async () => {
    const { messages } = await publint({ pkgDir: directory, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  // Styles have no types; everything else is ES modules only.
  test('the types of every entry are right for bundlers and for Node', () => {
    const styles = entries.filter(({ isCode }) => !isCode).map(({ path }) => path);
    const args = ['--pack', directory, '--profile', 'esm-only', '--format', 'json', ...(styles.length > 0 ? ['--exclude-entrypoints', ...styles] : [])];
    const { analysis, problems } = JSON.parse(execFileSync(process.execPath, [attw, ...args], { encoding: 'utf8' })) as {
      analysis: { entrypoints: object };
      problems: Record<string, { resolutionKind?: string }[]>;
    };
    const left = Object.values(problems).flat().filter(({ resolutionKind = '' }) => !['node10', 'node16-cjs'].includes(resolutionKind));
    expect(left).toEqual([]);
    const code = entries.filter(({ isCode, path }) => isCode && !path.includes('*'));
    expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(code.map(({ path }) => path)));
  });

  test('every file that an entry names is packed, and nothing of the tests', () => {
    for (const { path, files: named } of entries) {
      for (const file of named) {
        const [start = '', end = ''] = file.slice(2).split('*');
        expect(files.some((each) => each.startsWith(start) && each.endsWith(end)), `${path} leads to ${file}`).toBe(true);
      }
    }
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']));
    expect(files.filter((file) => !/^(dist|src)\/|^(package\.json|README\.md|LICENSE-(MIT|APACHE))$/.test(file))).toEqual([]);
  });

  test('a source map finds its source in the package', () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(10);
    const here = new Set(files);
    for (const map of maps) {
      const { sources } = JSON.parse(readFileSync(directory + map, 'utf8')) as { sources: string[] };
      for (const source of sources) expect(here.has(new URL(source, `http://package/${map}`).pathname.slice(1)), `${source} of ${map}`).toBe(true);
    }
  });

  test('only styles have side effects', () => {
    expect([false, ['**/*.css']]).toContainEqual(manifest.sideEffects);
  });
});
